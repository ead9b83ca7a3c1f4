"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping


def replace_file(path: str, text: str) -> None:
    """Write a text file through a temporary name beside it; a link keeps pointing where it does."""
    target = os.path.realpath(path)
    folder = os.path.dirname(target) or "."
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".dlc-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def replace_folder(folder: str, files: Mapping[str, str]) -> None:
    """Give a folder these files, all or none; files that are not ours stay.

    The new folder is complete under a temporary name before it takes the place of the old one.
    """
    target = os.path.realpath(folder)
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    fresh = tempfile.mkdtemp(dir=parent, prefix=".dlc-")
    old = f"{fresh}-old"
    try:
        os.chmod(fresh, 0o755)
        if os.path.isdir(target):
            shutil.copytree(
                target, fresh, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
            for name in OURS - set(files):
                if os.path.exists(os.path.join(fresh, name)):
                    os.unlink(os.path.join(fresh, name))
        for name, text in files.items():
            with open(os.path.join(fresh, name), "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        if os.path.isdir(target):
            os.rename(target, old)
        os.rename(fresh, target)
    except BaseException:
        if not os.path.exists(target) and os.path.exists(old):
            os.rename(old, target)
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


OURS = {"__init__.py", "model.py", "data.py", "train.py", "predict.py", "expect.py"}


def differences(folder: str, files: Mapping[str, str]) -> list[str]:
    """The names of files that are missing, edited, or no longer made."""
    stale = [name for name in OURS - set(files) if os.path.exists(os.path.join(folder, name))]
    for name, text in files.items():
        try:
            with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                same = file.read() == text
        except (OSError, UnicodeDecodeError):
            same = False
        if not same:
            stale.append(name)
    return sorted(stale)
