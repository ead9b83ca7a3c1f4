"""The splits that a data block has."""

from __future__ import annotations

from . import ir


def splits(data: ir.Data) -> list[str]:
    """The splits that a data block has: those of its `split`, and the source's own."""
    given = {*split_parts(data), *source_parts(data)}
    return ["train", *(name for name in ("validation", "test") if name in given)]


def split_parts(data: ir.Data) -> list[str]:
    """The splits that a data block's `split` makes."""
    if data.split is None:
        return []
    named = data.split.arguments
    if "folds" in named:
        return ["train", "test"]
    return [name for name in ("train", "validation", "test") if named.get(name) is not None]


def source_parts(data: ir.Data) -> list[str]:
    """The splits that a source has by itself, or by the files or folders that it names."""
    if data.source is None:
        return []
    named = data.source.arguments
    fixed: tuple[str, ...] = getattr(data.source.record, "parts", ())
    return [name for name in ("train", "validation", "test") if name in fixed or named.get(name)]


def folds(data: ir.Data) -> int | None:
    """Into how many folds `k_fold` parts the records; None for other splits."""
    if data.split is None or data.split.record.name != "k_fold":
        return None
    found: int = data.split.arguments["folds"]
    return found
