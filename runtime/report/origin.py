"""Where a result comes from: the spec, what was set, what it ran on, and the files of the run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .markup import Markup, Part, figure, joined, note, section, table, tag

FILES = 200  # listed at most
LINES = 5000  # of a spec
COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|(#.*)')


def spec(path: Path) -> Markup | None:
    """The spec with its lines numbered, each to be linked to as `#L7`."""
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    listed = tag(
        "ol",
        *(
            tag("li", tag("code", _line(line)), id=f"L{n}")
            for n, line in enumerate(lines[:LINES], 1)
        ),
        class_="spec",
        style=f"--digits:{len(str(len(lines)))}",
    )
    more = note(f"The first {LINES:,} of {len(lines):,} lines.") if len(lines) > LINES else None
    return section("Spec", listed, more)


def settings(folder: Path, constants: Mapping[str, Any]) -> Markup | None:
    """What the command line set, what the training was told, and what it ran on."""
    groups = {
        "Set on the command line": _object(folder / "overrides.json"),
        "Training": constants,
        "Environment": _object(folder / "env.json"),
    }
    shown = [
        tag("div", tag("h3", title), _pairs(values)) for title, values in groups.items() if values
    ]
    return section("Settings", tag("div", *shown, class_="groups")) if shown else None


def files(folder: Path) -> Markup | None:
    """The files of a run with links to them, but for the report itself."""
    found = sorted(_inside(folder, ""), key=lambda each: (each[0].count("/"), each[0]))
    if not found:
        return None
    rows = [(tag("a", name, href=quote(name)), _bytes(size)) for name, size in found[:FILES]]
    more = note(f"The first {FILES} of {len(found):,} files.") if len(found) > FILES else None
    return section("Files", table(("file", "size"), rows, "cn"), more)


def _line(text: str) -> Part:
    """A line of the spec with its comment set apart."""
    for found in COMMENT.finditer(text):
        if found[1] is not None:
            return joined([text[: found.start()], tag("i", found[1])])
    return text or "\u200b"


def _pairs(values: Mapping[str, Any]) -> Markup:
    parts: list[Part] = []
    for name, value in values.items():
        shown = figure(value) if isinstance(value, float) else value
        text = shown if isinstance(shown, str | int) else json.dumps(shown)
        parts += [tag("dt", name), tag("dd", str(text))]
    return tag("dl", *parts, class_="pairs")


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _inside(folder: Path, before: str) -> Iterator[tuple[str, int]]:
    """Each file's path below the run, and its bytes; hidden files and caches are left out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "__pycache__")) or entry.name == "report.html":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _inside(Path(entry.path), f"{before}{entry.name}/")
            else:
                yield before + entry.name, entry.stat(follow_symlinks=False).st_size


def _bytes(size: int) -> str:
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if size >= 10**power:
            return f"{size / 10**power:.1f} {unit}"
    return f"{size} B"
