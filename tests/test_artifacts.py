"""Files of a run: whole or untouched, and verified before use."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from math import inf, nan
from pathlib import Path

import pytest
import torch
from dlc.runtime import artifacts
from dlc.runtime.artifacts import (
    ArtifactError,
    append_lines,
    load_weights,
    save_weights,
    write_atomic,
    write_json,
)
from dlc.runtime.errors import DataError
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

OLD, NEW = ({"model": {"w": torch.arange(6.0) + more}} for more in (0, 1))


def sum_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def fail_at_call(
    monkeypatch: pytest.MonkeyPatch, name: str, number: int, fault: BaseException
) -> None:
    """Let the `number`-th call of os.<name> raise; those before it work."""
    original: Callable[..., object] = getattr(os, name)
    calls = iter(range(number))

    def failing(*arguments: object) -> object:
        if next(calls, number) == number - 1:
            raise fault
        return original(*arguments)

    monkeypatch.setattr(artifacts.os, name, failing)


def same_bits(first: Tensor, second: Tensor) -> bool:
    if (first.dtype, first.shape, first.stride()) != (second.dtype, second.shape, second.stride()):
        return False
    pair = (tensor.contiguous().flatten().view(torch.uint8) for tensor in (first, second))
    return torch.equal(*pair)


def test_written_bytes_are_there_and_nothing_else(tmp_path: Path) -> None:
    for data in [b"old\r\n", b"", bytes(range(256))]:
        write_atomic(tmp_path / "file.bin", data)
        assert (tmp_path / "file.bin").read_bytes() == data
    assert names(tmp_path) == {"file.bin"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_written_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomic(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt(), RuntimeError("half-way")])
def test_a_write_cut_short_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: BaseException
) -> None:
    path = tmp_path / "status.json"
    write_atomic(path, b"old")
    fail_at_call(monkeypatch, call, 1, fault)
    with pytest.raises(type(fault)):
        write_atomic(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"status.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows syncs no folders")
def test_the_file_is_synced_before_the_rename_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[object] = []
    replace = os.replace

    def seen_replace(part: Path, path: Path) -> None:
        steps.append((part.parent == path.parent, part.read_bytes()))
        replace(part, path)

    monkeypatch.setattr(artifacts.os, "fsync", lambda f: steps.append(os.fstat(f).st_ino))
    monkeypatch.setattr(artifacts.os, "replace", seen_replace)
    path = tmp_path / "file"
    write_atomic(path, b"data")
    assert steps == [path.stat().st_ino, (True, b"data"), tmp_path.stat().st_ino]


def test_a_full_disk_is_told_with_path_and_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "status.json"
    fault = OSError(errno.ENOSPC, "No space left on device")
    fail_at_call(monkeypatch, "fsync", 1, fault)
    with pytest.raises(ArtifactError) as caught:
        write_json(path, {})
    assert caught.value.message == f"{path} cannot be written: No space left on device."
    assert caught.value.help.startswith("Make room")
    assert caught.value.place == str(path)
    assert isinstance(caught.value, DataError)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("write", [write_atomic, append_lines, save_weights])
def test_a_missing_folder_is_told(tmp_path: Path, write: Callable[..., None]) -> None:
    data: object = b"" if write is write_atomic else {}
    with pytest.raises(ArtifactError, match="cannot be written: No such file"):
        write(tmp_path / "nowhere" / "file", data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=16),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=40)
@given(JSON.filter(lambda value: "inf" not in str(value)))
def test_json_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("json")
    write_json(folder / "value.json", value)
    append_lines(folder / "lines.jsonl", [value])
    append_lines(folder / "lines.jsonl", [value, value])
    assert json.loads((folder / "value.json").read_bytes()) == value
    lines = (folder / "lines.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [value, value, value]


def test_numbers_that_json_lacks_become_null(tmp_path: Path) -> None:
    write_json(tmp_path / "value.json", {"loss": [nan, 1.5, (inf, -inf)]})
    append_lines(tmp_path / "lines.jsonl", [{"loss": nan}])
    written = json.loads((tmp_path / "value.json").read_text())
    assert written == {"loss": [None, 1.5, [None, None]]}
    assert (tmp_path / "lines.jsonl").read_text() == '{"loss": null}\n'


@pytest.mark.parametrize("write", [write_json, append_lines])
def test_what_is_no_json_leaves_the_old_file_alone(
    tmp_path: Path, write: Callable[..., None]
) -> None:
    write_json(tmp_path / "value.json", 1)
    with pytest.raises(TypeError):
        write(tmp_path / "value.json", [1, {"a": object()}])
    assert (tmp_path / "value.json").read_text() == "1\n"


def test_a_torn_last_line_spoils_no_later_one(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"epoch": 1}\n{"epo')
    append_lines(path, [{"epoch": 3}])
    append_lines(path, [{"epoch": 4}])
    assert path.read_text() == '{"epoch": 1}\n{"epo\n{"epoch": 3}\n{"epoch": 4}\n'


WEIGHTS = {
    "f32": torch.tensor([0.1, -0.0, nan, inf, 1e-45]),
    "bf16": torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).bfloat16(),
    "f16": torch.tensor([[65504.0, 6e-8]]).half(),
    "f64": torch.tensor(0.1, dtype=torch.float64),
    "i64": torch.tensor([2**63 - 1, -(2**63)]),
    "u8": torch.arange(256).to(torch.uint8),
    "flag": torch.tensor([True, False]),
    "none": torch.zeros(0, 3),
    "image": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    "turned": torch.randn(3, 5).T,
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_come_back_bit_for_bit_with_their_strides(tmp_path: Path, name: str) -> None:
    save_weights(tmp_path / "weights.pt", {"G": {name: WEIGHTS[name]}, "D": {}})
    loaded = load_weights(tmp_path / "weights.pt")
    assert {part: list(state) for part, state in loaded.items()} == {"G": [name], "D": []}
    assert same_bits(loaded["G"][name], WEIGHTS[name])


def test_weights_of_a_model_come_back_into_it(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    state = OrderedDict(model.named_parameters()) | model.state_dict()
    save_weights(tmp_path / "weights.pt", {"model": state})
    loaded = load_weights(tmp_path / "weights.pt")["model"]
    assert list(loaded) == list(state)
    assert not any(tensor.requires_grad for tensor in loaded.values())
    other = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    other.load_state_dict(loaded)
    assert all(same_bits(other.state_dict()[name], state[name].detach()) for name in state)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_weights_on_a_gpu_come_back_on_the_cpu_with_their_strides(tmp_path: Path) -> None:
    save_weights(
        tmp_path / "weights.pt", {"model": {name: w.cuda() for name, w in WEIGHTS.items()}}
    )
    loaded = load_weights(tmp_path / "weights.pt")["model"]
    assert all(same_bits(loaded[name], WEIGHTS[name]) for name in WEIGHTS)


def test_the_sum_is_what_sha256sum_checks(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    for weights in (OLD, NEW):
        save_weights(path, weights)
        assert sum_of(path).read_text() == f"{sha256(path.read_bytes()).hexdigest()}  weights.pt\n"
    assert names(tmp_path) == {"weights.pt", "weights.pt.sha256"}
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "weights.pt.sha256"], cwd=tmp_path, check=True)


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, OLD)
    good = path.read_bytes()
    for place in range(0, len(good), 7):
        damaged = bytearray(good)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match="is damaged"):
            load_weights(path)
    path.write_bytes(good)
    assert same_bits(load_weights(path)["model"]["w"], OLD["model"]["w"])


def test_a_file_of_another_length_is_found_and_told_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, OLD)
    good = path.read_bytes()
    for content in (b"", good[:1], good[:-1], good + b"\0"):
        path.write_bytes(content)
        with pytest.raises(ArtifactError) as caught:
            load_weights(path)
        told = f"{path} is damaged: its SHA-256 is not the one that was saved."
        assert (caught.value.message, caught.value.place) == (told, str(path))
        assert caught.value.help == "Go on from another checkpoint, or train anew."


@pytest.mark.parametrize("content", [b"", b"\n", b"e3b0\n", b"\xff\xfe"])
def test_a_damaged_sum_is_found(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, OLD)
    sum_of(path).write_bytes(content)
    with pytest.raises(ArtifactError, match="is damaged"):
        load_weights(path)


@pytest.mark.parametrize("missing", ["weights.pt", "weights.pt.sha256"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    save_weights(tmp_path / "weights.pt", OLD)
    (tmp_path / missing).unlink()
    with pytest.raises(ArtifactError) as caught:
        load_weights(tmp_path / "weights.pt")
    assert caught.value.message == f"{tmp_path / missing} does not exist."


def claim(path: Path, content: object) -> None:
    """Write `content` in torch's format, with a true sum beside it."""
    torch.save(content, path)
    sum_of(path).write_text(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n")


@pytest.mark.parametrize(
    "content",
    [OLD["model"]["w"], OLD["model"], {"model": {"w": 1}}, {1: {}}, {"model": {1: NEW}}],
)
def test_a_true_sum_does_not_make_weights_of_something_else(
    tmp_path: Path, content: object
) -> None:
    claim(tmp_path / "weights.pt", content)
    with pytest.raises(ArtifactError, match="holds something else than the named tensors"):
        load_weights(tmp_path / "weights.pt")


class Intruder:
    """Makes a folder when unpickled."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.made),)


def test_a_true_sum_runs_no_code_from_the_file(tmp_path: Path) -> None:
    claim(tmp_path / "weights.pt", {"w": Intruder(tmp_path / "made")})
    with pytest.raises(ArtifactError, match="holds no weights"):
        load_weights(tmp_path / "weights.pt")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", range(1, 8))
def test_weights_load_wherever_their_replacement_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, OLD)
    with monkeypatch.context() as patch:
        fail_at_call(patch, call, number, KeyboardInterrupt())
        try:
            save_weights(path, NEW)
            cut_short = False
        except KeyboardInterrupt:
            cut_short = True
    assert cut_short == (number <= {"fsync": 6 if os.name == "posix" else 3, "replace": 3}[call])
    loaded = load_weights(path)["model"]["w"]
    assert any(same_bits(loaded, each["model"]["w"]) for each in (OLD, NEW))
    assert names(tmp_path) == {"weights.pt", "weights.pt.sha256"}
    save_weights(path, NEW)
    assert same_bits(load_weights(path)["model"]["w"], NEW["model"]["w"])
    assert len(sum_of(path).read_text().splitlines()) == 1


@pytest.mark.parametrize("room", [0, 1, 4])
def test_a_disk_that_fills_up_while_saving_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = tmp_path / "weights.pt"
    save_weights(path, OLD)

    class Filling:
        calls = 0

        def write(self, data: bytes) -> int:
            self.calls += 1
            if self.calls > room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return len(data)

    hashing = artifacts._Hashing
    monkeypatch.setattr(artifacts, "_Hashing", lambda file: hashing(Filling()))
    with pytest.raises(ArtifactError, match="cannot be written: No space left on device"):
        save_weights(path, NEW)
    assert same_bits(load_weights(path)["model"]["w"], OLD["model"]["w"])
    assert names(tmp_path) == {"weights.pt", "weights.pt.sha256"}


def test_leftovers_of_killed_writers_go_and_nothing_else_does(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom dlc.runtime import artifacts\n"
        "artifacts.os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "artifacts.write_atomic(Path(sys.argv[1]), b'new')"
    )
    path = tmp_path / "checkpoints" / "weights.pt"
    path.parent.mkdir()
    path.write_bytes(b"old")
    if sys.platform != "win32":
        killed = subprocess.run([sys.executable, "-c", script, str(path)])
        assert killed.returncode == -signal.SIGKILL
        assert len(names(path.parent)) == 2
    assert path.read_bytes() == b"old"


def test_torch_comes_with_weights_alone_and_compiler_parts_of_it_never() -> None:
    script = (
        "import sys, tempfile\nfrom pathlib import Path\nfrom dlc.runtime import artifacts\n"
        "with tempfile.TemporaryDirectory() as folder, artifacts.lock_folder(Path(folder)):\n"
        "    path = Path(folder) / 'a'\n"
        "    artifacts.write_json(path, 1), artifacts.append_lines(path, [2])\n"
        "    print('torch' in sys.modules)\n"
        "    import torch\n"
        "    artifacts.save_weights(path, {'m': {'w': torch.ones(2)}})\n"
        "    artifacts.load_weights(path)\n"
        "    print('torch._dynamo' in sys.modules, 'torch.distributed.nn' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False", "False"]
