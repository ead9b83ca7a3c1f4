"""`pretrained` and `checkpoint`: what a training starts from, and what is said where it cannot."""

from __future__ import annotations

import builtins
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.checkpoint import Checkpoints
from dlc.runtime.errors import DataError
from dlc.runtime.pretrained import load_checkpoint, load_pretrained
from keyed import Trained, batches, close, spec
from torch import nn

SGD = "SGD(lr=0.02)"
START = 'epochs = 1; pretrained = "weights.pt"'


class Made:
    """Makes a folder when unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return Path.mkdir, (Path(self.folder),)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A training that has come to an end."""
    return Trained(spec("epochs = 2"), tmp_path_factory.mktemp("before"))


def further(start: nn.Module, data: Any) -> nn.Module:
    optimizer = torch.optim.SGD(start.parameters(), lr=0.02, fused=True)
    for _, _, x, y in batches(data, 1):
        optimizer.zero_grad()
        F.mse_loss(start(x), y).backward()
        optimizer.step()
    return start


@pytest.mark.parametrize("kind", ["run", "state_dict", "named", "other name"])
def test_pretrained_starts_from_weights(tmp_path: Path, before: Trained, kind: str) -> None:
    """Of a run, or as `torch.save` writes a state_dict, alone or under a name."""
    if kind == "run":
        for name in ("last.pt", "last.pt.sha256"):
            new = name.replace("last", "weights")
            shutil.copy(before.run / "checkpoints" / name, tmp_path / new)
    else:
        name = {"named": "model", "other name": "net"}.get(kind)
        content = {name: before.weights} if name else before.weights
        torch.save(content, tmp_path / "weights.pt")
    found = Trained(spec(START, SGD), tmp_path)
    model, data = found.fresh()
    model.load_state_dict(before.weights)
    close(found.weights, further(model, data))


def test_safetensors_are_weights_too(tmp_path: Path, before: Trained) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(before.weights, tmp_path / "weights.safetensors")
    found = Trained(spec(START.replace(".pt", ".safetensors"), SGD), tmp_path)
    model, data = found.fresh()
    model.load_state_dict(before.weights)
    close(found.weights, further(model, data))


