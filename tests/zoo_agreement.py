"""What is shown of every member of the zoo: published size, the same network as a reference, a run.

    published("lenet5", 61_706)
    agrees("lenet5", LeNet5(), [torch.randn(2, 1, 32, 32)])
    executed("lenet5", [torch.randn(2, 1, 32, 32)])

A reference is a module of tests/references, written from the paper with torch alone. Its
parameters and running statistics are paired with the emitted model's by the *order in which a
forward pass first uses them*: names and nesting do not matter, so long as both compute in the same
order. Where they do not (one takes the key's weights before the query's), `order` says in which.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from dlc.compiler.summary import summary
from packages import HOME, checked, imported, package, written
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

Changes = Mapping[str, str]
Order = Callable[[list[str]], list[str]]


def text(stem: str, changes: Changes | None = None) -> str:
    """A spec of the zoo with other defaults; each change must change something."""
    found = (HOME / "specs" / "zoo" / f"{stem}.dl").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in found, f"{stem}.dl has no '{old}'"
        found = found.replace(old, new)
    return found


@cache
def _module(found: str, name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return imported(written(package(found, name=name), Path(folder)), "model")


def models(stem: str, changes: Changes | None = None) -> Mapping[str, Any]:
    """The checked models of a spec, by name."""
    program = checked(text(stem, changes), name=f"{stem}.dl").program
    assert program is not None
    return program.models


def built(stem: str, changes: Changes | None = None, model: str | None = None) -> nn.Module:
    """The emitted model; `model` names one where a spec has several."""
    names = list(models(stem, changes))
    assert model or len(names) == 1, f"{stem}.dl has {names}: say which with model=…"
    made: nn.Module = getattr(_module(text(stem, changes), f"{stem}.dl"), model or names[0])()
    return made


def counts(stem: str, changes: Changes | None = None, model: str | None = None) -> tuple[int, int]:
    """Trainable parameters by `dlc summary`, and of the emitted module on the device `meta`."""
    known = models(stem, changes)
    told = summary(known[model or next(iter(known))], f"{stem}.dl")["parameters"]["trainable"]
    with torch.device("meta"):
        emitted = built(stem, changes, model)
    return told, sum(each.numel() for each in emitted.parameters())


def published(
    stem: str, count: int, changes: Changes | None = None, model: str | None = None
) -> None:
    """At full size a model has as many parameters as published, twice counted."""
    assert counts(stem, changes, model) == (count, count)


class _Uses(TorchFunctionMode):
    """Notes which tensors of a module torch's functions are given, in order of first use."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.names = {id(each): name for name, each in _state(module).items()}
        self.order: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        # A look at a tensor's size or dtype is no use of it; `weight.T` is.
        if getattr(func, "__name__", "") != "__get__" or isinstance(result, Tensor):
            for each in tree_leaves((args, kwargs)):
                name = self.names.get(id(each)) if isinstance(each, Tensor) else None
                if name is not None and name not in self.order:
                    self.order.append(name)
        return result


