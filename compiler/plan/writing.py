"""Names and statements of one function on their way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..dims import Dim, name
from ..opened import names
from ..source import Span
from .members import Members
from .text import Line, quote

MOST_TIMES = 65
WORD = re.compile(r'"(?:\\.|[^"\\])*"|(?<![\w.])[A-Za-z_][\w@]*')


class Unwritable(Exception):
    """A function that would have to name a size that only its caller has; `span` is its block."""

    def __init__(self, block: str, span: Span, sizes: set[str]) -> None:
        super().__init__(", ".join(sorted(sizes)))
        self.block, self.span = block, span


@dataclass(slots=True)
class Writing:
    """Names and statements of one function on their way."""

    names: dict[int, str] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    inline: dict[int, str] = field(default_factory=dict)
    strength: dict[int, int] = field(default_factory=dict)
    members: Members = field(default_factory=Members)
    atoms: Mapping[str, ir.Open] = field(default_factory=dict)
    # In a loop over layers: what those of one turn are called, and rows of them by identity.
    elements: Mapping[str, str] = field(default_factory=dict)
    chains: Mapping[int, str] = field(default_factory=dict)
    functions: dict[int, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    goals: Mapping[int, str] = field(default_factory=dict)
    device: str = "None"
    inputs: Mapping[str, ir.Value] = field(default_factory=dict)
    ports: tuple[str, ...] = ()  # what the outputs are called
    level: int = 0  # of loops and branches around it
    # Numbers of turns: what stands for the size that counts them, and lists that loops fill.
    counted: Mapping[str, Dim] = field(default_factory=dict)
    lets: Mapping[Dim, str] = field(default_factory=dict)  # sizes that the author has a name for
    lists: set[int] = field(default_factory=set)
    # Axes of inputs that are no plain names, of a block that was typed in its caller's sizes.
    axes: dict[Dim, tuple[str, str]] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    readable: frozenset[str] | None = None
    # In training code models are called by their names: `D(G(z))` reads well there.
    nesting: bool = False

    def quote(self, value: Any) -> str:
        """A value of the spec as Python text; sizes go by the names they have in this function."""
        if isinstance(value, ir.Value):
            return self.of(value)
        if isinstance(value, tuple):
            comma = "," if len(value) == 1 else ""
            return f"({', '.join(map(self.quote, value))}{comma})"
        if isinstance(value, ir.Open):
            self.sizes |= names(value, self.atoms)
            return self._in_own_words(value.text)
        if not isinstance(value, Dim) or value.value is not None:
            return quote(value)
        for size, word in self.lets.items():
            more = (value - size).value
            if more is not None:
                self.sizes.add(word)
                own = self._in_own_words(word)
                return f"{own} {'+' if more > 0 else '-'} {abs(more)}" if more else own
        value = value.substitute(dict(self.counted))
        given = names(value, self.atoms)
        given -= {each for size in self.counted.values() for each in size.names}
        if self.readable is not None and not given <= self.readable:
            return self._by_axes(value)
        self.sizes |= given
        if value.names & self.atoms.keys():
            return self._in_own_words(quote(value))
        return quote(value.substitute({old: name(new) for old, new in self.renamed.items()}))

    def _in_own_words(self, code: str) -> str:
        """Code in the names that sizes and hyperparameters have in this function."""
        return WORD.sub(lambda word: self.renamed.get(word[0], word[0]), code)

    def alike(self, shape: tuple[Dim, ...]) -> str:
        """An input of this shape that its variable still holds."""
        for word, value in self.inputs.items():
            if value.type.shape == shape and self.holders.get(word) == id(value):
                return word
        return ""

    def member(self, attribute: str) -> str:
        """A layer: an attribute of the module, or what it is called in this turn of a loop."""
        return self.elements.get(attribute) or f"self.{self.members.names[attribute]}"

    def list_of(self, key: str) -> str:
        """The layers of all turns: a list of the module's, or one of a turn of the outer loop."""
        known = self.chains.get(int(key)) if key.isdigit() else self.elements.get(key)
        held = self.members.chains[int(key)] if key.isdigit() else self.members.names[key]
        # To a type checker what a list of modules holds is a module, no list.
        return f"{known}.children()" if known else f"self.{held}"

    def _by_axes(self, value: Dim) -> str:
        """A size of the caller's by that of an axis: as long, so much longer, so many times."""
        for size, (variable, code) in self.axes.items():
            own = _beside(value, size, variable)
            if own:
                self.reads[variable] = code
                return own
        self.lost |= value.names
        return quote(value)

    def of(self, value: ir.Value) -> str:
        """The variable of a tensor, or the expression that stands for it."""
        return self.inline.get(id(value)) or self.names[id(value)]


def _beside(value: Dim, size: Dim, variable: str) -> str:
    """A size in terms of another one, if it is that one plus, times or by a number."""
    more = (value - size).value
    if more is not None:
        return f"{variable} {'+' if more > 0 else '-'} {abs(more)}" if more else variable
    for times in range(2, MOST_TIMES):
        if value == size * times:
            return f"{variable} * {times}"
        if value == size // times:
            return f"{variable} // {times}"
    return ""
