"""Going through typed networks."""

from __future__ import annotations

from collections.abc import Iterator

from .typed import Choice, LoopStep, Turns, TypedStep


def every(steps: tuple[TypedStep, ...]) -> Iterator[TypedStep]:
    """The steps, and those inside loops and branches."""
    for step in steps:
        yield step
        if isinstance(step, LoopStep | Turns):
            yield from every(step.steps)
        elif isinstance(step, Choice):
            yield from every((*step.then, *step.otherwise))
