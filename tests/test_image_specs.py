"""Pictures from spec to run: what is checked, what is emitted, and that it trains and predicts."""

import ast
import json
from pathlib import Path

import pytest
import torch
from commands import dlc
from dlc.compiler.pipeline import check, compile
from dlc.compiler.source import Source
from photos import folder

SPECS = Path(__file__).parent.parent / "specs"
PETS = """data pets from image_folder(SOURCE) {
  image: TYPE = image -> STEPS
  label: class("cats", "dogs")
  KEYS
}

model Net {
  input  image: f32[N, 3, 8, 8]
  output logits: f32[N, 2] = image -> Conv2d(4, 3) -> relu -> flatten(1) -> Linear(2)
}

train Net on pets {
  loss = cross_entropy(logits, label)
  optimizer = Adam(lr=0.01)
  metrics = [accuracy]
  epochs = 2
  batch = 5
}
"""


def spec(
    source: str = '"pets"',
    type: str = "f32[3, 8, 8]",
    steps: str = "resize(8, 8) -> scale(1 / 255)",
    keys: str = "",
) -> str:
    text = PETS.replace("SOURCE", source).replace("TYPE", type).replace("STEPS", steps)
    return text.replace("KEYS", keys).replace("N, 3", f"N, {type[4]}")


def codes(text: str) -> list[str]:
    """What is wrong; that a folder is not there is none."""
    found = check(Source("pets.dl", text)).diagnostics
    return [each.code for each in found if each.code != "D0517"]


def emitted(text: str, name: str = "data.py") -> str:
    source = Source("pets.dl", text)
    program = check(source).program
    assert program is not None, codes(text)
    return compile(program, source).files[name]


# Types


@pytest.mark.parametrize(
    ("type", "steps"),
    [
        ("f32[3, 8, 8]", "resize(8, 8) -> scale(1 / 255)"),
        ("f32[1, 8, 8]", "resize(8, 8) -> scale(1 / 255)"),
        ("f32[3, 8, 8]", "scale(1 / 255)"),  # the sizes are trusted until they are read
        ("f32[1, 8, 8]", "scale(1 / 255) -> standardize"),
    ],
)
def test_a_picture_has_one_channel_or_three_and_the_size_that_it_is_given(type, steps):
    assert codes(spec(type=type, steps=steps)) == []


@pytest.mark.parametrize("size", [64, 192])
def test_a_flat_picture_is_grey_where_its_size_says_so(size):
    data, _, _ = spec().partition("model")
    flat = data.replace("f32[3, 8, 8]", f"f32[{size}]")
    flat = flat.replace("scale(1 / 255)", f"scale(1 / 255) -> reshape({size})")
    assert codes(flat) == []


@pytest.mark.parametrize(
    ("type", "steps"),
    [
        ("f32[2, 8, 8]", "resize(8, 8)"),
        ("f32[3, 9, 8]", "resize(8, 8)"),
        ("f32[4, 8, 8]", "scale(1 / 255)"),
        ("f32[3, 64]", "scale(1 / 255)"),
    ],
)
def test_another_number_of_channels_or_size_is_refused(type, steps):
    data, _, _ = spec().partition("model")
    wrong = data.replace("f32[3, 8, 8]", type).replace("resize(8, 8) -> scale(1 / 255)", steps)
    assert codes(wrong) == ["D0510"]


def test_pictures_of_a_collection_are_resized_too():
    text = (SPECS / "mnist.dl").read_text(encoding="utf-8")
    assert codes(text.replace("image -> scale", "image -> resize(28, 28) -> scale")) == []
    assert codes(text.replace("image -> scale", "image -> resize(32, 32) -> scale")) == ["D0510"]


def test_another_collection_is_one_changed_line():
    text = (SPECS / "mnist.dl").read_text(encoding="utf-8")
    assert text.count("mnist()") == 1
    other = text.replace("mnist()", "fashion_mnist()")
    assert codes(other) == []
    before, after = emitted(text), emitted(other)
    assert after == before.replace("Mnist", "FashionMnist")


