"""What the compiler says of a layer, with torch's words for dtypes and for results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from dlc.compiler.dims import Dim, dim
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import REQUIRED, Condition, Given, Layer, Mismatch
from dlc.compiler.tensor import Type
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

DTYPES = {
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
    "u8": torch.uint8,
    "i32": torch.int32,
    "i64": torch.int64,
    "bool": torch.bool,
}
# What no spec declares: transforms give it.
COMPLEX = {"c64": torch.complex64, "c128": torch.complex128}
NAMES = {dtype: name for name, dtype in (DTYPES | COMPLEX).items()}


@dataclass(frozen=True)
class Answer:
    """What the compiler finds; weights and buffers by torch's names.

    `types` are the results in a row, `structure` has them as torch returns them.
    """

    types: tuple[Type, ...]
    conditions: tuple[Condition, ...] = ()
    weights: Mapping[str, tuple[Dim, ...]] = field(default_factory=dict)
    buffers: Mapping[str, tuple[Dim, ...]] = field(default_factory=dict)
    flops: Dim = field(default_factory=lambda: dim(0))
    structure: Any = None

    @property
    def type(self) -> Type:
        """Of the first result."""
        return self.types[0]


def leaves(results: Any) -> Iterator[Any]:
    """Results in a row, whatever structure they come in; what is None is nothing.

    What is packed is padded again: its longest record has all steps.
    """
    if isinstance(results, PackedSequence):
        results = pad_packed_sequence(results, batch_first=True)[0]
    if isinstance(results, tuple | list):
        for each in results:
            yield from leaves(each)
    elif results is not None:
        yield results


def answered(record: Layer, given: Mapping[str, Any], *x: Type) -> Answer | Mismatch:
    """The compiler's answer for a layer with these arguments and these inputs."""
    declared = (*record.parameters, *record.called_with)
    arguments = {p.name.lstrip("*"): p.default for p in declared}
    kinds = {p.name.lstrip("*"): p.kind for p in declared}
    arguments |= dict.fromkeys(record.infers)
    kinds |= {key: f"{record.stated.get(key, 'size')}?" for key in record.infers}
    for key, value in given.items():
        if not fits(kinds[key], value):
            return Mismatch(f"{key} is not {kinds[key]}")
        arguments[key] = value
    assert REQUIRED not in arguments.values(), arguments
    found = record.gives(x, arguments)
    if isinstance(found, Mismatch):
        return found
    conditions: tuple[Condition, ...] = ()
    if isinstance(found, Given):
        found, conditions = found.type, found.conditions
    types = tuple(leaves(found))
    for key, read in record.infers.items():
        arguments[key] = read(x) if arguments[key] is None else arguments[key]
    state = (x, types[0], arguments)
    return Answer(
        types,
        conditions,
        record.weights(*state),
        record.buffers(*state),
        record.flops(*state),
        found,
    )


def number(size: Any) -> int:
    """A size that is known."""
    value = dim(size).value
    assert value is not None
    return value


def holds(condition: Condition, sizes: Mapping[str, int]) -> bool:
    """Whether a condition holds for these sizes."""
    left, right = condition.left.evaluate(sizes), condition.right.evaluate(sizes)
    answers = {
        "==": left == right,
        "!=": left != right,
        ">": left > right,
        ">=": left >= right,
        "<": left < right,
        "<=": left <= right,
    }
    return answers[condition.operator]


def least(answer: Answer, sizes: Mapping[str, int]) -> int:
    """The smallest size of all results."""
    return min(
        (each.evaluate(sizes) for result in answer.types for each in result.shape), default=1
    )
