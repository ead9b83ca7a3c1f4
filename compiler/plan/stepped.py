"""`train.py` of a training in steps: several models, each step with its own optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .. import ir
from .evaluation import unpacked
from .names import instance, variable
from .network import write
from .text import call, quote
from .trainfile import FunctionText, TrainFile, import_lines
from .training import CONSTANTS, SMALL, loading, made, operations, placed
from .writing import Writing


def stepped_file(training: ir.TypedStepped, title: str, data: str) -> TrainFile:
    """Everything that `train.py` holds."""
    node = training.training
    imports: dict[str, set[str]] = {"dlc.runtime.run": {"Run", "launch"}}
    models = {each.name: instance(each.name, each.definition) for each in node.models}
    classes = sorted({variable(each.definition) for each in node.models})
    fields = list(training.data.fields)
    setup = tuple(_setup(training, models, data, imports))
    written = [_written(each, training, models, data) for each in training.steps]
    sized = any("N" in writing.sizes for writing in written)
    read = {value.name for each in training.steps for value in each.network.inputs}
    counted = next((field for field in fields if field in read), fields[0])
    read.add(counted)
    count = f"len({variable(counted)})"
    step = [f"n = {count}"] if sized else []
    for index, (each, writing) in enumerate(zip(training.steps, written, strict=True)):
        step += ([""] if index else []) + _step(each, writing, models, "n" if sized else count)
    if any(each.step.every > 1 for each in training.steps):
        step.append("run.count += 1")
    after = ["run.log()"]
    functions: tuple[FunctionText, ...] = ()
    if training.sample is not None:
        functions = (_sample(training.sample, training, models, imports),)
        given = ", ".join([*_used(training.sample, models), "run"])
        after.append(f"run.sample(sample({given}))")
    last = ", drop_last=True" if node.options["drop_last"] else ""
    lines = [*setup, *step, *(line for each in functions for line in each.body)]
    return TrainFile(
        title=title,
        summary=f"Train {', '.join(models)} on {node.data}.",
        imports=import_lines({**imports, "torch.nn": {"Module"}}, lines),
        data=data,
        models=tuple(classes),
        constants=tuple(f"{key.upper()} = {quote(node.options[key])}" for key in CONSTANTS),
        functions=functions,
        gives="dict[str, Module]",
        setup=setup,
        epochs="run.epochs(EPOCHS)",
        before=tuple(f"{each}.train()" for each in models.values()),
        unpacked=unpacked(fields, read),
        batches=f"data.train.shuffled(BATCH, SEED, epoch{last})",
        step=tuple(step),
        after=tuple(after),
        finish=("run.finish()",),
        returned=_mapping(models),
    )


def _mapping(models: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quote(name)}: {held}" for name, held in models.items()) + "}"


def optimizer_name(step: str) -> str:
    """The variable of a step's optimizer."""
    return variable(f"optimizer_{step}")


def _setup(
    training: ir.TypedStepped,
    models: Mapping[str, str],
    data: str,
    imports: dict[str, set[str]],
) -> Iterator[str]:
    node = training.training
    if _is_small(training):
        yield "torch.set_num_threads(1)  # tensors this small are faster on one thread"
    yield "torch.manual_seed(SEED)"
    yield loading(training.data, data)
    for each in node.models:
        network = training.models[each.name]
        values = {key: quote(network.hyperparameters[key]) for key in each.arguments}
        built = call(variable(each.definition), named=values)
        yield f"{models[each.name]} = {built}{placed(network)}"
    kept = {variable(name): held for name, held in models.items()}
    for step in training.steps:
        name = optimizer_name(step.step.name)
        owners = [f"{models[each]}.parameters()" for each in step.step.updates]
        given = owners[0] if len(owners) == 1 else f"[{', '.join(f'*{each}' for each in owners)}]"
        yield made(step.step.optimizer, name, given, imports)
        kept[name] = name
    yield call("run.keep", ["data"], kept)


def _is_small(training: ir.TypedStepped) -> bool:
    batch = training.training.options["batch"]
    called = [
        step.body
        for each in training.steps
        for step in each.network.steps
        if isinstance(step, ir.BlockStep)
    ]
    return sum(operations(network, batch) for network in called) < SMALL


def _written(
    step: ir.TypedTrainStep, training: ir.TypedStepped, models: Mapping[str, str], data: str
) -> Writing:
    """The statements that compute the loss of a step."""
    writing = _writing(step.network, models, {data, *map(variable, training.data.fields)})
    for value in step.network.inputs:
        writing.names[id(value)] = variable(value.name)
        writing.holders[variable(value.name)] = id(value)
    (loss,) = step.network.outputs
    write(step.network, writing, {id(loss): "loss"}, returns=False)
    return writing


def _step(
    step: ir.TypedTrainStep, writing: Writing, models: Mapping[str, str], count: str
) -> list[str]:
    """The statements of one step; `count` is how many records the batch has."""
    node = step.step
    optimizer = optimizer_name(node.name)
    lines = []
    if len(models) > 1:
        lines += [f"{models[each]}.requires_grad_(True)" for each in node.updates]
        frozen = [each for each in step.used if each not in node.updates]
        lines += [f"{models[each]}.requires_grad_(False)" for each in frozen]
    lines += [
        *(line.code for line in writing.lines),
        f"{optimizer}.zero_grad()",
        "loss.backward()",
        f"{optimizer}.step()",
        f"run.track(loss, {count}, {quote(node.name)})",
    ]
    if node.every > 1:
        inner = "".join(f"\n    {line}" for line in "\n".join(lines).split("\n"))
        lines = [f"if run.count % {node.every} == 0:{inner}"]
    return [f"# step {node.name}: updates {' and '.join(node.updates)} alone", *lines]


def _writing(network: ir.Network, models: Mapping[str, str], taken: set[str]) -> Writing:
    """A body that calls models by their variables and makes tensors on the run's device."""
    writing = Writing(taken=frozenset({*taken, *models.values()}), renamed={"N": "n"})
    writing.device = "run.device"
    writing.nesting = True
    writing.functions = {
        id(step): (models[step.attribute], {})
        for step in network.steps
        if isinstance(step, ir.BlockStep)
    }
    return writing


def _used(network: ir.Network, models: Mapping[str, str]) -> list[str]:
    """The variables of the models that a network calls, in the order of the training."""
    called = {step.attribute for step in network.steps if isinstance(step, ir.BlockStep)}
    return [held for name, held in models.items() if name in called]


def _sample(
    network: ir.Network,
    training: ir.TypedStepped,
    models: Mapping[str, str],
    imports: dict[str, set[str]],
) -> FunctionText:
    imports.setdefault("torch", set()).add("Tensor")
    if any(isinstance(s, ir.LayerStep) and s.layer.name == "make_grid" for s in network.steps):
        imports.setdefault("dlc.runtime.grid", set()).add("make_grid")
    imports.setdefault("dlc.runtime.random_state", set()).add("seeded")
    writing = _writing(network, models, set())
    write(network, writing)
    classes = {models[each.name]: variable(each.definition) for each in training.training.models}
    used = _used(network, models)
    given = ", ".join([*(f"{each}: {classes[each]}" for each in used), "run: Run"])
    inner = "\n".join(f"    {line.code}" for line in writing.lines)
    return FunctionText(
        f"def sample({given}) -> Tensor:",
        "A picture of what the models make of the same random numbers each time.",
        (
            *(f"{each}.eval()" for each in used),
            f"with seeded(SEED):\n{inner}",
        ),
    )
