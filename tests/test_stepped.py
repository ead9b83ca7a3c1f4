"""Trainings in steps: what a step updates, what is warned of, and what the loop does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.compiler import ir
from packages import checked, imported, package, trained, written
from torch import Tensor, nn

DATA = """\
data pairs {
  x: f32[2] = [[0, 1], [1, 0], [2, 1], [1, 3], [0.5, 0.5]]
  y: f32[1] = [1, 2, 3, 4, 5]
}

model Maker(width: int = 3) {
  input z: f32[N, 2]
  output made: f32[N, 1] = z -> Linear(width) -> tanh -> Linear(1)
}

model Judge {
  input y: f32[N, 1]
  output score: f32[N, 1] = y -> Linear(4) -> tanh -> Linear(1)
}
"""
TRAINING = """
train G = Maker(width=5), D = Judge() on pairs {
  step D {
    fake = detach(G(x))
    loss = binary_cross_entropy_with_logits(D(y), ones(N, 1))
         + binary_cross_entropy_with_logits(D(fake), zeros(N, 1))
    optimizer = Adam(lr=0.02, betas=(0.5, 0.999))
  }

  step G {
    loss = binary_cross_entropy_with_logits(D(G(x)), ones(N, 1))
    optimizer = SGD(lr=0.1)
  }

  epochs = 3
  batch = 2
}
"""
SPEC = DATA + TRAINING


def codes(text: str) -> list[str]:
    return [each.code for each in checked(text).diagnostics]


def weights(module: nn.Module) -> list[Tensor]:
    return [each.detach().clone() for each in module.parameters()]


def equal(first: list[Tensor], second: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture
def steps_seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The optimizers that stepped, in order."""
    seen: list[Any] = []
    import dlc.runtime.optim as optim

    for kind in (optim.Adam, optim.SGD):
        original = kind.step

        def stepping(self: Any, *given: Any, original: Any = original) -> Any:
            seen.append(type(self).__name__)
            return original(self, *given)

        monkeypatch.setattr(kind, "step", stepping)
    return seen


def made(text: str, tmp_path: Path) -> Path:
    return written(package(text), tmp_path / "code")


def run_models(text: str, tmp_path: Path, epochs: int = 3) -> dict[str, dict[str, Tensor]]:
    """The weights that a training leaves, by model."""
    from dlc.runtime.artifacts import load_weights

    code, run = trained(made(text, tmp_path), tmp_path / "runs", tmp_path, epochs)
    assert code == 0
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    return dict(found)


def by_hand(epochs: int, batches: Any) -> tuple[nn.Module, nn.Module]:
    """The same training as a person writes it, in plain torch."""
    torch.manual_seed(0)
    maker = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
    judge = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))
    of_judge = torch.optim.Adam(judge.parameters(), lr=0.02, betas=(0.5, 0.999))
    of_maker = torch.optim.SGD(maker.parameters(), lr=0.1)
    loss = F.binary_cross_entropy_with_logits
    for epoch in range(1, epochs + 1):
        for x, y in batches(epoch):
            one, none = torch.ones(len(x), 1), torch.zeros(len(x), 1)
            of_judge.zero_grad()
            (loss(judge(y), one) + loss(judge(maker(x).detach()), none)).backward()
            of_judge.step()
            of_maker.zero_grad()
            loss(judge(maker(x)), one).backward()
            of_maker.step()
    return maker, judge


