"""Sweeps: whether their goal is measured, may decide, and is looked for in the right direction."""

from __future__ import annotations

from .. import ir
from ..catalog.record import Metric
from ..catalog.training import METRICS
from ..diagnostics import Report
from ..errors import sweeps as errors
from .measures import Trainings, measured

BETTER = {"higher": "maximize", "lower": "minimize"}


def goal(sweep: ir.Sweep, trainings: Trainings, report: Report) -> None:
    """Report a goal that no training measures, or that would mislead."""
    wanted = sweep.goal
    if wanted is None or not trainings or not measured(wanted, trainings, report):
        return
    text = wanted.span.text
    if wanted.split == "test":
        why = "what decides between trials must not say how good the network is"
        instead = text.replace("test", "validation")
        help = f"write `{instead}`, and leave the test split to `expect`"
        report(errors.goal_unfit(wanted.span, why, help))
        return
    name = "loss" if wanted.subject == "step" else wanted.name
    metric = METRICS.get(name)
    better = metric.better if isinstance(metric, Metric) else "lower"
    if not better:
        why = f"`{name}` is no number that trials could be ranked by"
        report(errors.goal_unfit(wanted.span, why, "write `maximize validation.accuracy`"))
    elif BETTER[better] != sweep.direction:
        why = f"of `{name}` the {better} value is the better one"
        report(errors.goal_unfit(wanted.span, why, f"write `{BETTER[better]} {text}`"))
