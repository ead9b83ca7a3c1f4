"""`predict.py`: what a trained model or a prediction of the spec makes of raw records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import ir
from .asking import ProcedureFile, procedure_file
from .classes import class_name
from .names import imported, variable
from .order import Part, short
from .procedures import ProceduresFile, is_counted
from .text import call, quote
from .training import build, is_column, output_names

NO_TARGETS = "TARGETS: dict[str, str] = {}"


@dataclass(frozen=True, slots=True)
class PredictFile:
    """What the template of `predict.py` sees."""

    title: str
    imports: tuple[str, ...]
    model: str
    data: str
    inputs: str
    targets: str
    build: str
    decode: str
    decoded: str
    signature: str
    encoded: tuple[str, ...]
    forward: str
    constants: tuple[str, ...] = ()
    template: str = "predict.py.j2"


@dataclass(frozen=True, slots=True)
class AnyFile:
    """What the template of a `predict.py` sees that names several."""

    title: str
    imports: tuple[str, ...]
    modules: str
    entries: tuple[str, ...]
    template: str = "predict_any.py.j2"


Prediction = PredictFile | ProcedureFile


@dataclass(frozen=True, slots=True)
class Predictions:
    """The modules that predict, by file; `modules` are those of trained models."""

    files: Mapping[str, Prediction | AnyFile]
    modules: Mapping[str, str]


def predictions(
    program: ir.TypedProgram,
    procedures: ProceduresFile | None,
    title: str,
    names: Mapping[str, str],
    kept: Mapping[str, str],
    parts: Sequence[Part],
) -> Predictions:
    """What `dlc predict` may ask: declared predictions, then the models, those of one loss.

    `names` are the variables of data blocks, `kept` what weights go by in checkpoints, `parts` the
    trainings by name where there are several.
    """
    found: dict[str, Prediction] = {}
    functions = procedures.functions if procedures is not None else ()
    for (name, each), function in zip(program.procedures.items(), functions, strict=True):
        counted = is_counted(function)
        found[name] = procedure_file(program, each, title, names, kept, parts, counted)
    models: dict[str, Prediction] = {}
    of_parts = [part.name for part in parts] or [""]
    for training, part in zip(program.trainings, of_parts, strict=True):
        if isinstance(training, ir.TypedTraining):
            node = training.training
            constants = []
            if part or node.name != node.model:
                constants.append(f"MODEL = {quote(kept[node.name])}  # the name of its weights")
            if part:
                constants.append(f"TRAINING = {quote(part)}  # the last that trained it")
            # Of a model that is trained again the last training counts, and its place.
            models.pop(node.name, None)
            models[node.name] = predict_file(training, title, names[node.data], tuple(constants))
    found |= models
    if len(found) < 2:
        alone = dict(zip(["predict.py"], found.values(), strict=False))
        return Predictions(alone, dict.fromkeys(_of_models(found), "predict"))
    modules = _modules(found)
    table = AnyFile(
        title,
        imported({"dlc.runtime.predict": {"launch_last"}}),
        imported({".": set(modules.values())})[0],
        tuple(f"{quote(name)}: {module}" for name, module in modules.items()),
    )
    files = {f"{modules[name]}.py": each for name, each in found.items()}
    known = {name: modules[name] for name in _of_models(found)}
    return Predictions({"predict.py": table, **files}, known)


def _of_models(found: Mapping[str, Prediction]) -> list[str]:
    return [name for name, each in found.items() if isinstance(each, PredictFile)]


def _modules(found: Mapping[str, Prediction]) -> dict[str, str]:
    """The name of each module."""
    modules: dict[str, str] = {}
    for name in found:
        number, unlike = 1, short(name)
        while f"predict_{unlike}" in modules.values():
            number += 1
            unlike = f"{short(name)}_{number}"
        modules[name] = f"predict_{unlike}"
    return modules


def predict_file(
    training: ir.TypedTraining, title: str, data: str, constants: tuple[str, ...] = ()
) -> PredictFile:
    """Everything that the `predict.py` of a model holds."""
    model = class_name(training.training.model, training.network)
    fields = tuple(dict.fromkeys(training.inputs.values()))
    encoded = (
        f"{variable(field)} = {data}.encode({quote(field)}, records).to(device)" for field in fields
    )
    targets = (f"{quote(each.output)}: {quote(each.field)}" for each in training.pairings)
    outputs = output_names(training)
    given = ", ".join(variable(field) for field in training.inputs.values())
    several = "*" if len(outputs) > 1 else ""
    used = {"Record", "launch", "rows"}
    decoded = []
    for output in outputs:
        kind, text = _decoded(training, output, data)
        used.add(kind)
        decoded.append(f"{quote(output)}: {kind}({text})")
    return PredictFile(
        title,
        (
            "from collections.abc import Sequence",
            "",
            "import torch",
            *imported({"dlc.runtime.predict": used}),
            "from torch import Tensor",
        ),
        model,
        data,
        quote(fields),
        f"TARGETS = {{{', '.join(targets)}}}" if training.pairings else NO_TARGETS,
        build(training),
        call(
            "decode",
            [f"{variable(output)}: Tensor" for output in outputs],
            before="def ",
            after=" -> list[Record]:",
        ),
        f"rows({{{', '.join(decoded)}}})",
        call(
            "predict",
            [f"model: {model}", "records: Sequence[Record]", 'device: str = "cpu"'],
            before="def ",
            after=" -> list[Record]:",
        ),
        tuple(encoded),
        f"decode({several}model({given}))",
        constants,
    )


def _decoded(training: ir.TypedTraining, output: str, data: str) -> tuple[str, str]:
    """How an output becomes what a person reads: the function that does it, and of what."""
    name = variable(output)
    pairs = {pairing.output: pairing for pairing in training.pairings}
    pairing = pairs.get(output)
    if pairing is None:
        return "numbers", name
    if pairing.meaning == "number":
        if not training.data.fields[pairing.field].field.steps:
            return "numbers", name
        return "numbers", f"{data}.inverse({quote(pairing.field)}, {name})"
    given = training.data.fields[pairing.field].type
    labels = f"{data}.labels({quote(pairing.field)})"
    if pairing.meaning == "classes":
        index = output_names(training).index(output)
        meaning = training.network.outputs[index].type.meaning
        along = pairing.axis
        known = {"log_probabilities": f"{name}.exp()", "probabilities": name}
        score = known.get(meaning, f"{name}.softmax({along})")
        if given.classes is None:
            return "numbers", score
        axis = f", axis={along}" if along != 1 else ""
        return "classes", f"{score}, {labels}{axis}"
    flat = f"{name}[:, 0]" if is_column(training, output) else name
    probability = f"{flat}.sigmoid()" if pairing.meaning == "logit" else flat
    if given.classes is None:
        return "numbers", probability
    return "binary", f"{probability}, {labels}"
