"""`model.py`: a class for the model, a class or function for each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import ir
from ..dims import Dim
from .calls import arguments
from .initial import keras_body, needs_keras, of_model, own
from .names import attribute, local, variable
from .network import derived_by, every, name_attributes, write
from .opening import conditions, defaults, derived, read_axes, sizes_of
from .state import own_state
from .text import Line, call, comment, quote
from .writing import Unwritable, Writing


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class: every line is ready, the template only lays them out."""

    name: str
    summary: str
    details: tuple[str, ...]
    signature: str
    state: tuple[str, ...]
    forward: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """A block without a state."""

    signature: str
    summary: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What the template of `model.py` sees."""

    title: str
    imports: tuple[str, ...]
    functions: tuple[FunctionPlan, ...]
    classes: tuple[ClassPlan, ...]


class Blocks:
    """The classes and functions that blocks become; one a block where its types allow it."""

    def __init__(self, program: ir.TypedProgram, taken: set[str]) -> None:
        self.program = program
        self.taken = taken
        self.names: dict[Any, str] = {}
        self.networks: dict[str, ir.Network] = {}
        self.keras = ""

    def generic(self, step: ir.BlockStep) -> ir.Network | None:
        """The block for all its hyperparameters, where there is one."""
        return self.program.blocks.get(step.block)

    def name(self, step: ir.BlockStep) -> str:
        """The class or function that a use of a block calls."""
        whole = self.generic(step)
        if step.block in self.program.models and whole is not None:
            return variable(step.block)
        key: Any = step.block
        if whole is None:
            types = tuple(str(value.type) for value in step.inputs)
            key = (step.block, tuple(sorted(map(repr, step.arguments.items()))), types)
        if key not in self.names:
            network = whole or step.body
            self._inner(network)
            wanted = step.block if has_state(network) else _lower(step.block)
            name = variable(wanted)
            count = 1
            while name in self.networks or name in self.taken:
                count += 1
                name = variable(f"{wanted}{count}", self.taken)
            self.names[key] = name
            self.taken.add(name)
            self.networks[name] = network
        return self.names[key]

    def _inner(self, network: ir.Network) -> None:
        for step in every(network.steps):
            if isinstance(step, ir.BlockStep):
                self.name(step)


def _lower(name: str) -> str:
    parts = ("_" + each.lower() if each.isupper() else each for each in name)
    return "".join(parts).lstrip("_")


def has_state(network: ir.Network) -> bool:
    """Whether a network holds anything: weights, buffers, or a mode such as dropout's."""
    return any(
        (isinstance(step, ir.LayerStep) and (step.attribute or step.layer.mode))
        or isinstance(step, ir.StateStep)
        or (isinstance(step, ir.BlockStep) and has_state(step.body))
        or (isinstance(step, ir.LoopStep) and _holds(step))
        for step in network.steps
    )


def _holds(loop: ir.LoopStep) -> bool:
    return any(getattr(step, "attribute", "") for step in every(loop.steps))


def needed_sizes(network: ir.Network, blocks: Blocks) -> tuple[str, ...]:
    """The sizes of its inputs that a block's constructor must be told."""
    found: dict[str, None] = {}
    known = set(network.hyperparameters)
    for step in every(network.steps):
        for size in _constructor_sizes(step, blocks):
            found |= dict.fromkeys(sorted(size.names - known))
    return tuple(found)


def _constructor_sizes(step: ir.TypedStep, blocks: Blocks) -> Iterator[Dim]:
    match step:
        case ir.LayerStep(attribute=str(attribute)) if attribute:
            later = {each.name for each in step.layer.called_with}
            values = [*step.inferred.values()]
            values += [value for name, value in step.arguments.items() if name not in later]
        case ir.BlockStep():
            whole = blocks.generic(step)
            inner = needed_sizes(whole, blocks) if whole is not None else ()
            values = [step.body.sizes[size] for size in inner]
            values += step.arguments.values() if whole is not None else []
        case ir.StateStep(output=output):
            values = list(output.type.shape)
        case _:
            return
    for value in values:
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Dim):
                yield each


