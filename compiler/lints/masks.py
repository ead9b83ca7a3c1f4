"""Masks that hide nothing, or everything, and what is done to scores before their softmax."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, NamedTuple

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import sequences as errors
from ..source import Span
from .flow import VIEWS, Flow, flow, is_dropout, number, source

# Arguments that are masks from steps to steps, where True hides; elsewhere True is seen.
HIDING = {
    "MultiheadAttention": "attn_mask",
    "TransformerEncoderLayer": "src_mask",
    "TransformerDecoderLayer": "tgt_mask",
}
OF_WORDS = (
    "key_padding_mask",
    "src_key_padding_mask",
    "tgt_key_padding_mask",
    "memory_key_padding_mask",
)
SEEING = {"scaled_dot_product_attention": "attn_mask"}
PRODUCTS = ("matmul", "bmm", "einsum")
KEEPS = {(">", 0), ("!=", 0), ("==", 1), (">=", 1)}
TURNS = {("==", 0), ("!=", 1), ("<", 1), ("<=", 0)}


class Triangle(NamedTuple):
    """A square mask made of a triangle: the row that is all 1, and the row that is all 0."""

    full: str
    empty: str
    span: Span

    @property
    def turned(self) -> Triangle:
        """Ones for zeros, and zeros for ones."""
        return Triangle(self.empty, self.full, self.span)


def all_hidden(here: Flow) -> Iterator[Diagnostic]:
    """A causal mask the wrong way round: the shares of one step are 0 / 0."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep):
            continue
        name = step.layer.name
        argument = (HIDING | SEEING).get(name, "")
        mask = step.arguments.get(argument) if argument else None
        if name == "masked_fill" and _is(step.arguments["value"], -inf):
            mask = step.inputs[1] if _softmax(here, step.output) is not None else None
            argument = "mask"
        if not isinstance(mask, ir.Value) or mask.type.dtype != "bool":
            continue
        found = triangle(here, mask)
        row = "" if found is None else found.empty if name in SEEING else found.full
        if found is not None and row:
            sees = "sees what is True" if name in SEEING else "hides what is True"
            turned = f"~{mask.name}" if mask.name else "~(…)"
            write = f"turn it around: `{turned}`"
            what = f"everything from the {row} step: its shares are 0 / 0"
            yield errors.all_hidden(step.span, what, found.span, f"{name} {sees}", write)


def words_hidden(here: Flow) -> Iterator[Diagnostic]:
    """A mask of words the wrong way round: the padding is seen, and nothing where there is none."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep):
            continue
        name, given = step.layer.name, step.arguments
        masks = [(each, given[each]) for each in OF_WORDS if given.get(each) is not None]
        hides = True
        if name in SEEING and isinstance(given["attn_mask"], ir.Value):
            masks, hides = [("attn_mask", given["attn_mask"])], False
        elif name == "masked_fill" and _is(given["value"], -inf):
            masks = [("mask", step.inputs[1])] if _softmax(here, step.output) is not None else []
        for argument, mask in masks:
            found = _words(here, mask)
            if found is not None and found[0] is hides:
                sense = "hides" if hides else "sees"
                what = "every word but the padding, token 0: without padding the shares are 0 / 0"
                right, wrong = ("== 0", "!= 0") if hides else ("!= 0", "== 0")
                write = f"turn `{argument}` around: `{right}` in the place of `{wrong}`"
                yield errors.all_hidden(
                    step.span, what, found[1], f"{name} {sense} what is True", write
                )


def _words(here: Flow, mask: ir.Value) -> tuple[bool, Span] | None:
    """Whether a mask is True at words, or at the padding; None where it is neither."""
    step = here.made.get(id(mask))
    match step:
        case ir.ArithmeticStep(operator="~", operands=(ir.Value() as before,)):
            found = _words(here, before)
            return found and (not found[0], found[1])
        case ir.ArithmeticStep(operator=sign, operands=(ir.Value() as words, bound)):
            if words.type.tokens is None or not _is(bound, 0) or sign not in ("==", "!=", ">"):
                return None
            return sign != "==", step.span
        case ir.LayerStep(layer=layer, inputs=(before,)) if layer.name in (*VIEWS, "index"):
            return _words(here, before)
    return None


def added(here: Flow) -> Iterator[Diagnostic]:
    """A mask of floats 0 and 1 where scores are added to: it hides nothing."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep):
            continue
        name = step.layer.name
        argument = (HIDING | SEEING).get(name, "")
        mask = step.arguments.get(argument) if argument else None
        if not isinstance(mask, ir.Value) or not mask.type.floating:
            continue
        found = triangle(here, mask)
        if found is not None:
            hidden = found.full if name in HIDING else found.empty
            sign = "== 0" if hidden else "> 0"
            what = f"is added to the scores of {name}: 0 and 1 hide nothing"
            write = f"make it bool: `{argument}={mask.name or '(…)'} {sign}`"
            yield errors.mask_of_ones(step.span, what, write, found.span)


def times_infinity(here: Flow) -> Iterator[Diagnostic]:
    """A mask of 0 and 1 times -inf: 0 times that is nan."""
    for step in here.steps:
        if not isinstance(step, ir.ArithmeticStep) or step.operator != "*":
            continue
        masks = [each for each in step.reads if _is_mask(here, each)]
        if masks and any(_is(each, inf) or _is(each, -inf) for each in step.operands):
            what = "becomes nan where it is 0: 0 * inf is none of the two"
            shown = masks[0].name or "(…)"
            write = f"write `masked_fill(scores, {shown} != 0, -inf)`"
            yield errors.mask_of_ones(step.span, what, write, step.span)


