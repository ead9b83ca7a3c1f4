"""What a training measures: metrics of a split, losses of steps."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ir
from ..catalog.training import METRICS
from ..diagnostics import Report
from ..errors import names as name_errors
from ..errors import steps as step_errors
from ..errors import training as errors
from ..errors import trainings as trainings_errors
from ..splits import splits

Trainings = Sequence[ir.TypedTraining | ir.TypedStepped]


def plain(trainings: Trainings) -> list[ir.TypedTraining]:
    """The trainings of one model and one loss."""
    return [each for each in trainings if isinstance(each, ir.TypedTraining)]


def stepped(trainings: Trainings) -> list[ir.TypedStepped]:
    """The trainings in steps."""
    return [each for each in trainings if isinstance(each, ir.TypedStepped)]


def measured(entry: ir.Expectation, trainings: Trainings, report: Report) -> bool:
    """Whether a training measures this; False after a report."""
    if entry.subject == "step":
        return _of_step(entry, trainings, report)
    found = asked(entry, trainings, report)
    if found is None:
        return False
    has = splits(found.data.data)
    if entry.split not in has:
        data = found.data.data
        at = data.split.span if data.split is not None else data.span
        report(errors.split_missing(entry.span, entry.split, data.name, has, at))
        return False
    known = ["loss", *(metric.record.name for metric in found.training.metrics)]
    if entry.name not in known:
        node = found.training
        at = node.places.get("metrics", node.model_span)
        report(errors.metric_missing(entry.span, entry.name, known, entry.name in METRICS, at))
        return False
    return True


def asked(entry: ir.Expectation, trainings: Trainings, report: Report) -> ir.TypedTraining | None:
    """The training that an expectation speaks of: the last one of its model."""
    of_one = plain(trainings)
    names = list(dict.fromkeys(each.training.name for each in of_one))
    in_steps = [each.name for one in stepped(trainings) for each in one.training.models]
    if entry.model and entry.model not in (*names, *in_steps):
        what = "a model that is trained"
        report(name_errors.unknown(entry.span, entry.model, what, [*names, *in_steps]))
        return None
    if not of_one or (entry.model and entry.model not in names):
        step = stepped(trainings)[0].training.steps[0].name
        report(step_errors.of_steps(entry.span, step))
        return None
    if not entry.model and len(names) > 1:
        why = f"several models are trained, and `{entry.split}.{entry.name}` is of one"
        example = f"{names[-1]}.{entry.split}.{entry.name}"
        report(trainings_errors.which_model(entry.span, why, names, example))
        return None
    wanted = entry.model or names[0]
    return [each for each in of_one if each.training.name == wanted][-1]


def _of_step(entry: ir.Expectation, trainings: Trainings, report: Report) -> bool:
    """Whether a step is measured: its loss, over the last epoch."""
    known = [f"train.{each.step.name}.loss" for one in stepped(trainings) for each in one.steps]
    name = f"{entry.split}.{entry.name}.{entry.arguments['of']}"
    if name in known:
        return True
    if not known:
        known = [f"{entry.split}.loss"]
    report(step_errors.step_unknown(entry.span, name, known))
    return False
