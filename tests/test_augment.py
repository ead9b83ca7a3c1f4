"""Augmentations: what they do, how often, and that (seed, epoch, record) alone decide."""

import numpy as np
import pytest
import torch
from dlc.runtime import batches as module
from dlc.runtime.augment import (
    Augmenting,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
)
from dlc.runtime.dataset import Dataset, Field, Split
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Reshape, Scale, Standardize
from dlc.runtime.table import Table
from torch import Tensor

COUNT = 90
IMAGES = torch.from_numpy(
    np.random.default_rng(0).integers(1, 256, (COUNT, 3, 8, 6), dtype=np.uint8)
)
ALL = (RandomHorizontalFlip(), RandomVerticalFlip(0.3), RandomCrop((8, 6), padding=2))


def split(*augmentations: object, images: Tensor = IMAGES) -> Split:
    """Pictures and the numbers of their records."""
    return Split(
        {"row": torch.arange(len(images)), "image": images}, augment={"image": augmentations}
    )


def epoch(of: Split, size: int, seed: int = 0, number: int = 1) -> dict[int, Tensor]:
    """What each record became."""
    rows, images = zip(*of.shuffled(size, seed, number), strict=True)
    return dict(zip(torch.cat(rows).tolist(), torch.cat(images), strict=True))


def same(one: dict[int, Tensor], other: dict[int, Tensor]) -> bool:
    return all(torch.equal(one[row], other[row]) for row in one | other)


# What they do


@pytest.mark.parametrize(("kind", "axis"), [(RandomHorizontalFlip, 2), (RandomVerticalFlip, 1)])
def test_a_flip_turns_a_record_or_leaves_it(kind, axis):
    assert same(epoch(split(kind(1.0)), 7), dict(enumerate(IMAGES.flip(axis + 1))))
    assert same(epoch(split(kind(0.0)), 7), dict(enumerate(IMAGES)))
    found = epoch(split(kind()), 7)
    turned = [torch.equal(found[row], IMAGES[row].flip(axis)) for row in range(COUNT)]
    left = [torch.equal(found[row], IMAGES[row]) for row in range(COUNT)]
    assert all(one != other for one, other in zip(turned, left, strict=True))
    assert 20 < sum(turned) < 70  # five deviations around the half of 90


def window(image: Tensor, top: int, left: int, padding: int) -> Tensor:
    """A crop pixel by pixel, zeros where the picture ends."""
    found = torch.zeros_like(image)
    for y in range(image.shape[1]):
        for x in range(image.shape[2]):
            from_y, from_x = y + top - padding, x + left - padding
            if 0 <= from_y < image.shape[1] and 0 <= from_x < image.shape[2]:
                found[:, y, x] = image[:, from_y, from_x]
    return found


def test_a_crop_is_a_window_of_the_framed_picture_and_each_comes_equally_often():
    crop = RandomCrop((8, 6), padding=2)
    images = IMAGES[:1].expand(2000, -1, -1, -1)
    windows = {
        (top, left): window(IMAGES[0], top, left, 2) for top in range(5) for left in range(5)
    }
    found = epoch(split(crop, images=images), 500)
    counts = dict.fromkeys(windows, 0)
    for image in found.values():
        (place,) = [each for each, wanted in windows.items() if torch.equal(image, wanted)]
        counts[place] += 1
    # 80 each, and five deviations of sqrt(2000 * 1/25 * 24/25).
    assert min(counts.values()) > 36
    assert max(counts.values()) < 124


def test_a_crop_draws_for_each_record_the_window_that_a_loop_cuts():
    crop = RandomCrop((8, 6), padding=3)
    planned = crop.plan(np.random.default_rng(1).random((COUNT, 2)), 8, 6)
    found = crop.apply(IMAGES, planned)
    for row, (top, left) in enumerate(planned.tolist()):
        assert torch.equal(found[row], window(IMAGES[row], top, left, 3))
    assert planned.min() == 0
    assert planned.max() == 6


@pytest.mark.parametrize("augmentation", [RandomCrop(4), RandomCrop((4, 4), padding=0)])
def test_a_crop_of_the_whole_picture_leaves_it(augmentation):
    images = IMAGES[:, :, :4, :4]
    assert same(epoch(split(augmentation, images=images), 9), dict(enumerate(images)))


def test_augmentations_follow_one_another_in_their_order():
    images = torch.zeros(1, 1, 2, 2, dtype=torch.uint8)
    images[0, 0, 0, 0] = 9
    draws = {"image": (RandomCrop(2, padding=1), RandomHorizontalFlip(1.0))}
    flipped_last = Augmenting(draws, 5, 1)("image", images, torch.tensor([0]))
    cropped = Augmenting({"image": draws["image"][:1]}, 5, 1)("image", images, torch.tensor([0]))
    # The draws of the first are those that it has alone: only their number differs.
    assert torch.equal(flipped_last, cropped.flip(-1))


