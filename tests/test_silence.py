"""Claims of dlc.compiler.silence: which warnings a comment silences, and what else it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlc.compiler.explain import explain
from dlc.compiler.fmt import fmt
from dlc.compiler.parse import parse
from dlc.compiler.pipeline import check
from dlc.compiler.silence import allowed
from dlc.compiler.source import Source

STACK = "model Net {{\n  input x: f32[N, 8]\n{0}  output y = x -> Linear(16) -> Linear(8){1}\n}}\n"
MORE = " -> relu -> Linear(8)" * 5 + "  # allow D0674 - on purpose"


def said(text: str, *overrides: str) -> list[str]:
    """The codes of all that is said about a spec."""
    return [each.code for each in check(Source("allow.dl", text), overrides).diagnostics]


@pytest.mark.parametrize(
    ("above", "behind"),
    [
        ("", "  # allow D0674"),
        ("", "  # allow D0674 - a linear map on purpose"),
        ("", "  # allow D0674 \N{EN DASH} a linear map on purpose"),
        ("", "  #allow d0674"),
        ("  # allow D0674\n", ""),
        ("  ## allow D0674 - factors\n", ""),
        ("  # allow D0674\n  # The two are factors of one map.\n", ""),
    ],
)
def test_a_comment_behind_a_line_or_above_it_silences_its_warning(above: str, behind: str) -> None:
    assert said(STACK.format("", "")) == ["D0674"]
    assert said(STACK.format(above, behind)) == []


def test_several_codes_are_separated_by_commas() -> None:
    line = "  output y = x -> Linear(16) -> relu -> relu -> Linear(8) -> Linear(8)"
    text = "model Net {\n  input x: f32[N, 8]\n" + line
    assert said(text + "\n}") == ["D0673", "D0674"]
    assert said(text + "  # allow D0674, D0673 - on purpose\n}") == []
    assert said(text + "  # allow D0673\n}") == ["D0674"]


def test_a_comment_inside_a_statement_is_for_its_line_alone() -> None:
    steps = ["x", "Linear(16)", "Linear(8)", "relu", "Linear(9)", "Linear(8)"]
    chain = "\n    -> ".join(steps)
    text = f"model Net {{\n  input x: f32[N, 8]\n  output y = {chain}\n}}\n"
    assert said(text) == ["D0674", "D0674"]
    assert said(text.replace("-> relu", "-> relu  # allow D0674")) == ["D0674", "D0690", "D0674"]
    first = text.replace("-> Linear(8)\n    -> relu", "-> Linear(8)  # allow D0674\n    -> relu")
    assert said(first) == ["D0674"]
    assert said(text.replace("(8)\n}", "(8)  # allow D0674\n}")) == []


def test_comments_above_one_line_all_count() -> None:
    above = "  # allow D0673\n  # allow D0674\n"
    text = STACK.format(above, "").replace("Linear(16)", "Linear(16) -> relu -> relu -> Linear(9)")
    assert said(text) == []


@pytest.mark.parametrize(
    ("above", "behind"),
    [
        ("  # allow D0675\n", ""),
        ("  # allow D0674\n\n", ""),
        ("", "\n  # allow D0674"),
    ],
)
def test_an_allow_that_silences_nothing_is_a_warning(above: str, behind: str) -> None:
    assert sorted(said(STACK.format(above, behind))) == ["D0674", "D0690"]


def test_what_the_warning_shows_is_the_code_that_silences_nothing() -> None:
    text = STACK.format("", "  # allow D0674, D0901")
    (found,) = check(Source("allow.dl", text)).diagnostics
    assert (found.code, found.severity, found.span.text) == ("D0690", "warning", "D0901")


@pytest.mark.parametrize(
    "comment",
    ["# allow what comes", "# D0674", "# allowed D0674", "# allow D06745", "# disallow D0674"],
)
def test_other_comments_allow_nothing(comment: str) -> None:
    assert said(STACK.format("", f"  {comment}")) == ["D0674"]


@pytest.mark.parametrize(
    "text", ['"# allow D0674"', '"a \\" # allow D0674"', '"\\\\ # allow D0674"']
)
def test_what_stands_in_a_string_is_no_comment(text: str) -> None:
    assert list(allowed(Source("s.dl", f"param a = {text}\n"))) == []
    behind = list(allowed(Source("s.dl", f"param a = {text}  # allow D0682 \n")))
    assert [(one.code, [*one.lines]) for one in behind] == [("D0682", [1])]


def test_errors_and_notes_cannot_be_allowed() -> None:
    wrong = "model Net {\n  input x: f32[N, 8]\n  output y = x -> Linaer(8)  # allow D0301\n}\n"
    assert said(wrong) == ["D0301"]
    note = 'data d from csv("missing.csv") {  # allow D0517\n  x: f32\n}\n'
    assert said(note) == ["D0517", "D0690"]


def test_beside_an_error_no_comment_is_called_idle() -> None:
    text = STACK.format("", "  # allow D0674").replace("Linear(16)", "Linaer(16)")
    assert said(text) == ["D0301"]


LEARNED = """
data points {
  x: f32[1] = [1, 2, 3]
  y: f32[1] = [2, 4, 6]
}

