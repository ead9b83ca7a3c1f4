"""Claims of dlc.runtime.diagnosis, on trainings that show the fault and on some that do not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime import diagnosis
from dlc.runtime.batches import Split
from dlc.runtime.diagnosis import Watching, diagnose
from packages import HOME, package, trained, written
from torch import Tensor, nn

XOR = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_LABEL = torch.tensor([0, 1, 1, 0])


@pytest.fixture
def predict() -> Iterator[ModuleType]:
    """A package with a `predict` as compiled ones have it."""
    home, module = ModuleType("diagnosed"), ModuleType("diagnosed.predict")
    home.__path__ = []  # type: ignore[attr-defined]
    module.__file__ = __file__
    module.__spec__ = home.__spec__ = SimpleNamespace(name="diagnosed")  # type: ignore[assignment]
    module.INPUTS, module.TARGETS = ("x",), {"y_hat": "y"}  # type: ignore[attr-defined]
    sys.modules["diagnosed"], sys.modules["diagnosed.predict"] = home, module
    yield module
    del sys.modules["diagnosed"], sys.modules["diagnosed.predict"]


def run(losses: list[float], validation: list[float] = (), **more: Any) -> SimpleNamespace:  # type: ignore[assignment]
    """A finished run with this history."""
    history: list[dict[str, Any]] = [
        {"epoch": number, "train": {"loss": loss}} for number, loss in enumerate(losses, 1)
    ]
    for entry, loss in zip(history, validation, strict=False):
        entry["validation"] = {"loss": loss}
    given = {"fold": None, "notes": {"epoch": len(history)}, "data": None, "history": history}
    return SimpleNamespace(**{**given, **more})


def data(x: Tensor, y: Tensor) -> SimpleNamespace:
    return SimpleNamespace(
        train=Split({"x": x, "y": y}), dataset=SimpleNamespace(fields={"x": None, "y": None})
    )


def learn(
    model: nn.Module, x: Tensor, y: Tensor, loss: Callable[..., Tensor], lr: float, epochs: int
) -> list[float]:
    """The losses of really training, a step an epoch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def said(findings: list[dict[str, str]]) -> list[str]:
    assert all(set(each) == {"what", "help"} and each["help"] for each in findings)
    return [each["what"] for each in findings]


def line(rate: float, epochs: int = 60, scale: float = 1.0) -> list[float]:
    torch.manual_seed(0)
    x = scale * torch.arange(8.0)[:, None]
    return learn(nn.Linear(1, 1), x, 2 * x + 1, F.mse_loss, rate, epochs)


# No progress.


def test_a_training_that_learns_has_no_finding():
    losses = line(0.01)
    assert losses[-1] < losses[0] / 2
    assert diagnose(run(losses), {}, "none") == []


def test_a_rate_of_next_to_nothing_shows_as_no_progress():
    (found,) = diagnose(run(line(1e-7)), {}, "none")
    assert "did not fall" in found["what"] and "lr=" in found["help"]


def test_a_rate_that_is_too_high_shows_as_a_loss_that_rose():
    losses = line(0.062, epochs=12)  # above 2 / λ = 0.055
    assert losses[-1] > 2 * losses[0]
    (found,) = diagnose(run(losses), {}, "none")
    assert "rose" in found["what"] and "lower" in found["help"]


def test_a_network_without_gradient_shows_as_no_progress():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].bias.fill_(-100)
        model[2].bias.fill_(0.5)
    losses = learn(model, XOR, XOR_LABEL[:, None].float(), F.mse_loss, 0.1, 20)
    assert "did not fall" in said(diagnose(run(losses), {}, "none"))[0]


@pytest.mark.parametrize(
    "losses",
    [
        [0.5] * 4,  # too few epochs to say
        [1.0, 0.2, 0.21, 0.19, 0.2, 0.2],  # learned in the first epoch, noise since
        [3.0, 2.9, 2.8, 2.7, 2.6, 2.5],
        [-1.0, -2.0, -3.0, -4.0, -5.0],
        [0.0] * 9,
        [1.0, 5.0, 9.0, 4.0, 0.5, 0.1],
    ],
)
def test_no_alarm_for_histories_that_are_as_they_should_be(losses):
    assert diagnose(run(losses), {}, "none") == []


def test_noise_that_hides_no_fall_is_no_progress():
    torch.manual_seed(1)
    losses = (1 + 0.02 * torch.randn(40)).tolist()
    assert "did not fall" in said(diagnose(run(losses), {}, "none"))[0]


def test_what_diverged_and_trainings_in_steps_are_left_to_others():
    assert diagnose(run([1.0] * 8 + [nan]), {}, "none") == []
    steps = run([])
    steps.history = [{"epoch": n, "train": {"D": {"loss": 1.0}}} for n in range(9)]
    assert diagnose(steps, {}, "none") == []
    assert diagnose(run([]), {}, "none") == []


