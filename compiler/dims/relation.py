"""Comparisons between several sizes: their simplest form, and what follows from what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, prod

from .bounds import SIZES, decide, settled
from .size import Atom, Dim, Monomial, common, dim, name, single
from .solution import Solution, solution

CASES = 64  # how many combinations of known sizes are looked at
STRETCHES = 8  # how many stretches or remainders of one size are looked at one by one

FLIPPED = {"==": "==", "!=": "!=", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}
Case = tuple[Dim, tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Relation:
    """`gap operator 0` in normal form: the operator is `==`, `!=` or `>=`, no number and no name
    divides all terms. Made by `relation`, so that most equal conditions are equal records."""

    gap: Dim
    operator: str

    @property
    def names(self) -> frozenset[str]:
        """The sizes that it is about."""
        return self.gap.names

    @property
    def line(self) -> tuple[Dim, int]:
        """The gap without its constant, and the constant: conditions of one line are parallel."""
        return self.gap - self.gap.constant, self.gap.constant

    def expression(self) -> str:
        """The condition in Python: `H == W`, `H*W % 4 == 0`, `T >= S + 2`."""
        left, operator, right = self.sides()
        return f"{left} {operator} {right}"

    def sides(self) -> tuple[Dim, str, Dim]:
        """The shortest of the ways to write it."""
        here = Dim({mono: coefficient for mono, coefficient in self.gap.terms if coefficient > 0})
        there = here - self.gap
        forms = [
            (here, self.operator, there),
            (there, FLIPPED[self.operator], here),
            (self.gap - self.gap.constant, self.operator, dim(-self.gap.constant)),
            (self.gap.constant - self.gap, FLIPPED[self.operator], dim(self.gap.constant)),
        ]
        if self.operator == ">=" and there.value is None and there.constant == 1:
            forms.append((here, ">", there - 1))

        def length(form: tuple[Dim, str, Dim]) -> tuple[bool, int]:
            left, operator, right = map(str, form)
            turned = form[0].value is not None or left.startswith("-")
            return turned, len(left + operator + right)

        return min(forms, key=length)

    def substitute(self, values: Mapping[str, Dim | int]) -> Relation | bool:
        """The relation with sizes in the place of names."""
        return relation(self.gap.substitute(values), self.operator, dim(0))

    def follows(self, known: Mapping[str, Solution]) -> bool | None:
        """Whether it holds (or fails) for all sizes that are `known` to be legal; None: open."""
        sizes = [each for each in sorted(self.names) if each in known]
        choices = [list(_cases(known[each])) for each in sizes]
        if prod(map(len, choices)) > CASES:
            choices = [[_hull(known[each])] for each in sizes]
        answers = set()
        for chosen in product(*choices):
            values = {each: size for each, (size, _) in zip(sizes, chosen, strict=True)}
            bounds = {each: span for each, (_, span) in zip(sizes, chosen, strict=True)}
            answers.add(decide(self.gap.substitute(values), self.operator, 0, bounds))
        return answers.pop() if len(answers) == 1 else None


def relation(left: Dim, operator: str, right: Dim) -> Relation | bool:
    """The simplest form of a comparison, or its truth where no name is left."""
    gap = left - right
    if operator in ("<", "<="):
        gap, operator = -gap, ">" if operator == "<" else ">="
    if operator == ">":
        gap, operator = gap - 1, ">="
    while True:
        shorter = _divided(_without_names(settled(gap, {})), operator)
        shorter = _resolved(shorter) if operator == ">=" else shorter
        if shorter == gap:
            break
        gap = shorter
    if gap.value is not None:
        return {"==": gap.value == 0, "!=": gap.value != 0, ">=": gap.value >= 0}[operator]
    if operator != ">=" and gap.terms[0][1] < 0:
        gap = -gap
    return Relation(gap, operator)


def _without_names(gap: Dim) -> Dim:
    """The gap without names that all its terms have: a name is positive and changes no sign."""
    if not gap.terms or gap.constant:
        return gap
    names = tuple((atom, power) for atom, power in common([gap]) if atom.kind == "name")
    return gap // Dim({names: 1}) if names else gap


def _divided(gap: Dim, operator: str) -> Dim:
    """The gap without a number that divides its terms; the constant of `>=` is rounded."""
    number = gcd(*(coefficient for mono, coefficient in gap.terms if mono))
    if number < 2 or (operator != ">=" and gap.constant % number):
        return gap
    return Dim({mono: coefficient // number for mono, coefficient in gap.terms})


def _resolved(gap: Dim) -> Dim:
    """`x // k >= m` as `x >= k*m`, and `x // k <= m` as `x < k*(m + 1)`."""
    terms = [(mono, coefficient) for mono, coefficient in gap.terms if mono]
    if len(terms) != 1 or abs(terms[0][1]) != 1:
        return gap
    mono, sign = terms[0]
    floor = _alone(mono)
    if floor is None or decide(floor.parts[1], ">=", 1) is not True:
        return gap
    numerator, divisor = floor.parts
    if sign > 0:  # x // k + c >= 0
        return numerator + gap.constant * divisor
    return (gap.constant + 1) * divisor - numerator - 1  # c - x // k >= 0


def _alone(mono: Monomial) -> Atom | None:
    """The floor that a monomial is."""
    return mono[0][0] if len(mono) == 1 and mono[0][1] == 1 and mono[0][0].kind == "floor" else None


def _cases(known: Solution) -> Iterator[Case]:
    """A size as remainders and stretches: what it is, and within which bounds its name then is."""
    this = name(known.name)
    if len(known.ranges) > STRETCHES or len(known.residues) > STRETCHES:
        yield _hull(known)
        return
    for low, high in known.ranges:
        yield this, (low, high)
    for residue in known.residues:
        yield known.modulus * this + residue, (-((residue - known.low) // known.modulus), None)


def _hull(known: Solution) -> Case:
    """All that is legal lies between these bounds."""
    low = min([first for first, _ in known.ranges] + [known.low] * bool(known.residues))
    high = None if known.residues else known.ranges[-1][1]
    return name(known.name), (max(low, SIZES[0]), high)


def replaces(given: Relation) -> tuple[str, Dim] | None:
    """Of `H == W` what one name can be written as: the later name, in terms of the others."""
    if given.operator != "==":
        return None
    for mono, coefficient in reversed(given.gap.terms):
        if len(mono) == 1 and mono[0][1] == 1 and abs(coefficient) == 1:
            atom = mono[0][0]
            rest = given.gap - coefficient * single(atom)
            if atom.kind == "name" and atom.label not in rest.names:
                return atom.label, -coefficient * rest
    return None


def multiple(given: Relation) -> tuple[Dim, int] | None:
    """Of `H*W % 12 == 0` what is a multiple of which number."""
    if given.operator != "==":
        return None
    for mono, coefficient in given.gap.terms:
        floor = _alone(mono)
        if floor is None:
            continue
        numerator, divisor = floor.parts
        number = divisor.value
        if number and given.gap * (1 if coefficient < 0 else -1) == numerator % number:
            return numerator, number
    return None


def parted(given: Relation) -> tuple[tuple[Dim, Dim], ...]:
    """Of `H*W == 4*(H // 2)*(W // 2)`, where a product equals that of its rounded factors, what
    must be a multiple of what: (H, 2), (W, 2). Empty for every other relation."""
    if given.operator != "==" or len(given.gap.terms) != 2:
        return ()
    for (mono, coefficient), (other, negative) in (given.gap.terms, given.gap.terms[::-1]):
        floors = [(atom, power) for atom, power in other if atom.kind == "floor"]
        several = sum(power for _, power in other) > 1
        whole, rounded = Dim({mono: coefficient}), dim(-negative)
        for atom, power in other:
            numerator, divisor = atom.parts or (single(atom), dim(1))
            whole, rounded = whole * divisor**power, rounded * numerator**power
        if floors and several and whole == rounded and _all_positive(floors):
            return tuple((floor.parts[0], floor.parts[1]) for floor, _ in floors)
    return ()


def _all_positive(floors: Sequence[tuple[Atom, int]]) -> bool:
    return all(decide(part, ">=", 1) is True for floor, _ in floors for part in floor.parts)


def bound(given: Relation) -> Solution | None:
    """The sizes of `H >= 9` or `H <= 5`, quicker than `solve` finds them; None for the rest."""
    (mono, coefficient), *rest = given.gap.terms
    if given.operator != ">=" or len(mono) != 1 or mono[0][1] > 1 or mono[0][0].kind != "name":
        return None
    if any(other for other, _ in rest):
        return None
    label, number = mono[0][0].label, given.gap.constant
    if coefficient > 0:
        return solution(label, [], max(-(number // coefficient), 1), 1, [0])
    last = number // -coefficient
    return solution(label, [(1, last)] if last > 0 else [], 1, 1, [])