model Line {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(1)
}

train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.01)
  epochs = 10
  batch = 8  # allow D0678 - for larger data
}
"""


def test_keys_that_are_tried_out_make_no_comment_idle() -> None:
    assert said(LEARNED) == []
    assert said(LEARNED, "batch=2") == []
    assert said(LEARNED.replace("batch = 8", "batch = 2")) == ["D0690"]


def test_older_warnings_are_silenced_alike() -> None:
    text = "model Net {\n  input x: f32[N, 8]\n  output y = x -> Linear(8) -> Dropout(0.5)\n}\n"
    assert said(text) == ["D0901"]
    assert said(text.replace("(0.5)\n", "(0.5)  # allow D0901\n")) == []


def test_comments_of_imported_files_count_and_are_not_called_idle(tmp_path: Path) -> None:
    line = "block Two = Linear(16) -> Linear(8)  # allow D0674, D0673"
    (tmp_path / "blocks.dl").write_text(f"{line}\n", encoding="utf-8")
    text = """from "blocks.dl" import Two
model Net {
  input x: f32[N, 8]
  output y = x -> Two
}
"""
    path = str(tmp_path / "main.dl")
    assert [each.code for each in check(Source(path, text)).diagnostics] == []
    (tmp_path / "blocks.dl").write_text(line.partition("#")[0], encoding="utf-8")
    assert [each.code for each in check(Source(path, text)).diagnostics] == ["D0674"]


def test_line_ends_of_other_systems_make_no_difference() -> None:
    text = STACK.format("  # allow D0674\n", "")
    assert said(text.replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        STACK.format("", "  # allow D0674 - on purpose"),
        STACK.format("  # allow D0674\n", ""),
        STACK.format("      #   allow D0674\n", "").replace("  input", "input"),
        LEARNED,
        LEARNED.replace("batch = 8  #", "batch=8 #"),
        LEARNED.replace("batch = 8  # allow D0678 - for larger data", "# allow D0678\n batch = 8"),
        # Too long for one line: the layout puts a step on each.
        STACK.format("", MORE),
        STACK.format("  # allow D0674\n", MORE.partition("#")[0]),
        STACK.format("", "").replace(" -> Linear(8)\n", "\n    -> Linear(8)  # allow D0674\n"),
        "# allow D0674\nblock Two(n: int) = Linear(n) -> Linear(n)\n"
        "model Net { input x: f32[N, 8] output y = x -> Two(8) }\n",
    ],
)
def test_the_layout_keeps_comments_where_they_silence(text: str) -> None:
    assert said(text) == []
    found: list[object] = []
    spec = parse(Source("allow.dl", text), found.append)
    assert spec is not None
    laid_out = fmt(spec)
    assert "allow" in laid_out
    assert said(laid_out) == []


def test_pages_of_warnings_say_how_to_silence_them_and_those_of_errors_do_not() -> None:
    assert "# allow D0674" in (explain("D0674") or "")
    assert "# allow D0901" in (explain("D0901") or "")
    assert "# allow" not in (explain("D0201") or "")
    assert "# allow" not in (explain("D0418") or "")


def test_an_allow_for_data_that_are_not_at_hand_is_not_idle() -> None:
    data = 'data d from csv("nowhere.csv") {\n  a: f32[1]\n  y: f32[1]\n}\n'
    model = "model Net {\n  input a: f32[N, 1]\n  output p: f32[N, 1] = a -> Linear(1)\n}\n"
    train = "train Net on d {\n  loss = mse_loss(p, y)\n  optimizer = Adam()\n  epochs = 1\n}\n"
    for code, idle in (("D0661", []), ("D0674", ["D0690"])):
        text = f"# allow {code}\n{data}{model}{train}"
        said = [
            each.code
            for each in check(Source("net.dl", text)).diagnostics
            if each.severity == "warning"
        ]
        assert said == idle, code
