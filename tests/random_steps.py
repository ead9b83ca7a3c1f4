"""What may follow on a value: layers and functions drawn for its rank, sizes and dtype.

A step is drawn for a `View`, and only proposed: torch says afterwards whether it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import random_tree as tree
import torch
from random_maps import Maps
from random_view import F32, Proposal, View, call, divisors, some

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


class Steps(Maps):
    """Draws a step for any value."""

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
                kinds += [self.signal] * 3 * bool(view.fixed(1)) + [self.steps] * 6 * (
                    view.fixed(2) > 1 and not view.spatial
                )
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
        if (
            name in ("leaky_relu", "LeakyReLU", "elu", "ELU", "celu", "CELU")
            and random.random() < 0.5
        ):
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
                call("clamp", -1, 1), call("clamp", min=0.0), call("clamp_max", 0.5),
                call("add", 1), call("mul", 0.5), call("div", 2), call("sub", 1.5), call("fmod", 2),
                call("pow", 2), call("remainder", 3), call("gt", 0), call("le", 0.5),
                call("to", tree.Name("f64")), call("lt", 0),
                call("masked_fill", tree.Binary( ">", tree.Name(view.name), tree.Const(0)), 0.5),
            ])  # fmt: skip
        return call(random.choice(MATHEMATICS))

    def axis(self, view: View) -> int:
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
            choices += [
                call("permute", *order),
                call("transpose", 1, random.randrange(2, rank)),
            ] * 2
            choices += [
                call("flatten", 1, random.randrange(1, rank)),
                call("tril"),
                call("triu", 1),
            ]
        if fixed:
            where = random.choice(fixed)
            size = view.fixed(where)
            if size == 1:
                choices += [call("squeeze", where)] * 4
            part = random.choice(divisors(size))
            choices += [call("unflatten", where, (part, size // part))] * 2
            choices += [call("unflatten", where, (part, -1)), call("Unflatten", where, (-1, part))]
            choices += [call("narrow", where, 0, part)]
            if len(fixed) == rank - 1 and view.is_batched:
                total = 1
                for each in fixed:
                    total *= view.fixed(each)
                part = random.choice(divisors(total))
                rest = random.choice([total // part, -1])
                name = random.choice(["reshape", "view", "reshape"])
                choices += [
                    call(name, tree.Name("N"), part, rest),
                    call(name, tree.Name("N"), total),
                ] * 2
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
            return call(
                "Embedding", width, num_embeddings=view.tokens + self.random.choice([0, 0, 3])
            )
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
            call("LayerNorm"), call("RMSNorm"), call("layer_norm", [width]),
            call("normalize", dim=-1), call("GLU"), call("glu", -1), call("softmax", -1),
            call("Linear", out),
        ]  # fmt: skip
        if view.rank == 2:
            choices += [
                call("BatchNorm1d"),
                call("normalize"),
                call("sort", -1),
                call("Dropout", 0.2),
            ]
            groups = random.choice(divisors(width)[:-1])
            choices += [call("GroupNorm", groups), call("RNNCell", out), call("GRUCell", out)]
            choices += [call("topk", random.randint(1, width)), call("LSTMCell", out)]
        return random.choice(choices)

    def steps(self, view: View) -> Proposal:
        """Layers over sequences, `[N, T, D]`."""
        random, width = self.random, view.fixed(2)
        hidden = self.number(random.choice([2, 3, 4, 8]))
        heads = random.choice(divisors(width))
        kinds: dict[str, Sequence[Any]] = {
            "num_layers": [2],
            "bidirectional": [True],
            "bias": [False],
        }
        return random.choice([
            call("LSTM", hidden, **some(random, **kinds)),
            call("GRU", hidden, **some(random, **kinds)),
            call("RNN", hidden, **some(random, **kinds)), call("LayerNorm"), call("Linear", hidden),
            call("TransformerEncoderLayer", heads, dim_feedforward=8,
                 **some(random, norm_first=[True], activation=["gelu"])),
            call("TransformerEncoderLayer", heads, 16), call("transpose", 1, 2),
            call("LSTM", hidden, **some(random, **kinds)), call("mean", 1), call("AvgPool1d", 1),
            call("permute", 0, 2, 1), call("select", 1, -1), call("pad", [0, 0, 1, 1]),
            call("reshape", tree.Name("N"), -1, heads, width // heads),
        ])  # fmt: skip

    def keeping(self, view: View) -> Proposal:
        """A step that most likely keeps the shape."""
        random = self.random
        if not view.dtype.is_floating_point:
            return call("flip", self.axis(view))
        if view.rank == 4 and view.is_batched and view.fixed(1):
            channels = self.number(view.fixed(1))
            return random.choice([
                call("Conv2d", channels, 3, padding=1), call("Conv2d", channels, 1),
                call("BatchNorm2d"), call("Conv2d", channels, 3, padding="same"),
                call("MaxPool2d", 3, stride=1, padding=1), self.activation(view),
            ])  # fmt: skip
        width = view.fixed(view.rank - 1) if view.rank > 1 and not view.spatial else 0
        if width > 1:
            last = self.number(width)
            return random.choice([call("Linear", last), call("LayerNorm"), self.activation(view)])
        return self.activation(view)
