"""Padding: rims of zeros, of a constant, or of the values inside; negative sizes cut off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import Dim, decide, dim, minimum, text
from ..tensor import Type
from .record import BATCH, Args, Condition, Given, Layer, Mismatch, Result, free

Edges = tuple[tuple[Dim, Dim], ...]

# The ranks that torch pads with values from inside, by the number of axes padded.
INNER = {1: (2, 3), 2: (3, 4), 3: (4, 5)}
WHOLE = {"u8": (0, 2**8), "i32": (-(2**31), 2**31), "i64": (-(2**63), 2**63)}
LARGEST = {"f16": 65504.0, "bf16": 3.3895313892515355e38, "f32": 3.4028234663852886e38}


def _pairs(sizes: tuple[Any, ...]) -> Edges:
    """Before and behind each axis, the last axis first, as torch writes them."""
    return tuple(
        (dim(before), dim(behind)) for before, behind in zip(sizes[::2], sizes[1::2], strict=True)
    )


def padded(value: Type, edges: Edges, mode: str, number: float) -> Result:
    """The type rule of every padding: an axis becomes before + size + behind."""
    rank, shape = len(value.shape), list(value.shape)
    if len(edges) > rank:
        return Mismatch(
            f"{len(edges)} axes are to be padded, and {value} has {rank}",
            write="two numbers for each axis, the last axis first",
        )
    if mode == "constant":
        used = not all(decide(each, "<=", 0) for edge in edges for each in edge)
        if used and (wrong := _constant(value, number)):
            return wrong
    elif rank not in INNER.get(len(edges), ()):
        return Mismatch(
            f'mode="{mode}" pads the last axis of 2 or 3, the last two of 3 or 4, or the last '
            f"three of 4 or 5; here {len(edges)} of {rank} are to be padded",
            write='mode="constant", or two numbers for each axis behind the channels',
        )
    elif value.dtype == "bool" and mode != "circular":
        return Mismatch(f'torch has no mode="{mode}" for bool', "-> to(f32) before", code="D0202")
    conditions: list[Condition] = []
    for place, (before, behind) in enumerate(edges, start=1):
        size = shape[-place]
        if before == 0 and behind == 0:
            continue
        if BATCH in size.names:
            return Mismatch(
                f"axis {rank - place} is the batch, and padding would add records to it",
                write="0, 0 for that axis",
            )
        for left, operator, right in _needs(size, before, behind, mode):
            match decide(left, operator, right):
                case False:
                    return _too_wide(size, before, behind, mode)
                case None:
                    conditions.append(Condition(left, operator, right))
        shape[-place] = before + size + behind
    given = _meaning(value.shaped(*shape), mode, number)
    return Given(given, tuple(conditions)) if conditions else given


def _needs(size: Dim, before: Dim, behind: Dim, mode: str) -> list[tuple[Dim, str, Dim]]:
    """What must hold of an axis: something is left, and there is enough to take a rim from."""
    cut = size + minimum(before, dim(0)) + minimum(behind, dim(0))
    needs = [(before + size + behind, ">=", dim(1))]
    if mode == "constant":
        needs.append((cut, ">=", dim(0)))
    elif mode == "reflect":
        needs += [(size, ">", before), (size, ">", behind)]
    elif mode == "circular":
        # Of more than is left after cutting off, torch would copy what it has not written yet.
        needs += [(cut, ">=", dim(1)), (cut, ">=", before), (cut, ">=", behind)]
    return needs


def _too_wide(size: Dim, before: Dim, behind: Dim, mode: str) -> Mismatch:
    left = before + size + behind
    if decide(left, "<", 1) or mode == "constant":
        return Mismatch(
            f"cutting off leaves nothing of {text(size)}",
            notes=(f"the axis becomes {text(before)} + {text(size)} + {text(behind)}",),
            write="less to cut off",
        )
    if mode == "circular" and (decide(before, "<", 0) or decide(behind, "<", 0)):
        return Mismatch(
            f"too little of {text(size)} is left to repeat",
            notes=(f"before and behind it are {text(before)} and {text(behind)}",),
            write="less to cut off",
        )
    most = size - 1 if mode == "reflect" else size
    what = "must be smaller than" if mode == "reflect" else "must not exceed"
    wide = before if decide(before, ">", most) else behind
    return Mismatch(
        f'padding={text(wide)} {what} the {text(size)} that it repeats (mode="{mode}")',
        write=f"{text(most)} at most",
    )


def _constant(value: Type, number: float) -> Mismatch | None:
    """What is wrong with a number as the filling of a dtype."""
    if value.dtype in WHOLE:
        least, above = WHOLE[value.dtype]
        if number != number or abs(number) == float("inf") or not least <= number < above:
            return Mismatch(f"{value.dtype} has no {number}", write="value=0", code="D0202")
        if int(number) != number:
            return Mismatch(
                f"{value.dtype} has whole numbers, and {number} would become {int(number)}",
                write=f"value={int(number)}, or `-> to(f32)` before",
                code="D0202",
            )
    most = LARGEST.get(value.dtype)
    if most is not None and most < abs(number) < float("inf"):
        return Mismatch(f"{value.dtype} ends at {most:g}", write="value=inf", code="D0202")
    return None


def _meaning(value: Type, mode: str, number: float) -> Type:
    """Copies keep what the numbers are; a constant must be one of them."""
    if mode != "constant" or value.meaning == "activations":
        return value
    value = replace(value, meaning="")
    for bound in (value.tokens, value.classes):
        if bound is not None and not 0 <= number < bound:
            return replace(value, tokens=None, classes=None, labels=None)
    return value


def pad(x: tuple[Type, ...], a: Args) -> Result:
    """The function: two numbers for each axis, the last axis first; `mode` says with what."""
    (value,) = x
    mode, number = a["mode"], a["value"]
    if len(a["pad"]) % 2:
        return Mismatch(
            f"an axis has two sides, and here are {len(a['pad'])} numbers",
            write="two numbers for each axis, the last axis first",
        )
    if mode != "constant" and number:
        return Mismatch(
            f'value={number} has no effect with mode="{mode}"',
            write='mode="constant", or no value',
        )
    return padded(value, _pairs(a["pad"]), mode, number or 0)


def padding(mode: str, rank: int) -> Any:
    """The type rule of the layers: one number for all sides, or two for each axis."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        asked = a["padding"]
        sizes = asked if isinstance(asked, tuple) else (asked,) * (2 * rank)
        found = padded(value, _pairs(sizes), mode, a.get("value", 0))
        given = found.type if isinstance(found, Given) else found
        if not isinstance(given, Type) or len(given.shape) != rank + 2:
            return found
        given = replace(given, spatial=rank)
        return Given(given, found.conditions) if isinstance(found, Given) else given

    return gives