# What is emitted


def test_everything_about_the_pictures_stands_in_data_py():
    text = spec(
        'train="a", validation="b"',
        keys="augment = [random_horizontal_flip(), random_crop(8, padding=2)]\n  on_error = skip",
    )
    data = emitted(text)
    assert 'source=ImageFolder(train="a", validation="b", on_error="skip"),' in data
    assert 'Field("image", Resize(8, 8), Scale(1 / 255), shape=(3, 8, 8)),' in data
    assert 'augment={"image": (RandomHorizontalFlip(), RandomCrop(8, padding=2))},' in data
    assert "load(run.folders, run.device, run.downloading" in emitted(text, "train.py")


def test_one_augmentation_is_a_tuple_and_every_picture_gets_it():
    text = spec(keys="mask: f32[1, 8, 8] = image -> resize(8, 8)\n  augment = [random_crop(8)]")
    (call,) = [each for each in ast.walk(ast.parse(emitted(text))) if isinstance(each, ast.Call)
               and isinstance(each.func, ast.Name) and each.func.id == "Dataset"]  # fmt: skip
    (augment,) = [each.value for each in call.keywords if each.arg == "augment"]
    assert ast.unparse(augment) == "{'image': (RandomCrop(8),), 'mask': (RandomCrop(8),)}"


def test_rows_of_a_table_are_skipped_by_the_same_key():
    text = 'data houses from csv("houses.csv") {\n  price: f32[1]\n  on_error = skip\n}\n'
    assert 'Csv("houses.csv", on_error="skip")' in emitted(text)


# The whole way


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    folder(tmp_path / "pets" / "train", 8)
    folder(tmp_path / "pets" / "val", 4)
    return tmp_path


def test_photos_train_are_measured_and_predicted(home):
    text = spec(
        'train="pets/train", validation="pets/val"',
        keys="augment = [random_horizontal_flip(), random_crop(8, padding=2)]\n  on_error = skip",
    )
    (home / "pets.dl").write_text(text)
    (home / "pets" / "train" / "cats" / "002.png").write_bytes(b"no picture")
    said = dlc("run", "pets.dl")
    assert said.code == 0, said.err
    assert "note: skipped 1 of 24 pictures as unreadable, first: " in said.err
    (run,) = (home / "runs" / "pets").iterdir()
    lines = (run / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    assert "accuracy" in json.loads(lines[-1])["validation"]
    photos = ("pets/val/cats/000.png", "pets/val/dogs/001.png")
    predicted = dlc("predict", "pets.dl", *photos, "--json")
    assert predicted.code == 0, predicted.err
    records = [json.loads(line) for line in predicted.out.splitlines()]
    assert [record["logits"] in ("cats", "dogs") for record in records] == [True, True]
    assert all(abs(sum(each["logits.probabilities"].values()) - 1) < 1e-5 for each in records)


def test_a_streamed_training_ends_with_the_weights_of_a_held_one(home, monkeypatch):
    from dlc.runtime import loading

    parts = 'train="pets/train", validation="pets/val"'
    text = spec(parts, keys="augment = [random_vertical_flip()]")
    (home / "pets.dl").write_text(text)
    weights = []
    asked = []
    for limit in (1 << 40, 0):
        monkeypatch.setattr(loading, "room", lambda _, limit=limit: asked.append(limit) or limit)
        said = dlc("run", "pets.dl", "--out", f"out{limit}")
        assert said.code == 0, said.err
        (run,) = (home / f"out{limit}" / "pets").iterdir()
        saved = torch.load(run / "checkpoints" / "last.pt", weights_only=True)
        weights.append(saved.get("model", saved))
    assert asked == [1 << 40, 0]
    held, streamed = weights
    assert held.keys() == streamed.keys()
    assert all(torch.equal(held[name], streamed[name]) for name in held)
