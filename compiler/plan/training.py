"""`train.py`: the loop, ready for its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import ir
from ..catalog.record import Metric, SourceRecord
from ..cost import costs
from .data import record_arguments
from .names import held, imported, variable
from .network import Writing, write
from .text import call, quote

SMALL = 4_000_000  # operations a step below which one thread beats several


@dataclass(frozen=True, slots=True)
class TrainFile:
    """What the template of `train.py` sees."""

    title: str
    summary: str
    imports: tuple[str, ...]
    constants: tuple[str, ...]
    model: str
    data: str
    evaluate_summary: str
    inputs: str
    evaluated: str
    evaluation: tuple[str, ...]
    results: tuple[str, ...]
    setup: tuple[str, ...]
    counts: bool
    unpacked: str
    batches: str
    step: tuple[str, ...]
    log: str
    finish: str


def train_file(
    training: ir.TypedTraining, title: str, data: str, splits: list[str], expected: set[str]
) -> TrainFile:
    """Everything that `train.py` holds; `expected` are the splits that expectations speak of."""
    node = training.training
    model = variable(node.model)
    fields = list(training.data.fields)
    imports: dict[str, set[str]] = {"dlc.runtime.run": {"Run", "launch"}}
    measured = _measured(node, splits, expected)
    evaluation: list[str] = []
    results: list[str] = []
    if measured or "validation" in splits:
        imports["dlc.runtime.dataset"] = {"Split"}
        evaluation, results = _evaluation(training, data, imports)
    setup = tuple(_setup(training, model, data, imports))
    read = {value.name for value in training.loss.inputs} | set(training.inputs.values())
    first = variable(next(field for field in fields if field in read))
    step = [
        forward(training),
        *_loss(training, data, {field: variable(field) for field in fields}),
        "optimizer.zero_grad()",
        "loss.backward()",
        "optimizer.step()",
        f"total += loss.detach() * len({first})",
    ]
    plain = ["import torch"]
    if any("F." in line for line in (*step, *evaluation, *results)):
        plain.append("import torch.nn.functional as F")
    options = training.options
    last = ", drop_last=True" if options["drop_last"] else ""
    seen = "seen" if options["drop_last"] else "len(data.train)"
    if options["drop_last"]:
        step.append(f"seen += len({first})")
    validation = ", evaluate(model, data.validation)" if "validation" in splits else ""
    named = {split: f"evaluate(model, data.{split})" for split in measured}
    what = "loss and metrics" if node.metrics else "loss"
    return TrainFile(
        title,
        f"Train {node.model} on {node.data}.",
        (*plain, *imported(imports), *(["from torch import Tensor"] if results else [])),
        (
            f"EPOCHS = {quote(options['epochs'])}",
            f"BATCH = {quote(options['batch'])}",
            f"SEED = {quote(options['seed'])}",
        ),
        model,
        data,
        f"The {what} of one split." if results else "",
        ", ".join(variable(field) for field in training.inputs.values()),
        _unpacked(fields, set(training.inputs.values())),
        tuple(evaluation),
        tuple(results),
        setup,
        options["drop_last"],
        _unpacked(fields, read),
        f"data.train.shuffled(BATCH, SEED, epoch{last})",
        tuple(step),
        f"run.log(total / {seen}{validation})",
        call("run.finish", ["model", data], named),
    )


def _measured(node: ir.Training, splits: list[str], expected: set[str]) -> list[str]:
    """The splits that are measured after training: the test, and what is expected or left."""
    if splits == ["train"] and node.metrics:
        return ["train"]
    return [split for split in splits if split == "test" or split in expected - {"validation"}]


def _unpacked(fields: list[str], read: set[str]) -> str:
    names = ", ".join(variable(field) if field in read else "_" for field in fields)
    return names + ("," if len(fields) == 1 else "")


def _setup(
    training: ir.TypedTraining, model: str, data: str, imports: dict[str, set[str]]
) -> Iterator[str]:
    """Seed, data, model and optimizer."""
    optimizer = training.training.optimizer
    assert optimizer is not None
    imports.setdefault(optimizer.record.module, set()).add(optimizer.record.callable)
    if _is_small(training):
        yield "torch.set_num_threads(1)  # tensors this small are faster on one thread"
    yield "torch.manual_seed(SEED)"
    source = training.data.data.source
    record = source.record if source is not None else None
    more = ", run.downloading" if isinstance(record, SourceRecord) and record.downloads else ""
    yield f"data = {data}.load(run.folders, run.device{more})"
    memory = ", memory_format=torch.channels_last" if _has_images(training.network) else ""
    yield f"model = {build(training, model)}.to(run.device{memory})"
    named = record_arguments(optimizer.record.parameters, optimizer.arguments, leading=0)[1]
    named = {"lr": quote(optimizer.arguments["lr"]), **named}
    name = optimizer.record.callable
    yield call(name, ["model.parameters()"], named, before="optimizer = ")


def build(training: ir.TypedTraining, model: str) -> str:
    """The model as it is trained: its class with the hyperparameters that the spec states."""
    stated = training.training.arguments
    values = training.network.hyperparameters
    return call(model, named={each: quote(values[each]) for each in stated})


def forward(training: ir.TypedTraining) -> str:
    """`logits = model(image)`."""
    given = ", ".join(variable(field) for field in training.inputs.values())
    outputs = ", ".join(variable(value) for value in output_names(training))
    return f"{outputs} = model({given})"


def output_names(training: ir.TypedTraining) -> list[str]:
    """The model's outputs in declared order."""
    return [port.name for port in training.outputs]


