"""`procedures.py`: predictions that a spec declares, and what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import ir
from .names import local, variable
from .network import derived_by, write
from .opening import conditions, derived, sizes_of
from .order import called, variables
from .text import call, comment, quote
from .trainfile import FunctionText, import_lines
from .writing import Writing


@dataclass(frozen=True, slots=True)
class ProceduresFile:
    """What the template of `procedures.py` sees."""

    title: str
    imports: tuple[str, ...]
    models: tuple[str, ...]
    functions: tuple[FunctionText, ...]


def procedures_file(program: ir.TypedProgram, title: str, file: str) -> ProceduresFile:
    """Everything that `procedures.py` holds."""
    classes = called(program.trainings)
    functions = tuple(_function(each, classes, file) for each in program.procedures.values())
    used = {classes[name] for each in program.procedures.values() for name in each.uses}
    lines = [line for each in functions for line in each.body]
    return ProceduresFile(
        title,
        import_lines({"torch": {"Tensor"}}, [*lines, "torch."]),
        tuple(sorted(map(variable, used))),
        functions,
    )


def is_counted(function: FunctionText) -> bool:
    """Whether a prediction is told how many records are wanted: no input tells it."""
    return ", n: int" in function.signature or "(n: int" in function.signature


def _function(procedure: ir.TypedProcedure, classes: Mapping[str, str], file: str) -> FunctionText:
    node, network = procedure.procedure, procedure.network
    inputs = {value.name: variable(value.name) for value in network.inputs}
    uses = {name: classes[name] for name in procedure.uses}
    models = variables(uses, {*inputs.values(), variable(node.name)})
    taken = frozenset(models.values())
    sizes = {size: local(size, taken | {*inputs.values()}) for size in node.sizes}
    writing = Writing(taken=taken, renamed={**sizes, "N": "n"})
    writing.device = f"{next(iter(inputs.values()))}.device" if inputs else "device"
    writing.nesting = True
    writing.functions = {
        id(step): (models[step.attribute], {})
        for step in ir.every(network.steps)
        if isinstance(step, ir.BlockStep)
    }
    for value in network.inputs:
        writing.names[id(value)] = inputs[value.name]
        writing.holders[inputs[value.name]] = id(value)
    write(network, writing)
    asserted = conditions(network, writing, file)
    opening = [*derived(network, writing), *sizes_of(network, writing), *asserted]
    given = [f"{held}: {variable(uses[name])}" for name, held in models.items()]
    given += [f"{name}: Tensor" for name in inputs.values()]
    told = any(str(size) == "N" for each in network.inputs for size in each.type.shape)
    counted = not inputs or (not told and "N" in writing.sizes)
    given += ["n: int"] if counted else []
    given += [] if inputs else ['device: str = "cpu"']
    outputs = zip(node.outputs, network.outputs, strict=True)
    shown = comment(", ".join(f"{port.name} {value.type}" for port, value in outputs))
    count = len(node.outputs)
    gives = "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"
    name = variable(node.name)
    return FunctionText(
        call(name, given, before="def ", after=f" -> {gives}:"),
        f"{shown}{' for `n` records' if counted else ''}.",
        (
            *(f"{held}.eval()" for held in models.values()),
            *(line.at(0) for line in (*opening, *writing.lines)),
        ),
        learns=bool(derived_by(network.steps)),
    )


def drawn(entry: ir.Expectation, procedure: ir.TypedProcedure, models: str) -> str:
    """`draw(models["G"], 1000).mean().item()`; `models` is a mapping, or one model."""
    given = [
        f"{models}[{quote(name)}]" if models == "models" else models for name in procedure.uses
    ]
    count = quote(entry.arguments["records"])
    code = call(variable(entry.name), [*given, count])
    names = [port.name for port in procedure.procedure.outputs]
    if len(names) > 1:
        code += f"[{names.index(entry.arguments['of'])}]"
    return f"{code}.{entry.arguments['reduction']}().item()"


def entry_text(entry: ir.Expectation, value: str, file: str) -> str:
    """`expected("…", measured, …)`: one expectation with its place."""
    named = {"of": quote(entry.target), "tolerance": quote(entry.tolerance)}
    if entry.operator != "within":
        named = {"operator": quote(entry.operator), "bound": quote(entry.target)}
    named["place"] = quote(f"{comment(file)}:{entry.span.line}")
    text = quote(comment(" ".join(entry.span.text.split())))
    return call("expected", [text, value], named)
