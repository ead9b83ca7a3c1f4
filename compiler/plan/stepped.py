"""`train.py` of a training in steps: several models, each step with its own optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import ir
from ..catalog.training import OPTIMIZERS
from .classes import class_name
from .classes import made as made_of
from .evaluation import unpacked
from .names import instance, variable
from .network import write
from .order import Part, called, copied, keys, new_in, trained, variables
from .text import call, quote
from .trainfile import FunctionText, TrainFile, import_lines, run_imports
from .training import SMALL, loading, made, operations, placed
from .updating import (
    compiled,
    computing,
    constants,
    first,
    frozen,
    gone_on,
    halves,
    in_half,
    length,
    pretrained,
    stays,
    update,
)
from .writing import Writing

# What the code around a step goes by: a name that a step binds would hide it.
AROUND = frozenset(
    """
    ACCUMULATE BATCH EPOCHS GradScaler Module Run SEED STEPS autocast binary_cross_entropy
    compile_model data deepcopy deterministic epoch follow freeze half launch
    load_checkpoint load_pretrained loss make_grid n run sample scaler seeded
    """.split()
) | {record.callable for record in OPTIMIZERS.values()}


def stepped_file(
    training: ir.TypedStepped,
    title: str,
    data: str,
    part: Part | None = None,
    kept: Mapping[str, str] | None = None,
) -> TrainFile:
    """Everything that `train.py` holds.

    Of several trainings this is a `part`, and `kept` is what their models go by in checkpoints.
    """
    node = training.training
    imports: dict[str, set[str]] = run_imports(part is not None)
    part = part or Part("", frozenset(), frozenset())
    fields = list(training.data.fields)
    optimizers = [optimizer_name(training, each.step.name) for each in training.steps]
    held = frozen_names(training)
    taken = {data, *map(variable, fields), *optimizers, *held.values()}
    models = variables(called([training]), taken)
    classes = sorted({class_name(e.definition, training.models[e.name]) for e in node.models})
    setup = tuple(_setup(training, models, data, imports, part, kept or keys(models)))
    written = [_written(each, training, models, data, imports) for each in training.steps]
    sized = any("N" in writing.sizes for writing in written)
    read = {value.name for each in training.steps for value in each.network.inputs}
    counted = next((field for field in fields if field in read), fields[0])
    read.add(counted)
    count = f"len({variable(counted)})"
    step = [f"n = {count}"] if sized else []
    for index, (each, writing) in enumerate(zip(training.steps, written, strict=True)):
        step += ([""] if index else []) + _step(
            each, writing, models, training, "n" if sized else count, imports
        )
    step += _counted(training, models, imports)
    after = ["run.log()"]
    functions: tuple[FunctionText, ...] = ()
    if training.sample is not None:
        functions = (_sample(training.sample, models, called([training]), imports),)
        given = ", ".join([*_used(training.sample, models), "run"])
        after.append(f"run.sample(sample({given}))")
    last = ", drop_last=True" if node.options["drop_last"] else ""
    gives, returned = _returned(training, part, models, imports)
    before = {models[each.name]: each.definition for each in node.models if each.name in part.given}
    lines = [*setup, *step, *(line for each in functions for line in each.body)]
    return TrainFile(
        title=title,
        summary=f"Train {', '.join(trained(training))} on {node.data}.",
        imports=import_lines(imports, lines),
        data=data,
        models=tuple(classes),
        constants=tuple(constants(node.options)),
        functions=functions,
        gives=gives,
        setup=setup,
        epochs=length(node.options),
        before=(
            *(f"{each}.train()" for each in models.values()),
            *(f"{name}.eval()" for each, name in held.items() if _stays(training, each)),
        ),
        unpacked=unpacked(fields, read),
        batches=f"data.train.shuffled(BATCH, SEED, epoch{last})",
        step=tuple(step),
        after=tuple(after),
        finish=("run.finish()",),
        returned=returned,
        given="".join(f", {held}: {variable(of)}" for held, of in before.items()),
        part=bool(part.name),
    )


def _returned(
    training: ir.TypedStepped,
    part: Part,
    models: Mapping[str, str],
    imports: dict[str, set[str]],
) -> tuple[str, str]:
    """The type and the text of what is returned: all models, or those that a part has made."""
    if not part.name:
        imports["torch.nn"] = {"Module"}
        pairs = ", ".join(f"{quote(name)}: {held}" for name, held in models.items())
        return "dict[str, Module]", f"{{{pairs}}}"
    new = new_in(training, part)
    types = [variable(called([training])[name]) for name in new]
    gives = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]" if types else "None"
    return gives, ", ".join(models[name] for name in new)


def frozen_names(training: ir.TypedStepped) -> dict[str, str]:
    """A variable for what is frozen of each model, where the loop needs it."""
    spoken = _spoken(training)
    several = len(training.training.models) > 1
    return {
        name: variable(f"frozen_{name}", spoken)
        for name, shapes in training.frozen.items()
        if shapes and (several or _stays(training, name))
    }


def _stays(training: ir.TypedStepped, model: str) -> bool:
    return stays(training.training.options, training.models[model], model)


def optimizer_name(training: ir.TypedStepped, step: str) -> str:
    """The variable of a step's optimizer."""
    return variable(f"optimizer_{step}", _spoken(training))


