"""What is served is what was measured: `dlc predict` on raw records against the split's tensors."""

from __future__ import annotations

import json
import os
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from commands import dlc
from dlc.runtime.artifacts import load_weights
from dlc.runtime.dataset import Dataset
from packages import imported
from PIL import Image

DATA = Path(os.environ.get("DLC_DATA_DIR", "nowhere"))

TABLE = """\
data flats from csv(train="old.csv", test="new.csv") {
  size: f32[3] = [area, rooms, area / rooms] -> impute(median) -> standardize
  quarter: f32[3] = quarter -> categories("east", "north", "west") -> one_hot
  price: f32[1] = price -> standardize
  sold: class("no", "yes")
}

model Flats {
  input size: f32[N, 3]
  input quarter: f32[N, 3]
  output worth: f32[N, 1]
  output odds: f32[N]
  h = relu((size -> Linear(8)) + (quarter -> Linear(8)))
  worth = h -> Linear(1)
  odds = h -> Linear(1) -> reshape(N)
}

train Flats on flats {
  loss = mse_loss(worth, price) + binary_cross_entropy_with_logits(odds, sold)
  optimizer = Adam(lr=0.01)
  epochs = 3
}
"""
TEXT = """\
data mood from csv(train="old.csv", test="new.csv") {
  tokens: token(30)[5] = text -> words -> vocabulary(30) -> pad(5)
  label: class("bad", "good", "so so")
}

model Mood {
  input tokens: token(30)[N, 5]
  output p: f32[N, 3] = tokens -> Embedding(4) -> flatten(1) -> Linear(3)
}

train Mood on mood {
  loss = cross_entropy(p, label)
  optimizer = Adam(lr=0.01)
  epochs = 3
}
"""
PICTURES = """\
data pets from image_folder(train="old", test="new") {
  image: f32[3, 12, 10] = image -> resize(12, 10) -> scale(1 / 255)
  label: class("cats", "dogs")
}

model Pets {
  input image: f32[N, 3, 12, 10]
  output p: f32[N, 2] = image -> Conv2d(4, 3) -> relu -> flatten(1) -> Linear(2) -> log_softmax(1)
}

train Pets on pets {
  loss = nll_loss(p, label)
  optimizer = Adam(lr=0.01)
  epochs = 2
}
"""
LITERAL = """\
data points {
  x: f32[2] = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 3]]
  y: f32[2] = [[1, 20], [2, 10], [3, 0], [4, 40], [9, 90]] -> normalize
  seen: class(3)[2] = [[0, 1], [1, 2], [2, 0], [1, 1], [0, 0]]
}

model Net {
  input x: f32[N, 2]
  output y_hat: f32[N, 2] = x -> Linear(2)
  output s: f32[N, 2, 3] = x -> Linear(6) -> reshape(N, 2, 3)
}

train Net on points {
  loss = mse_loss(y_hat, y) + cross_entropy(s -> permute(0, 2, 1), seen)
  optimizer = Adam(lr=0.05)
  epochs = 3
}
"""


def run(folder: Path, text: str) -> Path:
    """The folder of a finished run of the spec, whose data lies in `folder`."""
    (folder / "made.dl").write_text(text)
    said = dlc("run", folder / "made.dl", "-q", "--out", folder / "runs")
    assert said.code == 0, said.err
    (path,) = (folder / "runs" / "made").iterdir()
    return path


def measured(path: Path, folder: Path, split: str) -> list[dict[str, Any]]:
    """The decoded outputs for the tensors of a split, with the weights of the run."""
    predict = imported(path / "generated" / "made", "predict")
    blocks = vars(import_module("made.data")).values()
    (data,) = (each for each in blocks if isinstance(each, Dataset))
    model = predict.build()
    model.load_state_dict(load_weights(path / "checkpoints" / "last.pt")["model"])
    part = getattr(data.load([folder]), split)
    with torch.no_grad():
        outputs = model.eval()(*(part[name] for name in predict.INPUTS))
    decoded = predict.decode(*outputs) if isinstance(outputs, tuple) else predict.decode(outputs)
    return json.loads(json.dumps(decoded))


def table(path: Path, count: int, seed: int) -> None:
    """A made-up table of flats, with holes and cells that want quotes."""
    draw = np.random.default_rng(seed)
    rows = ["note,area,rooms,quarter,price,sold"]
    for number in range(count):
        area = "NA" if number % 7 == 3 else f"{draw.uniform(20, 200):.1f}"
        quarter = ("east", "north", "west")[draw.integers(3)]
        sold = ("no", "yes")[draw.integers(2)]
        price = draw.integers(100, 900)
        rows.append(f'"a, b",{area},{draw.integers(1, 6)},{quarter},{price},{sold}')
    path.write_text("\n".join(rows) + "\n")


def test_a_table_of_new_records_gives_what_its_tensors_give(tmp_path: Path) -> None:
    table(tmp_path / "old.csv", 60, seed=1)
    table(tmp_path / "new.csv", 40, seed=2)
    path = run(tmp_path, TABLE)
    wanted = measured(path, tmp_path, "test")
    assert dlc("predict", path, tmp_path / "new.csv", "--json").lines == wanted
    assert {each["odds"] for each in wanted} <= {"no", "yes"}
    assert all(50 < each["worth"] < 1500 for each in wanted), "in the units of the table"
    # Without what only targets are made of, and in another order of columns.
    lines = [line.rsplit(",", 2)[0] for line in (tmp_path / "new.csv").read_text().splitlines()]
    (tmp_path / "bare.csv").write_text("\n".join(lines))
    assert dlc("predict", path, tmp_path / "bare.csv", "--json").lines == wanted