def not_hidden(here: Flow) -> Iterator[Diagnostic]:
    """Scores that are set to 0, by a fill or a product, right before a softmax."""
    for step in here.steps:
        after = _softmax(here, step.outputs[0]) if len(step.outputs) == 1 else None
        if after is None:
            continue
        if isinstance(step, ir.LayerStep) and step.layer.name == "masked_fill":
            if _is(step.arguments["value"], 0):
                yield errors.not_hidden(step.span, after.span, "write `-inf` in the place of the 0")
        elif isinstance(step, ir.ArithmeticStep) and step.operator == "*":
            masks = [each for each in step.reads if _is_mask(here, each)]
            if masks and len(step.reads) == 2:
                what = masks[0].name or "mask"
                write = f"write `masked_fill(scores, {what} == 0, -inf)`"
                yield errors.not_hidden(step.span, after.span, write)


def hidden_too_late(here: Flow) -> Iterator[Diagnostic]:
    """-inf among shares that are then summed with."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name != "masked_fill":
            continue
        if not _is(step.arguments["value"], -inf):
            continue
        shares = source(here, step.inputs[0])
        if shares is None or step.inputs[0].type.meaning != "probabilities":
            continue
        reader = _product(here, step.output)
        if reader is not None:
            yield errors.hidden_too_late(step.span, shares.span, reader.span)


def summed_elsewhere(here: Flow) -> Iterator[Diagnostic]:
    """Shares along another axis than the last, right before a product that sums over the last."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in ("softmax", "Softmax"):
            continue
        rank = len(step.output.type.shape)
        axis, last = (number(step.arguments["dim"]) or 0) % max(rank, 1), rank - 1
        reader = _product(here, step.output)
        if axis == last or reader is None or _is_equation(reader):
            continue
        if reader.reads[0] in (step.output, _dropped(here, step.output)):
            yield errors.summed_elsewhere(step.span, axis, last, reader.span)


def triangle(here: Flow, value: ir.Value) -> Triangle | None:
    """The mask that a value is, where `tril` or `triu` of ones made it."""
    step = here.made.get(id(value))
    match step:
        case ir.StateStep(value=ir.Network() as start, kind="buffer"):
            return triangle(flow(start), start.outputs[0])
        case ir.ArithmeticStep(operator="~", operands=(ir.Value() as before,)):
            found = triangle(here, before)
            return found and found.turned
        case ir.ArithmeticStep(operands=(ir.Value() as before, int() | float() as bound)):
            found = triangle(here, before)
            if (step.operator, bound) in KEEPS:
                return found
            return found and found.turned if (step.operator, bound) in TURNS else None
        case ir.LayerStep(layer=layer, inputs=(before, *_)) if layer.name in ("to", "bool"):
            return triangle(here, before)
        case ir.LayerStep(layer=layer, inputs=(before,)) if layer.name == "logical_not":
            found = triangle(here, before)
            return found and found.turned
        case ir.LayerStep(layer=layer, inputs=(before,)) if layer.name in ("tril", "triu"):
            ones = here.layer(before)
            diagonal = number(step.arguments["diagonal"])
            if ones is None or ones.layer.name != "ones" or diagonal is None:
                return None
            if value.type.shape[-1] != value.type.shape[-2]:
                return None
            if layer.name == "tril":
                return Triangle("last" * (diagonal >= 0), "first" * (diagonal < 0), step.span)
            return Triangle("first" * (diagonal <= 0), "last" * (diagonal > 0), step.span)
    return None


def _is(value: Any, wanted: float) -> bool:
    """Whether an argument is that number."""
    found = number(value) if not isinstance(value, float) else value
    return isinstance(found, int | float) and not isinstance(found, bool) and found == wanted


def _softmax(here: Flow, value: ir.Value) -> ir.LayerStep | None:
    """The softmax over the last axis that alone reads a value."""
    readers = here.readers.get(id(value), ())
    if len(readers) != 1 or not isinstance(readers[0], ir.LayerStep):
        return None
    step = readers[0]
    if step.layer.name not in ("softmax", "Softmax"):
        return None
    axis = number(step.arguments["dim"])
    return step if axis in (-1, len(value.type.shape) - 1) else None


def _dropped(here: Flow, value: ir.Value) -> ir.Value:
    """The value behind a dropout that reads it, or the value itself."""
    for step in here.readers.get(id(value), ()):
        if isinstance(step, ir.LayerStep) and is_dropout(step):
            return step.output
    return value


def _product(here: Flow, value: ir.Value) -> ir.LayerStep | ir.ArithmeticStep | None:
    """The product of matrices that reads a value, or what dropout leaves of it."""
    for step in here.readers.get(id(_dropped(here, value)), ()):
        if isinstance(step, ir.ArithmeticStep) and step.operator == "@":
            return step
        if isinstance(step, ir.LayerStep) and step.layer.name in PRODUCTS:
            return step
    return None


def _is_equation(step: ir.LayerStep | ir.ArithmeticStep) -> bool:
    """Whether an equation says what is summed over."""
    return isinstance(step, ir.LayerStep) and step.layer.name == "einsum"


def _is_mask(here: Flow, value: ir.Value) -> bool:
    """Whether a value is 0 or 1: a truth, or a triangle of ones."""
    return value.type.dtype == "bool" or triangle(here, value) is not None
