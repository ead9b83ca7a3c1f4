"""D0270 to D0279: records that get lost, axes that change places, masks that do not hide."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span
from ..tensor import Type


def batch_lost(
    span: Span,
    name: str,
    declared: str,
    given: str,
    before: str,
    write: str,
    trail: tuple[Label, ...],
) -> Diagnostic:
    """An output without a batch; `span` is where a value still had it, and lost it."""
    return Diagnostic(
        "D0270",
        f"here the batch is lost, and the output `{name}` is declared as {declared}",
        span,
        f"of {before}",
        others=trail,
        notes=(f"`{name}` would be {given}: one result for all records together",),
        help=(write,),
        values={"declared": declared, "given": given},
    )


def torch_order(span: Span, layer: str, what: str, write: str) -> Diagnostic:
    """`TransformerEncoderLayer(64, 8)`: torch's arguments with the width that is left out here."""
    return Diagnostic(
        "D0271",
        f"{layer} would have {what}",
        span,
        notes=("the width of what flows in is read off, and not written: the numbers move up",),
        help=(f"write `{write}`",),
        severity="warning",
    )


def moved_by_reshape(
    span: Span,
    size: str,
    given: Type,
    becomes: Type,
    write: str,
    trail: tuple[Label, ...],
    severity: str = "warning",
) -> Diagnostic:
    """A `reshape` that gives an axis another place: its values are dealt out anew.

    It is an error where the axis is the batch: records would be mixed.
    """
    return Diagnostic(
        "D0272",
        f"reshape does not move axes: the {size} of {becomes} would not be the {size} of {given}",
        span,
        others=trail,
        notes=("the values keep their order, and are only counted otherwise",),
        help=(write,),
        severity=severity,
    )


def mask_of_ones(span: Span, what: str, write: str, made: Span) -> Diagnostic:
    """A mask of floats 0 and 1 that is added to scores, or multiplied with -inf."""
    return Diagnostic(
        "D0273",
        f"this mask of floats {what}",
        span,
        others=(Label(made, "0 and 1"),) if made != span else (),
        notes=("a mask of floats is 0 where something is seen, and -inf where nothing is",),
        help=(write,),
        severity="warning",
    )


def all_hidden(span: Span, what: str, made: Span, why: str, write: str) -> Diagnostic:
    """A mask the wrong way round: it hides everything from a step, or all but the padding."""
    return Diagnostic(
        "D0274",
        f"this mask hides {what}",
        span,
        others=(Label(made, "the mask"),) if made != span else (),
        notes=(why,),
        help=(write,),
    )


def not_hidden(span: Span, softmax: Span, write: str) -> Diagnostic:
    """Scores that are set to 0 before a softmax, which gives them a share all the same."""
    return Diagnostic(
        "D0275",
        "a score of 0 is not hidden: softmax counts it as exp(0) = 1",
        span,
        others=(Label(softmax, "shares of all scores"),),
        help=(write,),
        severity="warning",
    )


def hidden_too_late(span: Span, softmax: Span, reader: Span) -> Diagnostic:
    """-inf where softmax has made shares already."""
    return Diagnostic(
        "D0276",
        "softmax has made shares already: -inf among them makes every sum infinite",
        span,
        others=(Label(softmax, "here they become shares"), Label(reader, "summed here")),
        help=("mask the scores before: `-> masked_fill(…, -inf) -> softmax(-1)`",),
        severity="warning",
    )


def summed_elsewhere(span: Span, axis: int, last: int, reader: Span) -> Diagnostic:
    """Shares that sum to 1 along another axis than the product sums over."""
    return Diagnostic(
        "D0277",
        f"these shares sum to 1 along axis {axis}, and the product sums over axis {last}",
        span,
        others=(Label(reader, "summed over the last axis of its left side"),),
        notes=("so it is no mean: its weights sum to anything",),
        help=("write `softmax(…, -1)`",),
        severity="warning",
    )


def square_scores(span: Span, size: str, made: Span, given: Type) -> Diagnostic:
    """Scores whose last axis is the classes, as long as axis 1, where the loss looks for them."""
    last = len(given.shape) - 1
    order = f"permute({', '.join(map(str, (0, last, *range(1, last))))})"
    return Diagnostic(
        "D0278",
        f"the loss takes axis 1 of {given} for the classes, and here they are the last one",
        span,
        others=(Label(made, f"the last axis is the {size} classes"),),
        notes=(f"both axes have {size}, so no shape tells",),
        help=(f"write `-> {order}` behind the scores",),
        severity="warning",
    )


def padding_learned(span: Span, loss: str, field: str, pad: Span) -> Diagnostic:
    """A loss over targets of which some only fill up."""
    return Diagnostic(
        "D0279",
        f"{loss} also counts the padding of `{field}`, label 0",
        span,
        others=(Label(pad, "this fills short ones with 0"),),
        notes=("padding is easily learned, and pretends a low loss",),
        help=("write `ignore_index=0` in the loss",),
        severity="warning",
    )