def model_file(program: ir.TypedProgram, title: str, file: str) -> ModelFile:
    """Everything that `model.py` holds, models in the order of the spec."""
    taken = {variable(name) for name in program.models}
    # Inside a class or function, a size or hyperparameter would hide a block of its name.
    for definition in program.program.definitions.values():
        taken |= {*definition.sizes, *(each.name for each in definition.hyperparameters)}
    blocks = Blocks(program, taken)
    networks = [model.generic or model.network for model in program.models.values()]
    functions = []
    if needs_keras(networks):
        blocks.keras = variable("keras_init", taken)
        taken.add(blocks.keras)
        functions.append(_keras_function(blocks.keras, networks))
    classes: list[ClassPlan] = []
    models = []
    for name, model in program.models.items():
        whole = model.generic or model.network
        models.append((variable(name), whole, model))
        for step in every(whole.steps):
            if isinstance(step, ir.BlockStep):
                blocks.name(step)
    for name, network in blocks.networks.items():
        definition = program.program.definitions[network.name]
        if has_state(network):
            is_open = network is program.blocks.get(network.name)
            classes.append(_class(name, network, definition, blocks, file, is_open))
        else:
            functions.append(_plain_function(name, network, definition, blocks, file))
    for name, whole, model in models:
        is_open = model.generic is not None
        classes.append(_class(name, whole, model.definition, blocks, file, is_open, model=True))
    lines = [
        line for body in (*(c.body for c in classes), *(f.body for f in functions)) for line in body
    ]
    state = [line for each in classes for line in each.state]
    imports = []
    if any("torch." in line for line in [*lines, *state]):
        imports.append("import torch")
    if any("F." in line for line in lines):
        imports.append("import torch.nn.functional as F")
    imports.append("from torch import Tensor, nn" if classes else "from torch import Tensor")
    return ModelFile(title, tuple(imports), tuple(functions), tuple(classes))


def _class(
    name: str,
    network: ir.Network,
    definition: ir.Definition,
    blocks: Blocks,
    file: str,
    is_open: bool,
    model: bool = False,
) -> ClassPlan:
    attributes = name_attributes(network)
    sizes = () if model else needed_sizes(network, blocks)
    hyper = definition.hyperparameters if is_open else ()
    parameters = [f"{size}: int" for size in sizes]
    parameters += [_parameter(each, each.name, network, program=blocks.program) for each in hyper]
    parameter_names = (*sizes, *(each.name for each in hyper))
    state: list[str] = []
    seen = set()
    for step in every(network.steps):
        if isinstance(step, ir.StateStep):
            state += own_state(step, attributes[step.attribute])
        if not isinstance(step, ir.LayerStep | ir.BlockStep) or not step.attribute:
            continue
        if step.attribute in seen or (isinstance(step, ir.BlockStep) and not has_state(step.body)):
            continue
        seen.add(step.attribute)
        state.append(_construct(step, attributes[step.attribute], blocks))
    state += _initial(network, attributes, blocks, frozenset(parameter_names))
    writing, forward = _forward(network, attributes, blocks)
    if writing.lost:
        raise Unwritable(definition.span, writing.lost)
    # What blocks ask of sizes is among the conditions of each model, in the model's names.
    checks = conditions(network, writing, file) if model else []
    held: dict[str, str] = {}
    for each in hyper:
        # Hyperparameters that `forward` itself needs are kept on the module.
        if each.name in writing.sizes:
            held[each.name] = attribute(each.name, {*attributes.values(), *held.values()})
    state[:0] = [f"self.{kept} = {each}" for each, kept in held.items()]
    kept = [Line(f"{writing.renamed[each]} = self.{name}") for each, name in held.items()]
    filled, by = defaults(network, writing), derived(network, writing)
    writing.lines[:0] = [*sizes_of(network, writing), *kept, *filled, *by, *checks]
    inputs = ", ".join(_signature(value) for value in network.inputs)
    outputs = ", ".join(_signature(value) for value in network.outputs)
    return ClassPlan(
        name,
        f"{inputs} -> {outputs}" if len(inputs) + len(outputs) < 70 else name,
        (f"{comment(file)}:{definition.span.line}",),
        call("__init__", ["self", *parameters], before="def ", after=" -> None:"),
        tuple(state),
        forward,
        tuple(line.at(8) for line in writing.lines),
    )


def _initial(
    network: ir.Network, attributes: dict[str, str], blocks: Blocks, taken: frozenset[str]
) -> list[str]:
    """How weights are set where a spec says so: a model's first, then those of single layers."""

    def inner(step: ir.BlockStep) -> tuple[ir.Network, dict[str, str]]:
        return step.body, name_attributes(blocks.generic(step) or step.body)

    single = own(network, attributes, inner, blocks.keras, taken)
    return [*of_model(network, blocks.keras, taken), *single]


def _keras_function(name: str, networks: list[ir.Network]) -> FunctionPlan:
    return FunctionPlan(
        f"def {name}(module: nn.Module) -> None:",
        "Initial weights of one module as in Keras",
        tuple(f"    {line}" for line in keras_body(networks)),
    )


