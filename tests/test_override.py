"""`--set`: typed and checked as if it stood in the file."""

from typing import Any

import pytest
from dlc.compiler.pipeline import Checked, check
from dlc.compiler.source import Source

SPEC = """
param lr = 1e-3
param width = 8
data points { x: f32[1] = [1, 2] y: f32[1] = [2, 4] }
model Net {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(width) -> relu -> Linear(1)
}
train Net on points { loss = mse_loss(y_hat, y) optimizer = Adam(lr=lr) epochs = 5 }
"""


def overridden(*settings: str) -> Checked:
    return check(Source("net.dl", SPEC), settings)


def options(*settings: str) -> Any:
    program = overridden(*settings).program
    assert program is not None
    return program.trainings[0].options


def test_a_key_of_the_train_block_is_replaced() -> None:
    assert options()["epochs"] == 5
    assert options("epochs=1")["epochs"] == 1


def test_a_key_that_the_file_leaves_out_is_added() -> None:
    assert options("seed=3", "batch=16") | {"x": 0} == {**options(), "seed": 3, "batch": 16, "x": 0}


def test_a_param_is_replaced_wherever_it_is_used() -> None:
    program = overridden("lr=0.5", "width=3").program
    assert program is not None
    assert program.trainings[0].training.optimizer.arguments["lr"] == 0.5
    (first, *_) = program.models["Net"].network.steps
    assert first.output.type.shape[1] == 3


def test_spaces_and_expressions_are_taken_as_in_the_file() -> None:
    assert options("epochs = 2 * 3")["epochs"] == 6


def test_the_last_of_two_wins() -> None:
    assert options("epochs=2", "epochs=3")["epochs"] == 3


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("epochs=0", "D0603"),
        ("epochs=1.5", "D0603"),
        ('epochs="one"', "D0603"),
        ("epoch=1", "D0618"),
        ("nothing=1", "D0618"),
        ("epochs", "D0619"),
        ("epochs=", "D0619"),
        ("a b=1", "D0619"),
        ("lr=-1", "D0308"),
        ("width=0", "D0308"),
        ("epochs=(", "D0106"),
    ],
)
def test_a_wrong_setting_is_reported_like_a_wrong_line(setting: str, code: str) -> None:
    found = overridden(setting)
    assert not found.ok
    assert code in [diagnostic.code for diagnostic in found.diagnostics]


def test_a_misspelt_key_names_the_nearest() -> None:
    (diagnostic,) = overridden("epoch=1").diagnostics
    assert diagnostic.help == ("did you mean `epochs`?",)
    assert diagnostic.span.source.path == "--set"
