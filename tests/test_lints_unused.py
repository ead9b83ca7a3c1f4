"""Claims of dlc.compiler.lints about what is declared or computed and never used."""

from __future__ import annotations

import pytest
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source

TRAINING = """
data points {{
  x: f32[1] = [1, 2, 3]
  y: f32[1] = [2, 4, 6]
}}
model Net {{
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = {0}
}}
train Net on points {{
  loss = mse_loss(y_hat, y)
  optimizer = {1}
  epochs = 5
}}
"""


def said(text: str) -> list[str]:
    """The codes of all that is said about a spec."""
    return [each.code for each in check(Source("lints.dl", text)).diagnostics]


def training(body: str = "x -> Linear(1)", optimizer: str = "Adam(lr=1e-3)") -> str:
    """A file that trains a model whose output is `body`."""
    return TRAINING.format(body, optimizer)


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("param rate = 0.01", "Adam(lr=rate)"),
        ("block Wide = Linear(4) -> relu", "x -> Wide -> Linear(1)"),
        ("data others { x: f32[1] = [1] }", ""),
        ("model Other { input x: f32[N, 1] output y = x -> Linear(1) }", "x -> Other"),
    ],
)
def test_a_declaration_that_nothing_refers_to_is_pointed_out(declared: str, used: str) -> None:
    assert said(f"{declared}\n{training()}") == ["D0682"]
    if used.startswith("x"):
        assert said(f"{declared}\n{training(used)}") == []
    elif used:
        assert said(f"{declared}\n{training(optimizer=used)}") == []


def test_a_file_that_trains_nothing_may_be_there_for_others() -> None:
    block = "block Wide = Linear(4) -> relu\n"
    assert said(block + "model M { input x: f32[N, 1] output y = x * 2 }") == []


def test_a_block_that_only_itself_uses_is_unused() -> None:
    block = "block A = Linear(4) -> relu\nblock B = A -> A\n"
    assert said(block + training()) == ["D0682"]


@pytest.mark.parametrize(
    ("head", "body", "unused"),
    [
        ("Net(width: int = 4)", "x -> Linear(8)", True),
        ("Net(width: int = 4)", "x -> Linear(width)", False),
        ("Net(width: int = 4, other: int = 2 * width)", "x -> Linear(other)", False),
        ("Net(init=keras)", "x -> Linear(8)", False),
    ],
)
def test_a_hyperparameter_that_the_body_never_reads_is_pointed_out(
    head: str, body: str, unused: bool
) -> None:
    spec = f"model {head} {{\n  input x: f32[N, 3]\n  output y = {body}\n}}"
    assert said(spec) == (["D0682"] if unused else [])


def test_a_layer_statement_that_nothing_applies_is_pointed_out() -> None:
    spec = "model M {{ input x: f32[N, 3] layer idle = Linear(2) output y = x -> {} }}"
    assert said(spec.format("Linear(2)")) == ["D0682"]
    assert said(spec.format("idle")) == []


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("h = x -> Linear(4) -> relu", ["D0683"]),
        ("h = x * 2\n  h = x * 3", ["D0683", "D0683"]),
        ("h, g = chunk(x -> Linear(4), 2, 1)", ["D0683"]),
        ("n = x.shape[1]", []),
    ],
)
def test_a_result_that_no_output_depends_on_is_pointed_out(more: str, codes: list[str]) -> None:
    assert said(f"model M {{ input x: f32[N, 3] {more} output y = x -> Linear(2) }}") == codes


def test_a_result_of_which_a_part_is_read_is_no_fault() -> None:
    body = "h, _ = x -> LSTM(4) output y = h[:, -1]"
    assert said(f"model M {{ input x: f32[N, 5, 3] {body} }}") == []


def test_lints_of_the_whole_wait_until_nothing_is_wrong() -> None:
    spec = "model M { input x: f32[N, 3] h = x -> Linear(4) output y = h -> Linaer(2) }"
    assert [each.code for each in check(Source("m.dl", spec)).diagnostics] == ["D0301"]
