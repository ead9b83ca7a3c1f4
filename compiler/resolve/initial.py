"""`init=…`: which initializer, with which arguments."""

from __future__ import annotations

from .. import ir, tree
from ..errors import results as errors
from ..layers.initial import INITIALIZERS, KERAS
from ..signature import bind
from .expressions import expression
from .names import called
from .scope import Scope


def initializer(node: tree.Expression, scope: Scope) -> ir.Initializer | None:
    """`kaiming_normal_`, `normal_(std=0.02)` or `keras`; None after a report."""
    name, span = called(node) or (node.span.text, node.span)
    known = {*INITIALIZERS, KERAS}
    if name not in known:
        scope.report(errors.no_initializer(span, name, known))
        return None
    arguments = node.arguments if isinstance(node, tree.Call) else ()
    signature = INITIALIZERS[name].parameters if name in INITIALIZERS else ()
    bound = bind(name, signature, arguments, node.span, scope.report)
    if bound is None:
        return None
    values = {
        each: expression(value, scope)
        for each, value in bound.items()
        if not isinstance(value, tuple)
    }
    return ir.Initializer(node.span, name, values)
