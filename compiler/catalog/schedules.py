"""Schedules of the learning rate: phases that follow each other, `warmup(0.05) -> cosine()`.

A length is a share of the training (0.05, 1.0) or whole epochs (5). Phases that state none share
what the others leave. Every factor is one of the optimizer's own rate, in each phase anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .record import Record


def _phase(name: str, signature: str, summary: str, example: str) -> Record:
    return Record(name, signature, summary, f"schedule = {example}", "dlc.runtime.schedules")


SCHEDULES = {
    record.name: record
    for record in (
        _phase(
            "warmup",
            "length: length, start: probability = 0.0",
            "the rate rises in a straight line from a share of it to the whole, step by step",
            "warmup(0.05) -> cosine()",
        ),
        _phase(
            "constant",
            "factor: nonnegative = 1.0, length: length? = None",
            "the rate times a factor, throughout",
            "constant(length=0.5) -> linear()",
        ),
        _phase(
            "linear",
            "end: nonnegative = 0.0, length: length? = None",
            "the rate goes in a straight line to a share of it, step by step",
            "linear(end=0.1)",
        ),
        _phase(
            "cosine",
            "end: nonnegative = 0.0, length: length? = None",
            "the rate falls to a share of it along half a cosine, step by step",
            "warmup(1) -> cosine(end=0.01)",
        ),
        _phase(
            "polynomial",
            "power: positive = 1.0, length: length? = None",
            "the rate times a power of the share that remains, step by step",
            "polynomial(power=2.0)",
        ),
        _phase(
            "exponential",
            "gamma: positive, length: length? = None",
            "the rate times gamma after every epoch",
            "exponential(0.95)",
        ),
        _phase(
            "step",
            "step_size: length, gamma: positive = 0.1, length: length? = None",
            "the rate times gamma each time so many epochs are over",
            "step(30, gamma=0.1)",
        ),
        _phase(
            "multi_step",
            "milestones: milestones, gamma: positive = 0.1, length: length? = None",
            "the rate times gamma at each of these epochs or shares of the training",
            "multi_step([30, 60, 80])",
        ),
        _phase(
            "one_cycle",
            "pct_start: share = 0.3, div_factor: positive = 25.0, "
            "final_div_factor: positive = 10000.0, cycle_momentum: bool = True, "
            "base_momentum: probability = 0.85, max_momentum: probability = 0.95",
            "up from the rate / 25 and down to nearly nothing, with momentum the other way round",
            "one_cycle(pct_start=0.3)",
        ),
        _phase(
            "plateau",
            "factor: share = 0.1, patience: count = 10, on: watched = 'validation.loss'",
            "the rate times a factor when more than so many epochs brought nothing better",
            "plateau(patience=3, on=validation.loss)",
        ),
    )
}
ALONE = "one_cycle"
ENDLESS = "plateau"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain of phases: which one, why, and what to write."""

    phase: int
    why: str
    help: str


Phases = Sequence[tuple[str, Mapping[str, Any]]]


def fault(phases: Phases) -> Fault | None:
    """What is wrong with a chain, however long it trains; phases are names with arguments."""
    names = [name for name, _ in phases]
    if ALONE in names and len(names) > 1:
        return Fault(
            names.index(ALONE),
            f"`{ALONE}` is a whole schedule: it rises and falls by itself",
            f"write it alone: `schedule = {ALONE}()`",
        )
    if ENDLESS in names[:-1]:
        here = names.index(ENDLESS)
        return Fault(
            here + 1,
            f"`{names[here + 1]}` never comes: `{ENDLESS}` ends only with the training",
            f"write `{ENDLESS}` last",
        )
    taken = 0.0
    for index, share in enumerate(map(_share, phases)):
        taken += share
        if taken > 1 + 1e-9:
            return Fault(
                index,
                f"the phases up to here take {taken:g} of the training, which is more than all",
                "lower the shares so that they add up to 1, or leave the last one out",
            )
    for index, (name, arguments) in enumerate(phases):
        if arguments.get("length") is None and taken > 1 - 1e-9:
            return Fault(
                index,
                f"nothing of the training is left for `{name}`: the other phases take it all",
                f"lower their shares, or leave `{name}` out",
            )
    return None


def unreached(phases: Phases, epochs: int) -> int | None:
    """The first phase that such a training never comes to, if there is one."""
    taken = 0.0
    for index, phase in enumerate(phases):
        if taken > 1 - 1e-9:
            return index
        length = phase[1].get("length")
        taken += length / epochs if isinstance(length, int) else _share(phase)
    open_ended = [index for index, (_, given) in enumerate(phases) if given.get("length") is None]
    return open_ended[0] if open_ended and taken > 1 - 1e-9 else None


def _share(phase: tuple[str, Mapping[str, Any]]) -> float:
    """The share of the training that a phase states; 0 for whole epochs and for none."""
    length = phase[1].get("length")
    return length if isinstance(length, float) else 0.0
