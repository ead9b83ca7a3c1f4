"""Keys of a training that cannot work, or that have no effect."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from .. import ir, tree
from ..cost import parameters
from ..diagnostics import Diagnostic
from ..errors import advice, effects
from ..layers.shape import product
from ..tensor import FLOATS
from .flow import flows

# Steps of these are about as long as the rate, whatever the gradient.
SCALED = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop")
# With two layers or more, trainings of digits under such rates end at guessing, or nearly.
UNUSUAL = {"SGD": 10.0, **dict.fromkeys(SCALED, 0.3)}
POOR = 0.1
SMALL = 1_000  # parameters; smaller networks may learn at `POOR`
USUAL = {"SGD": "0.01 to 0.1", "RMSprop": "1e-3 to 1e-2"}


def optimizers(setting: ir.Setting, networks: list[ir.Network]) -> Iterator[Diagnostic]:
    """What is wrong with an optimizer for these networks."""
    name, given = setting.record.name, setting.arguments
    nesterov = name == "SGD" and given["nesterov"]
    if nesterov and (not given["momentum"] or given["dampening"]):
        yield effects.nesterov_without_momentum(setting.span)
    elif name == "SGD" and given["dampening"] and not given["momentum"]:
        why = "it dampens what momentum adds, and there is no momentum"
        yield effects.without_effect(
            setting.span, "`dampening`", why, "write `momentum=0.9`, or leave it out"
        )
    least = min(UNUSUAL.get(name, inf), POOR if name in SCALED else inf)
    hidden = [network for network in networks if given["lr"] >= least and _layers(network) > 1]
    if not hidden:
        return
    even = any(_is_normalized(network) for network in hidden)
    poor = name in SCALED and not even and max(map(parameters, hidden)) >= SMALL
    if given["lr"] >= (POOR if poor else UNUSUAL[name]):
        yield advice.rate_out_of_range(
            setting.span, name, given["lr"], USUAL.get(name, "1e-3, up to 1e-2 for small ones")
        )


def _layers(network: ir.Network) -> int:
    """How many layers hold a matrix of weights."""
    return sum(
        isinstance(step, ir.LayerStep)
        and any(
            len(shape) > 1
            for shape in step.layer.weights(step.types, step.output.type, step.known).values()
        )
        for here in flows(network)
        for step in here.steps
    )


def _is_normalized(network: ir.Network) -> bool:
    return any(
        isinstance(step, ir.LayerStep) and "Norm" in step.layer.name
        for here in flows(network)
        for step in here.steps
    )


def records(data: ir.Data) -> int | None:
    """How many records train, where all of them stand in the spec."""
    if data.source is not None or data.split is not None:
        return None
    counts = {
        len(field.raw.items) if isinstance(field.raw, ir.Values) else 0 for field in data.fields
    }
    return counts.pop() or None if len(counts) == 1 else None


def lonely_records(training: ir.TypedTraining, place: tree.Option | None) -> Iterator[Diagnostic]:
    """A batch norm over one value a channel: torch refuses it."""
    size = training.options["batch"]
    count = records(training.data.data)
    lonely = size == 1 or count == 1
    if count is not None and count > size:
        lonely = lonely or (count % size == 1 and not training.options["drop_last"])
    if not lonely:
        return
    span = place.span if place is not None else training.training.data_span
    for here in flows(training.network):
        for step in here.steps:
            if not isinstance(step, ir.LayerStep) or not step.layer.name.startswith("BatchNorm"):
                continue
            shape = step.inputs[0].type.shape
            if "N" in shape[0].names and product(shape[2:]).value == 1:
                yield effects.lonely_record(step.span, step.layer.name, span, count or 2, size)
                return


def idle(training: ir.TypedTraining, options: dict[str, tree.Option]) -> Iterator[Diagnostic]:
    """Keys that change nothing together with the others."""
    given = training.options
    epochs, batch = given.get("epochs", 0), given["batch"]
    count = records(training.data.data)
    if "batch" in options and count is not None and batch > count and not given["drop_last"]:
        why = f"there are {count:,} records: every batch is all of them"
        yield effects.without_effect(
            options["batch"].span, f"a batch of {batch:,}", why, "leave it out, or write less"
        )
    if not epochs:
        return
    stopping = given["early_stopping"]
    if stopping is not None and stopping.arguments["epochs"] + 1 >= epochs:
        waits = stopping.arguments["epochs"]
        why = f"{waits} epochs without a better one are over at epoch {waits + 1} at the earliest"
        yield effects.without_effect(
            stopping.span,
            f"stopping early in a training of {epochs:,} epochs",
            f"{why}; the weights of the best epoch are kept all the same",
            f"write `patience({max(1, epochs // 5)})`, or more epochs",
        )
    for phase in given["schedule"][:1]:
        yield from _idle_phase(phase, epochs)


def _idle_phase(phase: ir.Setting, epochs: int) -> Iterator[Diagnostic]:
    """The first phase of a schedule that never changes the rate."""
    match phase.record.name:
        case "plateau":
            first = phase.arguments["patience"] + 2
            why = f"it waits until epoch {first} at the earliest"
        case "step":
            first = phase.arguments["step_size"]
            why = f"the rate changes after epoch {first} for the first time"
        case "multi_step":
            first = min(phase.arguments["milestones"], default=0)
            why = f"the rate changes after epoch {first} for the first time"
        case _:
            return
    if isinstance(first, int) and first >= epochs:
        yield effects.without_effect(
            phase.span, f"`{phase.record.name}` in {epochs:,} epochs", why, "let it begin earlier"
        )


def stratified(data: ir.TypedData) -> Iterator[Diagnostic]:
    """A split that keeps the shares of measurements."""
    split = data.data.split
    if split is None:
        return
    names = [split.arguments.get("field"), split.arguments.get("stratify")]
    for name in filter(None, map(str, filter(None, names))):
        if name in data.fields and data.fields[name].type.dtype in FLOATS:
            field = data.fields[name]
            if field.type.shape in ((),) or all(size.value == 1 for size in field.type.shape):
                yield effects.stratified_by_numbers(split.span, name, str(field.type))
