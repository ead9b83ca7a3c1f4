"""`dlc summary` tells what is held fast apart: it has no gradients and no state."""

from __future__ import annotations

import pytest
from dlc.compiler.summary import described, update_of
from packages import checked

SPEC = """
data points {
  x: f32[4] = [[1, 2, 3, 4], [2, 3, 4, 5]]
  y: f32[1] = [1, 2]
}
model Net {
  input x: f32[N, 4]
  layer encoder = Linear(8) -> relu
  output y_hat: f32[N, 1] = x -> encoder -> Linear(1)
}
train Net on points {
  loss = mse_loss(y_hat, y)
  optimizer = Adam(lr=0.01)
  epochs = 2
"""
ENCODER, HEAD = 4 * 8 + 8, 8 + 1
# Adam has two moments a number, and counts its steps in four bytes for each of so many tensors.
ADAM = 2 * 4


@pytest.mark.parametrize(
    ("key", "frozen", "tensors"), [("", 0, 4), ("freeze = [encoder]", ENCODER, 2)]
)
def test_frozen_weights_are_counted_apart(key: str, frozen: int, tensors: int) -> None:
    program = checked(f"{SPEC}  {key}\n}}\n").program
    assert program is not None
    found = described(program.models["Net"], "net.dl", update_of(program, "Net"))
    learning = ENCODER + HEAD - frozen
    assert (found.parameters, found.frozen) == (learning, frozen)
    assert found.memory.weights == 4 * (ENCODER + HEAD)
    assert found.memory.gradients == 4 * learning
    assert found.memory.state == ADAM * learning + 4 * tensors
