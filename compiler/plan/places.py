"""Which line of the spec a statement of emitted code comes from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from .. import ir
from ..source import Span
from .order import in_order
from .text import Line, comment

LONGEST = 60  # characters of the spec that a place shows


class Origins:
    """Where the statements of one network come from, while they are written in order.

    With `marked`, those that an input of a wrong size breaks say so in their comments, which the
    source in a traceback shows: `# (N, 128)  mnist.dl:21`.
    """

    def __init__(self, steps: Sequence[ir.TypedStep], marked: bool) -> None:
        self._breaking = _breaking(steps) if marked else set()
        # What stands in the brackets of the next statement: its place, and whether it breaks.
        self._inside: dict[int, tuple[Span, bool]] = {}

    def inside(self, step: ir.TypedStep) -> None:
        """A step is written in the brackets of the one that reads it."""
        self._inside |= dict.fromkeys(map(id, step.outputs), self._of(step))

    def line(self, code: str, note: str, step: ir.TypedStep) -> Line:
        """The statement whose last step this is."""
        span, breaks = self._of(step)
        return Line(code, note, place=place(span), mark=_line(span) if breaks else "")

    def last(self, code: str, note: str, values: Sequence[ir.Value]) -> Line:
        """The statement that returns values, some of which are computed in it."""
        inner = [self._inside[id(value)] for value in values if id(value) in self._inside]
        if not inner:
            return Line(code)
        breaking = [span for span, breaks in inner if breaks]
        span = (breaking or [span for span, _ in inner])[0]
        return Line(code, note, place=place(span), mark=_line(span) if breaking else "")

    def breaks(self, steps: Sequence[ir.TypedStep]) -> int:
        """How many of these steps an input of a wrong size breaks."""
        return sum(id(step) in self._breaking for step in steps)

    def _of(self, step: ir.TypedStep) -> tuple[Span, bool]:
        """What a wrong input breaks is a layer with weights, not the `relu` around it."""
        inner = [self._inside[id(value)] for value in step.reads if id(value) in self._inside]
        breaks = id(step) in self._breaking or any(each for _, each in inner)
        attribute: str = getattr(step, "attribute", "")
        if isinstance(step, ir.ArithmeticStep) or attribute:
            return step.span, breaks
        return (inner[0][0] if inner else step.span), breaks


def place(span: Span) -> str:
    """The place for a person: `mnist.dl:21: Linear(128)`."""
    text = comment(" ".join(span.text.split()))
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
    return f"{_line(span)}: {shown}"


def starts(program: ir.TypedProgram) -> dict[str, str]:
    """For each file whose lines come from one block of the spec the place of that block."""
    spans = [each.training.span for each in program.trainings]
    modules = [each.module for each in in_order(program.trainings)] if len(spans) > 1 else ["train"]
    return {f"{name}.py": _line(span) for name, span in zip(modules, spans, strict=False)}


def _line(span: Span) -> str:
    return f"{comment(PurePath(span.source.path).name)}:{span.line}"


def _breaking(steps: Sequence[ir.TypedStep]) -> set[int]:
    """Where an input of a wrong size breaks: the ids of the steps in which it meets weights first.

    Behind them nothing can go wrong that was checked, until axes of the input are folded into one.
    """
    found: set[int] = set()
    sure: set[int] = set()  # values whose sizes weights have met
    for step in steps:
        unmet = [value for value in step.reads if id(value) not in sure]
        if getattr(step, "inferred", None) or (isinstance(step, ir.BlockStep) and step.attribute):
            if unmet:
                found.add(id(step))
            sure |= {id(value) for value in (*step.reads, *step.outputs)}
        elif not unmet and all(_keeps(step.reads, output) for output in step.outputs):
            sure |= {id(output) for output in step.outputs}
    return found


def _keeps(reads: Sequence[ir.Value], output: ir.Value) -> bool:
    """Whether axes stay apart, or there is one alone that is a number and could be folded."""
    return all(
        len(value.type.shape) == len(output.type.shape)
        or sum(size.value is not None for size in value.type.shape) <= 1
        for value in reads
    )
