"""D0260 to D0265: what is legal of maps and stacks of layers, and probably not meant."""

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


def overwritten(span: Span, layer: str, turns: int) -> Diagnostic:
    """`h = x -> Linear(16)` in a loop that was to carry `h` on."""
    return Diagnostic(
        "D0262",
        f"only the last of {turns} turns counts: each takes the place of the one before",
        span,
        notes=(f"so of the {turns} {layer} layers here, {turns - 1} are never trained",),
        help=("let what is bound here flow into the next turn: `h = h -> …`",),
        severity="warning",
    )


def never_taken(span: Span, name: str) -> Diagnostic:
    """A list of skips that are never used."""
    return Diagnostic(
        "D0263",
        f"`{name}` is filled, and nothing is ever taken from it",
        span,
        help=(f"use it, as in `cat([h, {name}.pop()], 1)`, or leave the list out",),
        severity="warning",
    )


def copied_places(span: Span, layer: str, given: Type, becomes: Type, write: str) -> Diagnostic:
    """An adaptive pool that makes a map larger."""
    return Diagnostic(
        "D0264",
        f"{layer} makes {becomes} of {given}: places are only copied",
        span,
        notes=("layers behind it get weights for what is the same number several times",),
        help=(f"write `{write}`, or pool less before it",),
        severity="warning",
    )


def frames_first(span: Span, layer: str, given: Type, at: Span) -> Diagnostic:
    """A film whose pictures stand on axis 1."""
    return Diagnostic(
        "D0265",
        f"{layer} takes axis 1 for the channels, and here that is {given.shape[1]}",
        span,
        others=(Label(at, f"{given}: are the channels axis 2?"),),
        notes=("films are f32[N, channels, frames, height, width]",),
        help=("write `-> permute(0, 2, 1, 3, 4)` before it",),
        severity="warning",
    )
