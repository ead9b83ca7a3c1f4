"""Sizes as products: what all terms have in common stands before the brackets."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

from .size import Dim, constant, dim, single
from .text import text


def factored(size: Dim, of: Iterable[Dim] = ()) -> str:
    """The size as an expression in factors, also valid Python: `N*18*(H - 2)*(W - 2)`.

    Factors are the names and the number that all terms have, and those of the sizes in `of` that
    divide it.
    """
    whole = text(size)
    found: list[Dim] = []
    for candidate in of:
        while len(candidate.terms) > 1 or any(a.kind != "name" for a in candidate.atoms):
            quotient = size // candidate
            if len(size.terms) < 2 or quotient * candidate != size:
                break
            found.append(candidate)
            size = quotient
    if len(size.terms) < 2 and not found:
        return whole
    front, rest = _in_common(size)
    words = [text(front)] if front != 1 else []
    words += [f"({text(each)})" for each in found if each != 1]
    words += [f"({text(rest)})"] if rest != 1 else []
    return "*".join(words) if len(words) > 1 else whole


def _in_common(size: Dim) -> tuple[Dim, Dim]:
    """The number and the names that all terms have, and what is left."""
    number = gcd(*(coefficient for _, coefficient in size.terms))
    powers = [dict(mono) for mono, _ in size.terms]
    shared = {
        atom: min(each.get(atom, 0) for each in powers)
        for atom in powers[0]
        if atom.kind == "name" and all(atom in each for each in powers)
    }
    front = constant(number)
    for atom, power in shared.items():
        front = front * single(atom) ** power
    rest = dim(0)
    for mono, coefficient in size.terms:
        left = tuple((a, p - shared.get(a, 0)) for a, p in mono if p > shared.get(a, 0))
        rest = rest + Dim({left: coefficient // number})
    return front, rest
