"""Columns of any values, and files of records as one table: arrays, texts, holes, parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.errors import DataError
from dlc.runtime.fields import Field
from dlc.runtime.json_lines import JsonLines
from dlc.runtime.record_files import Columns
from dlc.runtime.steps import Reshape, Scale, same_order
from dlc.runtime.table import Table, mixed_column, number
from dlc.runtime.values import column_of, numpy_column, written


def told(row: int) -> str:
    return f"record {row + 1}"


def column(*values: object) -> np.ndarray:
    return column_of(values, "c", "the file", told)


def fault(*values: object) -> DataError:
    with pytest.raises(DataError) as caught:
        column(*values)
    return caught.value


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2.5, None), [1, 2.5, np.nan]),
        ((True, False), [1, 0]),
        ((np.float32(2), np.int64(3)), [2, 3]),
        ((np.array(4), torch.tensor(5)), [4, 5]),
        (([1, 2], [3, 4]), [[1, 2], [3, 4]]),
        (([[1], [2]], None), [[[1], [2]], [[np.nan], [np.nan]]]),
        (([1, None], [3, 4]), [[1, np.nan], [3, 4]]),
        (((1, 2), np.array([3, 4])), [[1, 2], [3, 4]]),
        ((torch.tensor([1.0, 2.0]), [3, 4]), [[1, 2], [3, 4]]),
    ],
)
def test_numbers_and_arrays_become_floats_and_none_is_a_hole(values, expected):
    found = column(*values)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


def test_texts_stay_texts_and_numbers_among_them_become_texts():
    assert column("a", None, 3).tolist() == ["a", None, "3"]


def test_records_that_all_bring_arrays_of_one_kind_keep_it():
    pictures = [np.full((3, 2, 2), value, np.uint8) for value in (1, 2)]
    assert column(*pictures).dtype == np.uint8
    assert column(*(torch.ones(2), torch.zeros(2))).dtype == np.float32


def test_arrays_of_unlike_shapes_are_told_with_both_places():
    error = fault([1, 2], [1, 2], [3])
    assert error.message == "The column `c` has 2 values in record 1, and 1 values in record 3."
    assert "one value in record 2" in fault([1], 2).message


@pytest.mark.parametrize("value", [["a"], [[1], [2, 3]], [{"x": 1}], [10**400]])
def test_what_is_no_array_of_numbers_is_told_with_its_place(value):
    assert "no array of numbers in record 2" in fault([1.0], value).message


def test_an_object_among_values_is_told():
    assert "an object where a value is wanted, in record 2" in fault(1, {"x": 1}).message


def test_a_number_beyond_all_floats_is_text_and_no_crash():
    assert number(10**400) is None
    assert mixed_column([10**400, 1], ()).dtype == object


def test_texts_are_as_they_were_written():
    assert written(["007", 7, 0.5, None, np.int64(3)]).tolist() == ["007", "7", "0.5", None, "3"]


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.zeros((2, 3, 4, 4), np.uint8), np.uint8),
        (np.zeros((2, 5), np.uint8), np.uint8),
        (np.zeros(2, np.uint8), np.int64),
        (np.zeros(2, bool), np.int64),
        (np.zeros((2, 3), bool), np.uint8),
        (np.zeros(2, np.float16), np.float32),
        (np.zeros((2, 2), ">f4"), np.dtype("=f4")),
        (np.zeros(2, np.int16), np.int16),
    ],
)
def test_arrays_of_numpy_keep_their_precision(array, kind):
    assert numpy_column(array, "a", "f").dtype == kind


def test_texts_of_numpy_are_texts_of_python():
    assert numpy_column(np.array(["a", "bc"]), "a", "f").tolist() == ["a", "bc"]
    assert numpy_column(np.array(["ä".encode()]), "a", "f").tolist() == ["ä"]
    with pytest.raises(DataError, match="not UTF-8"):
        numpy_column(np.array([b"\xff"]), "a", "f")


@pytest.mark.parametrize(
    "array", [np.zeros(2, complex), np.zeros(2, "M8[D]"), np.zeros(2, "i4,f4")]
)
def test_other_kinds_of_numpy_are_refused(array):
    with pytest.raises(DataError, match="holds values of the kind"):
        numpy_column(array, "a", "f")


def test_a_column_is_read_once_and_only_when_it_is_asked_for():
    asked = []

    def read(name: str) -> np.ndarray:
        asked.append(name)
        return np.zeros(2)

    columns = Columns(["a", "b"], read)
    assert list(columns) == ["a", "b"] and "a" in columns and len(columns) == 2
    assert asked == []
    assert columns["a"] is columns["a"]
    assert asked == ["a"]
    with pytest.raises(KeyError):
        columns["c"]


def test_parts_stand_one_behind_the_other_and_texts_of_one_make_all_texts(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"x": 1, "y": "007"}\n')
    (tmp_path / "b.jsonl").write_text('{"y": "7", "x": "one"}\n\n{"x": 2, "y": "8"}\n')
    table = JsonLines(train="a.jsonl", test="b.jsonl").read([tmp_path])
    assert dict(table.parts) == {"train": slice(0, 1), "test": slice(1, 3)}
    assert table.columns["x"].tolist() == ["1", "one", "2"]
    assert table.columns["y"].tolist() == [7, 7, 8]
    assert table.texts("y").tolist() == ["007", "7", "8"]
    assert table.where(2) == f"line 3 of {tmp_path / 'b.jsonl'}"


def test_parts_with_other_columns_or_other_shapes_are_told(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"x": [1, 2]}\n')
    (tmp_path / "b.jsonl").write_text('{"x": [1, 2, 3]}\n')
    (tmp_path / "c.jsonl").write_text('{"z": 1}\n')
    table = JsonLines(train="a.jsonl", test="b.jsonl").read([tmp_path])
    with pytest.raises(DataError, match=r"records of 2 values in .*, and of 3 values in"):
        table.column("x")
    with pytest.raises(DataError, match="has the column `x`, and"):
        JsonLines(train="a.jsonl", test="c.jsonl").read([tmp_path])


def records(array: np.ndarray) -> Table:
    return Table({"a": array}, "the file", told, count=len(array))


@pytest.mark.parametrize(
    ("have", "want"),
    [((28, 28, 1), (1, 28, 28)), ((1, 5), (5,)), ((1,), ()), ((), (1,)), ((3, 2), (3, 2))],
)
def test_axes_of_one_come_and_go(have, want):
    same_order(np.zeros((2, *have)), want, "a")
    field = Field("a", shape=want)
    assert field.as_declared(field.read("f", records(np.zeros((2, *have))))).shape == (2, *want)


@pytest.mark.parametrize(
    ("have", "want"), [((4, 4, 3), (3, 4, 4)), ((12,), (3, 4)), ((2, 3), (3, 2)), ((2, 3), (6,))]
)
def test_an_array_in_another_order_is_refused_unless_reshape_says_so(have, want):
    array = np.zeros((2, *have))
    plain = Field("a", shape=want)
    with pytest.raises(DataError, match="has the shape"):
        plain.finish("f", plain.learn(plain.read("f", records(array)), "p"), told)
    said = Field("a", Reshape(*want), shape=want)
    done = said.finish("f", said.learn(said.read("f", records(array)), "p"), told)
    assert done.shape == (2, *want)


def test_columns_side_by_side_take_any_shape():
    table = Table({str(n): np.arange(2.0) for n in range(4)}, "f", told)
    field = Field([str(n) for n in range(4)], Scale(2.0), shape=(2, 2))
    assert field.finish("f", field.learn(field.read("f", table), "p"), told).shape == (2, 2, 2)
