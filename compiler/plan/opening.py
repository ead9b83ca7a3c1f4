"""How a function begins: sizes read off its inputs, inputs filled in, conditions asserted."""

from __future__ import annotations

import ast
from dataclasses import replace

from .. import ir
from ..conditions import joined
from ..dims import Dim, name
from ..dims.relation import Relation
from ..dims.solution import Solution
from ..layers.record import Condition
from ..opened import is_open, safe
from .calls import dtype
from .names import local
from .network import derived_by
from .text import Line, call, exchanged, named, quote
from .writing import Writing

OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def conditions(network: ir.Network, writing: Writing, file: str) -> list[Line]:
    """What must hold of open sizes; those that it names have to be read off the inputs."""
    lines = []
    hyper = told(network)
    asked = [g for g in network.guards if not _names(g.condition) <= hyper]
    merged: dict[tuple[str, str], list[tuple[str, str]]] = {}
    elsewhere = set(writing.sizes)
    for each in joined(asked):
        known = each.names <= readable(network).keys() | told(network)
        if not known or each.names <= told(network):
            continue
        first, *more = each.lines
        also = f" (and line {', '.join(map(str, more))})" if more else ""
        size = next(iter(each.names)) if len(each.names) == 1 else ""
        form = each.words.replace(size, "{}", 1) if size else _words(each.says, network)
        # What is asked of height and width alike is said once.
        merged.setdefault((f"{file}:{first}: {form}{also}", form), []).append(
            (size, _code(each.says, writing, network))
        )
    for (says, form), parts in merged.items():
        sizes = [size for size, _ in parts]
        whole = says.replace(form, _together(form, sizes)) if sizes[0] else says
        place = says.partition(": ")[0]
        test = _fails([code for _, code in parts])
        others = [code for each in merged.values() if each is not parts for _, code in each]
        read = elsewhere.union(*map(named, others))
        if len(parts) > 1 and not read & {*sizes, *(writing.renamed.get(s, s) for s in sizes)}:
            found = _of_all(sizes, parts[0][1], network, writing)
            writing.sizes -= {*sizes} if found else set()
            test = found or test
        lines.append(Line(f"if {test}:\n    raise ValueError({quote(whole)})", place=place))
    return lines


def _of_all(sizes: list[str], code: str, network: ir.Network, writing: Writing) -> str:
    """When not all of an input's last axes are so: `min(image.shape[2:]) < 4`; else nothing."""
    places = [readable(network).get(size) for size in sizes]
    axes = sorted(place[1] for place in places if place is not None)
    first = places[0]
    if first is None or any(place is None or place[0] is not first[0] for place in places):
        return ""
    if axes != [*range(axes[0], len(first[0].type.shape))]:
        return ""
    found = f"{writing.names[id(first[0])]}.shape[{axes[0]}:]"
    word = writing.renamed.get(sizes[0], sizes[0])
    opposite = _opposite(code)
    least = opposite.removeprefix(f"{word} < ")
    if least != opposite and word not in named(least):
        return f"min({found}) < {least}"
    each = exchanged(word, "size", opposite)
    return f"any({each} for size in {found})" if each and "size" not in named(code) else ""


def _together(form: str, sizes: list[str]) -> str:
    """`H and W must be multiples of 16`; else one condition after the other."""
    multiple = "{} must be a multiple of "
    if len(sizes) > 1 and form.startswith(multiple):
        return f"{' and '.join(sizes)} must be multiples of {form.removeprefix(multiple)}"
    return " and ".join(form.replace("{}", size, 1) for size in sizes)


def told(network: ir.Network) -> frozenset[str]:
    """The names of hyperparameters in the network; one that is a number has none."""
    given = network.hyperparameters.items()
    return frozenset(safe(name) for name, value in given if is_open(value))


def _names(condition: Condition) -> frozenset[str]:
    return condition.left.names | condition.right.names


def _sides(says: Relation, network: ir.Network) -> tuple[Dim, str, Dim]:
    """Both sides of a condition, what data decide before what a constructor was told."""
    left, operator, right = says.sides()
    if left.names <= told(network) and not right.names <= told(network):
        return right, TURNED.get(operator, operator), left
    return left, operator, right


def _words(says: Solution | Relation, network: ir.Network) -> str:
    if isinstance(says, Solution):
        return says.words()
    left, operator, right = _sides(says, network)
    return f"{left} {operator} {right} must hold"


def _code(says: Solution | Relation, writing: Writing, network: ir.Network) -> str:
    """A condition in the names that sizes have in the emitted function."""
    if isinstance(says, Solution):
        return replace(says, name=writing.quote(name(says.name))).expression()
    left, operator, right = _sides(says, network)
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
    axes: dict[Dim, str] = {}
    for value in network.inputs:
        for axis, size in enumerate(value.type.shape):
            if size.value is not None or str(size) in size.names:
                plain |= size.names
            else:
                axes.setdefault(size, f"{writing.names[id(value)]}.shape[{axis}]")
    # The caller may have another size of such a name.
    busy = {*writing.holders, *(writing.renamed.get(each, each) for each in plain)}
    for own, size in network.sizes.items():
        if size in axes and size not in writing.axes:
            word = local(own, busy)
            busy.add(word)
            writing.axes[size] = (word, axes[size])
    writing.taken |= {word for word, _ in writing.axes.values()}
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


def _fails(codes: list[str]) -> str:
    """When not all of these hold: `T > self.longest`, `H % 16 != 0 or W % 16 != 0`."""
    opposites = [_opposite(code) for code in codes]
    if all(opposites):
        return " or ".join(opposites)
    codes = [_in_brackets(code) if len(codes) > 1 else code for code in codes]
    return f"not {_in_brackets(' and '.join(codes))}"


def _opposite(code: str) -> str:
    """The opposite of one comparison; nothing where it is more than that."""
    tree = ast.parse(code, mode="eval").body
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return ""
    left = code[: tree.left.end_col_offset]
    right = code[tree.comparators[0].col_offset :]
    operator = code[len(left) : len(code) - len(right)].strip()
    known = operator in OPPOSITE and left + right == code.replace(f" {operator} ", "", 1)
    return f"{left} {OPPOSITE[operator]} {right}" if known else ""


def _in_brackets(code: str) -> str:
    """A condition behind `not`: `or` and `and` bind looser."""
    return f"({code})" if " or " in code or " and " in code else code
