"""A record of the catalogue applied to types, as a spec would apply it."""

from __future__ import annotations

from typing import Any

from dlc.compiler.dims import Dim, dim
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import Given, Mismatch
from dlc.compiler.tensor import Type


def typed(dtype: str, *sizes: Dim | int, **more: Any) -> Type:
    """A type of these sizes."""
    return Type(dtype, tuple(map(dim, sizes)), **more)


def filled(layer: str, given: dict[str, Any]) -> dict[str, Any]:
    """All arguments, defaults among them; each given one is of its kind."""
    record = LAYERS[layer]
    kinds = {each.name: each.kind for each in record.parameters}
    assert all(fits(kinds[key], value) for key, value in given.items()), given
    return {each.name: each.default for each in record.parameters} | given


def applied(layer: str, *x: Type, **given: Any) -> Any:
    """What comes out, without its conditions; a result or several."""
    found = LAYERS[layer].gives(x, filled(layer, given))
    assert not isinstance(found, Mismatch), found.why
    return found.type if isinstance(found, Given) else found


def refused(layer: str, *x: Type, **given: Any) -> Mismatch:
    """Why it cannot be applied."""
    found = LAYERS[layer].gives(x, filled(layer, given))
    assert isinstance(found, Mismatch), found
    return found


def operations(layer: str, *x: Type, **given: Any) -> Dim:
    """How many operations it takes."""
    y = applied(layer, *x, **given)
    first = y[0] if isinstance(y, tuple) else y
    return LAYERS[layer].flops(x, first, filled(layer, given))
