"""Train blocks of one model and one loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir, tree
from ..catalog.losses import LOSSES
from ..errors import names as errors
from ..errors import training as training_errors
from ..errors import trainings as trainings_errors
from ..layers import LAYERS
from ..signature import bind
from .expressions import expression
from .names import Constants, called, input_names, signature
from .options import optimizer, options
from .parts import groups
from .scope import Scope

FUNCTIONS = {**LAYERS, **LOSSES}


def training(
    node: tree.Train,
    models: Mapping[str, tree.Model],
    data: Mapping[str, tree.Data],
    constants: Constants,
) -> ir.Training | None:
    """A train block with its names resolved; None after a report that leaves nothing to check."""
    report = constants.report
    (use,) = node.models
    found = called(use.value)
    if found is None:
        report(errors.not_callable(use.value.span, use.value.span.text))
        return None
    name, name_span = found
    if name not in models:
        report(errors.unknown(name_span, name, "a model", models))
    if node.data.name not in data:
        report(errors.unknown(node.data.span, node.data.name, "a data block", data))
    values, seen = options(node.entries, False, constants)
    for entry in node.entries:
        if isinstance(entry, tree.Copy):
            why = "only steps can call a copy, and this training has none"
            help = f"write `step {name} {{ loss = …  optimizer = … }}`, and call it there"
            report(trainings_errors.copy_misplaced(entry.span, why, help))
    for key, example in (
        ("loss", "loss = mse_loss(y_hat, y)"),
        ("optimizer", "optimizer = Adam(lr=1e-3)"),
        ("epochs", "epochs = 5"),
    ):
        if key not in seen and not (key == "epochs" and "steps" in seen):
            report(training_errors.missing_key(node.span, name, key, example))
    if name not in models or node.data.name not in data:
        return None
    model, fields = models[name], data[node.data.name]
    arguments, bound = _uses(use.value, model, fields, constants)
    resolved = None
    if "loss" in seen:
        resolved = _loss(seen["loss"].value, model, fields, constants)
    chosen = optimizer(seen["optimizer"].value, constants) if "optimizer" in seen else None
    if "groups" in seen:
        values["groups"] = groups(seen["groups"].value, chosen, constants)
    return ir.Training(
        node.span,
        name,
        name_span,
        arguments,
        bound,
        node.data.name,
        node.data.span,
        resolved,
        chosen,
        values.pop("metrics"),
        values,
        use.name.name if use.name is not None else name,
        places={key: entry.name.span for key, entry in seen.items()},
    )


def _uses(
    node: tree.Expression, model: tree.Model, data: tree.Data, constants: Constants
) -> tuple[dict[str, ir.Expression], dict[str, Any]]:
    """The hyperparameters in `Cnn(width=64, image=photo)`, and the inputs bound by hand."""
    given = node.arguments if isinstance(node, tree.Call) else ()
    inputs = input_names(model)
    fields = [entry.name.name for entry in data.entries if isinstance(entry, tree.Field)]
    bound: dict[str, Any] = {}
    rest = []
    for argument in given:
        if argument.name not in inputs:
            rest.append(argument)
        elif isinstance(argument.value, tree.Reference) and argument.value.name in fields:
            bound[argument.name] = (argument.value.name, argument.value.span)
        else:
            text = argument.value.span.text
            report = errors.unknown(argument.value.span, text, "a field of the data", fields)
            constants.report(report)
            bound[argument.name] = ("", argument.value.span)
    values = bind(
        model.name.name,
        signature(model),
        rest,
        node.span,
        constants.report,
        also=(),
    )
    scope = Scope(constants.report, {}, constants.names)
    arguments = {}
    for name, value in (values or {}).items():
        if not isinstance(value, tuple):
            arguments[name] = expression(value, scope)
    return arguments, bound


def _loss(
    node: tree.Expression, model: tree.Model, data: tree.Data, constants: Constants
) -> ir.Expression:
    scope = Scope(constants.report, {}, constants.names, functions=FUNCTIONS)
    outputs = {
        statement.name.name: statement.name.span
        for statement in model.body.statements
        if isinstance(statement, tree.Output)
    }
    inputs = input_names(model)
    for entry in data.entries:
        if isinstance(entry, tree.Field):
            name = entry.name.name
            if name in outputs and name not in inputs:
                constants.report(
                    training_errors.output_and_field(entry.name.span, name, outputs[name])
                )
            scope.values[name] = entry.name.span
    scope.values |= outputs
    scope.values["N"] = node.span
    return expression(node, scope)
