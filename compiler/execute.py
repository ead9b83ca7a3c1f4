"""Run folders, and handing over to the generated package that trains and predicts in them."""

from __future__ import annotations

import gc
import json
import os
import secrets
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .pipeline import Package
from .plan.names import folder as package_name
from .write import replace_file, replace_folder


class NoRun(Exception):
    """There is no run of that name, or none for this; `help` is something to do."""

    def __init__(self, message: str, help: str = "train first: `dlc run SPEC`") -> None:
        super().__init__(message)
        self.help = help


def new_run(
    out: str, package: Package, text: str, settings: Sequence[str], summaries: Sequence[object]
) -> str:
    """A fresh folder `out/<spec>/<time>-<hash>` with spec, overrides, generated code, summaries."""
    stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = os.path.join(out, package.name, stamp)
    replace_folder(os.path.join(folder, "generated", package.name), package.files)
    replace_file(os.path.join(folder, "spec.dl"), text)
    pairs = dict(setting.split("=", 1) for setting in settings)
    replace_file(os.path.join(folder, "overrides.json"), json.dumps(pairs, indent=2) + "\n")
    lines = "".join(json.dumps(each) + "\n" for each in summaries)
    replace_file(os.path.join(folder, "summary.json"), lines)
    return folder


def trained(folder: str, name: str, **options: Any) -> int:
    """Train with the generated package of a run folder; gives the exit code."""
    return _launched(folder, name, "train", ("train",), options)


def predicted(folder: str, name: str, **options: Any) -> int:
    """Predict with the generated package of a run folder; gives the exit code."""
    return _launched(folder, name, "predict", ("build", "predict"), options)


def evaluated(folder: str, name: str, **options: Any) -> int:
    """Measure a split with the generated package of a run folder; gives the exit code."""
    predict = _loaded(folder, f"{name}.predict")
    train = import_module(f"{name}.train")
    # The runtime that the package itself imports.
    runtime = import_module("dlc.runtime.evaluate")
    measure = getattr(train, "evaluate", None)
    folds = getattr(train, "FOLDS", None)
    code: int = runtime.launch_evaluation(
        predict.build, measure, run=folder, folds=folds, **options
    )
    return code


def _launched(
    folder: str, name: str, module: str, functions: tuple[str, ...], options: dict[str, Any]
) -> int:
    loaded = _loaded(folder, f"{name}.{module}")
    code: int = loaded.launch(*(getattr(loaded, each) for each in functions), run=folder, **options)
    return code


def _loaded(folder: str, module: str) -> Any:
    """A module of the generated package of a run folder."""
    sys.path.insert(0, os.path.join(os.path.abspath(folder), "generated"))
    # What torch makes while it loads lives as long as the process: collecting it is time lost.
    gc.disable()
    loaded: Any = import_module(module)
    gc.enable()
    gc.freeze()
    return loaded


def find_run(text: str, out: str) -> tuple[str, str]:
    """The folder of a run and the name of its package; a spec means its newest run."""
    if os.path.isdir(os.path.join(text, "generated")):
        return text, package_in(text, "predict")
    if os.path.isdir(text):
        raise NoRun(f"`{text}` is no run folder: it has no generated code")
    stem = os.path.splitext(os.path.basename(text))[0]
    runs = os.path.join(out, package_name(stem))
    found = sorted(os.listdir(runs)) if os.path.isdir(runs) else []
    for name in reversed(found):
        folder = os.path.join(runs, name)
        if os.path.exists(os.path.join(folder, "checkpoints", "last.pt")):
            return folder, package_in(folder, "predict")
    raise NoRun(f"`{text}` is no run folder, and `{runs}` holds no finished run of it")


def package_in(folder: str, module: str) -> str:
    """The name of the one package of a run folder, which has such a module."""
    generated = os.path.join(folder, "generated")
    names = [
        name
        for name in (sorted(os.listdir(generated)) if os.path.isdir(generated) else [])
        if os.path.exists(os.path.join(generated, name, f"{module}.py"))
    ]
    if not names and module == "predict" and os.path.isdir(os.path.join(folder, "checkpoints")):
        raise NoRun(
            f"`{folder}` trained models in steps, and none of them is said to predict a field",
            "look at its samples and at what its `expect` block measured",
        )
    if len(names) != 1:
        raise NoRun(f"`{folder}` is no run folder: it has no generated code to {module}")
    return names[0]
