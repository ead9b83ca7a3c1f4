"""Products as drawn: shapes that fit and some that do not, axes in front, every dtype."""

from __future__ import annotations

from agreement import COMPLEX, DTYPES, Case, Drawn, Operand, settings
from hypothesis import strategies as st

some = st.integers(1, 4)
more = st.integers(2, 4)
FLOATS = ["f32", "f32", "f32", "f64", "f16", "bf16"]
MATRICES = ["ij jk", "i i", "ij j", "j jk", "bij bjk", "bij jk", "ij bjk", "abij abjk"]
MATRICES += ["abij bjk", "bij j", "aij bjk"]
AXES = [((-1,), (0,)), ((0,), (0,)), ((0, 1), (0, 1)), ((1,), (1,)), ((), ())]
Operands = tuple[Operand, ...]


@st.composite
def kinds(draw: st.DrawFn, count: int) -> list[str]:
    """A dtype for all, now and then another for one of them."""
    dtype = draw(st.sampled_from(FLOATS) | st.sampled_from([*DTYPES, *COMPLEX]))
    found = [dtype] * count
    if draw(st.integers(0, 5)) == 0:
        found[draw(st.integers(0, count - 1))] = draw(st.sampled_from([*DTYPES]))
    return found


@st.composite
def multiplied(draw: st.DrawFn, *shapes: str) -> Operands:
    """Shapes in letters, equal letters equal sizes; seldom one axis is another or too many."""
    sizes = {letter: draw(some) for letter in "".join(shapes)}
    found = [tuple(sizes[letter] for letter in shape) for shape in shapes]
    place = draw(st.integers(0, len(found) - 1))
    match draw(st.integers(0, 9)):
        case 0 if found[place]:
            found[place] = found[place][1:]
        case 1:
            found[place] = (draw(some), *found[place])
        case 2 if found[place]:
            found[place] = (*found[place][:-1], draw(some))
    return tuple(map(Operand, found, draw(kinds(len(shapes)))))


@st.composite
def matrices(draw: st.DrawFn) -> Operands:
    """What `matmul` takes: vectors, matrices, and axes in front that may have to grow."""
    left, right = draw(st.sampled_from(MATRICES)).split()
    return draw(multiplied(left, right))


def grown(left: tuple[int, ...], right: tuple[int, ...]) -> str:
    """Why shapes are refused that torch broadcasts."""
    rank = max(len(left), len(right))
    first, second = ((1,) * (rank - len(each)) + each for each in (left, right))
    pairs = list(zip(first, second, strict=True))
    grows = len(left) < rank or any(a == 1 != b for a, b in pairs)
    also = len(right) < rank or any(b == 1 != a for a, b in pairs)
    return "both sides would grow" if grows and also else ""


def fronts(case: Case) -> str:
    """The axes in front of the matrices."""
    left, right = (each.shape[:-2] for each in case.inputs)
    return grown(left, right)


axes = st.integers(-3, 3)
axis_lists = st.lists(axes, max_size=3).map(tuple)
plain = settings()
DRAWN = {
    "matmul": Drawn(plain, matrices(), stricter=fronts, known=frozenset({1})),
    "mm": Drawn(plain, multiplied("ij", "jk")),
    "bmm": Drawn(plain, multiplied("bij", "bjk")),
    "mv": Drawn(plain, multiplied("ij", "j")),
    "dot": Drawn(plain, multiplied("i", "i")),
    "outer": Drawn(plain, multiplied("i", "j")),
    "kron": Drawn(
        plain,
        multiplied("ij", "kl") | multiplied("i", "jkl") | multiplied("", "ij") | multiplied("", ""),
    ),
    "inner": Drawn(plain, multiplied("ij", "kj") | multiplied("", "ij") | multiplied("i", "jki")),
    "tensordot": Drawn(
        settings(
            dims=st.integers(-1, 3)
            | st.tuples(axis_lists, axis_lists)
            | st.sampled_from(
                [((-1,), (0,)), ((0,), (0,)), ((0, 1), (0, 1)), ((1,), (1,)), ((), ())]
            )
        ),
        multiplied("ijk", "jkl")
        | multiplied("ij", "ij")
        | multiplied("ij", "jk")
        | multiplied("ij", "ik"),
        known=frozenset({1}),
    ),
}
