"""D0128, D0129 and D0230: weights and buffers of one's own, and those of declared layers."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest


def state_value(span: Span, kind: str, name: str, shown: str) -> Diagnostic:
    """A weight or buffer whose right side is no start."""
    return Diagnostic(
        "D0128",
        f"the {kind} `{name}` starts from {shown}",
        span,
        help=(
            "write a number, a tensor such as `ones(D)`, or an initializer such as "
            "`normal_(std=0.02)`",
        )
        if kind == "weight"
        else ("write a tensor of sizes and constants, such as `tril(ones(T, T))`",),
    )


def state_type(
    span: Span, kind: str, name: str, declared: str, given: str, others: tuple[Label, ...]
) -> Diagnostic:
    """A weight or buffer that is not what is declared."""
    return Diagnostic(
        "D0128",
        f"the {kind} `{name}` is declared {declared}, and its value is {given}",
        span,
        others=others,
        help=(f"make the value {declared}, or declare `{name}: {given}`",),
    )


def state_depends(span: Span, kind: str, name: str, on: Span) -> Diagnostic:
    """A weight or buffer computed from what flows."""
    return Diagnostic(
        "D0128",
        f"the {kind} `{name}` is there before any data, and this flows in with them",
        span,
        others=(Label(on, "this is a value of the data"),),
        help=("compute it from sizes and constants, or write it without `" + kind + "`",),
    )


def weight_dtype(span: Span, name: str, declared: str) -> Diagnostic:
    """A weight of whole numbers."""
    return Diagnostic(
        "D0128",
        f"the weight `{name}` is trained, so it is of floats, and declared is {declared}",
        span,
        help=("write f32, or `buffer` for what is not trained",),
    )


def open_weight(span: Span, name: str, size: str, others: tuple[Label, ...]) -> Diagnostic:
    """A weight of a size that only the data have."""
    return Diagnostic(
        "D0128",
        f"the size {size} of the weight `{name}` is open until data come",
        span,
        others=others,
        help=(f"write a number for {size}, in the input too, or make it a hyperparameter",),
    )


def no_parameter(span: Span, layer: str, name: str, known: tuple[str, ...]) -> Diagnostic:
    """`words.weights`."""
    has = ", ".join(f"`{each}`" for each in known)
    close = nearest(name, known)
    return Diagnostic(
        "D0129",
        f"`{layer}` has no parameter `{name}`",
        span,
        notes=(f"it has {has}" if known else "it has none",),
        help=(f"did you mean `{layer}.{close}`?",) if close else (),
    )


def unused_yet(span: Span, layer: str) -> Diagnostic:
    """A parameter of a layer that nothing has flowed into yet."""
    return Diagnostic(
        "D0129",
        f"the sizes of `{layer}` are not known yet: nothing has flowed into it",
        span,
        help=(f"use `{layer}` above this line",),
    )


def shared_sizes(
    span: Span, layer: str, first: str, then: str, others: tuple[Label, ...]
) -> Diagnostic:
    """A shared layer that other sizes flow into than at its first use."""
    return Diagnostic(
        "D0230",
        f"`{layer}` is one layer with one set of weights, and here it would need others",
        span,
        label=f"here its weights would be {then}",
        others=others,
        notes=(f"at its first use they are {first}",),
        help=("declare a second `layer`, or give both uses the same sizes",),
    )
