"""Conditions joined: they hold exactly where all that was asked holds, and are the fewest."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import pytest
from dlc.compiler import ir
from dlc.compiler.conditions import joined
from dlc.compiler.dims import Dim, constant, maximum, minimum, name
from dlc.compiler.layers.record import Condition
from dlc.compiler.source import Source, Span
from hypothesis import given, settings
from hypothesis import strategies as st

H, W, T = name("H"), name("W"), name("T")
TEXT = Source("net.dl", "one\ntwo\nthree\nfour\nfive\nsix\n")
LINES = [Span(TEXT, start, start + 1) for start in TEXT.starts]
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Asked = tuple[Dim, str, Dim | int]


def guards(asked: Sequence[Asked]) -> list[ir.Guard]:
    """One guard a line."""
    return [
        ir.Guard(LINES[place % 5], Condition(left, op, right + constant(0)))
        for place, (left, op, right) in enumerate(asked)
    ]


def written(*asked: Asked) -> list[str]:
    return [str(each) for each in joined(guards(asked))]


def window(size: Dim, kernel: int, stride: int, padding: int) -> Dim:
    return (size + 2 * padding - kernel) // stride + 1


def layered(size: Dim) -> st.SearchStrategy[Dim]:
    """What some layers make of a size: convolutions, pools, upsampling, crops."""

    def step(inner: st.SearchStrategy[Dim]) -> st.SearchStrategy[Dim]:
        numbers = st.integers(1, 4)
        return st.one_of(
            st.builds(window, inner, numbers, st.integers(1, 3), st.integers(0, 1)),
            st.builds(lambda x, k: k * x, inner, st.integers(2, 3)),
            st.builds(lambda x, k: x - k, inner, numbers),
            st.builds(lambda x, k: minimum(x, 8 * k), inner, numbers),
        )

    return st.recursive(st.just(size), step, max_leaves=4)


def of_one(size: Dim) -> st.SearchStrategy[Asked]:
    one = layered(size)
    return st.one_of(
        st.tuples(one, st.sampled_from(sorted(COMPARE)), st.integers(0, 12)),
        st.tuples(one, st.sampled_from(["==", ">="]), one),
        st.builds(lambda x, k: (x % k, "==", 0), one, st.integers(2, 8)),
    ).filter(lambda asked: bool(asked[0].names))


def of_two() -> st.SearchStrategy[Asked]:
    high, wide = layered(H), layered(W)
    return st.one_of(
        st.tuples(high, st.sampled_from(sorted(COMPARE)), wide),
        st.builds(lambda a, b, k: (a * b % k, "==", 0), high, wide, st.integers(2, 6)),
        st.builds(lambda a, b, k: (a * b // k, ">=", 1), high, wide, st.integers(2, 6)),
        st.builds(lambda a, b: (a * b, "==", 24), high, wide),
        st.builds(
            lambda a, b, k: (a * b, "==", 2 * k * (a // k) * (b // 2)),
            high,
            wide,
            st.integers(2, 4),
        ),
        st.builds(lambda a, b, k: (a + b, ">=", k), high, wide, st.integers(2, 12)),
    )


def raw(asked: Asked, values: dict[str, int]) -> bool:
    left, op, right = asked
    return COMPARE[op](left.evaluate(values), (right + constant(0)).evaluate(values))


@given(st.lists(of_one(H), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_conditions_of_one_size_hold_together_exactly_where_each_does(asked: list[Asked]) -> None:
    found = written(*asked)
    holds = eval(f"lambda H: {' and '.join(f'({each})' for each in found) or True}")
    for size in range(1, 260):
        assert holds(size) == all(raw(each, {"H": size}) for each in asked), (found, size)
    assert len(found) <= 1


@given(st.lists(st.one_of(of_two(), of_one(H), of_one(W)), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_conditions_of_two_sizes_hold_together_exactly_where_each_does(
    asked: list[Asked],
) -> None:
    found = written(*asked)
    holds = eval(f"lambda H, W: {' and '.join(f'({each})' for each in found) or True}")
    for h in range(1, 21):
        for w in range(1, 21):
            expected = all(raw(each, {"H": h, "W": w}) for each in asked)
            assert holds(h, w) == expected, (found, h, w)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([(H % 2, "==", 0), (H % 4, "==", 0)], ["H % 4 == 0"]),
        ([(H, ">=", 7), (H, ">=", 3), (H, ">", 7)], ["H >= 8"]),
        ([(H // 16, ">=", 1), (2 * (H // 2), "==", H)], ["H % 2 == 0 and H >= 16"]),
        ([(H, ">=", 9), (W % 8, "==", 0), (H % 2, "==", 0)], ["H % 2 == 0 and H >= 10", "W % 8 == 0"]),  # noqa: E501
        ([(H // 2 - 1, "==", 13)], ["H in (28, 29)"]),
        ([(H, "==", W), (W, "==", H)], ["H == W"]),
        ([(H, "==", W), (H, ">=", W - 2)], ["H == W"]),
        ([(H, ">=", W), (W, ">=", H)], ["H == W"]),
        ([(H, ">=", W + 2), (H, ">=", W + 5)], ["H >= W + 5"]),
        ([(T, "==", 24), (T, "==", 2 * W)], ["T == 24", "W == 12"]),
        ([(H % 2, "==", 0), (W % 2, "==", 0), ((H // 2) * (W // 2), "==", H * W // 4)],
         ["H % 2 == 0", "W % 2 == 0"]),
        ([(12 * (H // 4) * (W // 3), "==", H * W)], ["H % 4 == 0", "W % 3 == 0"]),
        ([(H * W // 12 * 12, "==", H * W), (H * W // 12, ">=", 1)], ["H*W % 12 == 0"]),
        ([(H, "==", W), (H + W, ">=", 21)], ["H >= 11", "H == W"]),
        ([(maximum(H, 8), "==", 8)], ["H <= 8"]),
        ([((H // 4) * (W // 4), "==", 12), (H // 4, ">=", 1), (W, ">=", 5)],
         ["W >= 5", "(H // 4)*(W // 4) == 12"]),
        ([(H, ">=", 1)], []),
        ([(H % 2, "==", 0), (H % 2, "==", 1)], ["False"]),
    ],
)  # fmt: skip
def test_conditions_are_the_simplest_that_are_equivalent(
    asked: list[Asked], expected: list[str]
) -> None:
    assert written(*asked) == expected


def test_the_lines_are_those_that_ask_for_what_is_left() -> None:
    (even,) = joined(guards([(H // 16, ">=", 1), (H % 2, "==", 0), (H % 16, "==", 0)]))
    assert even.lines == (3,)
    (both,) = joined(guards([(H // 5, ">=", 1), (H % 2, "==", 0), (H, ">=", 3)]))
    assert both.lines == (1, 2)
    assert both.words == "H must be a multiple of 2, 6 at least"
    (alike,) = joined(guards([(H, "==", W), (W, "==", H)]))
    assert alike.lines == (1,)
    assert alike.words == "H == W must hold"


def test_a_condition_without_a_rule_stays_as_it_was_asked() -> None:
    strange = (H * H // (H + 7) * H) % 5
    assert written((strange, "==", 2)) == [f"{strange} == 2"]


def test_a_thousand_ever_stricter_bounds_are_one() -> None:
    asked = [(H - 2 * place, ">=", 1) for place in range(1_000)]
    (found,) = joined(guards(asked))
    assert str(found) == "H >= 1999"
    assert len(found.guards) == 1
