"""Layers in use: drawn settings and inputs, and the same layer built in torch as oracle."""

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
from hypothesis import strategies as st
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
    kinds |= dict.fromkeys(record.infers, "size?")
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
        case "Conv1d" | "Conv2d" | "ConvTranspose1d" | "ConvTranspose2d":
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


small = st.integers(1, 6)
sizes = st.integers(1, 9)


def each(values: st.SearchStrategy[Any], rank: int) -> st.SearchStrategy[Any]:
    """One value for all axes, or one for each in brackets."""
    if rank == 1:
        return values
    return values | st.tuples(*(values,) * rank)


def shapes(rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Mostly `[N, C, …]` with so many axes behind, sometimes one axis more or less."""
    right = st.tuples(st.integers(2, 3), small, *(sizes,) * rank)
    return st.one_of(
        right,
        right,
        right,
        right,
        right,
        right.map(lambda s: s[1:]),
        small.map(lambda n: (2,) * (rank + 2) + (n,)),
    )


def settings(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these keywords with a value drawn for it; a name ending in `_` is always there."""
    needed = {name[:-1]: values for name, values in keywords.items() if name.endswith("_")}
    optional = {name: values for name, values in keywords.items() if not name.endswith("_")}
    return st.fixed_dictionaries(needed, optional=optional)


booleans = st.booleans()
axes = st.integers(-4, 4)


def convolution(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        out_channels_=small,
        kernel_size_=each(st.integers(1, 5), rank),
        stride=each(st.integers(1, 3), rank),
        padding=each(st.integers(0, 5), rank) | st.sampled_from(["same", "valid"]),
        dilation=each(st.integers(1, 3), rank),
        groups=st.integers(1, 3),
        bias=booleans,
        padding_mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    )


def transposed(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        out_channels_=small,
        kernel_size_=each(st.integers(1, 5), rank),
        stride=each(st.integers(1, 3), rank),
        padding=each(st.integers(0, 3), rank),
        output_padding=each(st.integers(0, 2), rank),
        groups=st.integers(1, 3),
        bias=booleans,
        dilation=each(st.integers(1, 3), rank),
    )


def pool(rank: int, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        kernel_size_=each(st.integers(1, 5), rank),
        stride=st.none() | each(st.integers(1, 4), rank),
        padding=each(st.integers(0, 3), rank),
        ceil_mode=booleans,
        **more,
    )


batch_norm = settings(
    eps=st.just(1e-3),
    momentum=st.none() | st.just(0.2),
    affine=booleans,
    track_running_stats=booleans,
)
anything = st.lists(sizes, max_size=4).map(tuple)
ones = st.lists(st.sampled_from([1, 1, 2]), max_size=4).map(tuple)
axis_lists = st.lists(axes, min_size=1, max_size=4).map(tuple)
flattened = settings(start_dim=axes, end_dim=axes)
reduced = settings(dim_=axes | axis_lists, keepdim=booleans)
divisors = st.sampled_from([-1, 1, 2, 3, 4, 6, 12])

# For each layer what is written in its brackets and what flows in.
DRAWN: dict[str, tuple[st.SearchStrategy[dict[str, Any]], st.SearchStrategy[tuple[int, ...]]]] = {
    "Linear": (settings(out_features_=small, bias=booleans), anything),
    "Conv1d": (convolution(1), shapes(1)),
    "Conv2d": (convolution(2), shapes(2)),
    "ConvTranspose1d": (transposed(1), shapes(1)),
    "ConvTranspose2d": (transposed(2), shapes(2)),
    "to": (settings(dtype_=st.sampled_from([*DTYPES])), anything),
    "MaxPool1d": (pool(1, dilation=st.integers(1, 3)), shapes(1)),
    "MaxPool2d": (pool(2, dilation=each(st.integers(1, 3), 2)), shapes(2)),
    "AvgPool1d": (pool(1, count_include_pad=booleans), shapes(1)),
    "AvgPool2d": (
        pool(2, count_include_pad=booleans, divisor_override=st.none() | small),
        shapes(2),
    ),
    **{
        f"Adaptive{kind}Pool1d": (settings(output_size_=sizes | st.none()), shapes(1))
        for kind in ("Avg", "Max")
    },
    **{
        f"Adaptive{kind}Pool2d": (
            settings(output_size_=sizes | st.lists(sizes | st.none(), max_size=3).map(tuple)),
            shapes(2),
        )
        for kind in ("Avg", "Max")
    },
    "BatchNorm1d": (batch_norm, shapes(1) | shapes(0)),
    "BatchNorm2d": (batch_norm, shapes(2)),
    "Dropout": (settings(p=st.floats(0, 1)), anything),
    "Flatten": (flattened, anything),
    "flatten": (flattened, anything),
    "permute": (settings(dims_=axis_lists | st.permutations(range(3)).map(tuple)), anything),
    "reshape": (
        settings(shape_=st.lists(divisors, min_size=1, max_size=4).map(tuple)),
        st.sampled_from([(), (12,), (2, 6), (3, 4), (2, 2, 3), (1, 12, 1), (5,), (4, 9)]),
    ),
    **{
        name: (
            settings(
                hidden_size_=small,
                num_layers=st.integers(1, 3),
                bias=booleans,
                bidirectional=booleans,
                dropout=st.just(0.0),
                **({"nonlinearity": st.sampled_from(["tanh", "relu"])} if name == "RNN" else {}),
            ),
            shapes(1),
        )
        for name in ("LSTM", "GRU", "RNN")
    },
    "LayerNorm": (
        settings(eps=st.just(1e-3), elementwise_affine=booleans, bias=booleans),
        anything,
    ),
    "Dropout2d": (settings(p=st.floats(0, 1)), shapes(2)),
    "clamp": (settings(min=st.none() | st.just(-0.5), max=st.none() | st.just(0.5)), anything),
    "squeeze": (settings(dim=axes | axis_lists), ones),
    "unsqueeze": (settings(dim_=axes), anything),
    "transpose": (settings(dim0_=axes, dim1_=axes), anything),
    "flip": (settings(dims_=axis_lists), anything),
    "chunk": (settings(chunks_=sizes, dim=axes), anything),
    "split": (
        settings(split_size_or_sections_=sizes | st.lists(sizes, min_size=1).map(tuple), dim=axes),
        anything,
    ),
    "unbind": (settings(dim=axes), anything),
    **{name: (settings(dim=axes), anything) for name in ("cat", "concat", "stack")},
    **{
        name: (settings(), anything)
        for name in ("exp", "log", "sqrt", "abs", "square", "sin", "cos", "detach")
    },
    **{f"{name}_like": (settings(), anything) for name in ("randn", "rand", "zeros", "ones")},
    "mean": (reduced, anything),
    "sum": (reduced, anything),
    **{
        name: (settings(dim_=axes), anything)
        for name in ("Softmax", "softmax", "LogSoftmax", "log_softmax")
    },
}


@st.composite
def samples(draw: st.DrawFn, layer: str) -> Sample:
    """One of the drawn layers with everything it needs."""
    given, shape = DRAWN[layer]
    return Sample(layer, draw(given), draw(shape))
