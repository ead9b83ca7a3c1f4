"""Every layer and function gives what torch gives, or both refuse: sampled configurations."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from agreement import Case, Drawn, agree_open, cases, compared, opened_cases
from dlc.compiler.layers import LAYERS
from hypothesis import HealthCheck, given, settings

FAMILIES = sorted(path.stem for path in Path(__file__).parent.glob("drawn_*.py"))
DRAWN: dict[str, Drawn] = {
    layer: drawn for family in FAMILIES for layer, drawn in import_module(family).DRAWN.items()
}
# The same cases everywhere and each time; tests/benchmarks/agreement.py draws others, and more.
SAMPLED = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
COUNTED: Counter[str] = Counter()


@pytest.mark.parametrize("layer", DRAWN)
def test_a_layer_gives_what_torch_gives_or_both_refuse(layer: str) -> None:
    drawn = DRAWN[layer]
    COUNTED[layer] = 0

    @SAMPLED
    @given(cases(layer, drawn))
    def check(case: Case) -> None:
        COUNTED[layer] += 1
        compared(case, drawn)

    check()


def test_together_they_are_thousands_of_configurations() -> None:
    if {*COUNTED} != {*DRAWN}:
        pytest.skip("counted where all layers are compared in one process")
    assert COUNTED.total() >= 5_000


@pytest.mark.parametrize("layer", [name for name, drawn in DRAWN.items() if drawn.opened])
def test_a_type_with_open_sizes_is_right_for_every_size(layer: str) -> None:
    drawn = DRAWN[layer]

    @SAMPLED
    @given(opened_cases(layer, drawn))
    def check(found: tuple[Case, set[int], int]) -> None:
        case, opened, grown = found
        agree_open(case, drawn, opened, grown)

    check()


def test_every_layer_and_function_is_compared_with_torch() -> None:
    # A gradient is of what was computed before: test_emitted_mathematics.py holds it against torch.
    assert {*LAYERS} - {*DRAWN} == {"grad"}
    assert {*DRAWN} <= {*LAYERS}
