"""`train.py` of one model and one loss: the loop, ready for its template."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..catalog.record import Metric, SourceRecord
from ..catalog.training import METRICS
from ..cost import costs
from ..splits import folds, splits
from .classes import class_name
from .classes import made as made_of
from .data import record_arguments
from .evaluation import evaluated, folded, is_column, loss_lines, output_names, unpacked
from .names import variable
from .order import Part
from .text import call, quote
from .trainfile import FunctionText, TrainFile, import_lines, run_imports
from .updating import (
    accumulates,
    compiled,
    computing,
    constants,
    first,
    frozen,
    gone_on,
    halves,
    learning,
    length,
    pretrained,
    stays,
    update,
)

__all__ = ["build", "forward", "is_column", "output_names", "train_file"]

SMALL = 4_000_000  # operations a step below which one thread beats several


def train_file(
    training: ir.TypedTraining,
    title: str,
    data: str,
    expected: set[str],
    part: Part | None = None,
    key: str = "model",
) -> TrainFile:
    """Everything that `train.py` holds; `expected` are the splits that expectations speak of.

    Of several trainings this is a `part`, and checkpoints have its model by its `key`.
    """
    node = training.training
    options = training.options
    model = class_name(node.model, training.network)
    fields = list(training.data.fields)
    has = splits(training.data.data)
    parts = folds(training.data.data)
    imports: dict[str, set[str]] = run_imports(part is not None)
    measured = _measured(node, has, expected)
    functions: tuple[FunctionText, ...] = ()
    if parts is not None:
        functions = folded(training, model, data, imports)
    elif measured or "validation" in has:
        functions = (evaluated(training, model, data, imports),)
    given = part is not None and node.name in part.given
    setup = tuple(_setup(training, model, data, imports, part, key))
    read = {value.name for value in training.loss.inputs} | set(training.inputs.values())
    names = {field: variable(field) for field in fields}
    follows = ["ema.update()"] if "ema" in options else []
    follows += ["schedule.step()"] if options["schedule"] else []
    step = (
        *_forward(training),
        *loss_lines(training, data, names, weighted=options["class_weights"] is not None),
        *update(options, "optimizer", "model.parameters()", imports, follows),
        f"run.track(loss, len({next(names[field] for field in fields if field in read)}))",
    )
    numbers = constants(options)
    if parts is not None:
        numbers.append(f"FOLDS = {quote(parts)}")
    last = ", drop_last=True" if options["drop_last"] else ""
    lines = [*setup, *step, *(line for each in functions for line in each.body)]
    return TrainFile(
        title=title,
        summary=f"Train {node.name} on {node.data}.",
        imports=import_lines(imports, lines),
        data=data,
        models=(model,),
        constants=tuple(numbers),
        functions=functions,
        gives="None" if given else model,
        setup=setup,
        epochs=length(options, options["early_stopping"] is not None),
        before=("model.train()", *(["frozen.eval()"] if _stays(training) else [])),
        unpacked=unpacked(fields, read),
        batches=f"data.train.shuffled(BATCH, SEED, epoch{last})",
        step=step,
        after=tuple(_after(node, has)),
        finish=tuple(_finish(node, measured, parts)),
        returned="" if given else "model",
        given=f", model: {model}" if given else "",
        part=part is not None,
    )


def _measured(node: ir.Training, splits: list[str], expected: set[str]) -> list[str]:
    """The splits that are measured after training: the test, and what is expected or left."""
    if splits == ["train"] and node.metrics:
        return ["train"]
    return [split for split in splits if split == "test" or split in expected - {"validation"}]


def _after(node: ir.Training, splits: list[str]) -> Iterator[str]:
    """What follows an epoch: its measures, and what the schedule makes of them."""
    watched = [phase.arguments["on"] for phase in node.options["schedule"] if _waits(phase)]
    model = "ema.model" if "ema" in node.options else "model"
    validated = f"evaluate({model}, data.validation)" if "validation" in splits else ""
    if not watched:
        yield f"run.log(validation={validated})" if validated else "run.log()"
        return
    if validated:
        yield f"measured = {validated}"
    yield "run.log(validation=measured)" if validated else "run.log()"
    split, _, metric = watched[0].partition(".")
    value = f"measured[{quote(metric)}]" if split == "validation" else "run.loss"
    yield f"schedule.epoch({value})"


def _waits(phase: ir.Setting) -> bool:
    return "on" in phase.arguments


def _finish(node: ir.Training, measured: list[str], parts: int | None) -> Iterator[str]:
    if "ema" in node.options:
        yield "ema.copy_to(model)"
    if parts is not None:
        yield "if data.test is not None:\n    run.hold_out(observe(model, data.test))"
        results = {"test": "measure(run.held_out())"}
        if "train" in measured:
            results["train"] = "measure(observe(model, data.train))"
        yield call("run.finish", named=results)
        return
    yield call("run.finish", named={each: f"evaluate(model, data.{each})" for each in measured})


def _watching(setting: ir.Setting, imports: dict[str, set[str]]) -> str:
    """A rule or a phase; where it watches a metric, it is told which direction is better."""
    record = setting.record
    imports.setdefault(record.module, set()).add(record.callable)
    positional, named = record_arguments(record.parameters, setting.arguments)
    metric = METRICS.get(setting.arguments.get("on", "").partition(".")[2])
    if isinstance(metric, Metric) and metric.better == "higher":
        named["better"] = quote("higher")
    return call(record.callable, positional, named)


def loading(data: ir.TypedData, name: str, fold: bool = False) -> str:
    """`data = digits.load(run.folders, run.device)`."""
    source = data.data.source
    record = source.record if source is not None else None
    more = ["run.downloading"] if isinstance(record, SourceRecord) and record.downloads else []
    named = {"fold": "run.fold"} if fold else {}
    return call(f"{name}.load", ["run.folders", "run.device", *more], named, before="data = ")


def made(setting: ir.Setting, name: str, parameters: str, imports: dict[str, set[str]]) -> str:
    """`optimizer = Adam(model.parameters(), lr=0.001)`."""
    record = setting.record
    imports.setdefault(record.module, set()).add(record.callable)
    named = record_arguments(record.parameters, setting.arguments, leading=0)[1]
    if "lr" in setting.arguments:
        named = {"lr": quote(setting.arguments["lr"]), **named}
    return call(record.callable, [parameters], named, before=f"{name} = ")


def placed(
    name: str, built: str, network: ir.Network, imports: dict[str, set[str]]
) -> Iterator[str]:
    """A model on its device; convolutions of pictures are faster with channels last."""
    yield f"{name} = {built}.to(run.device)"
    if _has_images(network):
        imports.setdefault("torch", set()).add("nn")
        yield f"nn.utils.convert_conv2d_weight_memory_format({name}, torch.channels_last)"


def _setup(
    training: ir.TypedTraining,
    model: str,
    data: str,
    imports: dict[str, set[str]],
    part: Part | None,
    key: str,
) -> Iterator[str]:
    """Seed, data, model, optimizer and what goes with them."""
    node = training.training
    assert node.optimizer is not None
    yield from first(node.options, imports)
    if _is_small(training):
        yield "torch.set_num_threads(1)  # tensors this small are faster on one thread"
    yield "torch.manual_seed(SEED)"
    yield loading(training.data, data, folds(training.data.data) is not None)
    yield from _weights(training, imports)
    if part is None or node.name not in part.given:
        yield from placed("model", build(training), training.network, imports)
    elif node.name in part.held:
        yield "model.requires_grad_(True)"
    yield from pretrained(node.options, {"model": "model"}, imports)
    bound = "frozen" if _stays(training) else ""
    yield from frozen(node.options, training.network, "model", imports, bound=bound)
    given = learning(node.options, training.network, "model", imports)
    yield made(node.optimizer, "optimizer", given, imports)
    kept = {key: "model", "optimizer": "optimizer"}
    yield from gone_on(node.options, kept, imports)
    if "ema" in node.options:
        imports.setdefault("dlc.runtime.averaging", set()).add("WeightMean")
        yield f"ema = WeightMean(model, {quote(node.options['ema'])})"
        kept["ema"] = "ema"
    lines, more = computing(node.options, imports)
    yield from lines
    kept |= more
    if node.options["schedule"]:
        yield _schedule(node, imports)
        kept["schedule"] = "schedule"
    if node.options["early_stopping"]:
        yield f"stopping = {_watching(node.options['early_stopping'], imports)}"
    yield call("run.keep", ["data"], kept)
    yield from compiled(node.options, ["model"], imports)


def _stays(training: ir.TypedTraining) -> bool:
    return stays(training.options, training.network)


def _weights(training: ir.TypedTraining, imports: dict[str, set[str]]) -> Iterator[str]:
    weights = training.options["class_weights"]
    if weights is None:
        return
    if weights != "balanced":
        yield f"weights = torch.tensor([{', '.join(map(quote, weights))}], device=run.device)"
        return
    imports.setdefault("dlc.runtime.weights", set()).add("balanced")
    field = next(
        value
        for step in training.loss.steps
        if isinstance(step, ir.LayerStep)
        for value in step.inputs
        if value.type.classes is not None
    )
    column = f"data.train[{quote(field.name)}]"
    yield f"weights = balanced({column}, {field.type.classes})"


def _schedule(node: ir.Training, imports: dict[str, set[str]]) -> str:
    imports.setdefault("dlc.runtime.schedules", set()).add("Schedule")
    phases = [_watching(phase, imports) for phase in node.options["schedule"]]
    if node.options["drop_last"]:
        batches = "max(1, len(data.train) // BATCH)"
    else:
        imports["math"] = {"ceil"}
        batches = "ceil(len(data.train) / BATCH)"
    named = {"steps": "STEPS"} if "steps" in node.options else {"epochs": "EPOCHS"}
    named["batches"] = batches
    if accumulates(node.options):
        named["accumulate"] = "ACCUMULATE"
    return call("Schedule", ["optimizer", *phases], named, before="schedule = ")


def build(training: ir.TypedTraining) -> str:
    """The model as it is trained: its class with the hyperparameters that the spec states."""
    node = training.training
    return made_of(node.model, training.network, node.arguments)


def forward(training: ir.TypedTraining) -> str:
    """`logits = model(image)`."""
    given = ", ".join(variable(field) for field in training.inputs.values())
    outputs = ", ".join(variable(value) for value in output_names(training))
    return f"{outputs} = model({given})"


def _forward(training: ir.TypedTraining) -> Iterator[str]:
    """The model at work; what comes out of half precision goes on as f32."""
    if not halves(training.options):
        yield forward(training)
        return
    made = training.network.outputs
    names = [variable(each) for each in output_names(training)]
    wide = [name for name, each in zip(names, made, strict=True) if each.type.dtype == "f32"]
    if len(names) == 1 and wide:
        yield f"with half:\n    {forward(training)}.float()"
        return
    yield f"with half:\n    {forward(training)}"
    if wide:
        yield f"{', '.join(wide)} = {', '.join(f'{each}.float()' for each in wide)}"


def _has_images(network: ir.Network) -> bool:
    """Whether a 2-d convolution runs: channels_last makes it several times as fast."""
    return any(
        (isinstance(step, ir.LayerStep) and step.layer.name == "Conv2d")
        or (isinstance(step, ir.BlockStep) and _has_images(step.body))
        for step in network.steps
    )


def _is_small(training: ir.TypedTraining) -> bool:
    """Whether a step is so short that handing work to other threads costs more than it saves."""
    return operations(training.network, training.options["batch"]) < SMALL


def operations(network: ir.Network, batch: int) -> int:
    """Operations of a step: forward, and twice as many backward; at least `SMALL` if unknown."""
    try:
        found = [cost.flops.substitute({"N": batch}).value for cost in costs(network)]
    except OverflowError:
        return SMALL
    return 3 * sum(SMALL if each is None else each for each in found)
