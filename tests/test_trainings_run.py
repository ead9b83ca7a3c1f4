"""Several trainings in one file: they run in order, and resume to the bit in any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
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

DATA = """\
data points {
  x: f32[1] = [1, 2, 3, 4, 5, 6] -> standardize
  y: f32[1] = [2, 4, 6, 8, 10, 12]
}

data others {
  x: f32[1] = [1, 2, 3, 4]
  y: f32[1] = [3, 5, 7, 9]
  kind: class("low", "high") = ["low", "low", "high", "high"]
}

model Line(width: int = 4) {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(width) -> tanh -> Linear(1)
}

model Kind {
  input x: f32[N, 1]
  output scores: f32[N, 2] = x -> Linear(3) -> tanh -> Linear(2)
}
"""
FIRST = """
train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.05)
  epochs = 3
  batch = 2
}
"""
AGAIN = """
train Line on others {
  loss = l1_loss(y_hat, y)
  optimizer = Adam(lr=0.01)
  metrics = [mean_absolute_error]
  epochs = 2
  batch = 3
  seed = 5
}
"""
KIND = """
train Kind on others {
  loss = cross_entropy(scores, kind)
  optimizer = Adam(lr=0.1)
  metrics = [accuracy]
  epochs = 3
  batch = 2
}
"""
STEPS = """
train Line, Kind on others {
  copy Target = Line every 3
  step Line {
    loss = mse_loss(Line(x), y) + mse_loss(Line(x), Target(x))
    optimizer = SGD(lr=0.02)
  }
  step Kind every 2 {
    loss = cross_entropy(Kind(x), kind) + mean(Kind(detach(Line(x))) ** 2)
    optimizer = Adam(lr=0.02)
  }
  epochs = 3
  batch = 2
}
"""
FOLDS = DATA.replace(
    '["low", "low", "high", "high"]\n',
    '["low", "low", "high", "high"]\n  split = k_fold(2, seed=0)\n',
)


def ran(text: str, folder: Path, *options: str) -> Path:
    """The folder of a run that went well."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.dl"
    spec.write_text(text, encoding="utf-8")
    said = dlc("run", "-q", spec, "--out", folder / "runs", *options)
    assert said.code == 0, said.err
    (run,) = (folder / "runs" / "spec").iterdir()
    return run


def weights(run: Path) -> dict[str, dict[str, Tensor]]:
    """What is left of each model."""
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    return dict(found)


def same(ours: dict[str, Tensor], module: nn.Module) -> None:
    """The weights are those of the module, in order."""
    theirs = [each.detach() for each in module.parameters()]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours.values(), theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def line(width: int = 4) -> nn.Sequential:
    return nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 1))


class Loops:
    """The same trainings as a person writes them, in plain torch."""

    def __init__(self, text: str, folder: Path) -> None:
        home = written(package(text), folder / "code")
        data = imported(home, "data")
        self.points = data.points.load([]).train
        self.others = data.others.load([]).train
        self.line: nn.Module = line()
        self.kind: nn.Module = line()

    def first(self) -> None:
        torch.manual_seed(0)
        self.line = line()
        optimizer = torch.optim.SGD(self.line.parameters(), lr=0.05)
        for epoch in (1, 2, 3):
            for x, y in self.points.shuffled(2, 0, epoch):
                optimizer.zero_grad()
                F.mse_loss(self.line(x), y).backward()
                optimizer.step()

    def again(self) -> None:
        torch.manual_seed(5)
        optimizer = torch.optim.Adam(self.line.parameters(), lr=0.01)
        for epoch in (1, 2):
            for x, y, _ in self.others.shuffled(3, 5, epoch):
                optimizer.zero_grad()
                F.l1_loss(self.line(x), y).backward()
                optimizer.step()

    def steps(self) -> nn.Module:
        torch.manual_seed(0)
        self.kind = nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 2))
        target = line()
        target.load_state_dict(self.line.state_dict())
        of_line = torch.optim.SGD(self.line.parameters(), lr=0.02)
        of_kind = torch.optim.Adam(self.kind.parameters(), lr=0.02)
        count = 0
        for epoch in (1, 2, 3):
            for x, y, kind in self.others.shuffled(2, 0, epoch):
                of_line.zero_grad()
                with torch.no_grad():
                    goal = target(x)
                (F.mse_loss(self.line(x), y) + F.mse_loss(self.line(x), goal)).backward()
                of_line.step()
                if count % 2 == 0:
                    of_kind.zero_grad()
                    more = self.kind(self.line(x).detach()).square().mean()
                    (F.cross_entropy(self.kind(x), kind) + more).backward()
                    of_kind.step()
                count += 1
                if count % 3 == 0:
                    target.load_state_dict(self.line.state_dict())
        return target


def test_a_later_training_goes_on_from_the_model_as_plain_torch_would(tmp_path: Path) -> None:
    found = weights(ran(DATA + FIRST + AGAIN, tmp_path))
    hand = Loops(DATA + FIRST + AGAIN, tmp_path)
    hand.first()
    hand.again()
    same(found["Line"], hand.line)


