"""What a checkpoint holds of the parts of a training, and how it is given back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import nan
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .artifacts import ArtifactError, finite
from .dataset import Splits
from .errors import DataError

__all__ = [
    "Stateful",
    "conditions",
    "difference",
    "fitted",
    "give_back",
    "gradients",
    "lines",
    "put_gradients",
]


class Stateful(Protocol):
    """What a checkpoint can hold: a module, an optimizer, a schedule."""

    def state_dict(self) -> Mapping[str, Any]:
        """Everything that changes, in plain containers."""

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Take it back."""


def give_back(saved: Mapping[str, Any], data: Splits, parts: Mapping[str, Stateful]) -> None:
    """Give every part the state that it had; a DataError where data or parts are not the same."""
    if saved["fitted"] != fitted(data):
        raise DataError(
            "The data is not what this run began with: its records or what its steps learn of "
            "them have changed.",
            "Bring the old data back, or start a new run, without --resume.",
        )
    try:
        for name, part in parts.items():
            part.load_state_dict(saved["parts"][name])
    except (KeyError, RuntimeError, ValueError, AttributeError) as why:
        raise ArtifactError(
            f"What was saved does not fit the code of the run: {why}.",
            "Start a new run, without --resume.",
        ) from why


def fitted(data: Splits) -> str:
    """The sizes of the splits, and what the data steps learned: equal text for equal data."""
    return json.dumps(finite([data.sizes, data.dataset.state()]), sort_keys=True)


def gradients(models: Mapping[str, nn.Module]) -> dict[str, dict[str, Tensor]]:
    """The gradients that there are, which the next batch may add to."""
    return {
        part: {
            name: parameter.grad
            for name, parameter in model.named_parameters()
            if parameter.grad is not None
        }
        for part, model in models.items()
    }


def put_gradients(
    models: Mapping[str, nn.Module], saved: Mapping[str, Mapping[str, Tensor]]
) -> None:
    """Let each parameter have the gradient that it had."""
    for part, model in models.items():
        for name, parameter in model.named_parameters():
            found = saved.get(part, {}).get(name)
            parameter.grad = None if found is None else found.to(parameter.device)


def conditions(device: torch.device) -> dict[str, str]:
    """What the last bits of a result depend on besides the code."""
    return {
        "threads": str(torch.get_num_threads()),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "torch": str(torch.__version__),
    }


def difference(saved: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The conditions that are not what they were, in words; nothing where all are the same."""
    changed = [name for name, value in now.items() if saved.get(name) != value]
    then, here = (
        ", ".join(f"{name} {each.get(name)}" for name in changed) for each in (saved, now)
    )
    return f"The checkpoint was made with {then} and goes on with {here}" if changed else ""


def lines(text: str) -> list[dict[str, Any]]:
    """The objects of a metrics.jsonl, where null stands for what was no number."""
    return [_numbered(json.loads(line)) for line in text.splitlines()]


def _numbered(found: Any) -> Any:
    match found:
        case None:
            return nan
        case dict():
            return {name: _numbered(each) for name, each in found.items()}
        case list():
            return [_numbered(each) for each in found]
    return found
