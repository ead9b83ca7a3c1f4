"""Fields: from raw columns to typed tensors, and what is said of values that do not fit."""

from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.errors import DataError
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Normalize, Reshape, Scale, Standardize


def load(field: Field, **literal: object) -> torch.Tensor:
    return Dataset(Literal(**literal), {"f": field}).load([]).train.f


def fault(field: Field, **literal: object) -> DataError:
    with pytest.raises(DataError) as caught:
        load(field, **literal)
    return caught.value


def csv_fault(folder: Path, text: str, field: Field, **options: object) -> DataError:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Dataset(Csv("t.csv", **options), {"f": field}).load([folder])
    return caught.value


# Columns


@pytest.mark.parametrize("shape", [(), (1,)])
def test_one_column_makes_scalars_or_rows_of_one(shape):
    found = load(Field("x", shape=shape), x=[1, 2, 3])
    assert found.dtype == torch.float32
    assert found.shape == (3, *shape)
    assert found.flatten().tolist() == [1, 2, 3]


def test_a_list_joins_columns_in_its_order():
    found = load(Field(["b", "a", "b"], shape=(3,)), a=[1, 2], b=[3, 4])
    assert found.tolist() == [[3, 1, 3], [4, 2, 4]]


def test_lists_in_lists_are_joined_flat():
    assert load(Field([["a", "b"], "a"], shape=(3,)), a=[1], b=[2]).tolist() == [[1, 2, 1]]


def test_columns_takes_places_and_patterns():
    data = {"pixel_0": [1, 5], "label": [0, 1], "pixel_1": [2, 6]}
    assert load(Field(columns("pixel_*"), shape=(2,)), **data).tolist() == [[1, 2], [5, 6]]
    assert load(Field(columns(1, 3), shape=(2,)), **data).tolist() == [[0, 2], [1, 6]]
    assert load(Field(columns(2, 3), shape=(1,)), **data).tolist() == [[2], [6]]
    mixed = Field([columns("pixel_*"), "label", lambda row: -row["label"]], shape=(4,))
    assert load(mixed, **data).tolist() == [[1, 2, 0, 0], [5, 6, 1, -1]]


def test_columns_that_are_not_there_are_told():
    error = fault(Field(columns("pixl_*")), pixel_0=[1])
    assert error.message == "No column of the spec is named like `pixl_*`."
    error = fault(Field(columns(0, 64)), a=[1], b=[2])
    assert error.message.startswith("the spec has 2 columns, and columns(0, 64) takes")
    assert error.help.startswith("Write columns(0, 2)")
    assert "Did you mean `price`?" in fault(Field("prize"), price=[1]).help


def test_formulas_are_evaluated_over_whole_columns():
    field = Field(lambda row: 2 * row["a"] / row["b"] - 1)
    assert load(field, a=[1, 6], b=[2, 3]).tolist() == [0, 3]
    assert load(Field(lambda row: 3), a=[1, 2]).tolist() == [3, 3]


def test_a_formula_names_the_column_that_is_not_there():
    assert "no column `c`" in fault(Field(lambda row: row["c"]), a=[1]).message


