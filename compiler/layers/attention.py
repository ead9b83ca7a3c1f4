"""`MultiheadAttention`, and the rules for heads and masks that transformers share."""

from __future__ import annotations

from collections.abc import Callable

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    equal,
    floats,
    under,
)

SOFTMAX = 5  # operations a score, as of `softmax`


def sequences(
    name: str, x: tuple[Type, ...], roles: tuple[str, ...], conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with values that must be sequences `f32[N, T, E]` of the same records."""
    for value, role in zip(x, roles, strict=True):
        if len(value.shape) != 3:
            write = (
                "-> Embedding(64) before it makes [N, T, 64]" if value.tokens else _in_steps(value)
            )
            return Mismatch(
                f"{name} takes f32[N, T, E]: records, steps, features; its {role} is {value}", write
            )
        if wrong := floats(value, name, ("f32",)):
            return wrong
        if value.spatial:
            return Mismatch(
                f"{name} reads the last axis, and here that is the length of a feature map",
                write="-> transpose(1, 2) before it brings the channels to the end",
            )
        if not equal(value.shape[0], x[0].shape[0], conditions):
            both = f"{text(x[0].shape[0])} and {text(value.shape[0])}"
            return Mismatch(f"{roles[0]} and {role} belong to the same records, and have {both}")
    return None


def _in_steps(value: Type) -> str:
    """How a row of features becomes steps."""
    if len(value.shape) != 2:
        return ""
    width = value.shape[1].value
    steps = next((each for each in (8, 4, 2, 3) if width and width % each == 0), 0)
    if not steps:
        return "Linear and relu read rows of features"
    return f"-> reshape(N, {steps}, {(width or 0) // steps}) for {steps} steps, or Linear for rows"


def divided(
    name: str, width: Dim, heads: Dim, argument: str, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with heads that do not divide the width."""
    left = width % heads
    match decide(left, "==", 0):
        case True:
            return None
        case None:
            conditions.append(Condition(left, "==", dim(0)))
            return None
    if width.value is None or heads.value is None:
        return Mismatch(f"{argument}={text(heads)} does not divide the width {text(width)}")
    legal = [each for each in range(1, width.value + 1) if width.value % each == 0]
    near = sorted(sorted(legal, key=lambda each: abs(each - heads.value))[:2])  # type: ignore[operator]
    below = width.value // heads.value * heads.value
    sizes = [str(size) for size in (below, below + heads.value) if size]
    return Mismatch(
        f"{name} gives each head an equal share of the width, and {width} / {heads} is "
        f"{width.value / heads.value:.4g}",
        write=" or ".join(f"{argument}={each}" for each in near),
        notes=(f"with {argument}={heads} the width may be {' or '.join(sizes)}",),
    )


def masked(
    name: str,
    a: Args,
    argument: str,
    shape: tuple[Dim, Dim],
    records: Dim,
    heads: Dim,
    conditions: list[Condition],
) -> Mismatch | None:
    """What is wrong with a mask `[L, S]`, or `[N * heads, L, S]`, from steps to steps."""
    mask: Type | None = a[argument]
    if mask is None:
        return None
    if wrong := _truth(name, argument, mask):
        return wrong
    whole = (records * heads, *shape)
    wanted = whole if len(mask.shape) == 3 else shape
    if len(mask.shape) == len(wanted) and all(map(_equal(conditions), mask.shape, wanted)):
        return None
    sizes = ", ".join(map(text, shape))
    write = f"make it of these sizes: ones({sizes})"
    if mask.shape == (records, *shape):
        write = (
            f"the same for each head: expand(mask[:, None], N, {heads}, {sizes}) -> "
            f"reshape(N * {heads}, {sizes})"
        )
    return Mismatch(
        f"{argument} is {Type('bool', shape)} or {Type('bool', whole)}, from each step of the "
        f"query to each of the key, not {mask}",
        write,
    )


def padded(
    name: str,
    a: Args,
    argument: str,
    shape: tuple[Dim, Dim],
    conditions: list[Condition],
) -> Mismatch | None:
    """What is wrong with a mask `[N, S]` of the steps that only fill up."""
    mask: Type | None = a[argument]
    if mask is None:
        return None
    if wrong := _truth(name, argument, mask):
        return wrong
    if len(mask.shape) == 2 and all(map(_equal(conditions), mask.shape, shape)):
        return None
    turned = len(mask.shape) == 2 and mask.shape == shape[::-1]
    return Mismatch(
        f"{argument} is {Type('bool', shape)}, True for the steps to leave out, not {mask}",
        write="leave out what turns it around"
        if turned
        else f"declare it as {Type('bool', shape)}",
    )


def _equal(conditions: list[Condition]) -> Callable[[Dim, Dim], bool]:
    return lambda left, right: equal(left, right, conditions)


def _truth(name: str, argument: str, mask: Type) -> Mismatch | None:
    """A mask says what to leave out (bool), or is added to the scores (f32)."""
    if mask.dtype in ("bool", "f32"):
        return None
    return Mismatch(
        f"{argument} of {name} is bool, True where nothing is to be seen, or f32, which is added "
        f"to the scores; here comes {mask}",
        write="compare first: `mask == 0`",
        code="D0202",
    )


def hinted(a: Args, hint: str, mask: str) -> Mismatch | None:
    """`is_causal` without the mask that it speaks of."""
    if not a[hint] or a[mask] is not None:
        return None
    return Mismatch(
        f"{hint}=True promises that {mask} is the causal mask, and there is none",
        write=f"{mask}=triu(ones(T, T), 1) > 0",
    )


def multihead(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, L, E]` looks at `[N, S, …]`: `[N, L, E]`, and how much each step looked at each."""
    query, key, value = x
    name = "MultiheadAttention"
    conditions: list[Condition] = []
    if wrong := sequences(name, x, ("query", "key", "value"), conditions):
        return wrong
    if not a["batch_first"]:
        return Mismatch(f"{name} has the batch first here, always", "leave out batch_first")
    records, length, width = query.shape
    steps = key.shape[1]
    if not equal(value.shape[1], steps, conditions):
        return Mismatch(
            f"each step of the key {key} has its value, and {value} has other steps",
            write=f"the same sequence for both: {name}(…)(x, memory, memory)",
        )
    for size, tensor in (("kdim", key), ("vdim", value)):
        stated = a[size]
        if stated is not None and not equal(tensor.shape[2], dim(stated), conditions):
            return Mismatch(
                f"{size}={stated} is not the {text(tensor.shape[2])} features that come in",
                write=f"leave out {size}: the compiler reads it off",
            )
    heads = dim(a["num_heads"])
    wrong = (
        divided(name, width, heads, "num_heads", conditions)
        or masked(name, a, "attn_mask", (length, steps), records, heads, conditions)
        or padded(name, a, "key_padding_mask", (records, steps), conditions)
        or hinted(a, "is_causal", "attn_mask")
    )
    if wrong:
        return wrong
    output = Type("f32", (records, length, width))
    if not a["need_weights"]:
        if not a["average_attn_weights"]:
            return Mismatch(
                "average_attn_weights is about the weights, and need_weights=False gives none",
                write="need_weights=True, or leave out average_attn_weights",
            )
        return under((output, None), conditions)
    seen = steps + _added(a)
    shown = () if a["average_attn_weights"] else (heads,)
    # With dropout what is left no longer sums to 1.
    meaning = "probabilities" if not a["dropout"] else ""
    return under(
        (output, Type("f32", (records, *shown, length, seen), meaning=meaning)), conditions
    )


def _added(a: Args) -> int:
    """How many steps torch puts behind the key."""
    return bool(a["add_bias_kv"]) + bool(a["add_zero_attn"])


def other_width(place: int) -> Callable[[tuple[Type, ...]], Dim | None]:
    """The features of the key or the value, where they are not as many as the query's."""

    def read(x: tuple[Type, ...]) -> Dim | None:
        own = x[place].shape[-1]
        return None if decide(own, "==", x[0].shape[-1]) else own

    return read


def multihead_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """One matrix for query, key and value, or three where their features differ."""
    width = x[0].shape[-1]
    widths = [each.shape[-1] for each in x]
    if all(decide(each, "==", width) for each in widths):
        shapes: dict[str, Shape] = {"in_proj_weight": (width * 3, width)}
    else:
        shapes = {f"{q}_proj_weight": (width, own) for q, own in zip("qkv", widths, strict=True)}
    if a["bias"]:
        shapes["in_proj_bias"] = (width * 3,)
    if a["add_bias_kv"]:
        shapes["bias_k"] = shapes["bias_v"] = (dim(1), dim(1), width)
    shapes["out_proj.weight"] = (width, width)
    return shapes | ({"out_proj.bias": (width,)} if a["bias"] else {})


def multihead_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Four projections, the scores, and what is read by them; then the average over heads."""
    widths = (x[1].shape[-1], x[2].shape[-1])
    records, length, _ = y.shape
    seen = x[1].shape[1] + _added(a)
    masks = (a["attn_mask"], a["key_padding_mask"])
    total = projections(y, x[1].shape[1], widths, a["bias"])
    total = total + looked_at(y, seen, dim(a["num_heads"]), masks)
    shown = a["need_weights"] and a["average_attn_weights"]
    return total + (records * length * seen * a["num_heads"] if shown else 0)


def projections(y: Type, steps: Dim, widths: tuple[Dim, Dim], bias: bool) -> Dim:
    """A multiply-add for each weight and step: query and output, key and value."""
    records, length, width = y.shape
    total = records * length * width * (width * 4 + 2 * bool(bias))
    for own in widths:
        total = total + records * steps * width * (own * 2 + bool(bias))
    return total


def looked_at(y: Type, seen: Dim, heads: Dim, masks: tuple[Type | None, ...]) -> Dim:
    """Scores and what is read by them, a multiply-add for each feature; masks; softmax.

    Source: softmax(Q Kᵀ / √d) V, section 3.2 of "Attention Is All You Need" (2017).
    """
    records, length, width = y.shape
    given = sum(mask is not None for mask in masks)
    each = records * length * seen
    return each * width * 4 + each * heads * (SOFTMAX + given) + records * length * width


ATTENTION = (
    Layer(
        "MultiheadAttention",
        "num_heads: size, dropout: probability = 0.0, bias: bool = True, "
        "add_bias_kv: bool = False, add_zero_attn: bool = False, batch_first: bool = True",
        multihead,
        "nn.MultiheadAttention",
        "each step of a query looks at the steps of a key, in several ways at once",
        "MultiheadAttention(2)(sequence, sequence, sequence)",
        inputs=("query", "key", "value"),
        infers={
            "embed_dim": lambda x: x[0].shape[-1],
            "kdim": other_width(1),
            "vdim": other_width(2),
        },
        keywords=("kdim", "vdim"),
        forward="key_padding_mask: tensor? = None, need_weights: bool = True, "
        "attn_mask: tensor? = None, average_attn_weights: bool = True, is_causal: bool = False",
        fixed={"batch_first": "True"},
        positional=2,
        stem="attention",
        weights=multihead_weights,
        flops=multihead_flops,
        results="y, weights",
    ),
)
