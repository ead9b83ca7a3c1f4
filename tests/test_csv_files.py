"""Tables of several files, of files with faults that are skipped, and of hostile ones."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime import csv_files
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError
from dlc.runtime.sources import Csv
from dlc.runtime.splits import random_split
from dlc.runtime.table import Table


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def read(folder: Path, **options: object) -> Table:
    return Csv(**{"train": "a.csv", "test": "b.csv", **options}).read([folder])


def fault(folder: Path, **options: object) -> DataError:
    with pytest.raises(DataError) as caught:
        read(folder, **options)
    return caught.value


# Parts


def test_parts_stand_one_behind_the_other(tmp_path: Path) -> None:
    write(tmp_path, a="x,y\n1,p\n2,q\n", b="x,y\n3,r\n", c="x,y\n4,s\n5,t\n6,u\n")
    found = read(tmp_path, validation="c.csv")
    assert found.columns["x"].tolist() == [1, 2, 4, 5, 6, 3]
    assert found.columns["y"].tolist() == ["p", "q", "s", "t", "u", "r"]
    assert found.parts == {"train": slice(0, 2), "validation": slice(2, 5), "test": slice(5, 6)}
    assert found.where(1) == f"line 3 of {tmp_path}/a.csv"
    assert found.where(2) == f"line 2 of {tmp_path}/c.csv"
    assert found.where(5) == f"line 2 of {tmp_path}/b.csv"


def test_parts_become_splits_and_training_may_be_split_further(tmp_path: Path) -> None:
    rows = "".join(f"{row}\n" for row in range(20))
    write(tmp_path, a="x\n" + rows, b="x\n100\n")
    source = Csv(train="a.csv", test="b.csv")
    whole = Dataset(source, {"x": Field("x")}).load([tmp_path])
    assert whole.sizes == {"train": 20, "test": 1}
    split = random_split(train=0.8, validation=0.2)
    parted = Dataset(source, {"x": Field("x")}, split).load([tmp_path])
    assert parted.sizes == {"train": 16, "validation": 4, "test": 1}
    assert parted.test is not None
    assert parted.test.x.tolist() == [100]


def test_a_column_is_numeric_where_it_is_in_every_part(tmp_path: Path) -> None:
    write(tmp_path, a="x\n1\n", b="x\nmany\n")
    assert read(tmp_path).columns["x"].tolist() == ["1", "many"]


def test_parts_may_have_their_columns_in_another_order(tmp_path: Path) -> None:
    write(tmp_path, a="x,y\n1,2\n", b="y,x\n3,4\n")
    found = read(tmp_path)
    assert found.columns["x"].tolist() == [1, 4]
    assert found.columns["y"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("a", "b", "has", "lacks"),
    [("x,y\n1,2\n", "x,z\n1,2\n", "a", "b"), ("x\n1\n", "x,y\n1,2\n", "b", "a")],
)
def test_parts_with_other_columns_are_told(
    a: str, b: str, has: str, lacks: str, tmp_path: Path
) -> None:
    write(tmp_path, a=a, b=b)
    error = fault(tmp_path)
    assert error.message == (
        f"{tmp_path}/{has}.csv has the column `y`, and {tmp_path}/{lacks}.csv does not."
    )
    assert "There are: `x`" in error.help


def test_a_new_file_is_read_alone_and_without_mercy(tmp_path: Path) -> None:
    write(tmp_path, a="1;x\n", b="2;y\n", new="3;z\n4\n")
    own = Csv(train="a.csv", test="b.csv", names=("n", "t"), separator=";", on_error="skip")
    assert own.read([tmp_path]).columns["n"].tolist() == [1, 2]
    with pytest.raises(DataError, match="has 1 cell in line 2, and 2 columns"):
        own.alone(tmp_path / "new.csv").read([])


# Rows of another width


def test_rows_of_another_width_are_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path, a="x,y\n1,2\n3\n4,5,6\n\n7,8\n", b="x,y\n1,2\n")
    found = read(tmp_path, on_error="skip")
    assert found.columns["x"].tolist() == [1, 7, 1]
    assert found.notes == (
        f"2 rows of {tmp_path}/a.csv without its 2 cells left out, the first in line 3.",
    )
    assert found.where(1) == f"line 6 of {tmp_path}/a.csv"
    assert found.parts["test"] == slice(2, 3)


def test_whole_files_have_no_notes_and_faulty_ones_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a="x,y\n1,2\n", b="x,y\n1,2\n")
    assert read(tmp_path, on_error="skip").notes == ()
    write(tmp_path, b="x,y\n1,2\n3\n")
    assert "in line 3, and 2 columns" in fault(tmp_path).message
    write(tmp_path, b="x,y\n1\n3\n")
    assert "holds no records" in fault(tmp_path, on_error="skip").message


# As written


def test_texts_are_as_written_beside_their_numbers(tmp_path: Path) -> None:
    write(tmp_path, a="n\n007\nNA\n", b="n\n 1.50 \n")
    found = read(tmp_path)
    np.testing.assert_array_equal(found.columns["n"], [7, np.nan, 1.5])
    assert found.texts("n").tolist() == ["007", None, "1.50"]
    assert read(tmp_path, missing=("1.50",)).texts("n").tolist() == ["007", "NA", None]


def test_texts_of_numbers_without_a_file_are_their_shortest() -> None:
    table = Table({"n": np.array([1.0, 2.5, np.nan])}, "here", str)
    assert table.texts("n").tolist() == ["1", "2.5", None]


# Packed files


def test_a_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_files, "LARGEST_UNPACKED", 1 << 20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"x\n" + b"1\n" * (1 << 20)))
    (tmp_path / "fine.csv.gz").write_bytes(gzip.compress(b"x\n" + b"1\n" * (1 << 18)))
    with pytest.raises(DataError) as caught:
        Csv("bomb.csv.gz").read([tmp_path])
    assert caught.value.message.endswith("bomb.csv.gz unpacks to more than 1 MiB.")
    assert "unpack it" in caught.value.help
    assert len(Csv("fine.csv.gz").read([tmp_path])) == 1 << 18
