"""How large a program becomes when every block is written out: counted, not tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .. import ir
from ..cost import costs
from ..diagnostics import Report
from ..dims import dim
from ..errors import shapes as errors

MOST_LAYERS = 100_000
MOST_SIZES = 1_000
DEEPEST = 50


class Extent(NamedTuple):
    """How many layers a definition becomes, and how deep blocks stand in it."""

    layers: int
    height: int


def sound(definitions: Mapping[str, ir.Definition], report: Report) -> set[str]:
    """The names of definitions that come to an end within the limits; the others are reported."""
    extents: dict[str, Extent | None] = {}
    opened: list[str] = []

    def extent(name: str) -> Extent | None:
        """None after a report."""
        if name not in extents:
            opened.append(name)
            extents[name] = within_limits(definitions[name])
            opened.pop()
        return extents[name]

    def within_limits(definition: ir.Definition) -> Extent | None:
        layers, height = 0, 0
        for node in _applied(definition):
            layers += 1
            if not isinstance(node, ir.Use):
                continue
            if node.block in opened:
                report(errors.endless(node.span, node.block))
                return None
            # Reading down a chain of blocks must not take a stack as long as that chain.
            inner = extent(node.block) if len(opened) <= DEEPEST else Extent(0, DEEPEST)
            if inner is None:
                return None
            layers, height = layers + inner.layers, max(height, inner.height + 1)
            if height > DEEPEST:
                report(errors.nested_blocks(node.span, DEEPEST))
                return None
        span, name = definition.span, definition.name
        if layers > MOST_LAYERS:
            report(errors.too_many_layers(span, name, layers, MOST_LAYERS))
            return None
        if len(definition.sizes) > MOST_SIZES:
            report(errors.too_many_sizes(span, name, len(definition.sizes), MOST_SIZES))
            return None
        return Extent(layers, height)

    return {name for name in definitions if extent(name) is not None}


def computable(network: ir.Network, report: Report) -> bool:
    """Whether weights and operations can be counted; reported where they cannot."""
    total = dim(0)
    span = network.span
    try:
        for cost in costs(network):
            span = cost.step.span
            total += cost.flops
    except OverflowError:
        report(errors.size_too_large(span))
        return False
    return True


def _applied(definition: ir.Definition) -> Iterator[ir.Expression]:
    """Every layer, block and operator of a body that stands there whatever is decided."""
    pending: list[ir.Node] = [
        each for each in definition.body if isinstance(each, ir.Bind | ir.Unpack | ir.Append)
    ]
    while pending:
        node = pending.pop()
        if isinstance(node, ir.Apply | ir.Use | ir.Operation):
            yield node
        if isinstance(node, ir.Conditional):
            pending.append(node.condition)
        elif isinstance(node, ir.Repeat):
            pending += [node.count, node.flowing]
        else:
            pending += _inner(node)


def _inner(node: ir.Node) -> Iterator[ir.Node]:
    """The nodes in the fields of a node."""
    for field in type(node)._fields:
        value = getattr(node, field)
        parts = value.values() if isinstance(value, Mapping) else value
        for each in parts if not isinstance(parts, ir.Node | str) and _many(parts) else (parts,):
            if isinstance(each, ir.Node):
                yield each


def _many(value: object) -> bool:
    return isinstance(value, tuple) or (isinstance(value, Iterable) and not isinstance(value, str))
