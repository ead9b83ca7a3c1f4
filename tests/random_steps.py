"""What may follow on a value: layers and functions drawn for its rank, sizes and dtype.

A step is drawn for a `View`, and only proposed: torch says afterwards whether it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import random_tree as tree
import torch

ACTIVATIONS = (
    *("relu", "ReLU", "relu6", "ReLU6", "leaky_relu", "LeakyReLU", "elu", "ELU", "selu", "SELU"),
    *("celu", "CELU", "gelu", "GELU", "silu", "SiLU", "mish", "Mish", "hardswish", "Hardswish"),
    *("softplus", "Softplus", "softsign", "Softsign", "tanh", "Tanh", "sigmoid", "Sigmoid"),
    *("hardsigmoid", "Hardsigmoid", "logsigmoid", "LogSigmoid", "hardtanh", "Hardtanh"),
    *("hardshrink", "Hardshrink", "softshrink", "Softshrink", "tanhshrink", "Tanhshrink"),
    *("Identity", "PReLU", "Dropout", "dropout"),
)
MATHEMATICS = (
    *("exp", "sin", "cos", "atan", "asinh", "erf", "erfc", "square", "abs", "neg", "sign", "floor"),
    *("ceil", "round", "trunc", "frac", "expm1", "sinc", "deg2rad", "nan_to_num", "clone", "exp2"),
    *("contiguous", "detach", "zeros_like", "ones_like"),
)
REDUCTIONS = ("mean", "sum", "amax", "amin", "prod", "logsumexp", "norm", "any", "argmax", "argmin")
OF_TWO = (
    *("add", "sub", "mul", "maximum", "minimum", "fmax", "fmin", "hypot", "atan2", "logaddexp"),
    *("copysign", "eq", "lt", "ge", "isclose", "pow"),
)
Proposal = tree.Apply
F32 = tree.Name("f32")


@dataclass(frozen=True)
class View:
    """A value with its shapes at several bindings; `batch` has the sizes of N there."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    dtype: torch.dtype
    batch: tuple[int, ...]
    tokens: int = 0
    spatial: bool = False

    @property
    def rank(self) -> int:
        return len(self.shapes[0])

    def sizes(self, axis: int) -> tuple[int, ...]:
        return tuple(shape[axis] for shape in self.shapes)

    def fixed(self, axis: int) -> int:
        """The size of an axis that is the same at all bindings; 0 where it is open."""
        found = set(self.sizes(axis))
        return found.pop() if len(found) == 1 else 0

    @property
    def is_batched(self) -> bool:
        return self.rank > 0 and self.sizes(0) == self.batch

    @property
    def axes(self) -> list[int]:
        """All axes but the batch."""
        return [axis for axis in range(self.rank) if self.sizes(axis) != self.batch]

    @property
    def least(self) -> int:
        """The smallest size behind the channels, at any binding."""
        return min((size for shape in self.shapes for size in shape[2:]), default=0)


def node(value: Any) -> Any:
    """A Python value as a tree."""
    if isinstance(value, tuple | list):
        return tree.Items(tuple(map(node, value)), isinstance(value, list))
    return tree.Const(value) if value is None or isinstance(value, int | float | str) else value


def call(name: str, *arguments: Any, **keywords: Any) -> Proposal:
    """A step without what flows in."""
    return tree.Apply(name, (), tuple(map(node, arguments)), {k: node(v) for k, v in keywords.items()})


def some(random: Random, **keywords: Any) -> dict[str, Any]:
    """Some of the keywords, each with one of its values."""
    return {k: random.choice(v) for k, v in keywords.items() if random.random() < 0.3}


def either(random: Random, *values: Any) -> Any:
    return random.choice(values)


def divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]