def _layers(name: str, mode: str, what: str) -> tuple[Layer, ...]:
    more = ", value: float" if name == "Constant" else ""
    sample = {1: "signal", 2: "image", 3: "volume"}
    return tuple(
        Layer(
            f"{name}Pad{rank}d",
            f"padding: edges{rank}{more}",
            padding(mode, rank),
            f"nn.{name}Pad{rank}d",
            f"{what} around the last {'axis' if rank == 1 else f'{rank} axes'}",
            f"{sample[rank]} -> {name}Pad{rank}d({'1, 0.5' if more else 1})",
            positional=2,
            stem="pad",
            flops=free,
        )
        for rank in (1, 2, 3)
    )


PADDING = (
    *_layers("Zero", "constant", "zeros"),
    *_layers("Constant", "constant", "one number"),
    *_layers("Reflection", "reflect", "the values inside, mirrored at the edge,"),
    *_layers("Replication", "replicate", "the values of the edge"),
    *_layers("Circular", "circular", "the values of the other side"),
    Layer(
        "pad",
        "pad: edges, mode: constant|reflect|replicate|circular = 'constant', value: float? = None",
        pad,
        "F.pad",
        "more values before and behind, two numbers for each axis, the last axis first",
        "signal -> pad([1, 2])",
        flops=free,
    ),
)