def test_nested_lists_of_the_spec_keep_their_shape():
    found = load(Field("x", Scale(2), shape=(2, 2)), x=[[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    assert found.tolist() == [[[2, 4], [6, 8]], [[10, 12], [14, 16]]]


def test_steps_run_from_left_to_right():
    data = {"a": [0, 2, 4, None], "b": [1, 1, 3, 3]}
    field = Field(["a", "b"], Impute("mean"), Normalize(), Scale(10), Reshape(2, 1), shape=(2, 1))
    wanted = [[[0], [0]], [[5], [0]], [[10], [10]], [[5], [10]]]
    assert load(field, **data).tolist() == wanted


def test_another_number_of_values_than_declared_is_told():
    error = fault(Field(["a", "b"], shape=(3,)), a=[1], b=[2])
    assert error.message == "A record has 2 values, and the shape [3] takes 3."


# Types


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16"])
def test_numbers_get_the_declared_float_type(name):
    found = load(Field("x", Scale(1 / 3), dtype=name), x=[1, 2])
    wanted = torch.tensor([1 / 3, 2 / 3], dtype=torch.float64)
    assert found.dtype == getattr(torch, name)
    assert torch.equal(found, wanted.to(found.dtype))


@pytest.mark.parametrize("name", ["int64", "int32", "uint8", "bool"])
def test_numbers_get_the_declared_integer_type(name):
    found = load(Field("x", dtype=name), x=[1.0, 0.0])
    assert found.dtype == getattr(torch, name)
    assert found.tolist() == [1, 0]


def test_large_integers_of_the_spec_are_exact():
    assert load(Field("x", dtype="int64"), x=[2**53 + 1]).tolist() == [2**53 + 1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int64", 1.5),
        ("int64", 2.0**63),
        ("int32", 2.0**31),
        ("uint8", 256),
        ("uint8", -1),
        ("bool", 2),
    ],
)
def test_a_number_that_the_type_does_not_have_is_told(name, value):
    error = fault(Field("x", dtype=name), x=[1, value])
    assert f"declared as {name}, in record 2 of the spec" in error.message


@pytest.mark.parametrize(("name", "value"), [("float32", 1e39), ("float16", 70000.0)])
def test_a_number_too_large_for_its_type_is_told(name, value):
    error = fault(Field("x", dtype=name), x=[1, 2, value])
    assert error.message == "A value of `f` is too large for its type in record 3 of the spec."
    assert torch.isfinite(load(Field("x", dtype="float64"), x=[value])).all()


# Labels


@pytest.mark.parametrize("values", [[2, 0, 1], [2.0, 0.0, 1.0], ["2", "0", "1.0"]])
def test_classes_are_numbers_however_written(values):
    found = load(Field("y", classes=3), y=values)
    assert found.dtype == torch.int64
    assert found.tolist() == [2, 0, 1]


def test_labels_are_the_declared_names_or_their_numbers():
    field = Field("y", labels=("cat", "dog"))
    assert load(field, y=["dog", "cat", "dog"]).tolist() == [1, 0, 1]
    assert load(field, y=[1, 0, 1]).tolist() == [1, 0, 1]
    assert load(field, y=["dog", "0", "1.0"]).tolist() == [1, 0, 1]


def test_labels_that_are_numbers_stand_for_themselves():
    field = Field("y", labels=("3", "4", "8"))
    assert load(field, y=[3.0, 8.0, 4.0]).tolist() == [0, 2, 1]
    assert "has `0` in record 2" in fault(field, y=[3, 0]).message


def test_tokens_have_the_shape_of_a_sequence():
    found = load(Field(columns("t*"), tokens=50, shape=(3,)), t0=[1, 49], t1=[2, 0], t2=[3, 5])
    assert found.dtype == torch.int64
    assert found.tolist() == [[1, 2, 3], [49, 0, 5]]
    assert "labels of `f` are: 0 to 49" in fault(Field("t", tokens=50), t=[50]).message
    late = Field(columns("t*"), Reshape(1, 2), tokens=9, shape=(1, 2))
    assert "column `t1` has `9` in record 2" in fault(late, t0=[1, 1], t1=[1, 9]).message
    assert "column `t0` has `9`" in fault(Field(columns(0, 1), tokens=9), t0=[9]).message


def test_texts_can_be_reshaped_but_not_calculated_with():
    labels = ("a", "b")
    found = load(Field("y", Reshape(1), labels=labels, shape=(1,)), y=["b", "a"])
    assert found.tolist() == [[1], [0]]
    error = fault(Field("y", Scale(1), labels=labels), y=["b", "a"])
    assert "has the text 'b' where a number is wanted" in error.message


@pytest.mark.parametrize("value", ["10", "-1", "1.5", "x"])
def test_a_label_outside_the_declared_is_told_with_its_line(value, tmp_path):
    error = csv_fault(tmp_path, f"a,y\n1,0\n2,{value}\n", Field("y", classes=10))
    assert error.message == (
        f"The column `y` has `{value}` in line 3 of {tmp_path}/t.csv, and the labels of `f` are: "
        "0 to 9."
    )


def test_an_undeclared_name_gets_the_nearest_one():
    error = fault(Field("y", labels=("negative", "positive")), y=["positive", "postive"])
    assert error.message == (
        "The column `y` has `postive` in record 2 of the spec, and the labels of `f` are: "
        "negative, positive."
    )
    assert error.help == "Did you mean `positive`?"


def test_a_record_without_a_label_is_told(tmp_path):
    for rows, labels in (("0\n\n1\n", None), ("a\n\nb\n", ("a", "b"))):
        text = "y,x\n" + "".join(f"{row},1\n" for row in rows.splitlines())
        error = csv_fault(tmp_path, text, Field("y", classes=2, labels=labels))
        assert f"`y` has 1 hole, the first in line 3 of {tmp_path}/t.csv" in error.message


def test_labels_have_their_names():
    data = Dataset(
        Literal(a=["x", "y"], b=[0, 1]),
        {"a": Field("a", labels=("x", "y")), "b": Field("b", classes=3), "c": Field("b")},
    )
    assert data.labels("a") == ("x", "y")
    assert data.labels("b") == ("0", "1", "2")
    assert data.labels("c") == ()
    with pytest.raises(DataError, match="no field `d`"):
        data.labels("d")


# Values that no step mends


def test_holes_are_counted_and_the_first_is_told(tmp_path):
    text = "a,b\n1,1\n2,\n3,NA\n4,\n"
    error = csv_fault(tmp_path, text, Field(["a", "b"], Standardize(), shape=(2,)))
    assert error.message == f"The column `b` has 3 holes, the first in line 3 of {tmp_path}/t.csv."
    assert error.help == "Write `-> impute(median)` behind the columns of `f`."


def test_holes_are_no_fault_where_they_are_imputed():
    for word in ("mean", "median", "most_frequent", 3):
        assert load(Field("x", Impute(word)), x=[3, None, 3]).tolist() == [3, 3, 3]
    found = load(Field("x", Standardize(), Impute(0)), x=[1, None, 3])
    assert found.tolist() == [-1, 0, 1]


def test_text_in_a_field_of_numbers_is_told(tmp_path):
    error = csv_fault(tmp_path, "a\n1\n?\n", Field("a", Standardize()))
    assert "column `a` has the text '?'" in error.message
    assert f"in line 3 of {tmp_path}/t.csv" in error.message
    error = csv_fault(tmp_path, "a\n1\n?\n", Field(lambda row: row["a"] + 1))
    assert "column `a` has the text '?'" in error.message


def test_division_by_zero_is_told_and_nothing_by_nothing_is_a_hole(tmp_path):
    field = Field(["a", lambda row: row["a"] / row["b"]], Impute(0), shape=(2,))
    error = csv_fault(tmp_path, "a,b\n1,2\n0,0\n3,0\n", field)
    assert error.message == (
        f"The formula over `a` and `b` is infinite in line 4 of {tmp_path}/t.csv."
    )
    assert load(field, a=[1, 0], b=[2, 0]).tolist() == [[1, 0.5], [0, 0]]


def test_a_column_without_any_value_to_learn_from_is_told(tmp_path):
    field = Field(["a", "b"], Impute("median"), shape=(2,))
    error = csv_fault(tmp_path, "a,b\n1,\n2,\n", field)
    assert error.message == "The column `b` has no value in the whole training split."
    assert error.place == str(tmp_path / "t.csv")
    one = csv_fault(tmp_path, "a,b\n1,\n2,\n", Field("b", Impute("mean")))
    assert "The column `b` has no value" in one.message
    nested = fault(Field("x", Impute("mean"), shape=(2,)), x=[[1, None], [2, None]])
    assert "The column `x` has no value" in nested.message
    constant = Field(["a", "b"], Impute(7), shape=(2,))
    assert load(constant, a=[1, 2], b=[None, None]).tolist() == [[1, 7], [2, 7]]


def test_faults_are_told_by_the_record_of_the_source_in_every_split(tmp_path):
    text = "y\n" + "".join(f"{row % 2}\n" for row in range(40))
    for bad in range(0, 40, 7):
        lines = text.splitlines()
        lines[bad + 1] = "5"
        (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
        split = random_split(train=0.5, validation=0.25, test=0.25, seed=1)
        data = Dataset(Csv("t.csv"), {"y": Field("y", classes=2)}, split)
        with pytest.raises(DataError, match=f"in line {bad + 2} of "):
            data.load([tmp_path])


# Back to the units of the source


def test_inverse_undoes_all_steps_last_first():
    values = [[1.0, 20], [2, 40], [9, 90]]
    field = Field("x", Scale(0.1), Standardize(), Normalize(), Reshape(2, 1), shape=(2, 1))
    found = load(field, x=values)
    back = field.inverse(found)
    assert back.dtype == torch.float64
    assert back.shape == (3, 2, 1)
    np.testing.assert_allclose(back[..., 0].numpy(), values, rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (1,)])
def test_inverse_takes_predictions_with_and_without_the_axis_of_one(shape):
    field = Field("price", Standardize(), shape=shape)
    load(field, price=[100_000.0, 300_000.0])
    for given in (torch.tensor([-1.0, 1.0]), torch.tensor([[-1.0], [1.0]])):
        back = field.inverse(given.requires_grad_())
        assert back.shape == given.shape
        assert back.flatten().tolist() == [100_000, 300_000]


def test_inverse_without_steps_changes_nothing():
    field = Field("x", shape=(1,))
    load(field, x=[1, 2])
    assert field.inverse(torch.tensor([[0.5]])).tolist() == [[0.5]]
    assert np.isnan(field.inverse(torch.tensor([[float("nan")]])).item())
