"""How a function begins: sizes read off its inputs, inputs filled in, conditions asserted."""

from __future__ import annotations

from dataclasses import replace

from .. import ir
from ..conditions import joined
from ..dims import name
from ..dims.relation import Relation
from ..dims.solution import Solution
from ..layers.record import Condition
from ..opened import safe
from .calls import dtype
from .network import derived_by
from .text import Line, call, quote
from .writing import Writing


def conditions(network: ir.Network, writing: Writing, file: str) -> list[Line]:
    """What must hold of open sizes; those that it names have to be read off the inputs."""
    lines = []
    hyper = told(network)
    asked = [g for g in network.guards if not _names(g.condition) <= hyper]
    for each in joined(asked):
        known = each.names <= readable(network).keys() | told(network)
        if not known or each.names <= told(network):
            continue
        code = _code(each.says, writing)
        first, *others = each.lines
        also = f" (and line {', '.join(map(str, others))})" if others else ""
        says = quote(f"{file}:{first}: {each.words}{also}")
        lines.append(Line(f"if not {_in_brackets(code)}:\n    raise ValueError({says})"))
    return lines


def told(network: ir.Network) -> frozenset[str]:
    """The names of hyperparameters in the network."""
    return frozenset(map(safe, network.hyperparameters))


def _names(condition: Condition) -> frozenset[str]:
    return condition.left.names | condition.right.names


def _code(says: Solution | Relation, writing: Writing) -> str:
    """A condition in the names that sizes have in the emitted function."""
    if isinstance(says, Solution):
        return replace(says, name=writing.quote(name(says.name))).expression()
    left, operator, right = says.sides()
    return f"{writing.quote(left)} {operator} {writing.quote(right)}"


def defaults(network: ir.Network, writing: Writing) -> list[Line]:
    """Inputs that nothing flowed into become tensors of their defaults."""
    lines = []
    for value in network.inputs:
        if value.name not in network.defaults:
            continue
        name = writing.names[id(value)]
        sizes = ", ".join(map(writing.quote, value.type.shape))
        shape = f"({sizes}{',' if len(value.type.shape) == 1 else ''})"
        number = network.defaults[value.name]
        start = quote(float(number) if value.type.floating else number)
        kind = {} if value.type.dtype == "f32" else {"dtype": dtype(value.type.dtype)}
        filled = call("torch.full", [shape, start], {**kind, "device": writing.device})
        lines.append(Line(f"if {name} is None:"))
        lines.append(Line(f"{name} = {filled}", level=1))
    return lines


def read_axes(network: ir.Network, writing: Writing) -> None:
    """Tell a function which sizes its inputs have, in the names that it was typed in."""
    plain = {*told(network)}
    own = {size: writing.renamed[name] for name, size in network.sizes.items()}
    for value in network.inputs:
        for axis, size in enumerate(value.type.shape):
            if size.value is not None or str(size) in size.names:
                plain |= size.names
            elif size in own:
                code = f"{writing.names[id(value)]}.shape[{axis}]"
                writing.axes.setdefault(size, (own[size], code))
    writing.readable = frozenset(plain)


def derived(network: ir.Network, writing: Writing) -> list[Line]:
    """Inputs that derivatives are taken by."""
    by = {id(value) for value in derived_by(network.steps)}
    return [
        Line(f"{writing.names[id(value)]}.requires_grad_()")
        for value in network.inputs
        if id(value) in by
    ]


def sizes_of(network: ir.Network, writing: Writing) -> list[Line]:
    """The sizes that a body names, read off its inputs."""
    places = readable(network)
    lines = [Line(f"{variable} = {code}") for variable, code in sorted(writing.reads.items())]
    wanted: dict[int, dict[int, str]] = {}
    for size in sorted(writing.sizes & places.keys() - told(network)):
        value, axis = places[size]
        wanted.setdefault(id(value), {})[axis] = writing.renamed.get(size, size)
    for value in network.inputs:
        found = wanted.get(id(value), {})
        shape = f"{writing.names[id(value)]}.shape"
        if len(found) == 1:
            ((axis, word),) = found.items()
            lines.append(Line(f"{word} = {shape}[{axis}]"))
        elif found:
            words = [found.get(axis, "_") for axis in range(len(value.type.shape))]
            lines.append(Line(f"{', '.join(words)} = {shape}"))
    return lines


def readable(network: ir.Network) -> dict[str, tuple[ir.Value, int]]:
    """Where each size is an axis of an input."""
    found: dict[str, tuple[ir.Value, int]] = {}
    for value in network.inputs:
        if value.name in network.defaults:
            continue
        for axis, size in enumerate(value.type.shape):
            found.setdefault(str(size), (value, axis))
    return found


def _in_brackets(code: str) -> str:
    """A condition behind `not`: `or` and `and` bind looser."""
    return f"({code})" if " or " in code or " and " in code else code
