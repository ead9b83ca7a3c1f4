"""D02..: types and shapes."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span


def no_port(span: Span, name: str, what: str) -> Diagnostic:
    """A model or block without an input or an output."""
    example = "input x: f32[N, 4]" if what == "input" else "output y: f32[N, 1] = x -> Linear(1)"
    return Diagnostic("D0210", f"`{name}` has no {what}", span, help=(f"write `{example}`",))


def output_unbound(span: Span, name: str) -> Diagnostic:
    """An output that never gets a value."""
    return Diagnostic(
        "D0211",
        f"the output `{name}` never gets a value",
        span,
        help=(f"write `{name} = …` in the body, or a value where it stands",),
    )


def class_labels(span: Span) -> Diagnostic:
    """`class("a")`, `class("a", "a")`."""
    return Diagnostic(
        "D0212",
        "a class needs two different labels at least",
        span,
        help=('write `class("cat", "dog")`, or `class(10)` for 0 … 9',),
    )


def bound_missing(span: Span, name: str) -> Diagnostic:
    """`class`, `token` without a number."""
    return Diagnostic(
        "D0213",
        f"`{name}` says how many there are",
        span,
        help=(f"write `{name}(10)`",),
    )


def model_size(span: Span, why: str) -> Diagnostic:
    """A size in a type that is no size."""
    return Diagnostic(
        "D0214",
        f"this is no size: {why}",
        span,
        help=("write a whole number above 0, a hyperparameter, or a name such as `N`",),
    )


def mismatch(
    code: str,
    span: Span,
    layer: str,
    why: str,
    comes: str,
    write: str,
    notes: tuple[str, ...],
    trail: tuple[Label, ...],
) -> Diagnostic:
    """A layer that cannot take what comes."""
    return Diagnostic(
        code,
        f"{layer} cannot take {comes}",
        span,
        label=why,
        others=trail,
        notes=notes,
        help=(write,) if write else (),
        values={"layer": layer, "given": comes},
    )


def stated_size(
    span: Span, layer: str, name: str, stated: str, comes: str, trail: tuple[Label, ...]
) -> Diagnostic:
    """An assertion such as `in_features=9216` that does not hold."""
    return Diagnostic(
        "D0204",
        f"{layer} is said to have {name}={stated}, and here come{'s' * (comes == '1')} {comes}",
        span,
        label=f"{name} is {comes.split(' = ')[0]}",
        others=trail,
        help=(f"{name}={comes.split(' = ')[0]}, or leave it out: the compiler reads it off",),
        values={"stated": stated, "given": comes},
    )


def open_size(
    span: Span,
    layer: str,
    name: str,
    size: str,
    trail: tuple[Label, ...],
    reduced: tuple[int, str] | None = None,
) -> Diagnostic:
    """A weight whose size depends on a size that is only known at run time."""
    help = (
        "state the sizes of the input as numbers, or make the size fixed: "
        "`-> AdaptiveAvgPool2d(1) -> flatten(1)`"
    )
    notes: tuple[str, ...] = ()
    if reduced is not None:
        notes = (f"the features, the last axis of {reduced[1]}, are reduced before",)
        help = f"reduce axis {reduced[0]} instead, which is {size}: `-> mean({reduced[0]})`"
    return Diagnostic(
        "D0205",
        f"the weights of {layer} would need {name} = {size}, which is open until data arrives",
        span,
        others=trail,
        notes=notes,
        help=(help,),
        values={"size": size},
    )


def empty_size(
    span: Span, layer: str, axis: int, size: str, notes: tuple[str, ...], trail: tuple[Label, ...]
) -> Diagnostic:
    """An output axis of length 0 or less."""
    return Diagnostic(
        "D0206",
        f"{layer} would leave nothing: axis {axis} becomes {size}",
        span,
        others=trail,
        notes=notes,
        help=("a size is 1 at least: a smaller window, less stride, or a larger input",),
    )


def output_type(
    span: Span, name: str, declared: str, given: str, trail: tuple[Label, ...], help: str = ""
) -> Diagnostic:
    """An output that is not what it is declared to be."""
    return Diagnostic(
        "D0207",
        f"the output `{name}` is declared as {declared}, and it is {given}",
        span,
        label=f"declared as {declared}",
        others=trail,
        help=(help or f"declare it as {given}, or change what `{name}` is bound to",),
        values={"declared": declared, "given": given},
    )


def operands(
    span: Span,
    operator: str,
    left: str,
    right: str,
    why: str,
    help: str,
    trail: tuple[Label, ...] = (),
) -> Diagnostic:
    """An operator on tensors that do not go together."""
    return Diagnostic(
        "D0208",
        f"`{operator}` cannot take {left}" + (f" and {right}" if right else ""),
        span,
        label=why,
        others=trail,
        help=(help,) if help else (),
        values={"left": left, "right": right},
    )


def block_input(
    span: Span,
    block: str,
    name: str,
    wanted: str,
    comes: str,
    at: Span,
    trail: tuple[Label, ...],
    help: str = "",
) -> Diagnostic:
    """A block's declared input against what flows in."""
    return Diagnostic(
        "D0209",
        f"{block} takes `{name}` as {wanted}, and here comes {comes}",
        span,
        others=(*trail, Label(at, f"declared as {wanted}")),
        help=(help or f"give it that shape first: `-> reshape(…) -> {block}(…)`",),
        values={"wanted": wanted, "given": comes},
    )


