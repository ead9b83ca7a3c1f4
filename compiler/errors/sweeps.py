"""D0552 to D0558: what a sweep searches, and for what."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest


def search_unknown(span: Span, name: str, params: Sequence[str], keys: Sequence[str]) -> Diagnostic:
    """A search for what is neither a `param` nor a key of the training."""
    close = nearest(name, [*params, *keys])
    help = f"did you mean `{close}`?" if close else f"declare it: `param {name} = …`"
    notes = (f"there is: {', '.join(f'`{each}`' for each in params)}",) if params else ()
    return Diagnostic(
        "D0552",
        f"`{name}` is neither a `param` of this spec nor a key of its training",
        span,
        notes=() if close else notes,
        help=(help,),
        values={"name": name, "nearest": close},
    )


def search_values(span: Span, why: str, help: str) -> Diagnostic:
    """What follows `in` tells no values to try."""
    return Diagnostic("D0553", why, span, help=(help,))


def search_refused(span: Span, name: str, text: str, why: str, at: Span) -> Diagnostic:
    """A value with which the spec does not check."""
    others = (Label(at, "here"),) if at.source.path == span.source.path else ()
    return Diagnostic(
        "D0554",
        f"with `{name} = {text}` this spec is wrong: {why}",
        span,
        others=others,
        help=("leave the value out, or make the network fit it",),
    )


def goal_unfit(span: Span, why: str, help: str) -> Diagnostic:
    """A sweep for nothing, for several things, or for what must not decide."""
    return Diagnostic("D0555", why, span, help=(help,))


def trials_unfit(span: Span, why: str, help: str) -> Diagnostic:
    """A sweep without a number of trials, or with more than there is to try."""
    return Diagnostic("D0556", why, span, help=(help,))


def sweep_idle(span: Span, why: str, help: str) -> Diagnostic:
    """A sweep that searches nothing, or one of two."""
    return Diagnostic("D0557", why, span, help=(help,))


def sweep_key(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """A key that a sweep does not have."""
    close = nearest(name, known)
    return Diagnostic(
        "D0558",
        f"a sweep has no key `{name}`",
        span,
        notes=(f"there is: {', '.join(f'`{key}`' for key in known)}",),
        help=(f"did you mean `{close}`?",) if close else (f"to search it, write `{name} in …`",),
        values={"name": name, "nearest": close},
    )
