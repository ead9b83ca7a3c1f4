"""`procedures.py`: predictions that a spec declares; and what a training in steps expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import ir
from .names import instance, variable
from .network import write
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


@dataclass(frozen=True, slots=True)
class SteppedExpectFile:
    """What the template of `expect.py` sees where several models were trained."""

    title: str
    imports: tuple[str, ...]
    procedures: tuple[str, ...]
    entries: tuple[str, ...]
    template: str = "expect_models.py.j2"


def trained_models(training: ir.TypedTraining | ir.TypedStepped) -> dict[str, str]:
    """The names of the models in steps and predictions, and the class of each."""
    if isinstance(training, ir.TypedTraining):
        return {training.training.model: variable(training.training.model)}
    return {each.name: variable(each.definition) for each in training.training.models}


def procedures_file(
    program: ir.TypedProgram, training: ir.TypedTraining | ir.TypedStepped, title: str
) -> ProceduresFile:
    """Everything that `procedures.py` holds."""
    classes = trained_models(training)
    functions = tuple(_function(each, classes) for each in program.procedures.values())
    used = {name for each in program.procedures.values() for name in each.uses}
    lines = [line for each in functions for line in each.body]
    return ProceduresFile(
        title,
        import_lines({"torch": {"Tensor"}}, [*lines, "torch."]),
        tuple(dict.fromkeys(held for name, held in classes.items() if name in used)),
        functions,
    )


def _function(procedure: ir.TypedProcedure, classes: Mapping[str, str]) -> FunctionText:
    node = procedure.procedure
    models = {name: instance(name, classes[name]) for name in procedure.uses}
    writing = Writing(taken=frozenset(models.values()), renamed={"N": "n"})
    writing.device = "device"
    writing.nesting = True
    writing.functions = {
        id(step): (models[step.attribute], {})
        for step in procedure.network.steps
        if isinstance(step, ir.BlockStep)
    }
    write(procedure.network, writing)
    given = [f"{held}: {classes[name]}" for name, held in models.items()]
    outputs = zip(node.outputs, procedure.network.outputs, strict=True)
    shown = ", ".join(f"{port.name} {value.type}" for port, value in outputs)
    count = len(node.outputs)
    gives = "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"
    return FunctionText(
        call(
            variable(node.name),
            [*given, "n: int", 'device: str = "cpu"'],
            before="def ",
            after=f" -> {gives}:",
        ),
        f"{shown} for `n` records.",
        (*(f"{held}.eval()" for held in models.values()), *(line.at(0) for line in writing.lines)),
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


def stepped_expect_file(
    program: ir.TypedProgram, title: str, file: str
) -> SteppedExpectFile | None:
    """Everything that `expect.py` holds; None where all is known already."""
    entries = []
    used: dict[str, None] = {}
    for entry in program.expectations:
        match entry.subject:
            case "step":
                keys = (entry.split, entry.name, entry.arguments["of"])
                value = "results" + "".join(f"[{quote(key)}]" for key in keys)
            case "procedure":
                used[variable(entry.name)] = None
                value = drawn(entry, program.procedures[entry.name], "models")
            case _:
                continue
        entries.append(entry_text(entry, value, file))
    if not entries:
        return None
    own = {"dlc.runtime.expect": {"Expected", "Results", "expected"}, "torch.nn": {"Module"}}
    imports = ("from collections.abc import Mapping", "", *import_lines(own, ()))
    return SteppedExpectFile(title, imports, tuple(sorted(used)), tuple(entries))
