"""The source `mnist`: where it is looked for, how it is fetched, and what each fault says."""

import gzip
import hashlib
import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.download import Patience
from dlc.runtime.errors import DataError
from dlc.runtime.mnist import MNIST, ImageRecord, cache_folder, load_mnist
from mnist_mirrors import (
    ARRAYS,
    CONTENTS,
    FAULTS,
    NAMES,
    SMALL,
    Mirrors,
    check_values,
    files_below,
    idx,
    lonely,
    pixels,
    put,
    put_keras,
    serving,
)

REAL = Path(os.environ.get("DLC_DATA_DIR") or "nowhere") / "mnist"
IMPATIENT = Patience(answer=0.5, total=1.5)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lonely(tmp_path, monkeypatch)


@pytest.fixture
def mirrors() -> Iterator[Mirrors]:
    with serving() as state:
        yield state


def fails(record: ImageRecord = SMALL, path: str | None = None, *folders: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        load_mnist(path, folders, record=record, patience=IMPATIENT)
    return caught.value


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"DLC_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"DLC_CACHE_DIR": "", "XDG_CACHE_HOME": "/b"}, "/b/dlc"),
        ({"DLC_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/c"}, "/c/.cache/dlc"),
    ],
)
def test_the_cache_folder_follows_the_environment(variables, wanted, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(cache_folder()) == wanted


def test_a_subset_in_a_folder_of_the_user_is_read(home):
    put(
        home / "mnist",
        t10k_images_idx3_ubyte=idx(pixels(2, 4, 3)),
        t10k_labels_idx1_ubyte=idx(pixels(2)),
    )
    parts = load_mnist(None, [home], record=SMALL)
    assert parts.note == (
        f"mnist in {home / 'mnist'} is not the whole collection: it has 50 + 2 records of 50 + 7."
    )
    np.testing.assert_array_equal(parts.test_images, pixels(2, 4, 3))
    np.testing.assert_array_equal(parts.train_images, ARRAYS[NAMES[0]])


@pytest.mark.parametrize(
    "copy", ["cache/mnist", "work/MNIST/raw", "home/data/MNIST/raw"], ids=lambda c: c[:5]
)
@pytest.mark.parametrize("labels", [idx(pixels(50) ^ 1), idx(pixels(50))[:-5], None])
def test_a_copy_that_is_not_the_published_one_is_passed_over(copy, labels, home, mirrors):
    put(home / copy, train_labels_idx1_ubyte=labels)
    check_values(load_mnist(None, [home / "spec"], record=mirrors.record("good")))
    assert f"/good/{NAMES[1]}.gz" in mirrors.requests


STRUCTURE = {
    "counts": ({"train_labels_idx1_ubyte": idx(pixels(49))}, "holds 50 images, .* 49 labels"),
    "sizes": ({"t10k_images_idx3_ubyte": idx(pixels(7, 3, 4))}, r"\[7, 3, 4\] where \[N, 4, 3\]"),
    "axes": ({"train_images_idx3_ubyte": idx(pixels(50, 12))}, r"shape \[50, 12\]"),
    "labels": ({"t10k_labels_idx1_ubyte": idx(pixels(7, 1))}, r"shape \[7, 1\] where \[N\]"),
    "nothing": (
        {
            "t10k_images_idx3_ubyte": idx(np.zeros((0, 4, 3), np.uint8)),
            "t10k_labels_idx1_ubyte": idx(np.zeros(0, np.uint8)),
        },
        "t10k-images-idx3-ubyte holds no images",
    ),
    "missing": (
        {"t10k_labels_idx1_ubyte": None},
        "only a part .*: t10k-labels-idx1-ubyte is",
    ),
    "cut": ({"t10k_labels_idx1_ubyte": CONTENTS[NAMES[3]][:-1]}, "is cut off: 15 bytes announced"),
}


@pytest.mark.parametrize("fault", STRUCTURE)
@pytest.mark.parametrize("path", [None, "given"])
def test_files_of_the_user_that_do_not_fit_together_are_an_error(path, fault, home, mirrors):
    changed, says = STRUCTURE[fault]
    folder = put(home / (path or "mnist"), **changed)
    error = fails(mirrors.record("good"), path, home)
    assert re.search(says, error.message), error.message
    assert str(folder) in (error.place or "") and str(folder) in error.message
    assert mirrors.requests == []


@pytest.mark.parametrize("damage", ["text", "cut", "missing", "floats", "scalar", "one array"])
def test_a_damaged_npz_given_as_path_is_an_error(damage, home):
    path = put_keras(home / "mine.npz")
    match damage:
        case "text":
            path.write_text("x_train")
        case "cut":
            path.write_bytes(path.read_bytes()[:-100])
        case "missing":
            np.savez(path, x_train=ARRAYS[NAMES[0]])
        case "floats":
            np.savez(path, x_train=np.zeros((2, 4, 3)))
        case "scalar":
            np.savez(path, x_train=np.uint8(3))
        case "one array":
            with path.open("wb") as file:
                np.save(file, ARRAYS[NAMES[0]])
    error = fails(SMALL, "mine.npz", home)
    assert "cannot be read as the arrays of Keras" in error.message and error.place == str(path)


# Downloads


@pytest.mark.parametrize("manner", ["good", "plain"])
def test_what_is_nowhere_is_downloaded_kept_and_not_asked_for_again(manner, home, mirrors):
    record = mirrors.record(manner)
    first = load_mnist(None, [home], record=record)
    assert mirrors.requests == [f"/{manner}/{name}.gz" for name in NAMES]
    assert mirrors.agents == {"dlc"}
    assert files_below(home / "cache") == sorted(f"mnist/{name}" for name in NAMES)
    second = load_mnist(None, [home], record=record)
    assert len(mirrors.requests) == 4
    for parts in (first, second):
        check_values(parts)
        assert parts.place == str(home / "cache" / "mnist")
        assert parts.train_images.flags.writeable


@pytest.mark.parametrize("manner", FAULTS)
def test_any_fault_of_a_mirror_leads_to_the_next(manner, home, mirrors):
    record = mirrors.record(manner, "good")
    check_values(load_mnist(None, [home], record=record, patience=IMPATIENT))
    assert mirrors.requests[:2] == [f"/{manner}/{NAMES[0]}.gz", f"/good/{NAMES[0]}.gz"]
    # A mirror that failed is not asked again while another serves.
    assert mirrors.requests[2:] == [f"/good/{name}.gz" for name in NAMES[1:]]
    assert files_below(home / "cache") == sorted(f"mnist/{name}" for name in NAMES)


def test_when_all_mirrors_fail_the_message_gives_the_reason_of_each(home, mirrors):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        record = mirrors.record(*FAULTS)
        error = fails(replace(record, mirrors=(*record.mirrors, closed)), None, home)
    lines = error.message.splitlines()
    assert NAMES[0] in lines[0] and len(lines) == 2 + len(FAULTS)
    for line, (manner, says) in zip(lines[1:], FAULTS.items(), strict=False):
        assert line.startswith(f"  {mirrors.address(manner)}{NAMES[0]}.gz: ")
        assert re.search(says, line), line
    assert lines[-1] == f"  {closed}{NAMES[0]}.gz: no connection (Connection refused)."
    assert str(home / "cache" / "mnist") in error.help
    assert files_below(home / "cache") == []


def test_files_already_in_the_cache_are_not_fetched_again(home, mirrors):
    folder = put(home / "cache" / "mnist", t10k_labels_idx1_ubyte=None)
    check_values(load_mnist(None, [home], record=mirrors.record("good")))
    assert mirrors.requests == [f"/good/{NAMES[3]}.gz"]
    assert (folder / NAMES[3]).read_bytes() == CONTENTS[NAMES[3]]


def test_progress_is_told_in_bytes_for_every_file(home, mirrors):
    told: list[tuple[str, int, int | None]] = []
    load_mnist(None, [home], lambda *news: told.append(news), record=mirrors.record("good"))
    sizes = {name: len(gzip.compress(content)) for name, content in CONTENTS.items()}
    assert {name: (done, total) for name, done, total in told} == {
        name: (size, size) for name, size in sizes.items()
    }


class Interrupted(BaseException):
    """Stands for an interruption from the keyboard."""


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), Interrupted()])
def test_nothing_half_written_is_left_when_writing_fails(at, fault, home, mirrors, monkeypatch):
    seen: list[list[str]] = []

    def fail(*_: object) -> None:
        seen.append(files_below(home / "cache"))
        raise fault

    monkeypatch.setattr(os, at, fail)
    with pytest.raises((DataError, Interrupted)) as caught:
        load_mnist(None, [home], record=mirrors.record("good"))
    ((temporary,),) = seen
    assert temporary.startswith("mnist/.") and temporary.endswith(".part")
    assert files_below(home / "cache") == []
    if isinstance(caught.value, DataError):
        assert "No space left on device" in caught.value.message
        assert "DLC_CACHE_DIR" in caught.value.help


