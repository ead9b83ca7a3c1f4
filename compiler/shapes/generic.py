"""Networks for all hyperparameters: one class of emitted code instead of one a use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import ir, opened
from ..bound import called
from ..diagnostics import Diagnostic
from ..dims import Dim, name
from ..layers.record import LENIENT
from ..source import Span
from ..tensor import Type
from ..unrolled import Place, Unlike, same
from .budget import Exceeded
from .changing import told
from .entering import declared
from .evaluation import Evaluation
from .loops import bound
from .networks import AXES, body, declare_sizes
from .turns import LEAST, named
from .values import NotGeneric

Values = Mapping[str, Any]
# In which order hyperparameters are fixed where a body depends on more than their sizes.
GROUPS = (("op", "value"), ("list",), ("bool", "str"), ("int", "float"))


class Generics:
    """The blocks and models of a program as generic networks, where their types allow it.

    `uses` are the networks that each block is in its uses: what it has in common with each of
    them is checked step by step, so that a class is never another network than what was checked.
    """

    def __init__(
        self,
        definitions: Mapping[str, ir.Definition | ir.Function],
        uses: Mapping[str, list[ir.BlockStep]],
        models: Mapping[str, ir.Network],
    ) -> None:
        self._definitions = definitions
        self._uses = uses
        self._models = models
        self._fixed: dict[str, tuple[str, ...] | None] = {}
        self._found: dict[Any, ir.Network | None] = {}
        self._refused: set[str] = set()
        self._blame: frozenset[str] = frozenset()
        self._called: dict[str, str] = {}
        self._begun: dict[str, tuple[str, ...]] = {}
        self._recursive: set[str] = set()

    def called(self, function: str) -> str:
        """What a function of the spec is called in emitted code."""
        self._called = self._called or called(self._definitions)
        return self._called[function]

    def fixed(self, block: str) -> tuple[str, ...] | None:
        """The hyperparameters that a block's classes are made for, one a value; None where each
        use has a class of its own."""
        if block in self._begun:
            return self._begun[block]
        if block not in self._fixed:
            self._fixed[block] = None
            uses = self._uses.get(block, [])
            if uses and block not in self._refused:
                found = self._first(block, uses[0])
                self._fixed[block] = found
        return self._fixed[block]

    def recursive(self, block: str) -> bool:
        """Whether a block uses itself: within it and outside it is as it declares."""
        if block in self._begun:
            self._recursive.add(block)
        return block in self._recursive

    def of(self, block: str, values: Values) -> ir.Network | None:
        """The block for all its hyperparameters but those fixed, which have these values."""
        fixed = self.fixed(block)
        if fixed is None:
            return None
        key = block, tuple(repr(values[each]) for each in fixed)
        if key not in self._found:
            self._found[key] = None
            uses = [
                use
                for use in self._uses[block]
                if all(use.body.hyperparameters[each] == values[each] for each in fixed)
            ]
            if uses:
                self._found[key] = self._attempt(block, uses, fixed)
        return self._found[key]

    def model(self, name: str, network: ir.Network | None = None) -> ir.Network | None:
        """A model for all its hyperparameters, as far as that goes; of a use its own values."""
        concrete = network or self._models[name]
        key = name, tuple(map(repr, concrete.hyperparameters.values()))
        if key not in self._found:
            self._found[key] = self._model(name, concrete)
        return self._found[key]

    def places(self, whole: ir.Network, network: ir.Network) -> Mapping[str, Place]:
        """Where each attribute of a network with numbers stands in the one for all."""
        return same(whole, network, self._functions())

    def function(self, name: str) -> tuple[ir.Function, Any, Mapping[str, ir.Open]]:
        """A function of the spec: what it computes of its parameters, and what names in it mean."""
        from .functions import body as of_function

        function = self._definitions[name]
        assert isinstance(function, ir.Function)
        return function, *of_function(self._definitions, function, self)

    def refuse(self, name: str) -> bool:
        """Take each use of a block or model for itself; False where that is so already."""
        if name in self._refused:
            return False
        self._refused.add(name)
        self._fixed, self._found = {}, {}
        return True

    def _model(self, name: str, concrete: ir.Network) -> ir.Network | None:
        definition = self._definitions[name]
        assert isinstance(definition, ir.Definition)
        types = tuple(value.type for value in concrete.inputs)
        if name in self._refused:
            return None
        values = concrete.hyperparameters
        for fixed in self._attempts(definition, values):
            for unrolling in (False, True):
                try:
                    found = self._network(definition, types, values, fixed, unrolling)
                    same(found, concrete, self._functions())
                    return _guarded(found, concrete)
                except (NotGeneric, Unlike) as why:
                    self._blame = frozenset(getattr(why, "names", ()))
        return None

    def _first(self, block: str, use: ir.BlockStep) -> tuple[str, ...] | None:
        """What has to be fixed, found out with the first use; None where nothing helps."""
        definition = self._definitions[block]
        assert isinstance(definition, ir.Definition)
        values = use.body.hyperparameters
        for fixed in self._attempts(definition, values):
            alike = [
                each
                for each in self._uses[block]
                if all(each.body.hyperparameters[name] == values[name] for name in fixed)
            ]
            if self._attempt(block, alike, fixed) is not None:
                return fixed
        return None

    def _attempts(self, definition: ir.Definition, values: Values) -> Iterable[tuple[str, ...]]:
        """More and more hyperparameters to fix; those that are to blame come first."""
        kinds = {
            each.name: _kind(each.kind, values.get(each.name))
            for each in definition.hyperparameters
        }
        fixed = {each for each, kind in kinds.items() if kind in GROUPS[0]}
        self._blame = frozenset()
        while True:
            yield tuple(each for each in kinds if each in fixed)
            more = {*self._blame} & kinds.keys() - fixed
            if not more:
                groups = ({n for n, k in kinds.items() if k in group} for group in GROUPS)
                more = next((group - fixed for group in groups if group - fixed), set())
            if not more:
                return
            fixed |= more
            self._blame = frozenset()

    def _attempt(
        self, block: str, uses: list[ir.BlockStep], fixed: tuple[str, ...]
    ) -> ir.Network | None:
        definition = self._definitions[block]
        assert isinstance(definition, ir.Definition)
        types = tuple(value.type for value in uses[0].inputs)
        forms = {tuple(_form(value.type) for value in use.inputs) for use in uses}
        outer = self._begun.get(block)
        self._begun[block] = fixed
        try:
            if len(forms) > 1 and definition.chained:
                # A chain takes its rank and dtype from a use: unlike ones have no class in common.
                raise NotGeneric
            for unrolling in (False, True):
                try:
                    values = uses[0].body.hyperparameters
                    found = self._network(definition, types, values, fixed, unrolling)
                    for use in uses:
                        same(found, use.body, self._functions())
                    return found
                except (NotGeneric, Unlike) as why:
                    self._blame = frozenset(getattr(why, "names", ()))
            return None
        except NotGeneric:
            return None
        finally:
            del self._begun[block]
            if outer is not None:
                self._begun[block] = outer

    def _functions(self) -> dict[str, Any]:
        from .functions import callables

        return callables(self._definitions)

    def _network(
        self,
        definition: ir.Definition,
        types: tuple[Type, ...],
        values: Values,
        fixed: tuple[str, ...],
        unrolling: bool = False,
        counting: frozenset[Span] = frozenset(),
    ) -> ir.Network:
        """A network whose hyperparameters are names, but for those fixed; raises `NotGeneric`.

        `types` and `values` are those of one use: a block that is one chain takes its rank and
        dtype from them, and hyperparameters without a declared kind theirs. Loops of `counting`
        count their sizes even where a formula tells them.
        """

        def fail(diagnostic: Diagnostic) -> None:
            raise NotGeneric

        here = Evaluation(fail, self._definitions, generic=True, is_model=definition.is_model)
        here.generics, here.unrolling, here.counting = self, unrolling, counting
        token = LENIENT.set(True)
        try:
            here.hyperparameters = frozenset(each.name for each in definition.hyperparameters)
            here.reserved |= {*here.hyperparameters, *definition.sizes}
            here.spoken = frozenset(bound(definition.body))
            models = (each for each, found in self._definitions.items() if is_model(found))
            here.reserved |= {word for each in models for word in (each, f"{each}_")}
            if any(opened.safe(size) != size for size in definition.sizes):
                raise NotGeneric
            for each in definition.hyperparameters:
                value = values.get(each.name)
                if each.name in fixed:
                    here.names[each.name] = value
                    if isinstance(value, tuple) and len(value) >= LEAST and opened.alike(value):
                        here.names[each.name] = named(here, each.name, value)
                    continue
                kind = _kind(each.kind, value)
                is_size = kind == "int"
                word = opened.safe(each.name)
                leaf = ir.Open(word, kind, sample=value)
                here.names[each.name] = name(word) if is_size else leaf
                here.reserved.add(word)
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
                _lead(here, definition, types)
                inputs = declared(here, definition)
            # What data alone decide is open in a class of its own too.
            sizes = frozenset(definition.sizes) if definition.is_model else frozenset({"N"})
            here.open_names = sizes - here.hyperparameters
            here.steady = frozenset(here.reserved)
            found = body(here, definition, inputs)
        except (OverflowError, Exceeded):
            raise NotGeneric from None
        finally:
            LENIENT.reset(token)
        if found is None:
            raise NotGeneric
        read = told(found.steps, found.atoms) & here.read_behind.keys()
        if read:
            # Counted behind the loop, it is so in the loop too.
            more = counting | {here.read_behind[word] for word in read}
            return self._network(definition, types, values, fixed, unrolling, more)
        return found

    def callable(self, name: str) -> bool:
        """Whether a constructor can call a function of the spec."""
        try:
            self.function(name)
        except (NotGeneric, opened.NoForm):
            return False
        return True


def _lead(here: Evaluation, definition: ir.Definition, types: tuple[Type, ...]) -> None:
    """Names for the axes that `...` stands for in one use; in others they may be fewer or more."""
    for port, given in zip(definition.inputs, types, strict=False):
        sizes = () if port.type is None else port.type.sizes
        if any(isinstance(size, ir.Dots) for size in sizes):
            count = len(given.shape) - (len(sizes) - 1)
            here.names["..."] = tuple(name(f"axis{each}") for each in range(count))
            return


def _guarded(found: ir.Network, concrete: ir.Network) -> ir.Network:
    """A model with every condition that the one with numbers has.

    Those that arise in loops have no words for all hyperparameters: then what the loops go over is
    fixed, and they stand as they are with these numbers.
    """
    from ..record import replaced

    own = {(guard.span.start, guard.span.source.path) for guard in found.guards}
    lost = [g for g in concrete.guards if (g.span.start, g.span.source.path) not in own]
    # That something is left of an axis torch itself asks, in the words of the layer.
    lost = [g for g in lost if g.condition.operator != ">=" or g.condition.right != 1]
    if not lost:
        return found
    loops = [step for step in found.steps if isinstance(step, ir.Turns | ir.Choice)]
    told = frozenset().union(
        *(
            opened.names(step.over if isinstance(step, ir.Turns) else step.condition, found.atoms)
            for step in loops
        )
    )
    if told & found.hyperparameters.keys():
        raise NotGeneric(told)
    return replaced(found, guards=(*found.guards, *lost))


def is_model(found: ir.Definition | ir.Function) -> bool:
    """Whether it becomes a class whose name other files know."""
    return isinstance(found, ir.Definition) and found.is_model


def _form(type: Type) -> tuple[Any, ...]:
    """What the code of a chain depends on besides sizes."""
    return type.dtype, len(type.shape), type.tokens, type.classes, type.packed


def _kind(declared: str, value: Any) -> str:
    """The kind of a hyperparameter that a chain of layers reads of its surroundings."""
    if declared != "value":
        return declared
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Dim):
        return "int"
    return "float" if isinstance(value, float) else "value"