class Steps:
    """Draws steps; `number` writes a number, perhaps by a hyperparameter."""

    def __init__(self, random: Random, number: Callable[[int], tree.Expr]) -> None:
        self.random = random
        self.number = number

    def any(self, view: View) -> Proposal:
        """Some step for this value."""
        kinds: list[Callable[[View], Proposal]] = [self.other]
        if view.rank and not view.axes:
            return self.activation(view) if view.dtype.is_floating_point else call("to", F32)
        if view.dtype.is_floating_point:
            kinds += [self.activation, self.elementwise, self.shaping, self.reduction]
            if view.rank == 4 and view.is_batched and view.fixed(1):
                kinds += [self.map2d] * 8
            elif view.rank == 3 and view.is_batched:
                kinds += [self.signal] * 3 * bool(view.fixed(1)) + [self.steps] * 6 * (view.fixed(2) > 1 and not view.spatial)
            elif view.rank == 5 and view.is_batched and view.fixed(1):
                kinds += [self.volume] * 6
            if view.rank > 0 and view.fixed(view.rank - 1) and not view.spatial:
                kinds += [self.features] * (8 if view.rank == 2 else 3)
        elif view.tokens and view.rank in (1, 2):
            kinds += [self.tokens] * 9
        elif view.dtype == torch.bool:
            kinds += [lambda _: call("to", tree.Name("f32")), lambda _: call("logical_not")]
        else:
            kinds += [lambda _: call("to", tree.Name("f32"))] * 3
        return self.random.choice(kinds)(view)

    def activation(self, view: View) -> Proposal:
        random = self.random
        name = random.choice(ACTIVATIONS)
        if name in ("leaky_relu", "LeakyReLU", "elu", "ELU", "celu", "CELU") and random.random() < 0.5:
            return call(name, 0.3)
        if name in ("Dropout", "dropout"):
            return call(name, random.choice([0.1, 0.5, 0.0]))
        if name == "PReLU":
            wide = view.fixed(1) if view.rank > 1 else 0
            return call(name, wide) if wide and random.random() < 0.5 else call(name)
        return call(name)

    def elementwise(self, view: View) -> Proposal:
        random = self.random
        if random.random() < 0.3:
            return random.choice([
                call("clamp", -1, 1), call("clamp", min=0.0), call("clamp_max", 0.5), call("add", 1),
                call("mul", 0.5), call("div", 2), call("sub", 1.5), call("fmod", 2), call("pow", 2),
                call("remainder", 3), call("gt", 0), call("le", 0.5), call("to", tree.Name("f64")),
                call("rsub", 1) if False else call("lt", 0), call("masked_fill", tree.Binary(
                    ">", tree.Name(view.name), tree.Const(0)), 0.5),
            ])  # fmt: skip
        return call(random.choice(MATHEMATICS))

    def axis(self, view: View, at_random: bool = False) -> int:
        """An axis behind the batch, counted from the front or from the end."""
        axes = view.axes or [0]
        found = self.random.choice(axes)
        return found - view.rank if self.random.random() < 0.5 else found

    def reduction(self, view: View) -> Proposal:
        random, name = self.random, self.random.choice(REDUCTIONS)
        keep = {"keepdim": True} if random.random() < 0.3 else {}
        axis: Any = self.axis(view)
        if name in ("mean", "sum", "amax", "amin", "logsumexp") and view.rank > 2:
            several = random.sample(range(1, view.rank), 2)
            axis = random.choice([axis, tuple(several)])
        if name == "norm":
            return call(name, random.choice([1, 2]), dim=axis, **keep)
        several = view.fixed(axis % view.rank) > 1 if view.rank and isinstance(axis, int) else False
        if several and random.random() < 0.1:
            return random.choice([call(each, axis) for each in ("std", "var", "cumsum", "cumprod")])
        if several and random.random() < 0.15:
            return call(random.choice(["softmax", "log_softmax", "softmin", "Softmax"]), axis)
        if random.random() < 0.1:
            return call(random.choice(["argsort", "logcumsumexp"]), axis)
        return call(name, dim=axis, **keep) if name == "any" else call(name, axis, **keep)

    def shaping(self, view: View) -> Proposal:
        random, rank = self.random, view.rank
        axis = self.axis(view)
        fixed = [each for each in range(1, rank) if view.fixed(each)]
        order = [0, *random.sample(range(1, rank), rank - 1)] if rank else []
        choices = [
            call("unsqueeze", random.randrange(1, rank + 2) if rank else 0), call("flip", axis),
            call("roll", random.choice([1, 2, -1]), axis), call("tile", 2),
            call("repeat_interleave", 2, axis), call("diff", dim=axis), call("narrow", axis, 0, 1),
            call("select", axis, random.choice([0, -1])), call("movedim", axis, -1),
            call("unsqueeze", -1), call("flatten", 1), call("Flatten"),
        ]  # fmt: skip
        if rank > 2:
            choices += [call("permute", *order), call("transpose", 1, random.randrange(2, rank))] * 2
            choices += [call("flatten", 1, random.randrange(1, rank)), call("tril"), call("triu", 1)]
        if fixed:
            where = random.choice(fixed)
            size = view.fixed(where)
            if size == 1:
                choices += [call("squeeze", where)] * 4
            part = random.choice(divisors(size))
            choices += [call("unflatten", where, (part, size // part))] * 2
            choices += [call("unflatten", where, (part, -1)), call("Unflatten", where, (-1, part))]
            choices += [call("topk", min(2, size), where) if False else call("narrow", where, 0, part)]
            if len(fixed) == rank - 1 and view.is_batched:
                total = 1
                for each in fixed:
                    total *= view.fixed(each)
                part = random.choice(divisors(total))
                rest = random.choice([total // part, -1])
                name = random.choice(["reshape", "view", "reshape"])
                choices += [call(name, tree.Name("N"), part, rest), call(name, tree.Name("N"), total)] * 2
                choices += [call("reshape", -1, total)]
            elif rank == 3 and len(fixed) == 1:
                choices += [call("reshape", tree.Name("N"), part, size // part, -1)]
        if rank == 2:
            choices += [call("expand", -1, view.fixed(1))] if view.fixed(1) else []
        return random.choice(choices)

    def other(self, view: View) -> Proposal:
        random, rank = self.random, view.rank
        if rank == 0:
            return random.choice([call("unsqueeze", 0), call("reshape", 1), call("neg")])
        axis = self.axis(view)
        return random.choice([
            call("unsqueeze", 1), call("flip", axis), call("argsort", axis), call("eq", 1),
            call("ne", 0), call("select", axis, 0), call("any", axis), call("count_nonzero", axis),
        ])  # fmt: skip

    def tokens(self, view: View) -> Proposal:
        width = self.number(self.random.choice([2, 4, 6, 8]))
        if self.random.random() < 0.2:
            return call("Embedding", width, num_embeddings=view.tokens + self.random.choice([0, 0, 3]))
        if self.random.random() < 0.15:
            return call("one_hot")
        if view.rank == 2 and self.random.random() < 0.15:
            return call("EmbeddingBag", width, **some(self.random, mode=["sum", "max", "mean"]))
        return call("Embedding", width, **some(self.random, padding_idx=[0, 1, -1]))

    def features(self, view: View) -> Proposal:
        """Layers of the last axis."""
        random, width = self.random, view.fixed(view.rank - 1)
        out = self.number(random.choice([1, 2, 3, 4, 6, 8, 12, width]))
        stated = {"in_features": width} if random.random() < 0.1 else {}
        choices = [call("Linear", out, **stated, **some(random, bias=[False])), call("Linear", out)]
        if width == 1:
            return random.choice(choices)
        choices += [
            call("LayerNorm"), call("RMSNorm"), call("layer_norm", [width]), call("normalize", dim=-1),
            call("GLU"), call("glu", -1), call("softmax", -1), call("Linear", out),
        ]  # fmt: skip
        if view.rank == 2:
            choices += [call("BatchNorm1d"), call("normalize"), call("sort", -1), call("Dropout", 0.2)]
            groups = random.choice(divisors(width)[:-1])
            choices += [call("GroupNorm", groups), call("RNNCell", out), call("GRUCell", out)]
            choices += [call("topk", random.randint(1, width)), call("LSTMCell", out)]
        return random.choice(choices)

    def steps(self, view: View) -> Proposal:
        """Layers over sequences, `[N, T, D]`."""
        random, width = self.random, view.fixed(2)
        hidden = self.number(random.choice([2, 3, 4, 8]))
        heads = random.choice(divisors(width))
        kinds: dict[str, Sequence[Any]] = {"num_layers": [2], "bidirectional": [True], "bias": [False]}
        return random.choice([
            call("LSTM", hidden, **some(random, **kinds)), call("GRU", hidden, **some(random, **kinds)),
            call("RNN", hidden, **some(random, **kinds)), call("LayerNorm"), call("Linear", hidden),
            call("TransformerEncoderLayer", heads, dim_feedforward=8,
                 **some(random, norm_first=[True], activation=["gelu"])),
            call("TransformerEncoderLayer", heads, 16), call("transpose", 1, 2),
            call("LSTM", hidden, **some(random, **kinds)), call("mean", 1), call("AvgPool1d", 1),
            call("permute", 0, 2, 1), call("select", 1, -1), call("pad", [0, 0, 1, 1]),
            call("reshape", tree.Name("N"), -1, heads, width // heads),
        ])  # fmt: skip

    def window(self, least: int, rank: int) -> tuple[Any, dict[str, Any]]:
        """A window with its settings."""
        random = self.random
        kernel = random.randint(1, max(1, min(4, least)))
        keywords = some(random, stride=[1, 2, 3], padding=[kernel // 2, 0, 1])
        if rank > 1 and random.random() < 0.2:
            return tuple(random.randint(1, max(1, min(4, least))) for _ in range(rank)), keywords
        return kernel, keywords

    def convolution(self, view: View, rank: int) -> Proposal:
        random, channels = self.random, view.fixed(1)
        out = self.number(random.choice([1, 2, 3, 4, 6, 8, channels]))
        kernel, keywords = self.window(view.least, rank)
        draw = random.random()
        if draw < 0.15:
            groups = random.choice(divisors(channels))
            return call(f"Conv{rank}d", groups * random.randint(1, 2), kernel, groups=groups, **keywords)
        if draw < 0.3 and isinstance(kernel, int):
            keywords = some(random, dilation=[2], padding=["same", "valid"], bias=[False])
        elif draw < 0.4:
            mode = ["reflect", "replicate", "circular"]
            keywords |= {"padding_mode": random.choice(mode), "padding": 1}
        elif draw < 0.55:
            more = some(random, stride=[2, 3], output_padding=[1], bias=[False], padding=[1])
            return call(f"ConvTranspose{rank}d", out, kernel, **more)
        return call(f"Conv{rank}d", out, kernel, **keywords)

    def pool(self, view: View, rank: int) -> Proposal:
        random = self.random
        kernel, keywords = self.window(view.least, rank)
        small = random.randint(1, 4)
        if isinstance(kernel, int):
            keywords = {k: min(v, kernel // 2) if k == "padding" else v for k, v in keywords.items()}
        else:
            keywords = {}
        more = some(random, ceil_mode=[True])
        names = (f"MaxPool{rank}d", f"max_pool{rank}d", f"AvgPool{rank}d", f"avg_pool{rank}d")
        return random.choice([
            call(random.choice(names), kernel, **keywords, **more), call(random.choice(names), 2),
            call(f"AdaptiveAvgPool{rank}d", small), call(f"adaptive_max_pool{rank}d", small),
            call(f"AdaptiveMaxPool{rank}d", small), call(f"LPPool{rank}d", 2, kernel),
        ])  # fmt: skip

    def map2d(self, view: View) -> Proposal:
        random, channels = self.random, view.fixed(1)
        draw = random.random()
        if draw < 0.35:
            return self.convolution(view, 2)
        if draw < 0.55:
            return self.pool(view, 2)
        divisor = random.choice(divisors(channels))
        edges = random.choice([1, (1, 0, 2, 1), (0, 1, 0, 0)])
        return random.choice([
            call("BatchNorm2d"), call("InstanceNorm2d", **some(random, affine=[True])),
            call("BatchNorm2d", **some(random, affine=[False])),
            call("GroupNorm", divisor if min(view.sizes(2)) > 1 else 1) if channels > 1 else call("tanh"),
            call("LocalResponseNorm", 2), call("ZeroPad2d", edges), call("ReflectionPad2d", 1),
            call("ReplicationPad2d", edges), call("CircularPad2d", 1), call("ConstantPad2d", edges, 0.5),
            call("pad", [1, 1]), call("pad", [1, 0, 0, 1], mode="replicate"), call("Softmax2d"),
            call("Upsample", scale_factor=2), call("Upsample", scale_factor=2, mode="bilinear"),
            call("interpolate", size=[5, 7]), call("interpolate", scale_factor=0.5),
            call("PixelUnshuffle", 2), call("PixelShuffle", 2), call("pixel_shuffle", 2),
            call("ChannelShuffle", divisor), call("Unfold", 2), call("unfold", 3, padding=1),
            call("Dropout2d", 0.1), call("AdaptiveAvgPool2d", 1), call("flatten", 2),
            call("AdaptiveAvgPool2d", (2, 3)), call("permute", 0, 2, 3, 1), call("rot90", 1, (2, 3)),
            call("normalize", dim=1), call("mean", (2, 3)), call("flatten", 1),
        ])  # fmt: skip

    def signal(self, view: View) -> Proposal:
        random, channels = self.random, view.fixed(1)
        draw = random.random()
        if draw < 0.4:
            return self.convolution(view, 1)
        if draw < 0.65:
            return self.pool(view, 1)
        edges = random.choice([1, (1, 0)])
        return random.choice([
            call("BatchNorm1d"), call("InstanceNorm1d"), call("GroupNorm", 1),
            call("ZeroPad1d", edges), call("ReflectionPad1d", edges), call("ReplicationPad1d", edges),
            call("CircularPad1d", edges), call("Upsample", scale_factor=2), call("transpose", 1, 2),
            call("interpolate", scale_factor=2, mode="linear"), call("Dropout1d", 0.1), call("flatten", 1),
            call("interpolate", size=6), call("pad", [1, 2]), call("mean", -1), call("AdaptiveAvgPool1d", 1),
        ])  # fmt: skip

    def volume(self, view: View) -> Proposal:
        draw = self.random.random()
        if draw < 0.4:
            return self.convolution(view, 3)
        if draw < 0.8:
            return self.pool(view, 3)
        return self.random.choice([
            call("BatchNorm3d"), call("InstanceNorm3d"), call("ZeroPad3d", 1), call("flatten", 2),
            call("Upsample", scale_factor=2), call("ReplicationPad3d", 1), call("mean", (2, 3, 4)),
        ])  # fmt: skip

    def keeping(self, view: View) -> Proposal:
        """A step that most likely keeps the shape."""
        random = self.random
        if not view.dtype.is_floating_point:
            return call("flip", self.axis(view))
        if view.rank == 4 and view.is_batched and view.fixed(1):
            channels = self.number(view.fixed(1))
            return random.choice([
                call("Conv2d", channels, 3, padding=1), call("Conv2d", channels, 1), call("BatchNorm2d"),
                call("Conv2d", channels, 3, padding="same"), call("MaxPool2d", 3, stride=1, padding=1),
                self.activation(view),
            ])  # fmt: skip
        width = view.fixed(view.rank - 1) if view.rank > 1 and not view.spatial else 0
        if width > 1:
            last = self.number(width)
            return random.choice([call("Linear", last), call("LayerNorm"), self.activation(view)])
        return self.activation(view)


def applied(step: Proposal, view: View, arrow: bool = True) -> tree.Apply:
    """The step on a value."""
    return on(step, tree.Name(view.name), arrow)


def on(step: Proposal, inner: tree.Expr, arrow: bool = True) -> tree.Apply:
    """The step on an expression."""
    return tree.Apply(step.name, (inner,), step.arguments, step.keywords, step.later, arrow)


Sizes = Mapping[str, int]
