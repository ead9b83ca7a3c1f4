"""Runs made by hand for tests of the report, and the report taken apart again."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import invalidate_caches
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dlc.runtime.dataset import Splits
from dlc.runtime.report import write_report
from torch import nn

SVG = "{http://www.w3.org/2000/svg}"
EMPTY = {"meta", "img", "rect", "circle", "line", "path"}
PREDICT = """\
from dlc.runtime.predict import classes, numbers, rows
INPUTS = {inputs!r}
TARGETS = {targets!r}
LABELS = {labels!r}
def build() -> None: ...
def decode(*outputs):
    return rows({{
        name: {form} for name, each in zip(TARGETS, outputs)
    }})
"""
LABELLED = "classes(each.softmax(1), LABELS)"
NUMBERED = "numbers(each)"


@dataclass
class Made:
    """What a report needs of a run."""

    path: Path
    data: Splits | None = None


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it, and as strict XML."""

    text: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()
        assert self.open == []
        assert self.text.startswith("<!DOCTYPE html>\n")
        self.tree = ElementTree.fromstring(self.text.removeprefix("<!DOCTYPE html>\n"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in EMPTY, f"<{tag}/> leaves its element open in HTML"
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.said.append(data)

    @property
    def words(self) -> str:
        """All text of the page, as a person reads it."""
        return " ".join(self.said)

    def section(self, title: str) -> ElementTree.Element:
        """The part of the page under a heading."""
        (found,) = (each for each in self.tree.iter("section") if each.findtext("h2") == title)
        return found

    @property
    def sections(self) -> list[str]:
        """The headings, in their order."""
        return [each.findtext("h2", "") for each in self.tree.iter("section")]

    def rows(self, title: str, number: int = 0) -> list[list[str]]:
        """The cells of a table in a section, without its head."""
        table = list(self.section(title).iter("table"))[number]
        return [
            ["".join(cell.itertext()) for cell in row]
            for row in table.iter("tr")
            if row.find("td") is not None
        ]

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute on the page."""
        return [found for _, attrs in self.tags if (found := attrs.get(attribute)) is not None]


def package(
    folder: Path,
    inputs: tuple[str, ...],
    targets: Mapping[str, str],
    labels: Iterable[str] = (),
    form: str = "",
) -> str:
    """The name of a fresh package in `folder` with a module that predicts."""
    name = f"made_{secrets.token_hex(6)}"
    home = folder / "generated" / name
    home.mkdir(parents=True)
    names = tuple(labels)
    text = PREDICT.format(
        inputs=inputs,
        targets=dict(targets),
        labels=names,
        form=form or (LABELLED if names else NUMBERED),
    )
    (home / "__init__.py").write_text("")
    (home / "predict.py").write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder / "generated"))
    invalidate_caches()
    return name


def lines(folder: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """`metrics.jsonl` with one object a line."""
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (folder / "metrics.jsonl").write_text(text, encoding="utf-8")


def report(
    run: Made,
    models: Mapping[str, nn.Module] | None = None,
    name: str = "absent_package",
    status: Mapping[str, Any] | None = None,
) -> Page:
    """The report of a run, written and read again."""
    write_report(run, models or {}, name, status or {"status": "done"})
    return Page((run.path / "report.html").read_text(encoding="utf-8"))


def epochs(count: int, **more: Any) -> list[dict[str, Any]]:
    """A training that gets better to its middle and worse from there on the validation split."""
    return [
        {
            "epoch": epoch,
            "train": {"loss": 2.0**-epoch},
            "validation": {"loss": 1 + abs(epoch - count // 2), "accuracy": epoch / count},
            **more,
        }
        for epoch in range(1, count + 1)
    ]