def test_usual_trainings_and_steps_follow_each_other_as_in_plain_torch(tmp_path: Path) -> None:
    text = DATA + FIRST + STEPS + AGAIN
    found = weights(ran(text, tmp_path))
    hand = Loops(text, tmp_path)
    hand.first()
    target = hand.steps()
    hand.again()
    assert found.keys() == {"Line", "Kind", "Target"}
    for name, module in (("Line", hand.line), ("Kind", hand.kind), ("Target", target)):
        same(found[name], module)


def test_the_first_of_several_gives_what_it_gives_alone(tmp_path: Path) -> None:
    alone = weights(ran(DATA + FIRST, tmp_path / "alone"))["model"]
    several = weights(ran(DATA + FIRST + KIND, tmp_path / "several"))
    assert several.keys() == {"Line", "Kind"}
    assert all(torch.equal(several["Line"][name], each) for name, each in alone.items())
    kind = weights(ran(DATA + KIND, tmp_path / "kind"))["model"]
    assert all(torch.equal(several["Kind"][name], each) for name, each in kind.items())


def test_measures_are_kept_apart(tmp_path: Path) -> None:
    run = ran(DATA + FIRST + AGAIN + KIND, tmp_path)
    lines = [json.loads(each) for each in (run / "metrics.jsonl").read_text().splitlines()]
    names = ["line_on_points", "line_on_others", "kind"]
    counted = [sum(each["training"] == name for each in lines) for name in names]
    assert counted == [3, 2, 3]
    assert [each["epoch"] for each in lines] == [1, 2, 3, 1, 2, 1, 2, 3]
    results = json.loads((run / "status.json").read_text())["results"]
    assert list(results) == names
    assert "mean_absolute_error" in results["line_on_others"]["train"]
    assert "accuracy" in results["kind"]["train"]
    assert results["line_on_points"]["train"]["loss"] == lines[2]["train"]["loss"]


@pytest.mark.parametrize(
    ("trainings", "expected"),
    [
        (FIRST + AGAIN, ["train_line_on_others", "train_line_on_points"]),
        (FIRST + FIRST, ["train_line_on_points", "train_line_on_points_2"]),
        (
            FIRST.replace("Line on", "LINE = Line() on") + FIRST,
            ["train_line_on_points", "train_line_on_points_2"],
        ),
        (FIRST.replace("Line on", "KiNd = Line() on") + KIND, ["train_ki_nd", "train_kind"]),
        (FIRST + STEPS, ["train_line", "train_line_kind"]),
    ],
)
def test_each_training_has_a_file_of_its_own(trainings: str, expected: list[str]) -> None:
    files = package(DATA + trainings).files
    assert [each[:-3] for each in sorted(files) if each.startswith("train_")] == expected
    assert "for epoch in" not in files["train.py"]
    assert all(files["train.py"].count(f"{each}.train(run") == 1 for each in expected)


# Resuming.


