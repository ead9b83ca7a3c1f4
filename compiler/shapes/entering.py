"""What a model or block is given: hyperparameters, inputs, and the sizes that these bind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir
from ..dims import Dim, decide, dim
from ..errors import names as name_errors
from ..errors import shapes as errors
from ..layers import LAYERS
from ..layers.arguments import fits
from ..source import Span
from ..tensor import UNKNOWN, Type
from .advice import of_kind
from .evaluation import Evaluation
from .late import kind_words
from .values import NotGeneric, described

KINDS = {"int": "int", "float": "float", "bool": "bool", "str": "string"}


def hyperparameters(
    here: Evaluation,
    definition: ir.Definition,
    given: Mapping[str, Any],
    span: Span,
    places: Mapping[str, Span] | None = None,
) -> bool:
    good = True
    for each in definition.hyperparameters:
        if each.name in given:
            value = given[each.name]
        elif each.default is not None:
            value = here.static(each.default)
        else:
            value = UNKNOWN
        if value is UNKNOWN:
            good = False
        elif not is_kind(each.kind, value, here.generic):
            if here.generic:
                raise NotGeneric
            where = (places or {}).get(each.name, span) if each.name in given else each.span
            wanted, shown = kind_words(each.kind), described(value)
            here.report(
                name_errors.wrong_argument(
                    where,
                    each.name,
                    definition.name,
                    wanted,
                    shown,
                    of_kind(each.kind, each.name, value, str(value)),
                )
            )
            good = False
        here.names[each.name] = value
    return good


def is_kind(kind: str, value: Any, is_generic: bool) -> bool:
    """Whether a value is of the kind that a hyperparameter declares."""
    if kind == "value":
        return True
    if is_generic and isinstance(value, ir.Open):
        return kind not in ("int", "op")
    if kind == "list":
        return isinstance(value, tuple)
    if kind == "op":
        return isinstance(value, ir.Op)
    return fits(KINDS.get(kind, kind), value)


def declared(here: Evaluation, definition: ir.Definition) -> list[ir.Value]:
    """The inputs with their declared types; a faulty one stays unknown."""
    values = []
    for port in definition.inputs:
        given = here.type_of(port.type) if port.type else UNKNOWN
        if isinstance(given, Type):
            values.append(ir.Value(given, port.span, port.name))
        else:
            here.names[port.name] = UNKNOWN
    return values


def entering(
    outside: Evaluation,
    here: Evaluation,
    definition: ir.Definition,
    tensors: tuple[ir.Value, ...],
    span: Span,
) -> list[ir.Value] | None:
    """What flows in, under the block's own names; its sizes are bound by the caller's shapes."""
    if definition.chained:
        # What the numbers mean is kept; the place is the caller's, so that trails lead there.
        return [ir.Value(tensors[0].type, tensors[0].span, "x")]
    values = []
    for port, value in zip(definition.inputs, tensors, strict=False):
        if port.type is None:
            return None
        if not bind_sizes(here, port.type, value.type):
            wanted = port.span.source.text[port.type.span.start : port.type.span.end]
            trail = outside.trail(value)
            outside.report(
                errors.block_input(
                    span,
                    definition.name,
                    port.name,
                    wanted,
                    str(value.type),
                    port.span,
                    trail,
                    _instead(here, port.type, wanted, value.type),
                )
            )
            return None
        values.append(ir.Value(value.type, value.span, port.name))
    return values


def _instead(here: Evaluation, spec: ir.TypeSpec, wanted: str, given: Type) -> str:
    """What to declare or do where a value is not of a block's declared type."""
    pairs = _aligned(here, spec, given)
    if given.dtype != spec.dtype:
        return f"convert it first: `-> to({spec.dtype})`"
    if pairs is None or len(spec.sizes) != len(given.shape):
        return ""
    for axis, (size, there) in enumerate(pairs):
        value = here.static(size)
        if not isinstance(value, int | Dim) or decide(there, "==", dim(value)) is True:
            continue
        if isinstance(size, ir.Local) and size.name in here.names and not here.is_model:
            known = f"`{size.name}` is {value} already, and axis {axis} is {there}"
            return f"{known}: give one of these axes a name of its own"
        letters = [each for each in "CDEFK" if each not in here.names]
        named = [each.span.text for each in spec.sizes]
        named[axis] = letters[0] if letters else "size"
        declared = f"{spec.dtype}[{', '.join(named)}]"
        other = f"or bring axis {axis} to {value}"
        return f"a name stands for any size: declare it as `{declared}`, {other}"
    return ""


