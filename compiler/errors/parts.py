"""D0547 to D0550: what is frozen, and parameters in groups of an optimizer."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest


def no_parts(span: Span, example: str) -> Diagnostic:
    """`freeze = "encoder"`, `groups = [encoder]`."""
    return Diagnostic(
        "D0547",
        "parts of a model are named in a list",
        span,
        notes=("a part is a `layer`, a block or a name that `dlc summary` shows",),
        help=(f"write `{example}`",),
    )


def part_unknown(span: Span, name: str, model: str, known: Sequence[str]) -> Diagnostic:
    """A part that the model does not have, or one without weights."""
    close = nearest(name, known)
    shown = ", ".join(f"`{each}`" for each in known[:12]) + (", …" if len(known) > 12 else "")
    return Diagnostic(
        "D0548",
        f"{model} has no part `{name}` with weights",
        span,
        notes=() if close or not known else (f"there is: {shown}",),
        help=(f"did you mean `{close}`?",) if close else (),
        values={"name": name, "nearest": close},
    )


def nothing_learns(span: Span, model: str) -> Diagnostic:
    """`freeze` names all that there is."""
    return Diagnostic(
        "D0549",
        f"all of {model} is frozen, so that nothing learns",
        span,
        help=("leave a part of it out of `freeze`",),
    )


def groups_apart(
    span: Span, weight: Span, path: str, first: Span | None, frozen: bool
) -> Diagnostic:
    """A parameter in no group, in two, or in one although it is frozen."""
    if first is None:
        why = f"`{path}` is in no group, so that no optimizer updates it"
        others = (Label(weight, "its layer"),)
        help = "write a group for it, or `freeze` it"
    else:
        what = "is frozen, and in a group" if frozen else "is in two groups"
        why, others = f"`{path}` {what}", (Label(first, "here too"),)
        help = "name it once"
    return Diagnostic("D0550", why, span, others=others, help=(help,), values={"path": path})


def groups_alike(span: Span, optimizer: Span) -> Diagnostic:
    """Groups without settings of their own."""
    return Diagnostic(
        "D0551",
        "no group has a setting of its own, so that they change nothing",
        span,
        others=(Label(optimizer, "its settings hold for all"),),
        help=("write `group(encoder, lr=1e-5)`, or leave `groups` out",),
    )
