"""D054..: trainings one after another, copies, predictions that are given something."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def unlike_before(span: Span, name: str, first: Span, why: str) -> Diagnostic:
    """A model that an earlier training made otherwise."""
    return Diagnostic(
        "D0540",
        f"`{name}` was trained before, {why}",
        span,
        others=(Label(first, "the training that it goes on from"),),
        help=(f"write the same for both, or train another model: `train {name}2 = …`",),
    )


def copy_misplaced(span: Span, why: str, help: str) -> Diagnostic:
    """A copy where nothing can call it, or one that a step would update."""
    return Diagnostic("D0541", why, span, help=(help,))


def copy_value(span: Span, mode: str) -> Diagnostic:
    """`copy T = Q every 0`, `copy T = Q ema 1.5`."""
    wanted, example = {
        "every": ("a whole number of steps above 0", "every 1000"),
        "ema": ("a number above 0 and below 1: how much of the copy is kept", "ema 0.995"),
    }[mode]
    return Diagnostic(
        "D0542", f"`{mode}` of a copy is {wanted}", span, help=(f"write `{example}`",)
    )


def copy_unused(span: Span, name: str, original: str) -> Diagnostic:
    """A copy that nothing calls."""
    return Diagnostic(
        "D0543",
        f"nothing calls the copy `{name}`",
        span,
        severity="warning",
        help=(f"call `{name}(…)` as you would {original}, or remove it",),
    )


def input_without_value(span: Span, procedure: str, name: str, at: Span, sizes: str) -> Diagnostic:
    """An expectation that gives only a number of records to what needs more."""
    return Diagnostic(
        "D0544",
        f"`{procedure}` needs `{name}`, and an expectation gives it a number of records alone",
        span,
        others=(Label(at, "this input has no value"),),
        help=(f"give it one: `input {name}: … = randn({sizes})`",),
    )


def which_model(span: Span, name: str, models: Sequence[str], example: str) -> Diagnostic:
    """A measure that several models have, or a model that has none."""
    return Diagnostic(
        "D0545",
        name,
        span,
        notes=(f"trained are {_listed(models)}",),
        help=(f"write `{example}`",),
    )


def no_effect_together(span: Span, why: str, other: Span, label: str, help: str) -> Diagnostic:
    """A key that changes nothing together with another."""
    return Diagnostic("D0546", why, span, others=(Label(other, label),), help=(help,))
