"""What the template of `train.py` sees, whatever kind of training it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .names import imported


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function that stands before `train`: every line is ready."""

    signature: str
    summary: str
    body: tuple[str, ...]
    learns: bool = False


@dataclass(frozen=True, slots=True)
class TrainFile:
    """The parts of `train.py`, from top to bottom."""

    title: str
    summary: str
    imports: tuple[str, ...]
    data: str
    models: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[FunctionText, ...]
    gives: str
    setup: tuple[str, ...]
    epochs: str
    before: tuple[str, ...]
    unpacked: str
    batches: str
    step: tuple[str, ...]
    after: tuple[str, ...]
    finish: tuple[str, ...]
    returned: str


def import_lines(imports: Mapping[str, set[str]], lines: Sequence[str]) -> tuple[str, ...]:
    """The imports of a file that holds these lines."""
    given = dict(imports)
    plain = []
    standard = {"math": given.pop("math")} if "math" in given else {}
    if any("torch." in line for line in lines):
        plain.append("import torch")
    if any("F." in line for line in lines):
        plain.append("import torch.nn.functional as F")
    last: dict[str, set[str]] = {}
    for module in ("torch", "torch.nn"):
        if module in given:
            last[module] = given.pop(module)
    found = [*plain, *imported(given), *imported(last)]
    return (*imported(standard), *([""] if standard and found else []), *found)
