"""Modules that a constructor chooses: one line where it fits, else whatever is shortest."""

from __future__ import annotations

import pytest
from dlc.compiler.lines import fitted
from dlc.compiler.plan.chosen import chosen

LONG = "nn.Conv2d(channels, 4 * width, kernel_size=3, stride=2, padding=1, bias=False)"
SHORT = "nn.Linear(width, 4 * width)"
CONDITIONS = [("C == width", "C != width"), ("i > 0", "i <= 0"), ("deep", "not deep"),
              ("i < k", "i >= k"), ("a and b", "not (a and b)")]  # fmt: skip
OPPOSITE = {**dict(CONDITIONS), **{other: one for one, other in CONDITIONS}}


@pytest.mark.parametrize(("one", "other"), CONDITIONS)
def test_a_module_that_takes_more_than_a_line_is_identity_first(one: str, other: str) -> None:
    state = [f"self.skip = nn.Identity() if {one} else {LONG}"]
    expected = ["self.skip: nn.Module = nn.Identity()", f"if {other}:", f"    self.skip = {LONG}"]
    assert chosen(state, OPPOSITE) == expected
    turned = [f"self.skip = {LONG} if {one} else nn.Identity()"]
    assert chosen(turned, OPPOSITE) == [expected[0], f"if {one}:", expected[2]]


def test_a_condition_whose_opposite_is_not_known_is_negated_as_a_whole() -> None:
    state = [f"self.skip = nn.Identity() if a or b else {LONG}"]
    assert chosen(state, {})[1] == "if not (a or b):"


def test_what_fits_on_one_line_stays() -> None:
    state = [f"self.skip = nn.Identity() if deep else {SHORT}",
             f"self.rest.append({SHORT} if deep else nn.Identity())"]  # fmt: skip
    assert chosen(state, OPPOSITE) == state


def test_an_attribute_that_is_given_twice_has_no_annotation() -> None:
    line = f"self.skip = nn.Identity() if deep else {LONG}"
    state = ["if a:", f"    {line}", "else:", "    self.skip = nn.Identity()"]
    assert chosen(state, OPPOSITE) == state


def test_a_choice_of_two_layers_stays_an_expression() -> None:
    state = [f"self.skip = {LONG} if deep else {SHORT}"]
    assert chosen(state, OPPOSITE) == state


def test_an_entry_of_a_list_is_appended_in_branches_where_those_are_fewer_lines() -> None:
    layer = LONG.removesuffix(", bias=False)") + ")"
    (line,) = state = [f"    self.rest.append({layer} if i < len(w) - 1 else nn.Identity())"]
    wide = chosen(state, OPPOSITE)
    fewer = len(fitted("        " + line).split("\n"))
    assert wide == state and fewer == 5
    fits = layer.replace("channels, ", "c, ").replace("stride=2, ", "")
    state = [f"    self.rest.append({fits} if longer_name and i < len(w) - 1 else nn.Identity())"]
    assert chosen(state, OPPOSITE) == [
        "    if longer_name and i < len(w) - 1:",
        f"        self.rest.append({fits})",
        "    else:",
        "        self.rest.append(nn.Identity())",
    ]


def test_a_choice_and_what_else_its_condition_decides_are_one_branch() -> None:
    layer = "nn.Conv2d(channels, channels // 2, kernel_size=1, bias=False)"
    line = f"self.rest.append({layer} if i > 0 else nn.Identity())"
    state = [line, "if i > 0:", "    channels = channels // 2", "other = 1"]
    assert chosen(state, OPPOSITE) == [
        "if i > 0:",
        f"    self.rest.append({layer})",
        "    channels = channels // 2",
        "else:",
        "    self.rest.append(nn.Identity())",
        "other = 1",
    ]


@pytest.mark.parametrize("after", [["if i > 1:", "    channels = 2"],
                                   ["if i > 0:", "    channels = 2", "else:", "    channels = 3"],
                                   ["channels = 2"], []])  # fmt: skip
def test_what_another_branch_does_stays_there(after: list[str]) -> None:
    layer = "nn.Conv2d(channels, channels // 2, kernel_size=1, bias=False)"
    state = [f"self.rest.append({layer} if i > 0 else nn.Identity())", *after]
    assert chosen(state, OPPOSITE) == state
