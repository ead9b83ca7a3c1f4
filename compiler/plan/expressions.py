"""What one step computes, as an expression of Python."""

from __future__ import annotations

import ast
from typing import Any

from .. import ir
from ..layers.record import Layer
from ..opened import safe
from .calls import arguments, called_with, place
from .text import call
from .turns import through
from .writing import Writing

VIEWED = (".T", ".mT")
# Functions that read well as methods of what a layer gives: views, from left to right.
VIEWS = {
    f"torch.{name}": f".{name}"
    for name in "unflatten transpose permute flatten chunk unbind squeeze unsqueeze movedim".split()
}
# How tightly operators bind; a comparison least, and none is an operand of another.
BINDS = {"**": 5, "*": 3, "/": 3, "//": 3, "%": 3, "@": 3, "+": 2, "-": 2}
SIGNED = 4
COMPARED = 1


def expression(step: ir.TypedStep, writing: Writing) -> tuple[str, int]:
    """The expression of a step, and how strongly its outermost operator binds."""
    match step:
        case ir.ArithmeticStep(operator=operator, operands=operands):
            return _arithmetic(operator, operands, writing)
        case ir.BlockStep(inputs=inputs):
            given = ", ".join(writing.of(value) for value in inputs)
            if id(step) in writing.functions:
                function, arguments = writing.functions[id(step)]
                named = (f", {safe(k)}={writing.quote(v)}" for k, v in arguments.items())
                return f"{function}({given}{''.join(named)})", 9
            return f"{writing.member(step.attribute)}({given})", 9
        case ir.Turns() | ir.Choice():
            return through(step, writing), 9
        case ir.ListStep(handle=handle):
            return f"{writing.of(handle)}.pop()", 9
        case ir.StateStep(attribute=attribute):
            return f"{writing.member(attribute)}", 9
        case ir.ReadStep(attribute=attribute, name=name):
            return f"{writing.member(attribute)}.{name}", 9
        case ir.LayerStep(layer=layer, inputs=inputs):
            given_values = [writing.of(value) for value in inputs]
            if layer.code[:1] in (".", "[") and writing.strength.get(id(inputs[0]), 9) < 9:
                given_values[0] = f"({given_values[0]})"
            if layer.adapt is not None and id(inputs[0]) not in writing.lists:
                forms = layer.adapt(tuple(value.type for value in inputs))
                pairs = zip(forms, given_values, strict=True)
                given_values = [form.format(value) for form, value in pairs]
            if step.attribute:
                later = called_with(layer, step.arguments, writing.quote)
                return call(f"{writing.member(step.attribute)}", given_values, later), 9
            return _function(layer, step, given_values, writing), 9
    raise AssertionError(step)


def is_view(step: ir.LayerStep) -> bool:
    """Whether a step shows a tensor in another shape, written behind it: `self.linear1(x).mT`."""
    if to_features(step):
        return False
    return step.layer.code in VIEWS or step.layer.code in (*VIEWED, ".reshape", "[]")


def to_features(step: ir.LayerStep) -> bool:
    """Whether a record becomes one row of numbers: in a network that is a line of its own."""
    return step.layer.code == "torch.flatten" and step.arguments["start_dim"] < 2


def _arithmetic(operator: str, operands: tuple[Any, ...], writing: Writing) -> tuple[str, int]:
    strength = SIGNED if len(operands) == 1 else BINDS.get(operator, COMPARED)
    parts = []
    for position, operand in enumerate(operands):
        if isinstance(operand, ir.Value):
            part = writing.of(operand)
            inner = writing.strength.get(id(operand), 9)
        else:
            part = writing.quote(operand)
            inner = _strength(part)
        weaker = inner < strength or (inner == strength and (position == 1 or inner == COMPARED))
        negative = operator == "**" and position == 1 and inner == SIGNED
        if (weaker and not negative) or (operator == "**" and position == 0 and inner < 9):
            part = f"({part})"
        parts.append(part)
    if len(parts) == 1:
        return f"{operator}{parts[0]}", SIGNED
    if operator == "**":
        plain = (parts[0], parts[1].removeprefix("-"))
        simple = all(part.replace(".", "").replace("_", "").isalnum() for part in plain)
        return ("{}**{}" if simple else "{} ** {}").format(*parts), strength
    return f"{parts[0]} {operator} {parts[1]}", strength


def _strength(code: str) -> int:
    """How strongly the outermost operator of a number's code binds."""
    match ast.parse(code.replace("@", "_"), mode="eval").body:
        case ast.BinOp(op=ast.Pow()):
            return BINDS["**"]
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return BINDS["+"]
        case ast.BinOp():
            return BINDS["*"]
        case ast.UnaryOp(op=ast.USub()):
            return SIGNED
        case ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            return 0
    return 9


def _function(layer: Layer, step: ir.LayerStep, given: list[str], writing: Writing) -> str:
    if layer.code == "[]":
        items = (place(item, writing.quote) for item in step.arguments["items"])
        return f"{given[0]}[{', '.join(items)}]"
    if layer.code == ".reshape":
        return f"{given[0]}.reshape({_shape(step, writing)})"
    told = {name: size for name, size in step.inferred.items() if name in layer.keywords}
    positional, named = arguments(layer, step.arguments, told, writing.quote)
    if layer.on_device:
        if layer.parameters[0].name.startswith("*"):
            positional = [writing.quote(size) for size in step.output.type.shape] or ["()"]
        if writing.device:
            named["device"] = writing.device
    if layer.mode == "training":
        named["training"] = "self.training"
    elif layer.mode and layer.mode in named:
        named[layer.mode] = f"{named[layer.mode]} if self.training else 0.0"
    if layer.name == "grad":
        return f"{call(layer.code, given, {'create_graph': 'True'})}[0]"
    if layer.code in VIEWED:
        return f"{given[0]}{layer.code}"
    if layer.code.startswith("."):
        owner, *given = given
        return call(owner + layer.code, [*given, *positional], named)
    if layer.name == "Flatten":
        # The layer starts at axis 1, torch's function at 0: the axes are written.
        start, end = step.arguments["start_dim"], step.arguments["end_dim"]
        positional = [writing.quote(start), *([writing.quote(end)] if end != -1 else [])]
        named = {}
    whole = writing.strength.get(id(step.inputs[0]), 9) == 9 if step.inputs else False
    if layer.code in VIEWS and whole and not to_features(step):
        return call(given[0] + VIEWS[layer.code], [*given[1:], *_spread(layer, positional)], named)
    if layer.leading:
        return call(layer.code, [*positional, *given], named)
    return call(layer.code, [*given, *positional], named)


def _spread(layer: Layer, positional: list[str]) -> list[str]:
    """The axes of `permute` one by one, as its method takes them."""
    if layer.name != "permute" or not positional:
        return positional
    return [positional[0].removeprefix("(").removesuffix(")").removesuffix(","), *positional[1:]]


def _shape(step: ir.LayerStep, writing: Writing) -> str:
    """The sizes of a reshape; a single open one is -1, so that no name is needed."""
    sizes = step.output.type.shape
    opens = [size for size in sizes if size.value is None]
    if len(opens) == 1:
        return ", ".join("-1" if size.value is None else str(size) for size in sizes)
    same = writing.alike(sizes)
    return f"{same}.shape" if same else ", ".join(map(writing.quote, sizes))
