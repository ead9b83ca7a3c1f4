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
    """There is no run of that name; the text says where was looked."""


def new_run(out: str, package: Package, text: str, settings: Sequence[str]) -> str:
    """A fresh folder `out/<spec>/<time>-<hash>` with spec, overrides and generated code."""
    stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = os.path.join(out, package.name, stamp)
    replace_folder(os.path.join(folder, "generated", package.name), package.files)
    replace_file(os.path.join(folder, "spec.dl"), text)
    pairs = dict(setting.split("=", 1) for setting in settings)
    replace_file(os.path.join(folder, "overrides.json"), json.dumps(pairs, indent=2) + "\n")
    return folder


def trained(folder: str, name: str, **options: Any) -> int:
    """Train with the generated package of a run folder; gives the exit code."""
    return _launched(folder, name, "train", ("train",), options)


def predicted(folder: str, name: str, **options: Any) -> int:
    """Predict with the generated package of a run folder; gives the exit code."""
    return _launched(folder, name, "predict", ("build", "predict"), options)


def _launched(
    folder: str, name: str, module: str, functions: tuple[str, ...], options: dict[str, Any]
) -> int:
    sys.path.insert(0, os.path.join(os.path.abspath(folder), "generated"))
    # What torch makes while it loads lives as long as the process: collecting it is time lost.
    gc.disable()
    loaded: Any = import_module(f"{name}.{module}")
    gc.enable()
    gc.freeze()
    code: int = loaded.launch(*(getattr(loaded, each) for each in functions), run=folder, **options)
    return code


def find_run(text: str, out: str) -> tuple[str, str]:
    """The folder of a run and the name of its package; a spec means its newest run."""
    if os.path.isdir(os.path.join(text, "generated")):
        return text, _package(text)
    if os.path.isdir(text):
        raise NoRun(f"`{text}` is no run folder: it has no generated code")
    stem = os.path.splitext(os.path.basename(text))[0]
    runs = os.path.join(out, package_name(stem))
    found = sorted(os.listdir(runs)) if os.path.isdir(runs) else []
    for name in reversed(found):
        folder = os.path.join(runs, name)
        if os.path.exists(os.path.join(folder, "checkpoints", "last.pt")):
            return folder, _package(folder)
    raise NoRun(f"`{text}` is no run folder, and `{runs}` holds no finished run of it")


def _package(folder: str) -> str:
    generated = os.path.join(folder, "generated")
    names = [
        name
        for name in sorted(os.listdir(generated))
        if os.path.exists(os.path.join(generated, name, "predict.py"))
    ]
    if len(names) != 1:
        raise NoRun(f"`{generated}` holds no package that predicts")
    return names[0]
