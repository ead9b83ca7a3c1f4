"""The example of a layer's record as a whole small model, which checks and compiles."""

from __future__ import annotations

import re
from functools import cache

from .. import ir
from ..layers import LAYERS
from ..layers.record import Layer
from ..pipeline import check
from ..source import Source

# What flows into the examples of layers and functions.
INFLOWS = {
    "image": "f32[N, 3, 28, 28]",
    "volume": "f32[N, 2, 16, 16, 16]",
    "signal": "f32[N, 4, 100]",
    "sequence": "f32[N, 20, 8]",
    "tokens": "token(1000)[N, 20]",
    "column": "f32[N, 1]",
    "lengths": "i64[N]",
    "x": "f32[N, 784]",
    "y": "f32[N, 784]",
}
# What stands before an example that needs more than inputs: pools that say where maxima were.
POOLED = {
    rank: f"pooled, indices = {inflow} -> max_pool{rank}d(2, return_indices=True)"
    for rank, inflow in (("1", "signal"), ("2", "image"), ("3", "volume"))
}
MOST_RESULTS = 8


def example(record: Layer) -> str:
    """The model of the record's example: its inputs, what must stand before it, and one output."""
    return _example(record.name)


@cache
def _example(layer: str) -> str:
    record = LAYERS[layer]
    before = ""
    words = set(re.findall(r"\w+", record.example))
    if "pooled" in words:
        (rank,) = re.findall(r"\d", record.name)
        before = f"  {POOLED[rank]}\n"
        words |= set(re.findall(r"\w+", before))
    found = [name for name in INFLOWS if name in words] or ["x"]
    inputs = "".join(f"  input {name}: {INFLOWS[name]}\n" for name in found)
    for last in _endings(record):
        text = f"model Net {{\n{inputs}{before}{last}}}\n"
        if check(Source("", text)).program is not None:
            return text
    raise AssertionError(f"the example of {record.name} does not check")


def _endings(record: Layer) -> list[str]:
    """How the example may end: with one result, with those that the record names, with several."""
    several = [record.results] if record.results else []
    letters = [f"part{place}" for place in range(MOST_RESULTS)]
    several += [", ".join(letters[:count]) for count in range(2, MOST_RESULTS)]
    one = f"  output out = {record.example}\n"
    # No model gives complex numbers, but their parts.
    parts = f"  z = {record.example}\n  output out = real(z)\n"
    return [
        one,
        parts,
        *(f"  {names} = {record.example}\n  output out = {_first(names)}\n" for names in several),
    ]


def _first(names: str) -> str:
    return str(re.findall(r"\w+", names)[0])


@cache
def exemplified(name: str) -> ir.TypedProgram:
    """The checked program of the example of a layer or function."""
    program = check(Source("", example(LAYERS[name]))).program
    assert program is not None
    return program
