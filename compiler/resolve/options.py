"""Keys of train blocks: which there are, and their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import ir, tree
from ..catalog.schedules import SCHEDULES, fault
from ..catalog.stopping import STOPPINGS
from ..catalog.training import METRICS, OPTIMIZERS, REFUSED_OPTIMIZERS
from ..errors import names as errors
from ..errors import steps as step_errors
from ..errors import targets as target_errors
from ..errors import training as training_errors
from ..errors import trainings as trainings_errors
from ..layers.arguments import fits, words
from ..source import Span
from .data import setting
from .names import FAILED, Constants, called
from .parts import parts

KINDS = {
    "epochs": "size",
    "steps": "size",
    "batch": "size",
    "seed": "int",
    "drop_last": "bool",
    "precision": "f32|bf16|f16",
    "compile": "bool",
    "clip_norm": "positive",
    "accumulate": "size",
    "ema": "share",
    "deterministic": "bool",
    "checkpoint": "string",
    "pretrained": "string",
}
DEFAULTS: Mapping[str, Any] = {
    "batch": 32,
    "seed": 0,
    "drop_last": False,
    "schedule": (),
    "early_stopping": None,
    "class_weights": None,
    "metrics": (),
}
WHOLE = ("loss optimizer schedule metrics early_stopping class_weights ema groups").split()
STEPPED = ("sample",)
INSTEAD = {
    "loss": "write `loss = …` inside a step",
    "optimizer": "write `optimizer = …` inside a step",
    "ema": "keep a mean of a model's weights: `copy Mean = G ema 0.999`",
}
ALL_KEYS = (*KINDS, *WHOLE, *STEPPED, "freeze")
# Of two keys that say the same, which would be lost, and what to do.
EITHER = (
    ("epochs", "steps", "a training is as long as its `epochs` or its `steps` say, not both"),
    (
        "pretrained",
        "checkpoint",
        "a checkpoint holds the weights too: `pretrained` changes nothing",
    ),
)


def options(
    entries: Sequence[tree.Option | tree.Step | tree.Copy], stepped: bool, constants: Constants
) -> tuple[dict[str, Any], dict[str, tree.Option]]:
    """The values of all keys that are constants, and every key as written.

    `loss`, `optimizer`, `groups` and `sample` stay expressions for the caller. `stepped` trainings
    have no loss and metrics of their own, others have no `sample`.
    """
    report = constants.report
    values = dict(DEFAULTS)
    seen: dict[str, tree.Option] = {}
    for entry in entries:
        if not isinstance(entry, tree.Option):
            continue
        key = entry.name.name
        if key in seen:
            report(errors.defined_twice(entry.name.span, key, seen[key].name.span))
        seen[key] = entry
        if key not in ALL_KEYS:
            report(training_errors.unknown_key(entry.name.span, key, ALL_KEYS))
        elif stepped and key in WHOLE:
            why = f"a training in steps has no `{key}` of its own"
            help = INSTEAD.get(key, "leave it out")
            report(step_errors.key_misplaced(entry.name.span, key, why, help))
        elif not stepped and key in STEPPED:
            help = "leave it out: `dlc predict` shows what a model makes of its inputs"
            why = f"`{key}` belongs to a training in steps"
            report(step_errors.key_misplaced(entry.name.span, key, why, help))
        else:
            value = _value(key, entry.value, constants)
            if value is not FAILED:
                values[key] = value
    for first, second, why in EITHER:
        if first in seen and second in seen:
            other, again = sorted((seen[first].name.span, seen[second].name.span), key=_start)
            together = trainings_errors.no_effect_together
            report(together(again, why, other, "stated here", "leave one of them out"))
    return values, seen


def _start(span: Span) -> int:
    return span.start


def _value(key: str, node: tree.Expression, constants: Constants) -> Any:
    match key:
        case "metrics":
            return metrics(node, constants)
        case "schedule":
            return schedule(node, constants)
        case "early_stopping":
            found = setting(_quoted(node), STOPPINGS, "a rule of stopping", constants)
            return FAILED if found is None else found
        case "class_weights":
            return _weights(node, constants)
        case "precision":
            return _precision(node, constants)
        case "freeze":
            return parts(node, constants)
        case "loss" | "optimizer" | "sample" | "groups":
            return FAILED
    value = constants.value(node, f"`{key}`")
    if value is not FAILED and not fits(KINDS[key], value):
        constants.report(training_errors.wrong_option(node.span, key, words(KINDS[key])))
        return FAILED
    return value


def _precision(node: tree.Expression, constants: Constants) -> Any:
    """A dtype by its name; a `param` holds it as a string."""
    value = node.name if isinstance(node, tree.Reference) else None
    value = constants.names.get(value, value) if value is not None else None
    if value is None or not fits(KINDS["precision"], value):
        wanted = "f32, bf16 or f16, without quotes"
        constants.report(training_errors.wrong_option(node.span, "precision", wanted))
        return FAILED
    return value


def metrics(node: tree.Expression, constants: Constants) -> tuple[ir.Setting, ...]:
    """The metrics of a list; those that are not there are left out after a report."""
    if not isinstance(node, tree.ListOf):
        constants.report(training_errors.metrics_no_list(node.span))
        return ()
    found = (setting(item, METRICS, "a metric", constants) for item in node.items)
    return tuple(metric for metric in found if metric is not None)


def optimizer(node: tree.Expression, constants: Constants) -> ir.Setting | None:
    """An optimizer of torch.optim; None after a report."""
    for each in node.arguments if isinstance(node, tree.Call) else ():
        if each.name is None and each.value.span.text.endswith("parameters()"):
            constants.report(target_errors.given_parameters(each.span))
            return None
    name, span = called(node) or ("", node.span)
    if name in REFUSED_OPTIMIZERS:
        why, instead = REFUSED_OPTIMIZERS[name]
        constants.report(training_errors.optimizer_refused(span, name, why, instead))
        return None
    return setting(node, OPTIMIZERS, "an optimizer", constants)


def schedule(node: tree.Expression, constants: Constants) -> tuple[ir.Setting, ...]:
    """The phases of `warmup(0.05) -> cosine()`, in order."""
    phases = (node.start, *node.targets) if isinstance(node, tree.Chain) else (node,)
    found = []
    for phase in phases:
        if isinstance(phase, tree.Repeat):
            constants.report(errors.not_callable(phase.span, phase.span.text))
            continue
        each = setting(_quoted(phase), SCHEDULES, "a schedule", constants)
        if each is not None:
            found.append(each)
    wrong = fault([(each.record.name, each.arguments) for each in found])
    if wrong is not None and len(found) == len(phases):
        span = phases[wrong.phase].span
        constants.report(training_errors.schedule_fault(span, wrong.why, wrong.help))
    return tuple(found)


def _quoted(node: tree.Expression) -> tree.Expression:
    """`patience(3, on=validation.loss)` with the measure as a string: it is a name, no value."""
    if not isinstance(node, tree.Call):
        return node
    arguments = tuple(
        tree.Argument(each.span, each.name, tree.String(each.value.span, each.value.span.text))
        if isinstance(each.value, tree.Attribute)
        else each
        for each in node.arguments
    )
    return tree.Call(node.span, node.function, arguments)


def _weights(node: tree.Expression, constants: Constants) -> Any:
    if isinstance(node, tree.Reference) and node.name == "balanced":
        return "balanced"
    value = constants.value(node, "`class_weights`")
    if value is FAILED:
        return FAILED
    if not fits("numbers", value) or any(each < 0 for each in value) or not any(value):
        wanted = "`balanced`, or a list with one number, 0 or above, for each class"
        constants.report(training_errors.wrong_option(node.span, "class_weights", wanted))
        return FAILED
    return tuple(float(each) for each in value)
