"""What a finished run shows when it has not learned, in words: `diagnose`.

Losses are looked at as they were measured; the model sees a few hundred training records once
more. A finding must be worth its place below every run, so each threshold is far from what
ordinary trainings do.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from math import isfinite
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .served import served

if TYPE_CHECKING:
    from .batches import Split
    from .training import Run

__all__ = ["diagnose"]

Finding = dict[str, str]

RECORDS = 256  # that are looked at: a unit that is zero for all of them is zero for nearly all
NUMBERS = 2_000_000  # of the inputs, at most: large pictures are fewer records
FEWEST_EPOCHS = 5  # before anything is said of a history
GAIN = 0.01  # a loss that fell by less than this share has not fallen
RISE = 0.1  # the share above its best, or its first, from which a loss has risen
LOST = 0.25  # of what a validation loss had gained: small splits give back less by chance
DEAD = 0.5  # the share of a layer's units: fewer dead ones are common in networks that work
SPREAD = 0.01  # of the target's deviation: predictions closer together than this are one


def diagnose(run: Run, models: Mapping[str, nn.Module], package: str) -> list[Finding]:
    """Findings about a run, each with `what` and `help`; none where it is as it should be.

    `package` is the compiled one: its `predict` tells which fields feed the model. Runs that
    diverged, and the networks of trainings with several, are not looked into.
    """
    training = run.history[-1].get("training") if run.history else None
    history = [
        entry
        for entry in run.history
        if entry.get("fold") == run.fold and entry.get("training") == training
    ]
    losses = [entry["train"].get("loss") for entry in history]
    if not losses or None in losses or not all(map(isfinite, losses)):
        return []
    findings = [no_progress(losses)]
    measured = [entry.get("validation", {}).get("loss") for entry in history]
    # Where the best weights were put back, what came after them has done no harm.
    whole = None not in measured and all(map(isfinite, measured))
    if whole and run.notes.get("epoch", len(history)) == len(history):
        findings.append(overfitting(losses, measured))
    found = [finding for finding in findings if finding is not None]
    if len(models) == 1 and run.data is not None and find_spec(f"{package}.predict"):
        (model,) = models.values()
        predict = served(import_module(f"{package}.predict"), training)
        if predict is not None:
            found += looked_into(model, run.data.train, run.data.dataset.fields, predict)
    return found


def no_progress(losses: Sequence[float]) -> Finding | None:
    """The training loss is where it was after the first epoch, or above."""
    if len(losses) < FEWEST_EPOCHS:
        return None
    first, last = losses[0], losses[-max(1, len(losses) // 4) :]
    here = fmean(last)
    # A loss that is nothing from the start has nothing to learn.
    if abs(first) < 1e-6 or min(last) < first - GAIN * abs(first) - 2 * jitter(last):
        return None
    if here > first + RISE * abs(first) + 2 * jitter(last):
        return {
            "what": f"The training loss rose, from {first:.4g} in the first epoch to {here:.4g}.",
            "help": "Take a rate ten times lower, for example `optimizer = Adam(lr=1e-4)`, or "
            "scale the inputs: `-> standardize` in the data.",
        }
    return {
        "what": f"The training loss did not fall: {first:.4g} in the first epoch, {here:.4g} "
        "at the end.",
        "help": "Take a rate ten times higher or lower, for example `optimizer = Adam(lr=1e-2)`; "
        "scale the inputs: `-> standardize` in the data; or give the network more units.",
    }


def overfitting(losses: Sequence[float], measured: Sequence[float]) -> Finding | None:
    """The validation loss has turned while the training loss goes on falling."""
    best = min(range(len(measured)), key=measured.__getitem__)
    after = len(measured) - 1 - best
    if len(losses) < FEWEST_EPOCHS or after < max(3, len(measured) // 5):
        return None
    end = median(measured[-3:])
    lowest, gained = measured[best], measured[0] - measured[best]
    risen = end - lowest > max(RISE * abs(lowest), LOST * gained, 2 * jitter(measured))
    falls = fmean(losses[-3:]) < losses[best] - GAIN * abs(losses[best])
    if not (risen and falls):
        return None
    return {
        "what": f"The network learns its training data by heart: the validation loss was best in "
        f"epoch {best + 1} ({lowest:.4g}) and has risen to {end:.4g} since, while the "
        "training loss fell on.",
        "help": "Stop in time: `early_stopping = patience(3, on=validation.loss)`; or hold the "
        "network back: `-> Dropout(0.3)` before the last layer, `AdamW(weight_decay=0.1)`, or "
        "more data.",
    }


def jitter(values: Sequence[float]) -> float:
    """How far a value is from the middle of its neighbours, typically: noise without the trend."""
    inner = zip(values, values[1:], values[2:], strict=False)
    return median([abs(b - (a + c) / 2) for a, b, c in inner] or [0.0])


# What the network itself shows.


def looked_into(
    model: nn.Module, split: Split, fields: Iterable[str], predict: Any
) -> list[Finding]:
    """Dead units and constant predictions, from one pass over records all over a split."""
    weight = next(model.parameters(), None)
    if weight is None or len(split) < 2:
        return []
    batch = dict(zip(fields, split.at(places(split, 1)), strict=True))
    numbers = sum(batch[name].numel() for name in predict.INPUTS)
    count = max(2, min(RECORDS, len(split), NUMBERS // max(1, numbers)))
    batch = dict(zip(fields, split.at(places(split, count)), strict=True))
    watching = Watching(os.path.dirname(os.path.abspath(predict.__file__)))
    training = model.training
    model.eval()
    try:
        with torch.no_grad(), watching:
            outputs = model(*(batch[name].to(weight.device) for name in predict.INPUTS))
    finally:
        model.train(training)
    found = dead_units(watching.units, count)
    # Of several outputs it is not known which is which here.
    if isinstance(outputs, Tensor) and len(predict.TARGETS) == 1:
        ((name, field),) = predict.TARGETS.items()
        if is_constant(outputs, batch[field]):
            found.append(constant(name))
    return found


def places(split: Split, count: int) -> Tensor:
    """Records all over a split: a source may have them class by class."""
    return torch.arange(count) * len(split) // count


class Watching(TorchFunctionMode):
    """Notes for every place of a ReLU in the package's files which of its units ever give more
    than zero."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self.units: dict[tuple[str, int], Tensor] = {}
        self._axis = -1

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is F.linear:
            self._axis = -1
        elif func in CONVOLUTIONS:
            self._axis = 1
        elif func in RELUS and result.dim() > 1:
            # Without axes behind the units there is but one place for them.
            axis = self._axis % result.dim()
            alive = (result > 0).movedim(axis, 0).flatten(1).any(1)
            place = self._place()
            before = self.units.get(place)
            same = before is not None and before.shape == alive.shape
            self.units[place] = alive | before if same and before is not None else alive
        return result

    def _place(self) -> tuple[str, int]:
        """The file and line of the package that called."""
        frame = sys._getframe(2)
        while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) != self.folder:
            frame = frame.f_back
        return frame.f_code.co_filename, frame.f_lineno


