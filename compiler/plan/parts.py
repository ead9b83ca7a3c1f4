"""Parts of models, as `freeze` and `groups` name them, under the names that torch gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from .. import ir
from ..parts import Level, norms, reach, weights
from .paths import paths as _paths

Known: TypeAlias = dict[tuple[int, int], dict[str, str]]
ANY = "*"  # `runtime.parts`: any one number or word between two dots


def names(parts: Iterable[ir.Part], network: ir.Network, owner: str = "") -> list[str]:
    """The names in torch of what these parts hold of a model, `encoder` or `layers.*.norm1`.

    In a training in steps, where parts begin with a model, `owner` is the name of this one.
    """
    parts = list(parts)
    if not parts:
        return []
    above = ((owner, network.name),) if owner else ()
    paths = [(*above, *each.path) for each in weights(network)]
    known: Known = {}
    torch = {path: torch_path(network, path[len(above) :], known) for path in paths}
    found: dict[str, None] = {}
    for part in parts:
        held: dict[tuple[str, ...], None] = {}
        for path in paths:
            length = reach(part, path)
            if length:
                held[torch_path(network, path[len(above) : length], known) or (ANY,)] = None
        found |= dict.fromkeys(_short(list(held), torch.values()))
    return list(found)


def keeps_statistics(parts: Iterable[ir.Part], network: ir.Network, owner: str = "") -> bool:
    """Whether these parts hold a layer that would keep statistics of batches."""
    above = ((owner, network.name),) if owner else ()
    return any(reach(part, (*above, *path)) for part in parts for path in norms(network))


def torch_path(
    network: ir.Network, path: Sequence[Level], known: Known | None = None
) -> tuple[str, ...]:
    """The attributes in the emitted model that lead where a path of a network leads.

    This alone knows how attributes of networks are called in emitted code. `known` keeps what was
    found for one network, to be asked again.
    """
    known = {} if known is None else known
    found: list[str] = []
    here: ir.Network | None = network
    step: ir.BlockStep | None = None
    for level in path:
        attribute = level[0]
        if here is None:
            found.append(attribute)
            continue
        key = id(here), id(step)
        if key not in known:
            known[key] = _paths(here, step)
        found += known[key].get(attribute, attribute).split(".")
        step = _inside(here, attribute)
        here = None if step is None else step.body
    return tuple(found)


def _inside(network: ir.Network, attribute: str) -> ir.BlockStep | None:
    """The block that has this attribute; None for a layer or a weight."""
    for step in ir.every(network.steps):
        if isinstance(step, ir.BlockStep) and step.attribute == attribute:
            return step
    return None


def _short(held: Sequence[tuple[str, ...]], every: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The names of these paths; one with `*` for those that differ in numbers alone.

    `every` are the paths of all parameters: where a name with `*` would hold more, there is none.
    """
    there = {path[:length] for path in every for length in range(1, len(path) + 1)}
    left = dict.fromkeys(held)
    for path in held:
        if path not in left:
            continue
        form = _form(path)
        alike = [other for other in there if _form(other) == form]
        if len(alike) > 1 and all(other in left for other in alike):
            yield ".".join(form)
        else:
            alike = [path]
            yield ".".join(path)
        for other in alike:
            del left[other]


def _form(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ANY if each.isdecimal() else each for each in path)
