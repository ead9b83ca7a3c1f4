"""Which class or function each use of a block calls, and what a constructor must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import ir, opened
from ..bound import stems, unbound
from .classes import Variant, suits, variants
from .members import Members, members
from .names import variable
from .opening import told


class Blocks:
    """The classes and functions that blocks become; one a block where its types allow it."""

    def __init__(self, program: ir.TypedProgram, taken: set[str]) -> None:
        self.program = program
        self.taken = taken
        self.names: dict[Any, str] = {}
        self.networks: dict[str, ir.Network] = {}
        own = program.program
        self.bound = stems((*own.definitions.values(), *own.functions.values()))
        self.functions = frozenset(map(program.whole.called, own.functions))
        self.keras = ""
        # What `package.module:Callable` is called here.
        self.outside: Mapping[str, str] = {}
        self.models = variants(program)
        self._needed: dict[int, tuple[str, ...]] = {}
        self._needing: dict[int, bool] = {}
        self._states: dict[int, bool] = {}
        self._members: dict[int, Members] = {}

    def whole(self, step: ir.BlockStep) -> ir.Network | None:
        """The block for all its hyperparameters, where there is one."""
        model = self.model(step)
        if model is not None:
            return model.network
        return self.program.whole.of(step.block, step.body.hyperparameters)

    def model(self, step: ir.BlockStep) -> Variant | None:
        """The class of a model that is used as a block, where it is one with these values."""
        return suits(self.models, step.block, step.body)

    def network(self, step: ir.BlockStep) -> ir.Network:
        """What the class of a use is made of."""
        return self.whole(step) or step.body

    def name(self, step: ir.BlockStep) -> str:
        """The class or function that a use of a block calls."""
        whole = self.whole(step)
        model = self.model(step)
        if model is not None:
            return model.name
        key: Any = (step.block, id(whole))
        if whole is None:
            types = tuple(str(value.type) for value in step.inputs)
            key = (step.block, tuple(sorted(map(repr, step.arguments.items()))), types)
        if key not in self.names:
            network = whole or step.body
            wanted = _lower(step.block)
            if self.has_state(network):
                wanted = unbound(step.block, self.bound, "block")
            name, count = variable(wanted), 1
            while name in self.taken:
                count += 1
                name = variable(f"{wanted}{count}")
            self.names[key] = name
            self.taken.add(name)
            # Those within it come first; it may be within itself.
            self.note(network)
            self.networks[name] = network
        return self.names[key]

    def note(self, network: ir.Network) -> None:
        """Give the blocks in a network their names."""
        for step in ir.every(network.steps):
            if isinstance(step, ir.BlockStep):
                self.name(step)

    def holds(self, step: ir.BlockStep) -> bool:
        """Whether a block in use is a module: a model, or it holds weights, buffers, or a mode."""
        return self.model(step) is not None or self.has_state(self.network(step))

    def has_state(self, network: ir.Network) -> bool:
        """Whether a network holds anything."""
        if id(network) not in self._states:
            self._states[id(network)] = False  # as far as it uses itself
            self._states[id(network)] = any(map(self._keeps, ir.every(network.steps)))
        return self._states[id(network)]

    def _keeps(self, step: ir.TypedStep) -> bool:
        match step:
            case ir.LayerStep():
                return bool(step.attribute or step.layer.mode)
            case ir.StateStep():
                return True
            case ir.BlockStep():
                return self.holds(step)
        return False

    def members(self, network: ir.Network) -> Members:
        """The attributes of a network's class."""
        if id(network) not in self._members:
            self._members[id(network)] = members(network, self.holds)
        return self._members[id(network)]

    def needed(self, network: ir.Network) -> tuple[str, ...]:
        """The sizes of its inputs that a block's constructor must be told."""
        # A block that uses itself needs what it needs for that too.
        while id(network) not in self._needed or self._needing.pop(id(network), False):
            self._needed.setdefault(id(network), ())
            found = self._found_needed(network)
            if found != self._needed[id(network)]:
                self._needed[id(network)] = found
                self._needing[id(network)] = True
        return self._needed[id(network)]

    def _found_needed(self, network: ir.Network) -> tuple[str, ...]:
        known = {*told(network), *network.lets}
        for step in ir.every(network.steps):
            if isinstance(step, ir.Turns):
                known |= {*step.names, *step.lets, *(word for word, *_ in step.sizes)}
            if isinstance(step, ir.Choice):
                known |= {word for word, *_ in step.sizes}
            if isinstance(step, ir.ListStep):
                known |= {word for _, word in step.sizes}
        return tuple(each for each in self._used(network) if each not in known)

    def used(self, network: ir.Network) -> frozenset[str]:
        """The names that a constructor computes with."""
        return frozenset(self._used(network))

    def _used(self, network: ir.Network) -> dict[str, None]:
        found: dict[str, None] = {}
        sizes = {word: opened.names(each, network.atoms) for word, each in network.lets.items()}
        for step in ir.every(network.steps):
            if isinstance(step, ir.Turns):
                for word, value in step.lets.items():
                    sizes[word] = opened.names(value, network.atoms)
                for word, *values in step.sizes:
                    sizes[word] = opened.names(tuple(values), network.atoms)
            if isinstance(step, ir.Choice):
                for word, *values in step.sizes:
                    sizes[word] = opened.names((step.condition, *values), network.atoms)
            if isinstance(step, ir.ListStep):
                for axis, word in step.sizes:
                    sizes[word] = _appended(network, step.handle, axis)
            for value in self._told(step):
                found |= dict.fromkeys(sorted(opened.names(value, network.atoms)))
        pending = [each for each in found if each in sizes]
        for word in pending:
            pending += sorted(sizes[word] & sizes.keys() - {*pending})
            found |= dict.fromkeys(sorted(sizes[word]))
        return found

    def _told(self, step: ir.TypedStep) -> Iterator[Any]:
        """The values that a constructor computes with."""
        match step:
            case ir.LayerStep(attribute=str(attribute)) if attribute:
                later = {each.name for each in step.layer.called_with}
                yield from step.inferred.values()
                yield from (v for name, v in step.arguments.items() if name not in later)
                if step.init is not None:
                    yield from step.init.arguments.values()
            case ir.BlockStep():
                whole = self.whole(step)
                if whole is not None and self.has_state(whole):
                    yield from (step.body.sizes[size] for size in self.needed(whole))
                    yield from given(step, whole).values()
            case ir.StateStep(output=output, value=start):
                yield from output.type.shape
                if isinstance(start, ir.Initial):
                    yield from start.arguments.values()
                elif isinstance(start, ir.Network):
                    for each in start.steps:
                        yield from getattr(each, "arguments", {}).values()
                        yield from getattr(each, "operands", ())
                else:
                    yield start
            case ir.Turns(over=over):
                if any(map(self._keeps, ir.every(step.steps))):
                    yield over
            case ir.Choice(condition=condition):
                if any(map(self._keeps, ir.every((*step.then, *step.otherwise)))):
                    yield condition


def _appended(network: ir.Network, handle: ir.Value, axis: int) -> frozenset[str]:
    """The names in the sizes of what a list is given."""
    found: frozenset[str] = frozenset()
    for step in ir.every(network.steps):
        if isinstance(step, ir.ListStep) and step.handle is handle and step.value is not None:
            found |= opened.names(step.value.type.shape[axis], network.atoms)
    return found


def given(step: ir.BlockStep, whole: ir.Network) -> Mapping[str, Any]:
    """The hyperparameters that a use hands over: those that its class is not made for."""
    return {
        name: value
        for name, value in step.arguments.items()
        if opened.is_open(whole.hyperparameters[name])
    }


def asked(network: ir.Network, definition: ir.Definition) -> tuple[ir.Hyperparameter, ...]:
    """The hyperparameters of a class: those that it is not made for."""
    return tuple(
        each
        for each in definition.hyperparameters
        if opened.is_open(network.hyperparameters[each.name])
    )


def _lower(name: str) -> str:
    return "".join(
        f"_{each.lower()}" if each.isupper() and place else each.lower()
        for place, each in enumerate(name)
    )
