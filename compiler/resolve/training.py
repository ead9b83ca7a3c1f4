"""Train and expect blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir, tree
from ..catalog.losses import LOSSES
from ..catalog.training import METRICS, OPTIMIZERS
from ..errors import names as errors
from ..errors import training as training_errors
from ..layers import LAYERS
from ..layers.arguments import fits, words
from .data import setting
from .expressions import Scope, expression
from .names import FAILED, Constants, bind, called, input_names, signature

KEYS = {"epochs": "size", "batch": "size", "seed": "int", "drop_last": "bool"}
DEFAULTS = {"batch": 32, "seed": 0, "drop_last": False}
KEYS_LATER = (
    "schedule early_stopping precision compile clip_norm accumulate ema freeze groups steps "
    "class_weights deterministic checkpoint pretrained sample"
).split()
ALL_KEYS = ("loss", "optimizer", "metrics", *KEYS, *KEYS_LATER)
SPLITS = ("train", "validation", "test")
FUNCTIONS = {**LAYERS, **LOSSES}


def training(
    node: tree.Train,
    models: Mapping[str, tree.Model],
    data: Mapping[str, tree.Data],
    constants: Constants,
) -> ir.Training | None:
    """A train block with its names resolved; None after a report that leaves nothing to check."""
    report = constants.report
    if len(node.models) > 1:
        report(errors.not_yet(node.models[1].span, "training several models"))
        return None
    (use,) = node.models
    if use.name is not None:
        report(errors.not_yet(use.span, "a model under another name", "write the model's own name"))
    found = called(use.value)
    if found is None:
        report(errors.not_callable(use.value.span, use.value.span.text))
        return None
    name, name_span = found
    if name not in models:
        report(errors.unknown(name_span, name, "a model", models))
    if node.data.name not in data:
        report(errors.unknown(node.data.span, node.data.name, "a data block", data))
    options: dict[str, Any] = dict(DEFAULTS)
    seen: dict[str, tree.Node] = {}
    loss: tree.Expression | None = None
    optimizer: ir.Setting | None = None
    metrics: tuple[ir.Setting, ...] = ()
    for entry in node.entries:
        if not isinstance(entry, tree.Option):
            what = "`step`" if isinstance(entry, tree.Step) else "`copy`"
            report(errors.not_yet(entry.span, what))
            continue
        key = entry.name.name
        if key in seen:
            report(errors.defined_twice(entry.name.span, key, seen[key].span))
        seen[key] = entry.name
        if key == "loss":
            loss = entry.value
        elif key == "optimizer":
            optimizer = setting(entry.value, OPTIMIZERS, [], "an optimizer", constants)
        elif key == "metrics":
            metrics = _metrics(entry.value, constants)
        elif key in KEYS:
            value = constants.value(entry.value, f"`{key}`")
            if value is not FAILED and not fits(KEYS[key], value):
                wanted = words(KEYS[key])
                report(training_errors.wrong_option(entry.value.span, key, wanted))
            elif value is not FAILED:
                options[key] = value
        elif key in KEYS_LATER:
            report(errors.not_yet(entry.name.span, f"`{key}`"))
        else:
            report(training_errors.unknown_key(entry.name.span, key, ALL_KEYS))
    steps = [entry for entry in node.entries if isinstance(entry, tree.Step)]
    for key, example in (
        ("loss", "loss = mse_loss(y_hat, y)"),
        ("optimizer", "optimizer = Adam(lr=1e-3)"),
        ("epochs", "epochs = 5"),
    ):
        if key not in seen and not steps and not (key == "epochs" and "steps" in seen):
            report(training_errors.missing_key(node.span, name, key, example))
    if name not in models or node.data.name not in data:
        return None
    model, fields = models[name], data[node.data.name]
    arguments, bound = _uses(use.value, model, fields, constants)
    resolved = _loss(loss, model, fields, constants) if loss is not None else None
    return ir.Training(
        node.span,
        name,
        name_span,
        arguments,
        bound,
        node.data.name,
        node.data.span,
        resolved,
        optimizer,
        metrics,
        options,
    )


def _metrics(node: tree.Expression, constants: Constants) -> tuple[ir.Setting, ...]:
    if not isinstance(node, tree.ListOf):
        constants.report(training_errors.metrics_no_list(node.span))
        return ()
    found = []
    for item in node.items:
        metric = setting(item, METRICS, [], "a metric", constants)
        if metric is not None:
            found.append(metric)
    return tuple(found)


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
        if isinstance(value, tree.Node):
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


def expectations(node: tree.Expect, constants: Constants) -> list[ir.Expectation]:
    """The entries of an expect block."""
    found = []
    for entry in node.entries:
        values = {}
        match entry:
            case tree.Comparison(left=left, operator=operator, right=right):
                values["target"] = constants.value(right, "the bound")
                values["operator"] = operator
            case tree.Within(left=left, tolerance=tolerance, target=target):
                values["tolerance"] = constants.value(tolerance, "the tolerance")
                values["target"] = constants.value(target, "the target")
                values["operator"] = "within"
        subject = _subject(left, constants)
        if subject is not None and FAILED not in values.values():
            found.append(ir.Expectation(entry.span, **subject, **values))
    return found


def _subject(node: tree.Expression, constants: Constants) -> dict[str, Any] | None:
    match node:
        case tree.Attribute(
            value=tree.Call(function=tree.Reference(name="predict"), arguments=arguments), name=name
        ):
            values: dict[str, Any] = {}
            for argument in arguments:
                if argument.name is None:
                    constants.report(training_errors.predict_positional(argument.span))
                    return None
                values[argument.name] = constants.value(argument.value, "a raw column")
            if FAILED in values.values():
                return None
            return {"subject": "predict", "name": name, "arguments": values}
        case tree.Attribute(
            value=tree.Attribute(value=tree.Call(function=tree.Reference(name="predict"))) as inner,
            name="label",
        ):
            found = _subject(inner, constants)
            return None if found is None else {**found, "decoded": True}
        case tree.Attribute(value=tree.Reference(name=split), name=name) if split in SPLITS:
            return {"subject": "metric", "split": split, "name": name}
        case tree.Attribute(
            value=tree.Attribute(value=tree.Reference(), name=split), name=name
        ) if split in SPLITS:
            constants.report(errors.not_yet(node.span, "an expectation of one of several models"))
            return None
        case tree.Call(
            function=tree.Reference(name="parameters"),
            arguments=(tree.Argument(value=tree.Reference(name=name, span=span)),),
        ):
            return {"subject": "parameters", "name": name, "arguments": {"span": span}}
        case tree.Attribute(value=tree.Reference(name=split, span=span)):
            constants.report(errors.unknown(span, split, "a split", (*SPLITS, "predict")))
            return None
    constants.report(training_errors.no_subject(node.span))
    return None
