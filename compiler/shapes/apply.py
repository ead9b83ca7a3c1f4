"""Applying a layer or function of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import ir, opened
from ..catalog.losses import LOSSES
from ..diagnostics import Label
from ..dims import Dim, decide, dim, text
from ..errors import control as control_errors
from ..errors import names as name_errors
from ..errors import shapes as errors
from ..errors import training as loss_errors
from ..errors import weights as weight_errors
from ..layers.arguments import fits, words
from ..layers.record import Condition, Given, Mismatch, Shape, Types
from ..source import Span
from ..tensor import UNKNOWN, Type, Unknown
from . import lists
from .advice import advised, as_meant
from .initial import initial, suits
from .losses import born_in_model, filled
from .operators import written
from .origin import as_made, listed, reduced_instead
from .values import NotGeneric, described, holds_tensors

if TYPE_CHECKING:
    from .evaluation import Evaluation

# Kinds that the type rules look into; in a generic network they must be sizes or known.
# Where a value came from, found out where something is wrong with it.
Trail = Callable[[], tuple[Label, ...]]
# Truths that decide how many results there are, or their shapes.
DECIDING = (
    *("ceil_mode", "keepdim", "batch_first", "bidirectional", "return_indices", "need_weights"),
    *("largest", "align_corners", "average_attn_weights", "include_last_offset"),
)
TENSORS = ("tensor", "operand")
LOOKED_INTO = {"axis", "axes", "int", "strings", "columns", "dtype"}


def apply_layer(here: Evaluation, node: ir.Apply) -> Any:
    """What comes out, with the step written down; UNKNOWN after a report."""

    values = [here.value(each) for each in node.inputs]
    values = [lists.whole(here, v, node.span) if isinstance(v, ir.Stack) else v for v in values]
    if node.layer.of_number is not None and not any(map(holds_tensors, values)):
        return _of_number(here, node, *values)
    if node.layer.listed and len(values) == 1 and isinstance(values[0], ir.Gathered):
        return _gathered(here, node, values[0])
    inputs = _inputs(here, node, values)
    given_arguments = _arguments(here, node)
    if UNKNOWN in inputs or given_arguments is None:
        return UNKNOWN
    arguments = {
        name: _written(here, value) if isinstance(value, ir.Value) else ir.seen(value)
        for name, value in given_arguments.items()
    }
    tensors = tuple(each for each in inputs if isinstance(each, ir.Value))
    types = tuple(_written(here, each) for each in tensors)
    layer = node.layer
    others = (each for value in given_arguments.values() for each in ir.held(value))
    read = (*tensors, *others)

    def trail() -> tuple[Label, ...]:
        return here.trail(*read)

    result = layer.gives(types, arguments)
    if isinstance(result, Mismatch):
        result = advised(here, node, result, tensors, arguments)
        born = born_in_model(here.made_by, tensors) if result.code == "D0402" else None
        _report_mismatch(here, node, result, types, trail, born)
        return UNKNOWN
    given, conditions = (
        (result.type, result.conditions) if isinstance(result, Given) else (result, ())
    )
    inferred = _inferred(here, node, arguments, types, tensors, trail)
    if inferred is None:
        return UNKNOWN
    outputs: list[ir.Value] = []
    value, structure = _results(given, node, outputs)
    if not all(sizes_left(here, node.span, layer.name, each.type, trail) for each in outputs):
        return UNKNOWN
    if not _weights_known(here, node, arguments, trail):
        return UNKNOWN
    if layer.stem and here.in_loop and not node.shared:
        here.report(control_errors.layer_in_loop(node.span, layer.name))
        return UNKNOWN
    here.guards += [ir.Guard(node.span, condition) for condition in conditions]
    # What has a state needs a place to keep it: a layer of torch that is no plain function.
    attribute = here.attribute(layer.stem, node.shared) if layer.stem else ""
    declared = (*layer.parameters, *layer.called_with)
    shown = {p.name.lstrip("*"): given_arguments[p.name.lstrip("*")] for p in declared}
    weights = layer.weights(types, outputs[0].type, {**arguments, **inferred})
    init = None
    if node.init is not None:
        init = initial(here, node.init)
        if init is None or not suits(here, node.init, node.span, layer.name, weights):
            return UNKNOWN
    if attribute and not same_weights(here, node, attribute, weights, trail):
        return UNKNOWN
    made = (inferred, tensors, tuple(outputs), attribute, structure, init, node.shared)
    step = ir.LayerStep(node.span, layer, shown, *made)
    here.did(step, *outputs)
    return value


def _gathered(here: Evaluation, node: ir.Apply, given: ir.Gathered) -> Any:
    """`stack` or `cat` of what a loop at run time gathered: an axis is as long as its turns."""
    arguments = _arguments(here, node)
    if arguments is None:
        return UNKNOWN
    entry = (given.value.type,)
    one = node.layer.gives((*given.first, *entry), arguments)
    two = node.layer.gives((*given.first, *entry, *entry), arguments)
    if isinstance(two, Mismatch):
        _report_mismatch(here, node, two, (given.value.type,), lambda: here.trail(given.value))
        return UNKNOWN
    if not isinstance(one, Type) or not isinstance(two, Type):
        here.report(errors.not_a_tensor(node.span, "a list of an open length"))
        return UNKNOWN
    pairs = zip(one.shape, two.shape, strict=True)
    # Each entry more makes it as much longer as the second one.
    shape = (size + (other - size) * (given.count - 1) for size, other in pairs)
    output = ir.Value(one.shaped(*shape), node.span)
    here.did(
        ir.LayerStep(node.span, node.layer, arguments, {}, (given.value,), (output,), ""), output
    )
    return output


def _written(here: Evaluation, value: ir.Value) -> Type:
    """The type of a tensor, and which of its axes are written as None where it is used."""
    grown = written(here, value)
    same = not grown and not value.type.grown
    return value.type if same else replace(value.type, grown=grown)


def same_weights(
    here: Evaluation,
    node: ir.Apply | ir.Use,
    attribute: str,
    weights: Mapping[str, Shape],
    trail: Trail,
) -> bool:
    """Whether a shared layer needs the weights that it has since its first use."""
    first = here.weights.setdefault(attribute, weights)
    # A block may have fewer layers where less flows in.
    missing = {} if here.generic else dict.fromkeys(sorted(first.keys() - weights.keys()))
    for name, shape in {**weights, **missing}.items():
        before = first.get(name)
        if before is not None and shape is not None and len(before) == len(shape):
            equal = [decide(a, "==", b) for a, b in zip(before, shape, strict=True)]
            # For other hyperparameters than the defaults it may be so or not: torch will tell.
            if all(equal) or (here.generic and False not in equal):
                continue
        if here.generic:
            raise NotGeneric
        was, now = listed(before or ()), listed(shape or ())
        uses = (step for step in here.steps if isinstance(step, ir.LayerStep | ir.BlockStep))
        first_use = [step.span for step in uses if step.attribute == attribute][:1]
        places = (*trail(), *(Label(each, "first used here") for each in first_use))
        here.report(weight_errors.shared_sizes(node.span, node.shared, was, now, places))
        return False
    return True


def _of_number(here: Evaluation, node: ir.Apply, value: Any) -> Any:
    """`sqrt(64)`: a number now, no step of the network."""

    value = value.value if isinstance(value, Dim) and value.value is not None else value
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, int | float) or isinstance(value, bool):
        if here.generic:
            return here.computed(opened.call, node.layer.name, (value,))
        return here.as_tensor(value, node.inputs[0])
    function = node.layer.of_number
    assert function is not None
    try:
        return function(value)
    except (ValueError, OverflowError):
        why = f"{node.layer.name} of {value} has no value"
        here.report(name_errors.no_value(node.span, why))
        return UNKNOWN


def _inputs(here: Evaluation, node: ir.Apply, values: list[Any]) -> list[ir.Value | Unknown]:
    """The tensors that flow in; lists, and states in brackets, one after the other."""
    found: list[ir.Value | Unknown] = []
    takes_many = node.layer.listed or node.layer.variadic
    for position, (each, value) in enumerate(zip(node.inputs, values, strict=True)):
        several = value.items if isinstance(value, ir.Results) else value
        if isinstance(several, tuple) and (takes_many or position >= len(node.layer.inputs)):
            found += [here.as_tensor(item, each) for item in several]
        elif node.layer.listed and isinstance(value, ir.Value):
            why = Mismatch(f"{node.layer.name} takes a list of tensors", write=node.layer.example)
            _report_mismatch(here, node, why, (value.type,), partial(here.trail, value))
            found.append(UNKNOWN)
        elif position == 1 and node.layer.name in LOSSES and _is_number(value):
            help = filled(values[0].type.shape, value) if isinstance(values[0], ir.Value) else ""
            here.report(errors.not_a_tensor(each.span, f"the number {value}", help))
            found.append(UNKNOWN)
        else:
            found.append(here.as_tensor(value, each))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _results(
    given: Types, node: ir.Apply, outputs: list[ir.Value]
) -> tuple[ir.Value | ir.Results | Unknown, Any]:
    """What comes out in torch's structure, and the place of each in `outputs`, which it fills.

    Where torch gives None there is nothing to read and no place.
    """
    if isinstance(given, Type):
        outputs.append(ir.Value(given, node.span))
        return outputs[-1], len(outputs) - 1
    if given is None:
        return UNKNOWN, None
    pairs = [_results(each, node, outputs) for each in given]
    values = tuple(value for value, _ in pairs)
    letters = ", ".join("abcdefghijklmnopqrstuvwxyz"[place % 26] for place in range(len(values)))
    pattern = node.layer.results or letters
    return ir.Results(values, node.layer.name, pattern), tuple(place for _, place in pairs)


def _arguments(here: Evaluation, node: ir.Apply) -> dict[str, Any] | None:

    layer = node.layer
    declared = (*layer.parameters, *layer.called_with)
    kinds = {p.name.lstrip("*"): p.kind for p in declared}
    kinds |= {name: f"{layer.stated.get(name, 'size')}?" for name in layer.infers}
    values = {p.name.lstrip("*"): p.default for p in declared}
    values |= dict.fromkeys(layer.infers)
    starred = {p.name.lstrip("*") for p in declared if p.name.startswith("*")}
    good = True
    for name, expression in node.arguments.items():
        kind = kinds[name]
        value = _argument(here, expression, kind)
        if value is UNKNOWN:
            good = False
            continue
        if name in starred and isinstance(value, tuple) and len(value) == 1:
            # A list of sizes by its name: `reshape(sizes)`.
            value = value[0] if isinstance(value[0], tuple) else value
        if here.generic and isinstance(value, ir.Open):
            wanted = "bool" if kind == "bool" else "float"
            if kind not in ("float", "positive", "nonnegative", "probability", "bool"):
                raise NotGeneric(opened.names(value, here.atoms))
            if name in DECIDING or (opened.kind(value) == "bool") is not (wanted == "bool"):
                raise NotGeneric(opened.names(value, here.atoms))
        elif here.generic and opened.is_open(value) and kind.rstrip("?") in LOOKED_INTO:
            raise NotGeneric(opened.names(value, here.atoms))
        elif not fits(kind, ir.seen(value)):
            shown = described(value)
            wanted = words(kind)
            read = " and ".join(f"`{size}`" for size in layer.infers)
            is_read = "are" if len(layer.infers) > 1 else "is"
            help = f"{read} {is_read} read off what flows in: `{layer.example}`" if read else ""
            default = next((p.default for p in declared if p.name.lstrip("*") == name), None)
            choices = kind.rstrip("?").split("|") if "|" in kind else ()
            found = ir.seen(value)
            suits = partial(fits, kind)
            help = as_meant(kind, name, found, expression.span.text) or help
            help = help or name_errors.instead(name, found, default, suits, choices)
            here.report(
                name_errors.wrong_argument(expression.span, name, layer.name, wanted, shown, help)
            )
            good = False
        values[name] = value
    return values if good else None


def _argument(here: Evaluation, expression: ir.Expression, kind: str) -> Any:
    """The value of an argument: a tensor where the kind is one, else known when it is built."""
    if kind.rstrip("?") not in TENSORS:
        return here.static(expression)
    value = here.value(expression)
    while isinstance(value, ir.Results):
        value = value.items[0]
    return value


def _inferred(
    here: Evaluation,
    node: ir.Apply,
    arguments: dict[str, Any],
    types: tuple[Type, ...],
    tensors: tuple[ir.Value, ...],
    trail: Trail,
) -> dict[str, Dim] | None:
    """The sizes that the type tells; a stated one is an assertion."""
    layer = node.layer
    found: dict[str, Dim] = {}
    for name, read in layer.infers.items():
        size = read(types)
        stated = arguments[name]
        if isinstance(stated, tuple):
            # Several sizes at once: the type rule has held them against the input.
            found[name] = stated  # type: ignore[assignment]
            continue
        if size is None:
            found |= {} if stated is None else {name: dim(stated)}
            continue
        if stated is not None:
            if layer.exact and decide(size, "==", dim(stated)) is not True:
                span = node.arguments[name].span
                here.report(
                    errors.stated_size(
                        span,
                        layer.name,
                        name,
                        str(stated),
                        as_made(here, tensors[0], size) if name == "in_features" else text(size),
                        trail(),
                    )
                )
                return None
            size = dim(stated)
        if size.value is None and not here.generic:
            reduced = reduced_instead(here, tensors[0], size)
            here.report(errors.open_size(node.span, layer.name, name, text(size), trail(), reduced))
            return None
        found[name] = size
        arguments[name] = size
    return found


def _weights_known(
    here: Evaluation,
    node: ir.Apply,
    arguments: dict[str, Any],
    trail: Trail,
) -> bool:
    """Whether no weight depends on a size that is open until data arrives."""
    if here.generic:
        return True
    in_the_call = {each.name for each in node.layer.called_with}
    for name, expression in node.arguments.items():
        given = None if name in in_the_call else arguments[name]
        for size in given if isinstance(given, tuple) else (given,):
            if isinstance(size, Dim) and size.value is None and node.layer.stem:
                span = expression.span
                here.report(errors.open_size(span, node.layer.name, name, text(size), trail()))
                return False
    return True


def sizes_left(here: Evaluation, span: Span, name: str, given: Type, trail: Trail) -> bool:
    """Whether every axis keeps something; what is open becomes a condition."""
    for axis, size in enumerate(given.shape):
        match decide(size, ">=", dim(1)):
            case False:
                shown = text(size)
                here.report(errors.empty_size(span, name, axis, shown, (), trail()))
                return False
            case None:
                condition = Condition(size, ">=", dim(1))
                here.guards.append(ir.Guard(span, condition))
    return True


def _report_mismatch(
    here: Evaluation,
    node: ir.Apply,
    why: Mismatch,
    types: tuple[Type, ...],
    trail: Trail,
    born: Span | None = None,
) -> None:
    if here.generic:
        raise NotGeneric
    if why.code.startswith("D04"):
        # Where it was born it is one fault, however many losses read it.
        others = trail() if born is None else (Label(node.span, "here"),)
        span = born or node.span
        here.report(
            loss_errors.loss_mismatch(why.code, span, why.why, why.write, why.notes, others)
        )
        return
    comes = " and ".join(map(str, types)) or "these arguments"
    here.report(
        errors.mismatch(
            why.code, node.span, node.layer.name, why.why, comes, why.write, why.notes, trail()
        )
    )