def _spoken(training: ir.TypedStepped) -> frozenset[str]:
    """The variables of fields and models: what the author called anything in the loop."""
    node = training.training
    models = (instance(each.name, each.definition) for each in node.models)
    copies = (variable(each.name) for each in node.copies)
    return frozenset({*map(variable, training.data.fields), *models, *copies})


def _setup(
    training: ir.TypedStepped,
    models: Mapping[str, str],
    data: str,
    imports: dict[str, set[str]],
    part: Part,
    kept: Mapping[str, str],
) -> Iterator[str]:
    node = training.training
    yield from first(node.options, imports)
    if _is_small(training):
        yield "torch.set_num_threads(1)  # tensors this small are faster on one thread"
    yield "torch.manual_seed(SEED)"
    yield loading(training.data, data)
    for each in node.models:
        if each.name in part.given:
            if each.name in part.held:
                yield f"{models[each.name]}.requires_grad_(True)"
            continue
        network = training.models[each.name]
        built = made_of(each.definition, network, each.arguments)
        yield from placed(models[each.name], built, network, imports)
    names = [each.name for each in node.models]
    begun = {kept[name]: models[name] for name in names}
    yield from pretrained(node.options, begun, imports)
    held = frozen_names(training)
    for name in names:
        network, bound = training.models[name], held.get(name, "")
        yield from frozen(node.options, network, models[name], imports, name, bound)
    for copy in node.copies:
        imports["copy"] = {"deepcopy"}
        yield f"{models[copy.name]} = deepcopy({models[copy.original]}).requires_grad_(False)"
    parts = {kept[name]: held for name, held in models.items()}
    for step in training.steps:
        name = optimizer_name(training, step.step.name)
        yield made(step.step.optimizer, name, _owners(step, models), imports)
        parts[name] = name
    yield from gone_on(node.options, parts, imports)
    lines, more = computing(node.options, imports)
    yield from lines
    yield call("run.keep", ["data"], parts | more)
    yield from compiled(node.options, [models[name] for name in names], imports)


def _owners(step: ir.TypedTrainStep, models: Mapping[str, str]) -> str:
    """The parameters that a step updates."""
    owners = [f"{models[each]}.parameters()" for each in step.step.updates]
    return owners[0] if len(owners) == 1 else f"[{', '.join(f'*{each}' for each in owners)}]"


def _counted(
    training: ir.TypedStepped, models: Mapping[str, str], imports: dict[str, set[str]]
) -> Iterator[str]:
    """What ends a batch: it is counted where something waits for a number, and copies follow."""
    copies = training.training.copies
    waiting = [each for each in copies if each.mode == "every" and each.value > 1]
    if waiting or any(each.step.every > 1 for each in training.steps):
        yield "run.count += 1"
    for each in copies:
        copy, original = models[each.name], models[each.original]
        if each.mode == "ema":
            imports["dlc.runtime.copies"] = {"blend"}
            yield f"blend({copy}, {original}, keep={quote(each.value)})"
            continue
        line = f"{copy}.load_state_dict({original}.state_dict())"
        yield f"if run.count % {each.value} == 0:\n    {line}" if each in waiting else line


def _is_small(training: ir.TypedStepped) -> bool:
    batch = training.training.options["batch"]
    networks = [
        step.body
        for each in training.steps
        for step in ir.every(each.network.steps)
        if isinstance(step, ir.BlockStep)
    ]
    return sum(operations(network, batch) for network in networks) < SMALL


