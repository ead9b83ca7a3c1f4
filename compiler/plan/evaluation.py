"""How a split is measured: the statements of `evaluate`, or of `observe` and `measure`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import ir
from ..catalog.record import Metric
from ..dims import Dim
from ..layers.record import Layer
from ..record import replaced
from .data import record_arguments
from .names import held, variable
from .network import write
from .opening import sizes_of
from .text import call, quote
from .trainfile import FunctionText
from .writing import Writing

WEIGHTED = ("cross_entropy", "nll_loss")
WEIGHTED_BINARY = ("binary_cross_entropy", "binary_cross_entropy_with_logits")


def output_names(training: ir.TypedTraining) -> list[str]:
    """The model's outputs in declared order."""
    return [port.name for port in training.outputs]


def is_column(training: ir.TypedTraining, output: str) -> bool:
    """Whether an output has an axis of its own for its one number."""
    shape = output_shape(training, output)
    return len(shape) == 2 and shape[1].value == 1


def output_shape(training: ir.TypedTraining, output: str) -> tuple[Dim, ...]:
    """The shape of an output, its batch first."""
    return training.network.outputs[output_names(training).index(output)].type.shape


def unpacked(fields: list[str], read: set[str]) -> str:
    """`image, _`: the fields of a batch, those that nobody reads as `_`."""
    names = ", ".join(variable(field) if field in read else "_" for field in fields)
    return f"({names},)" if len(fields) == 1 else names


def evaluated(
    training: ir.TypedTraining, model: str, data: str, imports: dict[str, set[str]]
) -> FunctionText:
    """`evaluate`: the loss and metrics of a whole split."""
    imports.setdefault("dlc.runtime.dataset", set()).add("Split")
    imports.setdefault("torch", set()).add("Tensor")
    fields = {field: held(field) for field in training.data.fields}
    lines, results = _measured(training, data, fields, imports)
    what = "loss and metrics" if training.training.metrics else "loss"
    return FunctionText(
        f"def evaluate(model: {model}, split: Split) -> dict[str, Tensor]:",
        f"The {what} of one split.",
        ("model.eval()", *_outputs(training), *lines, _returned(results)),
    )


def folded(
    training: ir.TypedTraining, model: str, data: str, imports: dict[str, set[str]]
) -> tuple[FunctionText, FunctionText]:
    """`observe` and `measure`: what each record got, so that all folds are measured as one."""
    imports.setdefault("dlc.runtime.dataset", set()).add("Split")
    imports.setdefault("torch", set()).add("Tensor")
    fields = {field: held(field) for field in training.data.fields}
    read = {value.name for value in training.loss.inputs}
    observed = {f"{name}": variable(name) for name in output_names(training) if name in read}
    observed |= {name: fields[name] for name in fields if name in read}
    numbers = _numbers(training, data, fields)
    observed |= dict(numbers)
    inside = {name: f"observed[{quote(name)}]" for name in observed}
    lines, results = _measured(training, data, inside, imports, inside)
    entries = [f"{quote(name)}: {value}" for name, value in observed.items()]
    return (
        FunctionText(
            f"def observe(model: {model}, split: Split) -> dict[str, Tensor]:",
            "What the model says of each record of a split, and what is true.",
            ("model.eval()", *_outputs(training), _returned(entries)),
        ),
        FunctionText(
            "def measure(observed: dict[str, Tensor]) -> dict[str, Tensor]:",
            "The loss and metrics of what was observed.",
            (*lines, _returned(results)),
        ),
    )


def _returned(entries: list[str]) -> str:
    inner = "".join(f"    {entry},\n" for entry in entries)
    return f"return {{\n{inner}}}"


def _outputs(training: ir.TypedTraining) -> list[str]:
    inputs = set(training.inputs.values())
    given = ", ".join(variable(field) for field in training.inputs.values())
    batch = unpacked(list(training.data.fields), inputs)
    names = [variable(each) for each in output_names(training)]
    first = f"outputs = [model({given}) for {batch} in split.batches(BATCH)]"
    if len(names) == 1:
        return [first, f"{names[0]} = torch.cat(outputs)"]
    parts = "(torch.cat(parts) for parts in zip(*outputs, strict=True))"
    return [first, f"{', '.join(names)} = {parts}"]


def loss_lines(
    training: ir.TypedTraining, data: str, names: Mapping[str, str], weighted: bool = False
) -> list[str]:
    """The statements that compute the loss; `names` says where fields and outputs are.

    What has no name of its own must not take one that lives on: of the data, a field, an output.
    """
    others = {data, *map(variable, (*names, *output_names(training)))}
    writing = Writing(taken=frozenset(others), level=1)
    for value in training.loss.inputs:
        writing.names[id(value)] = names.get(value.name, variable(value.name))
        writing.holders[writing.names[id(value)]] = id(value)
    loss = _weighted(training.loss, writing) if weighted else training.loss
    if loss.inputs:
        writing.device = f"{writing.names[id(loss.inputs[0])]}.device"
    writing.renamed = {"N": "n" if "n" not in others else "batch_size"}
    (output,) = loss.outputs
    write(loss, writing, {id(output): "loss"}, returns=False)
    return [line.code for line in (*sizes_of(loss, writing), *writing.lines)]


