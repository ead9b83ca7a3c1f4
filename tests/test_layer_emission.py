"""Every layer and function as text: checked, compiled, and run, it gives what torch gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import pytest
import torch
from agreement import (
    Answer,
    Case,
    Drawn,
    Theirs,
    agree_open,
    cases,
    leaves,
    opened_cases,
    ours,
    prepared,
    tensors_of,
    theirs,
)
from dlc.compiler.layers import LAYERS, RECORDS
from dlc.compiler.layers.record import Layer, nothing
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from packages import package
from spelled import Spelling
from test_agreement import DRAWN
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

T = TypeVar("T")
WANTED = 2
SAMPLED = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Nothing sets the values of these.
ARBITRARY = ("empty", "empty_like")


def module_of(text: str) -> dict[str, Any]:
    """What the emitted `model.py` of a text defines."""
    code = package(text, name="net.dl").files["model.py"]
    found: dict[str, Any] = {"__name__": "net"}
    exec(compile(code, "model.py", "exec"), found)
    found["code"] = code
    return found


def feeding(value: Any) -> list[Tensor]:
    """What a model's inputs take for a tensor of the case."""
    if isinstance(value, PackedSequence):
        return list(pad_packed_sequence(value, batch_first=True))
    return [torch.view_as_real(value) if value.is_complex() else value]


def plain(results: Any) -> list[Tensor]:
    """Results in a row, complex ones as pairs."""
    return [torch.view_as_real(x.resolve_conj()) if x.is_complex() else x for x in leaves(results)]


def run_both(case: Case, drawn: Drawn, text: str, *sizes: Mapping[int, int]) -> None:
    """Each model of the text gives what torch's own call gives, with the same weights and seed."""
    made = module_of(text)
    nets = [value for name, value in made.items() if name.startswith("Net")]
    assert nets
    for each in sizes:
        torch.manual_seed(0)
        tensors, given = tensors_of(case, each)
        call, built = prepared(case, drawn, tensors, given)
        torch.manual_seed(1)
        expected = plain(call())
        stated = [each for each in given.values() if isinstance(each, Tensor | PackedSequence)]
        fed = [part for value in (*tensors, *stated) for part in feeding(value)]
        for kind in nets:
            found = outputs(kind(), built, fed or [torch.zeros(2)])
            assert len(found) == len(expected)
            for mine, other in zip(found, expected, strict=True):
                assert mine.dtype == other.dtype and mine.shape == other.shape
                if case.layer not in ARBITRARY:
                    torch.testing.assert_close(mine, other, equal_nan=True, rtol=1e-5, atol=1e-6)


def outputs(net: nn.Module, built: nn.Module | None, fed: list[Tensor]) -> list[Tensor]:
    """What a network of one layer gives with the weights of torch's layer."""
    if built is not None and built.state_dict():
        (child,) = net.children()
        assert type(child) is type(built)
        child.load_state_dict(built.state_dict())
    torch.manual_seed(1)
    return plain(net(*fed))


class Enough(Exception):
    """As many cases as wanted were drawn."""


def found_in(
    drawing: st.SearchStrategy[T], accepts: Callable[[T], bool], wanted: int = 1
) -> list[T]:
    """The first cases drawn that are accepted; there are some."""
    found: list[T] = []

    @SAMPLED
    @given(drawing)
    def collect(each: T) -> None:
        if len(found) == wanted:
            raise Enough
        if accepts(each):
            found.append(each)

    with suppress(Enough):
        collect()
    assert found
    return found


def tried(case: Case, drawn: Drawn, text: str, *sizes: Mapping[int, int]) -> None:
    """Run a case with each of these sizes; a failure shows the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run_both(case, drawn, text, *sizes)
        except Exception as error:
            raise AssertionError(f"{text}\n{error}") from error


@pytest.mark.parametrize("layer", DRAWN)
def test_a_layer_in_a_spec_gives_what_torch_gives(layer: str) -> None:
    drawn = DRAWN[layer]

    def agreed(case: Case) -> bool:
        return isinstance(ours(case), Answer) and isinstance(theirs(case, drawn), Theirs)

    for case in found_in(cases(layer, drawn), agreed, WANTED):
        answer = ours(case)
        assert isinstance(answer, Answer)
        tried(case, drawn, Spelling(case).models(answer.structure), {})


# What has weights is built for sizes that are known.
OPEN = [name for name, drawn in DRAWN.items() if drawn.opened and not LAYERS[name].stem]


@pytest.mark.parametrize("layer", [name for name in OPEN if LAYERS[name].inputs])
def test_a_function_of_open_sizes_gives_what_torch_gives_for_each(layer: str) -> None:
    drawn = DRAWN[layer]

    def agreed(found: tuple[Case, set[int], int]) -> bool:
        case, opened, grown = found
        return bool(opened) and agree_open(case, drawn, opened, grown).kind == "gives"

    ((case, opened, grown),) = found_in(opened_cases(layer, drawn), agreed)
    names = {size: f"S{size}" for size in opened}
    answer = ours(case, names)
    assert isinstance(answer, Answer)
    larger = {size: size + grown for size in opened}
    sizes = ({}, larger) if isinstance(theirs(case, drawn, larger), Theirs) else ({},)
    tried(case, drawn, Spelling(case).models(answer.structure, names), *sizes)


def test_every_record_is_compiled_and_run() -> None:
    # A gradient is of what was computed before: test_creation.py holds it against torch.
    assert {*LAYERS} - {*DRAWN} == {"grad"}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_what_is_emitted_as_a_function_has_nothing_that_a_function_loses(record: Layer) -> None:
    """Weights, buffers and arguments of a call need a module: a record with a stem."""
    kept = (record.forward, record.weights is not nothing, record.buffers is not nothing)
    assert bool(record.stem) or not any(kept)
    assert record.is_layer or not record.stem
