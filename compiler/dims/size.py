"""Sizes of tensors: integer polynomials over names and floors, in a normal form.

A name stands for a size, so it is at least 1. Two sizes with equal normal forms are equal for
all values of their names; the converse does not hold (`bounds.decide` proves more).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

LIMIT = 2**63  # what an int64 size can hold
TERMS = 1_000  # terms of one size, those within floors counted
DEPTH = 50  # floors within floors
DEGREE = 62  # two to the power 63 is already beyond LIMIT

Monomial = tuple[tuple["Atom", int], ...]
Key = tuple[object, ...]

CACHED = 4_096  # numbers kept as sizes: most sizes are numbers, and few different ones

RANKS = {"name": 0, "floor": 1, "min": 2, "max": 3, "mod": 4}


class Atom:
    """What a polynomial is made of: a name, or the floor, minimum or maximum of polynomials.

    `label` is the text of a name; `parts` are numerator and divisor of a floor, or what a minimum
    or maximum chooses from. Made by the functions of this module, which keep the normal form
    (kind "mod" exists only while a size is printed).
    """

    __slots__ = ("_hash", "depth", "key", "kind", "label", "names", "parts", "size")

    def __init__(self, kind: str, label: str = "", parts: tuple[Dim, ...] = ()) -> None:
        self.kind, self.label, self.parts = kind, label, parts
        # The batch is written first: N*12, N*H*W.
        self.key: Key = (RANKS[kind], label != "N", label, tuple(part.key for part in parts))
        self.names = frozenset({label}) if kind == "name" else _names(parts)
        self.size = 1 + sum(part.size for part in parts)
        self.depth = 1 + max((part.depth for part in parts), default=-1)
        self._hash = hash(self.key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Atom) and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash


class Dim:
    """A size: immutable, hashable, equal where the normal forms are (also to an `int`).

    The operators are Python's on integers, `//` and `%` included. They raise ZeroDivisionError for
    a constant zero as divisor, and OverflowError for coefficients of 2**63 and more, a degree above
    62, more than 1,000 terms, and more than 50 nested floors.
    """

    __slots__ = ("_hash", "depth", "key", "size", "terms")

    def __init__(self, coefficients: Mapping[Monomial, int]) -> None:
        terms = sorted((_order(mono), mono, c) for mono, c in coefficients.items() if c)
        self.terms = tuple((mono, coefficient) for _, mono, coefficient in terms)
        self.key: Key = tuple((order, coefficient) for order, _, coefficient in terms)
        self.size, self.depth = len(self.terms), 0
        for mono, coefficient in self.terms:
            if not -LIMIT < coefficient < LIMIT:
                raise OverflowError("a size beyond 2**63")
            for atom, _ in mono:
                self.size += atom.size - 1
                self.depth = max(self.depth, atom.depth)
        if self.size > TERMS:
            raise OverflowError(f"a size of more than {TERMS} terms")
        if self.depth > DEPTH:
            raise OverflowError(f"a size of more than {DEPTH} nested floors")
        value = self.value
        self._hash = hash(self.key if value is None else value)

    @property
    def value(self) -> int | None:
        """The integer, where no name is left."""
        if not self.terms:
            return 0
        mono, coefficient = self.terms[0]
        return None if mono else coefficient

    @property
    def names(self) -> frozenset[str]:
        """All names, those within floors included."""
        return frozenset().union(*(atom.names for atom in self.atoms))

    @property
    def atoms(self) -> dict[Atom, None]:
        """The atoms of the polynomial itself, each once, in order."""
        return {atom: None for mono, _ in self.terms for atom, _ in mono}

    @property
    def constant(self) -> int:
        """The constant term."""
        return 0 if not self.terms or self.terms[-1][0] else self.terms[-1][1]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return self.value == other
        return self is other or (isinstance(other, Dim) and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        from .text import text  # which needs this module

        return text(self)

    def __repr__(self) -> str:
        return f"Dim({self})"

    def __add__(self, other: Dim | int) -> Dim:
        if not isinstance(other, Dim | int):
            return NotImplemented
        other = dim(other)
        mine, theirs = self.value, other.value
        if mine is not None and theirs is not None:
            return constant(mine + theirs)
        if mine == 0 or theirs == 0:
            return other if mine == 0 else self
        total = dict(self.terms)
        for mono, coefficient in other.terms:
            total[mono] = total.get(mono, 0) + coefficient
        return Dim(total)

    def __mul__(self, other: Dim | int) -> Dim:
        if not isinstance(other, Dim | int):
            return NotImplemented
        other = dim(other)
        mine, theirs = self.value, other.value
        if mine is not None and theirs is not None:
            return constant(mine * theirs)
        total: dict[Monomial, int] = {}
        for mono, coefficient in self.terms:
            for other_mono, other_coefficient in other.terms:
                product = _times(mono, other_mono)
                total[product] = total.get(product, 0) + coefficient * other_coefficient
            if len(total) > TERMS:
                break  # and Dim refuses
        return Dim(total)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Dim:
        return Dim({mono: -coefficient for mono, coefficient in self.terms})

    def __sub__(self, other: Dim | int) -> Dim:
        return self + -other

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __floordiv__(self, other: Dim | int) -> Dim:
        from .floor import floor  # which needs this module

        return floor(self, dim(other))

    def __rfloordiv__(self, other: int) -> Dim:
        return dim(other) // self

    def __mod__(self, other: Dim | int) -> Dim:
        return self - other * (self // other)

    def __rmod__(self, other: int) -> Dim:
        return other - self * (other // self)

    def __pow__(self, exponent: int) -> Dim:
        if exponent < 0:
            raise ValueError("a size has no negative power")
        value = self.value
        if value is not None:
            if abs(value) > 1 and (abs(value).bit_length() - 1) * exponent > DEGREE:
                raise OverflowError("a size beyond 2**63")
            return constant(value**exponent)
        if exponent > DEGREE:
            raise OverflowError("a size beyond 2**63")
        result = constant(1)
        for _ in range(exponent):
            result = result * self
        return result

    def rebuild(self, replace: Callable[[Atom], Dim]) -> Dim:
        """The same polynomial with another size in the place of each of its `atoms`."""
        fresh = {atom: replace(atom) for atom in self.atoms}
        total = constant(0)
        for mono, coefficient in self.terms:
            product = constant(coefficient)
            for atom, power in mono:
                product = product * fresh[atom] ** power
            total = total + product
        return total

    def substitute(self, values: Mapping[str, Dim | int]) -> Dim:
        """This size with sizes in the place of names; names that are not given stay."""
        if self.names.isdisjoint(values):
            return self

        def replace(atom: Atom) -> Dim:
            if atom.kind == "name":
                return dim(values[atom.label]) if atom.label in values else single(atom)
            return remade(atom, (part.substitute(values) for part in atom.parts))

        return self.rebuild(replace)

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The number, with a value for each name (KeyError where one lacks)."""
        total = 0
        for mono, coefficient in self.terms:
            for atom, power in mono:
                coefficient *= _evaluate(atom, values) ** power
            total += coefficient
        return total


