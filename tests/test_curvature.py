"""A rate that must diverge: eigenvalues against numpy, the bound against training in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dlc.compiler import ir
from dlc.compiler.curvature import Curvature, curvature, stable_below, steepest
from dlc.compiler.lint import BATCHED
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from hypothesis import given, settings
from hypothesis import strategies as some
from torch import nn

SPEC = """data line {{
  x: {type} = {x}
  y: f32[1] = {y}
}}

model Line {{
  input x: f32[N, {size}]
  output y_hat: f32[N, 1] = x -> {head}
}}

train Line on line {{
  loss = {loss}
  optimizer = {optimizer}
  epochs = 500
  batch = {batch}
{more}}}
"""
PLAIN = {
    "type": "f32[1]", "x": "range(100)", "y": "2 * range(100) + 1", "size": "1",
    "head": "Linear(1)", "loss": "mse_loss(y_hat, y)", "optimizer": "SGD(lr=0.01)",
    "batch": "100", "more": "",
}  # fmt: skip
POINTS = [[1.0, 200.0, 3.0], [4.0, 500.0, -6.0], [7.0, 800.0, 9.0], [2.0, 100.0, 5.0]]


def checked(**changes: str):
    found = check(Source("line.dl", SPEC.format(**{**PLAIN, **changes})))
    assert found.program is not None, [each.message for each in found.diagnostics]
    return found


def warned(**changes: str) -> list[str]:
    return [each.code for each in checked(**changes).diagnostics]


def steep(scaled: bool = False, **changes: str) -> Curvature | None:
    (training,) = checked(**changes).program.trainings
    assert isinstance(training, ir.TypedTraining)
    return curvature(training, scaled)


def hessian(x: np.ndarray, outputs: int = 1, bias: bool = True) -> np.ndarray:
    """The Hessian of the mean squared error of a linear layer, by torch's automatic derivatives."""
    rows = torch.tensor(x, dtype=torch.float64)
    width = rows.shape[1]
    target = torch.zeros(len(rows), outputs, dtype=torch.float64)

    def loss(weights: torch.Tensor) -> torch.Tensor:
        matrix = weights.reshape(outputs, width + bias)
        return F.mse_loss(
            F.linear(rows, matrix[:, :width], matrix[:, width] if bias else None), target
        )

    start = torch.zeros(outputs * (width + bias), dtype=torch.float64)
    return torch.autograd.functional.hessian(loss, start).numpy()


def largest(x: object, outputs: int = 1, bias: bool = True) -> float:
    return float(np.linalg.eigvalsh(hessian(np.array(x, float), outputs, bias))[-1])


