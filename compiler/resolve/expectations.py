"""Expect blocks."""

from __future__ import annotations

from typing import Any

from .. import ir, tree
from ..errors import names as errors
from ..errors import training as training_errors
from ..layers.arguments import fits, words
from .names import FAILED, Constants

SPLITS = ("train", "validation", "test")
REDUCTIONS = ("mean", "std", "min", "max", "sum")


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
        subject = measured(left, constants)
        if subject is not None and FAILED not in values.values():
            found.append(ir.Expectation(entry.span, **subject, **values))
    return found


def measured(node: tree.Expression, constants: Constants) -> dict[str, Any] | None:
    """What is measured, as fields of an expectation; None after a report."""
    match node:
        case tree.Attribute(
            value=tree.Call(function=tree.Reference(name="predict"), arguments=arguments), name=name
        ):
            return _prediction(arguments, name, constants)
        case tree.Attribute(
            value=tree.Attribute(value=tree.Call(function=tree.Reference(name="predict"))) as inner,
            name="label",
        ):
            found = measured(inner, constants)
            return None if found is None else {**found, "decoded": True}
        case tree.Attribute(value=tree.Reference(name=split), name=name) if split in SPLITS:
            return {"subject": "metric", "split": split, "name": name}
        case tree.Attribute(
            value=tree.Attribute(value=tree.Reference(name=split), name=step), name=name
        ) if split in SPLITS:
            return {"subject": "step", "split": split, "name": step, "arguments": {"of": name}}
        case tree.Attribute(
            value=tree.Attribute(value=tree.Reference(name=model), name=split), name=name
        ) if split in SPLITS:
            return {"subject": "metric", "model": model, "split": split, "name": name}
        case tree.Call(
            function=tree.Reference(name="parameters"),
            arguments=(tree.Argument(value=tree.Reference(name=name, span=span)),),
        ):
            return {"subject": "parameters", "name": name, "arguments": {"span": span}}
        case tree.Call(
            function=tree.Reference(name=reduction),
            arguments=(
                tree.Argument(
                    value=tree.Attribute(
                        value=tree.Call(
                            function=tree.Reference(name=procedure),
                            arguments=(tree.Argument(name=None, value=count),),
                        ),
                        name=output,
                    )
                ),
            ),
        ) if reduction in REDUCTIONS:
            records = constants.value(count, "the number of records")
            if records is not FAILED and not fits("size", records):
                wanted = words("size")
                report = training_errors.wrong_option(count.span, "the number of records", wanted)
                constants.report(report)
                records = FAILED
            if records is FAILED:
                return None
            given = {"of": output, "records": records, "reduction": reduction}
            return {"subject": "procedure", "name": procedure, "arguments": given}
        case tree.Attribute(value=tree.Reference(name=split, span=span)):
            constants.report(errors.unknown(span, split, "a split", (*SPLITS, "predict")))
            return None
    constants.report(training_errors.no_subject(node.span))
    return None


def _prediction(
    arguments: tuple[tree.Argument, ...], name: str, constants: Constants
) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    for argument in arguments:
        if argument.name is None:
            constants.report(training_errors.predict_positional(argument.span))
            return None
        values[argument.name] = constants.value(argument.value, "a raw column")
    if FAILED in values.values():
        return None
    return {"subject": "predict", "name": name, "arguments": values}
