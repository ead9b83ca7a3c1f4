"""Keys of one of several trainings hold for it alone; the next goes on from its model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.artifacts import load_weights
from keyed import adam, close, layer
from keyed import spec as one
from packages import imported, package, trained, written
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def two(first: str, second: str) -> str:
    """The spec with two trainings of its model, each with keys of its own."""
    text = one(first)
    start = text.index("train Line")
    return text + text[start:].replace(
        "\n  ".join(first.split("; ")), "\n  ".join(second.split("; "))
    )


@pytest.mark.parametrize(
    "keys",
    ["epochs = 2; ema = 0.8", "steps = 9; freeze = [encoder]", "epochs = 1; deterministic = True"],
)
def test_the_next_training_goes_on_from_what_was_kept(tmp_path: Path, keys: str) -> None:
    home = written(package(two(keys, "epochs = 1")), tmp_path / "code")
    code, run = trained(home, tmp_path / "runs", tmp_path)
    assert code == 0, (run / "status.json").read_text()
    assert not torch.are_deterministic_algorithms_enabled()
    (found,) = load_weights(run / "checkpoints" / "last.pt").values()
    data = imported(home, "data").points.load([])
    torch.manual_seed(0)
    model = imported(home, "model").Line()
    held: list[nn.Parameter] = []
    if "freeze" in keys:
        encoder = [layer(model, nn.Linear, 5), layer(model, nn.Linear, 6)]
        norm = layer(model, nn.BatchNorm1d, 6)
        held = [each for part in (*encoder, norm) for each in part.parameters()]
        norm.eval()
    for each in held:
        each.requires_grad_(False)
    optimizer = adam(model)
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.8)) if "ema" in keys else None
    done = 0
    for epoch in (1, 2):
        for x, y in data.train.shuffled(4, 0, epoch):
            if done == (9 if "steps" in keys else 6 if "deterministic" in keys else 12):
                break
            done += 1
            optimizer.zero_grad()
            F.mse_loss(model(x), y).backward()
            optimizer.step()
            if mean is not None:
                mean.update_parameters(model)
    if mean is not None:
        model.load_state_dict(mean.module.state_dict())
    for each in held:
        each.requires_grad_(True)
    model.train()
    optimizer = adam(model)
    for x, y in data.train.shuffled(4, 0, 1):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    close(found, model)
