"""Which output predicts which field: read off the loss, through changes of shape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dlc.compiler.pipeline import check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source

SPEC = """\
data made {
  x: f32[2] = [[0, 0], [0, 1], [1, 0], [1, 1]]
  flat: f32 = [0, 10, 10, 0] -> standardize
  column: f32[1] = [0, 10, 10, 0] -> standardize
  grid: f32[2, 3] = GRID -> standardize
  kind: class(3) = [0, 1, 2, 1]
  kinds: class(3)[2] = [[0, 1], [1, 2], [2, 0], [1, 1]]
  yes: class("no", "yes") = ["no", "yes", "yes", "no"]
  both: f32[2] = [[0, 1], [1, 0], [0, 0], [1, 1]]
}

model Net {
  input x: f32[N, 2]
  output OUTPUT
  h = x -> Linear(6)
  o = BODY
}

train Net on made {
  loss = LOSS
  optimizer = SGD(lr=0.01)
  epochs = 1
}
"""
GRID = str(np.arange(24).reshape(4, 2, 3).tolist())
COLUMN = "o: f32[N, 1]", "h -> Linear(1)"
FLAT = "o: f32[N]", "h -> Linear(1) -> reshape(N)"
SIX = "o: f32[N, 2, 3]", "h -> reshape(N, 2, 3)"
SWAPPED = "o: f32[N, 3, 2]", "h -> reshape(N, 3, 2)"
THREE = "o: f32[N, 3]", "h -> Linear(3)"
SHARES = "o: f32[N, 3]", "h -> Linear(3) -> softmax(1)"
LOGS = "o: f32[N, 3]", "h -> Linear(3) -> log_softmax(1)"
TWO = "o: f32[N, 2]", "h -> Linear(2)"


def spec(model: tuple[str, str], loss: str) -> str:
    output, body = model
    return (
        SPEC.replace("GRID", GRID)
        .replace("OUTPUT", output)
        .replace("BODY", body)
        .replace("LOSS", loss)
    )


def pairs(model: tuple[str, str], loss: str) -> list[tuple[str, str, int]]:
    checked = check(Source("made.dl", spec(model, loss)))
    assert checked.program is not None, [each.message for each in checked.diagnostics]
    (training,) = checked.program.trainings
    assert all(pairing.output == "o" for pairing in training.pairings)
    return [(each.field, each.meaning, each.axis) for each in training.pairings]


def decoded(model: tuple[str, str], loss: str) -> str:
    """How `predict.py` decodes the output."""
    source = Source("made.dl", spec(model, loss))
    program = check(source).program
    assert program is not None
    text = compiled(program, source).files["predict.py"]
    return " ".join(text.split("return rows(")[1].split("@torch")[0].split())


@pytest.mark.parametrize(
    ("model", "loss", "found"),
    [
        (COLUMN, "mse_loss(o, column)", ("column", "number", 1)),
        (COLUMN, "mse_loss(reshape(o, N), flat)", ("flat", "number", 1)),
        (COLUMN, "mse_loss(reshape(o, -1), flat)", ("flat", "number", 1)),
        (COLUMN, "mse_loss(o, reshape(flat, N, 1))", ("flat", "number", 1)),
        (COLUMN, "mse_loss(reshape(o, N), reshape(column, N))", ("column", "number", 1)),
        (SIX, "mse_loss(reshape(o, N, 6), reshape(grid, N, 6))", ("grid", "number", 1)),
        (COLUMN, "mse_loss(o[:, 0], flat)", ("flat", "number", 1)),
        (COLUMN, "mse_loss(squeeze(o, 1), flat)", ("flat", "number", 1)),
        (COLUMN, "mse_loss(o, flat[:, None])", ("flat", "number", 1)),
        (THREE, "cross_entropy(o, kind)", ("kind", "classes", 1)),
        (SIX, "cross_entropy(transpose(o, 1, 2), kinds)", ("kinds", "classes", 2)),
        (SWAPPED, "cross_entropy(o, kinds)", ("kinds", "classes", 1)),
        (SIX, "cross_entropy(o -> permute(0, 2, 1), kinds)", ("kinds", "classes", 2)),
        (
            SIX,
            "cross_entropy(reshape(o, N * 2, 3), reshape(kinds, N * 2))",
            ("kinds", "classes", 2),
        ),
        (THREE, "nll_loss(log_softmax(o, 1), kind)", ("kind", "classes", 1)),
        (COLUMN, "binary_cross_entropy(sigmoid(o), yes)", ("yes", "logit", 1)),
        (FLAT, "binary_cross_entropy_with_logits(reshape(o, N, 1), yes)", ("yes", "logit", 1)),
    ],
)
def test_a_loss_pairs_what_it_compares_whatever_shape_that_was_given(model, loss, found):
    assert pairs(model, loss) == [found]


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (SWAPPED, "mse_loss(o -> permute(0, 2, 1), grid)"),  # the values change their order
        (SIX, "mse_loss(reshape(o, N, 3, 2) -> permute(0, 2, 1), grid)"),
        # Places by classes, cut into rows of three: no row belongs to one place.
        (SWAPPED, "cross_entropy(reshape(o, N * 2, 3), reshape(kinds, N * 2))"),
        (COLUMN, "mse_loss(tanh(o), column)"),
        (TWO, "mse_loss(o[:, 0], flat)"),  # a part of the output
        (COLUMN, "mean((o - column) ** 2)"),
    ],
)
def test_what_decoding_could_not_undo_is_not_paired(model, loss):
    assert pairs(model, loss) == []


def test_a_scaled_target_without_its_output_is_a_warning():
    for loss, codes in (
        ("mean((o - column) ** 2)", ["D0910"]),
        ("mse_loss(o, column)", []),
        ("mean(o ** 2)", []),
    ):
        found = check(Source("made.dl", spec(COLUMN, loss))).diagnostics
        assert [each.code for each in found if each.code == "D0910"] == codes, loss


@pytest.mark.parametrize(
    ("model", "loss", "text"),
    [
        (COLUMN, "mse_loss(reshape(o, N), flat)", '{"o": numbers(made.inverse("flat", o))}'),
        (
            SIX,
            "cross_entropy(o -> permute(0, 2, 1), kinds)",
            '{"o": classes(o.softmax(2), made.labels("kinds"), axis=2)}',
        ),
        (THREE, "cross_entropy(o, kind)", '{"o": classes(o.softmax(1), made.labels("kind"))}'),
        (
            COLUMN,
            "binary_cross_entropy(sigmoid(o), yes)",
            '{"o": binary(o[:, 0].sigmoid(), made.labels("yes"))}',
        ),
        (SHARES, "nll_loss(log(o), kind)", '{"o": classes(o, made.labels("kind"))}'),
        (LOGS, "nll_loss(o, kind)", '{"o": classes(o.exp(), made.labels("kind"))}'),
        (
            TWO,
            "binary_cross_entropy_with_logits(o, both)",
            '{"o": numbers(o.sigmoid())}',
        ),
    ],
)
def test_predictions_are_decoded_as_the_pairing_says(model, loss, text):
    assert decoded(model, loss).startswith(text)


def test_the_axis_found_through_views_is_the_one_that_torch_compares_along():
    """Where our axis is over the classes, the loss of torch is that of each place by itself."""
    logits = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 2, 3)))
    kinds = torch.tensor([[0, 1], [1, 2], [2, 0], [1, 1]])
    flat = F.cross_entropy(logits.reshape(8, 3), kinds.reshape(8))
    moved = F.cross_entropy(logits.permute(0, 2, 1), kinds)
    ours = -logits.log_softmax(2).gather(2, kinds[:, :, None]).mean()
    torch.testing.assert_close(flat, ours)
    torch.testing.assert_close(moved, ours)
