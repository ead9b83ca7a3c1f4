"""The source `python`: what a function may give, and what is said of everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError
from dlc.runtime.python_source import Python
from dlc.runtime.steps import Impute, Standardize


def table(given: Any) -> Any:
    return Python(lambda: given).read([])


def fault(function: Callable[[], Any]) -> DataError:
    with pytest.raises(DataError) as caught:
        Python(function).read([])
    return caught.value


@pytest.mark.parametrize(
    "given",
    [
        {"x": [[1, 2], [3, 4]], "y": ["a", None]},
        {"x": np.array([[1, 2], [3, 4]]), "y": np.array(["a", None])},
        {"x": torch.tensor([[1, 2], [3, 4]]), "y": ("a", None)},
        [{"x": [1, 2], "y": "a"}, {"x": [3, 4]}],
        ({"x": np.array(each), "y": "a" if each[0] == 1 else None} for each in ([1, 2], [3, 4])),
    ],
)
def test_columns_and_records_are_the_same_table(given):
    found = table(given)
    assert list(found.columns) == ["x", "y"] and len(found) == 2
    assert found.column("x").tolist() == [[1, 2], [3, 4]]
    assert found.column("y").tolist() == ["a", None]


def test_numbers_as_texts_are_as_they_were_written():
    found = table([{"code": "007"}, {"code": "8"}])
    assert found.column("code").tolist() == [7, 8]
    assert found.texts("code").tolist() == ["007", "8"]


def test_the_function_is_called_when_the_data_are_read_and_each_time_they_are():
    calls = []

    def records() -> list[dict[str, int]]:
        calls.append(1)
        return [{"x": len(calls)}]

    source = Python(records)
    assert calls == []
    assert source.read([]).column("x").tolist() == [1]
    assert source.read([]).column("x").tolist() == [2]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "gives no records"),
        ([], "gives no records"),
        (None, "'NoneType' object is not iterable"),
        ([{"x": 1}, 2], "gives int as record 2, where a mapping"),
        ("text", "gives str as record 1"),
        ({"x": 5}, "gives int for the column 'x'"),
        ({"x": "text"}, "gives str for the column 'x'"),
        ({"x": torch.tensor(1.0)}, "gives Tensor for the column 'x'"),
        ({"x": {"y": 1}}, "gives dict for the column 'x'"),
        ({5: [1]}, "for the column 5"),
        ({"x": [1, 2], "y": [1]}, "gives 2 entries of `x`, and 1 of `y`"),
    ],
)
def test_what_is_no_table_is_told(given, says):
    error = fault(lambda: given)
    assert says in error.message and error.help


def test_what_the_function_raises_is_told_with_its_line():
    def broken() -> list[dict[str, float]]:
        return [{"x": 1 / 0}]

    error = fault(broken)
    assert error.message.startswith(f"{__name__}:test_what_the_function_raises")
    assert "raised ZeroDivisionError: division by zero" in error.message
    line = broken.__code__.co_firstlineno + 1
    assert f"{__file__}:{line})" in error.message


def test_what_a_generator_raises_on_the_way_is_told():
    def broken() -> Any:
        yield {"x": 1}
        raise OSError("the disk is gone")

    assert "raised OSError: the disk is gone" in fault(broken).message


def load(given: Any, **fields: Field) -> Any:
    return Dataset(Python(lambda: given), fields).load([]).train


def test_fields_are_made_of_the_columns_and_holes_are_filled():
    found = load(
        [{"x": 1.0, "y": 1}, {"y": 0}, {"x": 3.0, "y": 1}],
        x=Field("x", Impute("mean"), Standardize()),
        y=Field("y", classes=2),
    )
    np.testing.assert_allclose(found.x, [-(1.5**0.5), 0, 1.5**0.5], atol=1e-6)
    assert found.y.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ([1, 5], Field("x", classes=3), "has `5` in record 2 of"),
        (["a", "b"], Field("x"), "has the text 'a' where a number is wanted"),
        ([1.0, None], Field("x"), "has 1 hole, the first in record 2 of"),
        ([[1, 2], [3, 4]], Field("x", shape=(3,)), "2 values, and the shape \\[3\\] takes 3"),
        (np.zeros((2, 3, 4)), Field("x", shape=(4, 3)), "has the shape 3x4, and 4x3 is declared"),
        ([0.5, 1.0], Field("x", dtype="int64"), "0.5 is no value of `x`"),
        (np.array([1.0, np.inf]), Field("x"), "is infinite in record 2 of"),
    ],
)
def test_records_are_held_against_the_declared_types(values, field, says):
    with pytest.raises(DataError, match=says):
        load({"x": values}, x=field)


def test_pictures_of_a_function_stay_bytes_and_are_augmented_as_such():
    pictures = np.random.default_rng(0).integers(0, 256, (4, 3, 5, 5), np.uint8)
    found = load({"x": pictures}, x=Field("x", shape=(3, 5, 5)))
    assert found.tensors["x"].dtype == torch.uint8
    np.testing.assert_array_equal(found.x.numpy(), pictures)
    grey = load({"x": pictures[:, 0]}, x=Field("x", shape=(1, 5, 5)))
    np.testing.assert_array_equal(grey.x[:, 0].numpy(), pictures[:, 0])


def test_bytes_without_channels_are_standardized_as_any_array_is():
    values = np.random.default_rng(0).integers(0, 256, (28, 5, 28), np.uint8)
    found = load({"x": values}, x=Field("x", Standardize(), shape=(5, 28)))
    mean, deviation = values.mean((0, 2)), values.std((0, 2))
    expected = (values - mean[:, None]) / deviation[:, None]
    np.testing.assert_allclose(found.x.numpy(), expected, atol=1e-4)
