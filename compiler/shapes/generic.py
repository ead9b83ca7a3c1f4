"""Networks for all hyperparameters: one class of emitted code instead of one a use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir
from ..diagnostics import Diagnostic
from ..dims import Dim, name
from ..tensor import Type
from .budget import Exceeded
from .entering import declared
from .evaluation import Evaluation
from .networks import AXES, body, declare_sizes
from .values import NotGeneric

Use = tuple[tuple[Type, ...], Mapping[str, Any]]


class Generics:
    """The blocks of a program as generic networks, where their types allow it."""

    def __init__(
        self, definitions: Mapping[str, ir.Definition | ir.Function], uses: Mapping[str, Use]
    ) -> None:
        self._definitions = definitions
        self._uses = uses
        self._found: dict[str, ir.Network | None] = {}

    def of(self, block: str) -> ir.Network | None:
        """The block for all its hyperparameters; None where each use is a class of its own."""
        if block not in self._found:
            # A block that uses itself has no end without numbers.
            self._found[block] = None
            definition = self._definitions[block]
            assert isinstance(definition, ir.Definition)
            types, values = self._uses.get(block, ((), {}))
            self._found[block] = self.network(definition, types, values)
        return self._found[block]

    def network(
        self,
        definition: ir.Definition,
        types: tuple[Type, ...] = (),
        values: Mapping[str, Any] | None = None,
    ) -> ir.Network | None:
        """A network whose hyperparameters are names, where its types depend on their sizes alone.

        `types` and `values` are those of one use: a block that is one chain takes its rank and
        dtype from them, and hyperparameters without a declared kind theirs.
        """

        def fail(diagnostic: Diagnostic) -> None:
            raise NotGeneric

        here = Evaluation(fail, self._definitions, generic=True, is_model=definition.is_model)
        here.generics = self
        try:
            here.hyperparameters = frozenset(each.name for each in definition.hyperparameters)
            for each in definition.hyperparameters:
                kind = _kind(each.kind, (values or {}).get(each.name))
                if kind in ("list", "value", "op"):
                    raise NotGeneric
                is_size = kind == "int"
                here.names[each.name] = name(each.name) if is_size else ir.Open(each.name, kind)
            declare_sizes(here, definition)
            if definition.chained:
                if not types or len(types[0].shape) not in AXES:
                    raise NotGeneric
                shape = tuple(map(name, AXES[len(types[0].shape)].split()))
                if here.hyperparameters & {str(each) for each in shape}:
                    # A size of the surroundings has the name of an axis here.
                    raise NotGeneric
                inputs = [ir.Value(types[0].shaped(*shape), definition.span, "x")]
                here.names |= {str(each): each for each in shape}
            else:
                inputs = declared(here, definition)
            # What data alone decide is open in a class of its own too.
            sizes = frozenset(definition.sizes) if definition.is_model else frozenset({"N"})
            here.open_names = sizes - here.hyperparameters
            return body(here, definition, inputs)
        except (NotGeneric, OverflowError, Exceeded):
            return None


def _kind(declared: str, value: Any) -> str:
    """The kind of a hyperparameter that a chain of layers reads of its surroundings."""
    if declared != "value":
        return declared
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Dim):
        return "int"
    return "float" if isinstance(value, float) else "value"
