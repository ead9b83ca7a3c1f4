"""`predict.py` and `expect.py`: what happens with a trained model, ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import ir
from .names import imported, variable
from .text import call, comment, quote
from .training import build, forward, is_column, output_names


@dataclass(frozen=True, slots=True)
class PredictFile:
    """What the template of `predict.py` sees."""

    title: str
    imports: tuple[str, ...]
    model: str
    data: str
    build: str
    signature: str
    encoded: tuple[str, ...]
    forward: str
    decoded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectFile:
    """What the template of `expect.py` sees."""

    title: str
    model: str
    predicts: bool
    entries: tuple[str, ...]


def predict_file(training: ir.TypedTraining, title: str, data: str) -> PredictFile:
    """Everything that `predict.py` holds."""
    model = variable(training.training.model)
    encoded = (
        f"{variable(field)} = {data}.encode({quote(field)}, records).to(device)"
        for field in dict.fromkeys(training.inputs.values())
    )
    used = {"Record", "launch", "rows"}
    decoded = []
    for output in output_names(training):
        kind, text = _decoded(training, output, data)
        used.add(kind)
        decoded.append(f"{quote(output)}: {kind}({text}),")
    return PredictFile(
        title,
        (
            "from collections.abc import Sequence",
            "",
            "import torch",
            *imported({"dlc.runtime.predict": used}),
        ),
        model,
        data,
        build(training, model),
        call(
            "predict",
            [f"model: {model}", "records: Sequence[Record]", 'device: str = "cpu"'],
            before="def ",
            after=" -> list[Record]:",
        ),
        tuple(encoded),
        forward(training),
        tuple(decoded),
    )


def _decoded(training: ir.TypedTraining, output: str, data: str) -> tuple[str, str]:
    """How an output becomes what a person reads: `classes` or `numbers`, and of what."""
    name = variable(output)
    pairs = {pairing.output: pairing for pairing in training.pairings}
    pairing = pairs.get(output)
    if pairing is None:
        return "numbers", name
    if pairing.meaning == "number":
        if not training.data.fields[pairing.field].field.steps:
            return "numbers", name
        return "numbers", f"{data}.inverse({quote(pairing.field)}, {name})"
    flat = f"{name}[:, 0]" if is_column(training, output) else name
    index = output_names(training).index(output)
    meaning = training.network.outputs[index].type.meaning
    probabilities = {
        "classes": f"{name}.exp()" if meaning == "log_probabilities" else f"{name}.softmax(1)",
        "logit": f"{flat}.sigmoid()",
        "probability": flat,
    }[pairing.meaning]
    if training.data.fields[pairing.field].type.classes is None:
        return "numbers", probabilities
    return "classes", f"{probabilities}, {data}.labels({quote(pairing.field)})"


def expect_file(
    program: ir.TypedProgram, training: ir.TypedTraining, title: str, file: str
) -> ExpectFile:
    """Everything that `expect.py` holds; what is known already was decided by the checker."""
    entries = []
    predicts = False
    for entry in program.expectations:
        match entry.subject:
            case "metric":
                value = f"results[{quote(entry.split)}][{quote(entry.name)}]"
            case "predict":
                predicts = True
                pairs = (f"{quote(k)}: {_plain(v)}" for k, v in entry.arguments.items())
                key = _key(entry, training)
                value = f"predict(model, [{{{', '.join(pairs)}}}])[0]{key}"
            case _:
                continue
        named = {"of": quote(entry.target), "tolerance": quote(entry.tolerance)}
        if entry.operator != "within":
            named = {"operator": quote(entry.operator), "bound": quote(entry.target)}
        named["place"] = quote(f"{comment(file)}:{entry.span.line}")
        text = quote(comment(" ".join(entry.span.text.split())))
        entries.append(call("expected", [text, value], named))
    return ExpectFile(title, variable(training.training.model), predicts, tuple(entries))


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
