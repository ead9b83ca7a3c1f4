"""Whole programs of several networks, small: compiled, run, gone on with, and asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from commands import dlc
from dlc.runtime import training as runtime
from dlc.runtime.artifacts import load_weights
from packages import imported, package, written
from torch import Tensor, nn

ROWS = """\
data points {
  x: f32[4] = [[0, 1, 0, 2], [1, 0, 1, 1], [2, 1, 0, 0], [1, 3, 1, 0], [0, 0, 2, 1], [3, 1, 1, 2]]
  kind: class(2) = [0, 1, 0, 1, 0, 1]
}
"""
AUTOENCODER = (
    ROWS
    + """
model Encoder {
  input x: f32[N, 4]
  output code: f32[N, 2] = x -> Linear(3) -> tanh -> Linear(2)
}

model Decoder {
  input code: f32[N, 2]
  output x2: f32[N, 4] = code -> Linear(3) -> tanh -> Linear(4)
}

model Head {
  input code: f32[N, 2]
  output scores: f32[N, 2] = code -> Linear(2)
}

train E = Encoder(), D = Decoder() on points {
  step both updates E, D {
    loss = mse_loss(D(E(x)), x)
    optimizer = Adam(lr=0.02)
  }
  epochs = 4
  batch = 3
}

train E = Encoder(), H = Head() on points {
  step H {
    loss = cross_entropy(H(detach(E(x))), kind)
    optimizer = SGD(lr=0.5)
  }
  step tune updates E every 2 {
    loss = cross_entropy(H(E(x)), kind)
    optimizer = SGD(lr=0.1)
  }
  epochs = 4
  batch = 3
}

predict classify {
  input x: f32[N, 4]
  output scores: f32[N, 2] = softmax(H(E(x)), 1)
}

predict restore {
  input x: f32[N, 4]
  output again: f32[N, 4] = D(E(x))
}

expect {
  train.both.loss < 100
  train.H.loss < 100
}
"""
)
WGAN = (
    ROWS
    + """
model Generator {
  input z: f32[N, 2]
  output made: f32[N, 4] = z -> Linear(5) -> tanh -> Linear(4)
}

model Critic {
  input x: f32[N, 4]
  output score: f32[N, 1] = x -> Linear(6) -> tanh -> Linear(1)
}

train G = Generator(), D = Critic() on points {
  step D {
    fake = detach(G(randn(N, 2)))
    share = rand(N, 1)
    between = share * x + (1 - share) * fake
    steep = norm(grad(sum(D(between)), between), dim=1)
    loss = mean(D(fake)) - mean(D(x)) + 10 * mean((steep - 1) ** 2)
    optimizer = Adam(lr=0.01, betas=(0.5, 0.9))
  }

  step G every 5 {
    loss = -mean(D(G(randn(N, 2))))
    optimizer = Adam(lr=0.01, betas=(0.5, 0.9))
  }

  epochs = 6
  batch = 2
}

predict draw {
  input z: f32[N, 2] = randn(N, 2)
  output made: f32[N, 4] = G(z)
}

expect { mean(draw(50).made) within 100 of 0 }
"""
)
DDPM = (
    ROWS
    + """
model Noise {
  input x: f32[N, 4]
  input turn: f32[N, 1]
  output noise: f32[N, 4] = cat([x, turn], 1) -> Linear(8) -> silu -> Linear(4)
}

train U = Noise() on points {
  copy Mean = U ema 0.9
  step U {
    turn = randint(0, 10, (N, 1))
    kept = cumprod(1 - linspace(1e-3, 0.2, 10), 0)[turn]
    noise = randn_like(x)
    loss = mse_loss(U(sqrt(kept) * x + sqrt(1 - kept) * noise, turn / 10), noise)
    optimizer = Adam(lr=0.01)
  }
  epochs = 4
  batch = 3
}

predict draw {
  input x: f32[N, 4] = randn(N, 4)
  beta = linspace(1e-3, 0.2, 10)
  kept = cumprod(1 - beta, 0)
  for i in range(10) {
    t = 9 - i
    noise = Mean(x, t / 10 * ones(N, 1))
    x = (x - beta[t] / sqrt(1 - kept[t]) * noise) / sqrt(1 - beta[t])
  }
  output picture: f32[N, 4] = x
}

