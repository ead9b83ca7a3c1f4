"""Predict blocks: predictions of one's own, made of the models that were trained before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import ir, tree
from ..errors import shapes as shape_errors
from ..errors import steps as step_errors
from .expressions import expression
from .names import Constants
from .scope import Scope
from .statements import declare
from .steps import called_by_name, computed, scope_of
from .types import type_spec


def procedure(
    node: tree.Predict,
    trainings: Sequence[ir.Stepped | ir.Training],
    models: Mapping[str, tree.Model],
    constants: Constants,
) -> ir.Procedure | None:
    """A predict block; None after a report that leaves nothing to check.

    It calls what the `trainings` before it have trained, by the names that they gave it.
    """
    report = constants.report
    if not trainings:
        report(step_errors.predict_untrained(node.name.span, node.name.name))
        return None
    names: dict[str, tuple[str, Mapping[str, ir.Expression]]] = {}
    for training in trainings:
        match training:
            case ir.Stepped(models=trained, copies=copies):
                names |= called_by_name(trained, copies)
            case ir.Training(name=trained_as, model=model, arguments=arguments):
                names[trained_as] = model, arguments
    scope = scope_of(models, names, constants)
    scope.values["N"] = node.name.span
    sizes: list[str] = []
    inputs, outputs = [], []
    values: dict[str, ir.Expression] = {}
    body: list[ir.Statement] = []
    for statement in node.body.statements:
        match statement:
            case tree.Input(name=name, type=written, default=default):
                if default is not None:
                    values[name.name] = expression(default, scope)
                else:
                    sizes += _sizes(written, scope)
                spec = type_spec(written, scope)
                declare(name, scope)
                inputs.append(ir.Port(name.span, name.name, spec))
            case tree.Output(name=name, type=stated, value=value):
                spec = type_spec(stated, scope) if stated else None
                outputs.append(ir.Port(name.span, name.name, spec))
                if value is not None:
                    body.append(ir.Bind(name.span, name.name, expression(value, scope), spec))
                    scope.values[name.name] = name.span
            case _:
                computed(statement, body, scope)
    if not outputs:
        report(shape_errors.no_port(node.name.span, node.name.name, "output"))
    for output in outputs:
        if output.name not in scope.values:
            report(shape_errors.output_unbound(output.span, output.name))
    return ir.Procedure(
        node.name.span,
        node.name.name,
        tuple(inputs),
        values,
        tuple(outputs),
        tuple(body),
        tuple(sizes),
    )


def _sizes(written: tree.Type, scope: Scope) -> list[str]:
    """The names of sizes that an input without a value is met with first."""
    found = []
    for size in written.sizes or ():
        if isinstance(size, tree.Reference) and size.name not in scope.candidates():
            scope.values[size.name] = size.span
            found.append(size.name)
    return found
