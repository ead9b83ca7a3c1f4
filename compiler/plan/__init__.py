"""Pass 5: typed IR → what templates may see: names, imports, shape comments, ready lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from .. import ir
from ..source import Source
from .data import DataFile, data_file
from .model import ModelFile, model_file
from .names import folder, variable
from .procedures import (
    ProceduresFile,
    SteppedExpectFile,
    procedures_file,
    stepped_expect_file,
)
from .serving import ExpectFile, PredictFile, expect_file, predict_file
from .stepped import stepped_file
from .text import comment
from .trainfile import TrainFile
from .training import train_file


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a package; those that a spec has no use for are None."""

    package: str
    title: str
    model: ModelFile
    data: DataFile | None
    train: TrainFile | None
    predict: PredictFile | None
    expect: ExpectFile | SteppedExpectFile | None
    procedures: ProceduresFile | None


def plan(program: ir.TypedProgram, source: Source) -> Plan:
    """Decide everything about the emitted package but its layout."""
    file = PurePath(source.path).name if source.path != "-" else "spec.dl"
    title = comment(file)
    model = model_file(program, title, file)
    package = folder(PurePath(file).stem)
    names = _data_names(program)
    data = data_file(program, title, names) if program.data else None
    if not program.trainings:
        return Plan(package, title, model, data, None, None, None, None)
    (training,) = program.trainings
    own = procedures_file(program, training, title) if program.procedures else None
    if isinstance(training, ir.TypedStepped):
        dataset = names[training.training.data]
        return Plan(
            package,
            title,
            model,
            data,
            stepped_file(training, title, dataset),
            None,
            stepped_expect_file(program, title, file),
            own,
        )
    dataset = names[training.training.data]
    expected = {entry.split for entry in program.expectations if entry.subject == "metric"}
    measured = any(entry.subject != "parameters" for entry in program.expectations)
    return Plan(
        package,
        title,
        model,
        data,
        train_file(training, title, dataset, expected),
        predict_file(training, title, dataset),
        expect_file(program, training, title, file) if measured else None,
        own,
    )


def _data_names(program: ir.TypedProgram) -> dict[str, str]:
    """Variables of data blocks, different from those of models, fields and outputs."""
    taken = {variable(name) for name in program.models}
    for model in program.models.values():
        ports = (*model.definition.inputs, *model.definition.outputs)
        taken |= {variable(port.name) for port in ports}
    taken |= {variable(field) for data in program.data.values() for field in data.fields}
    names: dict[str, str] = {}
    for name in program.data:
        names[name] = variable(name, taken)
        taken.add(names[name])
    return names
