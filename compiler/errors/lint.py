"""D09..: warnings, about what is legal and probably not meant."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, Label
from ..source import Span

if TYPE_CHECKING:
    from ..curvature import Curvature


def dropout_last(span: Span) -> Diagnostic:
    """Dropout as the last layer."""
    return Diagnostic(
        "D0901",
        "dropout on an output sets predictions to zero while training",
        span,
        help=("drop before the last layer, not behind it",),
        severity="warning",
    )


def unused_input(span: Span, name: str) -> Diagnostic:
    """An input that has no effect."""
    return Diagnostic(
        "D0902",
        f"the input `{name}` is never used",
        span,
        help=("use it or remove it",),
        severity="warning",
    )


def diverging_rate(
    span: Span, rate: float, bound: float, standardized: float, steep: Curvature
) -> Diagnostic:
    """A rate under which gradient descent on a parabola grows without end.

    `standardized` is what `bound` would be with the input standardized; 0 where that is unknown.
    """
    field = steep.field
    which = f"{field.name}[{steep.column}]" if steep.columns > 1 else field.name
    values = field.raw.span
    curved = _short(steep.largest)
    notes = [
        f"the loss is a parabola in the weights; its steepest curvature λ is {curved}",
        f"above {_short(bound * steep.largest)} / λ = {_short(bound)} "
        "each step of SGD overshoots by more than it gains",
    ]
    if not steep.whole:
        notes.append("a batch is a part of the data: this holds on average over the batches")
    help = [f"write `lr={_short(_one_digit(bound / 2))}`"]
    if standardized > 4 * bound:
        last = field.steps[-1].span if field.steps else values
        text = values.source.text[values.start : last.end]
        short = "\n" not in text and len(text) <= 60
        start = f"{field.name}: {field.type.span.text} = {text} " if short else ""
        change = f"`{start}-> standardize`"
        why = f"scale the input: {change}, under which rates below {_short(standardized)} work"
        help.insert(0, why)
    return Diagnostic(
        "D0903",
        "this rate must diverge",
        span,
        f"{_short(rate)} is {_short(rate / bound)} times too large",
        (Label(values, f"the mean square of `{which}` is {_short(steep.mean_square)}"),),
        tuple(notes),
        tuple(help),
        {"rate": rate, "bound": bound, "curvature": steep.largest},
        "warning",
    )


def unreached_phase(span: Span, name: str, epochs: int) -> Diagnostic:
    """A phase of a schedule for which the training is too short."""
    return Diagnostic(
        "D0904",
        f"a training of {epochs} epochs never comes to `{name}`",
        span,
        notes=("whole numbers are epochs, numbers below 1 are shares of the training",),
        help=("shorten the phases before it, for example `warmup(0.1)`",),
        severity="warning",
    )


def unpaired_target(span: Span, output: str, field: str, step: str) -> Diagnostic:
    """A scaled target that no output is compared with directly."""
    return Diagnostic(
        "D0910",
        f"predictions of `{output}` stay in the units of training",
        span,
        f"compares `{field}` with no output itself",
        notes=(
            f"to undo `{step}` it must be known which output predicts `{field}`: a loss of torch "
            "that compares the two says so",
        ),
        help=(f"write `mse_loss({output}, {field})`, or leave `{step}` out",),
        severity="warning",
    )


def padding_taken(span: Span, pad: Span, length: int | None) -> Diagnostic:
    """The last step of a sequence that is filled at its end; packed ones have no `length`."""
    help = f'pad on the left: `pad({length}, side="left")`'
    if length is None:
        help = "take the state behind each one's own last step: `_, (h, _) = …`, then `h[-1]`"
    return Diagnostic(
        "D0905",
        "the last step of sequences padded on the right is padding, but for the longest ones",
        span,
        others=(Label(pad, "this fills short sequences at their end"),),
        help=(help,),
        severity="warning",
    )


def _short(value: float) -> str:
    """Three digits of a number, as a person writes it."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}".replace("e-0", "e-")


def _one_digit(value: float) -> float:
    """The largest number of one digit that is not above `value`."""
    size = 10.0 ** floor(log10(value))
    return float(f"{floor(value / size) * size:.1g}")
