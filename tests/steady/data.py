"""Records of a noisy plane, split as compiled data blocks are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from dlc.runtime.batches import Split
from dlc.runtime.dataset import Splits


class Plane:
    """Stands for a Dataset: it makes the splits, and has learned a mean."""

    def __init__(self, noise: float = 0.1, count: int = 44) -> None:
        self.noise = noise
        self.count = count
        self.mean = 0.0

    def load(
        self, folders: Sequence[Path], device: torch.device, fold: int | None = None
    ) -> Splits:
        """The same records each time; with a fold, every fourth of them is held out."""
        generator = torch.Generator().manual_seed(5)
        x = torch.randn(self.count, 4, generator=generator)
        y = x.sum(1, keepdim=True) + self.noise * torch.randn(self.count, 1, generator=generator)
        numbers = torch.arange(len(x))
        test = numbers % 4 == (fold or 4) - 1
        validation = ~test & (numbers % 5 == 0)
        train = ~validation if fold is None else ~test & ~validation
        self.mean = float(x[train].mean())
        made: list[Any] = [
            Split({"x": x[rows].to(device), "y": y[rows].to(device)})
            for rows in (train, validation, test)
        ]
        return Splits(made[0], made[1], made[2] if fold is not None else None, self)

    def state(self) -> dict[str, Any]:
        """What was learned of the training split."""
        return {"x": {"mean": self.mean}}


plane = Plane()
