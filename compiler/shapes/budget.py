"""How much may be built: counted while it is, and by arithmetic before a loop goes on."""

from __future__ import annotations

from dataclasses import dataclass

from ..source import Span

MOST_LAYERS = 100_000
MOST_TURNS = 200_000
DEEPEST = 50


class Exceeded(Exception):
    """More layers than a network may have; `span` is where it became too many."""

    def __init__(self, span: Span) -> None:
        self.span = span


@dataclass(slots=True)
class Budget:
    """Layers and turns that are left for one network, blocks in it included.

    Once blocks stood too `deep`, nothing more is gone into: one endless block is one fault.
    """

    layers: int = MOST_LAYERS
    turns: int = MOST_TURNS
    deep: bool = False

    def spend(self, span: Span, layers: int = 1) -> None:
        """Count layers; raises `Exceeded`."""
        self.layers -= layers
        if self.layers < 0:
            raise Exceeded(span)

    def turn(self, span: Span) -> None:
        """Count a turn of a loop; raises `Exceeded`."""
        self.turns -= 1
        if self.turns < 0:
            raise Exceeded(span)

    def foresee(self, span: Span, used: int, turns: int) -> None:
        """Refuse a loop whose first turn used so many layers and that has so many turns to go."""
        if used * turns > self.layers:
            raise Exceeded(span)
