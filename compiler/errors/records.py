"""D0559 to D0561: records in an order, windows of them, and sources that Python brings."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span


def without_order(span: Span, what: str, why: str, help: str) -> Diagnostic:
    """A window, or a split by time, where records are in no order; one text that is not cut."""
    return Diagnostic("D0560", f"`{what}` {why}", span, help=(help,))


def windows_overlap(span: Span, split: str, window: Span) -> Diagnostic:
    """Windows that share values with those of another split."""
    return Diagnostic(
        "D0561",
        f"`{split}` puts windows that share values into different splits",
        span,
        others=(Label(window, "a window of several records"),),
        severity="warning",
        help=("write `split = chronological(train=0.8, test=0.2)`",),
    )


def no_place(span: Span) -> Diagnostic:
    """`python("records")` as a source."""
    return Diagnostic(
        "D0562",
        "a source of Python is a function in a module",
        span,
        help=('write `python("package.module:records")`',),
    )
