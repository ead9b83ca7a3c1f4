"""A typed network as straight lines of Python: one statement a step, its shape behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .. import ir
from ..lines import WIDTH
from .calls import pattern, shape_of
from .expressions import expression
from .names import local
from .nesting import Nesting, is_several
from .places import Origins
from .text import Line
from .turns import through, write_choice, write_list, write_turns
from .writing import Writing

MODE = re.compile(r"(\w+)=([\w.]+ if self\.training else 0\.0)")
ACTIVATIONS_FIRST = ("relu", "ReLU")
POOLS = ("MaxPool1d", "MaxPool2d")


def ordered(network: ir.Network) -> tuple[ir.TypedStep, ...]:
    """The steps; ReLU moves behind a max-pool: equal result, and less to rectify."""
    steps = _read(network)
    uses = _uses(network)
    for index in range(len(steps) - 1):
        first, second = steps[index], steps[index + 1]
        if not (isinstance(first, ir.LayerStep) and isinstance(second, ir.LayerStep)):
            continue
        if (
            first.layer.name in ACTIVATIONS_FIRST
            and second.layer.name in POOLS
            and second.inputs == (first.output,)
            and len(second.outputs) == 1
            and len(uses[id(first.output)]) == 1
            and not first.output.name
        ):
            pooled = ir.Value(second.output.type, second.output.span)
            steps[index] = _moved(second, first.inputs, pooled)
            steps[index + 1] = _moved(first, (pooled,), second.output)
    return tuple(steps)


def _read(network: ir.Network) -> list[ir.TypedStep]:
    """The steps without those that nothing comes of: no state, no draw, and none reads them."""
    wanted = set(map(id, network.outputs))
    found: list[ir.TypedStep] = []
    for step in reversed(network.steps):
        if wanted & set(map(id, step.outputs)) or not _is_plain(step):
            found.append(step)
            wanted |= set(map(id, step.reads))
    return found[::-1]


def _is_plain(step: ir.TypedStep) -> bool:
    """Whether a step does nothing but give its results."""
    match step:
        case ir.LayerStep(layer=layer, attribute=attribute):
            return not attribute and not layer.on_device and not layer.mode
        case ir.Choice(then=then, otherwise=otherwise):
            return all(map(_is_plain, (*then, *otherwise)))
        case ir.Turns(steps=steps):
            return all(map(_is_plain, steps))
    return isinstance(step, ir.ArithmeticStep)


def _moved(step: ir.LayerStep, inputs: tuple[ir.Value, ...], output: ir.Value) -> ir.LayerStep:
    return ir.LayerStep(
        step.span, step.layer, step.arguments, step.inferred, inputs, (output,), step.attribute
    )


def _uses(network: ir.Network) -> dict[int, list[int]]:
    """For each value the indices of the steps that read it; an output counts as read at the end."""
    return _reads(network.steps, network.outputs)


def _reads(steps: tuple[ir.TypedStep, ...], outputs: tuple[ir.Value, ...]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for index, step in enumerate(steps):
        for value in inputs_of(step):
            found.setdefault(id(value), []).append(index)
        for made in outputs_of(step):
            found.setdefault(id(made), [])
    for value in outputs:
        found.setdefault(id(value), []).append(len(steps))
    return found


def inputs_of(step: ir.TypedStep) -> tuple[ir.Value, ...]:
    """The tensors that a step reads."""
    return step.reads


def outputs_of(step: ir.TypedStep) -> tuple[ir.Value, ...]:
    """The tensors that a step makes."""
    return step.outputs


def write(
    network: ir.Network,
    writing: Writing,
    outputs: Mapping[int, str] | None = None,
    returns: bool = True,
) -> None:
    """Append the statements of a network; `outputs` fixes names, `returns` ends with `return`."""
    steps = ordered(network)
    reads = _reads(steps, network.outputs)
    fixed = dict(outputs or {})
    last = {key: max(indices) for key, indices in reads.items() if indices}
    for step in reversed(steps):
        if isinstance(step, ir.LayerStep) and step.layer.name == "Identity":
            read = id(step.inputs[0])
            last[read] = max(last.get(read, 0), last.get(id(step.output), 0))
            reads[read] += reads[id(step.output)]
    writing.goals = _goals(steps)
    derived = {id(value) for value in derived_by(steps)}
    origins = Origins(steps, marked=not writing.nesting)
    nesting = Nesting(steps, reads, fixed, writing, origins, network.outputs if returns else ())
    for index, step in enumerate(steps):
        if isinstance(step, ir.LoopStep):
            from .loops import write_loop

            write_loop(step, index, last, writing, write)
            continue
        if isinstance(step, ir.Turns) and not through(step, writing):
            write_turns(step, index, last, writing, write)
            continue
        if isinstance(step, ir.Choice) and not through(step, writing):
            ends = returns and index == len(steps) - 1 and network.outputs == step.outputs
            write_choice(step, index, last, writing, write, ends)
            if ends:
                return
            continue
        if isinstance(step, ir.ListStep) and write_list(step, writing):
            continue
        code, strength = expression(step, writing)
        made = outputs_of(step)
        (output, *_) = made
        if isinstance(step, ir.StateStep | ir.ReadStep):
            writing.inline[id(output)] = code
            continue
        if isinstance(step, ir.LayerStep) and step.layer.name == "Identity":
            source = step.inputs[0]
            writing.inline[id(output)] = writing.of(source)
            writing.strength[id(output)] = 9
            if id(source) in writing.names:
                writing.names[id(output)] = writing.names[id(source)]
            continue
        if id(output) in derived:
            pass
        elif nesting.nests(index, code, strength):
            writing.inline[id(output)] = code
            writing.strength[id(output)] = strength
            origins.inside(step)
            continue
        code = _by_mode(code, index, last, writing)
        kept = [value for value in made if reads[id(value)] or id(value) in fixed]
        note = ", ".join(filter(None, map(shape_of, kept)))
        note = note if len(note) < 72 else ""
        at_end = returns and index == len(steps) - 1
        if at_end and network.outputs == made and len(made) == 1 and not is_several(step):
            writing.lines.append(origins.line(f"return {code}", note, step))
            return
        names = [
            _name(value, index, last, writing, fixed)
            if value in kept or _held("_", index, last, writing)
            else "_"
            for value in made
        ]
        structure = step.structure if isinstance(step, ir.LayerStep) else tuple(range(len(made)))
        target = names[0]
        if is_several(step) or len(made) > 1:
            target = pattern(structure, names)
        writing.lines.append(origins.line(f"{target} = {code}", note, step))
        writing.lines += [
            Line(f"{name}.requires_grad_()")
            for name, value in zip(names, made, strict=True)
            if id(value) in derived
        ]
    if returns:
        given = ", ".join(writing.of(value) for value in network.outputs)
        ports = writing.ports or ("",) * len(network.outputs)
        shapes = map(shape_of, network.outputs)
        note = ", ".join(f"{a} {b}".strip() for a, b in zip(ports, shapes, strict=True))
        writing.lines.append(origins.last(f"return {given}", note, network.outputs))


def _by_mode(code: str, index: int, last: Mapping[int, int], writing: Writing) -> str:
    """A call; what depends on training is computed before it where the call is too long."""
    match = MODE.search(code)
    room = WIDTH - 12 - 4 * writing.level
    if match is None or len(code) - code.find("(") - 2 <= room:
        return code
    name, value = match.groups()
    if name in writing.renamed or _held(name, index, last, writing):
        return code
    writing.lines.append(Line(f"{name} = {value}"))
    return code.replace(match[0], f"{name}={name}")


def _name(
    value: ir.Value,
    index: int,
    last: Mapping[int, int],
    writing: Writing,
    fixed: Mapping[int, str],
) -> str:
    """The variable for a value: the author's name, else `x`, else the name it leads to."""
    if id(value) in fixed:
        found = fixed[id(value)]
    elif value.name:
        found = local(value.name, writing.taken)
        while _held(found, index, last, writing):
            found += "_"
    else:
        found, count = "x", 0
        goal = writing.goals.get(id(value))
        if goal is not None and _held(found, index, last, writing):
            found = local(goal, writing.taken)
        while _held(found, index, last, writing):
            count += 1
            found = f"x{count}"
    writing.names[id(value)] = found
    writing.holders[found] = id(value)
    return found


def _goals(steps: tuple[ir.TypedStep, ...]) -> dict[int, str]:
    """For each value without a name the name of what is made of it alone, step by step."""
    found: dict[int, str] = {}
    for step in reversed(steps):
        made = outputs_of(step)
        if not made:
            continue
        name = made[0].name or found.get(id(made[0]), "")
        read = inputs_of(step)
        if name and len(read) == 1 and not read[0].name:
            found[id(read[0])] = name
    return found


def _held(name: str, index: int, last: Mapping[int, int], writing: Writing) -> bool:
    """Whether a variable holds something that is still to be read after this step."""
    if name in writing.taken:
        return True
    holder = writing.holders.get(name)
    return holder is not None and last.get(holder, -1) > index


def derived_by(steps: tuple[ir.TypedStep, ...]) -> tuple[ir.Value, ...]:
    """The values that derivatives are taken by: `x` of `grad(y, x)`."""
    return tuple(
        step.inputs[1]
        for step in ir.every(steps)
        if isinstance(step, ir.LayerStep) and step.layer.name == "grad"
    )
