"""Sizes as a person writes them, in text that is also valid Python."""

from __future__ import annotations

from .size import Atom, Dim, Monomial, single


def text(size: Dim, times: str = "*") -> str:
    """The size as an expression: `(H + 1) // 2`, `2*H - 1`, `N*12`, `H % 8`, `min(H, W)`.

    `times` is the sign between factors, for code that wants spaces around it.
    """
    return _sum(_readable(size), times)


def _readable(size: Dim) -> Dim:
    """The same size with remainders where the normal form has x - k*(x // k), and with a negative
    constant drawn into a floor: (H - 1) // 2, not (H + 1) // 2 - 1. For printing only."""
    for atom in _floors(size):
        numerator, divisor = atom.parts
        multiple = divisor * single(atom)
        mono, coefficient = multiple.terms[0]
        times, left = divmod(-dict(size.terms).get(mono, 0), coefficient)
        remainder = numerator - multiple
        rest = size - times * remainder
        shared = {mono for mono, _ in remainder.terms if mono}
        if times > 0 and not left and shared.isdisjoint(mono for mono, _ in rest.terms):
            return _readable(rest) + times * single(Atom("mod", parts=atom.parts))
    for atom in _floors(size):
        numerator, divisor = atom.parts
        by = divisor.value
        mono = ((atom, 1),)
        if by and numerator.constant and size.constant < 0 and dict(size.terms).get(mono) == 1:
            drawn = Atom("floor", parts=(numerator + size.constant * by, divisor))
            return size - size.constant - Dim({mono: 1}) + single(drawn)
    return size


def _floors(size: Dim) -> list[Atom]:
    return [atom for atom in size.atoms if atom.kind == "floor"]


def _sum(size: Dim, times: str) -> str:
    terms = list(size.terms)
    if not terms:
        return "0"
    if terms[0][1] < 0:  # 1 - H, not -H + 1
        first = next((i for i, (_, coefficient) in enumerate(terms) if coefficient > 0), 0)
        terms.insert(0, terms.pop(first))
    parts = ["-" if terms[0][1] < 0 else ""]
    for index, (mono, coefficient) in enumerate(terms):
        if index:
            parts.append(" - " if coefficient < 0 else " + ")
        parts.append(_product(mono, abs(coefficient), times, bare=parts[-1] != "-"))
    return "".join(parts)


def _product(mono: Monomial, number: int, times: str, bare: bool) -> str:
    if not mono:
        return str(number)
    if len(mono) == 1 and mono[0][1] == 1 and number == 1 and bare:
        return _atom(mono[0][0], times)
    words = [word for atom, power in mono for word in _powers(atom, power, times)]
    if number != 1:  # the batch goes before the number: N*12
        words.insert(words[0] == "N", str(number))
    return times.join(words)


def _powers(atom: Atom, power: int, times: str) -> list[str]:
    """A factor as often as it stands there: `H*H` in a shape, `H**2` in code."""
    word = _atom(atom, times)
    if atom.kind not in ("name", "min", "max"):
        word = f"({word})"
    if times == "*" or power == 1:
        return [word] * power
    # A name may stand for what a constructor computes: `2**depth`.
    word = f"({word})" if "**" in word else word
    simple = all(part.isidentifier() for part in word.split("."))
    return [f"{word}**{power}" if simple else f"{word} ** {power}"]


def _atom(atom: Atom, times: str) -> str:
    if atom.kind == "name":
        return atom.label
    parts = [_readable(part) for part in atom.parts]
    words = [_sum(part, times) for part in parts]
    if atom.kind in ("min", "max"):
        return f"{atom.kind}({', '.join(words)})"
    numerator, divisor = words
    if len(parts[0].terms) > 1:
        numerator = f"({numerator})"
    simple = [single(part) for part in parts[1].atoms if part.kind in ("name", "min", "max")]
    if parts[1] not in simple and parts[1].value is None:
        divisor = f"({divisor})"
    return f"{numerator} {'//' if atom.kind == 'floor' else '%'} {divisor}"
