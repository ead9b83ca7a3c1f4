"""What emitted loops compute, held against plain torch and scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.artifacts import load_weights
from dlc.runtime.training import Run
from packages import GOLDEN, checked, imported, package, trained, written
from torch import Tensor, nn

KINDS = """\
data points {
  x: f32[2] = [[0, 1], [1, 0], [2, 1], [1, 3], [0.5, 0.5], [3, 1]]
  kind: class(LABELS) = [VALUES]
}

model Net {
  input x: f32[N, 2]
  output out: f32[N, WIDTH] = x -> Linear(WIDTH)
}

train Net on points {
  loss = LOSS(out, kind)
  optimizer = SGD(lr=0.5)
  class_weights = WEIGHTS
  epochs = 1
  batch = 6
}
"""


def spec(loss: str, weights: str) -> str:
    two = loss.startswith("binary")
    labels, values = ('"no", "yes"', '"no", "yes", "no", "no", "no", "yes"') if two else (3, None)
    text = KINDS.replace("LOSS", loss).replace("WEIGHTS", weights)
    text = text.replace("VALUES", values or "0, 1, 2, 0, 0, 1")
    return text.replace("LABELS", str(labels)).replace("WIDTH", "1" if two else "3")


def one_step(text: str, tmp_path: Path) -> tuple[Any, dict[str, Tensor]]:
    """The data of a spec, and the weights after its one step."""
    home = written(package(text), tmp_path / "code")
    data = imported(home, "data").points.load([])
    code, run = trained(home, tmp_path / "runs", tmp_path, 1)
    assert code == 0
    return data.train, load_weights(run / "checkpoints" / "last.pt")["model"]


def by_hand(train: Any, width: int, weight: list[float]) -> nn.Linear:
    """The same step in plain torch, with one weight a class."""
    torch.manual_seed(0)
    model = nn.Linear(2, width)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    weights = torch.tensor(weight)
    out = model(train.x)
    if width == 1:
        target = train.kind.float().unsqueeze(1)
        each = F.binary_cross_entropy_with_logits(out, target, reduction="none")
        loss = (each * weights[train.kind].unsqueeze(1)).mean()
    else:
        loss = F.cross_entropy(out, train.kind, weight=weights)
    loss.backward()
    optimizer.step()
    return model


@pytest.mark.parametrize(
    ("loss", "weights", "numbers"),
    [
        ("cross_entropy", "[1.0, 2.0, 5.0]", [1.0, 2.0, 5.0]),
        ("cross_entropy", "balanced", [6 / 9, 6 / 6, 6 / 3]),
        ("binary_cross_entropy_with_logits", "[0.5, 3]", [0.5, 3.0]),
        ("binary_cross_entropy_with_logits", "balanced", [6 / 8, 6 / 4]),
    ],
)
def test_class_weights_weigh_the_loss_as_in_torch(
    loss: str, weights: str, numbers: list[float], tmp_path: Path
) -> None:
    train, found = one_step(spec(loss, weights), tmp_path)
    model = by_hand(train, 1 if loss.startswith("binary") else 3, numbers)
    torch.testing.assert_close(found["linear1.weight"], model.weight.detach())
    torch.testing.assert_close(found["linear1.bias"], model.bias.detach())


def test_class_weights_count_in_training_alone() -> None:
    text = spec("cross_entropy", "balanced").replace(
        "\n}\n\nmodel", "\n  split = random(train=0.5, test=0.5, seed=0)\n}\n\nmodel"
    )
    code = package(text).files["train.py"]
    evaluate, train = code.split("def train(")
    assert "weight" not in evaluate.split("def evaluate(")[1]
    assert "weight=weights" in train


@pytest.mark.parametrize(
    ("weights", "fault"),
    [("[1.0]", "D0643"), ("[0, 0, 0]", "D0603"), ("[-1, 1, 1]", "D0603"), ("even", "D0310")],
)
def test_wrong_class_weights_are_refused(weights: str, fault: str) -> None:
    found = checked(spec("cross_entropy", weights))
    assert [each.code for each in found.diagnostics] == [fault]


def test_folds_are_measured_as_one_in_the_units_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.metrics import mean_absolute_error, r2_score

    seen: list[dict[str, Tensor]] = []
    original = Run.hold_out

    def hold_out(self: Run, observed: dict[str, Tensor]) -> None:
        seen.append(observed)
        original(self, observed)

    monkeypatch.setattr(Run, "hold_out", hold_out)
    code, run = trained(GOLDEN / "folds", tmp_path, GOLDEN, 60)
    assert code == 0
    results = json.loads((run / "status.json").read_text())["results"]["test"]
    assert len(seen) == 4
    truth = np.concatenate([each["target"].numpy() for each in seen])
    predicted = np.concatenate([each["predicted"].numpy() for each in seen])
    # Each of the twenty records was held out once, in raw units.
    assert sorted(truth[:, 0]) == pytest.approx([2 * x + 1 for x in range(20)], abs=1e-4)
    assert results["r2_score"] == pytest.approx(r2_score(truth, predicted))
    assert results["mean_absolute_error"] == pytest.approx(mean_absolute_error(truth, predicted))


def test_each_fold_starts_with_the_same_fresh_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Tensor] = []
    original = Run.keep

    def keep(self: Run, data: Any, **parts: Any) -> None:
        first.append(parts["model"].linear1.weight.detach().clone())
        original(self, data, **parts)

    monkeypatch.setattr(Run, "keep", keep)
    code, _ = trained(GOLDEN / "folds", tmp_path, GOLDEN, 2)
    assert code in (0, 3)
    assert len(first) == 5
    assert all(torch.equal(each, first[0]) for each in first)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    text = spec("cross_entropy", "balanced").replace("-> Linear", "-> Dropout(0.5) -> Linear")
    _, first = one_step(text, tmp_path / "a")
    _, again = one_step(text, tmp_path / "b")
    _, other = one_step(text.replace("epochs = 1", "epochs = 1\n  seed = 1"), tmp_path / "c")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["linear1.weight"], other["linear1.weight"])
