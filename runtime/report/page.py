"""The page itself: which parts a report has, and in which order."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from ..dataset import Splits
from ..served import served
from .curves import course, curves
from .images import grids
from .markup import Part, note, section, tag
from .network import network
from .origin import files, settings, spec
from .overview import NAMED, expectations, findings, head, results
from .predictions import matrices, predictions
from .style import STYLE

CONSTANTS = ("EPOCHS", "STEPS", "BATCH", "SEED", "FOLDS")
# Even if something slipped through the quoting, a browser would neither run nor fetch it.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class Reported(Protocol):
    """What a report needs of a run: its folder, and its data where that was loaded."""

    @property
    def path(self) -> Path: ...

    @property
    def data(self) -> Splits | None: ...


def report(
    run: Reported, models: Mapping[str, nn.Module], package: str, status: Mapping[str, Any]
) -> str:
    """The text of the report, well-formed as HTML and as XML."""
    shown = course(run.path / "metrics.jsonl")
    name = package.rpartition(".")[2]
    sizes = run.data.sizes if run.data is not None else {}
    shares = ", ".join(f"{size:,} {NAMED.get(split, split)}" for split, size in sizes.items())
    facts = [f"{shares} records"] if sizes else []
    parts: list[Part] = [
        head(name, status, shown.epochs, facts),
        findings(status),
        tag("div", expectations(status), results(status), class_="abreast"),
        curves(shown, status),
        grids(run.path / "samples"),
        *_predicted(run, models, package, status),
        network(run.path / "summary.json", models),
        spec(run.path / "spec.dl"),
        settings(run.path, _constants(package)),
        files(run.path),
    ]
    top = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{name}: report of a run"),
        tag("style", STYLE),
    )
    return "<!DOCTYPE html>\n" + tag("html", top, tag("body", tag("main", *parts)), lang="en")


def _predicted(
    run: Reported, models: Mapping[str, nn.Module], package: str, status: Mapping[str, Any]
) -> list[Part]:
    """What the model predicts. A fault in it spoils this part of the page and no more."""
    training = status.get("training")
    measured = status.get("results") or {}
    if training is not None:
        measured = measured.get(training) or {}
    if run.data is None or not models or status.get("status") == "diverged":
        return matrices(measured)
    if find_spec(f"{package}.predict") is None:
        return matrices(measured)
    try:
        module = served(import_module(f"{package}.predict"), training)
        if module is None:
            return matrices(measured)
        return [*predictions(module, models, run.data, {**status, "results": measured})]
    except Exception as fault:  # the model is the author's, and the run itself went well
        said = f"No prediction could be shown: {type(fault).__name__}: {fault}"
        return [section("Predictions", note(said)), *matrices(measured)]


def _constants(package: str) -> dict[str, Any]:
    """What the generated training was told, where it is the one that ran."""
    module = sys.modules.get(f"{package}.train") or sys.modules.get("__main__")
    return {
        name.lower(): value
        for name in CONSTANTS
        if isinstance(value := getattr(module, name, None), int)
    }
