"""D09..: warnings, about what is legal and probably not meant."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..source import Span


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