def test_of_a_run_with_folds_the_last_training_is_looked_at():
    mixed = run([5.0, 4.0, 3.0, 2.0, 1.0])
    mixed.history = [{**entry, "fold": 1, "train": {"loss": 1.0}} for entry in mixed.history] + (
        mixed.history
    )
    assert diagnose(mixed, {}, "none") == []
    mixed.fold = 1
    assert "did not fall" in said(diagnose(mixed, {}, "none"))[0]


# Overfitting.


def memorize(width: int, epochs: int) -> tuple[list[float], list[float]]:
    """Losses of a network on twelve points of noise, and on twelve others."""
    torch.manual_seed(3)
    x, y = torch.randn(24, 6), torch.randn(24, 1)
    model = nn.Sequential(nn.Linear(6, width), nn.Tanh(), nn.Linear(width, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses, measured = [], []
    for _ in range(epochs):
        value = F.mse_loss(model(x[:12]), y[:12])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
        with torch.no_grad():
            measured.append(F.mse_loss(model(x[12:]), y[12:]).item())
    return losses, measured


def test_noise_that_is_learned_by_heart_is_overfitting_and_the_best_epoch_is_named():
    losses, measured = memorize(64, 150)
    best = measured.index(min(measured)) + 1
    (found,) = diagnose(run(losses, measured), {}, "none")
    assert f"best in epoch {best} " in found["what"]
    assert "early_stopping = patience(3, on=validation.loss)" in found["help"]


def test_overfitting_that_early_stopping_undid_is_no_finding():
    losses, measured = memorize(64, 150)
    best = measured.index(min(measured)) + 1
    assert diagnose(run(losses, measured, notes={"epoch": best}), {}, "none") == []


@pytest.mark.parametrize(
    ("losses", "measured"),
    [
        ([1.0, 0.5, 0.4, 0.3, 0.2, 0.1], [1.0, 0.6, 0.5, 0.45, 0.44, 0.44]),
        # It turned, and gave back little of what it had gained.
        ([1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02], [1.0, 0.3, 0.1, 0.11, 0.13, 0.12, 0.12]),
        # Validation rises, and so does training: something else is wrong.
        ([1.0, 0.5, 0.6, 0.7, 0.8, 0.9], [1.0, 0.5, 0.7, 0.8, 0.9, 1.0]),
        # Noise of a small split.
        ([1.0, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1], [1.0, 0.5, 0.8, 0.45, 0.75, 0.5, 0.8]),
    ],
)
def test_no_alarm_for_validation_that_is_as_it_should_be(losses, measured):
    assert diagnose(run(losses, measured), {}, "none") == []


# Dead units.


class Net(nn.Module):
    """Two layers, with the ReLU in one of the ways in which it is written."""

    def __init__(self, relu: Callable[[Tensor], Tensor], width: int = 4) -> None:
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(2, width), nn.Linear(width, 1)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.relu(self.linear1(x)))


def kill(model: Net, units: int) -> None:
    with torch.no_grad():
        model.linear1.bias[:units] = -100
        model.linear1.bias[units:] = 5


FALLING = [1.0, 0.9, 0.8, 0.7, 0.6]
RELUS = [F.relu, torch.relu, nn.ReLU(), nn.ReLU(inplace=True), Tensor.relu, Tensor.relu_, F.relu6]


@pytest.mark.parametrize("relu", RELUS)
def test_dead_units_are_counted_however_relu_is_written(predict, relu):
    model = Net(relu)
    kill(model, 3)
    finished = run(FALLING, data=data(XOR, torch.rand(4, 1)))
    (found,) = diagnose(finished, {"model": model}, "diagnosed")
    assert found["what"].startswith("3 of 4 units of a ReLU are dead")
    assert "return self.linear2(self.relu(self.linear1(x)))" in found["what"]
    assert "leaky_relu(0.01)" in found["help"]


def test_few_dead_units_and_other_activations_are_no_finding(predict):
    finished = run(FALLING, data=data(XOR, torch.rand(4, 1)))
    model = Net(F.relu)
    kill(model, 1)
    assert diagnose(finished, {"model": model}, "diagnosed") == []
    model = Net(F.gelu)
    kill(model, 3)
    assert diagnose(finished, {"model": model}, "diagnosed") == []


def test_a_training_that_kills_its_units_shows_them(predict):
    """Far too high a rate: the first steps throw all units where nothing reaches them."""
    torch.manual_seed(0)
    model, y = Net(F.relu, width=6), 10 * XOR_LABEL[:, None].float()
    losses = learn(model, XOR, y, F.mse_loss, 0.4, 40)
    finished = run(losses, data=data(XOR, y))
    what = said(diagnose(finished, {"model": model}, "diagnosed"))
    assert any("units of a ReLU are dead" in each for each in what)
    assert any("the same for every record" in each for each in what)


def test_units_of_a_convolution_are_its_channels_and_of_a_layer_its_last_axis(predict):
    class Pictures(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.linear1 = nn.Conv1d(2, 5, 1), nn.Linear(3, 4)

        def forward(self, x: Tensor) -> Tensor:
            x = F.relu(self.conv1(x))
            return F.relu(self.linear1(x))

    model = Pictures()
    with Watching(str(Path(__file__).parent)) as watching:
        model(torch.randn(7, 2, 3))
    assert [len(alive) for alive in watching.units.values()] == [5, 4]


def test_a_line_that_runs_several_times_is_alive_where_it_ever_is(predict):
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear1 = nn.Linear(1, 2)

        def forward(self, x: Tensor) -> Tensor:
            for sign in (1.0, -1.0):
                y = F.relu(sign * (x - 5) * torch.tensor([1.0, -1.0]))
            return self.linear1(y[:, :1])

    finished = run(FALLING, data=data(torch.arange(4.0)[:, None], torch.rand(4, 1)))
    found = diagnose(finished, {"model": Steps()}, "diagnosed")
    assert not any("dead" in each for each in said(found))


def test_several_models_and_packages_without_predictions_are_not_looked_into(predict):
    model = Net(F.relu)
    kill(model, 4)
    finished = run(FALLING, data=data(XOR, torch.rand(4, 1)))
    assert diagnose(finished, {"G": model, "D": model}, "diagnosed") == []
    assert diagnose(finished, {"model": model}, "json") == []


def test_the_model_stays_in_its_mode_and_draws_no_random_number(predict):
    model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.BatchNorm1d(8), nn.Linear(8, 1))
    model.train()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    finished = run(FALLING, data=data(XOR, torch.rand(4, 1)))
    state = torch.get_rng_state()
    diagnose(finished, {"model": model}, "diagnosed")
    assert model.training and all(each.training for each in model)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


# Constant predictions.


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_predictions_that_do_not_depend_on_the_input_are_found_in_any_unit(predict, size):
    x, y = torch.randn(50, 2), size * torch.randn(50, 1)
    model = nn.Linear(2, 1)
    nn.init.zeros_(model.weight)
    (found,) = diagnose(run(FALLING, data=data(x, y)), {"model": model}, "diagnosed")
    assert found["what"].startswith("`y_hat` is the same for every record")
    with torch.no_grad():
        model.weight.fill_(0.3 * size)
    assert diagnose(run(FALLING, data=data(x, y)), {"model": model}, "diagnosed") == []


def test_scores_of_classes_have_their_own_scale(predict):
    finished = run(FALLING, data=data(XOR, XOR_LABEL))
    model = nn.Linear(2, 2)
    nn.init.constant_(model.weight, 1e-4)
    assert "the same" in said(diagnose(finished, {"model": model}, "diagnosed"))[0]
    nn.init.constant_(model.weight, 0.5)
    assert diagnose(finished, {"model": model}, "diagnosed") == []


def test_one_target_for_all_may_well_be_predicted_by_one_number(predict):
    finished = run(FALLING, data=data(XOR, torch.ones(4, 1)))
    model = nn.Linear(2, 1)
    nn.init.zeros_(model.weight)
    assert diagnose(finished, {"model": model}, "diagnosed") == []


def test_few_records_are_looked_at_and_they_come_from_all_over_the_split(predict, monkeypatch):
    seen: list[Tensor] = []

    class Seen(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return super().forward(x)

    x = torch.arange(10_000.0)[:, None]
    finished = run(FALLING, data=data(x, x))
    diagnose(finished, {"model": Seen(1, 1)}, "diagnosed")
    assert len(seen[0]) == diagnosis.RECORDS
    assert seen[0].max() > 9_900 and seen[0].min() == 0
    monkeypatch.setattr(diagnosis, "NUMBERS", 30)
    diagnose(finished, {"model": Seen(1, 1)}, "diagnosed")
    assert len(seen[1]) == 30


# Whole runs.


def findings(text: str, folder: Path, epochs: int) -> list[str]:
    code, path = trained(written(package(text), folder), folder / "runs", HOME / "specs", epochs)
    status = json.loads((path / "status.json").read_text(encoding="utf-8"))
    assert code == 0, status
    return said(status["findings"])


@pytest.mark.parametrize(
    ("spec", "epochs"), [("hello", 500), ("linear", 100), ("xor", 1000), ("digits", 20)]
)
def test_no_alarm_on_specs_that_learn(spec, epochs, tmp_path):
    text = (HOME / "specs" / f"{spec}.dl").read_text(encoding="utf-8")
    assert f"epochs = {epochs}\n" in text
    assert findings(text, tmp_path, epochs) == []


def test_a_spec_whose_rate_is_far_too_low_is_told_so(tmp_path):
    text = (HOME / "specs" / "xor.dl").read_text(encoding="utf-8").split("expect {")[0]
    (found,) = findings(text.replace("Adam(lr=0.01)", "Adam(lr=1e-9)"), tmp_path, 30)
    assert "did not fall" in found
