"""What each optimizer keeps for a weight: tensors of the weight's size, and single numbers.

Source: `state_dict()["state"]` of torch's optimizers after a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

NUMBER = 4  # bytes of a single number, such as the count of steps


@dataclass(frozen=True, slots=True)
class State:
    """`tensors` as large as the weight, `numbers` beside it; `where` an argument asks for more."""

    tensors: int
    numbers: int = 1
    where: tuple[str, ...] = ()


STATES = {
    "SGD": State(0, 0, where=("momentum",)),
    "Adam": State(2, where=("amsgrad",)),
    "AdamW": State(2, where=("amsgrad",)),
    "RMSprop": State(1, where=("momentum", "centered")),
    "Adagrad": State(1),
    "Adadelta": State(2),
    "Adamax": State(2),
    "NAdam": State(2, 2),
    "RAdam": State(2),
    "ASGD": State(1, 3),
    "Rprop": State(2),
    "Adafactor": State(1),
    "Muon": State(1, 0),
}


def state_bytes(
    name: str, arguments: Mapping[str, Any], shape: tuple[int, ...], width: int = 4
) -> int:
    """The bytes that the optimizer keeps for a weight whose numbers are `width` bytes wide."""
    state = STATES[name]
    count = prod(shape)
    if name == "Adafactor" and len(shape) > 1:
        # Sums over rows and over columns in the place of every weight.
        count = count // shape[-1] + count // shape[-2]
    tensors = state.tensors + sum(bool(arguments.get(each)) for each in state.where)
    return count * width * tensors + state.numbers * NUMBER
