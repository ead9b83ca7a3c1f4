"""The top of the page: what ran, what came of it, what was expected, and the results."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..progress import duration
from .markup import Markup, Part, counted, figure, section, table, tag

Results = Mapping[str, Mapping[str, Any]]
SPLITS = ("test", "validation", "train")
NAMED = {"train": "training"}
MARKS = {True: ("✓", "good"), False: ("✗", "bad")}


def head(name: str, status: Mapping[str, Any], epochs: int, facts: Sequence[str]) -> Markup:
    """Title, verdict, and when, how long and on what it ran."""
    good = status.get("status") == "done"
    sign, style = MARKS[good]
    when: list[str] = []
    if isinstance(started := status.get("started"), int | float):
        when.append(time.strftime("%d %B %Y, %H:%M", time.localtime(started)).lstrip("0"))
    if isinstance(seconds := status.get("seconds"), int | float):
        when.append(duration(seconds))
    said = tag("p", tag("span", sign, class_=f"sign {style}"), verdict(status, epochs))
    return tag(
        "header",
        tag("h1", name),
        tag("p", " · ".join([*when, *facts]), class_="facts"),
        tag("div", said, class_=f"verdict {style}"),
    )


def verdict(status: Mapping[str, Any], epochs: int) -> str:
    """What came of the run, in a sentence or two."""
    trained = f"Trained for {counted(epochs, 'epoch')}"
    expected = _each(status, "expectations")
    broken = sum(not each.get("holds") for each in expected)
    match status.get("status"):
        case "done":
            said = f"{trained}." if not expected else f"{trained}, as expected."
        case "expectations failed":
            do = "does" if broken == 1 else "do"
            said = (
                f"{trained}, but {broken} of {counted(len(expected), 'expectation')} {do} not hold."
            )
        case "interrupted":
            said = f"Interrupted after {counted(epochs, 'epoch')}."
        case "diverged":
            said = ""
        case _:
            said = f"Failed after {counted(epochs, 'epoch')}."
    if error := status.get("error"):
        return f"{said} {error}".strip()
    return said + _headline(status.get("results") or {})


def _headline(results: Results) -> str:
    """The one number that tells most: a metric of the best split, else a loss.

    Of several trainings the last one tells.
    """
    if results and not any(split in results for split in SPLITS):
        results = [*results.values()][-1]
    for split in SPLITS:
        numbers = dict(_flat(results.get(split) or {}))
        if numbers:
            name = next((each for each in numbers if each != "loss"), "loss")
            of = NAMED.get(split, split).capitalize()
            return f" {of} {name.replace('_', ' ')}: {figure(numbers[name])}."
    return ""


def expectations(status: Mapping[str, Any]) -> Markup | None:
    """Each expectation with what was measured; None where the spec has none."""
    found = _each(status, "expectations")
    if not found:
        return None
    rows = [
        (
            tag("span", MARKS[good][0], class_=f"sign {MARKS[good][1]}"),
            tag("code", str(each.get("expect", ""))),
            figure(each.get("measured")),
            line_of(str(each.get("place", ""))),
        )
        for each in found
        for good in [bool(each.get("holds"))]
    ]
    return section("Expectations", table(("", "expected", "measured", "line"), rows, "ttnn"))


def findings(status: Mapping[str, Any]) -> Markup | None:
    """What was noticed, and what to do about it; None where nothing was."""
    found = _each(status, "findings")
    if not found:
        return None
    parts: list[Part] = []
    for each in found:
        parts.append(tag("dt", str(each.get("what", ""))))
        if each.get("help"):
            parts.append(tag("dd", str(each["help"])))
    return section("Findings", tag("dl", *parts, class_="findings"))


def results(status: Mapping[str, Any]) -> Markup | None:
    """A table of the numbers, a column a split; None where there is none."""
    found: Results = status.get("results") or {}
    flat = {split: dict(_flat(found[split])) for split in ordered(found)}
    splits = [split for split in flat if flat[split]]
    metrics = list(dict.fromkeys(name for split in splits for name in flat[split]))
    if not metrics:
        return None
    rows = [(name, *(figure(flat[split].get(name)) for split in splits)) for name in metrics]
    return section("Results", table(("", *splits), rows, "t" + "n" * len(splits)))


def ordered(found: Results) -> list[str]:
    """The splits of some results, the most telling one first."""
    known = [split for split in SPLITS if isinstance(found.get(split), dict)]
    return known + [name for name in found if name not in SPLITS and isinstance(found[name], dict)]


def line_of(place: str) -> Markup | str:
    """`digits.dl:36` as a link to that line of the spec further down."""
    number = place.rpartition(":")[2]
    return tag("a", number, href=f"#L{number}") if number.isdecimal() else place


def _each(status: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [each for each in status.get(key) or [] if isinstance(each, dict)]


def _flat(measures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each number by its name; those of several models as `D.loss`; tables are left out."""
    for name, value in measures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            yield before + name, value
