"""Axes, lines, points and bars: every value where it belongs, and no more points than seen."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from dlc.runtime.report.axes import axis, powers, rounds, short
from dlc.runtime.report.plot import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    bars,
    lines,
    scatter,
    thinned,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from reported import SVG

SIZES = st.floats(-1e12, 1e12).map(lambda value: round(value, 6))
SERIES = st.lists(SIZES, min_size=1, max_size=60)


def drawn(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def places(element: ElementTree.Element) -> list[tuple[float, float]]:
    """The points of a path."""
    numbers = map(float, re.findall(r"-?[\d.]+", element.get("d", "")))
    return list(zip(numbers, numbers, strict=True))


@given(SIZES, SIZES, st.integers(2, 10))
def test_ticks_are_few_round_rising_and_inside(low: float, high: float, count: int) -> None:
    assume(high - low > 1e-6 * max(1, abs(low), abs(high)))
    found = rounds(low, high, count)
    assert found == sorted(set(found))
    assert len(found) <= count + 1
    slack = 1e-8 * (high - low)
    assert all(low - slack <= value <= high + slack for value in found)
    assert count < 3 or len(found) >= 1


def test_ticks_of_a_known_range() -> None:
    assert rounds(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert rounds(1, 20, 6) == [5, 10, 15, 20]
    assert rounds(-0.3, 0.3, 6) == [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]


def test_powers_of_ten_are_few_and_inside() -> None:
    assert powers(0.004, 2) == [0.01, 0.1, 1]
    assert powers(0.5, 30) == [1, 10]
    assert powers(0.5, 9) == [0.5, 1, 2, 5]
    assert len(powers(1e-30, 1e30)) <= 9


@given(SERIES, st.booleans())
def test_every_value_lies_between_the_ends_and_in_order(values: list[float], log: bool) -> None:
    found = axis(values, 400, 10, log=log)
    at = [found.place(value) for value in sorted(values)]
    assert all(10 <= place <= 400 for place in at)
    assert at == sorted(at, reverse=True)
    assert all(10 <= place <= 400 for place, _ in found.ticks(5))


def test_powers_are_used_where_positive_values_span_them() -> None:
    assert axis([0.001, 2], 0, 1, log=True).log
    assert axis([0, 0.001, 2], 0, 1, log=True).log
    assert not axis([1, 2], 0, 1, log=True).log
    assert not axis([-1, 2000], 0, 1, log=True).log
    assert not axis([0, 0], 0, 1, log=True).log
    assert not axis([0.001, 2], 0, 1).log


@pytest.mark.parametrize("values", [[], [math.nan], [3.0], [0.0, 0.0], [math.inf, 1.0]])
def test_a_range_without_width_still_has_an_axis(values: list[float]) -> None:
    found = axis(values, 0, 100)
    assert found.low < found.high
    assert 0 <= found.place(1.0) <= 100


def test_a_power_takes_the_same_space_everywhere() -> None:
    found = axis([1, 1000], 0, 300, log=True)
    steps = [found.place(10 * value) - found.place(value) for value in (1, 10, 100)]
    assert steps == pytest.approx([steps[0]] * 3)


@given(st.lists(SIZES | st.just(math.nan), min_size=1, max_size=3000), st.integers(4, 400))
def test_thinning_keeps_the_order_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    points = [(float(index), value) for index, value in enumerate(values)]
    found = thinned(points, most)
    assert len(found) <= most
    assert [x for x, _ in found] == sorted({x for x, _ in found})
    assert found[0] is points[0]
    assert found[-1] is points[-1]
    finite = [value for value in values if not math.isnan(value)]
    kept = [value for _, value in found if not math.isnan(value)]
    if finite:
        assert (min(kept), max(kept)) == (min(finite), max(finite))


def test_thousands_of_epochs_stay_a_small_picture() -> None:
    points = [(epoch, 1 / epoch + epoch % 7 / 1e4) for epoch in range(1, 100_001)]
    shown, _ = lines("loss", [Line("train", points, 1)], "epoch", log=True)
    assert len(shown) < 10_000


def test_lines_stay_inside_their_frame_and_go_up_where_values_do() -> None:
    points = [(1, 5.0), (2, 1.0), (3, 9.0)]
    shown, log = lines("f1", [Line("train", points, 1)], "epoch")
    root = drawn(shown)
    (path,) = root.iter(f"{SVG}path")
    (x1, y1), (x2, y2), (x3, y3) = places(path)
    assert not log
    assert LEFT <= x1 < x2 < x3 <= WIDTH - RIGHT
    assert HEIGHT - BOTTOM >= y2 > y1 > y3 >= TOP
    assert root.findtext(f"{SVG}title") == "f1"


def test_a_gap_parts_a_line_and_a_lone_value_is_a_dot() -> None:
    points = [(1, 1.0), (2, 2.0), (3, math.nan), (4, 3.0), (5, math.nan), (6, 4.0), (7, 5.0)]
    root = drawn(lines("loss", [Line("train", points, 1)], "epoch")[0])
    assert [len(places(path)) for path in root.iter(f"{SVG}path")] == [2, 2]
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_one_epoch_is_a_dot_and_its_axis_has_its_number() -> None:
    root = drawn(lines("loss", [Line("train", [(1, 0.5)], 1)], "epoch")[0])
    assert len(list(root.iter(f"{SVG}circle"))) == 1
    assert "1" in [each.text for each in root.iter(f"{SVG}text")]


def test_epochs_are_never_numbered_by_halves() -> None:
    root = drawn(lines("loss", [Line("train", [(1, 50.0), (3, 60.0)], 1)], "epoch")[0])
    below = [each.text for each in root.iter(f"{SVG}text") if float(each.get("y", 0)) > HEIGHT - 30]
    assert below == ["1", "2", "3", "epoch"]


def test_the_marked_epoch_has_a_line_and_a_dot_on_every_line() -> None:
    both = [Line("train", [(1, 1.0), (2, 2.0)], 1), Line("validation", [(1, 3.0), (2, 4.0)], 2)]
    root = drawn(lines("loss", both, "epoch", mark=2)[0])
    (mark,) = (each for each in root.iter(f"{SVG}line") if each.get("class") == "mark")
    dots = list(root.iter(f"{SVG}circle"))
    assert {dot.get("cx") for dot in dots} == {mark.get("x1")}
    assert [dot.get("class") for dot in dots] == ["point c1", "point c2"]


@given(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=50))
def test_points_lie_inside_and_those_that_agree_on_the_line(
    pairs: list[tuple[float, float]],
) -> None:
    agreeing = [(a, a) for a, _ in pairs]
    root = drawn(scatter("t", [*pairs, *agreeing], "true", "predicted"))
    dots = [
        (float(each.get("cx", -1)), float(each.get("cy", -1))) for each in root.iter(f"{SVG}circle")
    ]
    assert len(dots) == 2 * len(pairs)
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in dots)
    (mark,) = (each for each in root.iter(f"{SVG}line") if each.get("class") == "mark")
    x1, y1, x2, y2 = (float(mark.get(each, 0)) for each in ("x1", "y1", "x2", "y2"))
    for x, y in dots[len(pairs) :]:
        assert y == pytest.approx(y1 + (x - x1) / (x2 - x1) * (y2 - y1), abs=0.2)


@given(st.lists(SIZES, min_size=1, max_size=200))
def test_the_areas_of_the_bars_are_the_records(values: list[float]) -> None:
    root = drawn(bars("errors", values, "error"))
    ticks = {
        each.text: float(each.get("y", 0)) - 4
        for each in root.iter(f"{SVG}text")
        if each.get("class") == "end"
    }
    top = max(int((text or "0").replace(",", "")) for text in ticks)
    high = next(
        place for text, place in ticks.items() if int((text or "0").replace(",", "")) == top
    )
    base = ticks["0"]
    heights = [float(each.get("height", 0)) for each in root.iter(f"{SVG}rect")]
    total = sum(height / (base - high) * top for height in heights)
    assert total == pytest.approx(len(values), abs=0.06 * len(heights) * max(1, top / 200) + 0.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (2000.0, "2,000"), (10_000.0, "10k"), (-600_000.0, "−600k"),  # noqa: RUF001
     (2_500_000.0, "2.5M"), (3e9, "3G"), (1e13, "1e13")],
)  # fmt: skip
def test_a_tick_is_written_in_little_space(value: float, text: str) -> None:
    assert short(value) == text
