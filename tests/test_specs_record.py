"""What the specs reach, as `make specs-table` measured it: every claim that rests on it."""

from __future__ import annotations

import json
import statistics
from math import sqrt
from typing import Any

import pytest
import specs_table
from packages import HOME
from specs_questions import QUESTIONS
from specs_table import KERAS, RECORD, TASKS, Figures, Task, tables

MEASURED: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
ORIGINALS: dict[str, Any] = json.loads(KERAS.read_text(encoding="utf-8"))["programs"]
TRUTH = {"hello": 14, "hello_longer": 12, "linear": 301}
SEEDS = {"xor": 100, "hello": 10, "hello_longer": 10, "linear": 10}


def values(spec: str, measure: str) -> list[float]:
    found: list[float] = MEASURED[spec]["values"][measure]
    return found


def by_spec(task: Task) -> str:
    return task.spec


def test_every_spec_is_measured() -> None:
    specs = {path.stem for path in (HOME / "specs").glob("*.dl")}
    assert specs == {task.spec for task in TASKS}
    assert specs == set(MEASURED) - {"cores"}


@pytest.mark.parametrize("task", TASKS, ids=by_spec)
def test_a_spec_kept_its_expectations_for_every_seed(task: Task) -> None:
    found = MEASURED[task.spec]
    assert found["seeds"] == SEEDS.get(task.spec, 5)
    assert found["held"] == found["seeds"]
    assert len(values(task.spec, task.shows)) == found["seeds"]


@pytest.mark.parametrize("task", [each for each in TASKS if each.keras], ids=by_spec)
def test_no_spec_loses_to_its_original(task: Task) -> None:
    assert task.keras is not None
    program, measure = task.keras
    original = ORIGINALS[program]["measures"][measure]
    mean = statistics.mean(values(task.spec, task.shows))
    if task.spec in TRUTH:
        truth = TRUTH[task.spec]
        deviation = max(original["deviation"], 0.01)
        assert abs(mean - truth) <= abs(original["mean"] - truth) + deviation
    else:
        assert mean >= original["mean"] - original["deviation"]


def test_xor_is_nearer_than_a_tenth_for_a_hundred_seeds() -> None:
    for x, truth in (("[0, 0]", 0), ("[0, 1]", 1), ("[1, 0]", 1), ("[1, 1]", 0)):
        found = values("xor", f"predict(x={x}).p")
        assert len(found) == 100
        assert max(abs(each - truth) for each in found) <= 0.1


def test_a_practitioner_gets_more_of_the_photos_right_by_two_standard_errors() -> None:
    tutorial, better = values("cats_dogs", "test.accuracy"), values("pets", "test.accuracy")
    variances = [statistics.variance(each) / len(each) for each in (tutorial, better)]
    assert statistics.mean(better) - statistics.mean(tutorial) >= 2 * sqrt(sum(variances))


def test_five_seeds_beat_the_simple_rules() -> None:
    for spec, measure in (("houses", "test.r2_score"), ("titanic", "test.accuracy")):
        (rule,) = values(spec, "baseline")
        assert statistics.mean(values(spec, measure)) > rule


def test_the_tables_are_what_was_measured() -> None:
    page = (HOME / "specs" / "README.md").read_text(encoding="utf-8")
    assert page == tables(MEASURED)


def test_an_answer_names_specs_and_measures_that_there_are() -> None:
    for question in QUESTIONS:
        assert "{" not in Figures(MEASURED).of(question.answer)
        for spec in question.specs:
            assert (HOME / "specs" / f"{spec}.dl").exists()


def test_a_figure_in_an_answer_comes_from_the_record() -> None:
    record = {"net": {"values": {"test.accuracy": [0.5, 0.7]}}}
    assert Figures(record).of("about {net:test.accuracy} of all") == "about 0.6 of all"


def test_a_table_replaces_what_stood_between_its_marks() -> None:
    page = "a\n<!-- x: make specs-table -->\nold\n<!-- end of x -->\nb\n"
    found = specs_table.replaced(page, "x", ["| new |"])
    assert found == "a\n<!-- x: make specs-table -->\n\n| new |\n\n<!-- end of x -->\nb\n"
    assert specs_table.replaced(found, "x", ["| new |"]) == found
