"""Sources whose records are read by nothing in the runtime yet: what they give is checked.

A record without a module has no code to call: `compile` refuses it by name.
"""

from __future__ import annotations

from ..dims import name
from .record import SourceRecord

PARTS = "path: string = '', train: string = '', validation: string = '', test: string = ''"


def _table(kind: str, summary: str, example: str) -> SourceRecord:
    """A file of columns, one or one for each part."""
    return SourceRecord(kind, PARTS, summary, example, skips=True)


def _pictures(kind: str, summary: str, *labels: tuple[str, int]) -> SourceRecord:
    """A collection of pictures of 32x32 in colour."""
    columns = tuple((column, "i64", (), count) for column, count in labels)
    return SourceRecord(
        kind,
        "path: string? = None",
        summary,
        f"{kind}()",
        columns=(("image", "u8", (3, 32, 32), None), *columns),
        parts=("train", "test"),
        downloads=True,
        folders=True,
    )


COLLECTIONS = (
    _table("parquet", "a table in a Parquet file", 'parquet("houses.parquet")'),
    _table("json_lines", "one object a line, its keys the columns", 'json_lines("houses.jsonl")'),
    SourceRecord("npz", PARTS, "arrays by name, one entry a record", 'npz("digits.npz")'),
    SourceRecord(
        "text_folder",
        PARTS,
        "texts in one folder a class",
        'text_folder("reviews")',
        columns=(("text", "text", (), None), ("label", "text", (), None)),
        folders=True,
        skips=True,
    ),
    SourceRecord(
        "text_file",
        PARTS,
        "one long text, whose records are the places in it",
        'text_file("tales.txt")',
        columns=(("text", "text", (), None),),
    ),
    SourceRecord(
        "audio_folder",
        f"{PARTS}, rate: size? = None",
        "sounds in one folder a class, of one channel, at one rate",
        'audio_folder("spoken_digits")',
        columns=(("sound", "f32", (name("samples"),), None), ("label", "text", (), None)),
        folders=True,
        skips=True,
    ),
    _pictures("cifar10", "60,000 colour pictures of ten kinds of things, 32x32", ("label", 10)),
    _pictures(
        "cifar100",
        "60,000 colour pictures of a hundred kinds of things in twenty families, 32x32",
        ("label", 100),
        ("coarse_label", 20),
    ),
    SourceRecord(
        "python",
        "place: string",
        "records that a function gives, in a module that was allowed on the command line",
        'python("package.module:records")',
    ),
)
