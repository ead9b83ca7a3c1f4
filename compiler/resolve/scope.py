"""What names stand for inside one body."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from .. import ir, tree
from ..compiletime import BUILTINS
from ..diagnostics import Report
from ..layers import LAYERS
from ..layers.record import Layer
from ..source import Span

RESERVED = {"input", "output", "layer", "weight", "buffer", "require"}
NUMBERS = {"pi": 3.141592653589793, "inf": float("inf")}


class Word(str):
    """A layer, function or block by its name, as the value of a `param`."""


@dataclass(slots=True)
class Scope:
    """What names stand for inside one body.

    `layers` were declared by `layer` statements; `chains` are the blocks that such statements with
    several layers made, to be added to the program; that knows blocks and functions by their `keys`
    and has those in `known` already. `turns` counts `repeat` blocks.
    """

    report: Report
    blocks: Mapping[str, tree.Block | tree.Model | tree.Extern]
    constants: Mapping[str, object]
    functions: Mapping[str, Layer] = field(default_factory=lambda: LAYERS)
    computed: Mapping[str, tree.Function] = field(default_factory=dict)
    values: dict[str, Span] = field(default_factory=dict)
    layers: dict[str, Span] = field(default_factory=dict)
    models: dict[str, tuple[str, Mapping[str, ir.Expression]]] = field(default_factory=dict)
    chains: dict[str, ir.Definition] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, ir.Definition] = field(default_factory=dict)
    owner: str = ""
    # Names whose declarations are faulty, and inputs and outputs that stand in a branch or loop.
    failed: Set[str] = frozenset()
    misplaced: set[str] = field(default_factory=set)
    defaulted: str = ""
    turns: int = 0

    def candidates(self) -> set[str]:
        """Every name that could have been meant as a value."""
        return {*self.values, *self.constants}

    def meant(self, name: str) -> str:
        """The layer, function or block that a `param` of this name stands for, or the name."""
        word = self.constants.get(name)
        hidden = name in self.values or name in self.layers or name in self.models
        return str(word) if isinstance(word, Word) and not hidden else name

    def key(self, name: str) -> str:
        """The name that the program has for a block or function of this file."""
        return self.keys.get(name, name)

    def callables(self) -> set[str]:
        """Every name that could have been meant as a layer, function or block."""
        return {*self.functions, *self.blocks, *self.layers, *self.models, *self.computed}

    def is_callable(self, name: str) -> bool:
        """Whether a name is a layer, function or block."""
        return (
            name in self.functions
            or name in self.blocks
            or name in self.layers
            or name in self.models
            or name in self.computed
            or name in BUILTINS
        )
