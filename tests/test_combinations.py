"""Every loss with every metric that goes with it, and every optimizer: compiled, then trained."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import pytest
from dlc.compiler.catalog.losses import LOSSES
from dlc.compiler.catalog.record import Metric
from dlc.compiler.catalog.training import METRICS, OPTIMIZERS
from packages import checked, imported, package, trained, written

SPEC = """\
data points {{
  x: f32[2] = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 1], [2, 0]]
  y: {target} = {values}
}}

model Net {{
  input x: f32[N, 2]
  output p: {output} = x -> Linear(4) -> tanh -> {head}
}}

train Net on points {{
  loss = {loss}
  optimizer = {optimizer}
  metrics = [{metrics}]
  epochs = 3
  batch = 4
}}
"""
NUMBERS = {
    "target": "f32[1]", "values": "[1, 2, 3, 4, 5, 6]", "output": "f32[N, 1]", "head": "Linear(1)",
}  # fmt: skip
ONE = {**NUMBERS, "target": "class(2)", "values": "[0, 1, 1, 0, 1, 0]"}
FLAT = {**ONE, "output": "f32[N]", "head": "Linear(1) -> reshape(N)"}
TWO = {**ONE, "output": "f32[N, 2]", "head": "Linear(2)"}
THREE = {
    **TWO, "target": 'class("a", "b", "c")', "values": '["a", "b", "c", "a", "b", "c"]',
    "output": "f32[N, 3]", "head": "Linear(3)",
}  # fmt: skip


def log(case: dict[str, str]) -> dict[str, str]:
    return {**case, "head": f"{case['head']} -> log_softmax(1)"}


def squashed(case: dict[str, str]) -> dict[str, str]:
    return {**case, "head": f"{case['head']} -> sigmoid"}


CASES = {
    "mse_loss": {"numbers": NUMBERS},
    "l1_loss": {"numbers": NUMBERS},
    "smooth_l1_loss": {"numbers": NUMBERS},
    "huber_loss": {"numbers": NUMBERS},
    "cross_entropy": {"two": TWO, "three": THREE},
    "nll_loss": {"two": log(TWO), "three": log(THREE)},
    "binary_cross_entropy_with_logits": {"column": ONE, "flat": FLAT},
    "binary_cross_entropy": {"column": squashed(ONE), "flat": squashed(FLAT)},
}
FAMILIES = {"numbers": ("numbers",), "three": ("labels",)}


def test_every_loss_is_in_this_table() -> None:
    assert set(CASES) == set(LOSSES)


def metrics(kind: str) -> list[str]:
    wanted = FAMILIES.get(kind, ("labels", "scores"))
    records = [each for each in METRICS.values() if isinstance(each, Metric)]
    return [each.name for each in records if each.compares in wanted]


def results(text: str, folder: Path) -> dict[str, float]:
    """What three epochs of training measure at last."""
    code, run = trained(written(package(text), folder), folder / "runs", folder, epochs=3)
    assert code == 0
    found: dict[str, float] = json.loads((run / "status.json").read_text())["results"]["train"]
    return found


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "kind"), [(loss, kind) for loss, cases in CASES.items() for kind in cases]
)
def test_a_loss_trains_and_every_fitting_metric_is_measured(
    loss: str, kind: str, reduction: str, tmp_path: Path
) -> None:
    names = metrics(kind)
    case = {**CASES[loss][kind], "optimizer": "SGD(lr=0.01)", "metrics": ", ".join(names)}
    found = results(SPEC.format(loss=f'{loss}(p, y, reduction="{reduction}")', **case), tmp_path)
    assert set(found) == {"loss", *names}
    for name, value in found.items():
        if name == "confusion_matrix":
            assert sum(map(sum, value)) == 6  # type: ignore[call-overload]
        else:
            assert value is None or isfinite(value), name
    assert "accuracy" not in found or 0 <= found["accuracy"] <= 1


@pytest.mark.parametrize("kind", ["numbers", "two", "three"])
def test_a_metric_of_another_family_is_refused(kind: str) -> None:
    loss = "mse_loss(p, y)" if kind == "numbers" else "cross_entropy(p, y)"
    case = {"numbers": NUMBERS, "two": TWO, "three": THREE}[kind]
    for name in set(METRICS) - set(metrics(kind)):
        found = checked(SPEC.format(loss=loss, optimizer="SGD()", metrics=name, **case))
        assert [each.code for each in found.diagnostics] == ["D0407"], name


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_makes_the_loss_fall(name: str, tmp_path: Path) -> None:
    text = SPEC.format(loss="mse_loss(p, y)", optimizer=f"{name}(lr=0.02)", metrics="", **NUMBERS)
    if name == "Muon":  # for matrices alone
        text = text.replace("Linear(4)", "Linear(4, bias=False)").replace(
            "Linear(1)", "Linear(1, bias=False)"
        )
    home = written(package(text.replace("  metrics = []\n", "")), tmp_path)
    assert f"from dlc.runtime.optim import {name}\n" in (home / "train.py").read_text()
    code, run = trained(home, tmp_path / "runs", tmp_path, epochs=30)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert code == 0
    assert lines[-1]["train"]["loss"] < lines[0]["train"]["loss"]


def test_the_loss_of_a_run_that_drops_the_last_batch_is_the_mean_of_what_it_saw(
    tmp_path: Path,
) -> None:
    """Six records in batches of four: two are dropped, and no step changes anything."""
    text = SPEC.format(loss="mse_loss(p, y)", optimizer="SGD(lr=1e-30)", metrics="", **NUMBERS)
    dropping = text.replace("  metrics = []\n", "  drop_last = True\n").replace(
        "[1, 2, 3, 4, 5, 6]", "[3, 3, 3, 3, 3, 3]"
    ).replace("Linear(4) -> tanh -> Linear(1)", "Linear(1) * 0")  # fmt: skip
    dropping = dropping.replace("x -> Linear(1) * 0", "(x -> Linear(1)) * 0")
    home = written(package(dropping), tmp_path)
    code, run = trained(home, tmp_path / "runs", tmp_path, epochs=1)
    assert code == 0
    # Every prediction is 0 and every target 3.
    line = json.loads((run / "metrics.jsonl").read_text())
    assert line["train"]["loss"] == pytest.approx(9)
    assert imported(home, "train").BATCH == 4
