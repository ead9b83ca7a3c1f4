"""`dlc predict`: raw records in, the same path as in training, words and numbers out."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import dlc
from dlc.runtime.artifacts import load_weights, save_weights
from dlc.runtime.predict import binary, classes, line, numbers, rows
from mnist_mirrors import NAMES, idx
from packages import imported
from PIL import Image

FRUIT = """\
data fruit from csv("fruit.csv") {
  x: f32[2] = [weight, width / height] -> impute(median) -> standardize
  kind: class("apple", "pear")
  price: f32[1] = price -> standardize
}

model Fruit {
  input x: f32[N, 2]
  output p: f32[N, 2]
  output worth: f32[N, 1]

  h = x -> Linear(8) -> tanh
  p = h -> Linear(2)
  worth = h -> Linear(1)
}

train Fruit on fruit {
  loss = cross_entropy(p, kind) + mse_loss(worth, price)
  optimizer = Adam(lr=0.05)
  metrics = [accuracy]
  epochs = 60
}

expect { train.accuracy >= 0.9 }
"""
ROWS = [
    f"{100 + 5 * i},{6 + i % 3},{9 if i % 2 else 6},{'pear' if i % 2 else 'apple'},{20 + i}"
    for i in range(24)
]
TABLE = "weight,width,height,kind,price\n" + "\n".join(ROWS) + "\n"
RECORD = {"weight": 130, "width": 6, "height": 9.0}


@pytest.fixture(scope="module")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the spec; its folder."""
    folder = tmp_path_factory.mktemp("fruit")
    (folder / "fruit.dl").write_text(FRUIT)
    (folder / "fruit.csv").write_text(TABLE)
    said = dlc("run", folder / "fruit.dl", "-q", "--out", folder / "runs")
    assert said.code == 0, said.err
    (run,) = (folder / "runs" / "fruit").iterdir()
    return run


def test_a_prediction_is_keyed_by_output_and_decoded(fruit: Path) -> None:
    said = dlc("predict", fruit, "-", "--json", stdin=json.dumps(RECORD).encode())
    (found,) = said.lines
    assert list(found) == ["p", "p.probabilities", "worth"]
    assert found["p"] == "pear"
    assert list(found["p.probabilities"]) == ["apple", "pear"]
    assert sum(found["p.probabilities"].values()) == pytest.approx(1)
    assert max(found["p.probabilities"], key=found["p.probabilities"].get) == found["p"]
    assert 15 < found["worth"] < 50, "in the units of the table, not standardised"


def test_a_person_reads_one_line_a_record(fruit: Path) -> None:
    said = dlc(
        "predict", fruit, "-", stdin=f"{json.dumps(RECORD)}\n\n{json.dumps(RECORD)}".encode()
    )
    first, second = said.out.splitlines()
    assert first == second
    assert first.startswith("p: pear (")
    assert ", worth: " in first


def test_predictions_take_the_path_of_training(fruit: Path) -> None:
    """The records of the table, read as predictions read them, give the tensors of training."""
    found = dlc("predict", fruit, fruit.parents[2] / "fruit.csv", "--json").lines
    home = fruit / "generated" / "fruit"
    train = imported(home, "train")
    data = train.fruit.load([fruit.parents[2]])
    model = import_module("fruit.predict").build()
    model.load_state_dict(load_weights(fruit / "checkpoints" / "last.pt")["model"])
    with torch.no_grad():
        p, worth = model.eval()(data.train.x)
    chances = torch.tensor([list(each["p.probabilities"].values()) for each in found])
    torch.testing.assert_close(chances, p.softmax(1), rtol=1e-5, atol=1e-6)
    prices = np.array([float(row.split(",")[-1]) for row in ROWS])
    told = torch.tensor([each["worth"] for each in found], dtype=torch.float64)
    wanted = worth[:, 0].double() * prices.std() + prices.mean()
    torch.testing.assert_close(told, wanted, rtol=1e-5, atol=1e-4)


