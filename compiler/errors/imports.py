"""D0133 and D0134: what comes in from Python, and from other files."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..source import Span


def extern_target(span: Span) -> Diagnostic:
    """`extern X = …` that names no place in Python."""
    return Diagnostic(
        "D0133",
        "`extern` says where Python has it",
        span,
        help=('write `extern Head(width: int) = python("package.module:Head") { … }`',),
    )


def extern_body(span: Span) -> Diagnostic:
    """Statements in an extern."""
    return Diagnostic(
        "D0133",
        "the braces of `extern` have its inputs and outputs with their types, and nothing else",
        span,
        help=("write `input x: f32[N, 4]` and `output y: f32[N, 8]`",),
    )


def import_unknown(span: Span, name: str, path: str, close: str | None) -> Diagnostic:
    """A name that the other file does not declare."""
    return Diagnostic(
        "D0134",
        f"`{name}` is not declared in {path}",
        span,
        help=(f"did you mean `{close}`?",) if close else (),
    )


def import_outside(span: Span, path: str) -> Diagnostic:
    """A file that is not below the folder of the spec."""
    return Diagnostic(
        "D0134",
        "a spec imports files below its own folder",
        span,
        label=f"{path} lies elsewhere",
        help=('write a relative path: `from "blocks.dl" import Residual`',),
    )


def import_unread(span: Span, path: str, why: str) -> Diagnostic:
    """A file that cannot be read."""
    return Diagnostic(
        "D0134",
        f"{path} cannot be imported: {why}",
        span,
        help=('write its path from the folder of this file: `from "blocks.dl" import Residual`',),
    )


def import_circle(span: Span, path: str) -> Diagnostic:
    """A file that imports itself, be it by others."""
    return Diagnostic(
        "D0134",
        f"{path} imports itself, be it by way of others",
        span,
        help=("move what both need into a third file",),
    )
