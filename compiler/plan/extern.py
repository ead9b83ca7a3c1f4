"""What wraps a module of Python's: its outputs are held against what is declared of them."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from ..lines import marked
from .names import local
from .places import place
from .text import Line, call, quote
from .writing import Writing


def outside_module(
    network: ir.Network,
    definition: ir.Definition,
    names: Mapping[str, str],
    writing: Writing,
    file: str,
) -> tuple[list[str], list[Line]]:
    """The statements of the constructor and of `forward`.

    All hyperparameters go to the module by name; `names` are what `package.module:Callable` is
    called in the file. A module that gives other shapes than declared would be found out layers
    later, if at all.
    """
    member = writing.member("module")
    values = {
        each.name: quote(network.hyperparameters[each.name]) for each in definition.hyperparameters
    }
    origin = place(definition.span)
    made = call(names[definition.extern], [], values, before=f"{member} = ")
    outputs: list[str] = []
    for value in network.outputs:
        outputs.append(local(value.name, {*writing.holders, *writing.taken, *outputs}))
    given = call(member, [writing.of(value) for value in network.inputs])
    lines = [Line(f"{', '.join(outputs)} = {given}", place=origin)]
    for name, value in zip(outputs, network.outputs, strict=True):
        says = f"{value.name} is {value.type}, and {definition.extern} gives the shape"
        told = _followed(f"{file}:{value.span.line}: {says} ", f"tuple({name}.shape)")
        check = f"if {name}.shape != {writing.quote(value.type.shape)}:"
        lines.append(Line(f"{check}\n    raise ValueError({told})", place=place(value.span)))
    return [marked(made, origin)], [*lines, Line(f"return {', '.join(outputs)}")]


def _followed(text: str, code: str) -> str:
    """An f-string of a text and the value of an expression behind it."""
    literal = quote(text.replace("{", "{{").replace("}", "}}"))
    return f"f{literal[:-1]}{{{code}}}{literal[-1]}"
