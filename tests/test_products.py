"""Products, contractions, norms and transforms beyond the drawn cases: batch, costs, messages."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import Given, Mismatch
from dlc.compiler.tensor import Type
from torch.utils.flop_counter import FlopCounterMode


def of(*sizes: int | str, dtype: str = "f32") -> Type:
    """A type with numbers and names for sizes."""
    return Type(dtype, tuple(name(s) if isinstance(s, str) else dim(s) for s in sizes))


def gives(layer: str, *x: Type, **given: Any) -> Any:
    """The answer of a record with its defaults."""
    record = LAYERS[layer]
    return record.gives(x, {p.name: p.default for p in record.parameters} | given)


@pytest.mark.parametrize(
    ("layer", "x", "given"),
    [
        ("kron", (of("N", 3), of(2, 2)), {}),
        ("fft", (of("N", 4),), {"dim": 0}),
        ("fftn", (of("N", 4),), {}),
        ("rfft2", (of("N", 4),), {}),
        ("fftshift", (of("N", 4),), {}),
    ],
)
def test_the_batch_is_neither_multiplied_nor_transformed(
    layer: str, x: tuple[Type, ...], given: dict[str, Any]
) -> None:
    found = gives(layer, *x, **given)
    assert isinstance(found, Mismatch)
    assert "batch" in found.why


def test_open_inner_sizes_of_one_name_multiply_and_of_two_names_do_not() -> None:
    assert gives("bmm", of("N", 4, "T"), of("N", "T", 5)) == of("N", 4, 5)
    assert isinstance(gives("bmm", of("N", 4, "T"), of("N", "S", 5)), Mismatch)
    assert isinstance(gives("bmm", of("N", 4, 2), of("M", 2, 5)), Mismatch)


def test_inner_sizes_that_may_be_equal_are_a_condition() -> None:
    half = name("T") // 2 * 2
    found = gives("mm", of(3, "T"), Type("f32", (half, dim(4))))
    assert isinstance(found, Given)
    (condition,) = found.conditions
    assert [t for t in range(1, 7) if condition.right.evaluate({"T": t}) == t] == [2, 4, 6]


@pytest.mark.parametrize(
    ("equation", "shapes", "expected"),
    [
        ("nij,njk->nik", [("N", 2, 3), ("N", 3, 4)], ("N", 2, 4)),
        ("...i,...i", [("N", "T", 3), ("N", "T", 3)], ("N", "T")),
        ("ntd,nsd->nts", [("N", "T", 8), ("N", "S", 8)], ("N", "T", "S")),
        ("nc,cd", [("N", 3), (3, 5)], (5, "N")),
        ("n...->...", [("N", 3, 4)], (3, 4)),
        ("bhqd, bhkd -> bhqk", [("N", 2, "T", 4)] * 2, ("N", 2, "T", "T")),
    ],
)
def test_an_equation_gives_sizes_by_their_letters(
    equation: str, shapes: list[tuple[int | str, ...]], expected: tuple[int | str, ...]
) -> None:
    assert gives("einsum", *(of(*shape) for shape in shapes), equation=equation) == of(*expected)


@pytest.mark.parametrize(
    ("equation", "shapes", "why"),
    [
        ("ij,jk", [(2, 3)], "2 tensors"),
        ("ij", [(2, 3, 4)], "2 letters"),
        ("ij->ii", [(2, 3)], "stands twice"),
        ("ij->k", [(2, 3)], "behind the arrow alone"),
        ("i1", [(2, 3)], "not `1`"),
        ("i,i", [(2,), (3,)], "`i` is 2 in one tensor and 3"),
        ("i,i", [("T",), ("S",)], "`i` is T in one tensor and S"),
        ("......", [(2,)], "once"),
    ],
)
def test_an_equation_without_a_meaning_says_why(
    equation: str, shapes: list[tuple[int | str, ...]], why: str
) -> None:
    found = gives("einsum", *(of(*shape) for shape in shapes), equation=equation)
    assert isinstance(found, Mismatch)
    assert why in found.why


@pytest.mark.parametrize(
    ("layer", "shapes", "given"),
    [
        ("mm", [(2, 3), (3, 4)], {}),
        ("bmm", [(5, 2, 3), (5, 3, 4)], {}),
        ("matmul", [(5, 2, 3), (3, 4)], {}),
        ("addmm", [(4,), (2, 3), (3, 4)], {}),
        ("baddbmm", [(5, 2, 4), (5, 2, 3), (5, 3, 4)], {}),
        ("tensordot", [(2, 3, 4), (3, 4, 5)], {"dims": 2}),
        ("einsum", [(5, 2, 3), (5, 3, 4)], {"equation": "bij,bjk->bik"}),
    ],
)
def test_multiply_adds_are_those_that_torch_counts(
    layer: str, shapes: list[tuple[int, ...]], given: dict[str, Any]
) -> None:
    x = tuple(of(*shape) for shape in shapes)
    y = gives(layer, *x, **given)
    tensors = [torch.randn(shape) for shape in shapes]
    with FlopCounterMode(display=False) as counter:
        if layer == "einsum":
            found = torch.einsum(given["equation"], *tensors)
        else:
            found = getattr(torch, layer)(*tensors, **given)
    additions = found.numel() if layer in ("addmm", "baddbmm") else 0
    record = LAYERS[layer]
    arguments = {p.name: p.default for p in record.parameters} | given
    assert record.flops(x, y, arguments) == counter.get_total_flops() + additions


@pytest.mark.parametrize(
    ("layer", "x", "given", "expected"),
    [
        ("fft", of(2, 8, dtype="c64"), {}, 5 * 8 * 3 * 2),
        ("rfft", of(2, 8), {}, 5 * 8 * 3 * 2 // 2),
        ("norm", of(2, 8), {}, 2 * 16),
        ("trace", of(3, 3), {}, 3),
        ("inverse", of(2, 3, 3), {}, 2 * 27 * 2),
    ],
)
def test_operations_are_those_of_a_count_by_hand(
    layer: str, x: Type, given: dict[str, Any], expected: int
) -> None:
    record = LAYERS[layer]
    arguments = {p.name: p.default for p in record.parameters} | given
    y = record.gives((x,), arguments)
    assert isinstance(y, Type)
    assert record.flops((x,), y, arguments) == expected


@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_half_the_frequencies_of_an_open_signal_are_those_of_torch(size: int) -> None:
    found = gives("rfft", of("N", "T"))
    shape = tuple(each.evaluate({"N": 3, "T": size}) for each in found.shape)
    assert shape == torch.fft.rfft(torch.randn(3, size)).shape
    back = gives("irfft", found, n=name("T"))
    assert back == of("N", "T")


def test_a_refusal_of_products_names_both_sides() -> None:
    assert "3 and 4" in gives("mm", of(2, 3), of(4, 5)).why
    assert "f32 and f64" in gives("mm", of(2, 3), of(3, 5, dtype="f64")).why
    assert "i32" in gives("einsum", of(2, dtype="i32"), equation="i->").why
    assert "grow" in gives("matmul", of(2, 1, 3, 3), of(1, 2, 3, 3)).why
    assert "square" in gives("det", of(2, 3)).why
    assert "twice" in gives("norm", of(2, 3), dim=(0, 0)).why
