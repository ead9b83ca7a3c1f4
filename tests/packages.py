"""Specs compiled to packages that tests write, import and train."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dlc.compiler.diagnostics import to_text
from dlc.compiler.pipeline import Checked, Package, check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source

HOME = Path(__file__).parent.parent
GOLDEN = HOME / "tests" / "golden"
DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
# The folder of real data that a spec needs; all others bring theirs.
NEEDS = {
    "cats_dogs": "cats_dogs",
    "fashion": "fashion-mnist-subset",
    "gan": "mnist",
    "houses": "houses",
    "mnist": "mnist",
    "pets": "cats_dogs",
    "sentiment": "sentiment",
    "titanic": "tabular",
}
SPECS = sorted([*(HOME / "specs").glob("*.dl"), *GOLDEN.glob("*.dl")], key=lambda each: each.stem)


def with_data(spec: Path) -> Path:
    """The same spec; the test is skipped where its data is not at hand."""
    needed = NEEDS.get(spec.stem)
    if needed is not None and not (DATA / needed).is_dir():
        pytest.skip(f"DLC_DATA_DIR has no {needed}/")
    return spec


def checked(text: str, settings: Sequence[str] = (), name: str = "spec.dl") -> Checked:
    """What checking says of a text; a test that wants it right uses `package`."""
    return check(Source(name, text), settings)


def package(text: str, settings: Sequence[str] = (), name: str = "spec.dl") -> Package:
    """The package of a text in which nothing is wrong."""
    found = checked(text, settings, name)
    assert found.program is not None, "\n".join(map(to_text, found.diagnostics))
    return compiled(found.program, found.source)


@cache
def package_of(spec: Path) -> Package:
    """The package of a file in which nothing is wrong."""
    return package(spec.read_text(encoding="utf-8"), name=spec.name)


def written(made: Package, folder: Path) -> Path:
    """The package as a folder below `folder`."""
    home = folder / made.name
    home.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (home / name).write_text(text, encoding="utf-8", newline="\n")
    return home


def forget() -> None:
    """Let go of every compiled package: the next one may have the same name."""
    ours = {
        name
        for name, module in sys.modules.items()
        if isinstance(module, ModuleType) and (module.__doc__ or "").startswith("Compiled from ")
    }
    for name in [each for each in sys.modules if each.split(".")[0] in ours]:
        del sys.modules[name]


def imported(home: Path, module: str) -> Any:
    """A module of a written package, freshly imported."""
    forget()
    invalidate_caches()
    sys.path.insert(0, str(home.parent))
    try:
        return import_module(f"{home.name}.{module}")
    finally:
        sys.path.remove(str(home.parent))


def trained(home: Path, out: Path, data: Path, epochs: int = 2) -> tuple[int, Path]:
    """Train a written package for a few epochs: the exit code, and the folder of the run."""
    import torch

    module = imported(home, "train")
    module.EPOCHS = epochs
    threads = torch.get_num_threads()
    try:
        code = module.launch(module.train, out=str(out), spec_folder=str(data), quiet=True)
    finally:
        torch.set_num_threads(threads)
    (run,) = (out / home.name).iterdir()
    return code, run
