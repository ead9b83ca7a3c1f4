"""`train.py` of a training in steps: several models, each step with its own optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .. import ir
from ..dims import name
from .evaluation import unpacked
from .names import instance, variable
from .network import Writing, write
from .text import call, quote
from .trainfile import FunctionText, TrainFile, import_lines
from .training import CONSTANTS, SMALL, loading, made, operations, placed

BATCH = name("N")


def stepped_file(training: ir.TypedStepped, title: str, data: str) -> TrainFile:
    """Everything that `train.py` holds."""
    node = training.training
    imports: dict[str, set[str]] = {"dlc.runtime.run": {"Run", "launch"}}
    models = {each.name: instance(each.name, each.definition) for each in node.models}
    classes = sorted({variable(each.definition) for each in node.models})
    fields = list(training.data.fields)
    setup = tuple(_setup(training, models, data, imports))
    step: list[str] = []
    sized = False
    for each in training.steps:
        lines, used = _step(each, training, models, data)
        sized = sized or used
        step += ([""] if step else []) + lines
    read = {value.name for each in training.steps for value in each.network.inputs}
    counted = next(field for field in fields if field in read or field == fields[0])
    read.add(counted)
    if sized:
        step.insert(0, f"n = len({variable(counted)})")
    after = ["run.log()"]
    functions: tuple[FunctionText, ...] = ()
    if training.sample is not None:
        functions = (_sample(training.sample, training, models, imports),)
        given = ", ".join([*_used(training.sample, models), "run"])
        after.append(f"run.sample(sample({given}))")
    every = any(each.step.every > 1 for each in training.steps)
    last = ", drop_last=True" if node.options["drop_last"] else ""
    batches = f"data.train.shuffled(BATCH, SEED, epoch{last})"
    count = f"len({variable(counted)})" if not sized else "n"
    if not any(each.step.every == 1 for each in training.steps) or every:
        step.append("run.count += 1")
    body = [line.replace("COUNT", count) for line in step]
    lines = [*setup, *body, *(line for each in functions for line in each.body)]
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
        batches=batches,
        step=tuple(body),
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
        network = training.models.get(each.name)
        if network is None:
            continue
        values = {key: quote(network.hyperparameters[key]) for key in each.arguments}
        built = call(variable(each.definition), named=values)
        yield f"{models[each.name]} = {built}{placed(network)}"
    kept = {variable(name): held for name, held in models.items() if name in training.models}
    for step in training.steps:
        owner = step.step.updates
        name = optimizer_name(step.step.name)
        if len(owner) == 1:
            yield made(step.step.optimizer, name, models[owner[0]], imports)
        else:
            given = ", ".join(f"*{models[each]}.parameters()" for each in owner)
            yield made(step.step.optimizer, name, "joined", imports).replace(
                "joined.parameters()", f"[{given}]"
            )
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


def _step(
    step: ir.TypedTrainStep,
    training: ir.TypedStepped,
    models: Mapping[str, str],
    data: str,
) -> tuple[list[str], bool]:
    """The statements of one step, and whether they need the size of the batch."""
    node = step.step
    fields = set(map(variable, training.data.fields))
    writing = _writing(step.network, models, {data, *fields})
    for value in step.network.inputs:
        writing.names[id(value)] = variable(value.name)
        writing.holders[variable(value.name)] = id(value)
    (loss,) = step.network.outputs
    write(step.network, writing, {id(loss): "loss"}, returns=False)
    optimizer = optimizer_name(node.name)
    what = " and ".join(node.updates)
    frozen = [each for each in step.used if each not in node.updates]
    several = len(training.models) > 1
    lines = [f"# step {node.name}: updates {what} alone"]
    if several:
        lines += [f"{models[each]}.requires_grad_(True)" for each in node.updates]
        lines += [f"{models[each]}.requires_grad_(False)" for each in frozen]
    lines += [line.code for line in writing.lines]
    lines += [
        f"{optimizer}.zero_grad()",
        "loss.backward()",
        f"{optimizer}.step()",
        f"run.track(loss, COUNT, {quote(node.name)})",
    ]
    if node.every > 1:
        inner = "\n".join(f"    {line}" for line in "\n".join(lines[1:]).split("\n"))
        lines = [lines[0], f"if run.count % {node.every} == 0:\n{inner}"]
    return lines, "N" in writing.sizes


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
