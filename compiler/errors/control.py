"""D01.. of what is decided when a network is built: loops, choices, lists, blocks."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span

# What tensors, layers and lists have in Python, and how it is written here: {0} is the owner,
# {1} what stands in the brackets.
INSTEAD = {
    "clone": "{0}",
    "contiguous": "{0}",
    "data": "detach({0})",
    "dim": "len({0}.shape)",
    "double": "{0} -> to(f64)",
    "extend": "{0} = {0} + {1}",
    "float": "{0} -> to(f32)",
    "forward": "{1} -> {0}",
    "half": "{0} -> to(f16)",
    "long": "{0} -> to(i64)",
    "ndim": "len({0}.shape)",
    "size": "{0}.shape[{1}]",
}


def no_attribute(span: Span, owner: str, name: str, known: bool) -> Diagnostic:
    """`x.size`, `layer.in_features`."""
    write = INSTEAD.get(name, f"{{0}} -> {name}" if known else "{0}.shape[1]")
    return Diagnostic(
        "D0120",
        f"nothing here has `.{name}`",
        span,
        notes=(
            "with a dot there are `x.shape`, `x.T`, `x.mT`, a declared layer's parameters such as "
            "`words.weight`, and a list's `append` and `pop`",
        ),
        help=(f"write `{write.format(owner, '').replace('[]', '')}`",),
    )


def no_method(span: Span, owner: str, name: str, arguments: str, known: bool) -> Diagnostic:
    """`x.view(-1)`."""
    brackets = f"({arguments})" if arguments else ""
    write = INSTEAD.get(name, f"{{0}} -> {name}{brackets}" if known else "")
    if owner in ("F", "nn", "torch", "functional"):
        write = f"{name}{brackets}"
    help = f"write `{write.format(owner, arguments).replace('[]', '')}`" if write else ""
    return Diagnostic(
        "D0120",
        f"methods are not called with a dot: `.{name}`",
        span,
        notes=("with a dot a list has `append` and `pop`, and nothing else is called so",),
        help=(help,) if help else (),
    )


def no_block_form(span: Span, text: str) -> Diagnostic:
    """`x -> Linear(3) { … }`."""
    return Diagnostic(
        "D0121",
        f"only `repeat` has a block in braces, and here stands `{text}`",
        span,
        help=("write `-> repeat(3) { Linear(10) -> relu }`",),
    )


def repeat_count(span: Span) -> Diagnostic:
    """`repeat` without a number of turns."""
    return Diagnostic(
        "D0121",
        "`repeat` takes one number: how often",
        span,
        help=("write `-> repeat(3) { Linear(10) -> relu }`",),
    )


def repeat_carries(span: Span, many: int) -> Diagnostic:
    """`(x, y) -> repeat(3) { … }`."""
    return Diagnostic(
        "D0121",
        f"`repeat` carries one tensor from turn to turn, and here flow {many}",
        span,
        help=("write `for i in range(3) { x = (x, y) -> … }`",),
    )


def turns(span: Span, shown: str, help: str = "") -> Diagnostic:
    """A number of turns that is none."""
    return Diagnostic(
        "D0121",
        f"how often is a whole number, 0 or above, and here it is {shown}",
        span,
        help=(help or "write a number, a hyperparameter, or an expression of them",),
    )


def not_listed(span: Span, shown: str) -> Diagnostic:
    """`for` over something that is no list."""
    return Diagnostic(
        "D0122",
        f"`for` goes over a list, and this is {shown}",
        span,
        help=("write `for i in range(3) { … }`, or `for width in [64, 128] { … }`",),
    )


def no_pairs(span: Span, names: str, shown: str, over: str) -> Diagnostic:
    """`for i, width in widths`."""
    return Diagnostic(
        "D0122",
        f"there are two names, `{names}`, and each entry of this list is {shown}",
        span,
        help=(f"write `for {names} in enumerate({over}) {{ … }}`",),
    )


def undecided(span: Span, why: str, others: tuple[Label, ...] = ()) -> Diagnostic:
    """A condition that is not known when the network is built; `others` show its open sizes."""
    return Diagnostic(
        "D0123",
        f"this is decided when the network is built, and {why}",
        span,
        others=others,
        help=(
            "write a number for that size of the input, or make it a hyperparameter"
            if others
            else "choose element by element: `where(condition, a, b)`",
        ),
    )


def unbound(span: Span, name: str, others: tuple[Label, ...]) -> Diagnostic:
    """A name that no turn and no branch has bound; `others` show where it would have been."""
    return Diagnostic(
        "D0124",
        f"`{name}` has no value here",
        span,
        others=others,
        notes=("it is bound only inside an `if` or a loop that was not gone through",),
        help=(f"bind `{name}` before, or in every branch",),
    )


def no_list(span: Span, name: str, shown: str, others: tuple[Label, ...]) -> Diagnostic:
    """`append` or `pop` of something that is no list."""
    return Diagnostic(
        "D0125",
        f"`{name}` is no list: it is {shown}",
        span,
        others=others,
        help=(f"begin with `{name} = []`",),
    )


def empty_list(span: Span, name: str, popped: int, others: tuple[Label, ...]) -> Diagnostic:
    """`pop` of an empty list, which has given so many entries before."""
    had = "nothing was appended to it" if popped == 0 else f"it had {popped}, and all are popped"
    return Diagnostic(
        "D0125",
        f"`{name}` has no entry left to pop: {had}",
        span,
        others=others,
        help=(f"pop {popped} times, or append once more",),
    )


def no_entry(span: Span, name: str, place: str, many: int) -> Diagnostic:
    """`pop` of a place that a list has not."""
    return Diagnostic(
        "D0125",
        f"`{name}` has {many} entries, and here {place} is popped",
        span,
        help=(f"write a number from 0 to {many - 1}, or -1 for the last",),
    )


def method_unknown(span: Span, name: str, method: str, arguments: str) -> Diagnostic:
    """A statement `x.something(…)`."""
    write = {"extend": "{0} = {0} + {1}", "insert": "{0} = [{1}] + {0}"}.get(method)
    if method == "insert":
        arguments = arguments.partition(", ")[2]
    return Diagnostic(
        "D0125",
        f"as a statement a list has `append`, and here stands `{method}`",
        span,
        help=(f"write `{(write or '{0}.append({1})').format(name, arguments)}`",),
    )


def append_one(span: Span, name: str) -> Diagnostic:
    """`append` with none or several."""
    return Diagnostic(
        "D0125",
        "`append` takes one value",
        span,
        help=(f"write `{name}.append(h)`, once for each value",),
    )


def port_inside(span: Span, what: str, name: str) -> Diagnostic:
    """An input or output inside a loop or a branch."""
    help = f"declare `output {name}: …` above, and bind it here: `{name} = …`"
    return Diagnostic(
        "D0132",
        f"an {what} is declared in the body itself, not inside a loop or a branch",
        span,
        help=(help if what == "output" else "move it out of the braces",),
    )


def too_many(span: Span, most: int) -> Diagnostic:
    """A network of too many layers."""
    return Diagnostic(
        "D0126",
        f"this network has more than {most:,} layers",
        span,
        help=("fewer turns, or fewer layers in each",),
    )


def too_deep(span: Span, block: str, most: int) -> Diagnostic:
    """Blocks within blocks without an end."""
    return Diagnostic(
        "D0127",
        f"`{block}` stands more than {most} blocks deep",
        span,
        notes=("a block that uses itself needs an `if` that comes to an end",),
        help=("count a hyperparameter down, and stop at 0",),
    )


def carried_type(
    span: Span, name: str, before: str, after: str, others: tuple[Label, ...]
) -> Diagnostic:
    """A name that changes its type in a loop at run time."""
    return Diagnostic(
        "D0130",
        f"`{name}` is {before} before the loop and {after} after one turn",
        span,
        others=others,
        notes=("the number of turns is open until data come, so each turn carries the same types",),
        help=("keep the type, or collect the values: `states.append(h)`, then `stack(states, 1)`",),
    )


def gathered_once(span: Span, name: str) -> Diagnostic:
    """A list that is not appended to once a turn."""
    return Diagnostic(
        "D0130",
        f"how many entries `{name}` has after this loop is not known",
        span,
        notes=("the number of turns is open until data come",),
        help=(f"begin with `{name} = []` before the loop, and append one tensor each turn",),
    )


def layer_in_loop(span: Span, layer: str) -> Diagnostic:
    """An anonymous layer in a loop whose number of turns is open."""
    return Diagnostic(
        "D0130",
        f"this {layer} would be a new layer each turn, and the number of turns is open",
        span,
        help=(f"declare it before the loop: `layer step = {layer}(…)`",),
    )


def loop_condition(span: Span, shown: str, loop: Span) -> Diagnostic:
    """A condition that is not sure to hold in every turn."""
    return Diagnostic(
        "D0130",
        f"{shown} does not hold in every turn of the loop",
        span,
        others=(Label(loop, "the turns"),),
        help=("change the bounds of `range`, or the index",),
    )


def function_depth(span: Span, name: str) -> Diagnostic:
    """A compile-time function that calls itself without an end."""
    return Diagnostic(
        "D0131",
        f"`{name}` calls itself without an end",
        span,
        help=("stop at some value: `if n == 0 { 1 } else { … }`",),
    )


def not_a_function_of_tensors(span: Span, name: str) -> Diagnostic:
    """`len(x)` of a tensor."""
    return Diagnostic(
        "D0131",
        f"`{name}` is computed when the network is built, and a tensor is not known then",
        span,
        help=("`x.shape[0]` is the batch, and `x.shape[1]` the length of the next axis",)
        if name == "len"
        else (),
    )


def open_rank(span: Span) -> Diagnostic:
    """`...` where no caller says how many axes there are."""
    return Diagnostic(
        "D0135",
        "how many axes `...` stands for is said by the caller of a block",
        span,
        help=("name the axes of a model: `f32[N, T, D]`",),
    )


def default_before(span: Span, name: str, first: str) -> Diagnostic:
    """An input without a default behind one that has one."""
    return Diagnostic(
        "D0132",
        f"`{name}` always flows in, and it stands behind `{first}`, which may be left out",
        span,
        help=(f"declare `{name}` before `{first}`, or give it a default too",),
    )
