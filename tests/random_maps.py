"""Steps on signals, pictures and volumes: convolutions, pools, norms, pads."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import random_tree as tree
from random_view import Proposal, View, call, divisors, some


class Maps:
    """Draws steps; `number` writes a number, perhaps by a hyperparameter."""

    def __init__(self, random: Random, number: Callable[[int], tree.Expr]) -> None:
        self.random = random
        self.number = number

    def activation(self, view: View) -> Proposal:
        """A step that keeps the shape."""
        raise NotImplementedError

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
            return call(
                f"Conv{rank}d", groups * random.randint(1, 2), kernel, groups=groups, **keywords
            )
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
            keywords = {
                k: min(v, kernel // 2) if k == "padding" else v for k, v in keywords.items()
            }
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
        parts = divisor if min(view.sizes(2)) > 1 else 1
        edges = random.choice([1, (1, 0, 2, 1), (0, 1, 0, 0)])
        return random.choice([
            call("BatchNorm2d"), call("InstanceNorm2d", **some(random, affine=[True])),
            call("BatchNorm2d", **some(random, affine=[False])),
            call("GroupNorm", parts) if channels > 1 else call("tanh"),
            call("LocalResponseNorm", 2), call("ZeroPad2d", edges), call("ReflectionPad2d", 1),
            call("ReplicationPad2d", edges), call("CircularPad2d", 1),
            call("ConstantPad2d", edges, 0.5), call("pad", [1, 1]),
            call("pad", [1, 0, 0, 1], mode="replicate"), call("Softmax2d"),
            call("Upsample", scale_factor=2), call("Upsample", scale_factor=2, mode="bilinear"),
            call("interpolate", size=[5, 7]), call("interpolate", scale_factor=0.5),
            call("PixelUnshuffle", 2), call("PixelShuffle", 2), call("pixel_shuffle", 2),
            call("ChannelShuffle", divisor), call("Unfold", 2), call("unfold", 3, padding=1),
            call("Dropout2d", 0.1), call("AdaptiveAvgPool2d", 1), call("flatten", 2),
            call("AdaptiveAvgPool2d", (2, 3)), call("permute", 0, 2, 3, 1),
            call("rot90", 1, (2, 3)), call("normalize", dim=1), call("mean", (2, 3)),
            call("flatten", 1),
        ])  # fmt: skip

    def signal(self, view: View) -> Proposal:
        random = self.random
        draw = random.random()
        if draw < 0.4:
            return self.convolution(view, 1)
        if draw < 0.65:
            return self.pool(view, 1)
        edges = random.choice([1, (1, 0)])
        return random.choice([
            call("BatchNorm1d"), call("InstanceNorm1d"), call("GroupNorm", 1),
            call("ZeroPad1d", edges), call("ReflectionPad1d", edges),
            call("ReplicationPad1d", edges), call("CircularPad1d", edges),
            call("Upsample", scale_factor=2), call("transpose", 1, 2),
            call("interpolate", scale_factor=2, mode="linear"), call("Dropout1d", 0.1),
            call("flatten", 1), call("interpolate", size=6), call("pad", [1, 2]), call("mean", -1),
            call("AdaptiveAvgPool1d", 1),
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
