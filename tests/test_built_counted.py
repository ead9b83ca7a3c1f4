"""Sizes that turns and branches of a constructor change: formulas, one name, and never wrong.

Each spec's class is called with other hyperparameters and held against the spec that has them as
defaults (`other_values.general`); then what its constructor says is looked at.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from other_values import code_of, general, program_of
from test_built_blocks import net

HEADER = "depth: int = 3, width: int = 4, k: int = 2, widths: list = [3, 4, 2], deep: bool = True"


def constructor(text: str) -> str:
    """The statements that make the layers of the model."""
    (found,) = re.findall(
        r"class Net\(.*?super\(\).__init__\(\)\n(.*?)\n\n", code_of(program_of(text)), re.DOTALL
    )
    return re.sub(r"^        ", "", found, flags=re.MULTILINE)


def checked(body: str, *others: dict[str, Any]) -> str:
    """The constructor of a body, which is right for other values too."""
    text = net(body, HEADER, "function wide(v: int, at: int) = if at > 1 { v + at } else { v }\n")
    for values in ({}, *others):
        general(text, "Net", values)
    return constructor(text)


DOWN = (
    "h = h -> Linear(width)\nkept = []\nfor level in range(depth) {\n  kept.append(h)\n"
    "  h = h -> Linear(width * 2 ** (level + 1)) -> tanh\n}\n"
)
UP = (
    "for level in reversed(range(depth)) {\n"
    "  h = cat([h, kept.pop()], 1) -> Linear(width * 2 ** level)\n}\n"
)
DEPTHS: list[dict[str, Any]] = [{"depth": each} for each in (1, 0, -1)] + [{"width": 6, "depth": 4}]


def test_sizes_that_a_turn_tells_there_and_back_are_not_counted() -> None:
    code = checked(DOWN + UP + "h = h -> Linear(2)", *DEPTHS)
    assert "for level in range(depth)" in code and "reversed(range(depth))" in code
    assert "nn.Linear(2**level * width, 2 ** (level + 1) * width)" in code
    assert "nn.Linear(2 ** (level + 1) * width + 2**level * width, 2**level * width)" in code
    assert "self.linear2 = nn.Linear(width, 2)" in code
    assert "features" not in code and "kept" not in code


def test_a_size_behind_a_loop_that_may_have_less_than_no_turn_is_counted() -> None:
    code = checked(DOWN + "h = h -> Linear(2)", *DEPTHS)
    assert code.count("features = ") == 2
    assert "nn.Linear(features, 2 ** (level + 1) * width)" in code
    assert "nn.Linear(features, 2)" in code


@pytest.mark.parametrize(
    ("over", "size", "inside", "behind"),
    [
        ("i in range(3)", "width * 2 ** (i + 1)", "2**i * width, ", "8 * width, 2"),
        ("i in range(1, 4)", "width * (i + 1)", "i * width, ", "4 * width, 2"),
        ("i in [1, 2, 3]", "width * (i + 1)", "i * width, ", "4 * width, 2"),
        ("i in range(3)", "width + i + 1", "i + width, ", "width + 3, 2"),
        ("i, w in enumerate(widths)", "width * 2 ** (i + 1)", "2**i * width, ",
         "2 ** len(widths) * width, 2"),
        ("i, w in enumerate(widths)", "wide(width, i + 1)", "wide(width, i), ",
         "wide(width, len(widths)), 2"),
        ("i in range(3)", "max(width, i + 4)", "max(width, i + 3), ", "max(width, 6), 2"),
    ],
)  # fmt: skip
def test_a_size_is_a_formula_of_the_number_of_a_turn(
    over: str, size: str, inside: str, behind: str
) -> None:
    first = {"wide(width, i + 1)": "wide(width, 0)", "max(width, i + 4)": "max(width, 3)"}
    code = checked(
        f"h = h -> Linear({first.get(size, 'width')})\n"
        f"for {over} {{ h = h -> Linear({size}) -> tanh }}\nh = h -> Linear(2)",
        {"width": 5, "widths": (2,)},
        {"width": 2, "widths": (1, 2, 3, 4)},
    )
    assert f"nn.Linear({inside}" in code and f"nn.Linear({behind})" in code
    assert "features" not in code


@pytest.mark.parametrize(
    "body",
    [
        # Another first size, one more each turn, one of a list, one that is long.
        "h = h -> Linear(width + 1)\nfor i in range(3) { h = h -> Linear(width * 2 ** (i + 1)) }",
        "for i in range(3) { h = h -> Linear(h.shape[1] + 1) }",
        "for i, w in enumerate(widths) { h = h -> Linear(w) }",
        "h = h -> Linear(width * k + width // 2 + k * k)\n"
        "for i in range(3) { h = h -> Linear(width * k + width // 2 + k * k + 3 * (i + 1)) }",
        "h = h -> Linear(width)\nfor i in range(depth) { h = h -> Linear(width // (i + 1) + 1) }",
    ],
)
def test_a_size_that_no_short_formula_tells_is_counted(body: str) -> None:
    code = checked(body + "\nh = h -> Linear(2)", {"width": 6, "k": 3}, {"widths": (5, 1)})
    assert "features" in code


POPS = {
    "forwards": "for level in range(depth) { h = cat([h, kept.pop()], 1) -> Linear(width) }",
    "twice a turn": UP.replace("}", "  if level > 1 {\n    h = h + (kept.pop() -> Linear(width * 2 "
                               "** level))\n  }\n}").replace("range(depth)", "range(1, 3)"),
    "in a branch": "for level in reversed(range(depth)) {\n  if level > 0 {\n"
                   "    h = cat([h, kept.pop()], 1)\n  }\n  h = h -> Linear(width)\n}",
    "in a loop within": "for level in reversed(range(depth)) {\n  for j in range(k - 1) {\n"
                        "    h = cat([h, kept.pop()], 1)\n  }\n  h = h -> Linear(width)\n}",
    "after another": "h = cat([h, kept.pop()], 1)\nfor level in reversed(range(1, depth)) { "
                     "h = cat([h, kept.pop()], 1) -> Linear(width) }",
    "over fewer numbers": "for level in reversed(range(depth - 1)) { "
                          "h = cat([h, kept.pop()], 1) -> Linear(width) }",
}  # fmt: skip


@pytest.mark.parametrize("name", POPS)
def test_what_is_popped_in_another_order_than_it_was_appended_is_kept_count_of(name: str) -> None:
    code = checked(DOWN + POPS[name] + "\nh = h -> Linear(2)", {"width": 5}, {"depth": 4})
    assert "kept = [" in code or "kept: list[int] = []" in code


def test_a_list_appended_to_in_a_loop_within_is_kept_count_of() -> None:
    body = DOWN.replace(
        "  kept.append(h)\n", "  kept.append(h)\n  for j in range(k) { kept.append(h + 1) }\n"
    )
    code = checked(body + UP + "h = h -> Linear(2)", {"depth": 2}, {"k": 1})
    assert ".append(" in code and "kept" in code


def test_entries_of_a_list_are_as_wide_as_the_lists_entry_of_their_turn() -> None:
    body = (
        "kept = []\n"
        "for i, w in enumerate(widths) {\n  h = h -> Linear(w + i)\n  kept.append(h)\n}\n"
        "for i, w in reversed(enumerate(widths)) {\n"
        "  h = (kept.pop() -> Linear(k)) + (h -> Linear(k))\n}"
    )
    code = checked(body, {"widths": (5, 1)}, {"widths": (2,), "k": 3})
    assert "nn.Linear(i + w, k)" in code and "kept" not in code


BLOCKS = {
    "as large in each turn": ("h = x", "Linear(8)"),
    "one more each turn": ("h = x", "Linear(h.shape[1] + 1)"),
    "twice as large each turn": ("h = x -> Linear(4)", "Linear(4 * 2 ** (i + 1))"),
}


@pytest.mark.parametrize("times", [0, -1, 1, 3])
@pytest.mark.parametrize("name", BLOCKS)
def test_what_follows_a_block_with_a_loop_knows_its_size_without_a_turn_too(
    name: str, times: int
) -> None:
    first, layer = BLOCKS[name]
    block = f"block Some(times: int) {{\n  input x: f32[N, D]\n  {first}\n"
    block += f"  for i in range(times) {{ h = h -> {layer} }}\n  output y = h\n}}\n"
    text = net("h = h -> Some(k) -> Linear(3)", "k: int = 2", block)
    general(text, "Net", {"k": times})


# Sizes that a branch changes


GROWS = (
    "h = h -> Linear(2 * width)\nfor i, depth in enumerate(widths) {\n"
    "  if i > 0 {\n    h = h -> Linear(h.shape[1] // 2 + 1)\n  }\n"
    "  for _ in range(depth) { h = cat([h, h -> Linear(width)], 1) }\n}\nh = h -> Linear(2)"
)


def test_a_size_that_a_branch_changes_has_one_name_throughout() -> None:
    code = checked(GROWS, {"widths": (2, 1)}, {"widths": (0, 0, 2), "width": 3}, {"widths": (1,)})
    assert (
        "    if i > 0:\n"
        "        self.linears.append(nn.Linear(features, features // 2 + 1))\n"
        "        features = features // 2 + 1\n"
        "    else:\n"
        "        self.linears.append(nn.Identity())\n"
    ) in code
    assert "        features += width\n" in code
    assert "features2" not in code and " if i > 0 " not in code


def test_a_number_that_a_branch_changes_has_one_name_throughout() -> None:
    body = "c = 3\nfor i in range(depth) {\n  if i > 0 { c = 2 * c }\n  h = h -> Linear(c)\n}"
    code = checked(body + "\nh = h -> Linear(c)", {"depth": 1}, {"depth": 0}, {"depth": 4})
    assert "        c = 2 * c" in code and "else" not in code and "c2" not in code


def test_a_number_that_is_read_as_it_was_before_a_branch_keeps_its_name() -> None:
    body = (
        "c = 3\nfor i in range(depth) {\n  before = c\n  if i > 0 { c = c + 2 }\n"
        "  h = h -> Linear(c) -> Linear(before + 1)\n}\nh = h -> Linear(c)"
    )
    code = checked(body, {"depth": 1}, {"depth": 4})
    assert "c2 = c + 2 if i > 0 else c" in code


def test_a_size_of_hyperparameters_alone_stays_an_expression() -> None:
    code = checked("if deep { h = h -> Linear(k) }\nh = h -> Linear(3)", {"deep": False, "k": 5})
    assert "k if deep else 4" in code


def test_both_branches_may_change_a_size() -> None:
    body = (
        "for i in range(depth) {\n  if i % 2 == 0 { h = h -> Linear(h.shape[1] + k) } "
        "else { h = h -> Linear(h.shape[1] + 1) -> tanh }\n}\nh = h -> Linear(2)"
    )
    code = checked(body, {"depth": 1, "k": 3}, {"depth": 0}, {"depth": 4})
    assert "        features += k" in code and "        features += 1" in code


def test_a_size_behind_a_loop_that_has_a_turn_is_what_each_turn_makes_it() -> None:
    body = (
        "for i, w in enumerate(widths) {\n  for _ in range(2) { h = h -> Linear(w) -> tanh }\n"
        "  h = h -> if i > 0 { Linear(w, bias=False) } else { Identity }\n}\nh = h -> Linear(2)"
    )
    code = checked(body, {"widths": (5,)}, {"widths": (2, 3, 1, 4)})
    assert "nn.Linear(w, w, bias=False) if i > 0" in code and code.count("features = w") == 1


def test_a_size_behind_a_loop_that_may_have_no_turn_is_counted() -> None:
    body = (
        "for i, w in enumerate(widths) {\n  for _ in range(k - 2) { h = h -> Linear(w) -> tanh }\n"
        "  h = h -> Linear(h.shape[1] + 1)\n}"
    )
    code = checked(body, {"k": 3}, {"k": 4, "widths": (2, 5)})
    assert "nn.Linear(w, w + 1)" not in code


def test_a_name_for_a_size_is_given_where_the_size_is_known() -> None:
    body = "c = 1\nfor i in range(k) { c = 2 * c }\nsize = c + 2\nhalf = 2 ** c\n"
    checked(body + "h = h -> Linear(size) -> Linear(size) -> Linear(half)", {"k": 0}, {"k": 1})


# Modules chosen by a condition


def test_a_long_choice_of_a_module_is_identity_first() -> None:
    body = (
        "h = h -> if width == 4 { Identity } else { "
        "LayerNorm(eps=0.001, elementwise_affine=deep) -> Linear(4 * width + k) }"
    )
    code = checked(body, {"width": 5}, {"width": 6, "k": 1})
    assert "self.layers: nn.Module = nn.Identity()\nif width != 4:\n    self.layers = " in code


def test_a_short_choice_of_a_module_stays_one_line() -> None:
    code = checked("h = h -> if deep { Linear(4) } else { Identity }", {"deep": False})
    assert code == "self.linear1 = nn.Linear(4, 4) if deep else nn.Identity()"
