"""D053.: texts, names, and what of a column tells the split."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic
from ..source import Span


def not_numbers(span: Span, name: str, declared: str, comes: str, help: str) -> Diagnostic:
    """A field whose steps leave texts, lists, or tokens and labels that are declared as numbers."""
    return Diagnostic(
        "D0531",
        f"`{name}` is declared as {declared}, and its columns and steps give {comes}",
        span,
        help=(help,),
        values={"declared": declared, "given": comes},
    )


def vocabulary_too_large(span: Span, name: str, declared: str, size: int) -> Diagnostic:
    """More tokens than the field's type has."""
    return Diagnostic(
        "D0532",
        f"`{name}` is declared as {declared}, and its vocabulary has {size} tokens",
        span,
        help=(f"declare `token({size})`: padding and the unknown word count too",),
        values={"declared": declared, "size": size},
    )


def wrong_categories(
    span: Span, name: str, declared: str, count: int | None, names: Sequence[str], help: str
) -> Diagnostic:
    """Another number of categories than declared, or others than the labels."""
    listed = ", ".join(f'"{each}"' for each in names)
    return Diagnostic(
        "D0533",
        f"`{name}` is declared as {declared}, and there are {count} categories"
        + (f": {listed}" if listed else ""),
        span,
        help=(help,),
        values={"declared": declared, "count": count},
    )


def value_in_two_splits(span: Span, value: object, first: str, second: str) -> Diagnostic:
    """A value of `by_column` that two splits name."""
    return Diagnostic(
        "D0535",
        f"{value!r} is named for {first} and for {second}",
        span,
        help=("a record is in one split: name each value once",),
        values={"value": str(value)},
    )


def which_file(span: Span, both: bool, name: str) -> Diagnostic:
    """A source with a path and parts, with neither, or with parts but none that trains."""
    what = "a file and parts" if both else "no file to train on"
    ending = {"json_lines": "jsonl", "text_file": "txt"}.get(name, name)
    return Diagnostic(
        "D0536",
        f"this source names {what}",
        span,
        help=(
            f'write `{name}("all.{ending}")`, or `{name}(train="a.{ending}", test="b.{ending}")`',
        ),
    )


def text_among_numbers(span: Span, index: int) -> Diagnostic:
    """A list with texts and numbers."""
    return Diagnostic(
        "D0538",
        f"entry {index} of this list (counted from 0) is no text, and others are",
        span,
        help=("write all of them in quotes, or none",),
        values={"index": index},
    )


def part_twice(span: Span, part: str, source: str, split: str) -> Diagnostic:
    """A split that the source has already."""
    return Diagnostic(
        "D0539",
        f"`{source}` has its own {part} split, and {split} makes another",
        span,
        help=(
            "write `random(train=0.9, validation=0.1, seed=0)`: it parts what there is to train on"
            if split == "k_fold"
            else f"leave {part} out here: a split parts what the source has for training",
        ),
        values={"part": part},
    )
