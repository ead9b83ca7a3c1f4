"""Weights of classes that are not equally frequent."""

from __future__ import annotations

import torch
from torch import Tensor


def balanced(labels: Tensor, classes: int) -> Tensor:
    """[classes], f32 on the device of `labels`: what makes every class count the same in a loss.

    As scikit-learn's "balanced": n / (classes that occur * count of the class). A class that does
    not occur weighs 1. Labels may have any shape; negative ones, which losses ignore, are no
    records.
    """
    flat = labels.flatten()
    counts = torch.bincount(flat[flat >= 0].long(), minlength=classes).double()
    occurs = counts > 0
    weights = counts.sum() / (occurs.sum() * counts)
    return torch.where(occurs, weights, 1.0).float()
