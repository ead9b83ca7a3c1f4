"""The numbers at the top of a generated `train.py`, which its command line may have changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["fault", "given", "restore"]

SIZES = ("EPOCHS", "STEPS", "BATCH")
ASSIGNED = re.compile(r"^([A-Z]+) = (-?\d[\d_]*)(?=\s|$)", re.MULTILINE)


def fault(home: Mapping[str, Any]) -> str:
    """Why nothing can be trained under the constants of a module, as a sentence; else ""."""
    for name in SIZES:
        value = home.get(name)
        if isinstance(value, int) and value < 1:
            return f"`{name.lower()}` is {value}, and nothing is trained."
    return ""


def given(home: Mapping[str, Any]) -> dict[str, int]:
    """The constants of a module that are not what its file says: a command line gave them."""
    try:
        text = Path(str(home["__file__"])).read_text(encoding="utf-8")
    except (OSError, KeyError):
        return {}
    written = {name: int(value) for name, value in ASSIGNED.findall(text)}
    values = {name: home.get(name) for name in written}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int) and value != written[name]
    }


def restore(home: dict[str, Any], run: Path) -> None:
    """Let the constants be those that a run was given: with others it would be another run."""
    try:
        found = json.loads((run / "env.json").read_text(encoding="utf-8"))["given"]
        numbers = {name: value for name, value in found.items() if isinstance(value, int)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    home.update({name: value for name, value in numbers.items() if isinstance(home.get(name), int)})
