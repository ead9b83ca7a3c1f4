"""What `dlc explain` shows of the example of a layer or function: types, PyTorch, weights, cost."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from textwrap import dedent, fill, indent

from .. import ir, layers
from ..cost import costs
from ..dims import text
from ..layers import LAYERS
from ..layers.kept import plain
from ..layers.record import BATCH, Layer, Shape, nothing
from ..lines import fitted
from ..plan.model import model_file
from .examples import example, exemplified

WIDTH = 88
GIVEN = ("model ", "input ", "output out = part", "}")


def shown_example(record: Layer) -> str:
    """The lines of the example that are not its inputs."""
    lines = [line.strip() for line in example(record).splitlines()]
    if any(line.endswith(record.example) and "output" not in line for line in lines):
        # Several results are bound, and what is given back is only the first of them.
        lines = [line for line in lines if not line.startswith("output out = ")]
    kept = [line for line in lines if not line.startswith(GIVEN)]
    return "\n".join(line.removeprefix("output out = ") for line in kept)


def step_of(record: Layer) -> tuple[ir.LayerStep, ir.Network]:
    """The step of the example that the record is about, and the model around it."""
    network = exemplified(record.name).models["Net"].network
    mine = [each for each in network.steps if isinstance(each, ir.LayerStep)]
    return next(each for each in reversed(mine) if each.layer.name == record.name), network


def becomes(record: Layer) -> str:
    """What goes into the example and what comes out, as the checker finds it."""
    step, _ = step_of(record)
    made = joined(str(value.type) for value in step.outputs)
    # A tensor that is read in several places is shown once for each.
    given = joined(str(value.type) for value in step.reads)
    if not given:
        return f"It gives {made}."
    return f"There {given} {'becomes' if len(step.reads) == 1 else 'become'} {made}."


def in_pytorch(record: Layer) -> str:
    """The lines of the emitted class that the example becomes."""
    (*_, made) = model_file(exemplified(record.name), "", "example.dl").classes
    body = dedent(fitted("\n".join(made.body)))
    return "\n".join([*made.state, body])


def weights(record: Layer) -> Iterator[str]:
    """What its weights and buffers are called, with their shapes in the example."""
    step, _ = step_of(record)
    state = (step.types, step.output.type, step.known)
    if record.weights is not nothing:
        yield f"Its weights there: {_named(record.weights(*state))}. `init=…` says how they start."
    else:
        yield "It has no weights."
    if record.buffers is not nothing:
        yield f"Its buffers there: {_named(record.buffers(*state))}."


def cost(record: Layer) -> str:
    """Parameters and operations of the example."""
    step, network = step_of(record)
    found = next(each for each in costs(network) if each.step is step)
    flops = found.flops.substitute({BATCH: 1})
    parameters = f"{found.parameters:,} parameters and " if found.parameters else ""
    operations = f"{flops.value:,}" if flops.value is not None else text(flops)
    return f"It takes {parameters}{operations} operations for a record, forward."


def other_form(record: Layer) -> str:
    """The function that does what a layer does, or the layer; "" where there is none."""
    for name, other in LAYERS.items():
        if plain(name) == plain(record.name) and other.is_layer != record.is_layer:
            form = "layer" if other.is_layer else "function"
            return f"As a {form} it is `{name}`: `dlc explain {name}`."
    return ""


def families() -> Mapping[str, list[str]]:
    """The names of all layers and functions by the module that holds them, with its first line."""
    found: dict[str, list[str]] = {}
    homes = {
        id(each): module
        for name, module in sys.modules.items()
        if name.startswith(f"{layers.__name__}.")
        for group in vars(module).values()
        if isinstance(group, tuple)
        for each in group
    }
    for record in LAYERS.values():
        title = (homes[id(record)].__doc__ or "").split("\n")[0].rstrip(".")
        found.setdefault(title, []).append(record.name)
    return found


def all_layers() -> str:
    """The page with every layer and function."""
    parts = ["Every layer and function; `dlc explain NAME` has the page of one."]
    for title, names in families().items():
        parts.append(f"{fill(title, WIDTH)}\n{indent(fill(', '.join(names), WIDTH - 4), '    ')}")
    return "\n\n".join(parts)


def _named(shapes: Mapping[str, Shape]) -> str:
    return ", ".join(f"{name} [{', '.join(map(text, shape))}]" for name, shape in shapes.items())


def joined(words: Iterable[str]) -> str:
    """`a, b and c`."""
    every = list(words)
    if len(every) > 4 and len(set(every)) == 1:
        return f"{len(every)} times {every[0]}"
    return " and ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))
