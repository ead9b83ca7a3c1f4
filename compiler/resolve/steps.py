"""Trainings in steps: the models by their names, their copies, and what each step computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import ir, tree
from ..catalog.losses import LOSSES
from ..catalog.pictures import PICTURES
from ..errors import names as errors
from ..errors import steps as step_errors
from ..errors import training as training_errors
from ..errors import trainings as trainings_errors
from ..layers import LAYERS
from ..layers.arguments import fits
from ..signature import bind
from .expressions import expression
from .names import FAILED, Constants, called, signature
from .options import optimizer, options
from .scope import Scope
from .statements import statement

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
    if not {"epochs", "steps"} & seen.keys():
        names_of_all = " and ".join(trained)
        report(training_errors.missing_key(node.span, names_of_all, "epochs", "epochs = 20"))
    known = node.data.name in data
    if not known:
        report(errors.unknown(node.data.span, node.data.name, "a data block", data))
    if not known or len(trained) < len(node.models):
        return None
    copies = _copies(node.entries, trained, constants)
    if copies is None:
        return None
    names = called_by_name(trained.values(), copies)
    fields = [e.name for e in data[node.data.name].entries if isinstance(e, tree.Field)]
    steps = []
    named: dict[str, Any] = {}
    for entry in node.entries:
        if not isinstance(entry, tree.Step):
            continue
        if entry.name.name in named:
            report(errors.defined_twice(entry.name.span, entry.name.name, named[entry.name.name]))
        named[entry.name.name] = entry.name.span
        scope = scope_of(models, names, constants)
        scope.values = {field.name: field.span for field in fields}
        scope.values["N"] = entry.span
        step = _step(entry, list(trained), copies, scope, constants)
        if step is not None:
            steps.append(step)
    if not named:
        report(step_errors.no_steps(node.models[-1].span, list(trained)))
    sample = None
    if "sample" in seen:
        sample = expression(seen["sample"].value, scope_of(models, names, constants))
    return ir.Stepped(
        node.span,
        tuple(trained.values()),
        node.data.name,
        node.data.span,
        tuple(steps),
        sample,
        values,
        whole=0 < len(named) == len(steps),
        copies=copies,
        places={key: entry.name.span for key, entry in seen.items()},
    )


def called_by_name(
    trained: Iterator[ir.Trained] | Any, copies: Sequence[ir.Copy]
) -> dict[str, tuple[str, Mapping[str, ir.Expression]]]:
    """Trained models and their copies as steps and predictions call them."""
    names = {each.name: (each.definition, each.arguments) for each in trained}
    return {**names, **{each.name: names[each.original] for each in copies}}


def _copies(
    entries: Sequence[tree.Option | tree.Step | tree.Copy],
    trained: Mapping[str, ir.Trained],
    constants: Constants,
) -> tuple[ir.Copy, ...] | None:
    """The copies of a training; None after a report of one that cannot be called."""
    report = constants.report
    named = {name: each.span for name, each in trained.items()}
    found = []
    for entry in entries:
        if not isinstance(entry, tree.Copy):
            continue
        name, original = entry.name, entry.original
        if name.name in named:
            report(errors.defined_twice(name.span, name.name, named[name.name]))
            continue
        named[name.name] = name.span
        value = constants.value(entry.value, f"`{entry.mode}`")
        good = value is FAILED or _is_pace(entry.mode, value)
        if not good:
            report(trainings_errors.copy_value(entry.value.span, entry.mode))
        if original.name not in trained:
            what = "a model of this training"
            report(errors.unknown(original.span, original.name, what, trained))
            return None
        pace = value if good and value is not FAILED else 1
        found.append(ir.Copy(name.span, name.name, original.name, entry.mode, pace))
    return tuple(found)


def _is_pace(mode: str, value: Any) -> bool:
    return fits("size", value) if mode == "every" else fits("share", value)


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


def scope_of(models: Mapping[str, tree.Model], names: Models, constants: Constants) -> Scope:
    """What names stand for where models are called by the names of a training."""
    scope = Scope(constants.report, models, constants.names, functions=FUNCTIONS)
    scope.models = dict(names)
    return scope


def _step(
    node: tree.Step,
    trained: list[str],
    copies: Sequence[ir.Copy],
    scope: Scope,
    constants: Constants,
) -> ir.TrainStep | None:
    """A step with its names resolved; None after a report."""
    report = constants.report
    updates = node.updates or (node.name,)
    originals = {each.name: each.original for each in copies}
    good = True
    for name in updates:
        if name.name in originals:
            original = originals[name.name]
            why = f"`{name.name}` is a copy: it follows {original}, and no step updates it"
            help = f"update the original: `step {original}`"
            report(trainings_errors.copy_misplaced(name.span, why, help))
            good = False
        elif name.name not in trained:
            stated = bool(node.updates)
            of_it = [each for each in trained if scope.models[each][0] == name.name]
            report(step_errors.updates_unknown(name.span, name.name, of_it or trained, stated))
            good = False
    every = 1 if node.every is None else constants.value(node.every, "`every`")
    if every is FAILED or not isinstance(every, int) or isinstance(every, bool) or every < 1:
        if every is not FAILED and node.every is not None:
            report(step_errors.every_below_one(node.every.span))
        good = False
    body: list[ir.Statement] = []
    keys: dict[str, Any] = {}
    for each in node.body.statements:
        match each:
            case tree.Bind(target=tree.Name(name=key), value=value) if key in KEYS:
                if key in keys:
                    report(errors.defined_twice(each.span, key, keys[key][0]))
                resolved: Any = (
                    expression(value, scope) if key == "loss" else optimizer(value, constants)
                )
                keys[key] = each.span, resolved
            case _:
                good = computed(each, body, scope) and good
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


def computed(node: tree.Statement, body: list[ir.Statement], scope: Scope) -> bool:
    """Resolve a statement of a step or prediction; False after a report of one of models."""
    found = next(_of_models(node), None)
    if found is not None:
        scope.report(step_errors.no_statement_of_steps(found.span))
        return False
    resolved = statement(node, scope)
    if resolved is not None:
        body.append(resolved)
    return True


def _of_models(node: tree.Statement | tree.Body | None) -> Iterator[tree.Statement]:
    """Statements that only models and blocks have, in branches and loops too."""
    match node:
        case tree.Body(statements=inner):
            for each in inner:
                yield from _of_models(each)
        case tree.If(then=then, otherwise=otherwise):
            yield from _of_models(then)
            yield from _of_models(otherwise)
        case tree.For(body=body):
            yield from _of_models(body)
        case tree.Layer() | tree.Weight() | tree.Buffer() | tree.Input() | tree.Output():
            yield node
