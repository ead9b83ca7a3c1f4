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
from .read import Unimportable
from .write import replace_file, replace_folder

OUTSIDE = "outside.json"


class NoRun(Exception):
    """There is no run of that name, or none for this; `help` is something to do."""

    def __init__(self, message: str, help: str = "train first: `dlc run SPEC`") -> None:
        super().__init__(message)
        self.help = help


def new_run(
    out: str,
    package: Package,
    text: str,
    settings: Sequence[str],
    summaries: Sequence[object],
    base: str = "",
) -> str:
    """A fresh folder `out/<spec>/<time>-<hash>` with spec, overrides, generated code, summaries.

    `places.json` tells for errors at run time where in the spec lines of the code come from,
    `outside.json` what the code imports as a person allowed, and where that may be: where Python
    finds it, in the folder `base` of the spec, and in the working directory.
    """
    stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    folder = os.path.join(out, package.name, stamp)
    replace_folder(os.path.join(folder, "generated", package.name), package.files)
    replace_file(os.path.join(folder, "places.json"), json.dumps(package.places, indent=1) + "\n")
    if package.outside:
        names = sorted({each for places in package.outside.values() for each in places})
        known = {"names": names, "folders": [os.path.abspath(base), os.getcwd()]}
        replace_file(os.path.join(folder, OUTSIDE), json.dumps(known, indent=2) + "\n")
    replace_file(os.path.join(folder, "spec.dl"), text)
    pairs = dict(setting.split("=", 1) for setting in settings)
    replace_file(os.path.join(folder, "overrides.json"), json.dumps(pairs, indent=2) + "\n")
    lines = "".join(json.dumps(each) + "\n" for each in summaries)
    replace_file(os.path.join(folder, "summary.json"), lines)
    return folder


def trained(folder: str, name: str, **options: Any) -> int:
    """Train with the generated package of a run folder; gives the exit code."""
    loaded = _loaded(folder, f"{name}.train")
    code: int = loaded.launch(loaded.train, run=folder, **options)
    return code


def predicted(folder: str, name: str, wanted: str | None = None, **options: Any) -> int:
    """Predict with the generated package of a run folder; gives the exit code.

    `wanted` is a model or a declared prediction; NoRun where there is none of that name.
    """
    loaded = _chosen(_loaded(folder, f"{name}.predict"), folder, wanted)
    code: int = loaded.launch(loaded.build, loaded.predict, run=folder, **options)
    return code


def evaluated(folder: str, name: str, wanted: str | None = None, **options: Any) -> int:
    """Measure a split with the generated package of a run folder; gives the exit code.

    `wanted` is a model; NoRun where there is none of that name.
    """
    predict = _chosen(_loaded(folder, f"{name}.predict"), folder, wanted, measured=True)
    training = getattr(predict, "TRAINING", None)
    train = import_module(f"{name}.train_{training}" if training else f"{name}.train")
    # The runtime that the package itself imports.
    runtime = import_module("dlc.runtime.evaluate")
    measure = getattr(train, "evaluate", None)
    folds = getattr(train, "FOLDS", None)
    code: int = runtime.launch_evaluation(
        predict.build, measure, run=folder, folds=folds, training=training, **options
    )
    return code


def _chosen(loaded: Any, folder: str, wanted: str | None, measured: bool = False) -> Any:
    """What predicts with the one that is wanted: without a name the last, which is a model if any.

    With `measured` a declared prediction will not do where there is a model.
    """
    several = getattr(loaded, "PREDICTIONS", None)
    if several is None:
        built = getattr(loaded.build.__annotations__.get("return"), "__name__", None)
        names = {getattr(loaded, "NAME", built), getattr(loaded, "MODEL", built)}
        if wanted is None or wanted in names:
            return loaded
        raise NoRun(f"`{folder}` has no `{wanted}` to ask", "it has one alone: leave out --model")
    models = {name: each for name, each in several.items() if hasattr(each, "TARGETS")}
    known = models if measured and models else several
    if wanted is not None and wanted not in known:
        what = "measure" if measured else "ask"
        raise NoRun(f"`{folder}` has no `{wanted}` to {what}", f"there is: {', '.join(known)}")
    return known[wanted if wanted is not None else [*known][-1]]


def _loaded(folder: str, module: str) -> Any:
    """A module of the generated package of a run folder."""
    sys.path.insert(0, os.path.join(os.path.abspath(folder), "generated"))
    if os.path.exists(os.path.join(folder, OUTSIDE)):
        _import_outside(folder)
    # What torch makes while it loads lives as long as the process: collecting it is time lost.
    gc.disable()
    loaded: Any = import_module(module)
    gc.enable()
    gc.freeze()
    return loaded


def _import_outside(folder: str) -> None:
    """Import what a person allowed before the code that needs it, so that a fault is told apart."""
    with open(os.path.join(folder, OUTSIDE), encoding="utf-8") as file:
        known = json.load(file)
    places = dict.fromkeys([*known["folders"], os.getcwd()])
    # Behind all others: what lies there must not hide what is installed.
    sys.path += [place for place in places if place not in sys.path]
    for each in known["names"]:
        module, _, name = each.partition(":")
        try:
            if not hasattr(import_module(module), name):
                raise AttributeError(f"it has no `{name}`")
        except Exception as why:
            absent = isinstance(why, ModuleNotFoundError) and module.startswith(str(why.name))
            searched = " and ".join(places)
            raise Unimportable(
                f"`{each}` cannot be imported: {type(why).__name__}: {why}",
                f"install it, or put it into {searched}" if absent else f"look at `{module}`",
            ) from why


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
            "write a `predict` block that calls them, and train anew; or look at its samples",
        )
    if len(names) != 1:
        raise NoRun(f"`{folder}` is no run folder: it has no generated code to {module}")
    return names[0]
