"""`expect.py`: what is expected of trained models, against what was measured of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import ir
from .classes import class_name
from .names import imported, variable
from .order import Part, Training
from .procedures import drawn, entry_text
from .text import quote


@dataclass(frozen=True, slots=True)
class ExpectFile:
    """What the template of `expect.py` sees."""

    title: str
    model: str
    own: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsExpectFile:
    """What the template of `expect.py` sees where several models were trained."""

    title: str
    imports: tuple[str, ...]
    own: tuple[str, ...]
    entries: tuple[str, ...]
    template: str = "expect_models.py.j2"


def expect_file(
    program: ir.TypedProgram,
    training: ir.TypedTraining,
    modules: Mapping[str, str],
    title: str,
    file: str,
) -> ExpectFile | None:
    """Everything that `expect.py` holds; None where the checker has decided all of it.

    `modules` predict with trained models, by the names of these.
    """
    entries = []
    own: dict[str, set[str]] = {}
    for entry in program.expectations:
        match entry.subject:
            case "metric":
                value = f"results[{quote(entry.split)}][{quote(entry.name)}]"
            case "procedure":
                own.setdefault(".procedures", set()).add(variable(entry.name))
                value = drawn(entry, program.procedures[entry.name], "model")
            case "predict":
                own[f".{modules[training.training.name]}"] = {"predict"}
                value = _predicted(entry, training, "predict", "model")
            case _:
                continue
        entries.append(entry_text(entry, value, file))
    model = class_name(training.training.model, training.network)
    if not entries:
        return None
    own[".model"] = {model}
    return ExpectFile(title, model, imported(own), tuple(entries))


def models_expect_file(
    program: ir.TypedProgram,
    parts: Sequence[Part],
    modules: Mapping[str, str],
    title: str,
    file: str,
) -> ModelsExpectFile | None:
    """The same where several models were trained.

    `parts` are the trainings by name, none where there is one alone.
    """
    entries = []
    own: dict[str, set[str]] = {}
    for entry in program.expectations:
        match entry.subject:
            case "metric" | "step":
                training, part = _asked(entry, program.trainings, parts)
                keys = [part] if part else []
                keys += [entry.split, entry.name, *entry.arguments.values()]
                value = "results" + "".join(f"[{quote(key)}]" for key in keys)
            case "procedure":
                own.setdefault(".procedures", set()).add(variable(entry.name))
                value = drawn(entry, program.procedures[entry.name], "models")
            case "predict":
                training, _ = _asked(entry, program.trainings, parts)
                assert isinstance(training, ir.TypedTraining)
                name = training.training.name
                others = {variable(each) for each in program.procedures}
                called = variable(modules[name], others)
                own[f".{modules[name]}"] = {f"predict as {called}"}
                value = _predicted(entry, training, called, f"models[{quote(name)}]")
            case _:
                continue
        entries.append(entry_text(entry, value, file))
    if not entries:
        return None
    ours = imported({"dlc.runtime.expect": {"Expected", "Models", "Results", "expected"}})
    return ModelsExpectFile(title, ours, imported(own), tuple(entries))


def asked(
    program: ir.TypedProgram, training: ir.TypedTraining, parts: Sequence[Part]
) -> Iterator[ir.Expectation]:
    """The expectations of metrics that this training measures."""
    for entry in program.expectations:
        of_it = entry.subject == "metric" and _asked(entry, program.trainings, parts)
        if of_it and of_it[0] is training:
            yield entry


def _asked(
    entry: ir.Expectation, trainings: Sequence[Training], parts: Sequence[Part]
) -> tuple[Training, str]:
    """The training that an expectation speaks of, the last that there is, and its name."""
    names = [part.name for part in parts] or [""]
    for training, name in reversed(list(zip(trainings, names, strict=True))):
        match training:
            case ir.TypedStepped(steps=steps) if entry.subject == "step":
                if any(each.step.name == entry.name for each in steps):
                    return training, name
            case ir.TypedTraining(training=node) if entry.subject == "metric":
                if entry.model in ("", node.name):
                    return training, name
            case ir.TypedTraining(outputs=outputs) if entry.subject == "predict":
                if any(port.name == entry.name for port in outputs):
                    return training, name
    raise AssertionError(entry)


def _predicted(entry: ir.Expectation, training: ir.TypedTraining, predict: str, model: str) -> str:
    """`predict(model, [{"x": 7}])[0]["y_hat"]`."""
    pairs = ", ".join(f"{quote(k)}: {_plain(v)}" for k, v in entry.arguments.items())
    return f"{predict}({model}, [{{{pairs}}}])[0]{_key(entry, training)}"


def _plain(value: Any) -> str:
    return f"[{', '.join(map(_plain, value))}]" if isinstance(value, tuple) else quote(value)


def _key(entry: ir.Expectation, training: ir.TypedTraining) -> str:
    """Where a prediction's row holds what is expected of: the number, or with `.label` the name."""
    pairing = {each.output: each for each in training.pairings}.get(entry.name)
    if entry.decoded or pairing is None or pairing.meaning not in ("logit", "probability"):
        return f"[{quote(entry.name)}]"
    given = training.data.fields[pairing.field].type
    if given.classes is None:
        return f"[{quote(entry.name)}]"
    second = given.labels[1] if given.labels else "1"
    return f"[{quote(f'{entry.name}.probabilities')}][{quote(second)}]"