def test_an_interrupted_download_leaves_nothing(home, mirrors):
    def interrupt(*_: object) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        load_mnist(None, [home], interrupt, record=mirrors.record("good"))
    assert files_below(home / "cache") == []


def test_a_cache_that_cannot_be_written_is_told_before_anything_is_fetched(home, mirrors):
    (home / "cache").write_text("a file where the folder should be")
    error = fails(mirrors.record("good"), None, home)
    assert error.message.startswith(f"The download cannot be kept in the folder {home / 'cache'}")
    assert "DLC_CACHE_DIR" in error.help and mirrors.requests == []


def test_offline_the_message_names_places_files_and_the_way_out(home, mirrors, monkeypatch):
    monkeypatch.setenv("DLC_OFFLINE", "1")
    put(home / "cache" / "mnist", train_labels_idx1_ubyte=idx(pixels(50) ^ 1))
    error = fails(mirrors.record("good"), None, home / "spec")
    assert mirrors.requests == []
    lines = error.message.splitlines()
    for name in NAMES:
        assert f"  {name}" in lines
    first = home / "spec" / "mnist"
    assert f"  {first}" in lines and str(first) in error.help
    assert f"  {home / 'cache' / 'mnist'}: not the published content" in lines
    assert f"  {home / 'home' / '.keras' / 'datasets' / 'mnist.npz'}" in lines
    assert "DLC_DATA_DIR" in error.help and "unset DLC_OFFLINE" in error.help


