"""Folders: where runs lie, and where data is looked for."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def new_run_folder(out: Path, module: Mapping[str, Any]) -> Path:
    """A fresh folder `out/<package>/<time>-<hash>` with a copy of the package that runs in it.

    `module` are the globals of a module of the package, which may be one that is held in memory.
    """
    package = Path(str(module["__file__"])).parent
    # What `dlc.compiler.hook` has imported has its text in its loader.
    held = getattr(module.get("__loader__"), "files", None)
    name = str(module["__package__"]).rpartition(".")[2] if held else package.name
    path = out / name / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    generated = path / "generated" / name
    generated.mkdir(parents=True)
    for file, text in (held or {}).items():
        (generated / file).write_text(text, encoding="utf-8", newline="\n")
    for found in sorted([*package.glob("*.py"), *package.glob("runtime/**/*.py")]):
        copy = generated / found.relative_to(package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, copy)
    return path


def search_folders(spec_folder: str | None, data: Sequence[str]) -> tuple[Path, ...]:
    """The spec's folder, the working directory, DLC_DATA_DIR, and what `--data` named."""
    named = [spec_folder, os.getcwd(), os.environ.get("DLC_DATA_DIR"), *data]
    return tuple(dict.fromkeys(Path(folder).absolute() for folder in named if folder))
