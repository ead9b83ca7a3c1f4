"""Names and statements of one function on their way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..dims import Dim, name
from .text import Line, quote

WORD = re.compile(r"\b[A-Za-z_]\w*")


@dataclass(slots=True)
class Writing:
    """Names and statements of one function on their way."""

    names: dict[int, str] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    inline: dict[int, str] = field(default_factory=dict)
    strength: dict[int, int] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    functions: dict[int, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    goals: Mapping[int, str] = field(default_factory=dict)
    device: str = "None"
    # Numbers of turns: what stands for the size that counts them, and lists that loops fill.
    counted: Mapping[str, Dim] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
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
            self.sizes |= set(WORD.findall(value.text)) & set(self.renamed)
            return WORD.sub(lambda word: self.renamed.get(word[0], word[0]), quote(value))
        if not isinstance(value, Dim) or value.value is not None:
            return quote(value)
        value = value.substitute(dict(self.counted))
        self.sizes |= value.names - {each for size in self.counted.values() for each in size.names}
        return quote(value.substitute({old: name(new) for old, new in self.renamed.items()}))

    def of(self, value: ir.Value) -> str:
        """The variable of a tensor, or the expression that stands for it."""
        return self.inline.get(id(value)) or self.names[id(value)]
