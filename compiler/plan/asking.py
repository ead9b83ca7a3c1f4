"""`predict.py` of a prediction that the spec declares: what it is given, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import ir
from .calls import dtype
from .classes import made
from .names import imported, variable
from .order import Part, Training, called
from .text import call, quote
from .trainfile import import_lines


@dataclass(frozen=True, slots=True)
class ProcedureFile:
    """What the template of such a `predict.py` sees."""

    title: str
    name: str
    summary: str
    imports: tuple[str, ...]
    own: tuple[str, ...]
    constants: tuple[str, ...]
    built: str
    signature: str
    body: tuple[str, ...]
    template: str = "predict_procedure.py.j2"


def procedure_file(
    program: ir.TypedProgram,
    procedure: ir.TypedProcedure,
    title: str,
    names: Mapping[str, str],
    keys: Mapping[str, str],
    parts: Sequence[Part],
    counted: bool,
) -> ProcedureFile:
    """Everything that it holds; `names` are the variables of data blocks, `keys` of weights.

    `counted` tells that the function is told how many records are wanted.

    An input with the name and the type of a field takes raw columns, as that field does; any other
    one takes its values as they are.
    """
    node, inputs = procedure.procedure, procedure.network.inputs
    classes = {keys[name]: called(program.trainings)[name] for name in procedure.uses}
    training = _encoding(inputs, program.trainings)
    data = names[training.data.data.name] if training is not None else ""
    fields = training.data.fields if training is not None else {}
    function = variable(node.name)
    held = {each.name: variable(each.name, {function}) for each in inputs}
    body = [
        f"{held[each.name]} = {_given(each, data if each.name in fields else '')}"
        for each in inputs
    ]
    given = [f"models[{quote(key)}]" for key in classes]
    given += held.values()
    together = _together(procedure, counted)
    if not inputs:
        given += ["count" if together else "1", "device"]
    elif counted:
        given.append("1")
    taken = {function, *held.values(), "count"}
    outputs = {port.name: variable(port.name, taken) for port in node.outputs}
    body.append(call(function, given, before=f"{', '.join(outputs.values())} = "))
    shown = zip(outputs.items(), procedure.network.outputs, strict=True)
    entries = [
        f"{quote(name)}: numbers({held if _is_record(procedure, value) else f'{held}[None]'})"
        for (name, held), value in shown
    ]
    body.append(f"return rows({{{', '.join(entries)}}})")
    constants = [f"NAME = {quote(node.name)}"]
    constants.append(f"INPUTS = {quote(tuple(each.name for each in inputs))}")
    if not together:
        constants.append("AT_ONCE = 1  # its records are asked one by one")
    if parts and training is not None:
        part = dict(zip(map(id, program.trainings), parts, strict=True))[id(training)]
        constants.append(f"TRAINING = {quote(part.name)}  # its data steps were fitted there")
    found = {"torch.nn": {"Module"}}
    found["dlc.runtime.predict"] = {"Models", "Record", "launch", "numbers", "rows"}
    if any(each.name not in fields for each in inputs):
        found["dlc.runtime.asking"] = {"asked"}
    standard = ("from collections.abc import Sequence", "") if inputs else ()
    own = {".model": set(map(variable, classes.values())), ".procedures": {function}}
    if data:
        own[".data"] = {data}
    records = "records: Sequence[Record]" if inputs else "count: int"
    return ProcedureFile(
        title,
        node.name,
        "raw records in, numbers out" if inputs else "so many records as numbers",
        (*standard, *import_lines(found, body)),
        imported({module: each for module, each in own.items() if each}),
        tuple(constants),
        _built(program.trainings, procedure.uses, keys),
        call(
            "predict",
            ["models: Models", records, 'device: str = "cpu"'],
            before="def ",
            after=" -> list[Record]:",
        ),
        tuple(body),
    )


def _built(trainings: Sequence[Training], uses: Sequence[str], keys: Mapping[str, str]) -> str:
    """`{"Q": Value(width=64)}`: the models as they were trained."""
    made: dict[str, str] = {}
    for training in trainings:
        made |= dict(_constructed(training))
    return f"{{{', '.join(f'{quote(keys[name])}: {made[name]}' for name in uses)}}}"


def _constructed(training: Training) -> Iterator[tuple[str, str]]:
    match training:
        case ir.TypedTraining(training=node, network=network):
            yield node.name, made(node.model, network, node.arguments)
        case ir.TypedStepped(training=steps, models=models):
            of_name = {}
            for each in steps.models:
                of_name[each.name] = made(each.definition, models[each.name], each.arguments)
            yield from of_name.items()
            yield from ((each.name, of_name[each.original]) for each in steps.copies)


def _encoding(inputs: Sequence[ir.Value], trainings: Sequence[Training]) -> Training | None:
    """The last training whose data has fields of the names of inputs, all of their types."""
    for training in reversed(trainings):
        fields = training.data.fields
        named = [each for each in inputs if each.name in fields]
        if named and all(_is_field(each, fields[each.name]) for each in named):
            return training
    return None


def _is_field(value: ir.Value, field: ir.TypedField) -> bool:
    first, *rest = value.type.shape or (None,)
    ours, theirs = value.type, field.type
    return (
        first is not None
        and first.value is None
        and tuple(rest) == theirs.shape
        and (ours.dtype, ours.classes, ours.tokens) == (theirs.dtype, theirs.classes, theirs.tokens)
    )


def _given(value: ir.Value, data: str) -> str:
    """The tensor of an input, made of records."""
    if data:
        return f"{data}.encode({quote(value.name)}, records).to(device)"
    shape = value.type.shape
    entry = shape[1:] if _is_open(value) else shape
    named = {}
    if value.type.dtype != "f32":
        named["dtype"] = dtype(value.type.dtype)
    below = value.type.classes or value.type.tokens
    if below is not None:
        named["below"] = quote(below)
    sizes = quote(tuple(size.value for size in entry))
    code = call("asked", [quote(value.name), "records", sizes], named, after=".to(device)")
    return code if _is_open(value) else code.replace(".to(", "[0].to(")


def _is_open(value: ir.Value) -> bool:
    """Whether the first axis of an input counts records."""
    return bool(value.type.shape) and value.type.shape[0].value is None


def _together(procedure: ir.TypedProcedure, counted: bool) -> bool:
    """Whether many records are asked at once: all that comes and goes is so many along."""
    inputs, outputs = procedure.network.inputs, procedure.network.outputs
    if not inputs:
        return all(_is_record(procedure, value) for value in outputs)
    first = {str(each.type.shape[0]) if _is_open(each) else "" for each in inputs}
    plain = all(size.value is not None for each in inputs for size in each.type.shape[1:])
    return (
        len(first) == 1
        and "" not in first
        and plain
        and not counted
        and all(_is_record(procedure, value) for value in outputs)
    )


def _is_record(procedure: ir.TypedProcedure, value: ir.Value) -> bool:
    """Whether an output has an entry for each record."""
    inputs = procedure.network.inputs
    sizes = [each.type.shape[0] for each in inputs if _is_open(each)]
    names = {str(size) for size in sizes} if inputs else {"N"}
    return bool(value.type.shape) and str(value.type.shape[0]) in names
