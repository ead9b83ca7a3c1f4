"""Sweeps: the names that are searched, the values that are tried, and the goal."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from .. import ir, tree
from ..errors import names as name_errors
from ..errors import sweeps as errors
from ..errors import training as training_errors
from ..layers.arguments import fits, words
from ..source import Span
from .expectations import measured
from .names import FAILED, Constants, called
from .options import ALL_KEYS

KEYS = {"trials": "size", "seed": "int"}
WAYS = "a list, `log(1e-4, 1e-1)`, `uniform(0, 0.5)` or `range(16, 257, 16)`"


def sweep(
    node: tree.Sweep, params: Sequence[str], trained: bool, constants: Constants
) -> ir.Sweep | None:
    """A sweep with its names resolved; None after a report that leaves nothing to check."""
    report = constants.report
    head = Span(node.span.source, node.span.start, node.span.start + len("sweep"))
    if not trained:
        help = "write a `train` block; each trial is one run of it"
        report(errors.sweep_idle(head, "this spec trains nothing that a sweep could try", help))
        return None
    named: dict[str, Span] = {}
    searches: list[ir.Search] = []
    wanted = [entry for entry in node.entries if isinstance(entry, tree.Search)]
    goals: list[tree.Goal] = []
    options: dict[str, tree.Option] = {}
    for entry in node.entries:
        if isinstance(entry, tree.Goal):
            goals.append(entry)
            continue
        name = entry.name
        if name.name in named:
            report(name_errors.defined_twice(name.span, name.name, named[name.name]))
        named[name.name] = name.span
        if isinstance(entry, tree.Option):
            options[name.name] = entry
        elif name.name not in params and name.name not in ALL_KEYS:
            report(errors.search_unknown(name.span, name.name, params, ALL_KEYS))
        else:
            searches += _search(entry, constants)
    if not wanted:
        help = "write what to try: `lr in log(1e-4, 1e-1)`"
        report(errors.sweep_idle(head, "this sweep searches nothing", help))
    whole = bool(wanted) and len(searches) == len(wanted)
    trials, seed = _options(options, searches if whole else [], head, constants)
    return ir.Sweep(
        head,
        tuple(searches),
        goals[0].direction if goals else "",
        _goal(goals, head, constants),
        trials,
        seed,
    )


def _search(node: tree.Search, constants: Constants) -> list[ir.Search]:
    """What is tried for one name; nothing after a report."""
    report, values, name = constants.report, node.values, node.name.name
    if isinstance(values, tree.ListOf):
        texts = tuple(" ".join(item.span.text.split()) for item in values.items)
        if len(texts) < 2 or len(set(texts)) < len(texts):
            why = "a choice has two values at least, each once"
            report(errors.search_values(values.span, why, f"write `{name} in [16, 32, 64]`"))
            return []
        places = tuple(item.span for item in values.items)
        return [ir.Search(node.name.span, name, "choice", texts, places)]
    way, _ = called(values) or ("", None)
    arguments = values.arguments if isinstance(values, tree.Call) else ()
    if way not in ("log", "uniform", "range") or any(each.name for each in arguments):
        why = f"what is tried is {WAYS}"
        report(errors.search_values(values.span, why, f"write `{name} in log(1e-4, 1e-1)`"))
        return []
    bounds = [constants.value(each.value, "an end of the search") for each in arguments]
    if FAILED in bounds:
        return []
    wrong, help = _wrong_ends(way, bounds)
    if wrong:
        report(errors.search_values(values.span, wrong, f"write `{name} in {help}`"))
        return []
    step = 1
    least, greatest = bounds[0], bounds[-1]
    if way == "range":
        numbers = range(*bounds)
        least, greatest, step = numbers[0], numbers[-1], numbers.step
    place = (values.span,)
    return [ir.Search(node.name.span, name, way, (), place, least, greatest, step)]


def _wrong_ends(way: str, bounds: list[Any]) -> tuple[str, str]:
    """What is wrong with the ends of a search, and how it is written; empty where nothing is."""
    if way == "range":
        whole = 1 <= len(bounds) <= 3 and all(fits("int", each) for each in bounds)
        if not whole or bounds[2:] == [0] or len(range(*bounds)) < 2:
            why = "`range` takes whole numbers, as in Python, and gives two numbers at least"
            return why, "range(16, 257, 16)"
        rising = range(*bounds).step > 0
        return "" if rising else "a range that is searched rises", "range(16, 257, 16)"
    example = "log(1e-4, 1e-1)" if way == "log" else "uniform(0, 0.5)"
    if len(bounds) != 2 or not all(fits("float", each) for each in bounds):
        return f"`{way}` takes two numbers, the least and the greatest", example
    if bounds[0] >= bounds[1]:
        return f"`{way}` takes the least first, then the greatest", example
    if way == "log" and bounds[0] <= 0:
        return "a logarithm has no 0 and nothing below: `log` takes numbers above 0", example
    return "", ""


def _options(
    given: dict[str, tree.Option], searches: Sequence[ir.Search], head: Span, constants: Constants
) -> tuple[int, int]:
    report = constants.report
    values = {"trials": 1, "seed": 0}
    for key, entry in given.items():
        if key not in KEYS:
            report(errors.sweep_key(entry.name.span, key, list(KEYS)))
            continue
        value = constants.value(entry.value, f"`{key}`")
        if value is not FAILED and fits(KEYS[key], value):
            values[key] = value
        elif value is not FAILED:
            wanted = words(KEYS[key])
            report(training_errors.wrong_option(entry.value.span, key, wanted))
    if "trials" not in given:
        why = "how often a sweep tries is not stated"
        report(errors.trials_unfit(head, why, "write `trials = 30`"))
    elif searches and all(each.kind in ("choice", "range") for each in searches):
        count = prod(_count(each) for each in searches)
        if values["trials"] > count:
            why = f"there are {count:,} different trials, and here are {values['trials']:,}"
            span = given["trials"].value.span
            report(errors.trials_unfit(span, why, f"write `trials = {count}`"))
    return values["trials"], values["seed"]


def _count(search: ir.Search) -> int:
    if search.kind == "choice":
        return len(search.choices)
    return (int(search.greatest) - int(search.least)) // search.step + 1


def _goal(goals: list[tree.Goal], head: Span, constants: Constants) -> ir.Expectation | None:
    """What is measured after each trial; None after a report."""
    if len(goals) != 1:
        why = "a sweep has one goal" + (f", and here are {len(goals)}" if goals else "")
        span = goals[1].span if goals else head
        help = "leave the others out" if goals else "write `maximize validation.accuracy`"
        constants.report(errors.goal_unfit(span, why, help))
        return None
    subject = measured(goals[0].value, constants)
    if subject is None:
        return None
    if subject["subject"] not in ("metric", "step"):
        why = "a sweep compares trials by a metric of a split, or by the loss of a step"
        help = "write `maximize validation.accuracy` or `minimize train.D.loss`"
        constants.report(errors.goal_unfit(goals[0].span, why, help))
        return None
    return ir.Expectation(goals[0].value.span, **subject)