def test_offline_nothing_is_in_the_way_of_files_that_are_there(home, monkeypatch):
    monkeypatch.setenv("DLC_OFFLINE", "1")
    put(home / "cache" / "mnist", "")
    check_values(load_mnist(None, [home], record=SMALL))


@pytest.mark.parametrize("value", ["", "0"])
def test_offline_zero_or_empty_means_online(value, home, mirrors, monkeypatch):
    monkeypatch.setenv("DLC_OFFLINE", value)
    check_values(load_mnist(None, [home], record=mirrors.record("good")))


def test_another_collection_is_another_record(home, mirrors):
    record = replace(mirrors.record("good"), name="fashion_mnist", folder="fashion_mnist")
    load_mnist(None, [home], record=record)
    assert files_below(home / "cache") == sorted(f"fashion_mnist/{name}" for name in NAMES)
    shutil.rmtree(home / "cache")
    part = put(home / "x", t10k_labels_idx1_ubyte=None)
    assert "a part of fashion_mnist" in fails(record, None, part).message


# The whole


def test_a_data_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(DataError("It is cut off.", "Fetch it again.", "a.gz")))
    assert (str(error), error.message) == ("It is cut off.", "It is cut off.")
    assert (error.help, error.place) == ("Fetch it again.", "a.gz")


def test_reading_local_files_imports_neither_torch_nor_the_network(home):
    put(home / "mnist")
    code = (
        "import sys, dlc.runtime.mnist as m, dlc.runtime.idx as i\n"
        f"i.read_idx({str(home / 'mnist' / NAMES[0])!r} + '.gz')\n"
        "print([x for x in ('torch', 'urllib.request', 'http.client') if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not REAL.is_dir(), reason="DLC_DATA_DIR has no folder mnist")
def test_the_real_files_have_the_published_hashes_and_counts(monkeypatch):
    monkeypatch.setenv("DLC_DATA_DIR", str(REAL.parent))
    parts = load_mnist(None, [])
    assert Path(parts.place).samefile(REAL)
    arrays = (parts.train_images, parts.train_labels, parts.test_images, parts.test_labels)
    for array, file in zip(arrays, MNIST.files, strict=True):
        content = idx(array)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    # As published with the collection: counts, the first labels, and the digits' shares.
    assert parts.train_images.shape == (60_000, 28, 28) and parts.test_images.shape[0] == 10_000
    assert parts.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    shares = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(parts.train_labels).tolist() == shares
