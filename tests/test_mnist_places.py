"""The source `mnist`: in which places it is looked for, and in which order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.mnist import load_mnist
from mnist_mirrors import (
    NAMES,
    SMALL,
    Mirrors,
    check_values,
    lonely,
    put,
    put_keras,
    serving,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lonely(tmp_path, monkeypatch)


@pytest.fixture
def mirrors() -> Iterator[Mirrors]:
    with serving() as state:
        yield state


@pytest.mark.parametrize("ending", [".gz", ""])
def test_the_path_of_the_spec_is_looked_up_in_every_folder(ending, home):
    there = put(home / "second" / "some" / "path", ending)
    parts = load_mnist("some/path", [home / "first", home / "second"], record=SMALL)
    check_values(parts)
    assert parts.place == str(there)


def in_order(folders: list[Path], path: str | None, spec: Path) -> None:
    """Each is taken once those before it are empty."""
    for folder in folders:
        parts = load_mnist(path, [spec], record=SMALL)
        assert parts.place == str(folder)
        check_values(parts)
        for name in NAMES:
            (folder / f"{name}.gz").unlink()


def test_places_are_taken_in_their_order(home, monkeypatch):
    monkeypatch.setenv("DLC_DATA_DIR", str(home / "own"))
    monkeypatch.setenv("KERAS_HOME", str(home / "keras"))
    spec = home / "spec"
    folders = [
        put(spec / "mnist"),
        put(spec),
        put(home / "own" / "mnist"),
        put(home / "own"),
        put(home / "cache" / "mnist"),
        put(spec / "MNIST" / "raw"),
        put(home / "own" / "MNIST" / "raw"),
        put(home / "work" / "MNIST" / "raw"),
        put(spec / "data" / "MNIST" / "raw"),
        put(home / "work" / "data" / "MNIST" / "raw"),
        put(home / "home" / "data" / "MNIST" / "raw"),
    ]
    keras = put_keras(home / "keras" / "datasets" / "mnist.npz")
    in_order(folders, None, spec)
    parts = load_mnist(None, [spec], record=SMALL)
    assert parts.place == str(keras)
    check_values(parts)


def test_where_a_path_is_given_nothing_else_is_searched(home, mirrors, monkeypatch):
    monkeypatch.setenv("DLC_DATA_DIR", str(home / "own"))
    spec = home / "spec"
    folders = [
        put(spec / "given"),
        put(spec / "given" / "MNIST" / "raw"),
        put(home / "own" / "given"),
    ]
    for elsewhere in (spec, spec / "mnist", home / "own" / "mnist", home / "cache" / "mnist"):
        put(elsewhere)
    in_order(folders, "given", spec)
    with pytest.raises(DataError) as caught:
        load_mnist("given", [spec], record=mirrors.record("good"))
    error = caught.value
    assert error.message.startswith("The data set mnist is not at given. These places were")
    lines = error.message.splitlines()
    assert lines[1:] == [
        f"  {root / 'given' / below}"
        for root in (spec, home / "own")
        for below in ("", "MNIST/raw")
    ]
    assert error.place == str(spec / "given")
    assert "mnist() looks where they usually are, and downloads them" in error.help
    assert mirrors.requests == []


def test_an_absolute_path_and_one_from_the_home_folder_are_taken_as_they_are(home):
    put(home / "home" / "digits")
    for path in (str(home / "home" / "digits"), "~/digits"):
        assert load_mnist(path, [home], record=SMALL).place == str(home / "home" / "digits")


def test_the_npz_of_keras_may_be_given_as_path(home):
    put_keras(home / "mine.npz")
    check_values(load_mnist("mine.npz", [home], record=SMALL))


def test_names_with_a_dot_before_idx_are_found(home):
    for path in put(home / "mnist", "").iterdir():
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    check_values(load_mnist(None, [home], record=SMALL))