def bind_sizes(here: Evaluation, spec: ir.TypeSpec, given: Type) -> bool:
    """Whether a value is of a declared type; names met for the first time are bound."""
    pairs = _aligned(here, spec, given)
    if given.dtype != spec.dtype or pairs is None:
        return False
    for size, there in pairs:
        if isinstance(size, ir.Local) and size.name not in here.names:
            here.names[size.name] = there
    for size, there in pairs:
        wanted = here.static(size)
        if wanted is UNKNOWN or not isinstance(wanted, int | Dim):
            return False
        if not here.equal(there, dim(wanted), spec.span):
            return False
    if spec.classes is not None and given.classes is not None:
        return bool(here.static(spec.classes) == given.classes)
    if spec.tokens is not None:
        limit = here.static(spec.tokens)
        if here.generic:
            return given.tokens is not None and dim(limit) == dim(given.tokens)
        return given.tokens is not None and isinstance(limit, int) and given.tokens <= limit
    return True


def _aligned(
    here: Evaluation, spec: ir.TypeSpec, given: Type
) -> list[tuple[ir.Expression, Dim]] | None:
    """Each declared size with the one that is there; `...` takes what the others leave."""
    sizes, shape = spec.sizes, given.shape
    places = [index for index, size in enumerate(sizes) if isinstance(size, ir.Dots)]
    if places:
        (place,) = places[:1]
        many = len(shape) - (len(sizes) - 1)
        leading = shape[place : place + many]
        if many < 0 or len(places) > 1 or here.names.setdefault("...", leading) != leading:
            return None
        sizes = (*sizes[:place], *sizes[place + 1 :])
        shape = (*shape[:place], *shape[place + many :])
    if len(sizes) != len(shape):
        return None
    return [
        (size, there)
        for size, there in zip(sizes, shape, strict=True)
        if not isinstance(size, ir.Dots)
    ]


def default_values(here: Evaluation, definition: ir.Definition) -> dict[str, Any] | None:
    """The numbers that inputs are filled with where nothing flows in; None after a report."""
    found = {}
    for port in definition.inputs:
        if port.default is None:
            continue
        value = here.static(port.default)
        if value is UNKNOWN:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            if here.generic:
                raise NotGeneric
            here.report(
                name_errors.wrong_argument(
                    port.default.span, port.name, definition.name, "a number", described(value)
                )
            )
            return None
        found[port.name] = value
    return found


def filled(
    here: Evaluation,
    inner: Evaluation,
    definition: ir.Definition,
    flowing: list[ir.Value],
    span: Span,
) -> list[ir.Value]:
    """Inputs that the caller leaves out, as tensors of their defaults; they join `flowing`."""
    found = []
    for port in definition.inputs[len(flowing) :]:
        if port.default is None or port.type is None:
            break  # That it stands behind one with a default was said where it is declared.
        given = inner.type_of(port.type)
        start = inner.static(port.default)
        if not isinstance(given, Type) or start is UNKNOWN:
            break
        if isinstance(start, bool) or not isinstance(start, int | float):
            inner.report(
                name_errors.wrong_argument(
                    port.default.span, port.name, definition.name, "a number", described(start)
                )
            )
            break
        value = full(here, given, start, span)
        found.append(value)
        flowing.append(ir.Value(given, port.span, port.name))
    return found


def full(here: Evaluation, given: Type, start: float, span: Span) -> ir.Value:
    """A new tensor of one number, as a step."""
    layer = LAYERS["full"]
    output = ir.Value(given, span)
    arguments = {p.name.lstrip("*"): p.default for p in layer.parameters}
    arguments |= {"size": given.shape, "fill_value": start}
    here.did(ir.LayerStep(span, layer, arguments, {}, (), (output,), ""), output)
    return output
