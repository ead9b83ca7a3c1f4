"""Every layer and function as text: checked, compiled, and run, it gives what torch gives."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from agreement import Case, Drawn, Theirs, cases, leaves, ours, prepared, tensors_of, theirs
from dlc.compiler.layers import RECORDS
from dlc.compiler.layers.record import Given, Mismatch
from hypothesis import HealthCheck, Phase, given, settings
from packages import package
from spelled import Spelling
from test_agreement import DRAWN
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

WANTED = 2
SAMPLED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Nothing sets the values of these.
ARBITRARY = ("empty", "empty_like")


class Enough(Exception):
    """As many cases as wanted were compiled and run."""


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
    return [torch.view_as_real(x) if x.is_complex() else x for x in leaves(results)]


def run_both(case: Case, drawn: Drawn, text: str) -> None:
    """Each model of the text gives what torch's own call gives, with the same weights and seed."""
    torch.manual_seed(0)
    tensors, given = tensors_of(case)
    call, built = prepared(case, drawn, tensors, given)
    torch.manual_seed(1)
    expected = plain(call())
    stated = [each for each in given.values() if isinstance(each, Tensor | PackedSequence)]
    fed = [each for value in (*tensors, *stated) for each in feeding(value)]
    made = module_of(text)
    nets = [value for name, value in made.items() if name.startswith("Net")]
    assert nets
    for kind in nets:
        net = kind()
        if built is not None and built.state_dict():
            (child,) = (each for each in net.children())
            assert type(child) is type(built)
            child.load_state_dict(built.state_dict())
        torch.manual_seed(1)
        found = plain(net(*fed))
        assert len(found) == len(expected)
        for mine, other in zip(found, expected, strict=True):
            assert mine.dtype == other.dtype and mine.shape == other.shape
            if case.layer not in ARBITRARY:
                torch.testing.assert_close(mine, other, equal_nan=True, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", DRAWN)
def test_a_layer_in_a_spec_gives_what_torch_gives(layer: str) -> None:
    drawn, done = DRAWN[layer], 0

    @SAMPLED
    @given(cases(layer, drawn))
    def check(case: Case) -> None:
        nonlocal done
        answer = ours(case)
        if isinstance(answer, Mismatch) or not isinstance(theirs(case, drawn), Theirs):
            return
        if done == WANTED:
            return
        done += 1
        text = Spelling(case).models(answer.structure)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                run_both(case, drawn, text)
            except Exception as error:
                raise AssertionError(f"{text}\n{error}") from error

    check()
    assert done


def test_every_record_is_compiled_and_run() -> None:
    # A gradient is of what was computed before: tests/test_programs.py runs it.
    assert {record.name for record in RECORDS} - {*DRAWN} == {"grad"}
