"""Pictures that do not fit the memory: the same batches, and never more than a few of them."""

import gc
import threading
import weakref
from pathlib import Path

import pytest
import torch
from dlc.runtime import loading, stream
from dlc.runtime.augment import RandomCrop, RandomHorizontalFlip
from dlc.runtime.dataset import Dataset, Field, Splits
from dlc.runtime.errors import DataError
from dlc.runtime.image_folder import ImageFolder
from dlc.runtime.pictures import Pictures, Resize
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Normalize, Reshape, Scale, Standardize
from photos import folder, pets

CPU = torch.device("cpu")
AUGMENT = (RandomHorizontalFlip(), RandomCrop(8, padding=2))
SPLIT = random_split(0.7, validation=0.3, seed=1)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return folder(tmp_path / "pets", 20)


def both(path: Path, monkeypatch: pytest.MonkeyPatch, *steps: object, **named: object):
    """The same data block held and streamed."""
    found: list[tuple[Dataset, Splits]] = []
    for limit in (1 << 40, 0):
        monkeypatch.setattr(loading, "room", lambda device, limit=limit: limit)
        data = pets(ImageFolder(str(path)), *steps, augment=AUGMENT, split=SPLIT, **named)
        found.append((data, data.load([])))
    return found


STEPS = {
    "scaled": (),
    "standardized": (Resize(8, 8), Scale(1 / 255), Standardize()),
    "normalized": (Resize(8, 8), Normalize()),
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_streamed_batches_are_those_that_are_held_to_the_bit(steps, pictures, monkeypatch):
    (held_block, held), (block, streamed) = both(pictures, monkeypatch, *steps)
    assert streamed.sizes == held.sizes
    assert "image" not in streamed.train.tensors
    assert block.state() == held_block.state()
    ways = [
        lambda splits: splits.train.batches(5),
        lambda splits: splits.validation.batches(100),
        lambda splits: splits.train.shuffled(5, 0, 1),
        lambda splits: splits.train.shuffled(5, 0, 1, drop_last=True),
        lambda splits: splits.train.shuffled(1000, 0, 2),
        lambda splits: splits.train.shuffled(4, 3, 9).skip(2),
        lambda splits: splits.validation.shuffled(5, 0, 1),
    ]
    for way in ways:
        count = 0
        for one, other in zip(way(held), way(streamed), strict=True):
            assert len(one) == len(other) == 2
            assert all(torch.equal(*pair) for pair in zip(one, other, strict=True))
            count += 1
        assert count > 0


def test_every_epoch_has_each_record_once(pictures, monkeypatch):
    _, (_, streamed) = both(pictures, monkeypatch)
    wanted = sorted(map(str, torch.cat([image for image, _ in streamed.train.batches(9)])))
    plain = streamed.train
    plain._augment = {}
    for epoch in (1, 2):
        found = [str(image) for batch, _ in plain.shuffled(5, 0, epoch) for image in batch]
        assert found != wanted
        assert sorted(found) == wanted


def test_labels_are_held_and_pictures_are_no_tensor(pictures, monkeypatch):
    _, (_, streamed) = both(pictures, monkeypatch)
    assert len(streamed.train) == len(streamed.train.label) == 28
    with pytest.raises(DataError, match="`image` do not fit the memory") as caught:
        _ = streamed.train.image
    assert "resize" in caught.value.help
    with pytest.raises(AttributeError, match="there are image, label"):
        _ = streamed.train.photo


def test_a_prediction_gives_the_bits_of_a_streamed_training(pictures, monkeypatch):
    _, (block, streamed) = both(pictures, monkeypatch, *STEPS["standardized"])
    rows = SPLIT.rows(40)["validation"][:5]
    paths = block.source.read([]).pictures["image"].paths
    records = block.read_images("image", [paths[row] for row in rows])
    ((image, _),) = list(streamed.validation.batches(5))[:1]
    assert torch.equal(block.encode("image", records), image)


@pytest.mark.parametrize("steps", [STEPS["scaled"], STEPS["standardized"]])
def test_unreadable_pictures_are_left_out_of_the_same_places(steps, pictures, monkeypatch, capsys):
    for name in ("cats/003.png", "dogs/011.png"):
        (pictures / name).write_bytes(b"no picture")
    found = []
    for limit in (1 << 40, 0):
        monkeypatch.setattr(loading, "room", lambda device, limit=limit: limit)
        source = ImageFolder(str(pictures), on_error="skip")
        found.append(pets(source, *steps, split=SPLIT).load([]))
        said = capsys.readouterr().err
        assert said.count("skipped 2 of 40 pictures as unreadable") == 1
    assert found[0].sizes == found[1].sizes
    assert sum(found[0].sizes.values()) == 38
    for one, other in zip(*(splits.train.shuffled(5, 0, 1) for splits in found), strict=True):
        assert torch.equal(one[0], other[0])
        assert torch.equal(one[1], other[1])


def test_an_unreadable_picture_ends_the_epoch_with_its_name(pictures, monkeypatch):
    (pictures / "cats" / "003.png").write_bytes(b"no picture")
    monkeypatch.setattr(loading, "room", lambda device: 0)
    train = pets(ImageFolder(str(pictures))).load([]).train
    with pytest.raises(DataError, match=r"003\.png cannot be read") as caught:
        list(train.batches(4))
    assert "on_error = skip" in caught.value.help


def test_what_must_see_all_pictures_at_once_cannot_be_streamed(pictures, monkeypatch):
    monkeypatch.setattr(loading, "room", lambda device: 0)
    data = pets(ImageFolder(str(pictures)))
    data.fields["image"] = Field("image", Resize(8, 8), Reshape(192), Standardize(), shape=(192,))
    with pytest.raises(DataError, match="must see all of them at once") as caught:
        data.load([])
    assert "`standardize` before `reshape`" in caught.value.help


# Memory


class Counting:
    """Counts the batches that are alive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()
        self.most = 0
        empty = torch.empty

        def counted(*args: object, **named: object) -> torch.Tensor:
            made = empty(*args, **named)
            self.alive.add(made)
            self.most = max(self.most, len(self.alive))
            return made

        monkeypatch.setattr(stream.torch, "empty", counted)


def test_only_a_few_batches_are_alive_at_a_time(pictures, monkeypatch):
    column = Pictures(tuple(map(str, sorted(pictures.rglob("*.png")))))
    streamed = stream.Stream(column, list(range(40)), 3, (8, 8), CPU)
    counting = Counting(monkeypatch)
    seen = 0
    for batch in streamed.batches(torch.arange(40).split(2)):
        seen += len(batch)
        gc.collect()
    assert seen == 40
    # The one that is given, and those ahead; one more while the next is begun.
    assert counting.most <= stream.AHEAD + 2


def test_no_picture_is_decoded_far_ahead_of_its_batch(pictures, monkeypatch):
    decoded: list[str] = []
    decode = stream.decode

    def noted(path: str, *rest: object):
        decoded.append(path)
        return decode(path, *rest)

    monkeypatch.setattr(stream, "decode", noted)
    column = Pictures(tuple(map(str, sorted(pictures.rglob("*.png")))))
    batches = stream.Stream(column, list(range(40)), 3, (8, 8), CPU).batches(
        torch.arange(40).split(2)
    )
    next(batches)
    assert len(decoded) <= 2 * (stream.AHEAD + 1)
    batches.close()
    before = len(decoded)
    assert before <= 2 * (stream.AHEAD + 1)
    assert threading.active_count() < 20


def test_an_epoch_that_is_left_early_ends_its_threads(pictures, monkeypatch):
    _, (_, streamed) = both(pictures, monkeypatch)
    before = threading.active_count()
    for _ in streamed.train.shuffled(2, 0, 1):
        break
    gc.collect()
    assert threading.active_count() == before


# How much is held


def test_half_of_the_free_memory_is_taken_at_most(monkeypatch):
    files = {
        "/proc/meminfo": "MemTotal: 900 kB\nMemAvailable:  800 kB\n",
        "/sys/fs/cgroup/memory.max": "max\n",
        "/sys/fs/cgroup/memory.current": "100\n",
    }
    monkeypatch.setattr(stream, "_text", lambda path: files.get(str(path), ""))
    assert stream.room(CPU) == 400 * 1024
    files["/sys/fs/cgroup/memory.max"] = "5100\n"
    assert stream.room(CPU) == 2500
    files["/sys/fs/cgroup/memory.max"] = "50\n"
    assert stream.room(CPU) == 0
    files.clear()
    assert stream.room(CPU) == stream.UNKNOWN // 2


def test_pictures_are_held_where_they_just_fit(pictures, monkeypatch):
    wide = 40 * 3 * 8 * 8
    for limit, held in ((wide, True), (wide - 1, False)):
        monkeypatch.setattr(loading, "room", lambda device, limit=limit: limit)
        train = pets(ImageFolder(str(pictures))).load([]).train
        assert ("image" in train.tensors) == held
