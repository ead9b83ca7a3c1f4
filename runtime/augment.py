"""Pictures changed at random while training, each a pure function of (seed, epoch, record).

Names and defaults are those of torchvision's transforms. All draws of an epoch are made at once
on the CPU by splitmix64, so that they are the same on every device and whatever the batches are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .splits import hashes

Draws = NDArray[np.float64]


class Augmentation(Protocol):
    """What may be done to pictures [n, C, H, W], which keep their size.

    `draws` numbers are drawn for each record; `plan` makes of them [N, draws] what `apply` needs
    of each record.
    """

    @property
    def draws(self) -> int: ...

    def plan(self, draws: Draws, height: int, width: int) -> Tensor: ...

    def apply(self, pictures: Tensor, planned: Tensor) -> Tensor: ...


class _RandomFlip:
    draws = 1
    axis: int

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def plan(self, draws: Draws, height: int, width: int) -> Tensor:
        """Whether each record is flipped."""
        return torch.from_numpy(draws[:, 0] < self.p)

    def apply(self, pictures: Tensor, planned: Tensor) -> Tensor:
        return torch.where(planned.view(-1, 1, 1, 1), pictures.flip(self.axis), pictures)


class RandomHorizontalFlip(_RandomFlip):
    """Left and right change places, with probability `p`."""

    axis = -1


class RandomVerticalFlip(_RandomFlip):
    """Top and bottom change places, with probability `p`."""

    axis = -2


class RandomCrop:
    """A window of `size` (one number or height, width) anywhere in the picture.

    The picture is first framed by `padding` pixels of 0 on every side.
    """

    draws = 2

    def __init__(self, size: int | tuple[int, int], padding: int = 0) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.padding = padding

    def plan(self, draws: Draws, height: int, width: int) -> Tensor:
        """Top and left of each record's window."""
        sizes = zip((height, width), self.size, strict=True)
        places = np.array([have + 2 * self.padding - want + 1 for have, want in sizes])
        return torch.from_numpy((draws * places).astype(np.int64))

    def apply(self, pictures: Tensor, planned: Tensor) -> Tensor:
        framed = F.pad(pictures, (self.padding,) * 4)
        height, width = self.size
        # Every window of every picture, as a view; one is taken of each.
        windows = framed.unfold(2, height, 1).unfold(3, width, 1)
        rows = torch.arange(len(pictures), device=pictures.device)
        return windows[rows, :, planned[:, 0], planned[:, 1]]


class Augmenting:
    """What the augmentations of each field do in one epoch that begins at the number `start`.

    `count` is the number of records. The n-th augmentation draws the same for every field, so
    that a picture and its mask stay together.
    """

    def __init__(
        self, augment: Mapping[str, Sequence[Augmentation]], start: int, count: int
    ) -> None:
        self.augment = augment
        self.start = start
        self.count = count
        self.plans: dict[str, list[Tensor]] = {}

    def __call__(self, field: str, pictures: Tensor, rows: Tensor) -> Tensor:
        """The pictures of these records as the epoch has them; other fields as they are."""
        augmentations = self.augment.get(field)
        if not augmentations:
            return pictures
        if field not in self.plans:
            height, width = pictures.shape[-2:]
            drawn = zip(augmentations, self._draws(augmentations), strict=True)
            self.plans[field] = [
                each.plan(draws, height, width).to(pictures.device) for each, draws in drawn
            ]
        rows = rows.to(pictures.device)
        for each, plan in zip(augmentations, self.plans[field], strict=True):
            pictures = each.apply(pictures, plan[rows])
        return pictures

    def _draws(self, augmentations: Sequence[Augmentation]) -> list[Draws]:
        """Numbers from 0 to below 1: [N, draws] for each augmentation."""
        total = sum(each.draws for each in augmentations)
        columns = [
            (hashes(int(start), self.count) >> np.uint64(11)) * 2.0**-53
            for start in hashes(self.start, total)
        ]
        places = np.cumsum([0, *(each.draws for each in augmentations)])
        return [np.stack(columns[first:last], 1) for first, last in pairwise(places)]
