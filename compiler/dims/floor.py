"""Division of sizes, rounded down, in normal form."""

from __future__ import annotations

from math import gcd

from .size import Atom, Dim, Monomial, common, constant, single


def floor(numerator: Dim, divisor: Dim) -> Dim:
    """The numerator divided by the divisor and rounded down, as Python's `//`. Raises
    ZeroDivisionError for a constant zero as divisor."""
    if not divisor.terms:
        raise ZeroDivisionError("a size divided by zero")
    if numerator.value is not None and divisor.value is not None:
        return constant(numerator.value // divisor.value)
    if divisor.terms[0][1] < 0:
        numerator, divisor = -numerator, -divisor
    quotient = _exact(numerator, divisor)
    if quotient is not None:
        return quotient
    numerator, divisor = _cancelled(numerator, divisor)
    number = divisor.value
    whole, rest = _whole(numerator, divisor) if number is None else _wholes(numerator, number)
    if not rest.terms or (number is not None and rest.value is not None):
        return whole
    if number is not None and rest.terms[0][1] < 0:
        # floor(-x/k) = -floor((x + k - 1)/k), so that -(-H // 8) is (H + 7) // 8
        return whole - floor(number - 1 - rest, divisor)
    floors = [atom for atom in rest.atoms if atom.kind == "floor"]
    if len(floors) == 1 and dict(rest.terms).get(((floors[0], 1),)) == 1 and _positive(divisor):
        others = rest - single(floors[0])
        if floors[0] not in others.atoms:
            # floor((floor(x/a) + c)/b) = floor((x + a*c)/(a*b))
            inner, by = floors[0].parts
            return whole + floor(inner + by * others, by * divisor)
    return whole + single(Atom("floor", parts=(rest, divisor)))


def _exact(numerator: Dim, divisor: Dim) -> Dim | None:
    """The quotient of polynomials, where nothing remains."""
    lead, by = divisor.terms[0]
    quotient: dict[Monomial, int] = {}
    while numerator.terms:
        mono, coefficient = numerator.terms[0]
        over = _over(mono, lead)
        if over is None or coefficient % by:
            return None
        quotient[over] = coefficient // by
        numerator = numerator - divisor * Dim({over: coefficient // by})
    return Dim(quotient)


def _cancelled(numerator: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """Both without their common monomial and common number (which may leave a remainder)."""
    shared = common((divisor, numerator))
    if shared:
        numerator, divisor = (
            Dim({_over(mono, shared) or (): c for mono, c in polynomial.terms})
            for polynomial in (numerator, divisor)
        )
    # Over a positive divisor the constant may be rounded down: (2*H + 1) // 4 = H // 2.
    rounding = _positive(divisor)
    coefficients = [c for mono, c in numerator.terms if mono or not rounding]
    number = gcd(*coefficients, *(c for _, c in divisor.terms))
    if number == 1:
        return numerator, divisor
    return (
        Dim({mono: c // number for mono, c in numerator.terms}),
        Dim({mono: c // number for mono, c in divisor.terms}),
    )


def _whole(numerator: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """Of a division by a symbolic size: the terms that it divides, divided, and the others."""
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    lead, by = divisor.terms[0]
    for mono, coefficient in numerator.terms:
        over = _over(mono, lead) if len(divisor.terms) == 1 else None
        if over is None or coefficient % by:
            rest[mono] = coefficient
        else:
            whole[over] = coefficient // by
    return (Dim(whole), Dim(rest)) if whole else (constant(0), numerator)


def _wholes(numerator: Dim, number: int) -> tuple[Dim, Dim]:
    """Of a division by a number: the whole part, and a rest of smaller coefficients."""
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for mono, coefficient in numerator.terms:
        if mono:
            # Towards zero, so that signs stay as written: (H - W) // 2, not (H + W) // 2 - W.
            whole[mono] = coefficient // number if coefficient > 0 else -(-coefficient // number)
        else:
            whole[mono] = coefficient // number
        rest[mono] = coefficient - number * whole[mono]
    return (Dim(whole), Dim(rest)) if any(whole.values()) else (constant(0), numerator)


def _over(first: Monomial, second: Monomial) -> Monomial | None:
    """The quotient of two monomials, where it is one."""
    powers = dict(first)
    for atom, power in second:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple((atom, power) for atom, power in powers.items() if power)


def _positive(size: Dim) -> bool:
    """Whether plain addition and multiplication of names show it to be at least 1."""
    return all(c > 0 and all(a.kind == "name" for a, _ in mono) for mono, c in size.terms)
