"""Precision, compilation and determinism: as in torch where the machine can, in words else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime import compilation, precision
from dlc.runtime.determinism import deterministic
from keyed import Trained, batches, close, spec
from packages import package
from torch import nn

CPU = torch.device("cpu")
SGD = "SGD(lr=0.02)"


@pytest.fixture
def free() -> Iterator[None]:
    """What `deterministic` sets in this process is put back."""
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    yield
    torch.use_deterministic_algorithms(False)
    if workspace is None:
        os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


@pytest.mark.parametrize("keys", ["", "; clip_norm = 0.5"])
def test_bf16_is_torchs_autocast_around_the_forward_pass(tmp_path: Path, keys: str) -> None:
    found = Trained(spec(f"epochs = 2; precision = bf16{keys}", SGD), tmp_path)
    model, data = found.fresh()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, fused=True)
    for _, _, x, y in batches(data, 2):
        with torch.autocast("cpu", torch.bfloat16):
            y_hat = model(x)
        assert y_hat.dtype == torch.bfloat16
        optimizer.zero_grad()
        F.mse_loss(y_hat.float(), y).backward()
        if keys:
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
    close(found.weights, model)
    assert {each.dtype for each in found.weights.values()} == {torch.float32, torch.int64}
    exact = Trained(spec(f"epochs = 2{keys}", SGD), tmp_path / "f32")
    assert any(not each.equal(exact.weights[name]) for name, each in found.weights.items())


@pytest.mark.parametrize("keys", ["", "; clip_norm = 0.5", "; clip_norm = 0.5; accumulate = 4"])
def test_f16_scales_losses_as_torch_does(tmp_path: Path, keys: str) -> None:
    found = Trained(spec(f"epochs = 2; precision = f16{keys}", SGD), tmp_path)
    model, data = found.fresh()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, fused=True)
    scaler = torch.amp.GradScaler("cpu")
    for _, batch, x, y in batches(data, 2):
        with torch.autocast("cpu", torch.float16):
            y_hat = model(x)
        scaler.scale(F.mse_loss(y_hat.float(), y)).backward()
        if "accumulate" not in keys or batch % 4 == 0 or batch == 6:
            if keys:
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    close(found.weights, model)


def test_the_loss_of_probabilities_is_of_f32(tmp_path: Path) -> None:
    """torch refuses it within autocast on a GPU, and f32 targets of bf16 everywhere."""
    text = spec("epochs = 1; precision = bf16", SGD).replace("mse_loss", "binary_cross_entropy")
    text = text.replace("LayerNorm() -> head", "LayerNorm() -> head -> sigmoid")
    text = text.replace("2 * range(32) + 1 -> standardize", "range(32) -> scale(1 / 31)")
    found = Trained(text, tmp_path)
    assert all(each.isfinite().all() for each in found.weights.values())


def test_a_device_without_such_numbers_computes_in_f32_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    exact = Trained(spec("epochs = 2", SGD), tmp_path / "f32")
    monkeypatch.setattr(precision, "can_compute", lambda device, dtype: False)
    found = Trained(spec("epochs = 2; precision = bf16", SGD), tmp_path)
    said = capsys.readouterr().err
    assert "warning: the device cpu has no bfloat16: f32 is used instead." in said
    assert all(torch.equal(each, exact.weights[name]) for name, each in found.weights.items())


def test_whether_a_device_can_is_found_by_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert precision.can_compute(CPU, torch.bfloat16)

    def refused(*arguments: Any, **named: Any) -> Any:
        raise RuntimeError("no such numbers here")

    monkeypatch.setattr(torch, "autocast", refused)
    assert not precision.can_compute(CPU, torch.bfloat16)


def test_one_autocast_is_entered_again_and_again() -> None:
    half = precision.autocast(CPU, torch.bfloat16)
    model = nn.Linear(2, 2)
    for _ in range(3):
        with half:
            assert model(torch.ones(1, 2)).dtype == torch.bfloat16
        assert model(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_binary_cross_entropy_within_autocast_is_that_of_f32(dtype: torch.dtype) -> None:
    p = torch.tensor([0.25, 0.5, 0.75]).to(dtype)
    target, weight = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([1.0, 2.0, 3.0])
    with torch.autocast("cpu", torch.bfloat16):
        found = precision.binary_cross_entropy(p, target, weight)
    torch.testing.assert_close(found, F.binary_cross_entropy(p.float(), target, weight))
    summed = precision.binary_cross_entropy(p, target, reduction="sum")
    torch.testing.assert_close(summed, F.binary_cross_entropy(p.float(), target) * 3)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler here")
def test_a_compiled_training_gives_the_same_weights(tmp_path: Path) -> None:
    plain = Trained(spec("epochs = 1", SGD), tmp_path / "plain")
    found = Trained(spec("epochs = 1; compile = True", SGD), tmp_path)
    for name, each in found.weights.items():
        torch.testing.assert_close(each, plain.weights[name], rtol=1e-4, atol=1e-5, msg=name)


def test_a_machine_that_cannot_compile_says_so_and_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(function: Any) -> Any:
        raise RuntimeError("InvalidCxxCompiler: no compiler\nand much more")

    monkeypatch.setattr(compilation.torch, "compile", broken)
    plain = Trained(spec("epochs = 1", SGD), tmp_path / "plain")
    found = Trained(spec("epochs = 1; compile = True", SGD), tmp_path)
    said = capsys.readouterr().err
    expected = "RuntimeError: InvalidCxxCompiler: no compiler): not used."
    assert f"warning: torch.compile does not work here ({expected}" in said
    assert all(torch.equal(each, plain.weights[name]) for name, each in found.weights.items())


def test_a_deterministic_training_takes_deterministic_operations(
    tmp_path: Path, free: None
) -> None:
    assert not torch.are_deterministic_algorithms_enabled()
    plain = Trained(spec("epochs = 2", SGD), tmp_path / "plain")
    assert not torch.are_deterministic_algorithms_enabled()
    found = Trained(spec("epochs = 2; deterministic = True", SGD), tmp_path)
    assert torch.are_deterministic_algorithms_enabled()
    assert all(torch.equal(each, plain.weights[name]) for name, each in found.weights.items())


def test_deterministic_comes_before_anything_that_draws_or_computes() -> None:
    code = package(spec("epochs = 2; deterministic = True")).files["train.py"]
    body = code[code.index("def train(") :]
    assert body.index("deterministic()") < body.index("torch.manual_seed") < body.index("Line()")


def test_determinism_tells_cublas_and_keeps_what_a_person_said(
    monkeypatch: pytest.MonkeyPatch, free: None
) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    deterministic()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    deterministic()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("dtype", ["bf16", "f16"])
def test_a_gpu_trains_in_half_precision(tmp_path: Path, dtype: str) -> None:
    found = Trained(spec(f"epochs = 3; precision = {dtype}; clip_norm = 1.0", SGD), tmp_path)
    exact = Trained(spec("epochs = 3; clip_norm = 1.0", SGD), tmp_path / "f32")
    for name, each in found.weights.items():
        torch.testing.assert_close(each, exact.weights[name], rtol=0.1, atol=0.1, msg=name)
