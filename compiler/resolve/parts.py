"""Parts of models by their names: what `freeze` holds fast, and the `groups` of an optimizer."""

from __future__ import annotations

from typing import Any

from .. import ir, tree
from ..errors import parts as errors
from .names import FAILED, Constants, called, constant_arguments


def parts(node: tree.Expression, constants: Constants) -> Any:
    """The parts in `[encoder, head.linear1]`; FAILED after a report."""
    if not isinstance(node, tree.ListOf) or not node.items:
        constants.report(errors.no_parts(node.span, "freeze = [encoder, head.linear1]"))
        return FAILED
    found = [_part(item, constants) for item in node.items]
    return FAILED if None in found else tuple(found)


def _part(node: tree.Expression, constants: Constants) -> ir.Part | None:
    names: list[str] = []
    inner = node
    while isinstance(inner, tree.Attribute):
        names.insert(0, inner.name)
        inner = inner.value
    if not isinstance(inner, tree.Reference):
        constants.report(errors.no_parts(node.span, "freeze = [encoder, head.linear1]"))
        return None
    return ir.Part(node.span, (inner.name, *names))


def groups(
    node: tree.Expression, optimizer: ir.Setting | None, constants: Constants
) -> tuple[ir.Group, ...] | None:
    """The groups in `[group(encoder, lr=1e-5), group(head)]`; None after a report."""
    example = "groups = [group(encoder, lr=1e-5), group(head)]"
    if not isinstance(node, tree.ListOf) or not node.items:
        constants.report(errors.no_parts(node.span, example))
        return None
    found = []
    for item in node.items:
        if not isinstance(item, tree.Call) or (called(item) or ("",))[0] != "group":
            constants.report(errors.no_parts(item.span, example))
            return None
        named = tuple(each for each in item.arguments if each.name is not None)
        held = [_part(each.value, constants) for each in item.arguments if each.name is None]
        if not held:
            constants.report(errors.no_parts(item.span, example))
            return None
        if optimizer is None or None in held:
            return None
        record = optimizer.record
        stated = tree.Call(item.span, item.function, named)
        values = constant_arguments(record.name, record.parameters, stated, constants)
        if values is None:
            return None
        own = {each.name: values[each.name] for each in named if each.name is not None}
        found.append(ir.Group(item.span, tuple(each for each in held if each is not None), own))
    if optimizer is not None and not any(each.arguments for each in found):
        constants.report(errors.groups_alike(node.span, optimizer.span))
        return None
    return tuple(found)