def _written(
    step: ir.TypedTrainStep,
    training: ir.TypedStepped,
    models: Mapping[str, str],
    data: str,
    imports: dict[str, set[str]],
) -> Writing:
    """The statements that compute the loss of a step."""
    halved = halves(training.training.options)
    network = in_half(step.network, imports) if halved else step.network
    optimizers = [optimizer_name(training, each.step.name) for each in training.steps]
    fields = map(variable, training.data.fields)
    taken = {data, *fields, *optimizers, *frozen_names(training).values()}
    writing = _writing(network, models, taken)
    for value in network.inputs:
        writing.names[id(value)] = variable(value.name)
        writing.holders[variable(value.name)] = id(value)
    (loss,) = network.outputs
    write(network, writing, {id(loss): "loss"}, returns=False)
    return writing


def _step(
    step: ir.TypedTrainStep,
    writing: Writing,
    models: Mapping[str, str],
    training: ir.TypedStepped,
    count: str,
    imports: dict[str, set[str]],
) -> list[str]:
    """The statements of one step; `count` is how many records the batch has."""
    node, options, copies = step.step, training.training.options, copied(training)
    held = frozen_names(training)
    lines = []
    if len(models) - len(copies) > 1:
        for each in node.updates:
            lines.append(f"{models[each]}.requires_grad_(True)")
            lines += [f"{held[each]}.requires_grad_(False)"] if each in held else []
        others = [each for each in step.used if each not in {*node.updates, *copies}]
        lines += [f"{models[each]}.requires_grad_(False)" for each in others]
    computed = [replace(line, note="").at(0) for line in writing.lines]
    if halves(options):
        inner = "".join(f"\n    {line}" for line in "\n".join(computed).split("\n"))
        computed = [f"with half:{inner}"]
    optimizer, owners = optimizer_name(training, node.name), _owners(step, models)
    lines += [
        *computed,
        *update(options, optimizer, owners, imports, every=node.every),
        f"run.track(loss, {count}, {quote(node.name)})",
    ]
    if node.every > 1:
        inner = "".join(f"\n    {line}" for line in "\n".join(lines).split("\n"))
        lines = [f"if run.count % {node.every} == 0:{inner}"]
    return [f"# step {node.name}: updates {' and '.join(node.updates)} alone", *lines]


def _writing(network: ir.Network, models: Mapping[str, str], taken: set[str]) -> Writing:
    """A body that calls models by their variables and makes tensors on the run's device."""
    writing = Writing(taken=AROUND | taken | {*models.values()}, renamed={"N": "n"}, level=1)
    writing.device = "run.device"
    writing.nesting = True
    writing.functions = {
        id(step): (models[step.attribute], {})
        for step in ir.every(network.steps)
        if isinstance(step, ir.BlockStep)
    }
    return writing


def _used(network: ir.Network, models: Mapping[str, str]) -> list[str]:
    """The variables of the models that a network calls, in the order of the training."""
    used = {step.attribute for step in ir.every(network.steps) if isinstance(step, ir.BlockStep)}
    return [held for name, held in models.items() if name in used]


def _sample(
    network: ir.Network,
    models: Mapping[str, str],
    definitions: Mapping[str, str],
    imports: dict[str, set[str]],
) -> FunctionText:
    imports.setdefault("torch", set()).add("Tensor")
    used = _used(network, models)
    if any(isinstance(s, ir.LayerStep) and s.layer.name == "make_grid" for s in network.steps):
        imports.setdefault("dlc.runtime.grid", set()).add("make_grid")
    imports.setdefault("dlc.runtime.random_state", set()).add("seeded")
    writing = _writing(network, models, set())
    write(network, writing)
    classes = {held: variable(definitions[name]) for name, held in models.items()}
    given = ", ".join([*(f"{each}: {classes[each]}" for each in used), "run: Run"])
    inner = "\n".join(replace(line, note="").at(4) for line in writing.lines)
    return FunctionText(
        f"def sample({given}) -> Tensor:",
        "A picture of what the models make of the same random numbers each time.",
        (
            *(f"{each}.eval()" for each in used),
            f"with seeded(SEED):\n{inner}",
        ),
    )
