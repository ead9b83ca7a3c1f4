"""The source `image_folder`: which pictures, in which order, under which labels."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Field
from dlc.runtime.errors import DataError
from dlc.runtime.image_folder import ImageFolder
from dlc.runtime.pictures import Resize
from dlc.runtime.splits import random_split, stratified_split
from dlc.runtime.steps import Scale
from photos import CLASSES, folder, opened, pets, photo

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found but what a test puts there."""
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def names(source: ImageFolder, *folders: Path) -> list[str]:
    """The files that the source has, in its order, by folder and name."""
    table = source.read(folders)
    return [str(Path(path).relative_to(table.place)) for path in table.pictures["image"].paths]


def fault(source: ImageFolder, *folders: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        source.read(folders)
    return caught.value


# Files


def test_classes_and_files_are_sorted_by_code_point(tmp_path):
    for name in ("b/2.png", "b/10.png", "B/a.PNG", "ä/1.png", "b/Z.jpg", "b/z/1.png", "b/z-.png"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        photo(0).save(tmp_path / "pets" / name)
    wanted = ["B/a.PNG", "b/10.png", "b/2.png", "b/Z.jpg", "b/z/1.png", "b/z-.png", "ä/1.png"]
    assert names(ImageFolder("pets"), tmp_path) == wanted
    table = ImageFolder("pets").read([tmp_path])
    assert table.columns["label"].tolist() == ["B", "b", "b", "b", "b", "b", "ä"]
    assert table.classes == {"label": ("B", "b", "ä")}
    assert table.where(1).endswith(os.path.join("pets", "b", "10.png"))


def test_hidden_files_are_passed_over_and_others_told(tmp_path, capsys):
    pictures = folder(tmp_path / "pets", 2)
    (pictures / "cats" / ".hidden.png").write_bytes(b"")
    (pictures / ".git").mkdir()
    assert len(names(ImageFolder("pets"), tmp_path)) == 4
    assert ImageFolder("pets").read([tmp_path]).notes == ()
    (pictures / "cats" / "Thumbs.db").write_bytes(b"")
    (note,) = ImageFolder("pets").read([tmp_path]).notes
    assert note == f"1 file is no picture and was left out: {pictures / 'cats' / 'Thumbs.db'}."
    (pictures / "dogs" / "notes.txt").write_bytes(b"")
    pets(ImageFolder("pets")).load([tmp_path])
    said = capsys.readouterr().err
    assert f"note: 2 files are no pictures and were left out, first: {pictures}" in said


def test_the_folder_is_looked_for_like_every_file_of_a_spec(tmp_path, monkeypatch):
    folder(tmp_path / "own" / "pets", 1)
    with pytest.raises(DataError, match=r"The folder pets is not there\. These places were tried"):
        ImageFolder("pets").read([tmp_path])
    monkeypatch.setenv("DLC_DATA_DIR", str(tmp_path / "own"))
    assert len(names(ImageFolder("pets"), tmp_path)) == 2
    monkeypatch.delenv("DLC_DATA_DIR")
    assert len(names(ImageFolder(str(tmp_path / "own" / "pets")))) == 2


def test_a_file_where_a_folder_is_wanted_is_told(tmp_path):
    (tmp_path / "pets").write_text("no folder")
    assert f"{tmp_path / 'pets'}: not a folder" in fault(ImageFolder("pets"), tmp_path).message


def test_a_class_folder_without_pictures_is_an_error(tmp_path):
    pictures = folder(tmp_path / "pets", 1)
    (pictures / "birds").mkdir()
    (pictures / "birds" / "sparrow.txt").write_text("no picture")
    error = fault(ImageFolder("pets"), tmp_path)
    assert f"{pictures / 'birds'} holds no pictures (.bmp, .gif, .jpeg" in error.message
    assert error.place == str(pictures / "birds")


def test_pictures_without_class_folders_are_an_error(tmp_path):
    (tmp_path / "pets").mkdir()
    photo(0).save(tmp_path / "pets" / "1.png")
    assert "has no folders below it" in fault(ImageFolder("pets"), tmp_path).message


def test_links_to_folders_do_not_lead_in_circles(tmp_path):
    pictures = folder(tmp_path / "pets", 1)
    (pictures / "cats" / "again").symlink_to(pictures, target_is_directory=True)
    assert len(names(ImageFolder("pets"), tmp_path)) == 2


# Labels


def labelled(tmp_path: Path, *labels: str, **named: object) -> torch.Tensor:
    data = pets(ImageFolder("pets"))
    data.fields["label"] = Field("label", **({"labels": labels} if labels else named))
    return data.load([tmp_path]).train.label


def test_labels_count_as_they_are_declared_and_not_as_folders_are_sorted(tmp_path):
    folder(tmp_path / "pets", 2)
    assert labelled(tmp_path, "cats", "dogs").tolist() == [0, 0, 1, 1]
    assert labelled(tmp_path, "dogs", "cats").tolist() == [1, 1, 0, 0]


def test_folders_that_are_numbers_are_labels_of_a_class_with_a_number(tmp_path):
    for name in ("0", "1", "2"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        photo(0).save(tmp_path / "pets" / name / "a.png")
    assert labelled(tmp_path, classes=3).tolist() == [0, 1, 2]
    with pytest.raises(DataError, match="label `3`, and there is no folder of that name"):
        labelled(tmp_path, classes=4)


@pytest.mark.parametrize(
    ("labels", "says", "near"),
    [
        (("cat", "dogs"), "`label` has the label `cat`, and there is no folder", "mean `cats`"),
        (("cats", "dogs", "birds"), "`label` has the label `birds`", 'class("cats", "dogs")'),
        (("cats",), "The folder `dogs` in .*pets is no label of `label`: cats", 'class("cats", '),
    ],
)
def test_labels_and_folders_must_be_the_same(labels, says, near, tmp_path):
    folder(tmp_path / "pets", 1)
    with pytest.raises(DataError, match=says) as caught:
        labelled(tmp_path, *labels)
    assert near in caught.value.help
    assert caught.value.place == str(tmp_path / "pets")


def test_a_class_with_a_number_gets_the_folders_names_to_write(tmp_path):
    folder(tmp_path / "pets", 1)
    with pytest.raises(DataError, match="`label` has the label `0`") as caught:
        labelled(tmp_path, classes=2)
    assert 'class("cats", "dogs")' in caught.value.help


def test_folders_of_parts_are_told_from_folders_of_classes(tmp_path):
    for part in ("train", "val"):
        folder(tmp_path / "pets" / part, 1)
    with pytest.raises(DataError, match="`label` has the label `cats`") as caught:
        labelled(tmp_path, "cats", "dogs")
    assert 'image_folder(train="pets/train", validation="pets/val")' in caught.value.help


def test_a_class_that_only_another_part_has_is_told(tmp_path):
    folder(tmp_path / "a", 1)
    folder(tmp_path / "b", 1)
    (tmp_path / "b" / "dogs").rename(tmp_path / "b" / "dog")
    data = pets(ImageFolder(train="a", test="b"))
    with pytest.raises(DataError, match=r"has `dog` in .*b/dog/000\.png") as caught:
        data.load([tmp_path])
    assert "Did you mean `dogs`" in caught.value.help


# Loading


def test_pictures_become_the_tensors_that_pillow_makes(tmp_path):
    folder(tmp_path / "pets")
    data = pets(ImageFolder("pets"))
    train = data.load([tmp_path]).train
    assert train.tensors["image"].dtype == torch.uint8
    paths = data.source.read([tmp_path]).pictures["image"].paths
    wanted = torch.from_numpy(np.stack([opened(path) for path in paths]))
    assert torch.equal(train.image, wanted.float() * (1 / 255))
    assert train.label.tolist() == [0] * 6 + [1] * 6


def test_one_declared_channel_makes_them_grey(tmp_path):
    folder(tmp_path / "pets")
    data = pets(ImageFolder("pets"), channels=1)
    image = data.load([tmp_path]).train.tensors["image"]
    paths = data.source.read([tmp_path]).pictures["image"].paths
    assert torch.equal(image, torch.from_numpy(np.stack([opened(p, 8, "L") for p in paths])))


def test_parts_are_the_sources_own_splits(tmp_path):
    for part, count in (("a", 4), ("b", 3), ("c", 2)):
        folder(tmp_path / part, count)
    every = ImageFolder(train="a", validation="b", test="c")
    assert pets(every).load([tmp_path]).sizes == {"train": 8, "validation": 6, "test": 4}
    splits = pets(ImageFolder(train="a", test="c"), split=random_split(0.75, validation=0.25))
    assert splits.load([tmp_path]).sizes == {"train": 6, "validation": 2, "test": 4}
    test = pets(every).load([tmp_path]).test
    np.testing.assert_array_equal(test.tensors["image"][0], opened(tmp_path / "c/cats/000.png"))


def test_classes_are_drawn_in_their_share(tmp_path):
    folder(tmp_path / "pets", 10)
    splits = pets(ImageFolder("pets"), split=stratified_split("label", 0.8, test=0.2))
    loaded = splits.load([tmp_path])
    assert torch.bincount(loaded.train.label).tolist() == [8, 8]
    assert torch.bincount(loaded.test.label).tolist() == [2, 2]


def test_without_resize_all_must_have_the_declared_size(tmp_path):
    folder(tmp_path / "even", 2, (8, 8))
    data = pets(ImageFolder("even"), Scale(1 / 255))
    train = data.load([tmp_path]).train
    wanted = np.asarray(photo(100, (8, 8))).transpose(2, 0, 1)
    np.testing.assert_array_equal(train.tensors["image"][2].numpy(), wanted)
    folder(tmp_path / "pets", 2)
    with pytest.raises(DataError, match="The pictures have different sizes"):
        pets(ImageFolder("pets"), Scale(1 / 255)).load([tmp_path])
    with pytest.raises(DataError, match=r"192 values, and the shape \[3, 4, 4\] takes 48"):
        pets(ImageFolder("even"), Scale(1 / 255), side=4).load([tmp_path])


def test_a_flat_field_of_a_resized_picture_keeps_its_channels(tmp_path):
    folder(tmp_path / "pets", 1)
    from dlc.runtime.steps import Reshape

    for channels in (1, 3):
        data = pets(ImageFolder("pets"))
        size = channels * 64
        data.fields["image"] = Field(
            "image", Resize(8, 8), Scale(1 / 255), Reshape(size), shape=(size,)
        )
        assert data.load([tmp_path]).train.image.shape == (2, size)


def test_a_column_of_pictures_is_neither_number_nor_label(tmp_path):
    folder(tmp_path / "pets", 1)
    data = pets(ImageFolder("pets"))
    data.fields["mean"] = Field(lambda row: row["image"] / 255)
    with pytest.raises(DataError, match=r"The column `image` of .*pets holds pictures"):
        data.load([tmp_path])


def test_progress_hears_the_bytes_of_the_files(tmp_path):
    pictures = folder(tmp_path / "pets", 40)
    heard: list[tuple[str, int, int | None]] = []
    pets(ImageFolder("pets")).load([tmp_path], "cpu", lambda *news: heard.append(news))
    total = sum(path.stat().st_size for path in pictures.rglob("*.png"))
    assert {news[::2] for news in heard} == {("image", total)}
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)
    assert heard[-1][1] == total
    assert len(heard) >= 3


# What cannot be read


DAMAGED = ("cats/003.png", "dogs/007.png")


def damaged(tmp_path: Path) -> Path:
    pictures = folder(tmp_path / "pets", 10)
    (pictures / "cats" / "003.png").write_bytes(b"no picture")
    whole = (pictures / "dogs" / "007.png").read_bytes()
    (pictures / "dogs" / "007.png").write_bytes(whole[: len(whole) // 2])
    return pictures


def test_a_picture_that_cannot_be_read_stops_and_is_named(tmp_path):
    pictures = damaged(tmp_path)
    with pytest.raises(DataError, match=r"003\.png cannot be read as BMP, GIF, JPEG") as caught:
        pets(ImageFolder("pets")).load([tmp_path])
    assert "on_error = skip" in caught.value.help
    assert caught.value.place == str(pictures / "cats" / "003.png")


def test_skipped_pictures_leave_every_field_and_are_counted_once(tmp_path, capsys):
    damaged(tmp_path)
    split = random_split(0.5, validation=0.25, test=0.25, seed=1)
    data = pets(ImageFolder("pets", on_error="skip"), split=split)
    data.fields["again"] = Field("image", Resize(4, 4), Scale(1 / 255), shape=(3, 4, 4))
    splits = data.load([tmp_path])
    assert sum(splits.sizes.values()) == 18
    table = data.source.read([tmp_path])
    paths = table.pictures["image"].paths
    found = 0
    for name, rows in split.rows(20).items():
        left = [paths[row] for row in rows if not paths[row].endswith(DAMAGED)]
        part = getattr(splits, name)
        wanted = torch.from_numpy(np.stack([opened(path) for path in left]))
        assert torch.equal(part.tensors["image"], wanted)
        assert part.label.tolist() == [CLASSES.index(Path(path).parent.name) for path in left]
        assert len(part.again) == len(left)
        found += len(left)
    assert found == 18
    said = capsys.readouterr().err
    assert said.count("note: skipped 2 of 20 pictures as unreadable, first: ") == 1


def test_a_split_whose_pictures_are_all_unreadable_is_an_error(tmp_path):
    pictures = folder(tmp_path / "pets", 1)
    for path in pictures.rglob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match="None of the 2 pictures of the train split can be read"):
        pets(ImageFolder("pets", on_error="skip")).load([tmp_path])


# Predictions


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_prediction_reads_a_picture_as_training_did(ending, tmp_path):
    folder(tmp_path / "pets", 3, (200, 150), ending)
    data = pets(ImageFolder("pets"))
    train = data.load([tmp_path]).train
    paths = data.source.read([tmp_path]).pictures["image"].paths
    fresh = pets(ImageFolder("pets"))
    fresh.restore(data.state())
    assert fresh.image_field() == "image"
    records = fresh.read_images("image", paths)
    assert torch.equal(fresh.encode("image", records), train.image)


@pytest.mark.skipif(not (DATA / "cats_dogs").exists(), reason="DLC_DATA_DIR has no cats_dogs")
def test_real_photos_train_and_predict_alike():
    source = ImageFolder(
        train=str(DATA / "cats_dogs" / "train"), validation=str(DATA / "cats_dogs" / "val")
    )
    data = pets(source, side=32)
    splits = data.load([])
    assert splits.sizes == {"train": 440, "validation": 120}
    paths = source.read([]).pictures["image"].paths[440:460]
    assert torch.equal(
        data.encode("image", data.read_images("image", paths)), splits.validation.image[:20]
    )
