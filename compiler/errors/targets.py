"""D034.. and D043..: losses, targets and bounds that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest


def loss_not_computed(span: Span, what: str, example: str) -> Diagnostic:
    """A loss that is a string, a number or a bare name."""
    return Diagnostic(
        "D0430",
        f"a loss is computed from outputs and targets, and this is {what}",
        span,
        help=(f"write `loss = {example}`",),
    )


def loss_grows(span: Span, name: str) -> Diagnostic:
    """A loss of torch's with a minus before it, and nothing else."""
    return Diagnostic(
        "D0431",
        f"training makes a loss smaller, and with a minus `{name}` grows without end",
        span,
        help=("leave the minus out",),
        severity="warning",
    )


def likelihood_shrinks(span: Span) -> Diagnostic:
    """A mean of log-probabilities as the loss."""
    return Diagnostic(
        "D0432",
        "training makes a loss smaller, and here what is right would become less likely",
        span,
        "the logarithms of probabilities, without a minus",
        help=(f"write `-{span.text}`",),
        severity="warning",
    )


def given_parameters(span: Span) -> Diagnostic:
    """`Adam(Net.parameters(), lr=1e-3)`."""
    return Diagnostic(
        "D0433",
        "an optimizer is given no parameters: it gets those of the model that is trained",
        span,
        help=(f"leave `{span.text}` out",),
    )


def average_of_two(span: Span, name: str, classes: int) -> Diagnostic:
    """`average="binary"` where there are more classes than two."""
    return Diagnostic(
        "D0434",
        f'average="binary" is for two classes, and the target has {classes}',
        span,
        help=(f'write `{name}(average="macro")`, or "micro" or "weighted"',),
        values={"classes": classes},
    )


def bound_unreachable(span: Span, name: str, bound: float) -> Diagnostic:
    """An expectation that no training can meet."""
    help = f"a share is written {bound / 100:g}" if 1 < bound <= 100 else "lower the bound"
    return Diagnostic(
        "D0435",
        f"{name} is at most 1, so this cannot hold",
        span,
        help=(help,),
        values={"bound": bound},
    )


def nothing_in_a_batch(span: Span, count: int, size: int) -> Diagnostic:
    """`drop_last` with fewer records than a batch takes."""
    return Diagnostic(
        "D0436",
        f"the only batch has {count:,} of {size:,} records, and `drop_last` leaves it out",
        span,
        notes=("not one step would be made",),
        help=("leave `drop_last` out, or write smaller batches",),
        values={"records": count, "batch": size},
    )


def pixels_grow(span: Span, most: float) -> Diagnostic:
    """`scale(255)` for `scale(1 / 255)`."""
    return Diagnostic(
        "D0340",
        f"pixels go up to 255, and this makes them go up to {most:,.0f}",
        span,
        notes=("layers start with weights that suit values around 1",),
        help=("write `scale(1 / 255)`",),
        severity="warning",
    )


def target_goes_in(span: Span, target: str, column: str, at: Span) -> Diagnostic:
    """A column that is predicted and is among those that go in."""
    return Diagnostic(
        "D0341",
        f"the column `{column}` goes in, and `{target}` is predicted: the network would copy it",
        span,
        others=(Label(at, "is to be predicted"),),
        help=("leave it out here: it is not known where a prediction is made",),
        severity="warning",
    )


def column_twice(span: Span, column: str, first: Span) -> Diagnostic:
    """A column that stands twice among those of a field."""
    return Diagnostic(
        "D0342",
        f"`{column}` is among these columns twice",
        span,
        others=(Label(first, "the first time"),),
        help=("leave one of them out, or write the column that was meant",),
        severity="warning",
    )


def label_goes_in(span: Span, label: str, at: Span) -> Diagnostic:
    """A label that is predicted and an input of the model."""
    return Diagnostic(
        "D0343",
        f"`{label}` goes in and is predicted: the network would copy it",
        span,
        others=(Label(at, "is to be predicted"),),
        help=(f"leave the input `{label}` out",),
        severity="warning",
    )


def no_word(span: Span, what: str, names: Iterable[str], example: str) -> Diagnostic:
    """A string or a number where a word of the catalogue stands."""
    close = nearest(span.text.strip("\"'"), names)
    return Diagnostic(
        "D0437",
        f"`{span.text}` is not {what}",
        span,
        help=(f"write `{close}`, without quotes" if close else f"write `{example}`",),
    )
