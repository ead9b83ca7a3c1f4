"""Claims of the warning that the last step of a padded sequence is padding."""

from __future__ import annotations

import pytest
import torch
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from torch import nn

SPEC = """data reviews {{
  tokens: token(20)[6] = ["good film", "not good"] -> words -> vocabulary(20) -> {pad}
  label: class("no", "yes") = ["yes", "no"]
}}

block Last(width: int) {{
  input x: f32[N, T, D]
  output y = (x -> Linear(width) -> tanh)[:, -1]
}}

block Widen(width: int) = Linear(width) -> relu

model Reader {{
  input tokens: token(20)[N, {steps}]
  {body}
  output score: f32[N, 2] = {last} -> Linear(2)
}}

train Reader on reviews {{
  loss = cross_entropy(score, label)
  optimizer = Adam(lr=0.001)
  epochs = 2
}}
"""
RECURRENT = "states, _ = tokens -> Embedding(16) -> LSTM(32)"
EMBEDDED = "words = tokens -> Embedding(16)"


def warned(body: str, last: str, pad: str = "pad(6)", steps: str = "T") -> list[str]:
    found = check(Source("", SPEC.format(body=body, last=last, pad=pad, steps=steps)))
    assert found.program is not None, [each.message for each in found.diagnostics]
    return [each.code for each in found.diagnostics if each.code.startswith("D09")]


@pytest.mark.parametrize(
    ("body", "last"),
    [
        (RECURRENT, "states[:, -1]"),
        (RECURRENT, "states[:, -1, :]"),
        (RECURRENT.replace("LSTM", "GRU"), "states[:, -1]"),
        (RECURRENT.replace("LSTM(32)", "LSTM(32, bidirectional=True)"), "states[:, -1]"),
        (EMBEDDED, "words[:, -1]"),
        (EMBEDDED, "(words -> Linear(8) -> relu -> LayerNorm())[:, -1]"),
        (EMBEDDED, "(words + words * 2)[:, -1]"),
        (EMBEDDED, "(words -> Widen(8))[:, -1]"),
        (EMBEDDED, "(words -> Last(8))"),
        (f"{EMBEDDED}\n  a, _ = words -> LSTM(8)\n  b, _ = a -> LSTM(4)", "b[:, -1]"),
    ],
)
def test_the_last_step_behind_padding_on_the_right_is_warned_of(body, last):
    assert warned(body, last) == ["D0905"]
    assert warned(body, last, pad='pad(6, side="left")') == []


@pytest.mark.parametrize(
    ("body", "last"),
    [
        (RECURRENT, "states[:, 0]"),
        (RECURRENT, "mean(states, 1)"),
        (RECURRENT, "states[:, :, -1] -> Linear(3)"),
        (EMBEDDED, "(words -> permute(0, 2, 1) -> Linear(6))[:, -1]"),
        (EMBEDDED, "(words -> mean(1))[:, -1:]"),
    ],
)
def test_what_takes_other_steps_is_not_warned_of(body, last):
    assert warned(body, last, steps="6") == []


def test_it_is_said_which_pad_is_meant_and_what_to_write():
    found = check(
        Source("", SPEC.format(body=RECURRENT, last="states[:, -1]", pad="pad(6)", steps="T"))
    )
    (warning,) = [each for each in found.diagnostics if each.code == "D0905"]
    assert warning.span.text == "states[:, -1]"
    assert [label.span.text for label in warning.others] == ["pad(6)"]
    assert warning.help == ('pad on the left: `pad(6, side="left")`',)


def test_the_last_state_behind_right_padding_is_not_that_of_the_text():
    """Why it is warned of: padding on the right moves the last state, padding on the left less."""
    torch.manual_seed(0)
    lstm = nn.LSTM(4, 3, batch_first=True)
    text, padding = torch.randn(1, 5, 4), torch.zeros(1, 40, 4)
    alone = lstm(text)[0][:, -1]
    right = lstm(torch.cat([text, padding], 1))[0][:, -1]
    left = lstm(torch.cat([padding, text], 1))[0][:, -1]
    assert (right - alone).norm() > 5 * (left - alone).norm()