def standardized(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / x.std(0)


def test_the_curvature_of_a_tutorials_line_is_the_largest_eigenvalue_of_its_hessian():
    found = steep()
    line = np.arange(100.0)[:, None]
    assert found.largest == pytest.approx(largest(line), rel=1e-6)
    assert steep(scaled=True).largest == pytest.approx(largest(standardized(line)), rel=1e-6)
    assert found.mean_square == pytest.approx((line**2).mean())
    assert found.whole


@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_columns_outputs_and_bias_are_in_the_curvature(outputs, bias):
    found = steep(
        type="f32[3]", size="3", x=str(POINTS), y="[1, 2, 3, 4]",
        head=f"Linear({outputs}, bias={bias}) -> mean(1, keepdim=True)",
    )  # fmt: skip
    assert found is None  # a mean behind the layer is not looked through
    spec = SPEC.format(**{
        **PLAIN, "type": "f32[3]", "size": "3", "x": str(POINTS), "y": "[1, 2, 3, 4]",
        "head": f"Linear({outputs}, bias={bias})",
    })  # fmt: skip
    targets = str([[1] * outputs] * 4)
    spec = spec.replace("f32[N, 1]", f"f32[N, {outputs}]").replace(
        "y: f32[1] = [1, 2, 3, 4]", f"y: f32[{outputs}] = {targets}"
    )
    (training,) = check(Source("", spec)).program.trainings
    found = curvature(training)
    assert found.largest == pytest.approx(largest(POINTS, outputs, bias), rel=1e-6)
    assert (found.column, found.columns) == (1, 3)


@pytest.mark.parametrize(
    ("steps", "made"),
    [
        ("-> scale(1 / 10)", lambda x: x / 10),
        ("-> standardize", standardized),
        ("-> normalize", lambda x: (x - x.min(0)) / np.ptp(x, 0)),
        ("-> scale(3) -> standardize -> scale(2)", lambda x: 2 * standardized(x)),
    ],
)
def test_data_steps_are_in_the_curvature(steps, made):
    found = steep(
        type="f32[3]", size="3", x=f"{POINTS} {steps}", y="[1, 2, 3, 4]", optimizer="SGD(lr=9)"
    )
    assert found.largest == pytest.approx(largest(made(np.array(POINTS))), rel=1e-6)


def test_a_constant_column_becomes_zero_when_it_is_standardized_or_normalized():
    for step in ("standardize", "normalize"):
        found = steep(x=f"[5, 5, 5] -> {step}", y="[1, 2, 3]")
        assert found.largest == pytest.approx(largest(np.zeros((3, 1))))


def test_views_before_and_behind_the_layer_change_nothing():
    boxes = np.arange(12.0).reshape(3, 2, 2)
    spec = SPEC.format(**{**PLAIN, "y": "[1, 2, 3]"})
    spec = spec.replace("x: f32[1] = range(100)", f"x: f32[2, 2] = {boxes.tolist()}").replace(
        "x: f32[N, 1]", "x: f32[N, 2, 2]"
    )
    (training,) = check(
        Source("", spec.replace("-> Linear(1)", "-> flatten(1) -> Linear(1) -> reshape(N, 1)"))
    ).program.trainings
    found = curvature(training)
    assert found.largest == pytest.approx(largest(boxes.reshape(3, 4)), rel=1e-6)
    assert curvature(training, scaled=True) is None  # statistics of boxes are one a channel


def test_a_layer_of_the_last_axis_sees_every_row():
    spec = SPEC.format(**{**PLAIN, "y": "[[[1], [2]], [[3], [4]], [[5], [6]]]"})
    boxes = np.arange(12.0).reshape(3, 2, 2)
    spec = (
        spec.replace("x: f32[1] = range(100)", f"x: f32[2, 2] = {boxes.tolist()}")
        .replace("x: f32[N, 1]", "x: f32[N, 2, 2]")
        .replace("y: f32[1]", "y: f32[2, 1]")
        .replace("y_hat: f32[N, 1]", "y_hat: f32[N, 2, 1]")
    )
    (training,) = check(Source("", spec)).program.trainings
    assert curvature(training).largest == pytest.approx(largest(boxes.reshape(6, 2)), rel=1e-6)


@given(some.lists(some.lists(some.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_power_iteration_finds_the_largest_eigenvalue_and_never_more(rows):
    matrix = np.array(rows)
    expected = float(np.linalg.eigvalsh(matrix.T @ matrix / len(matrix))[-1])
    found = steepest(rows)
    assert found <= expected * (1 + 1e-9) + 1e-12
    assert found >= expected * 0.9 or expected < 1e-9


def final_loss(rate: float, x: list[list[float]], steps: int = 400, **settings: object) -> float:
    """The loss after really training on all of the data at once, in float64."""
    torch.manual_seed(0)
    rows = torch.tensor(x, dtype=torch.float64)
    model = nn.Linear(rows.shape[1], 1).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, **settings)
    target = rows.sum(1, keepdim=True) + 1
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(model(rows), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[-1] / losses[0]


@pytest.mark.parametrize(
    "settings", [{}, {"momentum": 0.5}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}]
)
@pytest.mark.parametrize("x", [[[float(n)] for n in range(100)], POINTS])
def test_training_diverges_just_above_the_bound_and_not_just_below(x, settings):
    momentum, nesterov = settings.get("momentum", 0), settings.get("nesterov", False)
    bound = stable_below(largest(x), momentum, nesterov)
    assert final_loss(1.03 * bound, x, **settings) > 100
    assert final_loss(0.97 * bound, x, **settings) < 1


@pytest.mark.parametrize(
    "settings", ["", ", momentum=0.9", ", momentum=0.5, nesterov=True", ", weight_decay=0.01"]
)
def test_the_warning_comes_above_the_bound_and_not_below(settings):
    momentum = 0.9 if "0.9" in settings else 0.5 if "nesterov" in settings else 0
    bound = stable_below(largest(np.arange(100.0)[:, None]), momentum, "nesterov" in settings)
    assert warned(optimizer=f"SGD(lr={1.01 * bound}{settings})") == ["D0903"]
    assert warned(optimizer=f"SGD(lr={0.99 * bound}{settings})") == []


def test_the_rates_that_the_help_names_work():
    (found,) = checked().diagnostics
    scaled, lower = found.help
    assert scaled.startswith("scale the input: `x: f32[1] = range(100) -> standardize`")
    assert warned(x="range(100) -> standardize") == []
    rate = lower.removeprefix("write `").removesuffix("`")
    assert warned(optimizer=f"SGD({rate})") == []
    assert final_loss(float(rate.removeprefix("lr=")), [[float(n)] for n in range(100)]) < 1


DISTRIBUTIONS = {
    "even": lambda draw: np.arange(60.0)[:, None],
    "normal": lambda draw: draw.normal(size=(60, 3)),
    "positive": lambda draw: draw.exponential(size=(60, 1)),
    "heavy": lambda draw: draw.normal(size=(60, 1)) ** 5,
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("size", [1, 8, 32])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_training_in_batches_diverges_from_where_it_is_warned_of(name, size, momentum):
    x = DISTRIBUTIONS[name](np.random.default_rng(0))
    torch.manual_seed(0)
    rows = torch.tensor(x)
    model = nn.Linear(rows.shape[1], 1).double()
    rate = BATCHED * stable_below(largest(x), momentum, False)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)
    for _ in range(2000 * size // 60 + 60):
        for batch in torch.randperm(60).split(size):
            loss = F.mse_loss(model(rows[batch]), rows[batch].sum(1, keepdim=True))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if not loss.isfinite() or loss > 1e9:
            break
    assert not loss < 1e6


def test_in_batches_a_rate_barely_above_the_bound_is_not_warned_of():
    bound = stable_below(largest(np.arange(100.0)[:, None]), 0, False)
    for share, codes in ((1.4, []), (1.6, ["D0903"])):
        assert warned(optimizer=f"SGD(lr={share * bound})", batch="32") == codes


def test_smaller_batches_are_told_of_and_whole_ones_not():
    def notes(batch: str) -> str:
        return " ".join(checked(batch=batch).diagnostics[0].notes)

    assert "on average over the batches" in notes("32")
    assert "on average" not in notes("100")


@pytest.mark.parametrize(
    "changes",
    [
        {"head": "Linear(4) -> Linear(1)"},
        {"head": "Linear(4) -> tanh -> Linear(1)"},
        {"head": "Linear(1) -> relu"},
        {"loss": "l1_loss(y_hat, y)"},
        {"loss": 'mse_loss(y_hat, y, reduction="sum")'},
        {"loss": "mse_loss(y_hat, y) / 1000"},
        {"optimizer": "Adam(lr=0.01)"},
        {"optimizer": "SGD(lr=0.01, momentum=0.9, dampening=0.5)"},
        {"optimizer": "SGD(lr=0.01, maximize=True)"},
        {"more": "  schedule = cosine()\n"},
        {"x": "range(20000)", "y": "range(20000)"},
        {"y": "range(100)\n  split = random(train=0.5, test=0.5)"},
        {"x": "range(100) -> impute(mean)"},
    ],
)
def test_what_is_not_known_is_not_warned_of(changes):
    assert "D0903" not in warned(**changes)


@pytest.mark.parametrize("spec", ["hello", "linear", "xor", "digits"])
def test_no_spec_of_ours_is_warned_of(spec):
    path = Path(__file__).parent.parent / "specs" / f"{spec}.dl"
    found = check(Source(str(path), path.read_text(encoding="utf-8")))
    assert [each.code for each in found.diagnostics] == []


def test_a_phase_that_never_comes_is_warned_of_and_one_that_does_is_not():
    for schedule, codes in (
        ("warmup(500) -> cosine()", ["D0904"]),
        ("linear(length=300) -> constant(length=200) -> cosine(length=1)", ["D0904"]),
        ("warmup(499) -> cosine()", []),
        ("warmup(0.1) -> cosine()", []),
        ("warmup(900)", []),
    ):
        more = f"  schedule = {schedule}\n"
        assert warned(optimizer="SGD(lr=1e-5)", more=more) == codes, schedule
