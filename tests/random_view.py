"""A value as the generator sees it, and steps as it writes them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import random_tree as tree
import torch

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
    return tree.Apply(
        name, (), tuple(map(node, arguments)), {k: node(v) for k, v in keywords.items()}
    )


def some(random: Random, **keywords: Any) -> dict[str, Any]:
    """Some of the keywords, each with one of its values."""
    return {k: random.choice(v) for k, v in keywords.items() if random.random() < 0.3}


def divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]


def on(step: Proposal, inner: tree.Expr, arrow: bool = True) -> tree.Apply:
    """The step on an expression."""
    return tree.Apply(step.name, (inner,), step.arguments, step.keywords, step.later, arrow)
