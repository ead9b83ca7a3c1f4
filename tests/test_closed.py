"""Sizes as formulas of a turn's number: shown for all values, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from dlc.compiler import ir, opened
from dlc.compiler.dims import Dim, dim, name
from dlc.compiler.evaluated import evaluate
from dlc.compiler.shapes.closed import Closed, Counter, closed, counter, never_negative, substituted
from dlc.compiler.shapes.evaluation import Evaluation
from dlc.compiler.shapes.values import NotGeneric
from dlc.compiler.source import Source, Span

SPAN = Span(Source("net.dl", "x"), 0, 1)
TURN, WIDTH, DEPTH = name("i"), name("width"), name("depth")
ONE, PAIR = ir.Local(SPAN, "i"), (ir.Local(SPAN, "i"), ir.Local(SPAN, "w"))
WIDTHS = ir.Open("widths", "list", sample=(3, 4))


@pytest.fixture
def here() -> Evaluation:
    return Evaluation(lambda diagnostic: None, {}, generic=True)


def power(here: Evaluation, exponent: Any) -> Dim:
    return dim(here.computed(opened.operation, "**", 2, exponent))


def listed(name: str, *values: Any) -> ir.Open:
    found = opened.call(name, values)
    assert isinstance(found, ir.Open)
    return found


def literal(*numbers: int) -> ir.Open:
    return ir.Open(str(numbers), "list", "literal", (numbers,), numbers)


# What counts turns


COUNT = name("len(widths)")
COUNTERS: list[tuple[ir.Open, Any, Counter | None]] = [
    (listed("range", DEPTH), ONE, Counter("i", dim(0), DEPTH, 1)),
    (listed("range", dim(1), DEPTH + 1), ONE, Counter("i", dim(1), DEPTH + 1, 1)),
    (listed("reversed", listed("range", DEPTH)), ONE, Counter("i", DEPTH - 1, dim(-1), -1)),
    (listed("enumerate", WIDTHS), PAIR, Counter("i", dim(0), COUNT, 1)),
    (listed("reversed", listed("enumerate", WIDTHS)), PAIR,
     Counter("i", COUNT - 1, dim(-1), -1)),
    (literal(0, 1, 2), ONE, Counter("i", dim(0), dim(3), 1)),
    (literal(5, 4, 3), ONE, Counter("i", dim(5), dim(2), -1)),
    (literal(0, 2, 4), ONE, None),
    (literal(2, 1, 2), ONE, None),
    (WIDTHS, ONE, None),
    (listed("reversed", WIDTHS), ONE, None),
    (listed("enumerate", WIDTHS), ONE, None),
    (listed("zip", WIDTHS, WIDTHS), PAIR, None),
    (listed("range", dim(0), DEPTH, dim(2)), ONE, None),
    (WIDTHS, PAIR, None),
    (listed("range", DEPTH), ir.Local(SPAN, "_"), None),
]  # fmt: skip


@pytest.mark.parametrize(("over", "target", "expected"), COUNTERS)
def test_the_number_of_a_turn_is_known_where_it_grows_or_falls_by_one(
    over: ir.Open, target: Any, expected: Counter | None
) -> None:
    named = () if isinstance(target, ir.Local) and target.name == "_" else ("i", "w")
    assert counter(over, target, named, lambda: COUNT) == expected


def test_a_loop_back_goes_through_the_same_numbers() -> None:
    there, back = Counter("i", dim(0), DEPTH, 1), Counter("j", DEPTH - 1, dim(-1), -1)
    assert there.mirrors(back) and back.mirrors(there)
    assert there.count == back.count == DEPTH
    assert not there.mirrors(there)
    assert not Counter("i", dim(1), DEPTH, 1).mirrors(back)


# Formulas


def test_a_formula_is_what_the_turn_before_made(here: Evaluation) -> None:
    by = Counter("i", dim(0), DEPTH, 1)
    found = closed(here, by, WIDTH, power(here, TURN + 1) * WIDTH, frozenset({"i"}))
    assert found == Closed(power(here, TURN) * WIDTH, power(here, DEPTH) * WIDTH)


def test_a_formula_of_a_loop_back_is_what_the_turn_above_made(here: Evaluation) -> None:
    by = Counter("i", DEPTH - 1, dim(-1), -1)
    found = closed(here, by, DEPTH * WIDTH, TURN * WIDTH, frozenset({"i"}))
    assert found == Closed((TURN + 1) * WIDTH, dim(0))


@pytest.mark.parametrize("values", [{"i": 3, "width": 5, "depth": 7}, {"i": 0, "width": 1}])
@pytest.mark.parametrize("start", [0, 1, -2])
def test_a_formula_gives_the_numbers_that_counting_gives(
    here: Evaluation, start: int, values: dict[str, int]
) -> None:
    by = Counter("i", dim(start), DEPTH, 1)
    then = (TURN + 1) * (TURN + 1) * WIDTH + 3 * TURN
    first = then.substitute({"i": dim(start - 1)})
    found = closed(here, by, first, then, frozenset({"i"}))
    assert found is not None
    size = first
    for turn in range(start, 6):
        known = {**values, "i": turn, "depth": turn}
        assert found.inside.evaluate(known) == size.evaluate(known) == found.behind.evaluate(known)
        size = dim(then.evaluate(known))


@pytest.mark.parametrize(
    ("first", "then", "own"),
    [
        (WIDTH + 1, (TURN + 1) * WIDTH, {"i"}),  # another first size
        (WIDTH, (TURN + 1) * WIDTH, {"i"}),
        (dim(0), (TURN + 1) * name("h"), {"i", "h"}),  # counted by another number
        (WIDTH, WIDTH, {"i"}),  # the same in each turn
        (dim(0), WIDTH // (TURN + 1), {"i"}),  # nothing for turn 0
        (dim(0), (TURN + 1) * (WIDTH * DEPTH + 12 * WIDTH + 7 * DEPTH), {"i"}),  # a long one
    ],
)
def test_there_is_no_formula_where_it_does_not_hold_or_reads_worse(
    here: Evaluation, first: Dim, then: Dim, own: set[str]
) -> None:
    assert closed(here, Counter("i", dim(0), DEPTH, 1), first, then, frozenset(own)) is None


def test_lengths_are_never_negative_and_other_numbers_may_be(here: Evaluation) -> None:
    count = dim(here.computed(opened.call, "len", (WIDTHS,)))
    assert never_negative(here, count) and never_negative(here, 2 * count + 1)
    assert never_negative(here, dim(0)) and never_negative(here, dim(4))
    assert not never_negative(here, count - 1) and not never_negative(here, DEPTH)
    assert not never_negative(here, dim(-1)) and not never_negative(here, count * DEPTH)


# Other names in values


def test_powers_entries_calls_and_choices_are_made_anew(here: Evaluation) -> None:
    entry = dim(here.computed(opened.entry, WIDTHS, TURN))
    largest = dim(here.computed(opened.call, "max", (TURN, WIDTH)))
    condition = opened.operation(">", TURN, 0)
    either = dim(here.computed(opened.choice, condition, TURN, WIDTH))
    size = power(here, TURN + 1) + 3 * entry + largest * either
    found = substituted(here, size, {"i": name("j") - 1})
    assert opened.names(found, here.atoms) == {"j", "width", "widths"}
    told = {"width": 5, "widths": (3, 4, 9)}
    for number in (1, 2, 3):
        one = evaluate(size, {**told, "i": number - 1}, here.atoms, {})
        assert evaluate(found, {**told, "j": number}, here.atoms, {}) == one


def test_a_power_of_nothing_is_one(here: Evaluation) -> None:
    assert substituted(here, power(here, TURN) * WIDTH, {"i": dim(0)}) == WIDTH


def test_a_value_without_the_name_is_itself(here: Evaluation) -> None:
    value = power(here, DEPTH)
    assert substituted(here, value, {"i": dim(0)}) is value


def test_a_named_value_is_not_looked_into(here: Evaluation) -> None:
    with pytest.raises(NotGeneric):
        substituted(here, opened.let("half", TURN), {"half": dim(1)})


def test_a_function_of_the_spec_is_called_with_the_other_value(here: Evaluation) -> None:
    called = ir.Open("wide(i, width)", "int", "wide()", (TURN, WIDTH))
    size = dim(here.computed(lambda: called))
    found = substituted(here, size, {"i": DEPTH - 1})
    assert str(found) == "wide(depth - 1, width)"
