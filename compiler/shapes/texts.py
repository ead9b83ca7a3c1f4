"""What texts and names must have become by the end of a field's steps."""

from __future__ import annotations

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import texts as errors
from ..tensor import Type


def unfinished(field: ir.DataField, declared: Type, comes: Type) -> Diagnostic | None:
    """What is wrong with a field of texts, tokens or names; None where nothing is."""
    span, name = field.span, field.name
    numbers = declared.classes is None and declared.tokens is None
    help = _steps(declared, comes, numbers)
    if comes.dtype == "words":
        return errors.not_numbers(span, name, str(declared), "lists of words", help)
    if comes.dtype == "ids":
        what = "lists of tokens of any length"
        return errors.not_numbers(span, name, str(declared), what, help)
    if comes.dtype == "text" and declared.classes is None:
        return errors.not_numbers(span, name, str(declared), "texts", help)
    if _one_column_for_tokens(field, declared, comes):
        return errors.not_numbers(span, name, str(declared), "one value a record", help)
    if comes.tokens is not None:
        if numbers:
            token = Type("i64", comes.shape, tokens=comes.tokens)
            help = f"declare `{token}`: `Embedding` makes numbers of tokens"
            return errors.not_numbers(span, name, str(declared), "tokens", help)
        bound = declared.tokens or declared.classes
        if bound is not None and bound < comes.tokens:
            return errors.vocabulary_too_large(span, name, str(declared), comes.tokens)
    return _wrong_names(field, declared, comes)


def _steps(declared: Type, comes: Type, numbers: bool) -> str:
    """The steps that are missing for what comes to be what is declared."""
    if comes.dtype == "text" and numbers:
        return 'write `-> categories("a", "b") -> one_hot` behind them'
    size, length = declared.tokens or comes.tokens or 1000, 100
    if declared.tokens is not None and len(declared.shape) == 1:
        length = declared.shape[0].value or length
    every = ["words", f"vocabulary({size})", f"pad({length})"]
    missing = every[{"words": 1, "ids": 2}.get(comes.dtype, 0) :]
    return f"write `-> {' -> '.join(missing)}` behind them"


def _one_column_for_tokens(field: ir.DataField, declared: Type, comes: Type) -> bool:
    """Whether a single column stands where a sequence of tokens is declared."""
    sequence = declared.tokens is not None and len(declared.shape) == 1 and not field.steps
    return sequence and isinstance(field.raw, ir.Column) and comes.shape == ()


def _wrong_names(field: ir.DataField, declared: Type, comes: Type) -> Diagnostic | None:
    """Categories of another number, or of other names, than the field declares."""
    chosen = [step for step in field.steps if step.record.name == "categories"]
    if not chosen or (comes.classes is None and not comes.shape):
        return None
    span, told = chosen[0].span, (field.name, str(declared))
    names = chosen[0].arguments["names"]
    count = comes.classes or comes.shape[-1].value
    numbers = declared.classes is None and declared.tokens is None
    size = declared.shape[0].value if len(declared.shape) == 1 else None
    help = f"declare `f32[{count}]`, or correct the names"
    if comes.classes is None:
        if numbers and size is not None and size != count:
            return errors.wrong_categories(span, *told, count, names, help)
        return None
    if numbers and (size == count or not names):
        help = f"write `-> one_hot` for f32[{count}], or declare `class({count})`"
        return errors.not_numbers(span, *told, "labels", help)
    if declared.labels is not None and names and declared.labels != names:
        help = "give both the same names in one order, or leave the step out"
        return errors.wrong_categories(span, *told, count, names, help)
    if declared.classes not in (None, count):
        help = f"declare `class({count})`, or correct the names"
        return errors.wrong_categories(span, *told, count, names, help)
    if declared.tokens is not None and declared.tokens < (count or 0):
        help = f"declare `token({count})`, or correct the names"
        return errors.wrong_categories(span, *told, count, names, help)
    return None
