"""Pictures that stay bytes until their batch comes: what steps learn of them and do with them.

A quarter of the memory is held and gathered then. Each batch goes through the same arithmetic
that predictions go through, in the same precision, so that the values are the same to the bit.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .fields import Field
from .pictures import BLOCK, Bytes, Resize, Size
from .steps import Reshape, Scale, Shifted, known

LEVELS = 256

Counts = NDArray[np.int64]


def stays_bytes(field: Field) -> bool:
    """Whether a field of pictures (u8) does nothing with them but arithmetic, value by value."""
    flat = False
    for place, step in enumerate(field.steps):
        if isinstance(step, Reshape):
            flat = True
        elif isinstance(step, Shifted):
            if flat:  # then it learns pixel by pixel
                return False
        elif not isinstance(step, Scale) and not (isinstance(step, Resize) and place == 0):
            return False
    return field.dtype.is_floating_point and field.count is None


def learns(field: Field) -> bool:
    """Whether a step must see the pictures of the training split before the first batch."""
    return any(isinstance(step, Shifted) for step in field.steps)


def wanted(field: Field) -> tuple[int, Size | None]:
    """How a field wants its pictures decoded: 1 channel or 3, and the size, if it says so."""
    first = field.steps[0] if field.steps else None
    if isinstance(first, Resize):
        return (1 if math.prod(field.shape) == math.prod(first.size) else 3), first.size
    return (1 if len(field.shape) == 3 and field.shape[0] == 1 else 3), None


def counted(pictures: Bytes) -> Counts:
    """[C, 256]: how often each byte is in each channel of [N, C, …]."""
    channels = pictures.shape[1]
    found = np.zeros((channels, LEVELS), np.int64)
    for start in range(0, len(pictures), BLOCK):
        for channel in range(channels):
            some = pictures[start : start + BLOCK, channel]
            found[channel] += np.bincount(some.ravel(), minlength=LEVELS)
    return found


def fit(field: Field, first: Bytes, counts: Counts | None, place: str) -> None:
    """Fit a field to the pictures of the training split.

    `first` is one of them, [1, C, H, W], and tells the shapes; `counts` is all that arithmetic
    can learn, and None where nothing does.
    """
    field.as_declared(field.learn(first, place))
    if counts is None:
        return
    levels = np.repeat(np.arange(LEVELS, dtype=np.uint8)[:, None], len(counts), 1)
    for step in field.steps:
        if isinstance(step, Shifted):
            step.fit_counted(levels, counts.T)
        if isinstance(step, Scale | Shifted):
            levels = step.apply(levels)


class Late:
    """The steps of a fitted field on batches of bytes [n, C, H, W], on their device."""

    def __init__(self, field: Field, device: torch.device) -> None:
        self.shape = field.shape
        self.dtype = field.dtype
        self.moves: list[float | tuple[Tensor, Tensor]] = []
        for step in field.steps:
            if isinstance(step, Scale):
                self.moves.append(step.factor)
            elif isinstance(step, Shifted):
                shift, width = (
                    torch.from_numpy(known(each).astype(np.float32)).view(-1, 1, 1).to(device)
                    for each in (step.shift, step.width)
                )
                self.moves.append((shift, width))

    def __call__(self, held: Tensor) -> Tensor:
        x = held.float()
        for move in self.moves:
            if isinstance(move, tuple):
                x.sub_(move[0]).div_(move[1])
            else:
                x.mul_(move)
        return x.reshape(len(x), *self.shape).to(self.dtype)