def test_a_spec_means_its_newest_finished_run(fruit: Path) -> None:
    folder = fruit.parents[2]
    by_spec = dlc(
        "predict",
        folder / "fruit.dl",
        "-",
        "--json",
        "--out",
        folder / "runs",
        stdin=json.dumps(RECORD).encode(),
    )
    by_run = dlc("predict", fruit, "-", "--json", stdin=json.dumps(RECORD).encode())
    assert by_spec == by_run
    assert by_spec.code == 0


def test_files_of_json_lines_and_gzipped_tables_are_read(fruit: Path, tmp_path: Path) -> None:
    lines = tmp_path / "some.jsonl"
    lines.write_text(json.dumps(RECORD) + "\n")
    table = tmp_path / "some.csv.gz"
    table.write_bytes(gzip.compress(b"height,weight,width\n9.0,130,6\n"))
    first, second = dlc("predict", fruit, lines, table, "--json").lines
    assert first == second


def test_a_hole_is_filled_with_what_training_learned(fruit: Path) -> None:
    hole = {**RECORD, "weight": None}
    median = {**RECORD, "weight": float(np.median([100 + 5 * i for i in range(24)]))}
    lines = f"{json.dumps(hole)}\n{json.dumps(median)}\n".encode()
    first, second = dlc("predict", fruit, "-", "--json", stdin=lines).lines
    assert first == second


def test_what_is_right_before_a_wrong_record_is_printed(fruit: Path, tmp_path: Path) -> None:
    right = [json.dumps({**RECORD, "weight": 100 + i}) for i in range(300)]
    wrong = json.dumps({**RECORD, "weight": "heavy"})
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join([*right, wrong, *right]))
    said = dlc("predict", fruit, path, "--json")
    assert said.code == 3
    assert len(said.lines) == 300
    assert f"'heavy' where a number is wanted, in line 301 of {path}" in said.err


def test_a_wrong_line_after_right_ones_leaves_them(fruit: Path) -> None:
    said = dlc("predict", fruit, "-", "--json", stdin=f"{json.dumps(RECORD)}\n{{".encode())
    assert said.code == 3
    assert [each["p"] for each in said.lines] == ["pear"]
    assert "Line 2 of standard input" in said.err


def test_results_can_go_to_a_table_or_to_json_lines(fruit: Path, tmp_path: Path) -> None:
    table = fruit.parents[2] / "fruit.csv"
    wanted = dlc("predict", fruit, table, "--json").lines
    for name in ("out.csv", "out.jsonl"):
        said = dlc("predict", fruit, table, "-o", tmp_path / name)
        assert (said.code, said.out) == (0, f"{tmp_path / name}: 24 records\n")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == wanted
    with (tmp_path / "out.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["p", "p.probabilities.apple", "p.probabilities.pear", "worth"]
    assert [each["p"] for each in found] == [each["p"] for each in wanted]
    assert [float(each["worth"]) for each in found] == [each["worth"] for each in wanted]


def test_a_file_of_results_is_written_whole_or_not_at_all(fruit: Path, tmp_path: Path) -> None:
    given = f"{json.dumps(RECORD)}\nnonsense".encode()
    said = dlc("predict", fruit, "-", "-o", tmp_path / "out.csv", stdin=given)
    assert said.code == 3
    assert list(tmp_path.iterdir()) == []
    said = dlc("predict", fruit, "-", "-o", tmp_path / "out.xlsx", stdin=given)
    assert said.code == 2
    assert ".csv nor .jsonl" in said.err


def test_the_best_weights_are_asked_for(fruit: Path, tmp_path: Path) -> None:
    said = dlc("predict", fruit, "-", "--weights", "best", stdin=json.dumps(RECORD).encode())
    assert said.code == 3
    assert "no best weights" in said.err
    run = tmp_path / "run"
    shutil.copytree(fruit, run)
    weights = load_weights(run / "checkpoints" / "last.pt")
    zero = {name: torch.zeros_like(each) for name, each in weights["model"].items()}
    save_weights(run / "checkpoints" / "best.pt", {"model": zero})
    best = dlc(
        "predict", run, "-", "--weights", "best", "--json", stdin=json.dumps(RECORD).encode()
    )
    assert best.lines[0]["p.probabilities"] == {"apple": 0.5, "pear": 0.5}
    last = dlc("predict", run, "-", "--json", stdin=json.dumps(RECORD).encode())
    assert last.lines[0]["p.probabilities"] != {"apple": 0.5, "pear": 0.5}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "There are no records in standard input."),
        (b'{"weight": 130, "width": 6}', "height"),
        (b'{"weight": "heavy", "width": 6, "height": 9}', "heavy"),
        (b"[1, 2]", "Line 1 of standard input is no JSON object."),
        (b"nonsense", "Line 1 of standard input is no JSON object."),
    ],
)
def test_a_record_that_does_not_fit_is_told(fruit: Path, given: bytes, says: str) -> None:
    said = dlc("predict", fruit, "-", stdin=given)
    assert said.code == 3
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert says in said.err
    assert "\nhelp: " in said.err