def test_lines_of_text_give_what_their_tensors_give(tmp_path: Path) -> None:
    texts = ["Good, very good!", "bad", "so so", "42", "naïve & bad", "good bad good bad good bad"]
    labels = ["good", "bad", "so so", "so so", "bad", "good"]
    rows = [f'"{text}",{label}' for text, label in zip(texts, labels, strict=True)]
    (tmp_path / "old.csv").write_text("\n".join(["text,label", *rows]))
    (tmp_path / "new.csv").write_text("\n".join(["text,label", *rows[::-1], '"never seen",bad']))
    path = run(tmp_path, TEXT)
    wanted = measured(path, tmp_path, "test")
    assert list(wanted[0]["p.probabilities"]) == ["bad", "good", "so so"]
    (tmp_path / "new.txt").write_text("\n".join([*texts[::-1], "never seen"]))
    assert dlc("predict", path, tmp_path / "new.txt", "--json").lines == wanted
    assert dlc("predict", path, tmp_path / "new.csv", "--json").lines == wanted
    typed = (tmp_path / "new.txt").read_bytes()
    assert dlc("predict", path, "-", "--json", stdin=typed).lines == wanted


def pictures(folder: Path, seed: int) -> None:
    """Noise of many sizes, as PNG and as JPEG, in a folder a class."""
    draw = np.random.default_rng(seed)
    for label in ("cats", "dogs"):
        (folder / label).mkdir(parents=True)
        for number in range(4):
            size = (*draw.integers(9, 60, 2), 3)
            picture = Image.fromarray(draw.integers(0, 256, size, np.uint8))
            picture.save(folder / label / f"{number}.{'png' if number % 2 else 'jpg'}")


def test_a_folder_of_pictures_gives_what_its_tensors_give(tmp_path: Path) -> None:
    pictures(tmp_path / "old", seed=1)
    pictures(tmp_path / "new", seed=2)
    path = run(tmp_path, PICTURES)
    wanted = measured(path, tmp_path, "test")
    assert dlc("predict", path, tmp_path / "new", "--json").lines == wanted
    assert sum(wanted[0]["p.probabilities"].values()) == pytest.approx(1)
    one = tmp_path / "new" / "cats" / "1.png"
    line = json.dumps({"image": str(one)}).encode()
    (by_path,) = dlc("predict", path, "-", "--json", stdin=line).lines
    (by_name,) = dlc("predict", path, one, "--json").lines
    assert by_path == by_name
    assert dlc("predict", path, one).out.startswith("1.png: p: ")


def test_literal_records_give_what_their_tensors_give(tmp_path: Path) -> None:
    path = run(tmp_path, LITERAL)
    wanted = measured(path, tmp_path, "train")
    assert [len(each["s"]) for each in wanted] == [2] * 5
    records = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 3]]
    typed = "\n".join(json.dumps({"x": record}) for record in records).encode()
    assert dlc("predict", path, "-", "--json", stdin=typed).lines == wanted
    bare = "\n".join(map(json.dumps, records)).encode()
    assert dlc("predict", path, "-", "--json", stdin=bare).lines == wanted


@pytest.mark.skipif(not (DATA / "sentiment").exists(), reason="DLC_DATA_DIR has no sentiment")
def test_real_sentences_give_what_their_tensors_give(tmp_path: Path) -> None:
    lines = (DATA / "sentiment" / "uci_sentences.csv").read_text(encoding="utf-8").splitlines(True)
    (tmp_path / "old.csv").write_text("".join(lines[:1000]), encoding="utf-8")
    (tmp_path / "new.csv").write_text("".join([lines[0], *lines[-200:]]), encoding="utf-8")
    text = TEXT.replace("30", "500").replace('class("bad", "good", "so so")', 'class("0", "1")')
    path = run(tmp_path, text.replace("[N, 3]", "[N, 2]").replace("Linear(3)", "Linear(2)"))
    wanted = measured(path, tmp_path, "test")
    assert len(wanted) > 150
    assert dlc("predict", path, tmp_path / "new.csv", "--json").lines == wanted


@pytest.mark.skipif(not (DATA / "cats_dogs").exists(), reason="DLC_DATA_DIR has no cats_dogs")
def test_real_photographs_give_what_their_tensors_give(tmp_path: Path) -> None:
    for part, count in (("train", 8), ("val", 12)):
        for label in ("cats", "dogs"):
            to = tmp_path / {"train": "old", "val": "new"}[part] / label
            to.mkdir(parents=True)
            for photo in sorted((DATA / "cats_dogs" / part / label).iterdir())[:count]:
                shutil.copy(photo, to)
    path = run(tmp_path, PICTURES)
    wanted = measured(path, tmp_path, "test")
    assert len(wanted) == 24
    assert dlc("predict", path, tmp_path / "new", "--json").lines == wanted
