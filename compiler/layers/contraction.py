"""`einsum`: sums of products, by an equation of letters for axes."""

from __future__ import annotations

from dataclasses import dataclass

from ..dims import Dim, dim, text
from ..tensor import COMPLEX, Type
from .grids import same
from .record import Args, Condition, Layer, Mismatch, Result, under
from .shape import product

ELLIPSIS = "..."
EXAMPLE = 'einsum("bij,bjk->bik", x, y)'


@dataclass(frozen=True, slots=True)
class Equation:
    """Which letters the axes of each operand have, and those of the result, `...` among them."""

    operands: tuple[tuple[str, ...], ...]
    result: tuple[str, ...]


def parse(written: str) -> Equation | Mismatch:
    """The letters of an equation; without `->` the result has those that occur once, in order.

    Source: the documentation of `torch.einsum`.
    """
    left, arrow, right = written.partition("->")
    operands = []
    for part in left.split(","):
        letters = _letters(part)
        if isinstance(letters, Mismatch):
            return letters
        operands.append(letters)
    every = [letter for letters in operands for letter in letters]
    if not arrow:
        once = sorted(each for each in every if every.count(each) == 1 and each != ELLIPSIS)
        return Equation(tuple(operands), (ELLIPSIS, *once))
    result = _letters(right)
    if isinstance(result, Mismatch):
        return result
    for letter in result:
        if result.count(letter) > 1:
            return Mismatch(f"`{letter}` stands twice behind the arrow", write=EXAMPLE)
        if letter not in every and letter != ELLIPSIS:
            return Mismatch(f"`{letter}` stands behind the arrow alone", write=EXAMPLE)
    return Equation(tuple(operands), result)


def _letters(part: str) -> tuple[str, ...] | Mismatch:
    """The axes of one operand."""
    found: list[str] = []
    left = part
    while left:
        if left.startswith(ELLIPSIS):
            if ELLIPSIS in found:
                return Mismatch("`...` stands once for each tensor", write=EXAMPLE)
            found.append(ELLIPSIS)
            left = left[3:]
            continue
        letter, left = left[0], left[1:]
        if letter == " ":
            continue
        if not (letter.isascii() and letter.isalpha()):
            return Mismatch(f"an axis is a letter or `...`, not `{letter}`", write=EXAMPLE)
        found.append(letter)
    return tuple(found)


@dataclass(slots=True)
class Sizes:
    """What the letters of an equation stand for, found operand by operand."""

    letters: dict[str, Dim]
    rest: list[Dim]
    conditions: list[Condition]

    def common(self, name: str, one: Dim, other: Dim) -> Dim | Mismatch:
        """The size of an axis of two operands: equal ones, or 1, which grows."""
        equal = same(one, other)
        if equal is not None:
            self.conditions += equal
            return one
        if 1 in (one.value, other.value):
            return other if one.value == 1 else one
        return Mismatch(f"`{name}` is {text(one)} in one tensor and {text(other)} in another")

    def add(self, letters: tuple[str, ...], value: Type) -> Mismatch | None:
        """Read the sizes off one operand."""
        named = len(letters) - letters.count(ELLIPSIS)
        if len(value.shape) < named or (ELLIPSIS not in letters and len(value.shape) > named):
            return Mismatch(
                f"{named} letters for {value}, which has {len(value.shape)} axes", write=EXAMPLE
            )
        left = list(value.shape)
        mine: dict[str, Dim] = {}
        for letter in letters:
            if letter == ELLIPSIS:
                count = len(value.shape) - named
                wrong = self._add_rest(left[:count])
                if wrong is not None:
                    return wrong
                left = left[count:]
                continue
            size = left.pop(0)
            equal = same(mine.get(letter, size), size)
            if equal is None:
                return Mismatch(f"`{letter}` is {text(mine[letter])} and {text(size)} in {value}")
            self.conditions += equal
            mine[letter] = size
        for letter, size in mine.items():
            common = self.common(letter, self.letters.get(letter, size), size)
            if isinstance(common, Mismatch):
                return common
            self.letters[letter] = common
        return None

    def _add_rest(self, axes: list[Dim]) -> Mismatch | None:
        """The axes of `...`, the last of all operands above each other."""
        missing = len(axes) - len(self.rest)
        self.rest = [dim(1)] * max(missing, 0) + self.rest
        axes = [dim(1)] * max(-missing, 0) + axes
        for place, size in enumerate(axes):
            common = self.common(ELLIPSIS, self.rest[place], size)
            if isinstance(common, Mismatch):
                return common
            self.rest[place] = common
        return None


def _read(x: tuple[Type, ...], equation: Equation) -> Sizes | Mismatch:
    """The sizes of all letters."""
    if len(x) != len(equation.operands):
        return Mismatch(
            f"the equation is about {len(equation.operands)} tensors, and here are {len(x)}",
            write=EXAMPLE,
        )
    sizes = Sizes({}, [], [])
    for letters, value in zip(equation.operands, x, strict=True):
        if wrong := sizes.add(letters, value):
            return wrong
    return sizes


def einsum(x: tuple[Type, ...], a: Args) -> Result:
    """Products over all letters, summed over those that the result does not have."""
    equation = parse(a["equation"])
    if isinstance(equation, Mismatch):
        return equation
    sizes = _read(x, equation)
    if isinstance(sizes, Mismatch):
        return sizes
    if wrong := _dtypes(x):
        return wrong
    shape: list[Dim] = []
    for letter in equation.result:
        shape += sizes.rest if letter == ELLIPSIS else [sizes.letters[letter]]
    return under(Type(x[0].dtype, tuple(shape)), sizes.conditions)


def _dtypes(x: tuple[Type, ...]) -> Mismatch | None:
    """What is wrong with the dtypes: in sums, small integers become i64, depending on the order."""
    dtypes = sorted({each.dtype for each in x})
    if len(dtypes) > 1:
        return Mismatch(
            f"einsum takes one dtype, and here are {' and '.join(dtypes)}",
            write="-> to(f32)",
            code="D0202",
        )
    if not x[0].floating and x[0].dtype not in ("i64", *COMPLEX):
        return Mismatch(
            f"einsum of {dtypes[0]} gives i64 or {dtypes[0]}, by the order of its sums",
            write="-> to(f32), or -> to(i64)",
            code="D0202",
        )
    return None


def einsum_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiplication for each operand but the first and an addition, for each set of places.

    It is the cost of the sum as written; torch may find a cheaper order of several products.
    """
    equation = parse(a["equation"])
    assert not isinstance(equation, Mismatch)
    sizes = _read(x, equation)
    assert not isinstance(sizes, Mismatch)
    return product((*sizes.letters.values(), *sizes.rest)) * len(x)


CONTRACTIONS = (
    Layer(
        "einsum",
        "equation: string",
        einsum,
        "torch.einsum",
        "products of tensors summed over axes, by an equation of letters",
        'einsum("ncl,ndl->ncd", signal, signal)',
        inputs=("operands",),
        leading=1,
        variadic=True,
        flops=einsum_flops,
        complex=True,
    ),
)
