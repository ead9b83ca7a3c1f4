"""What two solutions share: exactly the sizes in both, as one record, however it is asked."""

from __future__ import annotations

import pytest
from dlc.compiler.dims.meet import meet
from dlc.compiler.dims.solution import Solution, at_least, solution
from hypothesis import given
from hypothesis import strategies as st

FAR = 300


@st.composite
def solutions(draw: st.DrawFn) -> Solution:
    """Some stretches of sizes, and remainders that are legal from behind them on."""
    edges = sorted(draw(st.sets(st.integers(1, 60), max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    low = draw(st.integers(max(edges, default=0) + 1, 80))
    modulus = draw(st.integers(1, 12))
    rest = draw(st.sets(st.integers(0, modulus - 1)))
    return solution("H", pairs, low, modulus, rest)


def sizes(found: Solution) -> list[int]:
    return [size for size in range(1, FAR) if size in found]


@given(solutions(), solutions())
def test_the_sizes_in_both_and_no_others(first: Solution, second: Solution) -> None:
    both = meet(first, second)
    assert both is not None
    assert sizes(both) == [size for size in sizes(first) if size in second]


@given(solutions(), solutions())
def test_the_order_does_not_matter_and_nothing_is_lost_by_meeting_again(
    first: Solution, second: Solution
) -> None:
    both = meet(first, second)
    assert both == meet(second, first)
    assert both is not None
    assert meet(both, first) == both == meet(both, both)


@given(solutions())
def test_the_written_condition_is_python_for_the_same_sizes(found: Solution) -> None:
    holds = eval(f"lambda H: bool({found.expression()})")
    assert [size for size in range(1, FAR) if holds(size)] == sizes(found)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (([], 1, 2, [0]), ([], 1, 4, [0]), "H % 4 == 0"),
        (([], 1, 4, [0]), ([], 1, 6, [0]), "H % 12 == 0"),
        (([], 16, 1, [0]), ([], 1, 16, [0]), "H % 16 == 0"),
        (([], 17, 1, [0]), ([], 1, 16, [0]), "H % 16 == 0 and H >= 32"),
        (([], 7, 1, [0]), ([], 3, 1, [0]), "H >= 7"),
        (([(28, 31)], 1, 1, []), ([(1, 29)], 1, 1, []), "H in (28, 29)"),
        (([(1, 100)], 1, 1, []), ([], 9, 1, [0]), "9 <= H <= 100"),
        (([(1, 100)], 1, 1, []), ([], 1, 4, [0]), "H in range(4, 101, 4)"),
        (([], 1, 2, [0]), ([], 1, 2, [1]), "False"),
        (([], 1, 3, [1, 2]), ([], 1, 5, [1, 2, 3, 4]), "H % 15 in (1, 2, 4, 7, 8, 11, 13, 14)"),
        (([], 1, 8, range(4)), ([], 1, 1, [0]), "H % 8 <= 3"),
        (([], 1, 8, range(3, 8)), ([], 1, 1, [0]), "H % 8 >= 3"),
        (([], 1, 8, range(3, 7)), ([], 1, 1, [0]), "3 <= H % 8 <= 6"),
        (([], 1, 5, range(1, 5)), ([], 1, 1, [0]), "H % 5 != 0"),
    ],
)
def test_conditions_that_networks_ask_for_together(first, second, expected: str) -> None:
    both = meet(solution("H", *first), solution("H", *second))
    assert both is not None
    assert both.expression() == expected


@pytest.mark.parametrize(
    ("rest", "modulus", "words"),
    [
        (range(4), 8, "H % 8 must be 0 to 3"),
        (range(1, 5), 5, "H must not be a multiple of 5"),
        ([0, 1, 3], 4, "H must not be 2 more than a multiple of 4"),
        ([0, 3], 8, "H % 8 must be 0 or 3"),
    ],
)
def test_several_remainders_in_words(rest, modulus: int, words: str) -> None:
    assert solution("H", [], 1, modulus, rest).words() == words


def test_a_cycle_that_would_be_too_long_is_not_joined() -> None:
    assert meet(solution("H", [], 1, 509, [0]), solution("H", [], 1, 503, [0])) is None


def test_a_rule_that_would_pick_too_many_single_sizes_is_not_joined() -> None:
    wide = solution("H", [(1, 100_000)], 1, 1, [])
    assert meet(wide, solution("H", [], 1, 3, [0])) is None
    assert meet(wide, solution("H", [], 50_000, 1, [0])) == solution(
        "H", [(50_000, 100_000)], 1, 1, []
    )


@given(solutions(), st.integers(1, 150))
def test_the_sizes_around_are_the_nearest_legal_ones_on_both_sides(
    found: Solution, size: int
) -> None:
    legal = sizes(found)
    if size in found:
        return
    below = [each for each in legal if each < size][-1:]
    above = [each for each in legal if each > size][:1]
    assert found.around(size) == (*below, *above)


@given(solutions())
def test_a_single_size_and_a_least_size_are_told_from_the_rest(found: Solution) -> None:
    legal = sizes(found)
    assert found.single == (len(legal) == 1)
    assert at_least(found) == (legal != [] and legal == list(range(legal[0], FAR)))
