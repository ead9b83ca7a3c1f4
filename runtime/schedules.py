"""Learning rates over a training: `Schedule(optimizer, warmup(0.05), cosine(), …)`.

A schedule is a row of phases. Each gives the factor of the optimizer's own rate at every step, in
closed form; a phase starts from that rate anew, as under torch's `SequentialLR`, and what comes
after the last phase stays at its end.

Lengths are a share of the training where they are floats (0.05, 1.0), and epochs where they are
whole numbers; phases without a length share equally what the others leave. `exponential`, `step`
and `multi_step` move as torch's schedulers do when called once an epoch, all others at every step.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate as summed
from typing import Any, TypeAlias

from torch import Tensor
from torch.optim import Optimizer

__all__ = [
    "Phase",
    "Schedule",
    "constant",
    "cosine",
    "exponential",
    "linear",
    "multi_step",
    "one_cycle",
    "plateau",
    "polynomial",
    "step",
    "warmup",
]

Length: TypeAlias = "float | int"
Curve: TypeAlias = Callable[[int], float]

THRESHOLD = 1e-4  # the relative gain that counts as better, as in torch's ReduceLROnPlateau


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a training is: `total` steps of the optimizer, `batches` of them an epoch."""

    total: int
    batches: int

    def steps(self, length: Length) -> int:
        """A length in steps, at least one."""
        if isinstance(length, int):
            return max(1, length * self.batches)
        return max(1, round(length * self.total))


@dataclass(frozen=True, slots=True)
class Watch:
    """What `plateau` waits for: `patience` epochs without a `better` value."""

    factor: float
    patience: int
    better: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its length, and what makes its curve for so many steps."""

    length: Length | None
    curve: Callable[[int, Clock], Curve]
    momentum: Callable[[int, Clock], Curve] | None = None
    watch: Watch | None = None


def warmup(length: Length, start: float = 0.0) -> Phase:
    """From `start` of the rate to all of it; the first step is above `start`, the last is full."""

    def curve(steps: int, clock: Clock) -> Curve:
        return lambda at: start + (1 - start) * min(at + 1, steps) / steps

    return Phase(length, curve)


def constant(factor: float = 1.0, length: Length | None = None) -> Phase:
    """`factor` of the rate throughout."""
    return Phase(length, lambda steps, clock: lambda at: factor)


def linear(end: float = 0.0, length: Length | None = None) -> Phase:
    """In a straight line to `end` of the rate, as torch's LinearLR."""
    return Phase(length, lambda steps, clock: lambda at: 1 + (end - 1) * at / steps)


def cosine(end: float = 0.0, length: Length | None = None) -> Phase:
    """Half a cosine down to `end` of the rate, as torch's CosineAnnealingLR."""
    return Phase(length, lambda steps, clock: lambda at: annealed(1.0, end, at / steps))


def polynomial(power: float = 1.0, length: Length | None = None) -> Phase:
    """The share that remains to the `power`, as torch's PolynomialLR."""
    return Phase(length, lambda steps, clock: lambda at: float((1 - at / steps) ** power))


