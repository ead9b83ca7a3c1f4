"""A training whose numbers are finite no more, told to the person who started it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from .errors import DataError
from .snapshots import States
from .tracking import Tracked


class Diverged(DataError):
    """The losses or weights of a training are no finite numbers any more."""


def told(
    tracked: Mapping[str, Tracked], now: States, epoch: str, kept: int, weights: Path
) -> Diverged:
    """The first step whose loss is not finite, or the weight that is not, and what is kept.

    `epoch` is the epoch in words, `kept` the last finite one, or 0, whose weights lie in `weights`.
    """
    lies = (
        f"The weights of epoch {kept}, the last that is finite, are in {weights}."
        if kept
        else "No epoch before it was finite: no weights are kept."
    )
    return Diverged(
        f"The training diverged: {_fault(tracked, now, epoch)}. {lies}",
        "Lower the optimizer's lr, or scale the inputs: `-> standardize` in the data.",
        str(weights) if kept else None,
    )


def _fault(tracked: Mapping[str, Tracked], now: States, epoch: str) -> str:
    faults = [
        (*each.fault(), name) for name, each in tracked.items() if not isfinite(float(each.mean()))
    ]
    if faults:
        step, value, name = min(faults, key=lambda fault: fault[0])
        of = f"`{name}` in " if name else ""
        return f"the loss of {of}step {step} of {epoch} is {value}"
    names = [
        f"`{part}.{name}`"
        for part, state in now.items()
        for name, tensor in state.items()
        if not tensor.isfinite().all()
    ]
    return f"the losses of {epoch} are finite, but not the weights {', '.join(names[:3])}"