# When


def test_a_record_is_changed_alike_whatever_the_batches_are(monkeypatch):
    whole = epoch(split(*ALL), 1000)
    for size in (1, 7, 30, 89):
        assert same(epoch(split(*ALL), size), whole)
    monkeypatch.setattr(module, "LARGEST_COPY", 0)
    assert same(epoch(split(*ALL), 7), whole)


def test_a_record_is_changed_alike_where_an_epoch_is_resumed():
    every = list(split(*ALL).shuffled(7, 3, 2))
    for skipped in (1, 5, 12):
        rest = list(split(*ALL).shuffled(7, 3, 2).skip(skipped))
        assert len(rest) == len(every) - skipped
        for (row, image), (wanted_row, wanted) in zip(rest, every[skipped:], strict=True):
            assert torch.equal(row, wanted_row)
            assert torch.equal(image, wanted)


def test_seed_and_epoch_alone_change_what_is_drawn():
    found = {
        (seed, number): epoch(split(*ALL), 30, seed, number) for seed in (0, 1) for number in (1, 2)
    }
    keys = list(found)
    for one in keys:
        for other in keys:
            assert same(found[one], found[other]) == (one == other)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    assert same(epoch(split(*ALL), 30, 1, 2), found[1, 2])
    assert torch.equal(torch.get_rng_state(), before)


def test_the_draws_of_two_augmentations_have_nothing_to_do_with_each_other():
    images = torch.arange(4, dtype=torch.uint8).view(1, 1, 2, 2).expand(4000, -1, -1, -1)
    found = epoch(split(RandomHorizontalFlip(), RandomVerticalFlip(), images=images), 1000)
    corners = torch.bincount(torch.stack([image[0, 0, 0] for image in found.values()]).long())
    # A quarter each: 1000, and five deviations of sqrt(4000 * 3/16).
    assert (corners - 1000).abs().max() < 137


def test_evaluation_is_never_augmented():
    data = split(*ALL)
    assert torch.equal(torch.cat([image for _, image in data.batches(7)]), IMAGES)
    assert torch.equal(data.image, IMAGES)
    assert not same(epoch(data, 7), dict(enumerate(IMAGES)))


def test_what_is_held_stays_as_it_is():
    data = split(*ALL)
    before = data.tensors["image"].clone()
    epoch(data, 7)
    epoch(data, 1000)
    assert torch.equal(data.tensors["image"], before)


def test_a_picture_and_its_mask_stay_together():
    both = Split(
        {"image": IMAGES, "mask": IMAGES[:, :1].float()}, augment={"image": ALL, "mask": ALL}
    )
    for image, mask in both.shuffled(7, 0, 1):
        assert torch.equal(image[:, :1].float(), mask)


# In a data block


class Source:
    missing = ()

    def read(self, folders: object, progress: object = None) -> Table:
        columns = {"image": IMAGES.numpy(), "row": np.arange(COUNT)}
        return Table(columns, "memory", lambda row: f"record {row}")


def block(*steps: object, shape: tuple[int, ...] = (3, 8, 6)) -> Dataset:
    fields = {"row": Field("row", dtype="int64"), "image": Field("image", *steps, shape=shape)}
    part = random_split(0.6, validation=0.2, test=0.2)
    return Dataset(Source(), fields, part, {"image": ALL})


@pytest.mark.parametrize("steps", [(Scale(1 / 255),), (Scale(1 / 255), Standardize())])
def test_bytes_are_augmented_before_any_arithmetic(steps):
    """A frame of zeros is black: what 0 becomes in each channel."""
    data = block(*steps)
    train = data.load([]).train
    bytes_alone = Split(
        {"row": torch.arange(len(train)), "image": train.tensors["image"]}, augment={"image": ALL}
    )
    for (_, image), (_, raw) in zip(
        train.shuffled(7, 0, 1), bytes_alone.shuffled(7, 0, 1), strict=True
    ):
        records = [{"image": picture} for picture in raw.numpy()]
        assert torch.equal(image, data.encode("image", records))


def test_a_flat_field_is_augmented_as_the_picture_that_it_was():
    flat = block(Scale(1 / 255), Reshape(144), shape=(144,)).load([]).train
    whole = block(Scale(1 / 255)).load([]).train
    for (_, one), (_, other) in zip(flat.shuffled(7, 0, 1), whole.shuffled(7, 0, 1), strict=True):
        assert torch.equal(one, other.flatten(1))


def test_only_the_training_split_is_augmented():
    splits = block(Scale(1 / 255)).load([])
    for part in (splits.validation, splits.test):
        for rows, image in part.shuffled(5, 0, 1):
            assert torch.equal(image, IMAGES[rows].float() * (1 / 255))
    changed = [
        not torch.equal(image, IMAGES[rows].float() * (1 / 255))
        for rows, image in splits.train.shuffled(5, 0, 1)
    ]
    assert any(changed)
