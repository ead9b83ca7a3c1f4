"""D0260 and D0261: what is legal of maps of features, and probably not meant."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span
from ..tensor import Type


def torch_order(span: Span, layer: str, given: str, write: str) -> Diagnostic:
    """`Conv2d(3, 64, 3)`: torch's numbers with the channels that are left out here."""
    return Diagnostic(
        "D0260",
        f"{layer} would have {given}",
        span,
        notes=("the channels that come in are read off, and not written: the numbers move up",),
        help=(f"write `{write}`; where the stride is meant, by its name: `stride=…`",),
        severity="warning",
    )


def width_left(
    span: Span, name: str, given: Type, becomes: Type, write: str, layer: Span
) -> Diagnostic:
    """A reduction that takes the channels and keeps the last axis of a map."""
    return Diagnostic(
        "D0261",
        f"of the map {given} this leaves {becomes}: the channels are gone, an axis of places stays",
        span,
        others=(Label(layer, "takes the places for features"),),
        notes=("axis 1 has the channels, and the places are behind it",),
        help=(f"write `{write}`",),
        severity="warning",
    )
