"""D0223 …: several results, indices, and initial weights."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest

MOST_NAMED = 8


def one_name(span: Span, name: str, made_by: str, pattern: str, first: str) -> Diagnostic:
    """One name for several results."""
    what = f"`{name}` would be all of them"
    write = f"write `{first} = …`"
    if "(" not in first:
        write += ", or let it flow on: `->` passes the first"
    return several_results(span, made_by, pattern, what, write)


def several_results(
    span: Span, made_by: str, pattern: str, what: str, write: str = ""
) -> Diagnostic:
    """Several results where one tensor is wanted; `what` tells where."""
    return Diagnostic(
        "D0223",
        f"{made_by} gives several results, and {what}",
        span,
        label=f"{made_by} gives {pattern}",
        help=(write or f"give them names first: `{pattern} = …`",),
        values={"layer": made_by},
    )


def unlike_pattern(span: Span, given: str, wanted: str, made_by: str) -> Diagnostic:
    """As many names as there are no results."""
    what = f"{made_by} gives `{wanted}`" if made_by else f"this is {wanted}"
    many, names = wanted.count(",") + 1, given.count(",") + 1
    if made_by and many > MOST_NAMED:
        what = f"{made_by} gives {many} results"
        help = "fewer parts, or as many names"
        if made_by == "split":
            help = f"`split` takes the size of a part: write `chunk({names}, …)` for {names} parts"
        return Diagnostic("D0224", f"{what}, and the names are `{given}`", span, help=(help,))
    return Diagnostic(
        "D0224",
        f"{what}, and the names are `{given}`",
        span,
        help=(f"write `{wanted} = …`; `_` stands for what is not needed",) if made_by else (),
    )


def wrong_index(
    code: str, span: Span, why: str, label: str = "", help: str = "", trail: tuple[Label, ...] = ()
) -> Diagnostic:
    """An index outside its axis (D0225), or one that a tensor or a list cannot have (D0226)."""
    return Diagnostic(code, why, span, label=label, others=trail, help=(help,) if help else ())


# What other frameworks call torch's initializers.
ELSEWHERE = {
    "he_normal": 'kaiming_normal_(nonlinearity="relu")',
    "he_uniform": 'kaiming_uniform_(nonlinearity="relu")',
    "glorot_uniform": "xavier_uniform_",
    "glorot_normal": "xavier_normal_",
    "lecun_normal": 'kaiming_normal_(nonlinearity="linear")',
    "lecun_uniform": 'kaiming_uniform_(nonlinearity="linear")',
    "random_normal": "normal_(std=0.05)",
    "random_uniform": "uniform_(a=-0.05, b=0.05)",
    "truncated_normal": "trunc_normal_(std=0.05)",
}


def no_initializer(span: Span, text: str, known: Iterable[str]) -> Diagnostic:
    """An `init` that is neither of `torch.nn.init` nor `keras`."""
    close = ELSEWHERE.get(text.lower()) or nearest(text, known)
    shown = ", ".join(f"`{each}`" for each in sorted(known))
    return Diagnostic(
        "D0227",
        f"`{text}` is no initializer",
        span,
        label="unknown",
        notes=() if close else (f"there is: {shown}",),
        help=(f"did you mean `{close}`?" if close else "write `init=normal_(std=0.02)`",),
        values={"name": text, "nearest": close},
    )


def nothing_to_initialize(span: Span, owner: str, is_block: bool = False) -> Diagnostic:
    """`init` where it sets nothing: a layer without weights, or `block B(init=keras)`."""
    block = "write it at the model that uses the block, or at the layers inside"
    return Diagnostic(
        "D0228",
        f"`init` belongs to a model or to a layer, and `{owner}` is a block"
        if is_block
        else f"{owner} has no weights that `init` could set",
        span,
        help=(block if is_block else "leave `init` out",),
    )


def unfit_initializer(span: Span, why: str, label: str = "", help: str = "") -> Diagnostic:
    """An initializer that torch would refuse for these weights or arguments."""
    return Diagnostic("D0229", why, span, label=label, help=(help,) if help else ())


def dropout_nowhere(span: Span, layer: str, share: float) -> Diagnostic:
    """Dropout between the layers of an LSTM that has one."""
    return Diagnostic(
        "D0231",
        f"dropout={share} of {layer} acts between its layers, and it has one: nothing is dropped",
        span,
        help=(f"write `num_layers=2`, or `-> Dropout({share})` behind it, or leave it out",),
        severity="warning",
    )
