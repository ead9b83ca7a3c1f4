"""Layers of torch as the oracle builds them: sizes of what flows in, weights of their shape."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

DTYPES = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
    "u8": torch.uint8, "i32": torch.int32, "i64": torch.int64, "bool": torch.bool,
}  # fmt: skip
CHANNELS = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm")
WIDTHS = {
    "Linear": "in_features", "LSTM": "input_size", "GRU": "input_size", "RNN": "input_size",
    "LSTMCell": "input_size", "GRUCell": "input_size", "RNNCell": "input_size",
    "TransformerEncoderLayer": "d_model", "TransformerDecoderLayer": "d_model",
    "LayerNorm": "normalized_shape", "RMSNorm": "normalized_shape",
}  # fmt: skip
# What leaves every whole number as it is, so a token stays one.
SAME_NUMBERS = {
    "flip", "permute", "transpose", "reshape", "view", "unsqueeze", "squeeze", "flatten", "roll",
    "contiguous", "clone", "narrow", "select", "Flatten", "Identity", "tile", "repeat", "expand",
}  # fmt: skip
# What makes a picture or a signal, on whose last axis no layer of features works, and what ends it.
MAPPED = re.compile(
    r"(Conv|BatchNorm|InstanceNorm|Pixel|Upsample|interpolate|\w*[Pp]ool|\w*[Pp]ad)"
)
REORDERED = {"permute", "transpose", "movedim", "reshape", "view"}


class Fault(Exception):
    """What torch, or Python, refuses."""


class Unsure(Exception):
    """What this oracle cannot compute."""


def filled(shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
    """The weight of a shape, always the same: around 0, no two neighbours alike."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * 0.7).sin().mul(0.5).reshape(shape).to(dtype)


def fill(module: nn.Module) -> None:
    """Give every weight of a module its values."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(filled(parameter.shape, parameter.dtype))


@cache
def arguments_of(name: str) -> tuple[str, ...]:
    """The arguments of a class of `nn` in their order."""
    if name in ("LSTM", "GRU", "RNN"):
        more = ("nonlinearity",) * (name == "RNN")
        rest = ("bias", "batch_first", "dropout", "bidirectional", "proj_size")
        return ("input_size", "hidden_size", "num_layers", *more, *rest)
    return tuple(inspect.signature(getattr(nn, name)).parameters)


def sizes_of(name: str, x: Sequence[Any]) -> dict[str, Any]:
    """What a spec leaves out, read off what flows in."""
    if name == "Bilinear":
        return {"in1_features": x[0].shape[-1], "in2_features": x[1].shape[-1]}
    if name == "MultiheadAttention":
        widths = [each.shape[-1] for each in x[:3]]
        return dict(zip(("embed_dim", "kdim", "vdim"), widths, strict=True))
    if name in ("Embedding", "EmbeddingBag"):
        return {"num_embeddings": getattr(x[0], "tokens", None)}
    if name in WIDTHS:
        return {WIDTHS[name]: x[0].shape[-1]}
    if name.startswith(CHANNELS):
        keys = {"Conv": "in_channels", "GroupNorm": "num_channels"}
        key = next((v for k, v in keys.items() if name.startswith(k)), "num_features")
        return {key: x[0].shape[1]}
    return {}


def marked(found: Tensor, x: Sequence[Tensor], by: str) -> None:
    """Carry on how many tokens there are, and whether a tensor is a map of signals or pictures."""
    if x and hasattr(x[0], "tokens") and (by in SAME_NUMBERS or not by):
        found.tokens = x[0].tokens  # type: ignore[attr-defined]
    passed_on = any(hasattr(each, "map") and each.dim() == found.dim() for each in x)
    if (passed_on and by not in REORDERED) or MAPPED.match(by):
        found.map = True  # type: ignore[attr-defined]