def _signature(value: ir.Value) -> str:
    name = f"{value.name} " if value.name else ""
    return f"{name}{value.type}"


def _parameter(
    each: ir.Hyperparameter,
    name: str,
    network: ir.Network,
    program: ir.TypedProgram,
) -> str:
    kind = "int" if isinstance(network.hyperparameters[each.name], Dim) else each.kind
    known = network.hyperparameters[each.name]
    kind = known.kind if isinstance(known, ir.Open) else kind
    default = ""
    model = program.models.get(network.name)
    if model is not None:
        default = f" = {quote(model.network.hyperparameters[each.name])}"
    elif isinstance(each.default, ir.Literal):
        default = f" = {quote(each.default.value)}"
    return f"{name}: {kind}{default}"


def _construct(step: ir.LayerStep | ir.BlockStep, attribute: str, blocks: Blocks) -> str:
    before = f"self.{attribute} = "
    if isinstance(step, ir.LayerStep):
        positional, named = arguments(step.layer, step.arguments, step.inferred)
        return call(step.layer.code, positional, named, before=before)
    name = blocks.name(step)
    whole = blocks.generic(step)
    if whole is None:
        return call(name, before=before)
    sizes = [quote(step.body.sizes[size]) for size in needed_sizes(whole, blocks)]
    named = {each: quote(value) for each, value in step.arguments.items()}
    return call(name, sizes, named, before=before)


def _forward(
    network: ir.Network, attributes: dict[str, str], blocks: Blocks
) -> tuple[Writing, str]:
    writing = _writing(network, blocks)
    writing.attributes = attributes
    writing.functions = {
        id(step): _called(step, blocks)
        for step in every(network.steps)
        if isinstance(step, ir.BlockStep) and not has_state(step.body)
    }
    parameters = _parameters(network, writing)
    write(network, writing)
    gives = "Tensor" if len(network.outputs) == 1 else f"tuple[{_tensors(len(network.outputs))}]"
    forward = call("forward", ["self", *parameters], before="def ", after=f" -> {gives}:")
    if derived_by(network.steps):
        # Derivatives are wanted in evaluation too.
        forward = f"@torch.enable_grad()\n{forward}"
    return writing, forward


def _writing(network: ir.Network, blocks: Blocks) -> Writing:
    """A fresh function body: names of other functions are taken, so are those of its sizes."""
    sizes = {size: local(size) for size in (*network.sizes, *network.hyperparameters)}
    taken = frozenset({*blocks.networks, *sizes.values()})
    return Writing(taken=taken, renamed=sizes)


def _parameters(network: ir.Network, writing: Writing) -> list[str]:
    parameters = []
    for value in network.inputs:
        name = local(value.name, set(writing.holders) | writing.taken)
        writing.names[id(value)] = name
        writing.holders[name] = id(value)
        filled = value.name in network.defaults
        parameters.append(f"{name}: Tensor | None = None" if filled else f"{name}: Tensor")
    if network.inputs:
        writing.device = f"{writing.names[id(network.inputs[0])]}.device"
    read_axes(network, writing)
    return parameters


def _called(step: ir.BlockStep, blocks: Blocks) -> tuple[str, Mapping[str, Any]]:
    """The function that a block without a state became, and its hyperparameters here."""
    return blocks.name(step), step.arguments if blocks.generic(step) is not None else {}


def _tensors(count: int) -> str:
    return ", ".join(["Tensor"] * count)


def _plain_function(
    name: str, network: ir.Network, definition: ir.Definition, blocks: Blocks, file: str
) -> FunctionPlan:
    writing = _writing(network, blocks)
    writing.functions = {
        id(step): _called(step, blocks)
        for step in every(network.steps)
        if isinstance(step, ir.BlockStep)
    }
    parameters = _parameters(network, writing)
    write(network, writing)
    if writing.lost:
        raise Unwritable(definition.span, writing.lost)
    filled, by = defaults(network, writing), derived(network, writing)
    writing.lines[:0] = [*sizes_of(network, writing), *filled, *by]
    parameters += [
        _parameter(each, writing.renamed[each.name], network, blocks.program)
        for each in definition.hyperparameters
        if network is blocks.program.blocks.get(network.name)
    ]
    gives = "Tensor" if len(network.outputs) == 1 else f"tuple[{_tensors(len(network.outputs))}]"
    return FunctionPlan(
        call(name, parameters, before="def ", after=f" -> {gives}:"),
        f"{comment(file)}:{definition.span.line}",
        tuple(line.at(4) for line in writing.lines),
    )