RELUS = {F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_, F.relu6}
CONVOLUTIONS = {F.conv1d, F.conv2d, F.conv3d, torch.conv1d, torch.conv2d, torch.conv3d}


def dead_units(units: Mapping[tuple[str, int], Tensor], count: int) -> list[Finding]:
    """Layers of which at least half the units give zero, whatever comes in."""
    found = []
    for (file, line), alive in units.items():
        dead, size = int((~alive).sum()), len(alive)
        if dead < DEAD * size:
            continue
        code = linecache.getline(file, line).strip()
        which = "All" if dead == size else f"{dead} of {size}"
        found.append(
            {
                "what": f"{which} units of a ReLU are dead: they give 0 for each of {count} "
                f"training records, and get no gradient any more. It is `{code}` in "
                f"{os.path.basename(file)}, line {line}.",
                "help": "Write `gelu` or `leaky_relu(0.01)` instead of `relu`, take a lower rate, "
                "or scale the inputs: `-> standardize` in the data.",
            }
        )
    return found


def is_constant(output: Tensor, target: Tensor) -> bool:
    """Whether the outputs for different records are one, while their targets differ."""
    target = target.to(output.device)
    varied = target.double().flatten(1) if target.dim() > 1 else target.double()[:, None]
    deviation = float(varied.std(0).mean())
    if deviation == 0 or not output.is_floating_point() or len(output) != len(target):
        return False
    spread = float((output.amax(0) - output.amin(0)).max())
    # Scores and probabilities have a scale of their own, numbers that of their target.
    return spread < SPREAD * (deviation if target.is_floating_point() else 1.0)


def constant(name: str) -> Finding:
    """The finding of an output that knows nothing of its input."""
    return {
        "what": f"`{name}` is the same for every record: what comes in has no effect on it.",
        "help": "Look for inputs that are far too large or small (`-> standardize` in the data), "
        "for dead units, or take another rate, for example `optimizer = Adam(lr=1e-3)`.",
    }
