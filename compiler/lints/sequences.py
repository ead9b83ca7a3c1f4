"""Axes that a reshape would move, arguments in torch's order, targets that are padding."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic, Label
from ..dims import Dim, decide, name, text
from ..errors import sequences as errors
from ..layers.record import BATCH, Shape
from ..layers.recurrent import GATES
from ..layers.shape import product
from .flow import Flow, flow, is_dropout, number, results

WIDE = 16  # features from which on heads of a single one are surely not meant
DEEP = 16  # recurrent layers that nobody stacks
TRANSFORMERS = {
    "TransformerEncoderLayer": "dim_feedforward",
    "TransformerDecoderLayer": "dim_feedforward",
    "Transformer": "num_encoder_layers",
    "MultiheadAttention": "",
}


def records_mixed(here: Flow) -> Iterator[Diagnostic]:
    """A `reshape` after which the batch stands elsewhere: what was a record is no longer one."""
    return _reshaped(here, of_batch=True)


def moved_by_reshape(here: Flow) -> Iterator[Diagnostic]:
    """A `reshape` after which an axis stands elsewhere: its values are dealt out anew."""
    return _reshaped(here, of_batch=False)


def _reshaped(here: Flow, of_batch: bool) -> Iterator[Diagnostic]:
    """The reshapes that move an axis, the batch or another one.

    An axis is known again by its size, where that stands once on both sides; it has stayed where
    as many values lie before it as before.
    """
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in ("reshape", "view"):
            continue
        value = step.inputs[0]
        before = here.layer(value)
        if before is not None and before.layer.name in ("flatten", "Flatten"):
            value = before.inputs[0]
        given, becomes = value.type.shape, step.output.type.shape
        moved = [size for size in given if _moved(size, given, becomes)]
        if moved and of_batch is (name(BATCH) in moved):
            trail = (Label(before.span, f"gives {value.type}"),) if before is not None else ()
            size = BATCH if of_batch else text(_named(moved))
            severity = "error" if of_batch else "warning"
            write = _order(given, becomes)
            yield errors.moved_by_reshape(
                step.span, size, value.type, step.output.type, write, trail, severity
            )


def _named(sizes: list[Dim]) -> Dim:
    """The size to speak of: one with a name, where there is one."""
    return next((size for size in sizes if size.value is None), sizes[0])


def _moved(size: Dim, given: Shape, becomes: Shape) -> bool:
    """Whether an axis of this size stands behind another number of values than before."""
    if size.value == 1 or (BATCH in size.names and size != name(BATCH)):
        return False
    if given.count(size) != 1 or becomes.count(size) != 1:
        return False
    before = product(given[: given.index(size)])
    return not decide(before, "==", product(becomes[: becomes.index(size)]))


def _order(given: Shape, becomes: Shape) -> str:
    """What moves the axes: a `permute`, before or behind the reshape where one is needed."""
    shown = ", ".join(map(text, becomes))
    if len(given) == len(becomes) and all(given.count(each) == 1 for each in becomes):
        return f"write `permute({', '.join(str(given.index(each)) for each in becomes)})`"
    if len(given) == 3 and len(becomes) == 4 and given[1] == becomes[2]:
        split = ", ".join(text(becomes[place]) for place in (0, 2, 1, 3))
        return f"write `reshape({split}) -> transpose(1, 2)`"
    if len(given) == 4 and len(becomes) == 3 and given[2] == becomes[1]:
        return f"write `transpose(1, 2) -> reshape({shown})`"
    if name(BATCH) in given[1:2] and becomes[0] == name(BATCH):
        return f"write `transpose(0, 1) -> reshape({shown})`"
    return f"move the axes first: `permute(…) -> reshape({shown})`"


def torch_order(here: Flow) -> Iterator[Diagnostic]:
    """The width of what flows in, written first as in torch, so that the numbers move up."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep):
            continue
        has_axes = bool(step.inputs) and bool(step.types[0].shape)
        layer, width = step.layer.name, number(step.types[0].shape[-1]) if has_axes else None
        if layer in TRANSFORMERS and width is not None and width >= WIDE:
            heads = number(step.arguments["nhead" if TRANSFORMERS[layer] else "num_heads"])
            if heads != width:
                continue
            second = number(step.arguments[TRANSFORMERS[layer]]) if TRANSFORMERS[layer] else None
            fits = second is not None and 1 < second < width and width % second == 0
            few = second if fits else next(each for each in (8, 4, 2, 3, 1) if not width % each)
            write = f"{layer}({few})"
            yield errors.torch_order(step.span, layer, f"{heads} heads of one feature each", write)
        elif layer in GATES:
            units, layers = (number(step.arguments[key]) for key in ("hidden_size", "num_layers"))
            if units == width and layers is not None and layers >= DEEP:
                what = f"{layers} layers of {units} units"
                yield errors.torch_order(step.span, layer, what, f"{layer}({layers})")


def square_scores(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Scores of a `Linear` whose last axis is as long as axis 1, where the loss wants classes."""
    here, inside, outputs = flow(training.loss), flow(training.network), results(training)
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name != "cross_entropy":
            continue
        value, body = step.inputs[0], here
        if id(value) not in here.made and value.name in outputs:
            value, body = outputs[value.name], inside
        made = body.layer(value)
        while made is not None and is_dropout(made):
            made = body.layer(made.inputs[0])
        if made is None or made.layer.name != "Linear" or len(value.type.shape) < 3:
            continue
        if step.types[1].classes is not None and value.type.shape[1] == value.type.shape[-1]:
            size = text(value.type.shape[-1])
            yield errors.square_scores(step.span, size, made.span, value.type)


def padding_learned(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """A target that is filled up to one length, in a loss that counts what fills up too."""
    here, fields = flow(training.loss), training.data.fields
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in (
            "cross_entropy",
            "nll_loss",
        ):
            continue
        target = step.inputs[1]
        while (before := here.layer(target)) is not None and len(before.reads) == 1:
            target = before.inputs[0]
        if target.name not in fields or id(target) in here.made:
            continue
        pads = [each for each in fields[target.name].field.steps if each.record.name == "pad"]
        if pads and number(step.arguments["ignore_index"]) != 0:
            yield errors.padding_learned(step.span, step.layer.name, target.name, pads[-1].span)
