"""Parts of a model by the names that torch gives them: `encoder`, `head.bias`, `layers.*.norm`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

__all__ = ["Frozen", "freeze", "group", "parameters"]


class Frozen:
    """Parts that stay as they are: parameters, and layers that keep statistics of batches."""

    def __init__(self, held: list[nn.Parameter], norms: list[nn.Module]) -> None:
        self.parameters = held
        self.norms = norms

    def requires_grad_(self, requires_grad: bool = True) -> None:
        """Let the parameters have gradients or not, as torch's method of that name."""
        for parameter in self.parameters:
            parameter.requires_grad_(requires_grad)

    def eval(self) -> None:
        """Let batch norms use their statistics and keep them; after `train()` of the model."""
        for norm in self.norms:
            norm.eval()


def freeze(model: nn.Module, *names: str) -> Frozen:
    """Take these parts out of training: they have no gradients any more.

    Each name is one of a module or parameter of the model, and `*` stands for any one number or
    word between two dots. Raises ValueError where there is no such part.
    """
    norms = [
        module
        for name, module in model.named_modules()
        if getattr(module, "running_mean", None) is not None
        and any(_is_within(name, each) for each in names)
    ]
    frozen = Frozen(parameters(model, *names), norms)
    frozen.requires_grad_(False)
    return frozen


def group(model: nn.Module, *names: str, **settings: Any) -> dict[str, Any]:
    """A parameter group of an optimizer: these parts, and settings of their own."""
    return {"params": parameters(model, *names), **settings}


def parameters(model: nn.Module, *names: str) -> list[nn.Parameter]:
    """The parameters of these parts, each once; names as those of `freeze`."""
    found: dict[int, nn.Parameter] = {}
    for name in names:
        held = list(_held(model, name))
        if not held:
            raise ValueError(f"{type(model).__name__} has no parameters named {name!r}")
        found |= {id(each): each for each in held}
    return list(found.values())


def _held(model: nn.Module, name: str) -> Iterator[nn.Parameter]:
    # A shared layer is reached under each of its names.
    for path, parameter in model.named_parameters(remove_duplicate=False):
        if _is_within(path, name):
            yield parameter


def _is_within(path: str, name: str) -> bool:
    """Whether a path is that of a part, or of something below it."""
    levels, wanted = path.split("."), name.split(".")
    fits = (want in ("*", level) for want, level in zip(wanted, levels, strict=False))
    return len(levels) >= len(wanted) and all(fits)
