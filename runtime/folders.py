"""Folders: where runs lie, and where data is looked for."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path


def new_run_folder(out: Path, package: Path) -> Path:
    """A fresh folder `out/<package>/<time>-<hash>` with a copy of the package that runs in it."""
    path = out / package.name / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    generated = path / "generated" / package.name
    generated.mkdir(parents=True)
    for file in sorted(package.glob("*.py")):
        shutil.copyfile(file, generated / file.name)
    return path


def search_folders(spec_folder: str | None, data: Sequence[str]) -> tuple[Path, ...]:
    """The spec's folder, the working directory, DLC_DATA_DIR, and what `--data` named."""
    named = [spec_folder, os.getcwd(), os.environ.get("DLC_DATA_DIR"), *data]
    return tuple(dict.fromkeys(Path(folder).absolute() for folder in named if folder))