def exponential(gamma: float, length: Length | None = None) -> Phase:
    """Times `gamma` after every epoch, as torch's ExponentialLR."""
    return Phase(length, lambda steps, clock: lambda at: float(gamma ** (at // clock.batches)))


def step(step_size: Length, gamma: float = 0.1, length: Length | None = None) -> Phase:
    """Times `gamma` whenever `step_size` is over, as torch's StepLR."""

    def curve(steps: int, clock: Clock) -> Curve:
        size = clock.steps(step_size)
        return lambda at: float(gamma ** (at // size))

    return Phase(length, curve)


def multi_step(
    milestones: Sequence[Length], gamma: float = 0.1, length: Length | None = None
) -> Phase:
    """Times `gamma` at each of the milestones, as torch's MultiStepLR."""

    def curve(steps: int, clock: Clock) -> Curve:
        reached = sorted(map(clock.steps, milestones))
        return lambda at: float(gamma ** bisect_right(reached, at))

    return Phase(length, curve)


def one_cycle(
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
    cycle_momentum: bool = True,
    base_momentum: float = 0.85,
    max_momentum: float = 0.95,
) -> Phase:
    """Up to the optimizer's rate and down again, as torch's OneCycleLR with that as `max_lr`.

    An optimizer without momentum has nothing to cycle but its rate.
    """
    start, last = 1 / div_factor, 1 / div_factor / final_div_factor

    def cycle(low: float, high: float, end: float) -> Callable[[int, Clock], Curve]:
        def curve(steps: int, clock: Clock) -> Curve:
            top = max(pct_start * steps - 1, 0.0)
            bottom = max(steps - 1 - top, 1.0)

            def value(at: int) -> float:
                if at < top:
                    return annealed(low, high, at / top)
                return annealed(high, end, min((at - top) / bottom, 1.0))

            return value

        return curve

    swing = cycle(max_momentum, base_momentum, max_momentum) if cycle_momentum else None
    return Phase(None, cycle(start, 1.0, last), swing)


def plateau(
    factor: float = 0.1, patience: int = 10, on: str = "validation.loss", better: str = "lower"
) -> Phase:
    """Times `factor` after more than `patience` epochs without gain, as ReduceLROnPlateau.

    `Schedule.epoch` is told the value of `on` after each epoch; `better` is "lower" or "higher".
    """
    watch = Watch(factor, patience, better)
    return Phase(None, lambda steps, clock: lambda at: 1.0, watch=watch)


def annealed(start: float, end: float, share: float) -> float:
    """Between two values along half a cosine."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


class Schedule:
    """Sets the rate of an optimizer: `step()` after every step of the optimizer.

    `batches` (an epoch) and `epochs`, or `steps` in their place for a training of so many batches,
    tell how long the training is; the gradients of `accumulate` batches make one step of the
    optimizer, as do those that an epoch leaves. What a checkpoint needs is in `state_dict`; the
    curves themselves come from the phases.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        *phases: Phase,
        batches: int,
        epochs: int = 0,
        steps: int = 0,
        accumulate: int = 1,
    ) -> None:
        whole, rest = divmod(steps or epochs * batches, batches)
        an_epoch = math.ceil(batches / accumulate)
        clock = Clock(whole * an_epoch + math.ceil(rest / accumulate), an_epoch)
        lengths = durations(phases, clock)
        self.optimizer = optimizer
        self.rates = [group["lr"] for group in optimizer.param_groups]
        self.phases = phases
        self.ends = list(summed(lengths))
        self.lengths = lengths
        self.curves = [phase.curve(n, clock) for phase, n in zip(phases, lengths, strict=True)]
        self.momenta = [
            phase.momentum(n, clock) if phase.momentum else None
            for phase, n in zip(phases, lengths, strict=True)
        ]
        self.count = 0
        self.best: float | None = None
        self.waited = 0
        self.reduction = 1.0
        self._set()

    def step(self) -> None:
        """The rate of the next step."""
        self.count += 1
        self._set()

    def epoch(self, value: float | Tensor) -> None:
        """What the watched measure was after this epoch; only `plateau` listens."""
        watch = self.phases[self._phase()].watch
        if watch is None:
            return
        value = float(value)
        gain = THRESHOLD * (-1 if watch.better == "lower" else 1)
        if self.best is None or (value - self.best * (1 + gain)) * gain > 0:
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        if self.waited > watch.patience:
            self.reduction *= watch.factor
            self.waited = 0
        self._set()

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is: numbers alone."""
        names = ("count", "best", "waited", "reduction")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.count, self.best = state["count"], state["best"]
        self.waited, self.reduction = state["waited"], state["reduction"]
        self._set()

    def _phase(self) -> int:
        return min(bisect_right(self.ends, self.count), len(self.ends) - 1)

    def _set(self) -> None:
        phase = self._phase()
        at = min(self.count - self.ends[phase] + self.lengths[phase], self.lengths[phase])
        factor = self.curves[phase](at) * self.reduction
        groups = self.optimizer.param_groups
        for group, rate in zip(groups, self.rates, strict=True):
            group["lr"] = rate * factor
        momentum = self.momenta[phase]
        if momentum is not None:
            swing(groups, momentum(at))


def durations(phases: Sequence[Phase], clock: Clock) -> list[int]:
    """How many steps each phase takes; at least one."""
    stated = [None if phase.length is None else clock.steps(phase.length) for phase in phases]
    open_ended = stated.count(None)
    left = clock.total - sum(steps or 0 for steps in stated)
    found = []
    for steps in stated:
        if steps is None:
            steps = max(1, left // open_ended)
            left, open_ended = left - steps, open_ended - 1
        found.append(steps)
    return found


def swing(groups: Sequence[dict[str, Any]], momentum: float) -> None:
    """Set the momentum of an optimizer that has one, under either of its names."""
    for group in groups:
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        elif "momentum" in group:
            group["momentum"] = momentum
