"""`model.py`: a class for the model, a class or function for each block."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import ir, opened
from ..dims import Dim
from .blocks import Blocks, asked, given
from .classes import variants
from .construct import Constructor
from .extern import outside_module
from .functions import FunctionPlan, computed
from .headers import bare, named_by, numbers, words
from .initial import initial, keras_body, needs_keras
from .members import Members
from .names import attribute, imported, local, variable
from .network import derived_by, write
from .opening import conditions, defaults, derived, read_axes, readable, sizes_of, told
from .outside import Outside
from .polish import gathered, on_the_spot, shortened
from .signatures import parameter, signature
from .text import Line, call, comment, quote
from .tidy import tidied
from .writing import Unwritable, Writing


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class: every line is ready, the template only lays them out."""

    name: str
    summary: str
    details: tuple[str, ...]
    declared: tuple[str, ...]
    signature: str
    state: tuple[str, ...]
    forward: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What the template of `model.py` sees."""

    title: str
    imports: tuple[str, ...]
    functions: tuple[FunctionPlan, ...]
    classes: tuple[ClassPlan, ...]


def model_file(program: ir.TypedProgram, title: str, file: str) -> ModelFile:
    """Everything that `model.py` holds, models in the order of the spec."""
    while True:
        try:
            return _model_file(program, title, file)
        except Unwritable as why:
            # A class for each use knows the sizes that this one would have to be told.
            if not program.whole.refuse(why.block):
                raise


def _model_file(program: ir.TypedProgram, title: str, file: str) -> ModelFile:
    taken = {variable(name) for name in program.models}
    taken |= {program.whole.called(name) for name in program.program.functions}
    # Inside a class or function, a size or hyperparameter would hide a block of its name.
    for definition in program.program.definitions.values():
        given = (*definition.sizes, *(each.name for each in definition.hyperparameters))
        taken |= {local(each) for each in given}
    outside = Outside({*opened.TAKEN, *taken})
    for definition in program.program.definitions.values():
        if definition.extern:
            taken.add(outside.name(definition.extern))
    blocks = Blocks(program, taken)
    blocks.outside = outside.names
    models = variants(program)
    wholes = {each.name: each.network for each in models}
    functions: list[FunctionPlan] = []
    if needs_keras(list(wholes.values())):
        blocks.keras = variable("keras_init", taken)
        taken.add(blocks.keras)
        functions.append(_keras_function(blocks.keras, list(wholes.values())))
    for whole in wholes.values():
        blocks.note(whole)
    classes: list[ClassPlan] = []
    for name, network in blocks.networks.items():
        definition = program.program.definitions[network.name]
        if blocks.has_state(network):
            classes.append(_class(name, network, definition, blocks, file))
        else:
            functions.append(_plain_function(name, network, definition, blocks, file))
    for name, whole in wholes.items():
        definition = program.models[whole.name].definition
        classes.append(_class(name, whole, definition, blocks, file, model=True))
    code = [line for each in classes for line in (*each.state, *each.body)]
    functions[:0] = computed(program, {*words(*code)})
    lines = [
        line for body in (*(c.body for c in classes), *(f.body for f in functions)) for line in body
    ]
    state = [line for each in classes for line in each.state]
    imports = ["import math", ""] if any(map(opened.calls_math, [*lines, *state])) else []
    if any("torch." in line for line in [*lines, *state]):
        imports.append("import torch")
    if any("F." in line for line in lines):
        imports.append("import torch.nn.functional as F")
    imports += imported({**outside.imports, "torch": {"Tensor", *(["nn"] if classes else [])}})
    return ModelFile(title, tuple(imports), tuple(functions), tuple(classes))


def _class(
    name: str,
    network: ir.Network,
    definition: ir.Definition,
    blocks: Blocks,
    file: str,
    model: bool = False,
) -> ClassPlan:
    members = blocks.members(network)
    sizes = () if model else blocks.needed(network)
    hyper = asked(network, definition)
    parameters = [f"{size}: int" for size in sizes]
    parameters += [
        parameter(each, opened.safe(each.name), network, program=blocks.program) for each in hyper
    ]
    told = {each: opened.safe(each) for each in (*sizes, *(each.name for each in hyper))}
    taken = frozenset(told.values()) | numbers(network) | {*blocks.networks, *blocks.functions}
    axes: dict[str, str] = {}
    build = partial(_built, blocks, axes)
    used = blocks.used(network)
    construct = Constructor(members, build, network.atoms, used, blocks.keras, taken)
    state = _required(network, taken, file)
    state += construct.statements(network.steps)
    state += initial(network, members, blocks, taken)
    held: dict[str, str] = {}
    for size, word in told.items():
        # What `forward` itself needs is kept on the module.
        if size not in sizes or size not in readable(network):
            held[word] = attribute(word, {*members.every, *held.values()})
    kept = dict(held)
    for word, value in network.lets.items():
        # What only hyperparameters and sizes of the constructor decide is computed there.
        if opened.names(value, network.atoms) <= {*told.values(), *(used & network.lets.keys())}:
            kept[word] = attribute(word, {*members.every, *kept.values()})
    writing, forward = _forward(network, definition, blocks, kept)
    if definition.extern:
        state, writing.lines = outside_module(network, definition, blocks.outside, writing, file)
    if writing.lost:
        raise Unwritable(definition.name, definition.span, writing.lost)
    # What blocks ask of sizes is among the conditions of each model, in the model's names.
    checks = conditions(network, writing, file) if model else []
    computed_here = _lets(network, writing, kept)
    unknown = writing.sizes - readable(network).keys() - kept.keys() - network.lets.keys()
    if unknown:
        raise Unwritable(definition.name, definition.span, unknown)
    own: list[str] = []
    for word, value in reversed([*network.lets.items()]):
        state = named_by(word, value, state)
        here = word in words(*state, *own)
        if word in writing.sizes and word in kept:
            own.insert(0, f"self.{kept[word]} = {word if here else bare(value)}")
        own[:0] = [f"{word} = {bare(value)}"] if here else []
    state = shortened(state, axes, told.values())
    told_also = [f"self.{at} = {word}" for word, at in held.items() if word in writing.sizes]
    state[:0] = [*told_also, *own]
    state = tidied(network, state, writing.lines)
    filled, by = defaults(network, writing), derived(network, writing)
    body = [*computed_here, *filled, *by, *checks, *gathered(writing.lines, 8)]
    writing.lines = on_the_spot(sizes_of(network, writing), body, 8)
    return ClassPlan(
        name,
        signature(network, definition),
        (f"{comment(file)}:{definition.span.line}",),
        tuple(_declared(network, members)),
        call("__init__", ["self", *parameters], before="def ", after=" -> None:"),
        tuple(state),
        forward,
        tuple(line.at(8) for line in writing.lines),
    )


def _lets(network: ir.Network, writing: Writing, kept: Mapping[str, str]) -> list[Line]:
    """The values with names that a body needs and computes itself."""
    found: list[Line] = []
    writing.lets = {}
    for word, value in reversed([*network.lets.items()]):
        if word in writing.sizes and word not in kept:
            found.insert(0, Line(f"{writing.renamed.get(word, word)} = {writing.quote(value)}"))
    return found


def _declared(network: ir.Network, members: Members) -> Iterator[str]:
    """What a type checker cannot know: that a buffer is a tensor."""
    for step in ir.every(network.steps):
        if isinstance(step, ir.StateStep) and step.kind == "buffer" and step.attribute:
            yield f"{members.names[step.attribute]}: Tensor"


def _keras_function(name: str, networks: list[ir.Network]) -> FunctionPlan:
    return FunctionPlan(
        f"def {name}(module: nn.Module) -> None:",
        "Initial weights of one module as in Keras",
        tuple(f"    {line}" for line in keras_body(networks)),
    )


def _required(network: ir.Network, told: frozenset[str], file: str) -> list[str]:
    """What a constructor asks of what it is told."""
    lines = []
    for span, condition, message in network.requires:
        if opened.names(condition, network.atoms) <= told:
            failed = opened.written(opened.operation("not", condition))
            says = quote(f"{file}:{span.line}: {message}")
            lines.append(f"if {failed}:\n    raise ValueError({says})")
    return lines


def _built(blocks: Blocks, axes: dict[str, str], step: ir.BlockStep) -> str:
    """The call that makes a block; `axes` is told what its sizes are called there."""
    name = blocks.name(step)
    whole = blocks.whole(step)
    if whole is None:
        return call(name)
    sizes = [bare(step.body.sizes[size]) for size in blocks.needed(whole)]
    axes |= dict(zip(sizes, blocks.needed(whole), strict=True))
    # What is computed goes in order; numbers, words and choices say what they are.
    named = {opened.safe(each): bare(value) for each, value in given(step, whole).items()}
    definition = blocks.program.program.definitions[step.block]
    for each in asked(whole, definition):
        word = opened.safe(each.name)
        if word not in named or not _is_computed(named[word]):
            break
        sizes.append(named.pop(word))
    return call(name, sizes, named)


def _is_computed(code: str) -> bool:
    tree = ast.parse(code, mode="eval")
    if isinstance(tree.body, ast.IfExp | ast.BoolOp | ast.UnaryOp):
        return False
    return any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _forward(
    network: ir.Network, definition: ir.Definition, blocks: Blocks, held: Mapping[str, str]
) -> tuple[Writing, str]:
    writing, parameters = _body(network, definition, blocks, held)
    gives = "Tensor" if len(network.outputs) == 1 else f"tuple[{_tensors(len(network.outputs))}]"
    forward = call("forward", ["self", *parameters], before="def ", after=f" -> {gives}:")
    if derived_by(network.steps):
        # Derivatives are wanted in evaluation too.
        forward = f"@torch.enable_grad()\n{forward}"
    return writing, forward


def _body(
    network: ir.Network, definition: ir.Definition, blocks: Blocks, held: Mapping[str, str]
) -> tuple[Writing, list[str]]:
    """The statements of `forward` or of a function, and its parameters."""
    lets = {size: word for word, size in network.lets.items() if isinstance(size, Dim)}
    while True:
        writing = _writing(network, blocks, held)
        writing.renamed = {**writing.renamed, **{word: f"self.{at}" for word, at in held.items()}}
        writing.functions = {
            id(step): _called(step, blocks)
            for step in ir.every(network.steps)
            if isinstance(step, ir.BlockStep) and not blocks.holds(step)
        }
        writing.lets, writing.ports = lets, tuple(port.name for port in definition.outputs)
        parameters = _parameters(network, writing)
        write(network, writing)
        # A name for a size is worth a line where it is used more than once.
        codes = "\n".join(line.code for line in writing.lines)
        often = {
            size: word
            for size, word in lets.items()
            if len(re.findall(rf"\b{held.get(word, word)}\b", codes)) > 1
        }
        if often == lets:
            return writing, parameters
        lets = often


def _writing(network: ir.Network, blocks: Blocks, held: Mapping[str, str]) -> Writing:
    """A fresh function body: names of other functions are taken, so are those of its sizes."""
    sizes = {size: local(size) for size in network.sizes}
    for value in network.inputs:
        # A network with numbers may have sizes of its caller.
        for size in (name for each in value.type.shape for name in each.names):
            sizes.setdefault(size, local(size))
    sizes |= {word: word for word in told(network)}
    taken = frozenset({*blocks.networks, *blocks.functions, *sizes.values()})
    taken |= numbers(network) | (network.lets.keys() - held.keys())
    writing = Writing(taken=taken, renamed=sizes, atoms=network.atoms)
    writing.members = blocks.members(network)
    writing.chains = {
        key: f"self.{name}"
        for key, name in writing.members.chains.items()
        if str(key) not in writing.members.elements
    }
    return writing


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
    required = [value for value in network.inputs if value.name not in network.defaults]
    writing.inputs = {writing.names[id(value)]: value for value in required}
    read_axes(network, writing)
    return parameters


def _called(step: ir.BlockStep, blocks: Blocks) -> tuple[str, Mapping[str, Any]]:
    """The function that a block without a state became, and its hyperparameters here."""
    whole = blocks.whole(step)
    return blocks.name(step), {} if whole is None else given(step, whole)


def _tensors(count: int) -> str:
    return ", ".join(["Tensor"] * count)


def _plain_function(
    name: str, network: ir.Network, definition: ir.Definition, blocks: Blocks, file: str
) -> FunctionPlan:
    writing, parameters = _body(network, definition, blocks, {})
    if writing.lost:
        raise Unwritable(definition.name, definition.span, writing.lost)
    filled, by = defaults(network, writing), derived(network, writing)
    body = [*_lets(network, writing, {}), *filled, *by, *gathered(writing.lines, 4)]
    writing.lines = on_the_spot(sizes_of(network, writing), body, 4)
    parameters += [
        parameter(each, writing.renamed[opened.safe(each.name)], network, blocks.program)
        for each in asked(network, definition)
    ]
    gives = "Tensor" if len(network.outputs) == 1 else f"tuple[{_tensors(len(network.outputs))}]"
    return FunctionPlan(
        call(name, parameters, before="def ", after=f" -> {gives}:"),
        signature(network, definition),
        tuple(line.at(4) for line in writing.lines),
        (f"{comment(file)}:{definition.span.line}",),
    )
