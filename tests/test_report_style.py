"""The look of a report: every class is styled, in every scheme, and can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.report.curves import COLOURS
from dlc.runtime.report.style import STYLE
from dlc.runtime.sources import Literal
from PIL import Image
from reported import Made, Page, epochs, lines, package, report
from torch import nn

CLASSES = set(re.findall(r"\.([a-z]\w*)", re.sub(r"\{[^{}]*\}", "{}", STYLE)))


def schemes() -> dict[str, dict[str, str]]:
    """The colours by name: of the light, the dark, and the printed page."""
    found = [
        dict(re.findall(r"--(\w+): (#\w{6});", each))
        for each in re.findall(r":root \{(.*?)\}", STYLE, re.S)
    ]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def pages(tmp_path: Path) -> list[Page]:
    """Pages that have every kind of part between them."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 9, (60, 1, 5, 5)).tolist()
    numbers = draw.normal(size=60)
    columns: dict[str, Any] = {
        "image": images,
        "x": numbers.tolist(),
        "y": (2 * numbers).tolist(),
        "label": draw.integers(0, 3, 60).tolist(),
    }
    (tmp_path / "samples").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "samples" / "epoch-0001.png")
    (tmp_path / "spec.dl").write_text("# a spec\nparam a = 1\n")
    (tmp_path / "env.json").write_text('{"cores": 2}')
    lines(tmp_path, [*epochs(3, fold=1), *epochs(3)])
    status = {
        "status": "expectations failed",
        "best": {"epoch": 2, "on": "validation.loss"},
        "results": {"test": {"loss": 1.0}},
        "findings": [{"what": "Something.", "help": "Do it."}],
        "expectations": [{"expect": "a", "holds": True}, {"expect": "b", "holds": False}],
    }
    torch.manual_seed(0)
    found: list[Page] = []
    for source, target, width in (("image", "label", 3), ("x", "y", 1), ("y", "label", 3)):
        fields = {
            "image": Field("image", shape=(1, 5, 5)),
            "x": Field("x", shape=(1,)),
            "y": Field("y", shape=(1,)),
            "label": Field("label", labels=("a", "b", "c")),
        }
        data = Dataset(Literal(**columns), {name: fields[name] for name in (source, target)})
        model = nn.Sequential(nn.Flatten(), nn.LazyLinear(width))
        name = package(tmp_path, (source,), {"out": target}, "abc" if target == "label" else ())
        found.append(report(Made(tmp_path, data.load([])), {"model": model}, name, status))
    found.append(report(Made(tmp_path), status={"status": "done"}))
    return found


def test_every_class_on_a_page_is_styled_and_every_style_is_used(pages: list[Page]) -> None:
    used = {each for page in pages for value in page.values("class") for each in value.split()}
    # `true` lines stand below wrong pictures; the later colours are of further lines.
    later = {f"c{number}" for number in range(1, COLOURS + 1)}
    assert used - later <= CLASSES
    assert CLASSES - later <= used


def test_each_colour_of_a_line_is_defined() -> None:
    for number in range(1, COLOURS + 1):
        for kind in ("line", "point", "key"):
            assert f".{kind}.c{number} " in STYLE


def test_each_scheme_defines_every_colour_that_is_used() -> None:
    used = set(re.findall(r"var\(--(\w+)\)", STYLE))
    for name, colours in schemes().items():
        assert set(colours) == used, name


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("paper", ["paper", "tint"])
@pytest.mark.parametrize("ink", ["ink", "soft", "good", "bad", "blue"])
def test_text_can_be_read(scheme: str, paper: str, ink: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[ink], colours[paper]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_lines_can_be_seen_and_told_from_each_other(scheme: str) -> None:
    colours = schemes()[scheme]
    drawn = [colours[f"c{number}"] for number in range(1, COLOURS + 1)]
    assert all(contrast(each, colours["paper"]) >= 2.9 for each in drawn)
    assert len(set(drawn)) == COLOURS


def test_printing_follows_the_dark_scheme_so_that_paper_stays_white() -> None:
    assert STYLE.index("prefers-color-scheme: dark") < STYLE.index("@media print")
    assert schemes()["print"]["paper"] == "#ffffff"


def test_the_style_is_text_for_html_and_xml_alike() -> None:
    assert not set(STYLE) & set("<&")
    assert STYLE.count("{") == STYLE.count("}")
