"""D0133, D0134, D0802 and D0803: what comes in from Python, and from other files."""

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


def extern_operation(span: Span, name: str) -> Diagnostic:
    """A layer or function that would go to Python."""
    return Diagnostic(
        "D0133",
        f"`{name}` is a layer or function, which no module of Python's can be called with",
        span,
        help=(f'name it by a text: `{name}: str = "relu"`',),
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


def not_allowed(span: Span, module: str) -> Diagnostic:
    """A module of Python's that nobody has allowed."""
    return Diagnostic(
        "D0802",
        f"the module `{module}` is not allowed",
        span,
        label="code of the module would run here",
        help=(f"where you trust it, say so on the command line: `--allow {module}`",),
    )


def hidden_module(span: Span, module: str, package: str) -> Diagnostic:
    """A module of Python's that the emitted package hides."""
    return Diagnostic(
        "D0802",
        f"the package that this spec compiles to is called `{package}` too, and hides `{module}`",
        span,
        help=("give the spec's file another name",),
    )


def extern_uncounted(span: Span, model: str, place: str) -> Diagnostic:
    """`expect { parameters(Net) < … }` of a model that a part of is Python's."""
    return Diagnostic(
        "D0803",
        f"how many parameters `{model}` has is not known: {place} may have any number",
        span,
        help=("leave it out, or expect something of a metric",),
    )
