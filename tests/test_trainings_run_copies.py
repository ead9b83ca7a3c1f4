"""Copies in trainings in steps: what they hold, against plain torch; saved and resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from commands import dlc
from dlc.runtime import training as runtime
from dlc.runtime.artifacts import load_weights
from dlc.runtime.copies import blend
from packages import imported, package, written
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

MOVES = """\
data moves {
  now: f32[4] = [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [1, 1, 0, 0]]
  after: f32[4] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 1]]
  reward: f32[1] = [0, 1, 0, 0.5, 1]
}

model Value(width: int = 8) {
  input state: f32[N, 4]
  output worth: f32[N, 1] = state -> Linear(width) -> tanh -> Linear(1)
}
"""
DQN = (
    MOVES
    + """
train Q = Value(width=6) on moves {
  copy Target = Q MODE
  step Q {
    wanted = reward + 0.9 * Target(after)
    loss = mse_loss(Q(now), wanted)
    optimizer = Adam(lr=0.02)
  }
  epochs = 4
  batch = 2
}

predict worth {
  input state: f32[M, 4]
  output worth: f32[M, 1] = Q(state)
  output goal: f32[M, 1] = Target(state)
}
"""
)
TEACHER = """\
data pictures {
  image: f32[1, 4, 4] = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3],
                         [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8],
                         [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6],
                         [0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5]] -> reshape(1, 4, 4)
}

model Student {
  input image: f32[N, 1, 4, 4]
  h = image -> Conv2d(3, 3, bias=False) -> BatchNorm2d -> relu -> flatten(1)
  output y: f32[N, 5] = h -> Linear(5)
}

model Head {
  input y: f32[N, 5]
  output guess: f32[N, 5] = y -> Linear(5)
}

train S = Student(), H = Head() on pictures {
  copy T = S ema 0.9
  step both updates S, H {
    first = H(S(image + 0.1 * randn(N, 1, 4, 4)))
    second = T(image)
    loss = -mean(cosine_similarity(first, second, 1))
    optimizer = SGD(lr=0.1)
  }
  epochs = 3
  batch = 2
}
"""


def ran(text: str, folder: Path) -> Path:
    """The folder of a run that went well."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.dl"
    spec.write_text(text, encoding="utf-8")
    said = dlc("run", "-q", spec, "--out", folder / "runs")
    assert said.code == 0, said.err
    (run,) = (folder / "runs" / "spec").iterdir()
    return run


def weights(run: Path) -> dict[str, dict[str, Tensor]]:
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    return dict(found)


def same(ours: dict[str, Tensor], theirs: nn.Module) -> None:
    """The weights and buffers are those of the module, in order."""
    expected = list(theirs.state_dict().values())
    assert len(ours) == len(expected)
    for mine, other in zip(ours.values(), expected, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def value() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))


@pytest.mark.parametrize(
    ("mode", "every", "keep"), [("every 5", 5, 0.0), ("every 1", 1, 0.0), ("ema 0.8", 0, 0.8)]
)
def test_a_target_network_follows_as_in_plain_torch(
    mode: str, every: int, keep: float, tmp_path: Path
) -> None:
    text = DQN.replace("MODE", mode)
    found = weights(ran(text, tmp_path))
    data = imported(written(package(text), tmp_path / "code"), "data").moves.load([]).train
    torch.manual_seed(0)
    network, target = value(), value()
    target.load_state_dict(network.state_dict())
    mean = AveragedModel(target, multi_avg_fn=get_ema_multi_avg_fn(keep))
    mean.n_averaged += 1  # the copy is there from the start
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    count = 0
    for epoch in range(1, 5):
        for now, after, reward in data.shuffled(2, 0, epoch):
            goal = mean.module if keep else target
            with torch.no_grad():
                wanted = reward + 0.9 * goal(after)
            optimizer.zero_grad()
            F.mse_loss(network(now), wanted).backward()
            optimizer.step()
            count += 1
            if keep:
                mean.update_parameters(network)
            elif count % every == 0:
                target.load_state_dict(network.state_dict())
    assert count == 12
    assert found.keys() == {"Q", "Target"}
    same(found["Q"], network)
    same(found["Target"], mean.module if keep else target)


def test_a_teacher_has_no_gradients_and_takes_over_statistics(tmp_path: Path) -> None:
    found = weights(ran(TEACHER, tmp_path))
    assert found.keys() == {"S", "H", "T"}
    pairs = list(zip(found["S"].items(), found["T"].values(), strict=True))
    for (name, ours), theirs in pairs:
        alike = torch.equal(ours, theirs)
        assert alike == ("running" in name or "num_batches" in name), name
    code = package(TEACHER).files["train.py"]
    assert "T = deepcopy(S).requires_grad_(False)" in code
    assert "T.requires_grad_(True)" not in code and "T.parameters()" not in code


