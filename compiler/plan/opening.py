"""How a function begins: sizes read off its inputs, inputs filled in, conditions asserted."""

from __future__ import annotations

from .. import ir
from ..conditions import binding, spelled
from .calls import dtype
from .network import Writing, derived_by
from .text import Line, call, quote


def conditions(network: ir.Network, writing: Writing, file: str) -> list[Line]:
    """What must hold of open sizes; those that it names have to be read off the inputs."""
    lines = []
    for guard, solution in binding(network.guards):
        condition = guard.condition
        names = condition.left.names | condition.right.names
        known = names <= _readable(network).keys() | network.hyperparameters.keys()
        if not known or names <= network.hyperparameters.keys():
            continue
        must = solution.words() if solution else f"{spelled(guard, solution)} must hold"
        left, right = writing.quote(condition.left), writing.quote(condition.right)
        code = f"{left} {condition.operator} {right}"
        if solution is not None and writing.renamed.get(solution.name) == solution.name:
            code = solution.expression()
        says = quote(f"{file}:{guard.span.line}: {must}")
        lines.append(Line(f"if not {_in_brackets(code)}:\n    raise ValueError({says})"))
    return lines


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
    places = _readable(network)
    lines = []
    for size in sorted(writing.sizes & places.keys() - network.hyperparameters.keys()):
        value, axis = places[size]
        read = f"{writing.names[id(value)]}.shape[{axis}]"
        lines.append(Line(f"{writing.renamed.get(size, size)} = {read}"))
    return lines


def _readable(network: ir.Network) -> dict[str, tuple[ir.Value, int]]:
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
