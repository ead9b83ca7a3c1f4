"""A typed network as straight lines of Python: one statement a step, its shape behind it."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from .calls import pattern, shape_of
from .expressions import expression, is_chained
from .names import local
from .places import Origins
from .text import Line
from .turns import through, write_choice, write_list, write_turns
from .writing import Writing

ACTIVATIONS_FIRST = ("relu", "ReLU")
CHAINED = 56  # letters of what a method is called on: `self.linear1(x).transpose(1, 2)`
BESIDE = 32  # letters of one side of a sum
NESTED = 44  # letters of a call that stands within another one
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
        elif _nests(step, index, steps, reads, code, fixed, writing) or (
            writing.nesting and _nests_call(step, index, steps, reads, code, fixed)
        ):
            writing.inline[id(output)] = code
            writing.strength[id(output)] = strength
            origins.inside(step)
            continue
        kept = [value for value in made if reads[id(value)] or id(value) in fixed]
        note = ", ".join(filter(None, map(shape_of, kept)))
        note = note if len(note) < 72 else ""
        at_end = returns and index == len(steps) - 1
        if at_end and network.outputs == made and len(made) == 1 and not _is_several(step):
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
        if _is_several(step) or len(made) > 1:
            target = pattern(structure, names)
        writing.lines.append(origins.line(f"{target} = {code}", note, step))
        writing.lines += [
            Line(f"{name}.requires_grad_()")
            for name, value in zip(names, made, strict=True)
            if id(value) in derived
        ]
    if returns:
        given = ", ".join(writing.of(value) for value in network.outputs)
        writing.lines.append(Line(f"return {given}"))


def _is_several(step: ir.TypedStep) -> bool:
    """Whether torch returns a tuple, be it of one."""
    return isinstance(step, ir.LayerStep) and step.structure != 0


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


def _nests(
    step: ir.TypedStep,
    index: int,
    steps: tuple[ir.TypedStep, ...],
    reads: Mapping[int, list[int]],
    code: str,
    fixed: Mapping[int, str],
    writing: Writing,
) -> bool:
    """Whether a step is written inside the next one: `F.relu(self.conv1(x))`, `F.relu(a + b)`."""
    outputs = outputs_of(step)
    if len(outputs) != 1 or index + 1 >= len(steps) or _is_several(step):
        return False
    (output,) = outputs
    if output.name or id(output) in fixed or len(code) > 60:
        return False
    if reads[id(output)] == [index + 2] and index + 2 < len(steps):
        other = steps[index + 1]
        if not _beside(step, other, steps[index + 2], reads, index, code):
            return False
        right = expression(other, writing)[0]
        return _nests(other, index + 1, steps, reads, right, fixed, writing)
    if reads[id(output)] != [index + 1]:
        return False
    consumer = steps[index + 1]
    if isinstance(consumer, ir.LoopStep | ir.Turns | ir.Choice):
        return False  # it would be computed in each turn, or in one branch alone
    if _is_created(step) or isinstance(step, ir.ListStep):
        return True
    if isinstance(step, ir.ArithmeticStep):
        return isinstance(consumer, ir.ArithmeticStep) or (
            isinstance(consumer, ir.LayerStep)
            and (not consumer.attribute or (_evens(consumer) and len(code) <= NESTED))
        )
    if isinstance(consumer, ir.ListStep):
        return code.count("(") <= 2 and len(code) <= NESTED
    if isinstance(consumer, ir.ArithmeticStep):
        return code.count("(") <= 2 and len(code) <= NESTED
    if is_chained(step, consumer) and len(code) <= CHAINED:
        return True
    if _keeps_shape(consumer) and code.count("(") <= 2 and len(code) <= NESTED:
        return True
    if not isinstance(consumer, ir.LayerStep) or consumer.attribute:
        return False
    # Behind a method reads on from left to right: `G(torch.randn(8, 100)).detach()`.
    if code.count("(") > (2 if consumer.layer.code.startswith(".") else 1):
        return False
    # Elementwise functions of one tensor: activations.
    return consumer.layer.positional == 0 and len(consumer.inputs) == 1


def _beside(
    step: ir.TypedStep,
    other: ir.TypedStep,
    consumer: ir.TypedStep,
    reads: Mapping[int, list[int]],
    index: int,
    code: str,
) -> bool:
    """Whether it is the left side of a sum or product, what comes next being the right one."""
    if not isinstance(consumer, ir.ArithmeticStep) or len(other.outputs) != 1:
        return False
    if isinstance(other, ir.LoopStep | ir.Turns | ir.Choice | ir.StateStep | ir.ReadStep):
        return False
    (right,) = other.outputs
    if right.name or reads[id(right)] != [index + 2] or code.count("(") > 1:
        return False
    return consumer.operands == (*step.outputs, right) and len(code) <= BESIDE


def _keeps_shape(step: ir.TypedStep) -> bool:
    """Whether a module or function gives one tensor the shape that it has: norms, activations."""
    if not isinstance(step, ir.LayerStep | ir.BlockStep) or len(step.reads) != 1:
        return False
    if isinstance(step, ir.LayerStep) and step.attribute and not _evens(step):
        return False
    return len(step.outputs) == 1 and step.outputs[0].type.shape == step.reads[0].type.shape


def _evens(step: ir.LayerStep) -> bool:
    """Whether a layer is a norm or a dropout: what is no step of its own to its reader."""
    return "Norm" in step.layer.name or "Dropout" in step.layer.name


def _nests_call(
    step: ir.TypedStep,
    index: int,
    steps: tuple[ir.TypedStep, ...],
    reads: Mapping[int, list[int]],
    code: str,
    fixed: Mapping[int, str],
) -> bool:
    """Whether a model's call is written inside what uses it: `D(G(z))`, `loss(D(x), ones)`."""
    if not isinstance(step, ir.BlockStep) or len(step.outputs) != 1 or len(code) > 60:
        return False
    (output,) = step.outputs
    user = index + 1
    # New tensors stand where they are used, so that they come between without a line.
    while user < len(steps) and _is_created(steps[user]):
        user += 1
    if output.name or id(output) in fixed or reads[id(output)] != [user] or user == len(steps):
        return False
    if isinstance(steps[user], ir.LoopStep | ir.Turns | ir.Choice):
        return False
    return isinstance(steps[user], ir.BlockStep) or getattr(steps[user], "attribute", "") == ""


def _is_created(step: ir.TypedStep) -> bool:
    return isinstance(step, ir.LayerStep) and step.layer.on_device


def derived_by(steps: tuple[ir.TypedStep, ...]) -> tuple[ir.Value, ...]:
    """The values that derivatives are taken by: `x` of `grad(y, x)`."""
    return tuple(
        step.inputs[1]
        for step in ir.every(steps)
        if isinstance(step, ir.LayerStep) and step.layer.name == "grad"
    )
