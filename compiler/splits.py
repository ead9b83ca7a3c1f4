"""The splits that a data block has."""

from __future__ import annotations

from . import ir


def splits(data: ir.Data) -> list[str]:
    """The splits that a data block has: those of its `split`, and the source's own."""
    named = data.split.arguments if data.split else {}
    found = ["train"]
    found += [name for name in ("validation", "test") if named.get(name)]
    if data.source is not None and "test" in getattr(data.source.record, "parts", ()):
        found += [] if "test" in found else ["test"]
    return found
