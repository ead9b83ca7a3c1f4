"""Pass 5: typed IR → what templates may see: names, imports, shape comments, ready lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from .. import ir
from ..source import Source
from .classes import PROGRAM
from .data import DataFile, data_file
from .expectations import ExpectFile, ModelsExpectFile, asked, expect_file, models_expect_file
from .model import ModelFile, model_file
from .names import folder, variable
from .order import OrderFile, Part, called, in_order, keys, order_file
from .procedures import ProceduresFile, procedures_file
from .serving import AnyFile, Prediction, predictions
from .stepped import frozen_names, optimizer_name, stepped_file
from .text import comment
from .trainfile import TrainFile
from .training import train_file


@dataclass(frozen=True, slots=True)
class Plan:
    """The files of a package; those that a spec has no use for are None.

    `more` are files of their own by name: of several trainings, and of several predictions.
    """

    package: str
    title: str
    model: ModelFile
    data: DataFile | None
    train: TrainFile | OrderFile | None = None
    predict: Prediction | AnyFile | None = None
    expect: ExpectFile | ModelsExpectFile | None = None
    procedures: ProceduresFile | None = None
    more: Mapping[str, TrainFile | Prediction | AnyFile] = field(default_factory=dict)


def plan(program: ir.TypedProgram, source: Source) -> Plan:
    """Decide everything about the emitted package but its layout."""
    PROGRAM.set(program)
    file = PurePath(source.path).name if source.path != "-" else "spec.dl"
    title = comment(file)
    model = model_file(program, title, file)
    package = folder(PurePath(file).stem)
    names = _data_names(program)
    data = data_file(program, title, names) if program.data else None
    if not program.trainings:
        return Plan(package, title, model, data)
    several = in_order(program.trainings) if len(program.trainings) > 1 else []
    kept = _kept(program)
    own = procedures_file(program, title, file) if program.procedures else None
    asking = predictions(program, own, title, names, kept, several)
    train, more = _trainings(program, several, title, names, kept)
    expect: ExpectFile | ModelsExpectFile | None
    (first, *_) = program.trainings
    if isinstance(first, ir.TypedTraining) and not several:
        expect = expect_file(program, first, asking.modules, title, file)
    else:
        expect = models_expect_file(program, several, asking.modules, title, file)
    served = dict(asking.files)
    predict = served.pop("predict.py", None)
    return Plan(package, title, model, data, train, predict, expect, own, {**more, **served})


def _trainings(
    program: ir.TypedProgram,
    several: list[Part],
    title: str,
    names: Mapping[str, str],
    kept: Mapping[str, str],
) -> tuple[TrainFile | OrderFile, dict[str, TrainFile]]:
    """`train.py`, and the files of several trainings by name."""
    files = []
    none: list[Part | None] = [None]
    for training, part in zip(program.trainings, several or none, strict=True):
        data = names[training.training.data]
        if isinstance(training, ir.TypedStepped):
            files.append(stepped_file(training, title, data, part, kept))
            continue
        expected = {entry.split for entry in asked(program, training, several)}
        key = kept[training.training.name]
        files.append(train_file(training, title, data, expected, part, key))
    if not several:
        return files[0], {}
    of_parts = {f"{part.module}.py": each for part, each in zip(several, files, strict=True)}
    return order_file(program.trainings, several, title, names), of_parts


def _kept(program: ir.TypedProgram) -> dict[str, str]:
    """What weights go by in checkpoints; the only model, under its own name, is "model" there."""
    match program.trainings:
        case (ir.TypedTraining(training=only),) if only.name == only.model:
            return {only.name: "model"}
    return keys(called(program.trainings))


def _data_names(program: ir.TypedProgram) -> dict[str, str]:
    """Variables of data blocks, different from those of models, fields, outputs, predictions."""
    taken = {variable(name) for name in program.models}
    for model in program.models.values():
        ports = (*model.definition.inputs, *model.definition.outputs)
        taken |= {variable(port.name) for port in ports}
    taken |= {variable(field) for data in program.data.values() for field in data.fields}
    taken |= {variable(name) for name in program.procedures}
    for procedure in program.procedures.values():
        ports = (*procedure.procedure.inputs, *procedure.procedure.outputs)
        taken |= {variable(port.name) for port in ports}
    for training in program.trainings:
        if isinstance(training, ir.TypedStepped):
            taken |= {optimizer_name(training, each.step.name) for each in training.steps}
            taken |= {*frozen_names(training).values()}
    names: dict[str, str] = {}
    for name in program.data:
        names[name] = variable(name, taken)
        taken.add(names[name])
    return names
