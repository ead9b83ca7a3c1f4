"""Functions of a spec as they are emitted, against the same line of torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.compiler.layers.elementwise import ELEMENTWISE
from dlc.compiler.layers.reduction import REDUCTIONS
from networks import code_of, emitted
from torch import Tensor

ONE = [r.name for r in ELEMENTWISE if r.name not in ("to", "bitwise_not")]
WHOLE = [r.name for r in REDUCTIONS if "quantile" not in r.name and "_mean" not in r.name]
# A line of a spec, and what a person writes in torch for it.
LINES: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "x -> max(1) -> neg": lambda x, y: -torch.max(x, 1)[0],
    "x -> amax((0, 1), keepdim=True)": lambda x, y: torch.amax(x, (0, 1), keepdim=True),
    "x -> std(0, correction=0)": lambda x, y: torch.std(x, 0, correction=0),
    "x -> quantile(0.25, 1)": lambda x, y: torch.quantile(x, 0.25, 1),
    'x -> quantile(0.3, 1, interpolation="lower")': lambda x, y: torch.quantile(
        x, 0.3, 1, interpolation="lower"
    ),
    "x -> all(-1)": lambda x, y: torch.all(x, -1),
    "x -> count_nonzero(1)": lambda x, y: torch.count_nonzero(x, 1),
    "x -> cumsum(1)": lambda x, y: torch.cumsum(x, 1),
    "x -> cummax(1) -> neg": lambda x, y: -torch.cummax(x, 1)[0],
    "x -> diff": lambda x, y: torch.diff(x),
    "x -> diff(2, 1)": lambda x, y: torch.diff(x, 2, 1),
    "diff(x, prepend=y)": lambda x, y: torch.diff(x, prepend=y),
    "x -> round(2)": lambda x, y: torch.round(x, decimals=2),
    "x -> logit(1e-6)": lambda x, y: torch.logit(x, 1e-6),
    "x -> nan_to_num(0.0, 1.0)": lambda x, y: torch.nan_to_num(x, 0.0, 1.0),
    "x -> pow(2)": lambda x, y: x**2,
    "pow(x, y)": lambda x, y: x**y,
    "x -> add(y, alpha=2)": lambda x, y: x + 2 * y,
    'x -> div(y, rounding_mode="floor")': lambda x, y: torch.div(x, y, rounding_mode="floor"),
    "x -> lt(0.5)": lambda x, y: x < 0.5,
    "ge(x, y)": lambda x, y: x >= y,
    "maximum(x, y)": torch.maximum,
    "(x, y) -> atan2": torch.atan2,
    "isclose(x, y, atol=0.5)": lambda x, y: torch.isclose(x, y, atol=0.5),
    "x -> clamp(0.2, 0.6)": lambda x, y: x.clamp(0.2, 0.6),
    "x -> clamp(min=y)": lambda x, y: x.clamp(min=y),
    "x -> clamp_max(0.5)": lambda x, y: x.clamp_max(0.5),
    "lerp(x, y, 0.25)": lambda x, y: torch.lerp(x, y, 0.25),
    "lerp(x, y, y)": lambda x, y: torch.lerp(x, y, y),
    "addcmul(x, y, y, value=0.5)": lambda x, y: x + 0.5 * y * y,
    "maximum(x, y) -> clamp(max=0.9) -> mean": lambda x, y: (
        torch.maximum(x, y).clamp(max=0.9).mean()
    ),
}


def net(lines: list[str]) -> str:
    """A model that gives what each line makes of `x` and `y`."""
    outputs = "\n".join(f"output o{place} = {line}" for place, line in enumerate(lines))
    return f"model Net {{ input x: f32[N, 5]\n input y: f32[N, 5]\n {outputs} }}"


def values() -> tuple[Tensor, Tensor]:
    """Numbers between 0 and 1, which every function takes."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand((2, 4, 5), generator=generator)
    return x, y


def compared(ours: Any, theirs: Any) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6, equal_nan=True)


def test_lines_compute_what_torch_computes(tmp_path: Path) -> None:
    x, y = values()
    found = emitted(net([*LINES]), tmp_path).Net()(x, y)
    for line, ours, reference in zip(LINES, found, LINES.values(), strict=True):
        theirs = reference(x, y)
        assert ours.dtype == theirs.dtype, line
        compared(ours, theirs)


def test_functions_of_one_compute_what_torch_computes(tmp_path: Path) -> None:
    x, y = values()
    found = emitted(net([f"{name}(x)" for name in ONE]), tmp_path).Net()(x, y)
    for name, ours in zip(ONE, found, strict=True):
        compared(ours, getattr(torch, name)(x))


def test_reductions_of_everything_compute_what_torch_computes(tmp_path: Path) -> None:
    x, y = values()
    names = [name for name in WHOLE if name != "aminmax"]
    found = emitted(net([f"x -> {name}" for name in names]), tmp_path).Net()(x, y)
    for name, ours in zip(names, found, strict=True):
        compared(ours, getattr(torch, name)(x))


TWICE = {
    "x -> min(1)": lambda x: torch.min(x, 1),
    "x -> median(1, keepdim=True)": lambda x: torch.median(x, 1, keepdim=True),
    "x -> cummin(0)": lambda x: torch.cummin(x, 0),
    "x -> aminmax(dim=1)": lambda x: torch.aminmax(x, dim=1),
    "x -> var_mean(1, correction=0)": lambda x: torch.var_mean(x, 1, correction=0),
}


@pytest.mark.parametrize("line", TWICE)
def test_two_results_come_in_torchs_order(line: str, tmp_path: Path) -> None:
    x, _ = values()
    text = (
        f"model Net {{ input x: f32[N, 5]\n a, b = {line}\n output first = a\n output second = b }}"
    )
    found = emitted(text, tmp_path).Net()(x)
    for ours, theirs in zip(found, TWICE[line](x), strict=True):
        compared(ours, theirs)


def test_a_number_is_computed_when_the_spec_is_compiled() -> None:
    size = "floor(sqrt(17)) + ceil(0.5)"
    text = f"model Net {{ input x: f32[N, 5]\n output y = x -> Linear({size}) }}"
    assert "nn.Linear(5, 5)" in code_of(text)


def test_the_code_is_what_a_person_writes() -> None:
    code = code_of(net(["x -> clamp(0.2, 0.6)", "pow(x, 2)", "x -> mean(1)", "maximum(x, y)"]))
    for line in ("torch.clamp(x, min=0.2, max=0.6)", "torch.pow(x, 2)", "torch.maximum(x, y)"):
        assert line in code, code
    assert "torch.mean(x, dim=1)" in code
