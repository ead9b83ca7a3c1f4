"""`predict.py` and `expect.py`: what happens with a trained model, ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import ir
from .names import imported, variable
from .procedures import drawn, entry_text
from .text import call, quote
from .training import build, is_column, output_names


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


@dataclass(frozen=True, slots=True)
class ExpectFile:
    """What the template of `expect.py` sees."""

    title: str
    model: str
    predicts: bool
    procedures: tuple[str, ...]
    entries: tuple[str, ...]


def predict_file(training: ir.TypedTraining, title: str, data: str) -> PredictFile:
    """Everything that `predict.py` holds."""
    model = variable(training.training.model)
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
        f"{{{', '.join(targets)}}}",
        build(training, model),
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


def expect_file(
    program: ir.TypedProgram, training: ir.TypedTraining, title: str, file: str
) -> ExpectFile:
    """Everything that `expect.py` holds; what is known already was decided by the checker."""
    entries = []
    used: dict[str, None] = {}
    predicts = False
    for entry in program.expectations:
        match entry.subject:
            case "metric":
                value = f"results[{quote(entry.split)}][{quote(entry.name)}]"
            case "procedure":
                used[variable(entry.name)] = None
                value = drawn(entry, program.procedures[entry.name], "model")
            case "predict":
                predicts = True
                pairs = (f"{quote(k)}: {_plain(v)}" for k, v in entry.arguments.items())
                key = _key(entry, training)
                value = f"predict(model, [{{{', '.join(pairs)}}}])[0]{key}"
            case _:
                continue
        entries.append(entry_text(entry, value, file))
    model = variable(training.training.model)
    return ExpectFile(title, model, predicts, tuple(sorted(used)), tuple(entries))


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
