"""Statements that bind: one name to one value, several names to several results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import ir, opened
from ..diagnostics import Diagnostic, Label
from ..dims import Dim
from ..errors import results as errors
from ..errors import sequences as sequence_errors
from ..errors import shapes as shape_errors
from ..layers.indexing import INDEX
from ..layers.record import BATCH
from ..record import replaced
from ..source import Span
from ..tensor import UNKNOWN, Type, Unknown
from .advice import declared_otherwise
from .evaluation import Evaluation
from .values import described


def bind(here: Evaluation, statement: ir.Bind | ir.Unpack) -> None:
    """Give the names of a statement their values; what is faulty becomes UNKNOWN."""
    value = here.value(statement.value)
    if isinstance(statement, ir.Unpack):
        assign(here, statement.span, statement.target, value)
        return
    if isinstance(value, ir.Results):
        value = _only_one(here, statement.value.span, statement.name, value, value)
    if isinstance(value, ir.Value):
        value = named(here, value, statement.name)
    elif here.generic and not here.depth and not here.branching:
        value = _let(here, statement.name, value)
    if statement.type is not None and value is not UNKNOWN:
        value = checked(here, statement, statement.type, value)
    here.names[statement.name] = value
    here.bound[statement.name] = statement.span
    here.popped.pop(statement.name, None)


def _is_row(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, int | float) for each in value)


def _let(here: Evaluation, word: str, value: Any) -> Any:
    """What a constructor computes, and an author has a name for, has that name there too."""
    from .turns import LEAST, fresh
    from .turns import named as let

    found = value
    if word in here.carried:
        return value  # it is another one in each turn
    if isinstance(value, tuple) and len(value) >= LEAST and all(map(_is_row, value)):
        return let(here, word, value)  # a table
    if isinstance(value, Dim) and len(value.names) == 1 and str(value) in here.atoms:
        found = here.atoms[str(value)]
    if isinstance(found, Dim) and found.value is None and str(found) not in found.names:
        if _known_first(here, found):
            here.lets[fresh(here, word)] = found  # a name for what layers are made with
        return value
    if not isinstance(found, ir.Open) or found.operator in ("", "let", "literal"):
        return value
    return let(here, word, found) if _known_first(here, found) else value


def _known_first(here: Evaluation, value: Any) -> bool:
    """Whether a value is known before a constructor, or a turn of it, has made anything."""
    from .changing import words_of

    needed = opened.names(value, here.atoms)
    if needed & words_of(here.steps):
        return False
    return bool(here.depth) or needed <= here.steady | here.lets.keys() | here.born.keys()


def assign(here: Evaluation, span: Span, target: tuple[Any, ...], value: Any) -> bool:
    """Give the names of a pattern the parts of a value; False after a report."""
    good = True
    if value is not UNKNOWN and not _matches(target, value):
        made_by = value.made_by if isinstance(value, ir.Results) else ""
        here.report(errors.unlike_pattern(span, _shown(target), _given(value), made_by))
        value, good = UNKNOWN, False
    _unpack(here, target, value, value)
    return good


def _matches(target: tuple[Any, ...], value: Any) -> bool:
    """Whether there are as many names as parts, in the same structure."""
    parts = value.items if isinstance(value, ir.Results) else value
    if not isinstance(parts, tuple) or len(parts) != len(target):
        return False
    pairs = zip(target, parts, strict=True)
    return all(_matches(part, each) for part, each in pairs if isinstance(part, tuple))


def _unpack(here: Evaluation, target: tuple[Any, ...], value: Any, whole: Any) -> None:
    """Give each name of a pattern that matches its part of the results."""
    parts = value.items if isinstance(value, ir.Results) else value
    if value is UNKNOWN:
        parts = (UNKNOWN,) * len(target)
    for part, each in zip(target, parts, strict=True):
        if isinstance(part, tuple):
            _unpack(here, part, each, whole)
        elif part.name != "_":
            if isinstance(each, ir.Results):
                each = _only_one(here, part.span, part.name, each, whole)
            is_tensor = isinstance(each, ir.Value)
            here.names[part.name] = named(here, each, part.name) if is_tensor else each


def _only_one(here: Evaluation, span: Span, name: str, value: ir.Results, whole: Any) -> Unknown:
    """A name cannot stand for several results."""
    first = ", ".join([name, *["_"] * (len(value.items) - 1)])
    if value is not whole and isinstance(whole, ir.Results):
        parts = (f"({first})" if each is value else "_" for each in whole.items)
        first = ", ".join(parts)
    made_by = whole.made_by if isinstance(whole, ir.Results) else value.made_by
    here.report(errors.one_name(span, name, made_by, value.pattern, first))
    return UNKNOWN


def _shown(target: tuple[Any, ...]) -> str:
    parts = (f"({_shown(part)})" if isinstance(part, tuple) else part.name for part in target)
    return ", ".join(parts)


def _given(value: Any) -> str:
    """What there is to be named."""
    if isinstance(value, ir.Results):
        return value.pattern
    if isinstance(value, tuple):
        return f"{len(value)} values"
    return "one tensor" if isinstance(value, ir.Value) else described(value)


def named(here: Evaluation, value: ir.Value, name: str) -> ir.Value:
    """The same tensor under the author's name; its step gives that value from now on."""
    if value.name:
        return value
    return _instead(here, value, ir.Value(value.type, value.span, name))


