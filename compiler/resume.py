"""Which run `--resume` goes on with, and whether it is still the same training."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .execute import NoRun, package_in
from .plan.names import folder as package_name
from .read import read_source

FINISHED = ("done", "expectations failed")


class Refused(Exception):
    """The run cannot go on as asked; the text says why, `help` what to do instead."""

    def __init__(self, why: str, help: str) -> None:
        super().__init__(why)
        self.help = help


@dataclass(frozen=True, slots=True)
class Resumed:
    """A run that goes on: its folder, its package, and its status, if it has come to one."""

    folder: str
    name: str
    status: dict[str, Any]

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self.status.get("status") in FINISHED


def resumed(wanted: str, spec: str | None, settings: Sequence[str], out: str) -> Resumed | None:
    """The run in the folder `wanted`, or with "" the newest of `spec` below `out`.

    None where the newest has saved nothing, or there is none. Raises Refused where the spec or the
    settings, if any are given, are not the run's own, and where nothing can come of it.
    """
    folder = wanted or _newest(spec or "", out)
    if folder is None:
        return None
    try:
        name = package_in(folder, "train")
    except NoRun as why:
        raise Refused(str(why), "name a folder below runs/, or leave it out") from None
    if not _saved(folder):
        raise Refused(
            f"{folder} has no checkpoint to go on from",
            f"start a new run: `dlc run {spec or os.path.join(folder, 'spec.dl')}`",
        )
    if spec is not None:
        _same_spec(folder, spec)
    _same_settings(folder, settings)
    status = _json(os.path.join(folder, "status.json"))
    if status.get("status") == "diverged":
        raise Refused(
            f"the training in {folder} diverged, and would again",
            "change the spec, say its `lr`, and start a new run without --resume",
        )
    return Resumed(folder, name, status)


def _newest(spec: str, out: str) -> str | None:
    """The newest run of a spec, if it has saved anything."""
    runs = os.path.join(out, package_name(os.path.splitext(os.path.basename(spec))[0]))
    names = sorted(os.listdir(runs)) if os.path.isdir(runs) else []
    folder = os.path.join(runs, names[-1]) if names else ""
    return folder if _saved(folder) else None


def _saved(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "checkpoints", "newest.json"))


def _same_spec(folder: str, spec: str) -> None:
    saved = os.path.join(folder, "spec.dl")
    if not os.path.exists(saved):
        return
    before, now = (read_source(path, lambda _: None) for path in (saved, spec))
    if before is None or now is None or before.text != now.text:
        raise Refused(
            f"{spec} is not the spec that {folder} was started with",
            f"start a new run: `dlc run {spec}`; or go on with the old spec: "
            f"`dlc run --resume {folder}`",
        )


def _same_settings(folder: str, settings: Sequence[str]) -> None:
    saved = _json(os.path.join(folder, "overrides.json"))
    given = dict(setting.partition("=")[::2] for setting in settings)
    if given and given != saved:
        before = " ".join(f"--set {name}={value}" for name, value in saved.items())
        raise Refused(
            f"{folder} was started {f'with {before}' if before else 'without --set'}",
            "leave --set out to go on, or start a new run without --resume",
        )


def _json(path: str) -> dict[str, Any]:
    """The object in a file; nothing where the file is missing or was cut off."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
