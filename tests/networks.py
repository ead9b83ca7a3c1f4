"""Emitted networks beside a reference in torch, and the codes of what is wrong with a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from answers import leaves
from dlc.compiler import ir
from packages import checked, imported, package, written
from torch import Tensor, nn


def emitted(text: str, folder: Path) -> Any:
    """The module `model` of a text's package."""
    return imported(written(package(text, name="net.dl"), folder), "model")


def code_of(text: str) -> str:
    """The text of `model.py`."""
    return package(text, name="net.dl").files["model.py"]


def network(text: str, model: str = "Net") -> ir.Network:
    """A model of a text in which nothing is wrong, with types."""
    found = checked(text)
    assert found.program is not None, found.diagnostics
    return found.program.models[model].network


def codes(text: str) -> list[str]:
    """The codes of all that is said about a text."""
    return [each.code for each in checked(text).diagnostics]


def same(net: nn.Module, reference: Any, *inputs: Tensor) -> None:
    """Outputs and the gradients of inputs and parameters are equal."""
    needed = [each for each in inputs if each.is_floating_point()]
    for each in needed:
        each.requires_grad_()
    leaf = [*needed, *net.parameters()]
    ours = list(leaves(net(*inputs)))
    theirs = list(leaves(reference(*inputs)))
    generator = torch.Generator().manual_seed(1)
    totals = [torch.zeros(()), torch.zeros(())]
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
        weights = torch.randn(a.shape, generator=generator)
        totals = [totals[0] + (a * weights).sum(), totals[1] + (b * weights).sum()]
    first, second = (
        torch.autograd.grad(total, leaf, allow_unused=True, materialize_grads=True)
        for total in totals
    )
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)
