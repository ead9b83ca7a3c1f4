"""Files that appear whole or not at all, and how those that are there differ."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NAMES = tuple(
    f"{each}.py" for each in "__init__ model data train predict expect procedures".split()
)
PART = "# Part of dlc, SPDX-License-Identifier: Apache-2.0"
BEGINNING = 4000  # bytes by which a file of ours is known
SHOWN = 12  # lines of a difference


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
            for path in left_over(Path(fresh), files):
                path.unlink()
        for name, text in files.items():
            path = Path(fresh, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        _without_empty(Path(fresh, "runtime"))
        if os.path.isdir(target):
            os.rename(target, old)
        os.rename(fresh, target)
    except BaseException:
        if not os.path.exists(target) and os.path.exists(old):
            os.rename(old, target)
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _without_empty(folder: Path) -> None:
    """Remove what is left of a runtime whose files are gone."""
    if folder.is_dir():
        for each in (*folder.iterdir(), folder):
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()


def left_over(folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """Files in a folder that were emitted once and are no longer; those of others are not."""
    # What is emitted names its spec at once.
    emitted = [(folder / name, ".dl") for name in (*NAMES, *_members(folder))]
    parts = [(path, PART) for path in sorted((folder / "runtime").rglob("*.py"))]
    for path, sign in (*emitted, *parts, (folder / "requirements.txt", PART)):
        if path.relative_to(folder).as_posix() not in files and sign in _beginning(path):
            yield path


def _members(folder: Path) -> Iterator[str]:
    """The files that the folder's `train.py` and `predict.py` join: others have such names too."""
    for name in ("train", "predict"):
        joined = re.search(r"^from \. import (.*)$", _beginning(folder / f"{name}.py"), re.M)
        words = re.findall(r"\w+", joined[1]) if joined else []
        yield from (f"{word}.py" for word in words if word.startswith(f"{name}_"))


def _beginning(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(BEGINNING).decode("utf-8", "replace").replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not what would be written; `what` is missing, differs or left over.

    `lines` are those of a difference that tell it: `-` is there, `+` would be.
    """

    name: str
    what: str
    lines: tuple[str, ...] = ()


def differences(folder: str, files: Mapping[str, str]) -> list[Difference]:
    """The files that are missing, edited, stale, or no longer made, by name."""
    found = [
        Difference(path.relative_to(folder).as_posix(), "left over")
        for path in left_over(Path(folder), files)
    ]
    for name, text in files.items():
        try:
            there = Path(folder, name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            found.append(Difference(name, "missing"))
            continue
        except OSError as why:
            found.append(Difference(name, "differs", (why.strerror or str(why),)))
            continue
        if there != text.encode():
            found.append(Difference(name, "differs", _difference(there, text)))
    return sorted(found, key=lambda each: each.name)


def _difference(there: bytes, text: str) -> tuple[str, ...]:
    from difflib import unified_diff

    old = there.decode("utf-8", "replace")
    if old.replace("\r\n", "\n") == text:
        return ("its lines end in a carriage return",)
    compared = unified_diff(old.split("\n"), text.split("\n"), lineterm="", n=0)
    lines = [line for line in compared if not line.startswith(("---", "+++", "@@"))]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f"… {len(lines) - SHOWN} lines more"]
    # What somebody wrote there is shown, not obeyed: a terminal has its own commands.
    return tuple("".join(c if c.isprintable() else "?" for c in line) for line in lines)
