"""Which output predicts which field: what a loss compares, seen through changes of shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import ir
from ..catalog.losses import LOSSES
from ..diagnostics import Report
from ..dims import Dim
from ..errors import training as errors
from ..layers.shape import product
from ..source import Span

# What keeps the order of the values, whatever shape it gives them.
VIEWS = frozenset(
    "reshape view flatten unflatten ravel squeeze unsqueeze contiguous clone detach Flatten "
    "Unflatten Identity to index".split()
)
OVER_CLASSES = frozenset({"cross_entropy", "nll_loss"})
# What a loss may find done to an output already; decoding works on the output itself.
BEFORE = {"nll_loss": {"log_softmax", "log"}, "binary_cross_entropy": {"sigmoid"}}


@dataclass(frozen=True, slots=True)
class Seen:
    """The value that a loss looks at, and the axis of it that is over the classes."""

    value: ir.Value
    axis: int | None
    through: frozenset[str]


def paired(
    steps: Sequence[ir.TypedStep],
    outputs: Sequence[ir.Value],
    fields: Mapping[str, ir.Value],
    span: Span,
    report: Report,
) -> tuple[ir.Pairing, ...]:
    """The pairs of a loss that compares outputs with fields."""
    made_by = {id(value): step for step in steps for value in _results(step)}
    names = {id(value): name for name, value in fields.items()}
    known = {id(value): value for value in outputs}
    found: dict[str, ir.Pairing] = {}
    for step in steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in LOSSES:
            continue
        classes = step.layer.name in OVER_CLASSES and not step.inputs[1].type.floating
        prediction = _seen(step.inputs[0], 1 if classes else None, made_by, _before(step))
        target = _seen(step.inputs[1], None, made_by, frozenset())
        if prediction is None or target is None:
            continue
        output, field = known.get(id(prediction.value)), names.get(id(target.value))
        if output is None or field is None:
            continue
        other = found.get(output.name)
        if other is not None and other.field != field:
            report(errors.ambiguous_pair(span, output.name, other.field, field))
        meaning = _decoding(step, prediction)
        found[output.name] = ir.Pairing(output.name, field, meaning, prediction.axis or 1)
    return tuple(found.values())


def _results(step: ir.TypedStep) -> tuple[ir.Value, ...]:
    return step.outputs


def _before(step: ir.LayerStep) -> frozenset[str]:
    return frozenset(BEFORE.get(step.layer.name, ()))


def _decoding(step: ir.LayerStep, prediction: Seen) -> str:
    """How an output becomes what a person reads, by the loss that compares it."""
    match step.layer.name:
        case "cross_entropy" | "nll_loss" if prediction.axis is not None:
            return "classes"
        case "binary_cross_entropy" if "sigmoid" in prediction.through:
            return "logit"
        case "binary_cross_entropy_with_logits":
            return "logit"
        case "binary_cross_entropy":
            return "probability"
    return "number"


def _seen(
    value: ir.Value,
    axis: int | None,
    made_by: Mapping[int, ir.TypedStep],
    before: frozenset[str],
) -> Seen | None:
    """What a value is a view of; None where the order of its values was changed.

    The axis of the classes may move; the other axes must stay in their order.
    """
    through: set[str] = set()
    while isinstance(step := made_by.get(id(value)), ir.LayerStep):
        name = step.layer.name
        if len(step.inputs) != 1:
            break
        (given,) = step.inputs
        order = _order(step)
        if name in before:
            through.add(name)
        elif order is not None:
            rest = [each for place, each in enumerate(order) if place != axis]
            if rest != sorted(rest):
                return None
            axis = None if axis is None else order[axis]
        elif name in VIEWS and product(given.type.shape) == product(value.type.shape):
            if axis is not None:
                axis = _same_axis(given.type.shape, value.type.shape, axis)
                if axis is None:
                    return None
        else:
            break
        value = given
    return Seen(value, axis, frozenset(through))


def _same_axis(before: tuple[Dim, ...], after: tuple[Dim, ...], axis: int) -> int | None:
    """Where the axis of a reshaped tensor was, if it was one axis: as much stands before it."""
    for place, size in enumerate(before):
        if size == after[axis] and product(before[:place]) == product(after[:axis]):
            return place
    return None


def _order(step: ir.LayerStep) -> list[int] | None:
    """For a step that permutes axes, which axis of its input each axis was."""
    rank = len(step.inputs[0].type.shape)
    axes = list(range(rank))
    given: Mapping[str, Any] = step.arguments
    match step.layer.name:
        case "permute":
            return [int(axis) % rank for axis in given["dims"]]
        case "transpose" | "swapaxes":
            first, second = (int(each) % rank for each in list(given.values())[:2])
            axes[first], axes[second] = axes[second], axes[first]
            return axes
    return None
