"""Applying a layer or function of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import arithmetic, ir
from ..diagnostics import Label
from ..dims import Dim, decide, dim, text
from ..errors import names as name_errors
from ..errors import shapes as errors
from ..errors import training as loss_errors
from ..layers.arguments import fits, words
from ..layers.record import Condition, Given, Mismatch
from ..layers.shape import counted, in_factors, product
from ..tensor import UNKNOWN, Type

if TYPE_CHECKING:
    from .evaluation import Evaluation

# Kinds that the type rules look into; in a generic network they must be sizes or known.
LOOKED_INTO = {"axis", "axes", "int", "strings", "columns", "dtype"}


def apply_layer(here: Evaluation, node: ir.Apply) -> Any:
    """What comes out, with the step written down; UNKNOWN after a report."""
    inputs = [here.tensor(each) for each in node.inputs]
    arguments = _arguments(here, node)
    if UNKNOWN in inputs or arguments is None:
        return UNKNOWN
    tensors = tuple(each for each in inputs if isinstance(each, ir.Value))
    types = tuple(each.type for each in tensors)
    layer = node.layer
    trail = here.trail(*tensors)

    result = layer.gives(types, arguments)
    conditions: tuple[Condition, ...] = ()
    match result:
        case Mismatch():
            _report_mismatch(here, node, result, types, trail)
            return UNKNOWN
        case Given(type=given, conditions=conditions):
            pass
        case Type() as given:
            pass
    inferred = _inferred(here, node, arguments, types, tensors, trail)
    if inferred is None or not _sizes_left(here, node, given, trail):
        return UNKNOWN
    if not _weights_known(here, node, arguments, trail):
        return UNKNOWN
    here.guards += [ir.Guard(node.span, condition) for condition in conditions]
    output = ir.Value(given, node.span)
    # What has a state needs a place to keep it: a layer of torch that is no plain function.
    attribute = here.attribute(layer.stem, node.shared) if layer.stem else ""
    shown = {p.name.lstrip("*"): arguments[p.name.lstrip("*")] for p in layer.parameters}
    here.did(ir.LayerStep(node.span, layer, shown, inferred, tensors, output, attribute), output)
    return output


def _arguments(here: Evaluation, node: ir.Apply) -> dict[str, Any] | None:
    from .evaluation import NotGeneric

    layer = node.layer
    kinds = {p.name.lstrip("*"): p.kind for p in layer.parameters}
    kinds |= dict.fromkeys(layer.infers, "size?")
    values = {p.name.lstrip("*"): p.default for p in layer.parameters}
    values |= dict.fromkeys(layer.infers)
    good = True
    for name, expression in node.arguments.items():
        value = here.static(expression)
        if value is UNKNOWN:
            good = False
            continue
        kind = kinds[name]
        if here.generic and isinstance(value, ir.Open):
            if kind not in ("float", "positive", "nonnegative", "probability", "bool"):
                raise NotGeneric
            if name in ("ceil_mode", "keepdim"):
                raise NotGeneric
        elif here.generic and isinstance(value, Dim) and kind.rstrip("?") in LOOKED_INTO:
            raise NotGeneric
        elif not fits(kind, value):
            shown = arithmetic.described(value)
            wanted = words(kind)
            read = " and ".join(f"`{size}`" for size in layer.infers)
            help = f"{read} is read off what flows in: `{layer.example}`" if read else ""
            here.report(
                name_errors.wrong_argument(expression.span, name, layer.name, wanted, shown, help)
            )
            good = False
        values[name] = value
    return values if good else None


def _inferred(
    here: Evaluation,
    node: ir.Apply,
    arguments: dict[str, Any],
    types: tuple[Type, ...],
    tensors: tuple[ir.Value, ...],
    trail: tuple[Label, ...],
) -> dict[str, Dim] | None:
    """The sizes that the type tells; a stated one is an assertion."""
    layer = node.layer
    found = {}
    for name, read in layer.infers.items():
        size = read(types[0])
        stated = arguments[name]
        if stated is not None:
            if layer.exact and decide(size, "==", dim(stated)) is not True:
                span = node.arguments[name].span
                here.report(
                    errors.stated_size(
                        span, layer.name, name, str(stated), _as_made(here, tensors[0], size), trail
                    )
                )
                return None
            size = dim(stated)
        if size.value is None and not here.generic:
            here.report(errors.open_size(node.span, layer.name, name, text(size), trail))
            return None
        found[name] = size
        arguments[name] = size
    return found


def _weights_known(
    here: Evaluation,
    node: ir.Apply,
    arguments: dict[str, Any],
    trail: tuple[Label, ...],
) -> bool:
    """Whether no weight depends on a size that is open until data arrives."""
    if here.generic:
        return True
    for name, expression in node.arguments.items():
        size = arguments[name]
        if isinstance(size, Dim) and size.value is None and node.layer.stem:
            span = expression.span
            here.report(errors.open_size(span, node.layer.name, name, text(size), trail))
            return False
    return True


def _as_made(here: Evaluation, value: ir.Value, size: Dim) -> str:
    """A size with the axes that a flatten or reshape made it of: `5408 = 32*13*13`."""
    step = here.made_by.get(id(value))
    if isinstance(step, ir.LayerStep) and step.layer.name in ("flatten", "Flatten", "reshape"):
        for start in (1, 0):
            axes = step.inputs[0].type.shape[start:]
            if product(axes) == size:
                return counted(axes)
    return in_factors(size)


def _sizes_left(here: Evaluation, node: ir.Apply, given: Type, trail: tuple[Label, ...]) -> bool:
    """Whether every axis keeps something; what is open becomes a condition."""
    for axis, size in enumerate(given.shape):
        match decide(size, ">=", dim(1)):
            case False:
                shown = text(size)
                here.report(errors.empty_size(node.span, node.layer.name, axis, shown, (), trail))
                return False
            case None:
                condition = Condition(size, ">=", dim(1))
                here.guards.append(ir.Guard(node.span, condition))
    return True


def _report_mismatch(
    here: Evaluation,
    node: ir.Apply,
    why: Mismatch,
    types: tuple[Type, ...],
    trail: tuple[Label, ...],
) -> None:
    if here.generic:
        from .evaluation import NotGeneric

        raise NotGeneric
    if why.code.startswith("D04"):
        here.report(
            loss_errors.loss_mismatch(why.code, node.span, why.why, why.write, why.notes, trail)
        )
        return
    comes = " and ".join(map(str, types))
    here.report(
        errors.mismatch(
            why.code, node.span, node.layer.name, why.why, comes, why.write, why.notes, trail
        )
    )
