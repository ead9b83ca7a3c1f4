"""The first batches of a zoo spec's training, and the same losses written by hand.

    seen = recorded("vae", tmp_path, batches=2)
    follows(seen, {"E": by_hand…}, losses)

Each step of an optimizer is held against a loss of plain torch on the same batch, with the same
weights and the same random numbers: the loss that was tracked, and the gradient of every parameter.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from packages import HOME, imported, package, written
from torch import Tensor, nn
from zoo_agreement import computing_in, paired, text

State = dict[str, Tensor]
# The losses of one batch, step by step: from the models by name, the number of the batch, and the
# data's fields in declared order.
Losses = Callable[..., Iterator[Tensor]]


@dataclass
class Step:
    """One step of an optimizer: what all models were then, and the gradients it was given."""

    weights: Mapping[str, State]
    gradients: Mapping[tuple[str, str], Tensor]
    loss: Tensor | None = None


@dataclass
class Batch:
    """The fields of so many records, the random state before them, and the steps on them."""

    fields: tuple[Tensor, ...]
    random: Tensor
    steps: list[Step] = field(default_factory=list)


@dataclass
class Recorded:
    """The emitted models of a training by their classes, and its first batches."""

    models: dict[str, nn.Module]
    batches: list[Batch]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Torch's function, but the numbers are drawn by shape, whatever the order in memory is."""
    if not training:
        return input
    return input * (torch.rand(input.shape) >= p) / (1 - p)


RECORDS = 16  # of a batch: more say nothing more, and a diffusion's gradients take their time


class Enough(Exception):
    """So many batches as are wanted are seen."""


def state(module: nn.Module) -> State:
    """The weights and statistics as they are now."""
    return {name: each.detach().clone() for name, each in module.state_dict().items()}


def recorded(
    stem: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    batches: int = 2,
    dtype: torch.dtype = torch.float64,
) -> Recorded:
    """Train a spec of the zoo for so many batches, in f64; what happened at each of them."""
    import dlc.runtime.optim as optim
    from dlc.runtime.run import Run

    home = written(package(text(stem), name=f"{stem}.dl"), folder / "code")
    module = imported(home, "train")
    seen = Recorded({}, [])
    classes = [name for name, each in vars(imported_model(module)).items() if is_network(each)]
    for name in set(classes) & set(vars(module)):
        monkeypatch.setattr(module, name, _noting(getattr(module, name), name, seen.models))

    def watch(self: Run, given: Any, *more: Any) -> Iterator[Any]:
        for tensors in given:
            if len(seen.batches) == batches:
                raise Enough
            found = tuple(each[:RECORDS] for each in as_dtype(tensors, dtype))
            seen.batches.append(Batch(found, torch.get_rng_state()))
            yield found

    def track(self: Run, loss: Tensor, *more: Any) -> None:
        step = next(each for each in seen.batches[-1].steps if each.loss is None)
        step.loss = loss.detach().clone()

    monkeypatch.setattr(F, "dropout", dropout)
    monkeypatch.setattr(Run, "watch", watch)
    monkeypatch.setattr(Run, "track", track)
    for kind in {each for each in vars(optim).values() if hasattr(each, "step")}:
        if vars(kind).get("step") or kind in vars(module).values():
            monkeypatch.setattr(kind, "step", _stepping(kind.step, seen))
    module.EPOCHS = batches + 1
    zoo = str(HOME / "specs" / "zoo")
    with computing_in(dtype), suppress(Enough):
        module.launch(module.train, out=str(folder / "runs"), spec_folder=zoo, quiet=True)
    assert len(seen.batches) == batches
    return seen


def imported_model(train: Any) -> Any:
    """The module `model` beside an imported module `train`."""
    return sys.modules[f"{train.__package__}.model"]


def is_network(value: object) -> bool:
    """Whether this is a class of modules."""
    return isinstance(value, type) and issubclass(value, nn.Module)


def _noting(kind: Any, name: str, models: dict[str, nn.Module]) -> Callable[..., nn.Module]:
    """The class, where the first module made of it is kept; what starts at zero hides nothing."""

    def build(*given: Any, **named: Any) -> nn.Module:
        made: nn.Module = kind(*given, **named)
        for each in made.parameters():
            if not each.any():
                nn.init.normal_(each, std=0.05)
        models.setdefault(name, made)
        return made

    return build


def _stepping(original: Any, seen: Recorded) -> Callable[..., Any]:
    """An optimizer's step that first notes weights and gradients."""

    def step(self: Any, *given: Any) -> Any:
        mine = {id(each) for group in self.param_groups for each in group["params"]}
        gradients = {
            (kind, name): each.grad.detach().clone()
            for kind, model in seen.models.items()
            for name, each in model.named_parameters()
            if id(each) in mine and each.grad is not None
        }
        if gradients:  # the runtime also tries each kind of optimizer on a tensor of its own
            weights = {kind: state(model) for kind, model in seen.models.items()}
            seen.batches[-1].steps.append(Step(weights, gradients))
        return original(self, *given)

    return step


def follows(
    seen: Recorded,
    references: Mapping[str, nn.Module],
    inputs: Mapping[str, Sequence[Tensor]],
    losses: Losses,
) -> None:
    """Each loss of the training and all its gradients are those of the losses by hand.

    `references` are the same networks by the names of their classes, `inputs` what flows into
    each, so that parameters can be paired.
    """
    assert set(seen.models) == set(references)
    (dtype,) = {each.dtype for model in seen.models.values() for each in model.parameters()}
    with computing_in(dtype):
        by_hand = {kind: copy.deepcopy(each).to(dtype) for kind, each in references.items()}
        pairs = {
            kind: dict(paired(seen.models[kind], each, as_dtype(inputs[kind], dtype)))
            for kind, each in by_hand.items()
        }
        for number, batch in enumerate(seen.batches):
            torch.set_rng_state(batch.random)
            found = losses(by_hand, number, *batch.fields)
            for step in batch.steps:
                for kind, reference in by_hand.items():
                    known = reference.train().state_dict()
                    for ours, theirs in pairs[kind].items():
                        known[theirs].copy_(step.weights[kind][ours])
                loss = next(found, None)
                assert loss is not None, f"batch {number} has a step too many"
                assert step.loss is not None
                torch.testing.assert_close(step.loss, loss.detach(), rtol=1e-5, atol=1e-5)
                _same_gradients(step, by_hand, pairs, loss)
            assert next(found, None) is None, f"batch {number} has a step too few"


def as_dtype(inputs: Sequence[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """The floats among them in this precision."""
    return [each.to(dtype) if each.is_floating_point() else each for each in inputs]


def _same_gradients(
    step: Step,
    references: Mapping[str, nn.Module],
    pairs: Mapping[str, Mapping[str, str]],
    loss: Tensor,
) -> None:
    assert step.gradients
    for (kind, ours), gradient in step.gradients.items():
        parameters = dict(references[kind].named_parameters())
        wanted = parameters[pairs[kind][ours]]
        (expected,) = torch.autograd.grad(loss, wanted, retain_graph=True)
        torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=1e-7)
