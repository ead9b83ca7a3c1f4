"""A whole model computed by torch, with inputs drawn for its sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import random_tree as tree
import torch
from random_layers import DTYPES, Fault
from random_torch import Machine
from torch import Tensor


def drawn(port: tree.Input, sizes: Mapping[str, int], seed: int) -> Tensor:
    """A tensor for an input: the same values for the same seed."""
    machine = Machine(tree.Spec(()))
    shape = [machine.value(size, dict(sizes)) for size in port.type.shape]
    generator = torch.Generator().manual_seed(seed)
    dtype = DTYPES[port.type.dtype]
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    below = port.type.below or 2
    found = torch.randint(0, below, shape, generator=generator).to(dtype)
    if port.type.below:
        found.tokens = below  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class Computed:
    """What torch makes of a whole model."""

    outputs: tuple[Tensor, ...]
    states: tuple[tuple[int, ...], ...]
    is_random: bool
    is_empty: bool


def inputs_of(spec: tree.Spec, sizes: Mapping[str, int]) -> list[Tensor]:
    """Tensors for all inputs of the model."""
    whole = {
        p.name: p.default.value for p in spec.model.parameters if isinstance(p.default, tree.Const)
    }
    sizes = {**sizes, **{name: value for name, value in whole.items() if type(value) is int}}
    return [drawn(port, sizes, place) for place, port in enumerate(spec.model.inputs)]


def computed(
    spec: tree.Spec,
    sizes: Mapping[str, int],
    training: bool = False,
    tensors: Sequence[Tensor] | None = None,
) -> Computed:
    """The model at these sizes; raises `Fault` where torch refuses, `Unsure` where we must.

    `tensors` are its inputs, drawn where they are not given.
    """
    machine = Machine(spec, training)
    try:
        given = inputs_of(spec, sizes) if tensors is None else tensors
    except RuntimeError as why:
        raise Fault(str(why)) from why
    outputs = machine.definition(spec.model, {}, given)
    found = tuple(machine.states)
    return Computed(tuple(outputs.values()), found, machine.is_random, machine.is_empty)