def _weighted(loss: ir.Network, writing: Writing) -> ir.Network:
    """The same loss where each record counts by the weight of its class."""
    steps: list[ir.TypedStep] = []
    for step in loss.steps:
        name = step.layer.name if isinstance(step, ir.LayerStep) else ""
        weight = "weights"
        if isinstance(step, ir.LayerStep) and name in WEIGHTED_BINARY and step.layer.adapt:
            form = step.layer.adapt(tuple(value.type for value in step.inputs))[1]
            label = writing.names[id(step.inputs[1])]
            weight = form.replace(".float()", "").format(f"weights[{label}]")
        if isinstance(step, ir.LayerStep) and name in (*WEIGHTED, *WEIGHTED_BINARY):
            layer: Layer = replace(
                step.layer, signature=f"weight: tensor? = None, {step.layer.signature}"
            )
            arguments = {**step.arguments, "weight": ir.Open(weight)}
            step = replaced(step, layer=layer, arguments=arguments)
        steps.append(step)
    return replaced(loss, steps=tuple(steps))


def _measured(
    training: ir.TypedTraining,
    data: str,
    fields: Mapping[str, str],
    imports: dict[str, set[str]],
    observed: Mapping[str, str] | None = None,
) -> tuple[list[str], list[str]]:
    """The statements that measure, and the entries of what is returned."""
    lines: list[str] = []
    results = ['"loss": loss']
    loss = loss_lines(training, data, fields)
    if len(loss) == 1 and loss[0].startswith("loss = "):
        results = [f'"loss": {loss[0][len("loss = ") :]}']
    else:
        lines += loss
    metrics = training.training.metrics
    if metrics and training.pairings:
        pairing = training.pairings[0]
        names = {name: variable(name) for name in output_names(training)}
        lines += _decoded(training, pairing, {**names, **(observed or {})})
        if observed is None:
            numbers = _numbers(training, data, fields)
            lines += [f"{name} = {value}" for name, value in numbers.items()]
        target = _labels(training, pairing, fields[pairing.field])
        seen = {each: (observed or {}).get(each, each) for each in ("predicted", "target")}
        results += [_metric(each, training, pairing, target, seen, imports) for each in metrics]
    return lines, results


def _kinds(training: ir.TypedTraining) -> set[str]:
    metrics = [setting.record for setting in training.training.metrics]
    return {metric.compares for metric in metrics if isinstance(metric, Metric)}


def _decoded(
    training: ir.TypedTraining, pairing: ir.Pairing, names: Mapping[str, str]
) -> list[str]:
    """What metrics of labels and scores compare."""
    output = names[pairing.output]
    kinds = _kinds(training)
    flat = f"{output}[:, 0]" if is_column(training, pairing.output) else output
    lines = []
    if "labels" in kinds:
        decoded = {
            "classes": f"{output}.argmax({pairing.axis})",
            "logit": f"({flat} > 0).long()",
            "probability": f"({flat} > 0.5).long()",
        }
        lines.append(f"predicted = {decoded[pairing.meaning]}")
    if "scores" in kinds:
        two = f"{output}[:, 1] - {output}[:, 0]"
        if pairing.axis != 1:
            two = f"{output}.select({pairing.axis}, 1) - {output}.select({pairing.axis}, 0)"
        lines.append(f"positive = {two if pairing.meaning == 'classes' else flat}")
    return lines


def _labels(training: ir.TypedTraining, pairing: ir.Pairing, target: str) -> str:
    """What predicted labels are compared with: 0.0 and 1.0 become labels."""
    type = training.data.fields[pairing.field].type
    if type.classes is not None or pairing.meaning not in ("logit", "probability"):
        return target
    column = len(type.shape) == 1 and type.shape[0].value == 1
    return f"{target}[:, 0].long()" if column else f"{target}.long()"


def _numbers(training: ir.TypedTraining, data: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What metrics of numbers compare, in the units of the target's raw column."""
    if "numbers" not in _kinds(training) or not training.pairings:
        return {}
    pairing = training.pairings[0]
    predicted, target = variable(pairing.output), fields[pairing.field]
    type = training.data.fields[pairing.field].type
    if output_shape(training, pairing.output)[1:] != type.shape:
        predicted = f"{predicted}.reshape_as({target})"
    if training.data.fields[pairing.field].field.steps:
        field = quote(pairing.field)
        predicted = f"{data}.inverse({field}, {predicted})"
        target = f"{data}.inverse({field}, {target})"
    return {"predicted": predicted, "target": target}


def _metric(
    setting: ir.Setting,
    training: ir.TypedTraining,
    pairing: ir.Pairing,
    target: str,
    seen: Mapping[str, str],
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
            given = ["positive", target]
        case "numbers":
            given = [seen["predicted"], seen["target"]]
            named = record_arguments(metric.parameters, setting.arguments, leading=0)[1]
    return f"{quote(metric.name)}: {call(metric.callable, given, named)}"
