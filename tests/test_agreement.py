"""Every layer and function gives what torch gives, or both refuse: sampled configurations."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from agreement import Drawn, agree, agree_open, cases
from dlc.compiler.layers import LAYERS
from hypothesis import given, settings
from hypothesis import strategies as st

FAMILIES = sorted(path.stem for path in Path(__file__).parent.glob("drawn_*.py"))
DRAWN: dict[str, Drawn] = {
    layer: drawn
    for family in FAMILIES
    for layer, drawn in import_module(family).DRAWN.items()
}
SAMPLED = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("layer", DRAWN)
def test_a_layer_gives_what_torch_gives_or_both_refuse(layer: str) -> None:
    drawn = DRAWN[layer]

    @SAMPLED
    @given(cases(layer, drawn))
    def check(case: object) -> None:
        agree(case, drawn)  # type: ignore[arg-type]

    check()


@pytest.mark.parametrize("layer", [name for name, drawn in DRAWN.items() if drawn.opened])
def test_a_type_with_open_sizes_is_right_for_every_size(layer: str) -> None:
    drawn = DRAWN[layer]

    @SAMPLED
    @given(cases(layer, drawn), st.sets(st.integers(1, 9)), st.integers(1, 3))
    def check(case: object, opened: set[int], grown: int) -> None:
        agree_open(case, drawn, opened, grown)  # type: ignore[arg-type]

    check()


def test_every_family_names_layers_that_are_there() -> None:
    assert {*DRAWN} <= {*LAYERS}
