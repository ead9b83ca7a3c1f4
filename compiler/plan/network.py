"""A typed network as straight lines of Python: one statement a step, its shape behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..dims import Dim, name
from ..layers.record import Layer
from .calls import arguments, called_with, pattern, place, shape_of
from .names import attribute, local
from .text import Line, call, quote

ACTIVATIONS_FIRST = ("relu", "ReLU")
WORD = re.compile(r"\b[A-Za-z_]\w*")
POOLS = ("MaxPool1d", "MaxPool2d")
VIEWED = (".T", ".mT")
BINDS = {"**": 4, "*": 3, "/": 3, "//": 3, "%": 3, "@": 3, "+": 2, "-": 2}


@dataclass(slots=True)
class Writing:
    """Names and statements of one function on their way."""

    names: dict[int, str] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    inline: dict[int, str] = field(default_factory=dict)
    strength: dict[int, int] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    functions: dict[int, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    goals: Mapping[int, str] = field(default_factory=dict)
    device: str = "None"
    # Numbers of turns: what stands for the size that counts them, and lists that loops fill.
    counted: Mapping[str, Dim] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    # In training code models are called by their names: `D(G(z))` reads well there.
    nesting: bool = False

    def quote(self, value: Any) -> str:
        """A value of the spec as Python text; sizes go by the names they have in this function."""
        if isinstance(value, ir.Value):
            return _of(value, self)
        if isinstance(value, tuple):
            comma = "," if len(value) == 1 else ""
            return f"({', '.join(map(self.quote, value))}{comma})"
        if isinstance(value, ir.Open):
            self.sizes |= set(WORD.findall(value.text)) & set(self.renamed)
            return WORD.sub(lambda word: self.renamed.get(word[0], word[0]), quote(value))
        if not isinstance(value, Dim) or value.value is not None:
            return quote(value)
        value = value.substitute(dict(self.counted))
        self.sizes |= value.names - {each for size in self.counted.values() for each in size.names}
        return quote(value.substitute({old: name(new) for old, new in self.renamed.items()}))


def ordered(network: ir.Network) -> tuple[ir.TypedStep, ...]:
    """The steps; ReLU moves behind a max-pool: equal result, and less to rectify."""
    steps = list(network.steps)
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
    writing.goals = _goals(steps)
    derived = {id(value) for value in derived_by(steps)}
    for index, step in enumerate(steps):
        if isinstance(step, ir.LoopStep):
            from .loops import write_loop

            write_loop(step, index, last, writing, write)
            continue
        code, strength = _code(step, writing)
        made = outputs_of(step)
        (output, *_) = made
        if isinstance(step, ir.StateStep | ir.ReadStep):
            writing.inline[id(output)] = code
            continue
        if isinstance(step, ir.LayerStep) and step.layer.name == "Identity":
            source = step.inputs[0]
            writing.inline[id(output)] = _of(source, writing)
            writing.strength[id(output)] = 9
            last[id(source)] = max(last.get(id(source), 0), last.get(id(output), 0))
            if id(source) in writing.names:
                writing.names[id(output)] = writing.names[id(source)]
            continue
        if id(output) in derived:
            pass
        elif _nests(step, index, steps, reads, code, fixed) or (
            writing.nesting and _nests_call(step, index, steps, reads, code, fixed)
        ):
            writing.inline[id(output)] = code
            writing.strength[id(output)] = strength
            continue
        kept = [value for value in made if len(made) == 1 or reads[id(value)]]
        note = ", ".join(filter(None, map(shape_of, kept)))
        note = note if len(note) < 72 else ""
        at_end = returns and index == len(steps) - 1
        if at_end and network.outputs == made and len(made) == 1 and not _is_several(step):
            writing.lines.append(Line(f"return {code}", note))
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
            target = pattern(structure, names) if len(made) > 1 else f"({names[0]},)"
        writing.lines.append(Line(f"{target} = {code}", note))
        writing.lines += [
            Line(f"{name}.requires_grad_()")
            for name, value in zip(names, made, strict=True)
            if id(value) in derived
        ]
    if returns:
        given = ", ".join(_of(value, writing) for value in network.outputs)
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


def _of(value: ir.Value, writing: Writing) -> str:
    if id(value) in writing.inline:
        return writing.inline[id(value)]
    return writing.names[id(value)]


def _nests(
    step: ir.TypedStep,
    index: int,
    steps: tuple[ir.TypedStep, ...],
    reads: Mapping[int, list[int]],
    code: str,
    fixed: Mapping[int, str],
) -> bool:
    """Whether a step is written inside the next one: `F.relu(self.conv1(x))`, `F.relu(a + b)`."""
    outputs = outputs_of(step)
    if len(outputs) != 1 or index + 1 >= len(steps) or _is_several(step):
        return False
    (output,) = outputs
    if output.name or id(output) in fixed or reads[id(output)] != [index + 1] or len(code) > 60:
        return False
    consumer = steps[index + 1]
    if _is_created(step):
        return True
    if isinstance(step, ir.ArithmeticStep):
        return isinstance(consumer, ir.ArithmeticStep) or (
            isinstance(consumer, ir.LayerStep) and not consumer.attribute
        )
    if isinstance(consumer, ir.ArithmeticStep):
        return code.count("(") <= 2 and not getattr(step, "attribute", "")
    if not isinstance(consumer, ir.LayerStep) or consumer.attribute:
        return False
    # Behind a method reads on from left to right: `G(torch.randn(8, 100)).detach()`.
    if code.count("(") > (2 if consumer.layer.code.startswith(".") else 1):
        return False
    # Elementwise functions of one tensor: activations.
    return consumer.layer.positional == 0 and len(consumer.inputs) == 1


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
    return isinstance(steps[user], ir.BlockStep) or getattr(steps[user], "attribute", "") == ""


def _is_created(step: ir.TypedStep) -> bool:
    return isinstance(step, ir.LayerStep) and step.layer.on_device


def _code(step: ir.TypedStep, writing: Writing) -> tuple[str, int]:
    """The expression of a step, and how strongly its outermost operator binds."""
    match step:
        case ir.ArithmeticStep(operator=operator, operands=operands):
            return _arithmetic(operator, operands, writing)
        case ir.BlockStep(inputs=inputs):
            given = ", ".join(_of(value, writing) for value in inputs)
            if id(step) in writing.functions:
                function, arguments = writing.functions[id(step)]
                named = (f", {local(k)}={writing.quote(v)}" for k, v in arguments.items())
                return f"{function}({given}{''.join(named)})", 9
            return f"self.{writing.attributes[step.attribute]}({given})", 9
        case ir.StateStep(attribute=attribute):
            return f"self.{writing.attributes[attribute]}", 9
        case ir.ReadStep(attribute=attribute, name=name):
            return f"self.{writing.attributes[attribute]}.{name}", 9
        case ir.LayerStep(layer=layer, inputs=inputs):
            given_values = [_of(value, writing) for value in inputs]
            if layer.code[:1] in (".", "[") and writing.strength.get(id(inputs[0]), 9) < 9:
                given_values[0] = f"({given_values[0]})"
            if layer.adapt is not None and id(inputs[0]) not in writing.lists:
                forms = layer.adapt(tuple(value.type for value in inputs))
                pairs = zip(forms, given_values, strict=True)
                given_values = [form.format(value) for form, value in pairs]
            if step.attribute:
                later = called_with(layer, step.arguments, writing.quote)
                return call(f"self.{writing.attributes[step.attribute]}", given_values, later), 9
            return _function(layer, step, given_values, writing), 9
    raise AssertionError(step)


def _arithmetic(operator: str, operands: tuple[Any, ...], writing: Writing) -> tuple[str, int]:
    strength = BINDS.get(operator, 1)
    parts = []
    for position, operand in enumerate(operands):
        if isinstance(operand, ir.Value):
            part = _of(operand, writing)
            inner = writing.strength.get(id(operand), 9)
        else:
            part, inner = writing.quote(operand), 9
            if isinstance(operand, Dim | ir.Open) and " " in part:
                inner = 0
        weaker = inner < strength or (inner == strength and position == 1)
        if weaker or (operator == "**" and position == 0 and inner < 9):
            part = f"({part})"
        parts.append(part)
    if len(parts) == 1:
        return f"{operator}{parts[0]}", 4
    if operator == "**":
        simple = all(part.replace(".", "").replace("_", "").isalnum() for part in parts)
        return ("{}**{}" if simple else "{} ** {}").format(*parts), strength
    return f"{parts[0]} {operator} {parts[1]}", strength


def _function(layer: Layer, step: ir.LayerStep, given: list[str], writing: Writing) -> str:
    if layer.code == "[]":
        items = (place(item, writing.quote) for item in step.arguments["items"])
        return f"{given[0]}[{', '.join(items)}]"
    if layer.code == ".reshape":
        return f"{given[0]}.reshape({_shape(step, writing)})"
    positional, named = arguments(layer, step.arguments, {}, writing.quote)
    if layer.on_device:
        if layer.parameters[0].name.startswith("*"):
            positional = [writing.quote(size) for size in step.output.type.shape]
        if writing.device:
            named["device"] = writing.device
    if layer.mode == "training":
        named["training"] = "self.training"
    elif layer.mode and layer.mode in named:
        named[layer.mode] = f"{named[layer.mode]} if self.training else 0.0"
    if layer.name == "grad":
        return f"{call(layer.code, given, {'create_graph': 'True'})}[0]"
    if layer.code in VIEWED:
        return f"{given[0]}{layer.code}"
    if layer.code.startswith("."):
        owner, *given = given
        return call(owner + layer.code, [*given, *positional], named)
    if layer.leading:
        return call(layer.code, [*positional, *given], named)
    if layer.name == "Flatten":
        # The layer starts at axis 1, torch's function at 0: the axes are written.
        start, end = step.arguments["start_dim"], step.arguments["end_dim"]
        positional = [writing.quote(start), *([writing.quote(end)] if end != -1 else [])]
        named = {}
    return call(layer.code, [*given, *positional], named)


def _shape(step: ir.LayerStep, writing: Writing) -> str:
    """The sizes of a reshape; a single open one is -1, so that no name is needed."""
    sizes = step.output.type.shape
    opens = [size for size in sizes if size.value is None]
    if len(opens) == 1:
        return ", ".join("-1" if size.value is None else str(size) for size in sizes)
    return ", ".join(map(writing.quote, sizes))


def derived_by(steps: tuple[ir.TypedStep, ...]) -> tuple[ir.Value, ...]:
    """The values that derivatives are taken by: `x` of `grad(y, x)`."""
    return tuple(
        step.inputs[1]
        for step in every(steps)
        if isinstance(step, ir.LayerStep) and step.layer.name == "grad"
    )


def every(steps: tuple[ir.TypedStep, ...]) -> Iterator[ir.TypedStep]:
    """The steps, and those inside loops."""
    for step in steps:
        yield step
        if isinstance(step, ir.LoopStep):
            yield from every(step.steps)


def name_attributes(network: ir.Network) -> dict[str, str]:
    """Attribute names of a network's steps, none of which `nn.Module` has."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for step in every(network.steps):
        if isinstance(step, ir.ArithmeticStep | ir.LoopStep):
            continue
        if not step.attribute or step.attribute in found:
            continue
        found[step.attribute] = attribute(step.attribute, taken)
        taken.add(found[step.attribute])
    return found
