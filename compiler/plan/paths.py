"""Where the layers of a network with numbers stand in the emitted module: `layers.2.norm1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import ir
from ..unrolled import Place, Unlike
from .blocks import Blocks
from .classes import PROGRAM, variant
from .members import Members, passing


@dataclass(frozen=True, slots=True)
class _Spot:
    """An attribute, how many loops it stands in, and whether it is one of a row there."""

    name: str
    loops: int
    row: bool


def paths(network: ir.Network, step: ir.BlockStep | None = None) -> dict[str, str]:
    """For each attribute of a model, or of a block in use, its path below the emitted module."""
    program = PROGRAM.get()
    blocks = Blocks(program, set())
    if step is not None:
        whole = blocks.whole(step)
    else:
        found = variant(network.name, network).network
        whole = None if found is network else found
    if whole is None:
        return dict(blocks.members(network).names)
    spots: dict[str, _Spot] = {}
    _spots(whole.steps, blocks.members(whole), blocks, 0, spots)
    try:
        places = program.whole.places(whole, network)
    except Unlike:
        return dict(blocks.members(network).names)
    return _numbered(places, spots)


def _numbered(places: Mapping[str, Place], spots: Mapping[str, _Spot]) -> dict[str, str]:
    rows: dict[tuple[str, tuple[int, ...]], int] = {}
    found = {}
    for attribute, (generic, turns) in places.items():
        spot = spots.get(generic)
        if spot is None:
            continue
        parts = [spot.name, *map(str, turns[: spot.loops])]
        if spot.row:
            key = spot.name, turns[: spot.loops]
            parts.append(str(rows.setdefault(key, 0)))
            rows[key] += 1
        found[attribute] = ".".join(parts)
    return found


def _spots(
    steps: tuple[ir.TypedStep, ...],
    members: Members,
    blocks: Blocks,
    loops: int,
    found: dict[str, _Spot],
    row: _Spot | None = None,
) -> None:
    for step in steps:
        match step:
            case ir.Turns() if row is None and id(step) in members.chains:
                inner = _Spot(members.chains[id(step)], loops, True)
                _spots(step.steps, members, blocks, loops, found, inner)
            case ir.Turns(steps=inside):
                _spots(inside, members, blocks, loops + 1, found, row)
            case ir.Choice(then=then, otherwise=otherwise):
                spot = row
                if row is None and id(step) in members.chains:
                    several = len(passing(step, members) or ()) > 1
                    spot = _Spot(members.chains[id(step)], loops, several)
                _spots((*then, *otherwise), members, blocks, loops, found, spot)
            case ir.LoopStep(steps=inside):
                _spots(inside, members, blocks, loops, found, row)
            case ir.LayerStep() | ir.BlockStep() | ir.StateStep() if step.attribute:
                if row is not None:
                    found.setdefault(step.attribute, row)
                elif step.attribute in members.names:
                    alone = step.attribute not in members.elements
                    spot = _Spot(members.names[step.attribute], 0 if alone else loops, False)
                    found.setdefault(step.attribute, spot)
