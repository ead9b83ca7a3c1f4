"""What is too long for a line breaks in one way each."""

from __future__ import annotations

from dlc.compiler.layout import (
    BLANK,
    NEW,
    SOFT,
    SPACE,
    WIDTH,
    Broken,
    Fill,
    Group,
    Nest,
    Remark,
    forces,
    render,
)
from layouts import becomes, body, laid_out, stays

LONG = "a_long_name_of_a_layer"


def test_what_fits_in_the_width_stays_on_its_line() -> None:
    name = "x" * (WIDTH - len("param p = f()"))
    stays(f"param p = f({name})\n")
    becomes(f"param p = f({name}x)", f"param p = f(\n  {name}x,\n)\n")


def test_a_long_call_has_one_argument_a_line() -> None:
    becomes(
        f"param p = {LONG}(first={LONG}, second=[1, 2], third={LONG}, fourth={LONG})",
        f"""
param p = {LONG}(
  first={LONG},
  second=[1, 2],
  third={LONG},
  fourth={LONG},
)
""",
    )


def test_a_long_list_has_one_item_a_line_and_the_arrows_behind_it() -> None:
    items = [f"{LONG}_{number}" for number in range(5)]
    inside = "".join(f"    {item},\n" for item in items)
    becomes(
        f"data d {{ x: f32[5] = [{', '.join(items)}] -> impute(median) -> standardize }}",
        f"data d {{\n  x: f32[5] = [\n{inside}  ] -> impute(median) -> standardize\n}}\n",
    )


def test_a_long_list_of_numbers_fills_its_lines() -> None:
    numbers = [str(number) if number % 3 else f"-{number}.5" for number in range(100)]
    layout = laid_out(f"param p = [{', '.join(numbers)}]")
    lines = layout.splitlines()
    assert lines[0] == "param p = [" and lines[-1] == "]"
    assert len(lines) < 10 and max(map(len, lines)) <= WIDTH
    assert all(len(line) > WIDTH - 8 for line in lines[1:-2])
    assert lines[-2].endswith(",")


def test_a_long_chain_has_one_arrow_a_line() -> None:
    becomes(
        body(f"h = image -> {LONG}(64, 7) -> relu -> {LONG}(3) -> {LONG}(4)\ni = a -> b"),
        body(
            f"""
h = image
  -> {LONG}(64, 7)
  -> relu
  -> {LONG}(3)
  -> {LONG}(4)
i = a -> b
"""
        ),
    )


def test_a_long_block_of_one_chain_breaks_behind_its_equals_sign() -> None:
    head = "block ConvNorm(out: int, kernel: int, stride: int = 1) ="
    chain = "Conv2d(out, kernel, stride=stride, padding=kernel // 2, bias=False) -> BatchNorm2d"
    becomes(f"{head} {chain}", f"{head}\n  {chain}\n")
    becomes(
        f"{head} {chain} -> {LONG}",
        f"{head}\n  " + f"{chain} -> {LONG}".replace(" -> ", "\n    -> ") + "\n",
    )


def test_a_long_sum_has_one_term_a_line() -> None:
    becomes(
        body(f"loss = {LONG}(a, b) * 2 + {LONG}(c, d) - {LONG}(e, f) + {LONG}(g)"),
        body(
            f"""
loss = {LONG}(a, b) * 2
  + {LONG}(c, d)
  - {LONG}(e, f)
  + {LONG}(g)
"""
        ),
    )


def test_a_long_comparison_and_a_long_condition_break_before_their_words() -> None:
    becomes(
        body(f"require {LONG} == 0 and {LONG} < 1 and {LONG} <= {LONG} and {LONG}"),
        body(f"require {LONG} == 0\n  and {LONG} < 1\n  and {LONG} <= {LONG}\n  and {LONG}"),
    )
    becomes(
        body(f"require {LONG} + {LONG} + 1 == {LONG} + {LONG} + {LONG}"),
        body(f"require {LONG} + {LONG} + 1\n  == {LONG} + {LONG} + {LONG}"),
    )


def test_a_long_choice_has_one_branch_a_line() -> None:
    becomes(
        body(f"h = if {LONG} {{ x -> {LONG}(1) }} else if b {{ {LONG}(x) }} else {{ {LONG} }}"),
        body(
            f"""
h = if {LONG} {{
  x -> {LONG}(1)
}} else if b {{
  {LONG}(x)
}} else {{
  {LONG}
}}
"""
        ),
    )


def test_long_parentheses_indent_what_is_inside() -> None:
    becomes(
        body(f"h = f(({LONG} -> {LONG}(11, 12) -> {LONG} -> {LONG}) * 2)"),
        body(
            f"""
h = f(
  (
    {LONG}
      -> {LONG}(11, 12)
      -> {LONG}
      -> {LONG}
  )
    * 2,
)
"""
        ),
    )


def test_long_parameters_and_imports_and_models_break() -> None:
    becomes(
        f"model M(first: int = 1, second: list = [{LONG}], third: {LONG} = 2, fourth: int) {{}}",
        f"""
model M(
  first: int = 1,
  second: list = [{LONG}],
  third: {LONG} = 2,
  fourth: int,
) {{}}
""",
    )
    names = [f"{LONG}_{number}" for number in range(4)]
    becomes(
        f'from "blocks.dl" import {", ".join(names)}',
        'from "blocks.dl" import ' + ",\n  ".join(names) + "\n",
    )
    becomes(f"train {', '.join(names)} on d {{}}", "train " + ",\n  ".join(names) + " on d {}\n")


def test_an_index_breaks_without_a_last_comma() -> None:
    names = [f"{LONG}_{number}" for number in range(5)]
    becomes(f"param p = x[{', '.join(names)}]", "param p = x[\n  " + ",\n  ".join(names) + "\n]\n")


# Documents.


def test_a_group_stands_on_one_line_if_it_fits_with_what_follows() -> None:
    group = Group("[", Nest(SOFT, "aaa,", SPACE, "bbb", Broken(",")), SOFT, "]")
    assert render([group], width=10) == "[aaa, bbb]"
    assert render([group], width=9) == "[\n  aaa,\n  bbb,\n]"
    assert render([group, "!"], width=10) == "[\n  aaa,\n  bbb,\n]!"
    assert render([group, SPACE, "more"], width=10) == "[aaa, bbb]\nmore"


def test_an_inner_group_stands_on_one_line_where_the_outer_one_breaks() -> None:
    inner = Group("(", Nest(SOFT, "b"), SOFT, ")")
    outer = Group("a", Nest(SPACE, inner, SPACE, "cccc"))
    assert render(outer, width=7) == "a\n  (b)\n  cccc"


def test_a_forced_line_breaks_all_groups_around_it_and_none_beside_it() -> None:
    forced = Group("a", Nest(SPACE, Group("b", Remark("# c"), SPACE, "d")))
    assert forces(forced) and forces([Nest(NEW)]) and not forces(Group("a", SPACE))
    assert render([Group("x", SPACE, "y"), " ", forced]) == "x y a\n  b  # c\n  d"


def test_lines_have_no_space_at_their_ends() -> None:
    assert render(["a", Nest(NEW, BLANK, "b"), NEW, "c"]) == "a\n\n\n  b\nc"


def test_texts_fill_lines() -> None:
    fill = Group("[", Nest(SOFT, Fill(["1", "22", "333", "4"]), Broken(",")), SOFT, "]")
    assert render(fill) == "[1, 22, 333, 4]"
    assert render(fill, width=10) == "[\n  1, 22,\n  333, 4,\n]"
