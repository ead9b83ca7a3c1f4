"""The statements of a training that its keys ask for: how a batch changes the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import ir
from ..record import replaced
from .parts import keeps_statistics, names
from .text import call, quote

Imports = dict[str, set[str]]

CONSTANTS = ("epochs", "steps", "batch", "seed")
REFUSED = "binary_cross_entropy"  # by autocast on a GPU
DTYPES = {"bf16": "torch.bfloat16", "f16": "torch.float16"}


def constants(options: Mapping[str, Any]) -> list[str]:
    """The numbers at the top of `train.py`."""
    found = [f"{key.upper()} = {quote(options[key])}" for key in CONSTANTS if key in options]
    if accumulates(options):
        found.append(f"ACCUMULATE = {quote(options['accumulate'])}")
    return found


def length(options: Mapping[str, Any], stopping: bool = False) -> str:
    """What the loop goes through: `run.epochs(EPOCHS)` or `run.epochs(steps=STEPS)`."""
    named = {"steps": "STEPS"} if "steps" in options else {}
    positional = [] if "steps" in options else ["EPOCHS"]
    if stopping and named:
        named["stopping"] = "stopping"
    elif stopping:
        positional.append("stopping")
    return call("run.epochs", positional, named)


def accumulates(options: Mapping[str, Any]) -> bool:
    """Whether the gradients of several batches make one step."""
    return bool(options.get("accumulate", 1) > 1)


def halves(options: Mapping[str, Any]) -> bool:
    """Whether the forward pass computes in half precision."""
    return options.get("precision", "f32") in DTYPES


def scales(options: Mapping[str, Any]) -> bool:
    """Whether gradients would vanish in half precision, so that losses are scaled."""
    return bool(options.get("precision") == "f16")


def first(options: Mapping[str, Any], imports: Imports) -> list[str]:
    """What stands before everything else in `train`."""
    if not options.get("deterministic"):
        return []
    imports.setdefault("dlc.runtime.determinism", set()).add("deterministic")
    return ["deterministic()"]


def pretrained(
    options: Mapping[str, Any], models: Mapping[str, str], imports: Imports
) -> list[str]:
    """Where the models, variables by their names, start from."""
    if "pretrained" not in options:
        return []
    imports.setdefault("dlc.runtime.pretrained", set()).add("load_pretrained")
    return [call("load_pretrained", [quote(options["pretrained"]), "run.folders"], models)]


def gone_on(options: Mapping[str, Any], parts: Mapping[str, str], imports: Imports) -> list[str]:
    """Where models and optimizers, variables by their names, go on from."""
    if "checkpoint" not in options:
        return []
    imports.setdefault("dlc.runtime.pretrained", set()).add("load_checkpoint")
    return [call("load_checkpoint", [quote(options["checkpoint"]), "run.folders"], parts)]


def frozen(
    options: Mapping[str, Any],
    network: ir.Network,
    model: str,
    imports: Imports,
    owner: str = "",
    bound: str = "",
) -> list[str]:
    """What takes parts of a model out of training; `bound` names them where they are needed."""
    found = names(options.get("freeze", ()), network, owner)
    if not found:
        return []
    imports.setdefault("dlc.runtime.parts", set()).add("freeze")
    return [call("freeze", [model, *map(quote, found)], before=f"{bound} = " if bound else "")]


def stays(options: Mapping[str, Any], network: ir.Network, owner: str = "") -> bool:
    """Whether batch norms of frozen parts are to be kept from their batches."""
    return keeps_statistics(options.get("freeze", ()), network, owner)


def learning(options: Mapping[str, Any], network: ir.Network, model: str, imports: Imports) -> str:
    """What an optimizer is given: all parameters of the model, or those of its groups."""
    groups = options.get("groups")
    if not groups:
        return f"{model}.parameters()"
    imports.setdefault("dlc.runtime.parts", set()).add("group")
    entries = []
    for group in groups:
        held = [model, *map(quote, names(group.parts, network))]
        own = {key: quote(value) for key, value in group.arguments.items()}
        entries.append(call("group", held, own))
    return f"[{', '.join(entries)}]"


def computing(options: Mapping[str, Any], imports: Imports) -> tuple[list[str], dict[str, str]]:
    """The precision of the forward pass, and what of it a checkpoint keeps."""
    if not halves(options):
        return [], {}
    imports.setdefault("dlc.runtime.precision", set()).add("autocast")
    lines = [f"half = autocast(run.device, {DTYPES[options['precision']]})"]
    if not scales(options):
        return lines, {}
    imports.setdefault("torch.amp", set()).add("GradScaler")
    return [*lines, "scaler = GradScaler(run.device.type)"], {"scaler": "scaler"}


def in_half(network: ir.Network, imports: Imports) -> ir.Network:
    """The same loss for `with half:`, where torch refuses one of its functions on a GPU."""

    def written(step: ir.TypedStep) -> ir.TypedStep:
        if isinstance(step, ir.LoopStep):
            return replaced(step, steps=tuple(map(written, step.steps)))
        if not isinstance(step, ir.LayerStep) or step.layer.name != REFUSED:
            return step
        imports.setdefault("dlc.runtime.precision", set()).add(REFUSED)
        return replaced(step, layer=replace(step.layer, code=REFUSED))

    return replaced(network, steps=tuple(map(written, network.steps)))


def compiled(options: Mapping[str, Any], models: Sequence[str], imports: Imports) -> list[str]:
    """What lets `torch.compile` compile the models."""
    if not options.get("compile"):
        return []
    imports.setdefault("dlc.runtime.compilation", set()).add("compile_model")
    return [f"compile_model({model}, run.device)" for model in models]


def update(
    options: Mapping[str, Any],
    optimizer: str,
    learning: str,
    imports: Imports,
    after: Sequence[str] = (),
    every: int = 1,
) -> list[str]:
    """What follows the loss: its gradients, and a step of the optimizer.

    `learning` are the parameters that it updates, `after` what goes with each of its steps; the
    loss is computed at every so many batches.
    """
    backward, step = "loss.backward()", [f"{optimizer}.step()"]
    clip = []
    if "clip_norm" in options:
        imports.setdefault("torch", set()).add("nn")
        clip = [f"nn.utils.clip_grad_norm_({learning}, {quote(options['clip_norm'])})"]
    if scales(options):
        backward = "scaler.scale(loss).backward()"
        step = [f"scaler.step({optimizer})", "scaler.update()"]
        clip = [f"scaler.unscale_({optimizer})", *clip] if clip else []
    zero = f"{optimizer}.zero_grad()"
    if not accumulates(options):
        return [zero, backward, *clip, *step, *after]
    enough = call("run.completes", ["ACCUMULATE"], {"every": str(every)} if every > 1 else {})
    inner = "".join(f"\n    {line}" for line in (*clip, *step, zero, *after))
    return [backward, f"if {enough}:{inner}"]
