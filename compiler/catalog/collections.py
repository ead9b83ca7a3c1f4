"""Sources besides tables of text and pictures: other files, published collections, Python."""

from __future__ import annotations

from ..dims import name
from .record import SourceRecord

PARTS = "path: string = '', train: string = '', validation: string = '', test: string = ''"


def _file(kind: str, code: str, summary: str, example: str, skips: bool = False) -> SourceRecord:
    """A file of columns, one or one for each part."""
    module = f"dlc.runtime.{kind}"
    return SourceRecord(kind, PARTS, summary, example, module=module, code=code, skips=skips)


def _pictures(kind: str, code: str, summary: str, *labels: tuple[str, int]) -> SourceRecord:
    """A collection of pictures of 32x32 in colour."""
    columns = tuple((column, "i64", (), count) for column, count in labels)
    return SourceRecord(
        kind,
        "path: string? = None",
        summary,
        f"{kind}()",
        module="dlc.runtime.cifar",
        code=code,
        columns=(("image", "u8", (3, 32, 32), None), *columns),
        parts=("train", "test"),
        downloads=True,
        folders=True,
    )


COLLECTIONS = (
    _file("parquet", "Parquet", "a table in a Parquet file", 'parquet("houses.parquet")'),
    _file(
        "json_lines",
        "JsonLines",
        "one object a line, its keys the columns; `.gz` too",
        'json_lines("houses.jsonl")',
        skips=True,
    ),
    _file("npz", "Npz", "numpy's arrays by name, one entry a record", 'npz("digits.npz")'),
    SourceRecord(
        "text_folder",
        PARTS,
        "texts in one folder a class",
        'text_folder("reviews")',
        module="dlc.runtime.text_files",
        code="TextFolder",
        columns=(("text", "text", (), None), ("label", "text", (), None)),
        folders=True,
        skips=True,
    ),
    SourceRecord(
        "text_file",
        PARTS,
        "one long text, whose records are the places in it",
        'text_file("tales.txt")',
        module="dlc.runtime.text_files",
        code="TextFile",
        columns=(("text", "text", (), None),),
    ),
    SourceRecord(
        "audio_folder",
        f"{PARTS}, rate: size? = None",
        "sounds in one folder a class, of one channel, at one rate",
        'audio_folder("spoken_digits")',
        module="dlc.runtime.audio_folder",
        code="AudioFolder",
        columns=(("sound", "sound", (name("samples"),), None), ("label", "text", (), None)),
        folders=True,
        skips=True,
    ),
    _pictures(
        "cifar10",
        "Cifar10",
        "60,000 colour pictures of ten kinds of things, 32x32",
        ("label", 10),
    ),
    _pictures(
        "cifar100",
        "Cifar100",
        "60,000 colour pictures of a hundred kinds of things in twenty families, 32x32",
        ("label", 100),
        ("coarse_label", 20),
    ),
    SourceRecord(
        "python",
        "place: string",
        "records that a function gives, in a module that was allowed on the command line",
        'python("package.module:records")',
        module="dlc.runtime.python_source",
        code="Python",
    ),
)
