"""Schedules as a spec writes them: their words, and what is wrong with a chain of them."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from dlc.compiler.catalog.schedules import SCHEDULES, fault, unreached
from dlc.compiler.catalog.training import OPTIMIZERS, REFUSED_OPTIMIZERS
from dlc.compiler.layers.arguments import WORDS, fits, words
from dlc.compiler.layers.record import REQUIRED
from dlc.runtime import schedules


def chain(*phases: tuple[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, {} if length == "none" else {"length": length}) for name, length in phases]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_a_function_of_the_runtime_with_the_same_arguments(schedule: str) -> None:
    record = SCHEDULES[schedule]
    theirs = inspect.signature(getattr(schedules, record.callable)).parameters
    ours = {each.name: each.default for each in record.parameters}
    for name, default in ours.items():
        expected = theirs[name].default
        assert default == (REQUIRED if expected is inspect.Parameter.empty else expected), name
    # What is better is read off the measure that is watched.
    assert {*theirs} - {*ours} == ({"better"} if schedule == "plateau" else set())
    assert record.module == "dlc.runtime.schedules"


def test_every_phase_of_the_runtime_can_be_written() -> None:
    assert {*schedules.__all__} - {"Phase", "Schedule"} == {*SCHEDULES}


@pytest.mark.parametrize(
    "phases",
    [
        chain(("warmup", 0.05), ("cosine", None)),
        chain(("warmup", 5), ("cosine", None)),
        chain(("warmup", 0.5), ("linear", 0.5)),
        chain(("constant", 0.3), ("linear", 0.3), ("cosine", 0.4)),
        chain(("constant", 0.1), ("linear", 0.2)),
        chain(("linear", None), ("cosine", None)),
        chain(("warmup", 1.0)),
        chain(("warmup", 1000), ("cosine", None)),
        chain(("one_cycle", "none")),
        chain(("warmup", 2), ("plateau", "none")),
    ],
)
def test_a_chain_that_fits_has_no_fault(phases: Any) -> None:
    assert fault(phases) is None


@pytest.mark.parametrize(
    ("phases", "index", "why"),
    [
        (chain(("warmup", 0.5), ("linear", 0.6)), 1, "more than all"),
        (chain(("warmup", 0.9), ("linear", 0.05), ("cosine", 0.2)), 2, "take 1.15 of the training"),
        (chain(("warmup", 1.0), ("cosine", None)), 1, "nothing of the training is left"),
        (chain(("linear", None), ("warmup", 0.4), ("cosine", 0.6)), 0, "left for `linear`"),
        (chain(("warmup", 0.1), ("one_cycle", "none")), 1, "rises and falls by itself"),
        (chain(("one_cycle", "none"), ("constant", None)), 0, "a whole schedule"),
        (chain(("plateau", "none"), ("cosine", None)), 1, "`cosine` never comes"),
    ],
)
def test_the_phase_that_does_not_fit_is_named(phases: Any, index: int, why: str) -> None:
    found = fault(phases)
    assert found is not None
    assert found.phase == index and why in found.why and found.help


@pytest.mark.parametrize(
    ("phases", "epochs", "index"),
    [
        (chain(("warmup", 5), ("cosine", None)), 5, 1),
        (chain(("warmup", 5), ("cosine", None)), 6, None),
        (chain(("warmup", 9), ("cosine", 0.1)), 5, 1),
        (chain(("warmup", 9)), 5, None),
        (chain(("linear", None), ("warmup", 5)), 5, 0),
        (chain(("warmup", 0.5), ("cosine", None)), 1, None),
        (chain(("constant", 2), ("linear", 2), ("cosine", 2)), 4, 2),
    ],
)
def test_a_phase_that_a_training_never_comes_to_is_named(
    phases: Any, epochs: int, index: int | None
) -> None:
    assert unreached(phases, epochs) == index


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("length", [0.05, 1.0, 1, 30], [0, 0.0, -1, 1.5, True, "all", None, (1,)]),
        ("milestones", [(3,), (3, 6), (0.5, 0.75)], [(), (6, 3), (3, 3), (3, 0.5), (0, 3), 3]),
        ("nonpositive", [0, -0.8], [0.1, "no"]),
        ("atleast1", [1, 1.5], [0.9, None]),
        ("etas", [(0.5, 1.2)], [(0.5, 1.0), (1.0, 1.2), (0.0, 2.0), (0.5,), 0.5]),
        ("epsilons", [(None, 0.001), (1e-8, 0)], [(0.1, None), (-1, 0), (None,), None]),
        ("iterations", [1, 5, 99], [0, 100, 2.5]),
        ("triple", [(1, 2.0, -3)], [(1, 2), 1, ("a", 1, 2)]),
    ],
)
def test_an_argument_is_taken_where_it_is_of_its_kind(
    kind: str, good: list[Any], bad: list[Any]
) -> None:
    assert [each for each in good if not fits(kind, each)] == []
    assert [each for each in bad if fits(kind, each)] == []
    assert words(kind) == WORDS[kind]


def test_what_is_refused_is_offered_nowhere_and_what_is_written_instead_is() -> None:
    assert not {*REFUSED_OPTIMIZERS} & {*OPTIMIZERS}
    for why, instead in REFUSED_OPTIMIZERS.values():
        assert why and instead.split("(")[0] in OPTIMIZERS
