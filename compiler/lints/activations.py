"""Activations where they do harm, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from .. import ir
from ..curvature import values
from ..diagnostics import Diagnostic
from ..errors import advice
from .flow import VIEWS, Flow, flow, kind, results, source

# Between what the results of an activation lie.
RANGES = {
    "relu": (0.0, inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, inf),
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
}
REGRESSION = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
SCORES = ("cross_entropy", "binary_cross_entropy_with_logits")
SHARES = ("nll_loss", "binary_cross_entropy")
LIMITING = ("relu", "relu6", "softplus", "tanh", "softsign")
SQUASHING = ("sigmoid", "hardsigmoid", "softmax", "logsoftmax", "logsigmoid")
SHARING = ("sigmoid", "hardsigmoid", "softmax")
# What is the identity on numbers that are not negative.
RECTIFYING = ("relu", "leakyrelu", "elu", "celu")
CURVED = ("tanh", "gelu", "silu", "mish", "softplus", "softsign", "hardswish", "elu", "selu")
POOLS = frozenset("MaxPool1d MaxPool2d MaxPool3d max_pool1d max_pool2d max_pool3d".split())
SCALINGS = ("standardize", "normalize", "scale")


def repeated(here: Flow) -> Iterator[Diagnostic]:
    """Activations of what has been activated already."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or len(step.inputs) != 1:
            continue
        name = kind(step)
        if name not in (*SQUASHING, *RECTIFYING, *CURVED):
            continue
        before = source(here, step.inputs[0], VIEWS | POOLS)
        if before is None or before is step:
            continue
        first = kind(before)
        if name in SQUASHING and first in SHARING:
            yield advice.squashed_twice(step.span, step.layer.name, before.span, before.layer.name)
        elif name in RECTIFYING and RANGES.get(first, (-inf, inf))[0] == 0:
            yield advice.changes_nothing(
                step.span, step.layer.name, before.span, before.layer.name, True
            )
        elif name in CURVED and first == name and here.layer(step.inputs[0]) is before:
            yield advice.changes_nothing(
                step.span, step.layer.name, before.span, before.layer.name, False
            )


def limited_scores(loss: ir.Network, training: ir.TypedTraining | None) -> Iterator[Diagnostic]:
    """Scores that an activation keeps from being what they should be.

    The loss of a step calls its models itself, that of a `training` sees their outputs by name.
    """
    here = flow(loss)
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in (*SCORES, *SHARES):
            continue
        made = _across(here, step.inputs[0], training)
        if step.layer.name in SHARES:
            if made is None or kind(made[1]) not in SQUASHING:
                continue
            made = _across(made[0], made[1].inputs[0], training)
        if made is not None and kind(made[1]) in LIMITING:
            found = made[1]
            yield advice.limited_scores(
                found.span, found.layer.name, step.span, step.layer.name, RANGES[kind(found)]
            )


def _across(
    here: Flow, value: ir.Value, training: ir.TypedTraining | None
) -> tuple[Flow, ir.LayerStep] | None:
    """What made a value of a loss, in the model too: its body and its step."""
    outputs = results(training) if training else {}
    for _ in range(2):
        step = here.made.get(id(value))
        while isinstance(step, ir.LayerStep) and len(step.reads) == 1:
            if step.layer.name not in VIEWS:
                break
            value = step.inputs[0]
            step = here.made.get(id(value))
        while isinstance(step, ir.BlockStep):
            place = next(i for i, each in enumerate(step.outputs) if each is value)
            here, value = flow(step.body), step.body.outputs[place]
            step = here.made.get(id(value))
        if isinstance(step, ir.LayerStep):
            found = source(here, value)
            return (_body(here, found), found) if found is not None else None
        if step is not None or training is None or value.name not in outputs:
            return None
        here, value, outputs = flow(training.network), outputs[value.name], {}
    return None


def _body(here: Flow, step: ir.LayerStep) -> Flow:
    """The body that holds a step, at or below this one."""
    if any(each is step for each in here.steps):
        return here
    for each in here.steps:
        if isinstance(each, ir.BlockStep):
            below = _body(flow(each.body), step)
            if any(other is step for other in below.steps):
                return below
    return here


def regression(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """An output that cannot become what it is compared with."""
    here, fields = flow(training.loss), training.data.fields
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in REGRESSION:
            continue
        for prediction, target in (step.inputs, step.inputs[::-1]):
            name = target.name
            if id(target) in here.made or name not in fields:
                continue
            made = _across(here, prediction, training)
            reach = _reach(fields[name].field)
            if made is None or reach is None or kind(made[1]) not in RANGES:
                continue
            low, high = RANGES[kind(made[1])]
            least, greatest, exact = reach
            if least < low - 1e-6 or greatest > high + 1e-6:
                yield advice.out_of_reach(
                    made[1].span, made[1].layer.name, (low, high), name, (least, greatest), exact
                )


def _reach(field: ir.DataField) -> tuple[float, float, bool] | None:
    """The least and the greatest value of a field, and whether they are exact.

    Standardized values have mean 0 and deviation 1: some lie below 0, and unless all of them are
    -1 or 1, some beyond.
    """
    records = values(field)
    if records:
        numbers = [value for row in records for value in row]
        return (min(numbers), max(numbers), True) if numbers else None
    scaled = [step.record.name for step in field.steps if step.record.name in SCALINGS]
    if scaled and scaled[-1] == "standardize":
        return -1.0 - 1e-3, 1.0 + 1e-3, False
    return None
