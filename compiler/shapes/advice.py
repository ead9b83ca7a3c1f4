"""What would make sizes meet, read off the layers that made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import ir
from ..layers.arguments import fits
from ..layers.record import Mismatch
from ..layers.shape import product
from ..tensor import Type
from ..torch_order import rewritten

if TYPE_CHECKING:
    from .evaluation import Evaluation

JOINED = ("cat", "concat", "stack")
NEW = ("randn", "rand", "zeros", "ones")
WINDOWS = ("Conv", "ConvTranspose", "MaxPool", "AvgPool")
HALVED = (2, 4, 8, 16, 32)


def advised(
    here: Evaluation,
    node: ir.Apply,
    why: Mismatch,
    tensors: Sequence[ir.Value],
    arguments: Mapping[str, Any],
) -> Mismatch:
    """The same mismatch with what to write, where the layers before tell it."""
    meant = rewritten(node.span.text, node.layer, tensors, arguments)
    if meant:
        note = "the channels that come in are read off, and not written: the numbers move up"
        return replace(why, write=meant, notes=(*why.notes, note))
    if not tensors:
        return why
    stacked = _behind(here, tensors[0], "stack")
    if stacked is not None and len(stacked.output.type.shape) == len(tensors[0].type.shape):
        write = f"`cat` for `stack` on line {stacked.span.line}: stack makes a new axis"
        return replace(why, write=write)
    if node.layer.name in JOINED and not why.write:
        first = tensors[0]
        pairs = (unlike(here, first, each, joined=True) for each in tensors[1:])
        return replace(why, write=next((each for each in pairs if each), ""))
    return why


def unlike(here: Evaluation, left: Any, right: Any, joined: bool = False) -> str:
    """What to write where two values have unlike sizes; `joined` ones may differ in channels."""
    if not isinstance(left, ir.Value) or not isinstance(right, ir.Value):
        return ""
    for value in (left, right):
        made = here.made_by.get(id(value))
        if isinstance(made, ir.LayerStep) and made.layer.name in NEW:
            return f"`{made.layer.name}_like(x)` has the shape of x"
    a, b = _numbers(left.type), _numbers(right.type)
    for long, short, value in ((a, b, right), (b, a, left)):
        few = len(long) > 3 and len(short) in (1, 2) and short[-1] is not None
        if few and short[-1] == long[1] and long[-1] != short[-1]:
            given = ", ".join([":"] * len(short) + ["None"] * (len(long) - 2))
            return f"axis 1 has the channels: `{value.name or '…'}[{given}]` puts these there"
    if len(a) != len(b) or len(a) < 2 or None in (*a[1:], *b[1:]):
        return ""
    if len(a) == 3 and not (left.type.spatial or right.type.spatial):
        return ""
    places = [axis for axis in range(2, len(a)) if a[axis] != b[axis]]
    if places:
        large, small = (left, right) if a[places[0]] > b[places[0]] else (right, left)
        return _unlike_maps(here, large, small, places, joined)
    if joined or a[1] == b[1] or len(a) == 2:
        return ""
    layer = f"Conv{len(a) - 2}d({a[1]}, 1)"
    return f"bring the {b[1]} channels to {a[1]}: `{right.name or '…'} -> {layer}`"


def _unlike_maps(
    here: Evaluation, large: ir.Value, small: ir.Value, places: Sequence[int], joined: bool
) -> str:
    axis = places[0]
    most, least = (_numbers(each.type)[axis] for each in (large, small))
    rank = len(large.type.shape) - 2
    sizes = ", ".join(str(_numbers(large.type)[each]) for each in range(2, rank + 2))
    resized = f"`{small.name or '…'} -> interpolate(size=[{sizes}])`"
    targets = ((small, most), (large, least))
    for value, other in ((small, large), (large, small)):
        made = here.made_by.get(id(value))
        if isinstance(made, ir.LayerStep) and made.layer.name in ("interpolate", "Upsample"):
            shape = ", ".join(map(str, _numbers(other.type)[2:]))
            return f"`size=[{shape}]` in place of the factor on line {made.span.line}"
    kept = (_padded(here, value, axis, wanted, grown=False) for value, wanted in targets)
    whole = _evenly(here, large, axis, most, least)
    grown = (_padded(here, value, axis, wanted, grown=True) for value, wanted in targets)
    for found in (*kept, f"{whole}, or {resized}" if whole else "", *grown):
        if found:
            return found
    if most % least == 0:
        times = most // least
        if joined:
            up = f"`-> Upsample(scale_factor={times})` on the map of {least}"
            return f"take another entry, where they come from a list, or write {up}"
        channels = _numbers(small.type)[1]
        layer = f"Conv{rank}d({channels}, 1, stride={times})"
        return f"bring the map of {most} to {least}: `{large.name or '…'} -> {layer}`"
    if (most - least) % 2 == 0:
        edge = (most - least) // 2
        cut = ", ".join([":", ":", *([f"{edge}:-{edge}"] * rank)])
        return f"cut the larger one: `{large.name or 'x'}[{cut}]`"
    return resized


def _evenly(here: Evaluation, value: ir.Value, axis: int, most: int, least: int) -> str:
    """Sizes of the input that can be halved as often: `least` is `most` halved and doubled."""
    parts = next((n for n in HALVED if most // n * n == least), None)
    whole = next((each for each in _starts(here, value, axis) if each % most == 0), None)
    if parts is None or whole is None:
        return ""
    unit = whole // most * parts
    below, above = whole // unit * unit, (whole // unit + 1) * unit
    return f"{most} is not {parts} * {most // parts}: begin with {below} or {above} for {whole}"


def _starts(here: Evaluation, value: ir.Value, axis: int) -> list[int]:
    """The sizes of that axis of the inputs that a value comes from."""
    found: list[int] = []
    pending, seen = [value], set[int]()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        step = here.made_by.get(id(each))
        if step is not None:
            pending += step.reads
        elif len(each.type.shape) > axis:
            size = each.type.shape[axis].value
            found += [] if size is None else [size]
    return found


def _padded(here: Evaluation, value: ir.Value, axis: int, wanted: int, grown: bool) -> str:
    """A padding of the convolution that made a map, with which an axis has the wanted size.

    `grown` maps are those of transposed convolutions.
    """
    step = _windowed(here, value)
    if step is None or step.layer.name.startswith("ConvTranspose") is not grown:
        return ""
    if not step.layer.name.startswith("Conv"):
        return ""
    given = {key: _one(step.arguments[key], axis - 2) for key in ("kernel_size", "stride")}
    given |= {key: _one(step.arguments[key], axis - 2) for key in ("padding", "dilation")}
    if not all(isinstance(each, int) for each in given.values()):
        return ""
    where = f"in the {step.layer.name} on line {step.span.line} gives {wanted}"
    reach = given["dilation"] * (given["kernel_size"] - 1)
    here_size = _numbers(value.type)[axis]
    if grown:
        base = (_numbers(step.inputs[0].type)[axis] - 1) * given["stride"] + reach + 1
        more = (wanted - base) % 2 if wanted < base else wanted - base
        padding = (base + more - wanted) // 2
        if not 0 <= more < max(given["stride"], given["dilation"]) or not 0 <= padding <= reach:
            return ""
        also = f", output_padding={more}" if more else ""
        return f"`padding={padding}{also}` {where}"
    if given["stride"] != 1 or wanted != _numbers(step.inputs[0].type)[axis]:
        return ""
    if reach % 2:
        return f'`padding="same"` {where}' if here_size != wanted else ""
    return f"`padding={reach // 2}` {where}"


def declared_otherwise(here: Evaluation, declared: Type, value: ir.Value) -> str:
    """What to write where a value is not of the declared shape."""
    wanted, given = _numbers(declared), _numbers(value.type)
    if not wanted or not given or None in (*wanted[1:], *given[1:]):
        return ""
    if len(wanted) == len(given):
        places = [axis for axis in range(1, len(given)) if wanted[axis] != given[axis]]
        moved = _channels_behind(here, value) if len(given) == 4 else ""
        if moved:
            return moved
        if len(given) > 2 and places and places[0] > 1:
            resized = _resized(here, value, places[0], wanted[places[0]])
            if resized:
                return resized
            ways = (
                _padded(here, value, places[0], wanted[places[0]], each) for each in (False, True)
            )
            return next((each for each in ways if each), "")
        step = here.made_by.get(id(value))
        if isinstance(step, ir.LayerStep) and step.layer.name == "PixelShuffle" and places == [1]:
            many = wanted[1] * step.arguments["upscale_factor"] ** 2
            return f"PixelShuffle makes {wanted[1]} channels of {many}: write {many} before it"
        return ""
    if product(declared.shape[1:]) == product(value.type.shape[1:]):
        shown = ", ".join(map(str, declared.shape))
        return "`-> flatten(1)`" if len(wanted) == 2 else f"`-> reshape({shown})`"
    step = here.made_by.get(id(value))
    if isinstance(step, ir.LayerStep) and step.layer.name == "Linear" and len(wanted) == 2:
        return f"`-> flatten(1)` before the Linear on line {step.span.line}"
    return ""


def as_meant(kind: str, name: str, value: object, written: str) -> str:
    """What to write for a fraction where a whole number is wanted, and for a word in capitals."""
    if isinstance(value, str) and value.lower() != value and fits(kind, value.lower()):
        return f'write `{name}="{value.lower()}"`'
    if not isinstance(value, float) or not fits(kind, int(value)):
        return ""
    if value.is_integer() and "/" in written and "//" not in written:
        return f"write `{written.replace('/', '//')}`: the quotient as a whole number"
    return f"write `int({written})`"


def of_kind(kind: str, name: str, value: object, shown: str) -> str:
    """What to write for a hyperparameter of another kind."""
    if kind == "int" and isinstance(value, float) and value.is_integer():
        return f"write `{int(value)}`"
    if kind == "list" and isinstance(value, int | float | str):
        return f"write `[{shown}]`"
    if kind == "op" and isinstance(value, str):
        return f"write `{name}={value}`: the name alone, without quotes"
    return ""


def _windowed(here: Evaluation, value: ir.Value) -> ir.LayerStep | None:
    """The convolution or pool that gave a map its size, behind what keeps it."""
    step = here.made_by.get(id(value))
    while isinstance(step, ir.LayerStep) and step.inputs:
        if step.layer.name.startswith(WINDOWS):
            return step
        before = step.inputs[0]
        if before.type.shape != step.output.type.shape:
            return None
        step = here.made_by.get(id(before))
    return None


def _resized(here: Evaluation, value: ir.Value, axis: int, wanted: int) -> str:
    """`Upsample(size=2)` on the way, where twice the size would be as wanted."""
    step = here.made_by.get(id(value))
    while isinstance(step, ir.LayerStep) and step.inputs:
        before = _numbers(step.inputs[0].type)
        if step.layer.name in ("Upsample", "interpolate") and len(before) > axis:
            size = _one(step.arguments["size"], axis - 2) if step.arguments["size"] else None
            if size is not None and before[axis] and before[axis] * size == wanted:
                return f"`scale_factor={size}` for the `size` on line {step.span.line}"
        step = here.made_by.get(id(step.inputs[0]))
    return ""


def _channels_behind(here: Evaluation, value: ir.Value) -> str:
    """What to write where a reshape on the way has put the channels behind the places."""
    step = here.made_by.get(id(value))
    while isinstance(step, ir.LayerStep) and step.inputs:
        sizes = _numbers(step.output.type)
        if step.layer.name in ("reshape", "view") and len(sizes) == 4:
            batch, first, second, last = (str(size) for size in step.output.type.shape)
            if sizes[1] == sizes[2] and sizes[1] != sizes[3] and None not in sizes[1:]:
                name = step.layer.name
                shown = f"{name}({batch}, {last}, {first}, {second})"
                return f"axis 1 has the channels: `{shown}` on line {step.span.line}"
            return ""
        step = here.made_by.get(id(step.inputs[0]))
    return ""


def _behind(here: Evaluation, value: ir.Value, name: str) -> ir.LayerStep | None:
    """A layer of this name that made a value, behind what keeps its shape."""
    step = here.made_by.get(id(value))
    while isinstance(step, ir.LayerStep) and step.inputs and step.layer.name != name:
        before = step.inputs[0]
        if before.type.shape != step.output.type.shape:
            return None
        step = here.made_by.get(id(before))
    return step if isinstance(step, ir.LayerStep) and step.layer.name == name else None


def _numbers(of: Type) -> list[Any]:
    """Sizes as numbers, None where one is open."""
    return [size.value for size in of.shape]


def _one(given: Any, axis: int) -> Any:
    """The setting of one axis."""
    found = given[axis] if isinstance(given, tuple) else given
    value = getattr(found, "value", found)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
