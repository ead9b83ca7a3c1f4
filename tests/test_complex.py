"""Complex numbers, an internal dtype: who takes them, what comes out, and who says no."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from agreement import Case, Drawn, Operand, agree, theirs
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS, RECORDS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.indexing import INDEX
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import COMPLEX, DTYPES, Type
from hypothesis import strategies as st
from torch import nn

HERE = Drawn(st.just({}), st.just(()))
SPECTRUM = Type("c64", (name("N"), dim(4), dim(6)))

# Layers of other families that only move values, or take their size.
PASSING: dict[str, dict[str, Any]] = {
    "abs": {},
    "reshape": {"shape": (2, -1)},
    "permute": {"dims": (0, 2, 1)},
    "transpose": {"dim0": 1, "dim1": 2},
    "unsqueeze": {"dim": 1},
    "squeeze": {"dim": 0},
    "flip": {"dims": (1,)},
    "roll": {"shifts": 1, "dims": 2},
    "movedim": {"source": 1, "destination": 2},
    "split": {"split_size_or_sections": 2, "dim": 1},
    "unbind": {"dim": 1},
}


@pytest.mark.parametrize("layer", PASSING)
@pytest.mark.parametrize("dtype", COMPLEX)
def test_what_moves_values_takes_complex_ones_as_torch_does(layer: str, dtype: str) -> None:
    call = {
        "reshape": lambda case, given, x: x[0].reshape(given["shape"]),
        "permute": lambda case, given, x: x[0].permute(given["dims"]),
    }.get(layer)
    drawn = Drawn(st.just({}), st.just(()), call=call) if call else HERE
    shape = (1, 4, 6)
    assert agree(Case(layer, PASSING[layer], (Operand(shape, dtype),)), drawn)


def test_a_part_of_a_spectrum_is_complex() -> None:
    found = LAYERS["narrow"].gives((SPECTRUM,), {"dim": 2, "start": 0, "length": dim(3)})
    assert INDEX.complex
    assert not isinstance(found, Mismatch)


@pytest.mark.parametrize("record", [r for r in RECORDS if not r.complex], ids=lambda r: r.name)
def test_what_does_not_know_complex_numbers_refuses_them(record: Any) -> None:
    found = record.gives((SPECTRUM,) * max(len(record.inputs), 1), {})
    assert isinstance(found, Mismatch)
    assert found.code == "D0202"
    assert "complex" in found.why


@pytest.mark.parametrize("dtype", COMPLEX)
def test_nobody_declares_a_complex_dtype(dtype: str) -> None:
    assert dtype not in DTYPES
    assert not fits("dtype", dtype)


def test_a_spectral_layer_of_views_and_einsum_is_that_of_torch() -> None:
    """The types along a layer of a Fourier neural operator, and the same in torch."""
    x = Type("f32", (name("N"), dim(4), dim(100)))
    spectrum = LAYERS["rfft"].gives((x,), {"n": None, "dim": -1, "norm": None})
    assert isinstance(spectrum, Type)
    weight = LAYERS["view_as_complex"].gives((Type("f32", (dim(4), dim(5), dim(51), dim(2))),), {})
    assert isinstance(weight, Type)
    mixed = LAYERS["einsum"].gives((spectrum, weight), {"equation": "nik,iok->nok"})
    assert isinstance(mixed, Type)
    back = LAYERS["irfft"].gives((mixed,), {"n": dim(100), "dim": -1, "norm": None})
    assert back == Type("f32", (name("N"), dim(5), dim(100)))
    spectra = torch.fft.rfft(torch.randn(3, 4, 100))
    weights = torch.view_as_complex(nn.Parameter(torch.randn(4, 5, 51, 2)))
    found = torch.fft.irfft(torch.einsum("nik,iok->nok", spectra, weights), 100)
    assert found.shape == (3, 5, 100)


def test_a_view_is_written_for_values_in_any_order() -> None:
    record = LAYERS["view_as_complex"]
    assert record.adapt is not None
    (form,) = record.adapt((Type("f32", (dim(3), dim(2))),))
    moved = torch.randn(2, 3).mT
    with pytest.raises(RuntimeError):
        torch.view_as_complex(moved)
    assert torch.view_as_complex(eval(form.format("moved"))).shape == (3,)


def test_frequencies_of_torch_are_those_of_its_transform() -> None:
    for layer in ("fftfreq", "rfftfreq"):
        case = Case(layer, {"n": 7}, ())
        drawn = Drawn(
            st.just({}), st.just(()), call=lambda c, g, x: getattr(torch.fft, c.layer)(**g)
        )
        assert agree(case, drawn)
        assert not isinstance(theirs(case, drawn), Exception)