def _state(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and what else is saved, tied ones once; constants are not saved."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, each in module.state_dict(keep_vars=True).items():
        found.setdefault(id(each), (name, each))
    return dict(found.values())


def used(module: nn.Module, inputs: Sequence[Any]) -> dict[str, Tensor]:
    """The module's parameters and statistics in the order in which training first uses them."""
    module = copy.deepcopy(module).train()
    with torch.enable_grad(), _Uses(module) as uses:
        module(*inputs)
    unused = set(uses.names.values()) - set(uses.order)
    assert not unused, f"{type(module).__name__} never uses {sorted(unused)}"
    return {name: _state(module)[name] for name in uses.order}


def paired(
    emitted: nn.Module, reference: nn.Module, inputs: Sequence[Any], order: Order | None = None
) -> list[tuple[str, str]]:
    """Names of what is the same in both; shapes agree and nothing is left over.

    `order` is given the reference's names as first used and gives them as the emitted model
    uses them.
    """
    ours, theirs = used(emitted, inputs), used(reference, inputs)
    names = list(theirs)
    if order is not None:
        names = order(names)
        assert sorted(names) == sorted(theirs), "the order has other names than the reference"
    pairs = list(zip(ours, names, strict=False))
    table = "\n".join(f"{a} {[*ours[a].shape]}  {b} {[*theirs[b].shape]}" for a, b in pairs)
    assert len(ours) == len(theirs), f"{len(ours)} and {len(theirs)} tensors:\n{table}"
    for ours_name, name in pairs:
        assert ours[ours_name].shape == theirs[name].shape, f"{ours_name} and {name}:\n{table}"
    return pairs


@contextmanager
def computing_in(dtype: torch.dtype) -> Iterator[None]:
    """New tensors of floats have this precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _is_float(each: Any) -> bool:
    return isinstance(each, Tensor) and each.is_floating_point()


def _as(inputs: Sequence[Any], dtype: torch.dtype) -> list[Any]:
    return [each.to(dtype) if _is_float(each) else each for each in inputs]


def _disturbed(module: nn.Module) -> None:
    """Weights that no initialisation gives: scales that are not 1, biases that are not 0."""
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for each in _state(module).values():
            if each.is_floating_point():
                each.add_(0.1 * torch.rand(each.shape, generator=random, dtype=each.dtype))


def _passed(module: nn.Module, inputs: Sequence[Any]) -> tuple[list[Tensor], list[Any]]:
    """What a module gives, and the gradients by its inputs, of one and the same random sum."""
    torch.manual_seed(2)
    inputs = [each.clone().requires_grad_() if _is_float(each) else each for each in inputs]
    outputs = [each for each in tree_leaves(module(*inputs)) if isinstance(each, Tensor)]
    random = torch.Generator().manual_seed(3)
    total = sum(
        (each * torch.randn(each.shape, generator=random, dtype=each.dtype)).sum()
        for each in outputs
        if each.requires_grad
    )
    module.zero_grad()
    total.backward()  # type: ignore[union-attr]
    gradients = [each.grad for each in inputs if _is_float(each)]
    return [each.detach() for each in outputs], gradients


def agrees(
    stem: str,
    reference: nn.Module,
    inputs: Sequence[Any],
    *,
    changes: Changes | None = None,
    model: str | None = None,
    train: bool = True,
    order: Order | None = None,
    dtype: torch.dtype = torch.float64,
    tolerance: float = 1e-8,
) -> None:
    """The emitted model is the reference: outputs, all gradients, running statistics.

    Both compute in float64 with the same random weights; dropout draws the same numbers in both,
    so it need not be switched off where they draw in the same order (`train=False` compares the
    gradients in evaluation mode). At the end outputs are compared in float32 too. The tolerance
    is small enough to tell one epsilon of a norm from another; constants that were computed in
    float32 before need a larger one.
    """
    close = {"rtol": tolerance, "atol": tolerance}
    emitted = built(stem, changes, model)
    with computing_in(dtype):
        emitted, reference = emitted.to(dtype), copy.deepcopy(reference).to(dtype)
        inputs = _as(inputs, dtype)
        pairs = paired(emitted, reference, inputs, order)
        _disturbed(reference)
        ours, theirs = _state(emitted), _state(reference)
        with torch.no_grad():
            for ours_name, name in pairs:
                ours[ours_name].copy_(theirs[name])
        for mode in (train, False):
            found, by_inputs = _passed(emitted.train(mode), inputs)
            expected, wanted = _passed(reference.train(mode), inputs)
            torch.testing.assert_close(found, expected, **close)
            torch.testing.assert_close(by_inputs, wanted, **close)
            for ours_name, name in pairs:
                said = f"{ours_name} and {name}: {{}}".format
                assert (ours[ours_name].grad is None) == (theirs[name].grad is None), said("grad")
                torch.testing.assert_close(ours[ours_name], theirs[name], msg=said, **close)
                if theirs[name].grad is not None:
                    torch.testing.assert_close(
                        ours[ours_name].grad, theirs[name].grad, msg=said, **close
                    )
    emitted, reference = emitted.float().eval(), reference.float().eval()
    inputs = _as(inputs, torch.float32)
    torch.testing.assert_close(
        _passed(emitted, inputs)[0], _passed(reference, inputs)[0], rtol=1e-3, atol=1e-3
    )


def executed(
    stem: str, inputs: Sequence[Any], changes: Changes | None = None, model: str | None = None
) -> None:
    """Forward, backward, two steps of SGD: all numbers finite, and the loss changes."""
    torch.manual_seed(0)
    emitted = built(stem, changes, model).train()
    optimizer = torch.optim.SGD(emitted.parameters(), lr=1e-3)
    losses = []
    for _ in range(3):
        torch.manual_seed(1)
        outputs = [each for each in tree_leaves(emitted(*inputs)) if isinstance(each, Tensor)]
        loss = torch.stack([each.square().mean() for each in outputs if each.requires_grad]).sum()
        optimizer.zero_grad()
        loss.backward()
        assert all(each.grad is None or each.grad.isfinite().all() for each in emitted.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert len(set(losses)) == 3 and torch.tensor(losses).isfinite().all(), losses


def starts_alike(
    stem: str,
    reference: nn.Module,
    inputs: Sequence[Any],
    changes: Changes | None = None,
    model: str | None = None,
    order: Order | None = None,
) -> None:
    """The first weights have the spread that the reference's have, and constants are the same.

    Tensors of less than a hundred numbers say too little of a spread: they are only compared where
    they are constant.
    """
    torch.manual_seed(0)
    emitted = built(stem, changes, model)
    ours, theirs = _state(emitted), _state(reference)
    for ours_name, name in paired(emitted, reference, inputs, order):
        found = ours[ours_name].detach().double()
        expected = theirs[name].detach().double()
        said = f"{ours_name} and {name}: {{}}".format
        is_constant = expected.unique().numel() == 1 or found.unique().numel() == 1
        if is_constant and expected.shape != (1,):  # a single bias may be drawn
            torch.testing.assert_close(found, expected, msg=said)
        elif found.numel() >= 100:
            # Of n numbers each, two measured spreads and means lie so far apart by chance.
            spread, chance = expected.std(), 5 / found.numel() ** 0.5
            torch.testing.assert_close(found.std(), spread, rtol=chance, atol=0.0, msg=said)
            torch.testing.assert_close(
                found.mean(), expected.mean(), rtol=0.0, atol=float(chance * spread), msg=said
            )