def test_without_the_library_the_extra_is_named_and_the_code_is_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"")
    plain = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("safetensors"):
            raise ImportError(name)
        return plain(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    Trained(spec(START.replace(".pt", ".safetensors")), tmp_path, code=4)
    assert 'pip install "dlc[export]"' in capsys.readouterr().err


def net(width: int = 3) -> nn.Module:
    return nn.Sequential(nn.Linear(2, width), nn.Linear(width, 1))


def faults(width: int, path: Path, content: object) -> DataError:
    torch.save(content, path / "w.pt")
    with pytest.raises(DataError) as why:
        load_pretrained("w.pt", (path,), model=net(width))
    assert why.value.help
    assert why.value.place == str(path / "w.pt")
    return why.value


def test_weights_of_another_model_are_refused_by_name_and_size(tmp_path: Path) -> None:
    wrong = faults(4, tmp_path, net().state_dict())
    assert "`0.weight` is [3, 2], not [4, 2]" in wrong.message
    assert "do not fit Sequential" in wrong.message
    lacking = {name: each for name, each in net().state_dict().items() if name != "1.bias"}
    assert "it lacks `1.bias`" in faults(3, tmp_path, lacking).message
    more = {**net().state_dict(), "2.bias": torch.ones(1)}
    assert "Sequential has no `2.bias`" in faults(3, tmp_path, more).message


@pytest.mark.parametrize("content", [[1, 2], "text", {"a": {}, "b": {}}, {}, {"0.weight": 1}])
def test_what_holds_no_weights_is_refused(tmp_path: Path, content: object) -> None:
    assert faults(3, tmp_path, content).message


def test_nothing_in_a_file_of_weights_runs(tmp_path: Path) -> None:
    wrong = faults(3, tmp_path, {"0.weight": Made(str(tmp_path / "made"))})
    assert "holds no weights, or more than weights" in wrong.message
    assert not (tmp_path / "made").exists()


def test_a_flipped_bit_in_weights_of_a_run_is_noticed(tmp_path: Path, before: Trained) -> None:
    for name in ("last.pt", "last.pt.sha256"):
        shutil.copy(before.run / "checkpoints" / name, tmp_path / name)
    damaged = bytearray((tmp_path / "last.pt").read_bytes())
    damaged[-100] ^= 1
    (tmp_path / "last.pt").write_bytes(damaged)
    with pytest.raises(DataError, match="damaged"):
        load_pretrained("last.pt", (tmp_path,), model=net())


def test_a_refused_start_changes_no_weight(tmp_path: Path) -> None:
    model = net()
    old = {name: each.clone() for name, each in model.state_dict().items()}
    torch.save({**net().state_dict(), "1.bias": torch.ones(2)}, tmp_path / "w.pt")
    with pytest.raises(DataError):
        load_pretrained("w.pt", (tmp_path,), model=model)
    assert all(torch.equal(old[name], each) for name, each in model.state_dict().items())


def test_a_missing_file_is_named_with_the_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Trained(spec(START), tmp_path, code=3)
    said = capsys.readouterr().err
    assert "error: The file weights.pt is not there." in said
    assert str(tmp_path / "weights.pt") in said
    assert not (found.run / "checkpoints").exists()


def test_several_models_start_by_name(tmp_path: Path) -> None:
    one, two = net(), net(4)
    content = {"G": net().state_dict(), "D": net(4).state_dict()}
    torch.save(content, tmp_path / "w.pt")
    load_pretrained("w.pt", (tmp_path,), G=one, D=two)
    assert torch.equal(two[0].weight, content["D"]["0.weight"])
    torch.save({"G": content["G"]}, tmp_path / "w.pt")
    with pytest.raises(DataError, match="has no weights of `D`: it has `G`"):
        load_pretrained("w.pt", (tmp_path,), G=one, D=two)


@pytest.mark.parametrize("kind", ["run", "folder", "file", "plain"])
def test_a_checkpoint_goes_on_with_weights_and_optimizer(
    tmp_path: Path, before: Trained, kind: str
) -> None:
    """What the optimizer has gathered goes on; its rate is that of the spec."""
    folder = before.run / "checkpoints"
    saved = Checkpoints(folder).load(print)
    assert saved is not None
    path = {"run": before.run, "folder": folder, "file": next(folder.glob("resume-*.pt"))}.get(kind)
    if path is None:
        path = tmp_path / "own.pt"
        torch.save({name: saved["parts"][name] for name in ("model", "optimizer")}, path)
    keys = f"epochs = 2; checkpoint = {json.dumps(str(path))}"
    found = Trained(spec(keys, "AdamW(lr=0.003)"), tmp_path)
    model, data = found.fresh()
    model.load_state_dict(saved["parts"]["model"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003, fused=True)
    state = {**optimizer.state_dict(), "state": saved["parts"]["optimizer"]["state"]}
    optimizer.load_state_dict(state)
    assert float(next(iter(optimizer.state.values()))["step"]) == 12
    for _, _, x, y in batches(data, 2):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    close(found.weights, model)


def test_a_checkpoint_of_a_mean_goes_on_from_what_was_trained(tmp_path: Path) -> None:
    first = Trained(spec("epochs = 1; ema = 0.9"), tmp_path / "first")
    saved = Checkpoints(first.run / "checkpoints").load(print)
    assert saved is not None
    model = first.fresh()[0]
    load_checkpoint(str(first.run), (), model=model)
    assert all(
        torch.equal(saved["parts"]["model"][name], each)
        for name, each in model.state_dict().items()
    )
    assert any(
        not torch.equal(first.weights[name], each) for name, each in model.state_dict().items()
    )


def refused(path: str, folder: Path, **parts: Any) -> str:
    with pytest.raises(DataError) as why:
        load_checkpoint(path, (folder,), **parts)
    assert why.value.help
    return why.value.message


def test_what_is_no_checkpoint_is_refused(tmp_path: Path, before: Trained) -> None:
    model = before.fresh()[0]
    optimizer = torch.optim.AdamW(model.parameters())
    assert "is not there" in refused("nowhere", tmp_path, model=model)
    (tmp_path / "empty").mkdir()
    assert "has no checkpoint" in refused("empty", tmp_path, model=model)
    last = str(before.run / "checkpoints" / "last.pt")
    said = refused(last, tmp_path, model=model, optimizer=optimizer)
    assert "has no `optimizer`: it has `model`" in said
    wrong = refused(str(before.run), tmp_path, model=net())
    assert "do not fit Sequential" in wrong
    fewer = torch.optim.AdamW(list(model.parameters())[1:])
    assert "other parameters" in refused(str(before.run), tmp_path, optimizer=fewer)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path, before: Trained) -> None:
    shutil.copytree(before.run / "checkpoints", tmp_path / "checkpoints")
    (file,) = (tmp_path / "checkpoints").glob("resume-*.pt")
    damaged = bytearray(file.read_bytes())
    damaged[-100] ^= 1
    file.write_bytes(damaged)
    said = refused(str(file), tmp_path, model=net())
    assert f"{file} is damaged" in said
    assert "no checkpoint that is whole" in refused(str(tmp_path), tmp_path, model=net())