def test_a_file_that_is_not_there_is_told(fruit: Path) -> None:
    said = dlc("predict", fruit, "nowhere.csv")
    assert said.code == 3
    assert said.err.startswith("error: There is no file `nowhere.csv`.")


def test_pictures_for_a_spec_without_pictures_are_refused(fruit: Path, tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    said = dlc("predict", fruit, tmp_path / "a.png")
    assert said.code == 3
    assert "No field of this data block is made of pictures" in said.err


def test_what_the_steps_learned_must_be_there(fruit: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(fruit, run)
    for content in ("{", None):
        steps = run / "checkpoints" / "data.json"
        steps.unlink() if content is None else steps.write_text(content)
        said = dlc("predict", run, "-", stdin=json.dumps(RECORD).encode())
        assert said.code == 3
        assert f"{steps} cannot be read" in said.err


@pytest.mark.parametrize("place", [10, -10, 400])
def test_damaged_weights_are_refused(fruit: Path, tmp_path: Path, place: int) -> None:
    run = tmp_path / "run"
    shutil.copytree(fruit, run)
    weights = run / "checkpoints" / "last.pt"
    content = bytearray(weights.read_bytes())
    content[place] ^= 1
    weights.write_bytes(content)
    said = dlc("predict", run, "-", stdin=json.dumps(RECORD).encode())
    assert said.code == 3
    assert "is damaged" in said.err
    assert said.out == ""


DIGITS = """\
data digits from mnist() {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
}

model Net {
  input image: f32[N, 1, 28, 28]
  output logits: f32[N, 10]

  logits = image -> Conv2d(4, 3) -> relu -> MaxPool2d(4) -> flatten(1) -> Linear(10)
}

train Net on digits {
  loss = cross_entropy(logits, label)
  optimizer = Adam(lr=0.02)
  metrics = [accuracy]
  epochs = 6
  batch = 20
}

expect { test.accuracy == 1 }
"""


def drawn(label: int) -> np.ndarray:
    """A made-up digit: a bright square in its own place."""
    picture = np.zeros((28, 28), np.uint8)
    row, column = 5 * (label // 5) + 8, 5 * (label % 5) + 2
    picture[row : row + 4, column : column + 4] = 255
    return picture


def test_pictures_are_classified_by_a_network_trained_on_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    labels = np.arange(100, dtype=np.uint8) % 10
    images = np.stack([drawn(label) for label in labels])
    arrays = [images, labels, images[:20], labels[:20]]
    (tmp_path / "mnist").mkdir()
    for name, array in zip(NAMES, arrays, strict=True):
        (tmp_path / "mnist" / name).write_bytes(idx(array))
    (tmp_path / "digits.dl").write_text(DIGITS)
    said = dlc("run", "digits.dl", "-q")
    assert said.code == 0, said.err
    for label in (3, 7):
        Image.fromarray(drawn(label)).save(f"{label}.png")
        large = Image.fromarray(drawn(label)).resize((56, 56), Image.Resampling.NEAREST)
        large.convert("RGB").save(f"{label}.jpg", quality=95)
    said = dlc("predict", "digits.dl", "3.png", "7.png", "3.jpg", "7.jpg", "--json")
    assert [each["logits"] for each in said.lines] == [3, 7, 3, 7]
    assert list(said.lines[0]["logits.probabilities"]) == [str(label) for label in range(10)]
    said = dlc("predict", "digits.dl", "7.png")
    assert said.out.startswith("7.png: logits: 7 (")
    as_json = json.dumps({"image": drawn(3).ravel().tolist()}).encode()
    assert dlc("predict", "digits.dl", "-", "--json", stdin=as_json).lines[0]["logits"] == 3


# Decoding


def test_classes_are_the_most_probable_label_and_each_probability() -> None:
    scores = torch.tensor([[0.2, 0.5, 0.3], [0.25, 0.25, 0.5]])
    found = classes(scores, ("a", "b", "7"))
    assert [each[""] for each in found] == ["b", 7]
    chances = torch.tensor([list(each["probabilities"].values()) for each in found])
    assert torch.equal(chances, scores)
    assert list(found[0]["probabilities"]) == ["a", "b", "7"]


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_classes_of_places_are_lists_of_labels(axis: int) -> None:
    scores = torch.rand(2, 4, 4, 4, generator=torch.Generator().manual_seed(1))
    found = classes(scores, ("a", "b", "c", "d"), axis=axis)
    assert all(list(each) == [""] for each in found)
    letters = [[["abcd"[i] for i in row] for row in rows] for rows in scores.argmax(axis).tolist()]
    assert [each[""] for each in found] == letters


def test_two_labels_take_the_probability_of_the_second() -> None:
    found = binary(torch.tensor([0.25, 0.75]), ("no", "yes"))
    assert found == [
        {"": "no", "probabilities": {"no": 0.75, "yes": 0.25}},
        {"": "yes", "probabilities": {"no": 0.25, "yes": 0.75}},
    ]


def test_two_labels_at_each_place_are_lists() -> None:
    found = binary(torch.tensor([[0.25, 0.75]]), ("no", "yes"))
    assert found == [{"": ["no", "yes"]}]


def test_one_number_a_record_is_a_number_and_several_are_lists() -> None:
    assert numbers(torch.tensor([1.0, 2.0])) == [{"": 1.0}, {"": 2.0}]
    assert numbers(torch.tensor([[1.0], [2.0]])) == [{"": 1.0}, {"": 2.0}]
    assert numbers(torch.tensor([[1, 2]])) == [{"": [1, 2]}]
    assert numbers(torch.ones(1, 1, 2)) == [{"": [[1.0, 1.0]]}]


def test_outputs_stand_side_by_side_in_one_record() -> None:
    parts = {"p": binary(torch.tensor([0.5]), ("a", "b")), "y": numbers(torch.tensor([3]))}
    assert rows(parts) == [{"p": "a", "p.probabilities": {"a": 0.5, "b": 0.5}, "y": 3}]


def test_a_long_list_is_shortened_for_a_person() -> None:
    record = {"p": "a", "p.probabilities": {"a": 0.75, "b": 0.25}, "y": [0.123456789] * 20}
    shown = line("1.png", record)
    assert shown.startswith("1.png: p: a (75.0%), y: [0.123457, 0.123457")
    assert shown.endswith(", … 20 in all]")
    assert line("", {"y": [1, 2.5]}) == "y: [1, 2.5]"