def test_no_parameter_of_a_copy_ever_gets_a_gradient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    original = runtime.Run.track

    def track(self: Any, loss: Tensor, count: int, name: str = "") -> None:
        original(self, loss, count, name)
        copy = self.models["T"]
        seen.append([(each.grad, each.requires_grad) for each in copy.parameters()])

    monkeypatch.setattr(runtime.Run, "track", track)
    ran(TEACHER, tmp_path)
    assert len(seen) == 6
    assert all(pair == (None, False) for each in seen for pair in each)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.995])
def test_blend_is_torchs_mean_of_weights(keep: float) -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    copy = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    oracle = AveragedModel(copy, multi_avg_fn=get_ema_multi_avg_fn(keep))
    oracle.n_averaged += 1
    for _ in range(3):
        model(torch.randn(5, 3))
        oracle.update_parameters(model)
        blend(copy, model, keep)
        theirs = oracle.module.state_dict()
        assert all(torch.equal(each, theirs[name]) for name, each in copy.state_dict().items())


def test_blend_takes_a_model_without_weights() -> None:
    blend(nn.Identity(), nn.Identity(), 0.5)


def left(run: Path) -> dict[str, Any]:
    return {
        "metrics": (run / "metrics.jsonl").read_text(),
        "results": json.loads((run / "status.json").read_text())["results"],
        **{
            f"{model}.{name}": tensor.numpy().tobytes()
            for model, state in weights(run).items()
            for name, tensor in state.items()
        },
    }


@pytest.mark.parametrize("text", [DQN.replace("MODE", "every 5"), TEACHER])
def test_copies_go_on_from_any_batch_to_the_bit(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = left(ran(text, tmp_path / "whole"))
    original = runtime.Run.track
    place = [0, 0]

    def track(self: Any, loss: Tensor, count: int, name: str = "") -> None:
        original(self, loss, count, name)
        place[0] -= 1
        if place[0] == 0:
            self.interrupts.raised = True

    monkeypatch.setattr(runtime.Run, "track", track)
    for number in (1, 2, 4, 5, 6):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "spec.dl").write_text(text, encoding="utf-8")
        place[0] = number
        assert dlc("run", "-q", folder / "spec.dl", "--out", folder / "runs").code == 130
        (run,) = (folder / "runs" / "spec").iterdir()
        assert dlc("run", "-q", "--resume", run).code == 0
        assert left(run) == whole, number


def test_predictions_call_a_copy_with_its_own_weights(tmp_path: Path) -> None:
    run = ran(DQN.replace("MODE", "every 5"), tmp_path)
    found = weights(run)
    said = dlc("predict", "--json", run, "-", stdin=b'{"state": [0, 1, 0, 0]}\n[1, 0, 0, 0]\n')
    assert said.code == 0, said.err
    states = torch.tensor([[0.0, 1, 0, 0], [1, 0, 0, 0]])
    for output, name in (("worth", "Q"), ("goal", "Target")):
        network = value()
        network.load_state_dict(dict(zip(network.state_dict(), found[name].values(), strict=True)))
        expected = network(states)[:, 0].tolist()
        assert [each[output] for each in said.lines] == pytest.approx(expected, rel=1e-5)
    assert said.lines[0]["worth"] != pytest.approx(said.lines[0]["goal"], rel=1e-4)


@pytest.mark.parametrize("name", ["Value", "optimizer_Q", "data", "deepcopy", "now"])
def test_a_copy_may_have_any_name(name: str, tmp_path: Path) -> None:
    text = DQN.replace("MODE", "every 2").replace("Target", name)
    run = ran(text, tmp_path)
    assert len(weights(run)) == 2
    said = dlc("predict", run, "-", stdin=b'{"state": [0, 1, 0, 0]}\n')
    assert said.code == 0 and "goal" in said.out, said.err


@pytest.mark.parametrize("name", ["optimizer_Q", "data", "run", "torch", "moves", "after", "n"])
def test_a_model_in_steps_may_have_any_name(name: str, tmp_path: Path) -> None:
    text = DQN.replace("MODE", "ema 0.5").replace("Q = V", f"{name} = V")
    text = text.replace("= Q ", f"= {name} ").replace("Q(", f"{name}(")
    text = text.replace("step Q", f"step Q updates {name}")
    run = ran(text, tmp_path)
    assert len(weights(run)) == 2
