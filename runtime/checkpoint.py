"""Complete checkpoints of a training: two are kept, and a damaged one is never loaded.

A checkpoint appears whole under a number of its own; `newest.json`, which names the two newest
with their SHA-256, is switched after it. So at every moment one that is whole is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .artifacts import ArtifactError, load_tensors, save_tensors, write_json

__all__ = ["KEPT", "Checkpoints"]

KEPT = 2
FORMAT = 2  # of what `save` is given; a checkpoint of another one is refused


class Checkpoints:
    """The checkpoints in a folder, which is made when the first is saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer = folder / "newest.json"
        self._damaged: set[str] = set()

    def save(self, state: Mapping[str, Any]) -> None:
        """Add a checkpoint, of tensors, numbers and text in plain containers.

        Raises ArtifactError; the checkpoints before it are then as they were.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self._listed()
        number = 1 + max((int(each["file"][7:-3]) for each in before), default=0)
        path = self.folder / f"resume-{number:04}.pt"
        digest = save_tensors(path, {"format": FORMAT, **state})
        whole = [each for each in before if each["file"] not in self._damaged]
        kept = [{"file": path.name, "sha256": digest}, *whole][:KEPT]
        write_json(self.pointer, {"checkpoints": kept})
        self._tidy({each["file"] for each in kept})

    def load(self, warn: Callable[[str], None]) -> dict[str, Any] | None:
        """The newest checkpoint that is whole, on the CPU; None where none was ever saved.

        `warn` is told of one that is damaged. Raises ArtifactError where none is whole.
        """
        listed = self._listed()
        for each in listed:
            try:
                state = load_tensors(self.folder / each["file"], [each["sha256"]])
            except ArtifactError as fault:
                self._damaged.add(each["file"])
                if each is not listed[-1]:
                    warn(f"{fault.message} The checkpoint before it is taken.")
                continue
            if not isinstance(state, dict) or state.get("format") != FORMAT:
                raise self._unusable("was saved by another version of dlc")
            return state
        if listed:
            raise self._unusable("has no checkpoint that is whole")
        return None

    def sums(self) -> dict[str, str]:
        """The SHA-256 of each checkpoint that the folder names, by the name of its file."""
        return {each["file"]: each["sha256"] for each in self._listed()}

    def _listed(self) -> list[dict[str, str]]:
        """What the pointer names, newest first."""
        if not self.pointer.exists():
            return []
        try:
            found = json.loads(self.pointer.read_text(encoding="utf-8"))["checkpoints"]
            listed = [{name: str(each[name]) for name in ("file", "sha256")} for each in found]
            good = all(re.fullmatch(r"resume-\d{1,9}\.pt", each["file"]) for each in listed)
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise self._unusable("names no checkpoints: its `newest.json` is damaged") from fault
        if not good:
            raise self._unusable("names no checkpoints: its `newest.json` is damaged")
        return listed

    def _tidy(self, kept: set[str]) -> None:
        """Remove what is not named any more, and what killed processes left half-written."""
        for path in [*self.folder.glob("resume-*.pt"), *self.folder.glob(".resume-*.part")]:
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _unusable(self, why: str) -> ArtifactError:
        return ArtifactError(
            f"The run cannot be resumed: {self.folder} {why}.",
            "Start a new run, without --resume.",
            str(self.folder),
        )
