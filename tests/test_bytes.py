"""Pictures stay bytes until a batch needs them, and nobody can tell."""

import json

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.pictures import Resize
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Normalize, Reshape, Scale, Standardize
from dlc.runtime.table import Table
from sklearn.preprocessing import MinMaxScaler, StandardScaler

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (23, 1, 4, 5), dtype=np.uint8)
LABELS = RNG.integers(0, 3, 23)


class Pictures:
    """A source with images and labels."""

    missing = ()

    def __init__(self, images: np.ndarray = IMAGES) -> None:
        self.images = images

    def read(self, folders: object, progress: object = None) -> Table:
        columns = {"image": self.images, "label": LABELS}
        return Table(columns, place="memory", where=lambda row: f"record {row}")


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
    (row,) = (split.tensors["image"][0].numpy() == IMAGES).all((1, 2, 3)).nonzero()[0]
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


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Standardize(),),
        (Scale(1 / 255), Normalize()),
        (Scale(0.3), Standardize(), Scale(2), Normalize(), Reshape(20)),
    ],
)
def test_whatever_arithmetic_follows_bytes_stay_and_predictions_give_the_same_bits(steps) -> None:
    shape = (20,) if any(isinstance(step, Reshape) for step in steps) else (1, 4, 5)
    data = pictures(*steps, shape=shape)
    split = data.load([]).train
    held = split.tensors["image"]
    assert held.dtype == torch.uint8
    records = [{"image": picture} for picture in held.numpy()]
    assert torch.equal(split.image, data.encode("image", records))
    assert split.image.dtype == torch.float32


@pytest.mark.parametrize("kind", [Standardize, Normalize])
def test_what_is_learned_of_bytes_is_what_sklearn_learns_of_their_pixels(kind) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 200, (40, 3, 6, 5), dtype=np.uint8)
    images[:, 2] = 7  # a constant channel
    step = kind()
    data = Dataset(
        Pictures(images), {"image": Field("image", Scale(1 / 255), step, shape=(3, 6, 5))}
    )
    given = data.load([]).train.image
    pixels = np.moveaxis(images, 1, -1).reshape(-1, 3) / 255
    oracle = (StandardScaler if kind is Standardize else MinMaxScaler)().fit(pixels)
    wanted = np.moveaxis(oracle.transform(pixels).reshape(40, 6, 5, 3), -1, 1)
    np.testing.assert_allclose(given.numpy(), wanted, atol=2e-5)


def test_steps_learn_of_the_training_split_alone() -> None:
    step = Standardize()
    split = pictures(step).load([]).train
    assert step.shift == pytest.approx([split.tensors["image"].double().mean().item()])
    assert step.shift != pytest.approx([IMAGES.mean()])


@pytest.mark.parametrize(
    ("steps", "dtype"),
    [((Reshape(20), Standardize()), "float32"), ((Impute(0),), "float32"), ((), "int64")],
)
def test_what_learns_pixel_by_pixel_or_is_no_float_is_applied_at_once(steps, dtype) -> None:
    shape = (20,) if any(isinstance(step, Reshape) for step in steps) else (1, 4, 5)
    field = Field("image", *steps, shape=shape, dtype=dtype)
    split = Dataset(Pictures(), {"image": field}).load([]).train
    assert split.tensors["image"].dtype == getattr(torch, dtype)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_batches_have_the_declared_type(dtype) -> None:
    field = Field("image", Scale(1 / 255), shape=(1, 4, 5), dtype=dtype)
    data = Dataset(Pictures(), {"image": field})
    split = data.load([]).train
    assert split.tensors["image"].dtype == torch.uint8
    assert split.image.dtype == getattr(torch, dtype)
    records = [{"image": picture} for picture in IMAGES]
    assert torch.equal(split.image, data.encode("image", records))


def test_a_batch_is_no_view_of_what_is_held() -> None:
    split = pictures(Scale(1 / 255)).load([]).train
    before = split.image
    for image, _ in split.batches(5):
        image.zero_()
    assert torch.equal(split.image, before)


def test_arrays_are_resized_once_and_predictions_are_resized_alike() -> None:
    data = pictures(Resize(8, 6), Scale(1 / 255), Standardize(), shape=(1, 8, 6))
    split = data.load([]).train
    assert split.tensors["image"].shape == (18, 1, 8, 6)
    rows = data.split.rows(23)["train"]
    records = [{"image": IMAGES[row]} for row in rows]
    assert torch.equal(split.image, data.encode("image", records))
    fresh = pictures(Resize(8, 6), Scale(1 / 255), Standardize(), shape=(1, 8, 6))
    fresh.restore(json.loads(json.dumps(data.state())))
    assert torch.equal(split.image, fresh.encode("image", records))
