"""Folders of pictures and IDX files at hand: `check` refuses them where a run does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from dlc.compiler.data_at_hand import collections, picture_folders
from dlc.runtime import mnist
from dlc.runtime.idx import idx_header
from dlc.runtime.pictures import SUFFIXES
from hands import codes, diagnostics, loads
from photos import folder, photo

SPEC = """data pets from image_folder(SOURCE) {
  image: TYPE = image -> STEPS
  label: LABELS
}
"""


def spec(
    source: str = '"pets"',
    type: str = "f32[3, 8, 8]",
    steps: str = "resize(8, 8) -> scale(1 / 255)",
    labels: str = 'class("cats", "dogs")',
) -> str:
    text = SPEC.replace("SOURCE", source).replace("TYPE", type).replace("STEPS", steps)
    return text.replace("LABELS", labels)


def nothing(path: Path) -> None:
    """The folders as they are."""


def renamed(path: Path) -> None:
    (path / "cats").rename(path / "cat")


def one_more(path: Path) -> None:
    folder(path / "birds")
    for each in (path / "birds" / "cats").iterdir():
        each.rename(path / "birds" / each.name)
    shutil.rmtree(path / "birds" / "cats")
    shutil.rmtree(path / "birds" / "dogs")


def emptied(path: Path) -> None:
    for each in (path / "dogs").iterdir():
        each.rename(each.with_suffix(".txt"))


def flat(path: Path) -> None:
    for name in ("cats", "dogs"):
        for each in (path / name).iterdir():
            each.rename(path / f"{name}{each.name}")
        (path / name).rmdir()


def text(path: Path) -> None:
    (path / "dogs" / "000.png").write_text("no picture")


def hidden(path: Path) -> None:
    (path / ".cache").mkdir()
    (path / "cats" / ".thumbs.png").write_text("no picture")


def deeper(path: Path) -> None:
    (path / "cats" / "young").mkdir()
    for each in [*(path / "cats").glob("*.png")]:
        each.rename(path / "cats" / "young" / each.name)


def notes(path: Path) -> None:
    (path / "cats" / "notes.txt").write_text("not a picture, and left out")


def grey_one(path: Path) -> None:
    photo(1, (20, 16), "L").save(path / "cats" / "000.png")


def linked(path: Path) -> None:
    (path / "dogs").rename(path.parent / "elsewhere")
    (path / "dogs").symlink_to(path.parent / "elsewhere", target_is_directory=True)


CHANGES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "nothing": (nothing, []),
    "hidden files": (hidden, []),
    "a folder below": (deeper, []),
    "a file that is no picture": (notes, []),
    "one grey picture": (grey_one, []),
    "a link to a folder": (linked, []),
    "a folder renamed": (renamed, ["D0337"]),
    "a folder more": (one_more, ["D0337"]),
    "a class without pictures": (emptied, ["D0336"]),
    "no class folders": (flat, ["D0336"]),
    "a text called a picture": (text, ["D0338"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_folders_are_refused_where_a_run_refuses_them(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alter, expected = CHANGES[change]
    alter(folder(tmp_path / "pets"))
    refused = loads(spec(), tmp_path, tmp_path / "made", monkeypatch)
    assert codes(spec(), tmp_path, monkeypatch) == expected
    assert bool(expected) == bool(refused)


@pytest.mark.parametrize(
    ("type", "size", "expected"),
    [
        ("f32[3, 8, 8]", (8, 8), []),
        ("f32[1, 8, 8]", (8, 8), []),
        ("f32[3, 8, 10]", (10, 8), []),
        ("f32[3, 8, 10]", (9, 8), ["D0339"]),
        ("f32[3, 8, 8]", None, ["D0339"]),
        ("f32[1, 8, 8]", (16, 16), ["D0339"]),
    ],
)
def test_without_a_step_that_resizes_sizes_are_those_declared(
    type: str,
    size: tuple[int, int] | None,
    expected: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # JPEG without EXIF: nothing can turn the picture.
    folder(tmp_path / "pets", size=size, ending="jpg")
    wanted = spec(type=type, steps="scale(1 / 255)")
    refused = loads(wanted, tmp_path, tmp_path / "made", monkeypatch)
    assert codes(wanted, tmp_path, monkeypatch) == expected
    assert bool(expected) == bool(refused)


def test_labels_that_are_numbers_and_names_of_categories_are_compared_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "pets")
    cases = (
        ("class(2)", ["D0337"]),
        ('f32[2] = label -> categories("cats", "dogs") -> one_hot', []),
        ('f32[3] = label -> categories("cats", "dogs", "owls") -> one_hot', []),
        ('f32[2] = label -> categories("cats", "owls") -> one_hot', ["D0337"]),
    )
    for number, (labels, expected) in enumerate(cases):
        wanted = spec(labels=labels)
        made = tmp_path / f"made{number}"
        assert codes(wanted, tmp_path, monkeypatch) == expected
        assert bool(loads(wanted, tmp_path, made, monkeypatch)) == bool(expected)


@pytest.mark.parametrize(("label", "expected"), [("cats", []), ("1", []), ("owls", ["D0337"])])
def test_a_part_that_tests_may_lack_a_class_and_have_no_other(
    label: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "train")
    (tmp_path / "test").mkdir()
    shutil.copytree(tmp_path / "train" / "cats", tmp_path / "test" / label)
    wanted = spec('train="train", test="test"')
    assert bool(loads(wanted, tmp_path, tmp_path / "made", monkeypatch)) == bool(expected)
    assert codes(wanted, tmp_path, monkeypatch) == expected


def test_folders_that_are_splits_are_told_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("train", "val", "test"):
        folder(tmp_path / "pets" / part)
    (found,) = diagnostics(spec(), tmp_path, monkeypatch)
    named = 'image_folder(test="pets/test", train="pets/train", validation="pets/val")'
    assert named in found.help[0]


def test_pictures_that_are_skipped_are_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(folder(tmp_path / "pets"))
    skipping = spec().replace("\n}", "\n  on_error = skip\n}")
    assert codes(skipping, tmp_path, monkeypatch) == []


@pytest.mark.parametrize(("count", "expected"), [(3, []), (4, ["D0663"])])
def test_eight_grey_pictures_in_three_channels_are_a_warning_and_fewer_are_none(
    count: int, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(count):
            photo(number, (8, 8), "L").save(tmp_path / "pets" / name / f"{number}.png")
    assert codes(spec(), tmp_path, monkeypatch) == expected
    assert codes(spec(type="f32[1, 8, 8]"), tmp_path, monkeypatch) == []


def test_of_many_names_a_bounded_number_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "pets", 60)
    looked_at: list[str] = []
    real = picture_folders.header

    def counted(path: str) -> object:
        looked_at.append(path)
        return real(path)

    monkeypatch.setattr(picture_folders, "header", counted)
    assert codes(spec(), tmp_path, monkeypatch) == []
    assert len(looked_at) <= picture_folders.LOOKED_AT
    assert {Path(path).parent.name for path in looked_at} == {"cats", "dogs"}
    # A folder of which nothing was looked at may hold pictures.
    monkeypatch.setattr(picture_folders, "ENTRIES", 0)
    for each in (tmp_path / "pets" / "cats").iterdir():
        each.rename(each.with_suffix(".txt"))
    assert codes(spec(), tmp_path, monkeypatch) == []


def test_suffixes_are_those_of_a_run() -> None:
    assert set(picture_folders.SUFFIXES) == set(SUFFIXES)


# IDX files


def idx(path: Path, *shape: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 1
    for size in shape:
        count *= size
    path.write_bytes(idx_header(shape) + bytes(count))


def digits(path: Path, size: int = 28, labels: int = 3) -> Path:
    for part in ("train", "t10k"):
        idx(path / f"{part}-images-idx3-ubyte", 3, size, size)
        idx(path / f"{part}-labels-idx1-ubyte", labels)
    return path


DIGITS = """data digits from mnist(PATH) {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
}
"""


@pytest.mark.parametrize(("path", "place"), [('"here"', "here"), ("", "mnist"), ("", ".")])
def test_the_four_files_are_looked_at_where_a_run_looks(
    path: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = DIGITS.replace("PATH", path)
    for number, (size, labels, lost) in enumerate(
        [(28, 3, ""), (8, 3, ""), (28, 2, ""), (28, 3, "t10k-labels-idx1-ubyte")]
    ):
        here = tmp_path / str(number)
        digits(here / place, size, labels)
        if lost:
            (here / place / lost).unlink()
        refused = loads(wanted, here, here / "made", monkeypatch)
        assert codes(wanted, here, monkeypatch) == (["D0331"] if number else [])
        assert bool(refused) == bool(number)


def test_a_folder_that_is_named_and_not_there_is_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes(DIGITS.replace("PATH", '"gone"'), tmp_path, monkeypatch) == ["D0517"]
    assert codes(DIGITS.replace("PATH", ""), tmp_path, monkeypatch) == []


@pytest.mark.parametrize("record", [mnist.MNIST, mnist.FASHION_MNIST], ids=lambda each: each.name)
def test_places_and_names_are_those_of_a_run(record: mnist.ImageRecord) -> None:
    place = collections.PLACES[record.name]
    assert {*place.folders} - {""} == {record.folder, *record.aliases}
    assert ("" in place.folders) == record.bare
    assert place.torchvision == record.torchvision
    assert place.ends == ((".gz", "") if record.files[0].md5 else ("", ".gz"))
    assert tuple(each.name for each in record.files) == collections.FILES
    assert record.image == collections.SIZE
