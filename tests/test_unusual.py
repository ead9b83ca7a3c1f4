"""Correct but unusual specs: not a word is said about them, and what is emitted runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from answers import DTYPES, leaves
from dlc.compiler import ir
from dlc.compiler.diagnostics import to_text
from dlc.compiler.dims import Dim, decide, name
from dlc.compiler.layers.record import Condition
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from dlc.compiler.tensor import Type
from packages import imported, package_of, written
from torch import Tensor

FOLDER = Path(__file__).parent / "unusual"
SPECS = sorted(FOLDER.glob("*.dl"))
# Sizes that are tried for an open one, the usual first.
TRIED = (16, 32, 12, 24, 7, 5, 3, 64, 48, 2, 1, 4, 6, 8, 28, 100, 128, 224)
DTYPES_LEFT = {value: key for key, value in DTYPES.items()}


def holds(condition: Condition, sizes: Mapping[str, int]) -> bool:
    """Whether a condition is true of these sizes."""
    left, right = (each.substitute(sizes) for each in (condition.left, condition.right))
    return decide(left, condition.operator, right) is True


def legal_sizes(network: ir.Network) -> dict[str, int]:
    """Numbers for the open sizes of a model that meet all its conditions; the batch is 2."""
    names = sorted(each for each in network.sizes if network.sizes[each].value is None)
    conditions = [guard.condition for guard in network.guards]
    others = [each for each in names if each != "N"]
    for numbers in product(TRIED, repeat=len(others)):
        sizes = {"N": 2, **dict(zip(others, numbers, strict=True))}
        if all(holds(each, sizes) for each in conditions):
            return sizes
    raise AssertionError(f"no sizes meet {[str(each) for each in conditions]}")


def shape(of: Type, sizes: Mapping[str, int]) -> list[int]:
    """A shape in numbers."""
    found = [each.substitute(sizes).value for each in of.shape]
    assert None not in found
    return found


def drawn(of: Type, sizes: Mapping[str, int]) -> Tensor:
    """Legal values of a type; whole numbers without a bound are 1, which is a legal length."""
    dtype, many = DTYPES[of.dtype], shape(of, sizes)
    if of.floating:
        return torch.randn(many).to(dtype)
    bound = of.classes or of.tokens
    return torch.randint(0, bound, many).to(dtype) if bound else torch.ones(many, dtype=dtype)


def values(inputs: Sequence[ir.Value], sizes: Mapping[str, int]) -> list[Tensor]:
    """A legal value for each input."""
    return [drawn(each.type, sizes) for each in inputs]


def test_a_condition_is_tried_on_numbers() -> None:
    even = Condition(name("H") % 2, "==", Dim({}))
    assert holds(even, {"H": 4})
    assert not holds(even, {"H": 5})


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_not_a_word_is_said_about_it(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    found = check(Source(spec.name, spec.read_text(encoding="utf-8")))
    assert "\n".join(map(to_text, found.diagnostics)) == ""


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_what_is_emitted_runs_and_gives_the_shapes_that_were_checked(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    found = check(Source(spec.name, spec.read_text(encoding="utf-8")))
    assert found.program is not None
    module: Any = imported(written(package_of(spec), tmp_path), "model")
    torch.manual_seed(0)
    for title, model in found.program.models.items():
        network = model.network
        sizes = legal_sizes(network)
        net = getattr(module, title)()
        outputs = list(leaves(net(*values(network.inputs, sizes))))
        wanted = [(shape(each.type, sizes), each.type.dtype) for each in network.outputs]
        assert [(list(each.shape), DTYPES_LEFT[each.dtype]) for each in outputs] == wanted