def left(run: Path) -> dict[str, Any]:
    """Everything that a run must leave equal, whether it was interrupted or not."""
    folder = run / "checkpoints"
    status = json.loads((run / "status.json").read_text())
    tensors = {
        f"{file.stem}.{part}.{name}": tensor.numpy().tobytes()
        for file in sorted(folder.glob("*.pt"))
        if not file.name.startswith("resume-")
        for part, state in load_weights(file).items()
        for name, tensor in state.items()
    }
    return {
        **tensors,
        "metrics": (run / "metrics.jsonl").read_text(),
        "data": json.loads((folder / "data.json").read_text()),
        **{name: status.get(name) for name in ("status", "results", "epoch", "best", "training")},
    }


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Raises the flag of a signal behind the batch whose number, over all trainings, is set."""
    places = [0]
    original = runtime.Run.track
    seen = [0]

    def track(self: Any, loss: Tensor, count: int, name: str = "") -> None:
        original(self, loss, count, name)
        seen[0] += bool(places[0])
        if seen[0] and seen[0] == places[0]:
            self.interrupts.raised = True
            seen[0] = 0

    monkeypatch.setattr(runtime.Run, "track", track)
    yield places


def broken(text: str, folder: Path, place: int, places: list[int]) -> tuple[Path, dict[str, Any]]:
    """A run that is interrupted behind a tracked loss and goes on."""
    folder.mkdir()
    spec = folder / "spec.dl"
    spec.write_text(text, encoding="utf-8")
    places[0] = place
    said = dlc("run", "-q", spec, "--out", folder / "runs")
    assert said.code == 130, (place, said)
    places[0] = 0
    (run,) = (folder / "runs" / "spec").iterdir()
    torch.manual_seed(99)
    said = dlc("run", "-q", "--resume", run)
    assert said.code == 0, (place, said)
    return run, left(run)


def test_it_goes_on_from_any_batch_of_any_training_to_the_bit(
    tmp_path: Path, breaking: list[int]
) -> None:
    text = DATA + FIRST + STEPS + AGAIN + KIND
    whole = left(ran(text, tmp_path / "whole"))
    # 9 losses of the first, 9 of the steps, 4 and 6 of the others.
    for place in (1, 5, 9, 10, 12, 15, 18, 19, 21, 22, 23, 28):
        assert broken(text, tmp_path / str(place), place, breaking)[1] == whole, place


def test_it_goes_on_within_folds_that_begin_with_a_trained_model(
    tmp_path: Path, breaking: list[int]
) -> None:
    text = FOLDS + FIRST + AGAIN + KIND
    whole = left(ran(text, tmp_path / "whole"))
    assert whole["results"]["line_on_others"]["test"]
    # 9 batches of the first; of the second 2 in each of 2 folds, 4 for all records.
    for place in (8, 10, 11, 12, 13, 14, 16, 18, 22):
        assert broken(text, tmp_path / str(place), place, breaking)[1] == whole, place


def test_each_fold_begins_with_the_model_as_it_was(tmp_path: Path) -> None:
    """The second fold's first loss is that of the model that came in, not of the first fold's."""
    text = FOLDS + FIRST + AGAIN.replace("lr=0.01", "lr=5.0")
    run = ran(text, tmp_path)
    lines = [json.loads(each) for each in (run / "metrics.jsonl").read_text().splitlines()]
    folds = [each["train"]["loss"] for each in lines if each.get("fold") and each["epoch"] == 1]
    ends = [each["train"]["loss"] for each in lines if each.get("fold") and each["epoch"] == 2]
    assert len(folds) == 2
    hand = Loops(DATA + FIRST + AGAIN, tmp_path)
    hand.first()
    home = written(package(text), tmp_path / "again")
    for fold, ours in enumerate(folds, 1):
        data = imported(home, "data").others.load([], fold=fold).train
        with torch.no_grad():
            theirs = F.l1_loss(hand.line(data.x), data.y).item()
        assert ours == pytest.approx(theirs, rel=1e-5)
        assert ends[fold - 1] != pytest.approx(theirs, rel=0.05)


def test_a_training_leaves_no_thread_count_behind(tmp_path: Path) -> None:
    text = DATA + FIRST + KIND
    home = written(package(text), tmp_path / "code")
    assert "set_num_threads(1)" in (home / "train_line.py").read_text()
    (home / "train_kind.py").write_text(
        (home / "train_kind.py")
        .read_text()
        .replace("torch.set_num_threads(1)", "run.notes['n'] = torch.get_num_threads()")
    )
    module = imported(home, "train")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert module.launch(module.train, out=str(tmp_path / "runs"), quiet=True) == 0
    finally:
        torch.set_num_threads(before)
    (run,) = (tmp_path / "runs" / home.name).iterdir()
    assert json.loads((run / "status.json").read_text())["n"] == 2


def test_weights_that_steps_held_fast_learn_again(tmp_path: Path) -> None:
    """The last step leaves `Line` without gradients; the training behind it updates all of it."""
    before = weights(ran(DATA + STEPS + KIND, tmp_path / "before"))["Line"]
    after = weights(ran(DATA + STEPS + AGAIN, tmp_path / "after"))["Line"]
    assert all(not torch.equal(before[name], each) for name, each in after.items())


def test_pictures_of_two_trainings_do_not_overwrite_each_other(tmp_path: Path) -> None:
    drawing = STEPS.replace(
        "  epochs = 3",
        "  sample = make_grid(reshape(Line(ones(64, 1)), 1, 1, 8, 8))\n  epochs = 2",
    )
    run = ran(DATA + drawing + drawing, tmp_path)
    names = sorted(each.name for each in (run / "samples").iterdir())
    assert names == [
        f"line_kind_on_others{number}-epoch-000{epoch}.png"
        for number in ("", "_2")
        for epoch in (1, 2)
    ]


def test_a_checkpoint_of_other_trainings_is_refused(tmp_path: Path, breaking: list[int]) -> None:
    text = DATA + FIRST + KIND
    (tmp_path / "spec.dl").write_text(text, encoding="utf-8")
    breaking[0] = 10
    assert dlc("run", "-q", tmp_path / "spec.dl", "--out", tmp_path / "runs").code == 130
    breaking[0] = 0
    (run,) = (tmp_path / "runs" / "spec").iterdir()
    train = run / "generated" / "spec" / "train.py"
    train.write_text(train.read_text().replace('begin("kind")', 'begin("kinds")'))
    said = dlc("run", "-q", "--resume", run)
    assert said.code == 3
    assert "knows no training `kinds`" in said.err and "Start a new run" in said.err


def test_best_weights_are_those_of_a_models_last_training(tmp_path: Path) -> None:
    text = DATA.replace(
        "[2, 4, 6, 8, 10, 12]\n",
        "[2, 4, 6, 8, 10, 12]\n  split = random(train=0.5, validation=0.5, seed=0)\n",
    )
    first = ran(text + FIRST + KIND, tmp_path / "kept")
    kept: Any = load_weights(first / "checkpoints" / "best.pt")
    assert set(kept) == {"Line"}
    again = ran(text + FIRST + AGAIN, tmp_path / "gone")
    assert not (again / "checkpoints" / "best.pt").exists()
    said = dlc("predict", first, "-", "--model", "Kind", "--weights", "best", stdin=b'{"x": 1}\n')
    assert said.code == 3 and "has no best weights" in said.err