def not_a_tensor(span: Span, what: str, help: str = "") -> Diagnostic:
    """A number or string where a tensor is wanted."""
    return Diagnostic(
        "D0215",
        f"a tensor is wanted here, and this is {what}",
        span,
        help=(help or "let an input, or what was computed from one, flow in: `x -> Linear(8)`",),
    )


def not_a_number(span: Span) -> Diagnostic:
    """A tensor where a compile-time value is wanted."""
    return Diagnostic(
        "D0216",
        "this must be known when the network is built, and a tensor is not",
        span,
        help=("write a number or a hyperparameter",),
    )


def endless(span: Span, block: str) -> Diagnostic:
    """A block that uses itself without an end."""
    return Diagnostic(
        "D0217",
        f"`{block}` uses itself without an end",
        span,
        help=(
            "count a hyperparameter down, and let an `if` on it end it: "
            f"`if depth == 0 {{ x }} else {{ x -> {block}(depth - 1) }}`",
        ),
    )


def requirement(
    span: Span, message: str, at: Span, condition: str, values: tuple[str, ...]
) -> Diagnostic:
    """A `require` that a use does not meet; `values` are those of the names in it."""
    return Diagnostic(
        "D0218",
        message,
        at,
        others=(Label(span, "required here"),),
        notes=(f"here {', '.join(values)}",) if values else (),
        help=(f"give it what meets `{condition}`",),
    )


def too_many_layers(span: Span, name: str, count: int, most: int) -> Diagnostic:
    """A model or block that becomes too large once its blocks are written out."""
    return Diagnostic(
        "D0219",
        f"`{name}` has {count:,} layers with all its blocks, and {most:,} is the limit",
        span,
        help=("use fewer blocks, or blocks with fewer layers",),
        values={"layers": count, "limit": most},
    )


def too_many_sizes(span: Span, name: str, count: int, most: int) -> Diagnostic:
    """More names of sizes than can be reasoned about."""
    return Diagnostic(
        "D0220",
        f"`{name}` has {count:,} named sizes, and {most:,} is the limit",
        span,
        help=("write numbers for the sizes that never change",),
        values={"sizes": count, "limit": most},
    )


def nested_blocks(span: Span, deepest: int) -> Diagnostic:
    """Blocks inside blocks inside blocks."""
    return Diagnostic(
        "D0221",
        f"blocks stand inside each other more than {deepest} deep here",
        span,
        help=("write the innermost layers where they are used",),
    )


def size_too_large(span: Span) -> Diagnostic:
    """A size, or a number of weights or operations, that torch has no number for."""
    return Diagnostic(
        "D0222",
        "the sizes here multiply to more than 2**63, which no tensor can have",
        span,
        help=("write smaller sizes",),
    )


def no_size(span: Span, name: str, asked: str, others: tuple[Label, ...]) -> Diagnostic:
    """An open size of which no value meets all conditions."""
    return Diagnostic(
        "D0232",
        f"no {name} meets all that is asked of it",
        span,
        label=asked,
        others=others,
        help=(f"change one of these lines, or give what differs another name than {name}",),
    )


def legal_sizes(words: str, name: str, given: int, nearest: tuple[int, ...]) -> str:
    """What a model asks of a size that the data give otherwise."""
    near = " and ".join(map(str, nearest))
    closest = f"; the nearest legal {'size is' if len(nearest) == 1 else 'sizes are'} {near}"
    return f"{words}, and the data give {name} = {given}{closest if nearest else ''}"
