"""Every field of series and texts that checks is emitted, and loads at the size it declares."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dlc.compiler.catalog.data import SPLITS
from dlc.runtime.dataset import Dataset, Splits
from packages import checked, imported, package, written

ROWS = "\n".join(
    ",".join(
        [
            str(at),
            str(at % 7),
            "" if at == 3 else str(at % 5),
            "up" if at % 3 else "down",
            f"Some {at % 2} WORDS",
            f"p{at % 6}",
        ]
    )
    for at in range(60)
)


def loaded(tmp_path: Path, source: str, field: str, split: str = "") -> Splits:
    """The training split of an emitted data block of one field."""
    (tmp_path / "rows.csv").write_text(f"a,b,co2,kind,text,patient\n{ROWS}\n")
    (tmp_path / "tales.txt").write_text("Once upon a time there was a tale. " * 20)
    text = f"data rows from {source} {{\n  {field}\n  {split}\n}}\n"
    home = written(package(text), tmp_path)
    every = vars(imported(home, "data")).values()
    return next(each for each in every if isinstance(each, Dataset)).load([tmp_path])


FIELDS = [
    "x: f32[24] = a -> window(24)",
    "x: f32[24] = co2 -> impute(median) -> window(24)",
    "x: f32[24] = co2 -> window(24) -> impute(0)",
    "x: f32[4, 2] = [a, b] -> window(4)",
    "x: f32[4, 2] = columns(0, 2) -> standardize -> window(4)",
    "x: f32[24, 1] = a -> window(24) -> reshape(24, 1)",
    "x: f32[24] = a -> window(24) -> normalize",
    "x: f32[6, 4] = a -> window(4) -> window(6)",
    "x: f32[1] = a -> ahead(1)",
    "x: f32 = a -> standardize -> ahead(3)",
    "x: f32 = a / (b + 1) -> ahead(3) -> standardize",
    "x: f32[8] = a -> window(8) -> ahead(1)",
    "x: i64[8] = a -> window(8)",
    "x: class(7)[8] = b -> window(8)",
    "x: class(7) = b -> ahead(2)",
    'x: class("up", "down") = kind -> ahead(1)',
    'x: class("up", "down")[4] = kind -> categories("up", "down") -> window(4)',
    'x: f32[4, 2] = kind -> categories("up", "down") -> one_hot -> window(4)',
    "x: f32[2] = kind -> ahead(1) -> categories -> one_hot",
    'x: class("some 0 words", "some 1 words") = text -> lower',
    "x: token(90)[8] = text -> lower -> characters -> vocabulary(90) -> pad(8)",
    "x: token(90)[3] = text -> ahead(1) -> words -> vocabulary(90) -> pad(3)",
]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_a_series_loads_as_declared(field: str, tmp_path: Path) -> None:
    train = loaded(tmp_path, 'csv("rows.csv")', field).train
    declared = field.split("=")[0].split("[")
    sizes = declared[1].strip(" ]").split(", ") if len(declared) > 1 else []
    assert train.x.shape[1:] == torch.Size(map(int, sizes))
    assert len(train) > 20 and train.x.isfinite().all()


@pytest.mark.parametrize(
    "field",
    [
        "x: token(40)[6] = text -> characters -> vocabulary(40) -> window(6)",
        "x: class(40)[6] = text -> characters -> vocabulary(40) -> window(6) -> ahead(1)",
        "x: token(40)[2, 3] = text -> characters -> vocabulary(40) -> window(6) -> reshape(2, 3)",
        "x: token(40)[6] = text -> lower -> words(lower=False) -> vocabulary(40) -> window(6)",
    ],
)
def test_a_field_of_a_text_loads_as_declared(field: str, tmp_path: Path) -> None:
    split = "split = chronological(train=0.7, validation=0.1, test=0.2)"
    splits = loaded(tmp_path, 'text_file("tales.txt")', field, split)
    assert splits.train.x.dtype == torch.int64 and splits.train.x.max() < 40
    assert splits.train.x[0].numel() == 6 == splits.test.x[0].numel()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SPLITS)
def test_windows_go_with_every_split(name: str, tmp_path: Path) -> None:
    splits = {
        "by_column": "by_column(b, train=[0, 1, 2, 3, 4], test=[5, 6])",
        "stratified": "stratified(next, train=0.5, test=0.5)",
        "k_fold": "k_fold(4, stratify=next)",
    }
    fields = 'x: f32[2] = a -> window(2)\n  next: class("up", "down") = kind -> ahead(1)'
    split = f"split = {splits.get(name, SPLITS[name].example)}  # allow D0561"
    found = loaded(tmp_path, 'csv("rows.csv")', fields, split)
    assert torch.equal(
        found.train.x[:, 1] - found.train.x[:, 0],
        torch.full((len(found.train),), 6.0 if name == "by_group" else 1.0),
    )


@pytest.mark.parametrize(
    ("source", "field", "split"),
    [
        ('csv("r.csv")', "x: token(9)[4] = text -> words -> vocabulary(9) -> window(4)", ""),
        (
            'text_file("t.txt")',
            "x: token(9)[4] = text -> words -> vocabulary(9) -> window(4)",
            "split = by_group(author, train=0.5, test=0.5)",
        ),
        (
            'text_file("t.txt")',
            "x: token(9)[4] = text -> words -> vocabulary(9) -> window(4)\n"
            "  y: token(9)[4] = text -> characters -> vocabulary(9) -> window(4)",
            "",
        ),
    ],
)
def test_what_means_nothing_is_refused(source: str, field: str, split: str) -> None:
    said = checked(f"data rows from {source} {{\n  {field}\n  {split}\n}}\n").diagnostics
    assert [each.code for each in said if each.severity == "error"] == ["D0560"]