predict fill {
  input x: f32[N, 4]
  output clean: f32[N, 4] = x - Mean(x, zeros(N, 1))
}
"""
)
PROGRAMS = {"autoencoder": AUTOENCODER, "wgan": WGAN, "ddpm": DDPM}


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


def same(ours: dict[str, Tensor], module: nn.Module) -> None:
    theirs = list(module.state_dict().values())
    for mine, other in zip(ours.values(), theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)


def mlp(*sizes: int) -> nn.Sequential:
    first, inner, last = sizes
    return nn.Sequential(nn.Linear(first, inner), nn.Tanh(), nn.Linear(inner, last))


def rows(text: str, folder: Path) -> Any:
    return imported(written(package(text), folder / "code"), "data").points.load([]).train


def test_a_gradient_penalty_trains_as_in_plain_torch(tmp_path: Path) -> None:
    found = weights(ran(WGAN, tmp_path))
    data = rows(WGAN, tmp_path)
    torch.manual_seed(0)
    maker, critic = mlp(2, 5, 4), mlp(4, 6, 1)
    of_critic = torch.optim.Adam(critic.parameters(), lr=0.01, betas=(0.5, 0.9))
    of_maker = torch.optim.Adam(maker.parameters(), lr=0.01, betas=(0.5, 0.9))
    count = 0
    for epoch in range(1, 7):
        for x, _ in data.shuffled(2, 0, epoch):
            fake = maker(torch.randn(len(x), 2)).detach()
            share = torch.rand(len(x), 1)
            between = (share * x + (1 - share) * fake).requires_grad_()
            (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
            penalty = (slope.norm(dim=1) - 1).square().mean()
            of_critic.zero_grad()
            (critic(fake).mean() - critic(x).mean() + 10 * penalty).backward()
            of_critic.step()
            if count % 5 == 0:
                of_maker.zero_grad()
                (-critic(maker(torch.randn(len(x), 2))).mean()).backward()
                of_maker.step()
            count += 1
    same(found["G"], maker)
    same(found["D"], critic)


def test_a_classifier_goes_on_from_a_pretrained_encoder_as_in_plain_torch(tmp_path: Path) -> None:
    run = ran(AUTOENCODER, tmp_path)
    found = weights(run)
    data = rows(AUTOENCODER, tmp_path)
    torch.manual_seed(0)
    encoder, decoder = mlp(4, 3, 2), mlp(2, 3, 4)
    of_both = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.02)
    for epoch in range(1, 5):
        for x, _ in data.shuffled(3, 0, epoch):
            of_both.zero_grad()
            F.mse_loss(decoder(encoder(x)), x).backward()
            of_both.step()
    torch.manual_seed(0)
    head = nn.Linear(2, 2)
    of_head = torch.optim.SGD(head.parameters(), lr=0.5)
    of_encoder = torch.optim.SGD(encoder.parameters(), lr=0.1)
    count = 0
    for epoch in range(1, 5):
        for x, kind in data.shuffled(3, 0, epoch):
            of_head.zero_grad()
            F.cross_entropy(head(encoder(x).detach()), kind).backward()
            of_head.step()
            if count % 2 == 0:
                of_encoder.zero_grad()
                F.cross_entropy(head(encoder(x)), kind).backward()
                of_encoder.step()
            count += 1
    assert found.keys() == {"E", "D", "H"}
    for name, module in (("E", encoder), ("D", decoder), ("H", head)):
        same(found[name], module)
    x = torch.tensor([[1.0, 0, 2, 1]])
    record = b'{"x": [1, 0, 2, 1]}\n'
    said = dlc("predict", "--json", run, "-", "--model", "classify", stdin=record)
    expected = head(encoder(x)).softmax(1)[0].tolist()
    assert said.lines[0]["scores"] == pytest.approx(expected, rel=1e-3)
    last = dlc("predict", "--json", run, "-", stdin=record)
    assert last.lines[0]["again"] == pytest.approx(decoder(encoder(x))[0].tolist(), rel=1e-3)


def test_sampling_in_a_loop_equals_the_loop_of_plain_torch(tmp_path: Path) -> None:
    run = ran(DDPM, tmp_path)
    state = weights(run)["Mean"]
    network = nn.Sequential(nn.Linear(5, 8), nn.SiLU(), nn.Linear(8, 4))
    network.load_state_dict(dict(zip(network.state_dict(), state.values(), strict=True)))
    home = written(package(DDPM), tmp_path / "again")
    module = imported(home, "procedures")
    model = imported(home, "model").Noise()
    model.load_state_dict(state)
    torch.manual_seed(3)
    ours = module.draw(model, 5)
    torch.manual_seed(3)
    x = torch.randn(5, 4)
    beta = torch.linspace(1e-3, 0.2, 10)
    kept = torch.cumprod(1 - beta, 0)
    with torch.no_grad():
        for t in reversed(range(10)):
            noise = network(torch.cat([x, torch.full((5, 1), t / 10)], 1))
            x = (x - beta[t] / (1 - kept[t]).sqrt() * noise) / (1 - beta[t]).sqrt()
    torch.testing.assert_close(ours, x, rtol=1e-4, atol=1e-5)
    said = dlc("predict", "--json", run, 4, "--model", "draw")
    assert said.code == 0 and len(said.lines) == 4 and len(said.lines[0]["picture"]) == 4
    filled = dlc("predict", "--json", run, "-", "--model", "fill", stdin=b'{"x": [1, 2, 3, 4]}\n')
    given = torch.tensor([[1.0, 2, 3, 4]])
    expected = (given - network(torch.cat([given, torch.zeros(1, 1)], 1)))[0].tolist()
    assert filled.lines[0]["clean"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_goes_on_from_a_break_to_the_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PROGRAMS[name]
    whole = ran(text, tmp_path / "whole")
    original = runtime.Run.track
    place = [0]

    def track(self: Any, loss: Tensor, count: int, name: str = "") -> None:
        original(self, loss, count, name)
        place[0] -= 1
        if place[0] == 0:
            self.interrupts.raised = True

    monkeypatch.setattr(runtime.Run, "track", track)
    for number in (2, 7, 11):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "spec.dl").write_text(text, encoding="utf-8")
        place[0] = number
        said = dlc("run", "-q", folder / "spec.dl", "--out", folder / "runs")
        assert said.code == (130 if number < 8 or name != "ddpm" else 0)
        (run,) = (folder / "runs" / "spec").iterdir()
        torch.manual_seed(99)
        assert dlc("run", "-q", "--resume", run).code == 0
        assert (run / "metrics.jsonl").read_text() == (whole / "metrics.jsonl").read_text()
        for ours, theirs in zip(weights(run).values(), weights(whole).values(), strict=True):
            assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_measures_nothing_of_a_split_says_so(name: str, tmp_path: Path) -> None:
    run = ran(PROGRAMS[name], tmp_path)
    said = dlc("eval", run)
    assert said.code == 3
    assert "measures nothing" in said.err and "dlc predict" in said.err


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_run_leaves_a_report_and_a_whole_status(name: str, tmp_path: Path) -> None:
    run = ran(PROGRAMS[name], tmp_path)
    status = json.loads((run / "status.json").read_text())
    assert status["status"] == "done"
    assert "<h1>spec</h1>" in (run / "report.html").read_text(encoding="utf-8")


def test_a_report_of_several_trainings_draws_each(tmp_path: Path) -> None:
    run = ran(AUTOENCODER, tmp_path)
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "e_d train both" in text and "e_h train H" in text
    assert "train.both.loss" in text


@pytest.mark.parametrize("name", PROGRAMS)
def test_tools_leave_the_emitted_files_as_they_are(name: str, tmp_path: Path) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed beside this Python")
    home = written(package(PROGRAMS[name]), tmp_path)
    select = ["check", "--select", "F,I,UP,B", "--ignore", "UP009", "--target-version", "py311"]
    for command in (["format", "--check"], select):
        done = subprocess.run(
            [ruff, *command, "--isolated", "--no-cache", home], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_folder_of_several_trainings_runs_by_itself(tmp_path: Path) -> None:
    written(package(AUTOENCODER), tmp_path)
    command = [sys.executable, "-m", "spec.train", "--out", "here"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "here" / "spec").iterdir()
    assert weights(run).keys() == {"E", "D", "H"}
