"""Layers in use: settings and inputs by hand, and the same layer built in torch as oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from dlc.compiler.dims import Dim, dim
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import REQUIRED, Condition, Given, Layer, Mismatch
from dlc.compiler.tensor import Type
from torch import Tensor, nn

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
NAMES = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class Sample:
    """A layer with what an author writes in its brackets, and what flows into it."""

    layer: str
    given: Mapping[str, Any]
    shape: tuple[int, ...]
    dtype: str = "f32"

    @property
    def record(self) -> Layer:
        return LAYERS[self.layer]

    @property
    def type(self) -> Type:
        return Type(self.dtype, tuple(map(dim, self.shape)))


def completed(record: Layer, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """All arguments with defaults filled in; None where one is not of its kind."""
    values = {p.name.lstrip("*"): p.default for p in record.parameters}
    kinds = {p.name.lstrip("*"): p.kind for p in record.parameters}
    values |= dict.fromkeys(record.infers)
    kinds |= {key: f"{record.stated.get(key, 'size')}?" for key in record.infers}
    for name, value in given.items():
        if not fits(kinds[name], value):
            return None
        values[name] = value
    assert REQUIRED not in values.values()
    return values


@dataclass(frozen=True)
class Inferred:
    """What the compiler finds; weights and buffers by torch's names; several results in a row."""

    types: tuple[Type, ...]
    conditions: tuple[Condition, ...]
    arguments: Mapping[str, Any]
    weights: Mapping[str, tuple[Dim, ...]]
    buffers: Mapping[str, tuple[Dim, ...]]
    flops: Dim

    @property
    def type(self) -> Type:
        """Of the first result."""
        return self.types[0]


def leaves(results: Any) -> Iterator[Any]:
    """Results in a row, whatever structure they come in."""
    if isinstance(results, tuple | list):
        for each in results:
            yield from leaves(each)
    else:
        yield results


def inferred(record: Layer, given: Mapping[str, Any], *x: Type) -> Inferred | Mismatch:
    """The compiler's answer for one layer."""
    arguments = completed(record, given)
    if arguments is None:
        return Mismatch("an argument is not of its kind")
    found = record.gives(x, arguments)
    conditions: tuple[Condition, ...] = ()
    if isinstance(found, Mismatch):
        return found
    if isinstance(found, Given):
        found, conditions = found.type, found.conditions
    types = tuple(leaves(found))
    for name, read in record.infers.items():
        if arguments[name] is None:
            arguments[name] = read(x)
    state = (x, types[0], arguments)
    return Inferred(
        types,
        conditions,
        arguments,
        record.weights(*state),
        record.buffers(*state),
        record.flops(*state),
    )


def holds(condition: Condition, sizes: Mapping[str, int]) -> bool:
    """Whether a condition holds for these sizes."""
    left, right = condition.left.evaluate(sizes), condition.right.evaluate(sizes)
    answers = {"==": left == right, ">": left > right, ">=": left >= right}
    return answers[condition.operator]


def tensor(shape: tuple[int, ...], dtype: str = "f32", below: int = 2) -> Tensor:
    """A tensor whose values are all legal: floats around zero, indices from 0 on."""
    if dtype == "bool" or not DTYPES[dtype].is_floating_point:
        return torch.randint(0, below, shape).to(DTYPES[dtype])
    return torch.randn(shape).to(DTYPES[dtype])


def module(record: Layer, given: Mapping[str, Any], x: Tensor) -> nn.Module:
    """The layer as a person writes it in torch, sizes of the input stated by hand."""
    sizes: dict[str, int] = {}
    match record.name:
        case "Linear":
            sizes = {"in_features": x.shape[-1]}
        case convolution if convolution.startswith("Conv"):
            sizes = {"in_channels": x.shape[1]}
        case "BatchNorm1d" | "BatchNorm2d":
            sizes = {"num_features": x.shape[1]}
        case "LayerNorm":
            sizes = {"normalized_shape": x.shape[-1]}
        case "LSTM" | "GRU" | "RNN":
            sizes = {"input_size": x.shape[-1], "batch_first": True}
    return getattr(nn, record.name)(**{**sizes, **given})


TENSOR_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "flatten": torch.flatten,
    "reshape": lambda x, shape: x.reshape(*shape),
    "permute": lambda x, dims: x.permute(*dims),
    "mean": torch.mean,
    "sum": torch.sum,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "detach": Tensor.detach,
    "to": lambda x, dtype: x.to(DTYPES[dtype]),
    "cat": lambda x, dim=0: torch.cat([x, x], dim),
    "concat": lambda x, dim=0: torch.concat([x, x], dim),
    "stack": lambda x, dim=0: torch.stack([x, x], dim),
}


def in_torch(record: Layer, given: Mapping[str, Any], x: Tensor) -> Any:
    """What torch makes of it, or its error; an empty result is one here."""
    found = run_in_torch(record, given, x)
    if isinstance(found, Exception) or all(each.numel() for each in leaves(found)):
        return found
    return ValueError("nothing is left")


def run_in_torch(record: Layer, given: Mapping[str, Any], x: Tensor) -> Any:
    """What torch makes of it, or its error; a list holds the tensor twice."""
    try:
        if record.is_layer:
            return module(record, given, x)(x)
        function = TENSOR_FUNCTIONS.get(record.name) or getattr(F, record.name, None)
        return (function or getattr(torch, record.name))(x, **given)
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as error:
        return error