def test_a_training_in_steps_equals_the_loop_of_plain_torch(tmp_path: Path) -> None:
    home = made(SPEC, tmp_path)
    data = imported(home, "data").pairs.load([])

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        yield from data.train.shuffled(2, 0, epoch)

    maker, judge = by_hand(3, batches)
    found = run_models(SPEC, tmp_path)
    for name, module in (("G", maker), ("D", judge)):
        for ours, theirs in zip(found[name].values(), module.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("model", ["D", "G"])
def test_a_step_updates_what_it_names_and_no_other_to_the_bit(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made(SPEC, tmp_path)
    module = imported(home, "train")
    built: dict[str, nn.Module] = {}
    for name, kind in (("G", module.Maker), ("D", module.Judge)):

        def build(*given: Any, name: str = name, kind: Any = kind, **named: Any) -> nn.Module:
            built[name] = kind(*given, **named)
            return built[name]

        monkeypatch.setattr(module, kind.__name__, build)
    optimizer = {"D": "Adam", "G": "SGD"}[model]
    other = {"D": "G", "G": "D"}[model]
    checked_steps = 0
    kind = getattr(module, optimizer)
    original = kind.step

    def stepping(self: Any, *given: Any) -> Any:
        nonlocal checked_steps
        own, others = weights(built[model]), weights(built[other])
        result = original(self, *given)
        assert not equal(own, weights(built[model]))
        assert equal(others, weights(built[other]))
        assert all(not each.requires_grad for each in built[other].parameters())
        checked_steps += 1
        return result

    monkeypatch.setattr(kind, "step", stepping)
    assert module.launch(module.train, out=str(tmp_path / "runs"), quiet=True) == 0
    assert checked_steps == 9


def test_buffers_and_weights_of_a_frozen_model_get_no_gradient(tmp_path: Path) -> None:
    text = package(SPEC).files["train.py"]
    first, second = text.split("# step G")
    assert "G.requires_grad_(False)" in first
    assert "D.requires_grad_(False)" in second


def test_every_second_batch_has_half_the_steps(tmp_path: Path, steps_seen: list[Any]) -> None:
    home = made(SPEC.replace("step G {", "step G every 2 {"), tmp_path)
    code, _ = trained(home, tmp_path / "runs", tmp_path, 2)
    assert code == 0
    # Three batches an epoch, two epochs: batches 1, 3 and 5 of six.
    assert steps_seen.count("Adam") == 6
    assert steps_seen.count("SGD") == 3


def test_a_step_may_update_two_models_at_once(tmp_path: Path) -> None:
    text = DATA + (
        "train G = Maker(), D = Judge() on pairs {\n  step both updates G, D {\n"
        "    loss = mse_loss(D(G(x)), y)\n    optimizer = SGD(lr=0.05)\n  }\n  epochs = 2\n}\n"
    )
    code = package(text).files["train.py"]
    assert "SGD([*G.parameters(), *D.parameters()], lr=0.05)" in code
    assert run_models(text, tmp_path, 2).keys() == {"G", "D"}


def test_one_model_may_be_trained_in_a_step(tmp_path: Path) -> None:
    text = DATA + (
        "train Maker on pairs {\n  step Maker {\n    loss = mse_loss(Maker(x), y)\n"
        "    optimizer = SGD(lr=0.05)\n  }\n  epochs = 2\n}\n"
    )
    assert "requires_grad_" not in package(text).files["train.py"]
    assert run_models(text, tmp_path, 2).keys() == {"Maker"}


def test_hyperparameters_of_the_training_reach_the_model(tmp_path: Path) -> None:
    assert run_models(SPEC, tmp_path)["G"]["linear1.weight"].shape == (5, 2)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("detach(G(x))", "G(x)", ["D0638"]),
        ("D(G(x))", "D(detach(G(x)))", ["D0637"]),
        ("D(G(x))", "D(y)", ["D0637"]),
        ("D(y)", "D(detach(y))", ["D0639"]),
        ("D(G(x))", "detach(D(G(x)))", ["D0637"]),
        ("G(x)), ones", "G(x) + detach(G(x))), ones", []),
    ],
)
def test_the_checker_follows_gradients(old: str, new: str, expected: list[str]) -> None:
    assert old in SPEC
    assert codes(SPEC.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("G(x))", "G(y))", "D0209"),
        ("ones(N, 1)", "ones(N, 2)", "D0403"),
        ("G(x))", "G(x, y))", "D0314"),
        ("G(x))", "H(x))", "D0301"),
        ("width=5", "height=5", "D0304"),
        ("epochs = 3", "epoch = 3", "D0601"),
        ("epochs = 3", "", "D0602"),
        ("batch = 2", "loss = mse_loss(x, x)", "D0631"),
        ("step G {", "step D {", "D0302"),
        ("D = Judge()", "G = Judge()", "D0302"),
        ("Judge()", "Juge()", "D0301"),
    ],
)
def test_wrong_steps_are_refused(old: str, new: str, expected: str) -> None:
    assert old in SPEC
    found = checked(SPEC.replace(old, new))
    assert found.program is None
    assert expected in [each.code for each in found.diagnostics]


def test_the_batch_is_rigid_in_steps() -> None:
    found = checked(SPEC.replace("ones(N, 1)", "ones(2, 1)"))
    assert found.program is None


def test_a_typed_step_knows_which_models_it_calls() -> None:
    program = checked(SPEC).program
    assert program is not None
    (training,) = program.trainings
    assert isinstance(training, ir.TypedStepped)
    assert [step.used for step in training.steps] == [("G", "D"), ("G", "D")]


def test_a_field_may_have_any_name(tmp_path: Path) -> None:
    text = SPEC.replace("x: f32", "COUNT: f32").replace("G(x)", "G(COUNT)")
    assert "for COUNT, y in run.watch(" in package(text).files["train.py"]
    assert run_models(text, tmp_path, 1).keys() == {"G", "D"}


def test_a_model_that_no_step_calls_is_refused_once() -> None:
    text = SPEC.replace("D = Judge() on", "D = Judge(), E = Judge() on")
    assert codes(text) == ["D0647"]
    # Where a step is wrong, its models are not called unused besides.
    assert codes(text.replace("detach(G(x))", "detach(G(q))")) == ["D0301"]
