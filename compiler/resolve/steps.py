"""Trainings in steps, and predictions of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir, tree
from ..catalog.losses import LOSSES
from ..catalog.pictures import PICTURES
from ..errors import names as errors
from ..errors import shapes as shape_errors
from ..errors import steps as step_errors
from ..errors import training as training_errors
from ..layers import LAYERS
from ..signature import bind
from .expressions import expression
from .names import FAILED, Constants, called, signature
from .options import optimizer, options
from .scope import Scope
from .types import type_spec

FUNCTIONS = {**LAYERS, **LOSSES, **PICTURES}
KEYS = ("loss", "optimizer")

Models = Mapping[str, tuple[str, Mapping[str, ir.Expression]]]


def stepped(
    node: tree.Train,
    models: Mapping[str, tree.Model],
    data: Mapping[str, tree.Data],
    constants: Constants,
) -> ir.Stepped | None:
    """A train block of steps; None after a report that leaves nothing to check."""
    report = constants.report
    trained: dict[str, ir.Trained] = {}
    for use in node.models:
        found = _trained(use, models, constants)
        if found is None:
            continue
        if found.name in trained:
            report(errors.defined_twice(use.span, found.name, trained[found.name].span))
        trained[found.name] = found
    values, seen = options(node.entries, True, constants)
    if "epochs" not in seen:
        names_of_all = " and ".join(trained)
        report(training_errors.missing_key(node.span, names_of_all, "epochs", "epochs = 20"))
    known = node.data.name in data
    if not known:
        report(errors.unknown(node.data.span, node.data.name, "a data block", data))
    if not known or len(trained) < len(node.models):
        return None
    names = {each.name: (each.definition, each.arguments) for each in trained.values()}
    fields = [e.name for e in data[node.data.name].entries if isinstance(e, tree.Field)]
    steps = []
    named: dict[str, Any] = {}
    for entry in node.entries:
        if isinstance(entry, tree.Copy):
            report(errors.not_yet(entry.span, "`copy`"))
        if not isinstance(entry, tree.Step):
            continue
        if entry.name.name in named:
            report(errors.defined_twice(entry.name.span, entry.name.name, named[entry.name.name]))
        named[entry.name.name] = entry.name.span
        scope = _scope(models, names, constants)
        scope.values = {field.name: field.span for field in fields}
        scope.values["N"] = entry.span
        step = _step(entry, list(trained), scope, constants)
        if step is not None:
            steps.append(step)
    if not named:
        report(step_errors.no_steps(node.models[1].span, list(trained)))
    sample = None
    if "sample" in seen:
        sample = expression(seen["sample"].value, _scope(models, names, constants))
    return ir.Stepped(
        node.span,
        tuple(trained.values()),
        node.data.name,
        node.data.span,
        tuple(steps),
        sample,
        values,
        whole=0 < len(named) == len(steps),
    )


def _trained(
    use: tree.ModelUse, models: Mapping[str, tree.Model], constants: Constants
) -> ir.Trained | None:
    found = called(use.value)
    if found is None:
        constants.report(errors.not_callable(use.value.span, use.value.span.text))
        return None
    name, span = found
    if name not in models:
        constants.report(errors.unknown(span, name, "a model", models))
        return None
    given = use.value.arguments if isinstance(use.value, tree.Call) else ()
    bound = bind(name, signature(models[name]), given, use.span, constants.report)
    scope = Scope(constants.report, {}, constants.names)
    arguments = {
        each: expression(value, scope)
        for each, value in (bound or {}).items()
        if not isinstance(value, tuple)
    }
    return ir.Trained(use.span, use.name.name if use.name else name, name, arguments)


def _scope(models: Mapping[str, tree.Model], names: Models, constants: Constants) -> Scope:
    scope = Scope(constants.report, models, constants.names, functions=FUNCTIONS)
    scope.models = dict(names)
    return scope


def _step(
    node: tree.Step, trained: list[str], scope: Scope, constants: Constants
) -> ir.TrainStep | None:
    """A step with its names resolved; None after a report."""
    report = constants.report
    updates = node.updates or (node.name,)
    good = True
    for name in updates:
        if name.name not in trained:
            report(step_errors.updates_unknown(name.span, name.name, trained, bool(node.updates)))
            good = False
    every = 1 if node.every is None else constants.value(node.every, "`every`")
    if every is FAILED or not isinstance(every, int) or isinstance(every, bool) or every < 1:
        if every is not FAILED and node.every is not None:
            report(step_errors.every_below_one(node.every.span))
        good = False
    body: list[ir.Bind] = []
    keys: dict[str, Any] = {}
    for statement in node.body.statements:
        match statement:
            case tree.Bind(target=tree.Name(name=key), value=value) if key in KEYS:
                if key in keys:
                    report(errors.defined_twice(statement.span, key, keys[key][0]))
                resolved: Any = (
                    expression(value, scope) if key == "loss" else optimizer(value, constants)
                )
                keys[key] = statement.span, resolved
            case tree.Bind(target=tree.Name() as target, value=value):
                body.append(ir.Bind(target.span, target.name, expression(value, scope)))
                scope.values[target.name] = target.span
            case _:
                report(step_errors.no_statement_of_steps(statement.span))
                good = False
    for key in KEYS:
        if key not in keys:
            report(step_errors.missing_in_step(node.name.span, node.name.name, key))
            good = False
    if not good or keys["optimizer"][1] is None:
        return None
    return ir.TrainStep(
        node.name.span,
        node.name.name,
        tuple(name.name for name in updates),
        every,
        tuple(body),
        keys["loss"][1],
        keys["optimizer"][1],
    )


def procedure(
    node: tree.Predict,
    training: ir.Stepped | ir.Training | None,
    models: Mapping[str, tree.Model],
    constants: Constants,
) -> ir.Procedure | None:
    """A predict block; None after a report that leaves nothing to check."""
    report = constants.report
    names: dict[str, tuple[str, Mapping[str, ir.Expression]]] = {}
    match training:
        case ir.Stepped(models=trained):
            names = {each.name: (each.definition, each.arguments) for each in trained}
        case ir.Training(model=model, arguments=arguments):
            names = {model: (model, arguments)}
        case None:
            report(step_errors.predict_untrained(node.name.span, node.name.name))
            return None
    scope = _scope(models, names, constants)
    scope.values["N"] = node.name.span
    inputs, outputs = [], []
    values: dict[str, ir.Expression] = {}
    body: list[ir.Bind] = []
    for statement in node.body.statements:
        match statement:
            case tree.Input(name=name, type=written, default=None):
                report(errors.not_yet(name.span, "an input of `predict` without a value"))
            case tree.Input(name=name, type=written, default=default):
                assert default is not None
                values[name.name] = expression(default, scope)
                scope.values[name.name] = name.span
                inputs.append(ir.Port(name.span, name.name, type_spec(written, scope)))
            case tree.Output(name=name, type=stated, value=value):
                spec = type_spec(stated, scope) if stated else None
                outputs.append(ir.Port(name.span, name.name, spec))
                if value is not None:
                    body.append(ir.Bind(name.span, name.name, expression(value, scope), spec))
                    scope.values[name.name] = name.span
            case tree.Bind(target=tree.Name() as target, value=value):
                body.append(ir.Bind(target.span, target.name, expression(value, scope)))
                scope.values[target.name] = target.span
            case _:
                report(step_errors.no_statement_of_steps(statement.span))
    if not outputs:
        report(shape_errors.no_port(node.name.span, node.name.name, "output"))
    for output in outputs:
        if output.name not in scope.values:
            report(shape_errors.output_unbound(output.span, output.name))
    return ir.Procedure(
        node.name.span, node.name.name, tuple(inputs), values, tuple(outputs), tuple(body)
    )
