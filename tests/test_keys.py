"""Each key of a training does what the same lines of torch do, to 1e-6."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.artifacts import load_weights
from dlc.runtime.schedules import Schedule, cosine, warmup
from keyed import BATCHES, Trained, adam, batches, close, layer, spec
from packages import package
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

PREDICTED = """
import sys
sys.path.insert(0, sys.argv[1] + "/generated")
from importlib import import_module
predict = import_module(sys.argv[2] + ".predict")
raise SystemExit(predict.launch(predict.build, predict.predict, run=sys.argv[1], as_json=True))
"""


def measured(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("norm", [0.05, 0.5])
def test_clip_norm_scales_gradients_as_clip_grad_norm(tmp_path: Path, norm: float) -> None:
    found = Trained(spec(f"epochs = 3; clip_norm = {norm}", "SGD(lr=0.1)"), tmp_path)
    model, data = found.fresh()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cut = 0
    for _, _, x, y in batches(data, 3):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        cut += bool(nn.utils.clip_grad_norm_(model.parameters(), norm) > norm)
        optimizer.step()
    assert cut, "the norm never cut anything"
    close(found.weights, model)


@pytest.mark.parametrize("count", [2, 4, 5, 7])
def test_accumulate_sums_gradients_and_an_epoch_ends_with_a_step(
    tmp_path: Path, count: int
) -> None:
    found = Trained(spec(f"epochs = 3; accumulate = {count}"), tmp_path)
    model, data = found.fresh()
    optimizer = adam(model)
    steps = 0
    for _, batch, x, y in batches(data, 3):
        F.mse_loss(model(x), y).backward()
        if batch % count == 0 or batch == BATCHES:
            optimizer.step()
            optimizer.zero_grad()
            steps += 1
    assert steps == 3 * -(-BATCHES // count)
    close(found.weights, model)


def test_accumulate_of_one_is_the_plain_loop(tmp_path: Path) -> None:
    plain = package(spec("epochs = 2")).files["train.py"]
    assert package(spec("epochs = 2; accumulate = 1")).files["train.py"] == plain


@pytest.mark.parametrize("keys", ["", "; accumulate = 4"])
def test_ema_is_the_mean_that_torch_keeps(tmp_path: Path, keys: str) -> None:
    found = Trained(spec(f"epochs = 3; ema = 0.8{keys}"), tmp_path)
    model, data = found.fresh()
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.8))
    optimizer = adam(model)
    losses = []
    for _, batch, x, y in batches(data, 3):
        model.train()
        F.mse_loss(model(x), y).backward()
        if not keys or batch % 4 == 0 or batch == BATCHES:
            optimizer.step()
            optimizer.zero_grad()
            mean.update_parameters(model)
        if batch == BATCHES:
            mean.eval()
            with torch.no_grad():
                losses.append(float(F.mse_loss(mean(data.validation.x), data.validation.y)))
    assert len(losses) == 3
    close(found.weights, mean.module)
    assert [e["validation"]["loss"] for e in measured(found.run)] == pytest.approx(losses)
    status = json.loads((found.run / "status.json").read_text())
    with torch.no_grad():
        test = float(F.mse_loss(mean(data.test.x), data.test.y))
    assert status["results"]["test"]["loss"] == pytest.approx(test)


def test_early_stopping_keeps_the_best_mean(tmp_path: Path) -> None:
    keys = "epochs = 12; ema = 0.5; early_stopping = patience(2, on=validation.loss)"
    found = Trained(spec(keys, "AdamW(lr=0.3)"), tmp_path)
    kept = json.loads((found.run / "status.json").read_text())["epoch"]
    assert kept < len(measured(found.run)), "the last epoch is the best: nothing is shown"
    model, data = found.fresh()
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.5))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.3, fused=True)
    for _, _, x, y in batches(data, kept):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
        mean.update_parameters(model)
    close(found.weights, mean.module)


def test_groups_are_those_of_the_optimizer(tmp_path: Path) -> None:
    groups = "[group(encoder, linear1, lr=0.003), group(LayerNorm, weight_decay=0), group(head)]"
    found = Trained(spec(f"epochs = 3; groups = {groups}"), tmp_path)
    model, data = found.fresh()
    norm, head = layer(model, nn.LayerNorm, 7), layer(model, nn.Linear, 1)
    apart = {id(each) for each in (*norm.parameters(), *head.parameters())}
    rest = [each for each in model.parameters() if id(each) not in apart]
    optimizer = torch.optim.AdamW(
        [
            {"params": rest, "lr": 0.003},
            {"params": norm.parameters(), "weight_decay": 0.0},
            {"params": head.parameters()},
        ],
        lr=0.01,
        fused=True,
    )
    for _, _, x, y in batches(data, 3):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    close(found.weights, model)


def test_a_schedule_moves_the_rate_of_each_group(tmp_path: Path) -> None:
    groups = "groups = [group(encoder, linear1, LayerNorm), group(head, lr=0.1)]"
    found = Trained(spec(f"epochs = 2; {groups}; schedule = cosine()", "SGD(lr=0.01)"), tmp_path)
    model, data = found.fresh()
    head = layer(model, nn.Linear, 1)
    apart = {id(each) for each in head.parameters()}
    rest = [each for each in model.parameters() if id(each) not in apart]
    optimizer = torch.optim.SGD([{"params": rest}, {"params": head.parameters(), "lr": 0.1}], 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 2 * BATCHES)
    for _, _, x, y in batches(data, 2):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
        schedule.step()
    close(found.weights, model)


def test_what_is_frozen_stays_as_it_is_and_the_rest_learns(tmp_path: Path) -> None:
    found = Trained(spec("epochs = 3; freeze = [encoder, head.bias]"), tmp_path)
    model, data = found.fresh()
    head, norm = layer(model, nn.Linear, 1), layer(model, nn.BatchNorm1d, 6)
    held = [layer(model, nn.Linear, 5), layer(model, nn.Linear, 6), norm]
    for each in held:
        each.requires_grad_(False)
    head.bias.requires_grad_(False)
    norm.eval()
    optimizer = adam(model)
    for _, _, x, y in batches(data, 3):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    close(found.weights, model)
    fresh, _ = found.fresh()
    same = [name for name, each in fresh.state_dict().items() if each.equal(found.weights[name])]
    # Two layers, one with a bias, a batch norm with its three buffers, and the bias of the head.
    assert len(same) == 3 + 2 + 3 + 1


def test_batch_norms_that_are_not_frozen_go_on_with_their_statistics(tmp_path: Path) -> None:
    found = Trained(spec("epochs = 1; freeze = [head]"), tmp_path)
    assert [int(each) for name, each in found.weights.items() if "tracked" in name] == [BATCHES]
    assert ".eval()" not in package(spec("epochs = 1; freeze = [head]")).files["train.py"].replace(
        "model.eval()", ""
    )


def test_dropout_in_a_frozen_part_goes_on(tmp_path: Path) -> None:
    text = spec("epochs = 1; freeze = [encoder]").replace("tanh", "Dropout(0.5)")
    found = Trained(text, tmp_path)
    other = Trained(text.replace("0.5)", "0.0)"), tmp_path / "without")
    assert any(not each.equal(other.weights[name]) for name, each in found.weights.items())


def test_a_kind_is_frozen_at_any_depth(tmp_path: Path) -> None:
    found = Trained(spec("epochs = 2; freeze = [Linear.bias]"), tmp_path)
    model, _ = found.fresh()
    state = model.state_dict()
    linear = [each.bias for each in model.modules() if type(each) is nn.Linear]
    assert sum(bias is not None for bias in linear) == 3
    for name, each in state.items():
        stays = any(bias is not None and each.data_ptr() == bias.data_ptr() for bias in linear)
        assert found.weights[name].equal(each) == stays, name


@pytest.mark.parametrize("steps", [1, 6, 8, 12, 15])
def test_steps_end_where_so_many_batches_are_done(tmp_path: Path, steps: int) -> None:
    found = Trained(spec(f"steps = {steps}"), tmp_path)
    model, data = found.fresh()
    optimizer = adam(model)
    losses: dict[int, list[tuple[float, int]]] = {}
    for done, (epoch, _, x, y) in enumerate(batches(data, 3)):
        if done == steps:
            break
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.setdefault(epoch, []).append((loss.item(), len(x)))
    close(found.weights, model)
    means = [sum(v * n for v, n in e) / sum(n for _, n in e) for e in losses.values()]
    assert [each["train"]["loss"] for each in measured(found.run)] == pytest.approx(means)


@pytest.mark.parametrize(
    ("keys", "length"),
    [
        ("steps = 15", 15),
        ("steps = 15; accumulate = 4", 2 + 2 + 1),
        ("epochs = 3; accumulate = 4", 6),
        ("steps = 13; accumulate = 6", 3),
        ("steps = 2; accumulate = 6", 1),
    ],
)
def test_a_schedule_counts_steps_of_the_optimizer(tmp_path: Path, keys: str, length: int) -> None:
    """The rate is at its end when the last step is over, and at half behind half of them."""
    found = Trained(spec(f"{keys}; schedule = linear()", "SGD(lr=0.2)"), tmp_path)
    settings = dict(each.split(" = ") for each in keys.split("; "))
    count = int(settings.get("accumulate", 1))
    total = int(settings.get("steps", BATCHES * int(settings.get("epochs", 0))))
    model, data = found.fresh()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, length)
    taken = 0
    for done, (_, batch, x, y) in enumerate(batches(data, 3), 1):
        if done > total:
            break
        F.mse_loss(model(x), y).backward()
        if batch % count == 0 or batch == BATCHES or done == total:
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            taken += 1
    assert taken == length
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0)
    close(found.weights, model)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"epochs": 3, "batches": 6}, 18),
        ({"epochs": 3, "batches": 6, "accumulate": 4}, 6),
        ({"steps": 15, "batches": 6}, 15),
        ({"steps": 15, "batches": 6, "accumulate": 4}, 5),
        ({"steps": 2, "batches": 6, "accumulate": 4}, 1),
        ({"steps": 1, "batches": 1}, 1),
    ],
)
def test_a_length_in_shares_is_of_all_steps_of_the_optimizer(
    given: dict[str, int], expected: int
) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = Schedule(optimizer, warmup(1.0), **given)
    rates = []
    for _ in range(expected):
        rates.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    assert rates[-1] == pytest.approx(1.0)
    assert rates == pytest.approx([(at + 1) / expected for at in range(expected)])
    assert schedule.lengths == [expected]
    two = Schedule(optimizer, warmup(1), cosine(), **given)
    an_epoch = -(-given["batches"] // given.get("accumulate", 1))
    assert two.lengths[0] == an_epoch, "one epoch, in steps of the optimizer"


def test_a_key_that_is_not_written_leaves_nothing_in_the_code() -> None:
    made = package(spec("epochs = 1; precision = f32; compile = False; deterministic = False"))
    assert made.files["train.py"] == package(spec("epochs = 1")).files["train.py"]
    for word in (
        "clip",
        "ema",
        "half",
        "freeze",
        "group",
        "scaler",
        "compile",
        "determin",
        "load_",
    ):
        assert word not in made.files["train.py"], word


def test_the_mean_is_what_a_best_checkpoint_has(tmp_path: Path) -> None:
    found = Trained(spec("epochs = 3; ema = 0.9"), tmp_path)
    best = json.loads((found.run / "status.json").read_text())["best"]
    model, data = found.fresh()
    model.load_state_dict(load_weights(found.run / "checkpoints" / "best.pt")["model"])
    model.eval()
    with torch.no_grad():
        loss = float(F.mse_loss(model(data.validation.x), data.validation.y))
    assert best["value"] == pytest.approx(loss)


def test_all_keys_at_once_train_and_predict(tmp_path: Path) -> None:
    keys = (
        "steps = 20; precision = bf16; clip_norm = 1.0; accumulate = 2; ema = 0.9;"
        " groups = [group(encoder.linear2, linear1, lr=1e-4), group(LayerNorm, BatchNorm1d), "
        "group(head, weight_decay=0)]; freeze = [encoder.linear1];"
        " schedule = warmup(0.1) -> cosine()"
    )
    found = Trained(spec(keys), tmp_path)
    assert all(each.isfinite().all() for each in found.weights.values())
    done = subprocess.run(
        [sys.executable, "-c", PREDICTED, str(found.run), found.home.name],
        input=json.dumps({"x": [3.0]}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["y_hat"] == pytest.approx(7, abs=60)
