"""Indexing: shapes, conditions and emitted code are torch's; what torch refuses is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from agreement import holds
from dlc.compiler.dims import Dim, dim, name
from dlc.compiler.layers.indexing import Slice, indexed
from dlc.compiler.layers.record import Condition, Given, Mismatch
from dlc.compiler.tensor import Type
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import code_of, codes, emitted, network, same

places = st.integers(-6, 6)
edges = st.none() | places
slices = st.builds(Slice, edges, edges, st.none() | st.integers(-1, 3))
items = st.lists(places | slices | st.none() | st.just(...), max_size=4).map(tuple)
shapes = st.lists(st.integers(1, 5), max_size=3).map(tuple)


def in_torch(shape: tuple[int, ...], index: tuple[Any, ...]) -> tuple[int, ...] | Exception:
    """The shape that torch gives, or its error."""

    def plain(item: Any) -> Any:
        if isinstance(item, Slice):
            return slice(item.start, item.stop, item.step)
        return item

    try:
        return tuple(torch.empty(shape)[tuple(map(plain, index))].shape)
    except (IndexError, ValueError) as error:
        return error


def found(x: Type, index: tuple[Any, ...]) -> tuple[Type, tuple[Condition, ...]] | Mismatch:
    result = indexed((x,), {"items": index})
    if isinstance(result, Given):
        assert isinstance(result.type, Type)
        return result.type, result.conditions
    assert isinstance(result, Type | Mismatch)
    return result if isinstance(result, Mismatch) else (result, ())


@settings(max_examples=600, deadline=None)
@given(shapes, items)
def test_known_sizes_are_indexed_as_in_torch(
    shape: tuple[int, ...], index: tuple[Any, ...]
) -> None:
    ours = found(Type("f32", tuple(map(dim, shape))), index)
    theirs = in_torch(shape, index)
    if isinstance(theirs, Exception) or index.count(...) > 1:
        assert isinstance(ours, Mismatch), theirs
    elif 0 in theirs:
        assert isinstance(ours, Mismatch), "a slice that keeps nothing"
    else:
        assert not isinstance(ours, Mismatch), ours.why
        assert tuple(size.value for size in ours[0].shape) == theirs
        assert ours[1] == ()


@settings(max_examples=600, deadline=None)
@given(shapes, items)
def test_open_sizes_are_right_for_every_size(
    shape: tuple[int, ...], index: tuple[Any, ...]
) -> None:
    letters = ["H", "W", "T"][: len(shape)]
    values = dict(zip(letters, shape, strict=True))
    ours = found(Type("f32", tuple(map(name, letters))), index)
    theirs = in_torch(shape, index)
    if isinstance(ours, Mismatch):
        refused = isinstance(theirs, Exception) or 0 in theirs
        assert refused or index.count(...) > 1, ours.why
        return
    sizes = [size.evaluate(values) for size in ours[0].shape]
    met = all(holds(each, values) for each in ours[1]) and min(sizes, default=1) >= 1
    assert met is not (isinstance(theirs, Exception) or 0 in theirs), (sizes, ours[1])
    if met:
        assert tuple(sizes) == theirs


@settings(max_examples=300, deadline=None)
@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 8), st.booleans())
def test_an_index_may_be_an_expression_of_open_sizes(
    factor: int, plus: int, size: int, cut: bool
) -> None:
    place: Dim = name("T") * factor // 2 + plus
    value = size * factor // 2 + plus
    x = Type("f32", (name("T"),))
    ours = found(x, (Slice(None, place),) if cut else (place,))
    theirs = in_torch((size,), (Slice(None, value),) if cut else (value,))
    wrong = isinstance(theirs, Exception) or 0 in theirs
    if isinstance(ours, Mismatch):
        assert wrong or value < 0
        return
    values = {"T": size}
    sizes = [each.evaluate(values) for each in ours[0].shape]
    met = all(holds(each, values) for each in ours[1]) and min(sizes, default=1) >= 1
    # A place whose sign is open is taken for one from the front.
    assert not (met and wrong)
    assert met or wrong or value < 0
    if met:
        assert not isinstance(theirs, Exception)
        assert tuple(sizes) == theirs


def test_what_numbers_are_and_mean_stays() -> None:
    x = Type("i64", (dim(2), dim(3)), tokens=9)
    ours = found(x, (..., -1))
    assert ours == (Type("i64", (dim(2),), tokens=9), ())


INDEXED = """
model Net(k: int = 2) {
  input x: f32[N, T, 6]
  last = x[:, -1]
  some = x[:, T // 2:, ::2]
  one  = (x + 1)[..., k][:, None]
  list = [x * 2, x * 3]
  output a: f32[N, 6] = last
  output b = some
  output c = one
  output d = list[1][:, 0, 1:k + 2]
  output e = x[:, x.shape[1] - 1, None, 2:-2:3]
}
"""


def test_emitted_code_indexes_as_torch_does(tmp_path: Path) -> None:
    net = emitted(INDEXED, tmp_path).Net()

    def reference(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        last = x[:, -1]
        some = x[:, x.shape[1] // 2 :, ::2]
        return last, some, (x + 1)[..., 2][:, None], (x * 3)[:, 0, 1:4], x[:, -1, None, 2:-2:3]

    same(net, reference, torch.randn(3, 5, 6))


def test_an_index_is_written_as_a_person_writes_it() -> None:
    code = code_of(INDEXED)
    assert "last = x[:, -1]  # (N, 6)" in code
    assert "some = x[:, T // 2 :, ::2]  # (N, T - T // 2, 3)" in code


@pytest.mark.parametrize(
    ("shape", "index", "wanted"),
    [("f32[N, H]", "x[:, 3]", "H >= 4"), ("f32[N, H]", "x[:, -3]", "H >= 3")],
)
def test_an_index_into_an_open_axis_is_a_condition(
    tmp_path: Path, shape: str, index: str, wanted: str
) -> None:
    text = f"model Net {{ input x: {shape} output y: f32[N] = {index} }}"
    net = emitted(text, tmp_path).Net()
    least = int(wanted[-1])
    assert net(torch.randn(2, least)).shape == (2,)
    with pytest.raises(ValueError, match=f"net.dl:1: {wanted}"):
        net(torch.randn(2, least - 1))


def test_axes_written_as_none_may_grow_on_both_sides() -> None:
    def meets(expression: str) -> list[str]:
        return codes(
            f"model Net {{ input a: f32[N] input b: f32[N] output d: f32[N, N] = {expression} }}"
        )

    assert meets("a - b[:, None]") == []
    assert meets("a[None] - b[:, None]") == []
    assert meets("a[:, None] - b[None, :]") == []
    column = "model Net { input a: f32[N] input b: f32[N] c = b[:, None] output d = a - c }"
    assert codes(column) == ["D0208"]
    assert codes(column.replace("a - c", "a - (b -> reshape(N, 1))")) == ["D0208"]


def test_lists_are_indexed_when_the_network_is_built() -> None:
    text = """
    model Net(widths: list = [4, 8, 16, 32]) {
      input x: f32[N, 2]
      output y = x -> Linear(widths[1]) -> Linear(widths[-1]) -> Linear(widths[1:3][1])
    }
    """
    steps = network(text).steps
    assert [step.output.type.shape[1].value for step in steps] == [8, 32, 16]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("x[:, 5]", "D0225"),
        ("x[:, -6]", "D0225"),
        ("x[:, 3:3]", "D0225"),
        ("x[:, 5:]", "D0225"),
        ("[1, 2][2]", "D0225"),
        ("[][0]", "D0225"),
        ("x[0, 0, 0, 0]", "D0226"),
        ("x[..., ...]", "D0226"),
        ("x[:, ::-1]", "D0226"),
        ("x[:, ::0]", "D0226"),
        ("x[:, 0.5]", "D0226"),
        ("x[True]", "D0226"),
        ('x["a"]', "D0226"),
        ("3[0]", "D0226"),
        ("[1, 2][0, 1]", "D0226"),
        ("[1, 2][None]", "D0226"),
        ("[1, 2][::0]", "D0226"),
        ("x[x > 0]", "D0226"),
        ("x[nothing]", "D0301"),
        ("(x -> LSTM(3))[:, -1]", "D0223"),
        ("(x -> LSTM(3))[2]", "D0225"),
    ],
)
def test_a_wrong_index_is_one_message(expression: str, code: str) -> None:
    text = f"model Net {{ input x: f32[N, 5, 4] y = {expression} output z = x -> Linear(1) }}"
    assert codes(text) == [code]


def test_the_message_shows_the_places_that_there_are() -> None:
    from packages import checked

    text = "model Net { input x: f32[N, 5, 4] output y = x[:, 5] -> Linear(1) }"
    (fault,) = checked(text).diagnostics
    assert fault.message == "index 5 is outside axis 1, which has 5"
    assert fault.label == "its places are 0 … 4, or -5 … -1 from the end"
    assert fault.help == ("-1 for the last one",)


def test_a_long_row_of_indices_needs_no_deep_stack() -> None:
    text = "model Net { input x: f32[N, 4] y = x" + "[None]" * 3000 + "[0]" * 10 + " output z = x }"
    assert all(code.startswith("D") for code in codes(text))
