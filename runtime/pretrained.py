"""Weights to start from, and checkpoints to go on from: files that a spec names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from .artifacts import load_weights
from .averaging import WeightMean
from .checkpoint import Checkpoints
from .errors import DataError, missing_package
from .progress import warn
from .resuming import Stateful
from .table import find

__all__ = ["load_checkpoint", "load_pretrained"]

State = Mapping[str, Any]


def load_pretrained(path: str, folders: Sequence[Path], **models: nn.Module) -> None:
    """Give models the weights in a file: of a run, by `torch.save`, or safetensors.

    The file holds a state_dict, or one for each model by name. Nothing in it can run. Raises
    DataError where it is missing, holds no weights, or its weights do not fit.
    """
    place = find(path, folders)
    found = _weights(place)
    for name, model in models.items():
        _fill(model, _of(name, found, len(models) == 1, place), place)


def load_checkpoint(path: str, folders: Sequence[Path], **parts: Stateful) -> None:
    """Give models and optimizers what they were in a checkpoint, to go on from there.

    `path` is the folder of a run, or a file of its `checkpoints`; or one by `torch.save` that has
    `model` and `optimizer`. Rates and other settings of the optimizers stay those of the spec.
    Raises DataError where there is none, or it does not fit.
    """
    place, found = _checkpoint(path, folders)
    for name, part in parts.items():
        state = found.get(name)
        if not isinstance(state, Mapping):
            raise DataError(
                f"{place} has no `{name}`: {_there(found)}.",
                "Name the checkpoint of a training like this one; for weights alone write "
                "`pretrained = …`.",
                str(place),
            )
        if isinstance(part, nn.Module):
            _fill(part, state, place)
        elif isinstance(part, Optimizer):
            _go_on(part, state, place)
        elif isinstance(part, WeightMean):
            part.load_state_dict(state)


def _weights(place: Path) -> State:
    """What a file of weights holds, on the CPU."""
    if place.suffix == ".safetensors":
        return _safetensors(place)
    if place.with_name(place.name + ".sha256").exists():
        return load_weights(place)
    return _loaded(place)


def _loaded(place: Path) -> State:
    """The dictionary in a file that torch has saved."""
    try:
        found = torch.load(place, map_location="cpu", weights_only=True)
    except Exception as why:  # unpickling foreign bytes may raise anything
        raise DataError(
            f"{place} holds no weights, or more than weights: {_first_line(why)}",
            "Save a state_dict: torch.save(model.state_dict(), path).",
            str(place),
        ) from why
    if not isinstance(found, Mapping):
        raise DataError(
            f"{place} holds a {type(found).__name__}, no weights by name.",
            "Save a state_dict: torch.save(model.state_dict(), path).",
            str(place),
        )
    return found


def _safetensors(place: Path) -> State:
    try:
        from safetensors.torch import load_file
    except ImportError as why:
        raise missing_package(f"Reading {place.name}", "safetensors", "export") from why
    try:
        return cast(State, load_file(place))
    except Exception as why:  # a library of its own, with faults of its own
        raise DataError(
            f"{place} holds no weights: {_first_line(why)}", "Save it anew.", str(place)
        ) from why


def _of(name: str, found: State, alone: bool, place: Path) -> State:
    """The state_dict of one model."""
    parts = {key: each for key, each in found.items() if isinstance(each, Mapping)}
    if name in parts:
        return parts[name]
    if alone and not parts:
        return found
    if alone and len(parts) == 1:
        return next(iter(parts.values()))
    raise DataError(
        f"{place} has no weights of `{name}`: {_there(found)}.",
        "Save them by name: "
        f'torch.save({{"{name}": {name}.state_dict()}}, path), with all models of the training.',
        str(place),
    )


def _fill(model: nn.Module, state: State, place: Path) -> None:
    """Load the weights of a model, every one of them."""
    own = model.state_dict()
    kind = type(model).__name__
    missing = [name for name in own if name not in state]
    unknown = [name for name in state if name not in own]
    unlike = [
        f"`{name}` is {_size(state[name])}, not {_size(own[name])}"
        for name in own
        if name in state and _size(state[name]) != _size(own[name])
    ]
    faults = [
        *([f"it lacks {_listed(missing)}"] if missing else []),
        *([f"{kind} has no {_listed(unknown)}"] if unknown else []),
        *([", ".join(unlike[:3]) + (", …" if len(unlike) > 3 else "")] if unlike else []),
    ]
    if faults:
        raise DataError(
            f"The weights in {place} do not fit {kind}: {'; '.join(faults)}.",
            "Name the weights of a model with the same layers: their names are those of "
            "`state_dict()`.",
            str(place),
        )
    model.load_state_dict(cast("Mapping[str, Tensor]", state))


def _checkpoint(path: str, folders: Sequence[Path]) -> tuple[Path, State]:
    """Where a checkpoint lies, and its parts by name."""
    try:
        place = find(path, folders)
    except DataError as why:
        try:
            place = find(path, folders, "folder")
        except DataError:
            raise why from None
    if place.is_dir():
        within = place / "checkpoints"
        folder = within if within.is_dir() else place
        saved = Checkpoints(folder).load(warn)
        if saved is None:
            raise DataError(
                f"The folder {place} has no checkpoint.", "Name the folder of a run.", str(place)
            )
        return place, saved["parts"]
    _check_sum(place)
    found = _loaded(place)
    parts = found.get("parts")
    return place, parts if isinstance(parts, Mapping) else found


def _check_sum(place: Path) -> None:
    """Raise a DataError where a checkpoint of a run is not what was saved."""
    listed = Checkpoints(place.parent).sums()
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if listed.get(place.name, digest) != digest:
        raise DataError(
            f"{place} is damaged: its SHA-256 is not the one that was saved.",
            "Go on from another checkpoint, or train anew.",
            str(place),
        )


def _go_on(optimizer: Optimizer, state: State, place: Path) -> None:
    """What the optimizer has gathered, under the settings of this spec."""
    own = optimizer.state_dict()
    groups = state.get("param_groups", [])
    if [len(each["params"]) for each in groups] != [len(e["params"]) for e in own["param_groups"]]:
        raise DataError(
            f"The optimizer in {place} has other parameters than that of the spec.",
            "Write the groups and freeze the parts that its training had, or start from its "
            "weights alone: `pretrained = …`.",
            str(place),
        )
    settled = [
        {**mine, "params": theirs["params"]}
        for mine, theirs in zip(own["param_groups"], groups, strict=True)
    ]
    try:
        optimizer.load_state_dict({"state": state["state"], "param_groups": settled})
    except (KeyError, RuntimeError, ValueError, TypeError, AttributeError) as why:
        raise DataError(
            f"What {place} has of the optimizer does not fit: {_first_line(why)}",
            "Name the optimizer that its training had.",
            str(place),
        ) from why


def _there(found: State) -> str:
    return f"it has {_listed(list(found))}" if found else "it is empty"


def _listed(names: Sequence[Any]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _size(found: object) -> list[int] | str:
    return list(found.shape) if isinstance(found, Tensor) else f"a {type(found).__name__}"


def _first_line(why: Exception) -> str:
    return (str(why).strip().splitlines() or [type(why).__name__])[0]
