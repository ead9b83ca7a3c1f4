"""Keys of trainings in steps: the same loops by hand, with torch alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.artifacts import load_weights
from dlc.runtime.length import Length
from keyed import layer
from packages import imported, package, trained, written
from torch import Tensor, nn

# 22 records train, in batches of 4: six an epoch.
SPEC = """\
data points {
  x: f32[1] = range(32) -> standardize
  y: f32[1] = 2 * range(32) + 1 -> standardize
  split = random(train=0.7, validation=0.15, test=0.15, seed=3)
}

model Maker {
  input z: f32[N, 1]
  output made: f32[N, 1] = z -> Linear(5) -> BatchNorm1d -> tanh -> Linear(1)
}

model Judge {
  input made: f32[N, 1]
  output score: f32[N, 1] = made -> Linear(6) -> tanh -> Linear(1) -> sigmoid
}

train G = Maker(), D = Judge() on points {
  step D {
    fake = detach(G(x))
    loss = binary_cross_entropy(D(y), ones(N, 1)) + binary_cross_entropy(D(fake), zeros(N, 1))
    optimizer = SGD(lr=0.1)
  }
  step G EVERY {
    loss = binary_cross_entropy(D(G(x)), ones(N, 1)) + mse_loss(G(x), y)
    optimizer = SGD(lr=0.05)
  }
  batch = 4
  KEYS
}
"""


class Both:
    """The two models of the spec, by their names."""

    def __init__(self, text: str, folder: Path) -> None:
        home = written(package(text), folder / "code")
        code, run = trained(home, folder / "runs", folder, 3)
        assert code == 0, (run / "status.json").read_text()
        self.run = run
        self.found = load_weights(run / "checkpoints" / "last.pt")
        self.data = imported(home, "data").points.load([])
        self.models = imported(home, "model")

    def fresh(self) -> tuple[nn.Module, nn.Module]:
        torch.manual_seed(0)
        return self.models.Maker(), self.models.Judge()

    def batches(self) -> Iterator[tuple[int, int, Tensor, Tensor]]:
        for epoch in range(1, 4):
            for batch, (x, y) in enumerate(self.data.train.shuffled(4, 0, epoch), 1):
                yield epoch, batch, x, y

    def close(self, G: nn.Module, D: nn.Module) -> None:
        for name, model in (("G", G), ("D", D)):
            for key, each in model.state_dict().items():
                at = f"{name}.{key}"
                torch.testing.assert_close(
                    self.found[name][key], each, rtol=1e-6, atol=1e-6, msg=at
                )


def spec(keys: str, every: str = "") -> str:
    text = SPEC.replace("EVERY", every).replace("KEYS", "\n  ".join(keys.split("; ")))
    return "\n".join(line.rstrip() for line in text.split("\n"))


def judged(G: nn.Module, D: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    ones = torch.ones(len(x), 1)
    real = F.binary_cross_entropy(D(y), ones)
    return real + F.binary_cross_entropy(D(G(x).detach()), torch.zeros(len(x), 1))


def made(G: nn.Module, D: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    # As in the spec, the maker is called twice: its batch norm sees each batch twice.
    first = F.binary_cross_entropy(D(G(x)), torch.ones(len(x), 1))
    return first + F.mse_loss(G(x), y)


def by_hand(
    both: Both, steps: int = 18, count: int = 1, every: int = 1, clip: float = 0.0, **given: Any
) -> tuple[nn.Module, nn.Module]:
    """The loop of the spec over so many batches; `freeze` takes parts of both out of training."""
    G, D = both.fresh()
    held, norms = given["freeze"](G, D) if "freeze" in given else ([], [])
    optimizers = [
        torch.optim.SGD(model.parameters(), lr=lr, fused=True)
        for model, lr in ((D, 0.1), (G, 0.05))
    ]
    turns = [0, 0]
    for done, (_, batch, x, y) in enumerate(both.batches()):
        if done == steps:
            break
        if batch == 1:
            turns = [0, 0]
        last = [batch == 6 or done == steps - 1, False]
        left = min(6 - batch, steps - 1 - done)
        last[1] = left < every
        for at, (model, loss) in enumerate(((D, judged), (G, made))):
            if at == 1 and done % every:
                continue
            turns[at] += 1
            for each in (G, D):
                each.requires_grad_(each is model)
            for each in held:
                each.requires_grad_(False)
            for norm in norms:
                norm.eval()
            loss(G, D, x, y).backward()
            if turns[at] % count == 0 or last[at]:
                if clip:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizers[at].step()
                optimizers[at].zero_grad()
    return G, D


@pytest.mark.parametrize("steps", [1, 5, 6, 11, 18])
def test_steps_end_within_an_epoch(tmp_path: Path, steps: int) -> None:
    both = Both(spec(f"steps = {steps}"), tmp_path)
    both.close(*by_hand(both, steps))


def test_each_step_clips_the_gradients_of_what_it_updates(tmp_path: Path) -> None:
    both = Both(spec("epochs = 3; clip_norm = 0.1"), tmp_path)
    both.close(*by_hand(both, clip=0.1))


@pytest.mark.parametrize("every", [1, 2, 4, 5])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_each_step_gathers_so_many_turns_of_its_own(tmp_path: Path, count: int, every: int) -> None:
    text = spec(f"epochs = 3; accumulate = {count}", f"every {every}" if every > 1 else "")
    both = Both(text, tmp_path)
    both.close(*by_hand(both, count=count, every=every))


def test_what_is_frozen_of_two_models_stays(tmp_path: Path) -> None:
    def freeze(G: nn.Module, D: nn.Module) -> tuple[list[nn.Parameter], list[nn.Module]]:
        norm = layer(G, nn.BatchNorm1d, 5)
        held = [*layer(G, nn.Linear, 5).parameters(), *norm.parameters()]
        return [*held, layer(D, nn.Linear, 6).weight], [norm]

    both = Both(spec("epochs = 3; freeze = [G.linear1, G.BatchNorm1d, D.linear1.weight]"), tmp_path)
    G, D = by_hand(both, freeze=freeze)
    both.close(G, D)
    fresh, judge = both.fresh()
    assert torch.equal(layer(fresh, nn.Linear, 5).weight, layer(G, nn.Linear, 5).weight)
    assert not torch.equal(layer(judge, nn.Linear, 6).bias, layer(D, nn.Linear, 6).bias)


def test_half_precision_computes_the_loss_too(tmp_path: Path) -> None:
    """binary_cross_entropy, which autocast refuses, is computed in f32."""
    text = spec("epochs = 1; precision = bf16")
    both = Both(text, tmp_path)
    code = package(text).files["train.py"]
    assert "from dlc.runtime.precision import autocast, binary_cross_entropy" in code
    assert "F.binary_cross_entropy" not in code
    exact = Both(spec("epochs = 1"), tmp_path / "f32")
    for name, model in both.found.items():
        for key, each in model.items():
            torch.testing.assert_close(each, exact.found[name][key], rtol=0.1, atol=0.1)


def test_f16_scales_the_loss_of_each_step(tmp_path: Path) -> None:
    both = Both(spec("epochs = 1; precision = f16; clip_norm = 1.0; accumulate = 2"), tmp_path)
    G, _ = both.fresh()
    assert any(not torch.equal(both.found["G"][k], v) for k, v in G.state_dict().items())
    assert all(each.isfinite().all() for model in both.found.values() for each in model.values())


def test_weights_of_both_start_by_name_and_a_checkpoint_goes_on(tmp_path: Path) -> None:
    first = Both(spec("epochs = 1"), tmp_path / "first")
    torch.save(first.found, tmp_path / "both.pt")
    start = Both(spec('steps = 1; pretrained = "both.pt"'), tmp_path)
    assert any(not torch.equal(start.found["G"][k], v) for k, v in first.found["G"].items())
    again = Both(spec(f'steps = 1; checkpoint = "{first.run}"'), tmp_path / "again")
    for name, model in start.found.items():
        for key, each in model.items():
            # SGD without momentum gathers nothing: both are the same training.
            assert torch.equal(each, again.found[name][key])


def brute(length: Length, batches: int, epochs: int, count: int, every: int) -> list[int]:
    """At which batches of a training, counted from 0, a step completes by the rule."""
    done, found = 0, []
    for _ in range(epochs):
        length.enter(range(batches), 1, 0)
        for batch in range(1, batches + 1):
            if done % every == 0 and length.completes(count, batch, every, done):
                found.append(done)
            done += 1
    return found


@pytest.mark.parametrize("every", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize("batches", [1, 2, 5, 6, 11])
def test_gradients_are_together_after_so_many_turns_or_with_the_last_of_an_epoch(
    batches: int, count: int, every: int
) -> None:
    expected = []
    for epoch in range(4):
        every_batch = range(epoch * batches, (epoch + 1) * batches)
        turns = [done for done in every_batch if done % every == 0]
        expected += [
            done for at, done in enumerate(turns, 1) if at % count == 0 or at == len(turns)
        ]
    assert brute(Length(epochs=4), batches, 4, count, every) == expected