_numbers: dict[int, Dim] = {}


def name(text: str) -> Dim:
    """The size that a name stands for."""
    return single(Atom("name", text))


def constant(number: int) -> Dim:
    """A number as a size."""
    found = _numbers.get(number)
    if found is None:
        found = Dim({(): number})
        if len(_numbers) < CACHED:
            _numbers[number] = found
    return found


def dim(size: Dim | int) -> Dim:
    """The size itself, or a number as one."""
    return size if isinstance(size, Dim) else constant(size)


def minimum(first: Dim | int, *others: Dim | int) -> Dim:
    """The smallest of some sizes."""
    return _choice("min", tuple(map(dim, (first, *others))))


def maximum(first: Dim | int, *others: Dim | int) -> Dim:
    """The largest of some sizes."""
    return _choice("max", tuple(map(dim, (first, *others))))


def remade(atom: Atom, parts: Iterable[Dim]) -> Dim:
    """A floor, minimum or maximum of other parts, in normal form."""
    if atom.kind == "floor":
        numerator, divisor = parts
        return numerator // divisor
    return _choice(atom.kind, tuple(parts))


def common(sizes: Iterable[Dim]) -> Monomial:
    """The atoms that all terms of all these sizes have as factors (some size must have a term)."""
    first, *others = sorted((dict(mono) for size in sizes for mono, _ in size.terms), key=len)
    least = ((a, min([p, *(powers.get(a, 0) for powers in others)])) for a, p in first.items())
    return tuple((atom, power) for atom, power in least if power)


def single(atom: Atom) -> Dim:
    """An atom as a size."""
    return Dim({((atom, 1),): 1})


def _names(parts: Iterable[Dim]) -> frozenset[str]:
    return frozenset().union(*(part.names for part in parts))


def _order(mono: Monomial) -> Key:
    """Higher degrees first, then by atoms: an order that multiplication keeps."""
    return (-sum(power for _, power in mono), tuple((atom.key, -power) for atom, power in mono))


def _times(first: Monomial, second: Monomial) -> Monomial:
    if not first or not second:
        return first or second
    powers = dict(first)
    for atom, power in second:
        powers[atom] = powers.get(atom, 0) + power
    if sum(powers.values()) > DEGREE:
        raise OverflowError("a size beyond 2**63")
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))


def _evaluate(atom: Atom, values: Mapping[str, int]) -> int:
    if atom.kind == "name":
        return values[atom.label]
    parts = [part.evaluate(values) for part in atom.parts]
    if atom.kind == "floor":
        return parts[0] // parts[1]
    return min(parts) if atom.kind == "min" else max(parts)


def _choice(kind: str, parts: tuple[Dim, ...]) -> Dim:
    """A minimum or maximum without what a constant distance shows to be superfluous."""
    sign = 1 if kind == "min" else -1
    kept: list[Dim] = []
    for part in parts:
        inner = next(iter(part.atoms)) if len(part.atoms) == 1 else None
        flat = inner.parts if inner and inner.kind == kind and part == single(inner) else (part,)
        for entry in flat:
            gaps = [(entry - other).value for other in kept]
            if any(gap is not None and sign * gap >= 0 for gap in gaps):
                continue
            kept = [other for other, gap in zip(kept, gaps, strict=True) if gap is None]
            kept.append(entry)
    if len(kept) == 1:
        return kept[0]
    return single(Atom(kind, parts=tuple(sorted(kept, key=lambda part: part.key))))