def _instead(here: Evaluation, value: ir.Value, called: ir.Value) -> ir.Value:
    """Another value of the step that gives one; the old one where there is no such step."""
    step = here.made_by.get(id(value))
    if step is None or id(value) in here.kept:
        return value
    renamed: ir.TypedStep
    if isinstance(step, ir.LayerStep | ir.BlockStep):
        outputs = tuple(called if each is value else each for each in step.outputs)
        renamed = replaced(step, outputs=outputs)
    elif isinstance(step, ir.ArithmeticStep | ir.ReadStep):
        outputs = (called,)
        renamed = replaced(step, output=called)
    elif isinstance(step, ir.Choice):
        merged = tuple((called, *t[1:]) if t[0] is value else t for t in step.merged)
        renamed = replaced(step, merged=merged)
        outputs = renamed.outputs
    elif isinstance(step, ir.Turns):
        outputs = tuple(called if each is value else each for each in step.outputs)
        renamed = replaced(step, outputs=outputs)
    else:
        return value
    # Nearly always it is the last step: looked for from the end.
    place = next((i for i in range(len(here.steps) - 1, -1, -1) if here.steps[i] is step), None)
    if place is None:
        return value
    here.steps[place] = renamed
    here.made_by |= {id(each): renamed for each in outputs}
    return called


def checked(here: Evaluation, statement: ir.Bind, spec: ir.TypeSpec, value: Any) -> Any:
    """The value where it is of the declared type; a generic network believes the declaration."""
    declared = here.type_of(spec)
    if isinstance(value, ir.Value) and isinstance(declared, Type):
        same = value.type.dtype == declared.dtype and len(value.type.shape) == len(declared.shape)
        sizes = zip(value.type.shape, declared.shape, strict=False)
        if here.generic:
            # The author's sizes say more than those that loops and branches leave.
            believed = replace(value.type, shape=declared.shape) if same else value.type
            unlike = believed.shape != value.type.shape
            meant = ir.Value(believed, value.span, value.name)
            return _instead(here, value, meant) if unlike else value
        if same and all(here.equal(a, b, statement.span) for a, b in sizes):
            return value
        here.report(_unlike_declared(here, statement, declared, value))
        return UNKNOWN
    if not isinstance(value, ir.Value | Unknown):
        here.report(shape_errors.not_a_tensor(statement.span, described(value)))
    return UNKNOWN


def _unlike_declared(
    here: Evaluation, statement: ir.Bind, declared: Type, value: ir.Value
) -> Diagnostic:
    """What is to be said of a value that is not as declared: where its batch is lost, if it is."""
    name, trail = statement.name, here.trail(value)
    if _has_batch(declared) and not _has_batch(value.type):
        step, before = _loses_batch(here, value)
        if step is not None and before is not None:
            others = tuple(each for each in trail if each.span != step.span)
            others = (*others, Label(statement.span, f"declared as {declared}"))
            shown = (str(declared), str(value.type), str(before.type), _keeping(step))
            return sequence_errors.batch_lost(step.span, name, *shown, others)
    help = ""
    if value.type.shape and declared.shape == value.type.shape[1:] and value.type.shape[0].value:
        state = _behind(here, value).name or name
        help = f"a state has axis 0 for its layers and ways: `{state}[-1]` is the last one's"
    elif swapped := _swapped(declared, value.type):
        help = f"the same sizes stand in another order: write `-> {swapped}` behind it"
    help = help or declared_otherwise(here, declared, value)
    given = (str(declared), str(value.type))
    return shape_errors.output_type(statement.span, name, *given, trail, help)


def _swapped(declared: Type, given: Type) -> str:
    """The transposition that makes the declared shape of a given one, where there is one."""
    if len(declared.shape) != len(given.shape) or declared.dtype != given.dtype:
        return ""
    apart = [axis for axis, size in enumerate(declared.shape) if size != given.shape[axis]]
    if len(apart) != 2:
        return ""
    one, other = apart
    turned = declared.shape[one] == given.shape[other] and declared.shape[other] == given.shape[one]
    return f"transpose({one}, {other})" if turned else ""


def _behind(here: Evaluation, value: ir.Value) -> ir.Value:
    """The value that was given the first axis of this one: the last with a name on the way."""
    found = value
    step = here.made_by.get(id(value))
    while isinstance(step, ir.LayerStep) and step.inputs:
        value = step.inputs[0]
        if value.type.shape[:1] != found.type.shape[:1]:
            break
        found = value
        step = here.made_by.get(id(value))
    return found


def _has_batch(value: Type) -> bool:
    return any(BATCH in size.names for size in value.shape)


def _loses_batch(
    here: Evaluation, value: ir.Value
) -> tuple[ir.TypedStep, ir.Value] | tuple[None, None]:
    """The step before which there was a batch still, and a value that had it."""
    pending, seen = [value], set[int]()
    while pending:
        step = here.made_by.get(id(pending.pop(0)))
        if step is None or id(step) in seen:
            continue
        seen.add(id(step))
        with_batch = [each for each in step.reads if _has_batch(each.type)]
        if with_batch:
            return step, with_batch[0]
        pending += step.reads
    return None, None


def _keeping(step: ir.TypedStep) -> str:
    """What keeps the batch where this step loses it."""
    if isinstance(step, ir.LayerStep):
        first = next(iter(step.arguments.get("items", ())), None)
        if step.layer is INDEX and not isinstance(first, ir.Value) and first is not None:
            return f"axis 0 is the batch: write `[:, {first}]` for the steps behind it"
        if step.layer.name == "einsum":
            return "write the letter of the batch behind the arrow too"
        if "dim" in step.arguments:
            return f"axis 0 is the batch: write `{step.layer.name}(…, 1)` for the axis behind it"
    return "keep axis 0 as it is: it is the batch"