def _has_images(network: ir.Network) -> bool:
    """Whether a 2-d convolution runs: channels_last makes it several times as fast."""
    return any(
        (isinstance(step, ir.LayerStep) and step.layer.name == "Conv2d")
        or (isinstance(step, ir.BlockStep) and _has_images(step.body))
        for step in network.steps
    )


def _is_small(training: ir.TypedTraining) -> bool:
    """Whether a step is so short that handing work to other threads costs more than it saves."""
    batch = {"N": training.options["batch"]}
    try:
        operations = [cost.flops.substitute(batch).value for cost in costs(training.network)]
    except OverflowError:
        return False
    return 3 * sum(SMALL if each is None else each for each in operations) < SMALL


def _loss(training: ir.TypedTraining, data: str, names: Mapping[str, str]) -> list[str]:
    """The statements that compute the loss; `names` says where the fields are.

    What has no name of its own must not take one that lives on: of the data, a field, an output.
    """
    others = {data, *map(variable, (*names, *output_names(training)))}
    writing = Writing(taken=frozenset(others))
    for value in training.loss.inputs:
        writing.names[id(value)] = names.get(value.name, variable(value.name))
        writing.holders[writing.names[id(value)]] = id(value)
    (output,) = training.loss.outputs
    write(training.loss, writing, {id(output): "loss"}, returns=False)
    return [line.code for line in writing.lines]


def _evaluation(
    training: ir.TypedTraining, data: str, imports: dict[str, set[str]]
) -> tuple[list[str], list[str]]:
    """The statements of `evaluate`, and the entries of what it returns."""
    fields = {field: held(field) for field in training.data.fields}
    outputs = [variable(each) for each in output_names(training)]
    if len(outputs) == 1:
        lines = [f"{outputs[0]} = torch.cat(outputs)"]
    else:
        parts = "(torch.cat(parts) for parts in zip(*outputs, strict=True))"
        lines = [f"{', '.join(outputs)} = {parts}"]
    loss = _loss(training, data, fields)
    results = ['"loss": loss']
    if len(loss) == 1 and loss[0].startswith("loss = "):
        results = [f'"loss": {loss[0][len("loss = ") :]}']
    else:
        lines += loss
    metrics = training.training.metrics
    if metrics and training.pairings:
        pairing = training.pairings[0]
        lines += _decoded(training, pairing, data)
        target = fields[pairing.field]
        results += [_metric(each, training, pairing, target, imports) for each in metrics]
    return lines, results


def is_column(training: ir.TypedTraining, output: str) -> bool:
    """Whether an output has an axis of its own for its one number."""
    names = output_names(training)
    return len(training.network.outputs[names.index(output)].type.shape) == 2


def _decoded(training: ir.TypedTraining, pairing: ir.Pairing, data: str) -> list[str]:
    """What metrics compare: decoded labels, scores, or numbers in the target's units."""
    output = variable(pairing.output)
    metrics = [setting.record for setting in training.training.metrics]
    kinds = {metric.compares for metric in metrics if isinstance(metric, Metric)}
    flat = f"{output}[:, 0]" if is_column(training, pairing.output) else output
    lines = []
    if "labels" in kinds:
        decoded = {
            "classes": f"{output}.argmax(1)",
            "logit": f"({flat} > 0).long()",
            "probability": f"({flat} > 0.5).long()",
        }
        lines.append(f"predicted = {decoded[pairing.meaning]}")
    if "scores" in kinds:
        two = f"{output}[:, 1] - {output}[:, 0]"
        lines.append(f"score = {two if pairing.meaning == 'classes' else flat}")
    if "numbers" in kinds:
        field = quote(pairing.field)
        predicted, target = output, held(pairing.field)
        if training.data.fields[pairing.field].field.steps:
            predicted = f"{data}.inverse({field}, {predicted})"
            target = f"{data}.inverse({field}, {target})"
        lines += [f"predicted = {predicted}", f"target = {target}"]
    return lines


def _metric(
    setting: ir.Setting,
    training: ir.TypedTraining,
    pairing: ir.Pairing,
    target: str,
    imports: dict[str, set[str]],
) -> str:
    metric = setting.record
    assert isinstance(metric, Metric)
    imports.setdefault(metric.module, set()).add(metric.callable)
    classes = training.data.fields[pairing.field].type.classes or 2
    given: list[str] = ["predicted", target]
    named: dict[str, Any] = {}
    match metric.compares:
        case "labels" if metric.name != "accuracy":
            given.append(str(classes))
            if "average" in setting.arguments:
                default = "binary" if classes == 2 else "macro"
                average = setting.arguments["average"] or default
                named = {} if average == "macro" else {"average": quote(average)}
        case "scores":
            given = ["score", target]
        case "numbers":
            given = ["predicted", "target"]
            named = record_arguments(metric.parameters, setting.arguments, leading=0)[1]
    return f"{quote(metric.name)}: {call(metric.callable, given, named)}"
