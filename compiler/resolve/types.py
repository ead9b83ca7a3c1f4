"""Types as written."""

from __future__ import annotations

from .. import ir, tree
from ..errors import names as errors
from ..errors import shapes as shape_errors
from ..tensor import DTYPES
from .expressions import expression
from .scope import Scope

TYPES = (*DTYPES, "class", "token")


def type_spec(written: tree.Type, scope: Scope) -> ir.TypeSpec | None:
    """A type with its sizes resolved; None after a report."""
    if written.name not in TYPES:
        scope.report(errors.unknown(written.span, written.name, "a type", TYPES))
        return None
    sizes: list[ir.Expression | ir.Dots] = []
    for size in written.sizes or ():
        if isinstance(size, tree.Ellipsis):
            sizes.append(ir.Dots(size.span))
        else:
            sizes.append(expression(size, scope))
    arguments = written.arguments or ()
    values = tuple(argument.value for argument in arguments)
    match written.name:
        case "class" if values and all(isinstance(value, tree.String) for value in values):
            labels = tuple(value.value for value in values if isinstance(value, tree.String))
            if len(labels) < 2 or len(set(labels)) < len(labels):
                scope.report(shape_errors.class_labels(written.span))
                return None
            count = ir.Literal(written.span, len(labels))
            return ir.TypeSpec(written.span, "i64", tuple(sizes), count, labels)
        case "class" | "token":
            if len(values) != 1 or isinstance(values[0], tree.String):
                scope.report(shape_errors.bound_missing(written.span, written.name))
                return None
            bound = expression(values[0], scope)
            if written.name == "class":
                return ir.TypeSpec(written.span, "i64", tuple(sizes), classes=bound)
            return ir.TypeSpec(written.span, "i64", tuple(sizes), tokens=bound)
    if arguments:
        report = errors.too_many_arguments(arguments[0].span, written.name, 0, len(arguments))
        scope.report(report)
        return None
    return ir.TypeSpec(written.span, written.name, tuple(sizes))
