"""Sequences of unlike lengths: packed for layers over time, and padded again behind them."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from ..dims import decide, dim, text
from ..tensor import INTEGERS, Type
from .record import Args, Condition, Layer, Mismatch, Result, equal, free, under

# The smallest and largest number of a dtype, where torch refuses what is beyond.
RANGES = {
    "u8": (0, 255),
    "i32": (-(2**31), 2**31 - 1),
    "i64": (-(2**63), 2**63 - 1),
    "f16": (-65504, 65504),
    "bf16": (-3.3895313892515355e38, 3.3895313892515355e38),
    "f32": (-3.4028234663852886e38, 3.4028234663852886e38),
}
FIRST = "the batch is first here, always"


def pack(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, T, …]` and lengths `[N]`: the same numbers without the steps behind each length."""
    value, lengths = x
    conditions: list[Condition] = []
    if not a["batch_first"]:
        return Mismatch(FIRST, write="batch_first=True, with [N, T, F]")
    if a["enforce_sorted"]:
        return Mismatch(
            "records come in any order, and enforce_sorted wants the longest first",
            write="enforce_sorted=False: torch sorts them, and puts the results back in order",
        )
    if len(value.shape) < 2:
        return Mismatch(f"pack_padded_sequence takes [N, T, …], records and steps, not {value}")
    if lengths.dtype not in INTEGERS or len(lengths.shape) != 1:
        wanted = Type("i64", value.shape[:1])
        why = f"lengths are {wanted}, one for each record, not {lengths}"
        return Mismatch(why, write=f"declare them as {wanted}", code="D0202")
    if not equal(lengths.shape[0], value.shape[0], conditions):
        sizes = f"{text(value.shape[0])} records have {text(lengths.shape[0])} lengths"
        return Mismatch(f"each record has one length, and here {sizes}")
    return under(replace(value, packed=True, spatial=0), conditions)


def pad(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, total_length, …]` again, filled up with `padding_value`; and the lengths."""
    (value,) = x
    if not value.packed:
        return Mismatch(
            f"{value} is not packed",
            write="x -> pack_padded_sequence(lengths, batch_first=True, enforce_sorted=False)",
        )
    if not a["batch_first"]:
        return Mismatch(FIRST, write="batch_first=True: it gives [N, T, F]")
    batch, steps, *features = value.shape
    if wrong := _beyond(value, a["padding_value"]):
        return wrong
    if a["total_length"] is None:
        return Mismatch(
            "without total_length the number of steps is that of the longest record in the batch",
            write=f"total_length={text(steps)}",
        )
    total = dim(a["total_length"])
    conditions: list[Condition] = []
    match decide(total, ">=", steps):
        case False:
            return Mismatch(
                f"records have up to {text(steps)} steps, which total_length={text(total)} cuts",
                write=f"total_length={text(steps)}",
            )
        case None:
            conditions.append(Condition(total, ">=", steps))
    given = replace(_filled(value, a), packed=False, shape=(batch, total, *features))
    return under((given, Type("i64", (batch,))), conditions)


def _beyond(value: Type, number: float) -> Mismatch | None:
    """What is wrong with a number that the dtype does not have."""
    low, high = RANGES.get(value.dtype, (-inf, inf))
    if low <= number <= high or (value.floating and abs(number) == inf):
        return None
    return Mismatch(
        f"padding_value={number} is no {value.dtype}: {low} … {high}", "padding_value=0"
    )


def _filled(value: Type, a: Args) -> Type:
    """What the numbers still mean beside those that fill up."""
    bound = value.tokens or value.classes
    kept = bound is not None and a["padding_value"] in range(bound)
    return value if kept or value.meaning == "activations" else value.plain


PACKED = (
    Layer(
        "pack_padded_sequence",
        "batch_first: bool = True, enforce_sorted: bool = True",
        pack,
        "nn.utils.rnn.pack_padded_sequence",
        "sequences without what stands behind their lengths, for LSTM, GRU and RNN",
        "sequence -> pack_padded_sequence(lengths, enforce_sorted=False)"
        " -> pad_packed_sequence(total_length=20)",
        inputs=("input", "lengths"),
        positional=0,
        # torch wants lengths on the processor, wherever the sequences are.
        adapt=lambda x: ("{}", "{}.cpu()"),
        fixed={"batch_first": "True"},
        flops=free,
    ),
    Layer(
        "pad_packed_sequence",
        "batch_first: bool = True, padding_value: float = 0.0, total_length: size? = None",
        pad,
        "nn.utils.rnn.pad_packed_sequence",
        "packed sequences as [N, T, F] again, and their lengths",
        "sequence -> pack_padded_sequence(randint(1, 21, (N,)), enforce_sorted=False)"
        " -> pad_packed_sequence(total_length=20)",
        inputs=("sequence",),
        positional=0,
        fixed={"batch_first": "True"},
        flops=free,
        results="y, lengths",
        unpacks=True,
    ),
)
