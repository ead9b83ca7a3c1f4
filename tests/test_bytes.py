"""Images that are only scaled stay bytes until a batch needs them, and nobody can tell."""

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Normalize, Reshape, Scale
from dlc.runtime.table import Table

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (23, 1, 4, 5), dtype=np.uint8)
LABELS = RNG.integers(0, 3, 23)


class Pictures:
    """A source with images and labels."""

    missing = ()

    def read(self, folders: object, progress: object = None) -> Table:
        return Table(
            {"image": IMAGES, "label": LABELS}, place="memory", where=lambda row: f"record {row}"
        )


def pictures(*steps: object, shape: tuple[int, ...] = (1, 4, 5)) -> Dataset:
    fields = {"image": Field("image", *steps, shape=shape), "label": Field("label", classes=3)}
    return Dataset(Pictures(), fields, random_split(0.8, test=0.2))


def test_what_is_held_is_bytes_and_what_is_given_floats() -> None:
    split = pictures(Scale(1 / 255)).load([]).train
    assert split.tensors["image"].dtype == torch.uint8
    assert split.image.dtype == torch.float32
    assert split["image"].dtype == torch.float32
    for image, label in split.batches(7):
        assert (image.dtype, label.dtype) == (torch.float32, torch.int64)


@pytest.mark.parametrize("factor", [1 / 255, 0.1, 3.0, -0.7])
def test_values_are_those_of_torch_to_the_bit(factor: float) -> None:
    data = pictures(Scale(factor))
    split = data.load([]).train
    order = torch.cat([image for image, _ in split.batches(5)])
    assert torch.equal(order, split.image)
    whole = torch.from_numpy(IMAGES).float() * factor
    found = {tuple(each.flatten().tolist()) for each in whole}
    assert {tuple(each.flatten().tolist()) for each in order} <= found


def test_the_path_of_predictions_gives_the_same_bits() -> None:
    data = pictures(Reshape(20), Scale(1 / 255), shape=(20,))
    split = data.load([]).train
    (row,) = (IMAGES.reshape(23, 20) == split.tensors["image"][0].numpy()).all(1).nonzero()[0]
    assert torch.equal(data.encode("image", [{"image": IMAGES[row]}])[0], split.image[0])


def test_shuffled_batches_hold_each_record_once_in_the_order_of_floats(monkeypatch) -> None:
    bytes_held = pictures(Scale(1 / 255)).load([]).train
    batches = list(bytes_held.shuffled(4, seed=1, epoch=2))
    order = bytes_held.order(1, 2)
    assert torch.equal(torch.cat([image for image, _ in batches]), bytes_held.image[order])
    assert torch.equal(torch.cat([label for _, label in batches]), bytes_held.label[order])


def test_one_batch_of_everything_is_floats_too() -> None:
    split = pictures(Scale(1 / 255)).load([]).train
    ((image, _),) = split.shuffled(100, seed=0, epoch=0)
    assert torch.equal(image, split.image)


def test_a_step_that_learns_is_applied_at_once() -> None:
    split = pictures(Scale(1 / 255), Normalize()).load([]).train
    assert split.tensors["image"].dtype == torch.float32
    assert split.image.min() == 0
    assert split.image.max() == 1


def test_without_a_step_bytes_are_cast_to_the_declared_type() -> None:
    split = pictures().load([]).train
    assert split.tensors["image"].dtype == torch.float32


def test_a_batch_is_no_view_of_what_is_held() -> None:
    split = pictures(Scale(1 / 255)).load([]).train
    before = split.image
    for image, _ in split.batches(5):
        image.zero_()
    assert torch.equal(split.image, before)
