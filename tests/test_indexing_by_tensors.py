"""Indices that are tensors: shapes, places of the picked axes and refusals are torch's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from agreement import DTYPES, Operand, holds
from dlc.compiler.dims import dim, name
from dlc.compiler.layers.indexing import Slice, indexed
from dlc.compiler.layers.record import Condition, Given, Mismatch
from dlc.compiler.tensor import Type
from hypothesis import given, settings
from hypothesis import strategies as st

kinds = st.sampled_from(["i64", "i64", "i32"])
picks = st.builds(
    Operand, st.sampled_from([(), (1,), (2,), (3,), (2, 1), (1, 3), (2, 3)]), kinds, st.just(1)
)
lists = st.lists(st.integers(-3, 2), min_size=1, max_size=3).map(tuple)
plain = st.none() | st.just(...) | st.integers(-2, 1) | st.just(Slice())
items = st.lists(st.one_of(picks, picks, lists, plain), max_size=5).map(tuple)
shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
N, T, B = name("N"), name("T"), name("B")


def in_torch(shape: tuple[int, ...], index: tuple[Any, ...]) -> tuple[int, ...] | Exception:
    """The shape that torch gives, or its error."""

    def theirs(item: Any) -> Any:
        match item:
            case Operand():
                return item.tensor()
            case Slice():
                return slice(item.start, item.stop, item.step)
            case tuple():
                return list(item)
        return item

    try:
        return tuple(torch.empty(shape)[tuple(map(theirs, index))].shape)
    except (IndexError, ValueError, RuntimeError) as error:
        return error


def ours(x: Type, index: tuple[Any, ...]) -> tuple[Type, tuple[Condition, ...]] | Mismatch:
    types = tuple(item.type() if isinstance(item, Operand) else item for item in index)
    found = indexed((x,), {"items": types})
    if isinstance(found, Given):
        assert isinstance(found.type, Type)
        return found.type, found.conditions
    assert isinstance(found, Type | Mismatch)
    return found if isinstance(found, Mismatch) else (found, ())


@settings(max_examples=1000, deadline=None)
@given(shapes, items)
def test_known_sizes_are_indexed_by_tensors_as_in_torch(
    shape: tuple[int, ...], index: tuple[Any, ...]
) -> None:
    found = ours(Type("f32", tuple(map(dim, shape))), index)
    theirs = in_torch(shape, index)
    if isinstance(theirs, Exception) or index.count(...) > 1:
        assert isinstance(found, Mismatch), theirs
        return
    assert not isinstance(found, Mismatch), found.why
    assert tuple(size.value for size in found[0].shape) == theirs
    assert found[1] == ()


@settings(max_examples=500, deadline=None)
@given(shapes, items)
def test_open_sizes_are_indexed_by_tensors_right_for_every_size(
    shape: tuple[int, ...], index: tuple[Any, ...]
) -> None:
    letters = ["H", "W", "T", "S"][: len(shape)]
    values = dict(zip(letters, shape, strict=True))
    found = ours(Type("f32", tuple(map(name, letters))), index)
    theirs = in_torch(shape, index)
    if isinstance(found, Mismatch):
        assert isinstance(theirs, Exception) or index.count(...) > 1, found.why
        return
    met = all(holds(each, values) for each in found[1])
    assert met is not isinstance(theirs, Exception), found[1]
    if met:
        assert tuple(size.evaluate(values) for size in found[0].shape) == theirs


def given_type(dtype: str, *shape: Any, **more: Any) -> Type:
    return Type(
        dtype, tuple(name(size) if isinstance(size, str) else dim(size) for size in shape), **more
    )


def test_one_entry_for_each_record_is_picked_by_the_numbers_of_the_records() -> None:
    logits = given_type("f32", "N", 10)
    everyone, labels = given_type("i64", "N"), given_type("i64", "N", classes=10)
    assert ours(logits, (everyone, labels)) == (given_type("f32", "N"), ())
    assert ours(logits, (everyone,)) == (given_type("f32", "N", 10), ())


def test_indices_apart_stand_in_front_and_indices_together_where_they_stood() -> None:
    x, index = given_type("f32", 2, 3, 4, 5), given_type("i64", 7)
    assert ours(x, (Slice(), index, index)) == (given_type("f32", 2, 7, 5), ())
    assert ours(x, (Slice(), index, Slice(), index)) == (given_type("f32", 7, 2, 4), ())
    # A whole number takes its axis away first: torch, other than numpy, sees one index.
    assert ours(x, (Slice(), 0, Slice(), index)) == (given_type("f32", 2, 4, 7), ())


@pytest.mark.parametrize("bound", ["tokens", "classes"])
def test_indices_that_may_lie_behind_the_end_are_refused(bound: str) -> None:
    index = given_type("i64", 2, **{bound: 6})
    found = ours(given_type("f32", 3, 5), (Slice(), index))
    assert isinstance(found, Mismatch)
    assert (found.code, found.why) == ("D0225", "the indices go up to 5, and axis 1 has 5")
    assert not isinstance(ours(given_type("f32", 3, 6), (Slice(), index)), Mismatch)
    open_axis = ours(given_type("f32", 3, "T"), (Slice(), index))
    assert not isinstance(open_axis, Mismatch)
    assert open_axis[1] == (Condition(T, ">=", dim(6)),)


def test_a_mask_is_refused_with_what_keeps_the_shape() -> None:
    x = given_type("f32", "N", 5)
    found = ours(x, (given_type("bool", "N", 5),))
    assert isinstance(found, Mismatch)
    assert "where(" in found.write and "masked_fill(" in found.write
    assert found.why == "how many values a mask keeps depends on the data"


@pytest.mark.parametrize("dtype", sorted({*DTYPES} - {"i64", "i32"}))
def test_an_index_of_no_whole_numbers_is_refused(dtype: str) -> None:
    """torch takes bytes for a mask."""
    found = ours(given_type("f32", 4, 4), (Slice(), given_type(dtype, 2)))
    assert isinstance(found, Mismatch) and found.code == "D0226"


@pytest.mark.parametrize(
    ("axes", "index"),
    [
        # So many records, whatever the batch is.
        (("N", 4), (given_type("i64", 3),)),
        (("N", 4), (given_type("i64", "B"),)),
        # Each record would meet all others.
        (("N", 4), (given_type("i64", "N", 1), given_type("i64", "N"))),
        # Two names are two sizes.
        (("N", 4), (given_type("i64", "N"), given_type("i64", "T"))),
    ],
)
def test_an_index_never_changes_the_number_of_records(
    axes: tuple[Any, ...], index: tuple[Any, ...]
) -> None:
    found = ours(given_type("f32", *axes), index)
    assert isinstance(found, Mismatch) and found.code == "D0226"


def test_a_row_of_neighbours_for_each_record_is_picked() -> None:
    neighbours = given_type("i64", "N", 8)
    assert ours(given_type("f32", "N", 4), (neighbours,)) == (given_type("f32", "N", 8, 4), ())


def test_what_numbers_mean_stays_where_tensors_pick() -> None:
    shares = given_type("f32", "N", 10, meaning="probabilities")
    picked = ours(shares, (Slice(), given_type("i64", 3, classes=10)))
    assert not isinstance(picked, Mismatch)
    assert picked[0] == given_type("f32", "N", 3, meaning="probabilities")
