"""Specs of series and texts, from the file to trained weights, measures and predictions."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Said, dlc

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")

FORECAST = """\
data series from csv("FILE") {
  past: f32[WINDOW] = COLUMN -> impute(median) -> standardize -> window(WINDOW)
  next: f32[1] = COLUMN -> impute(median) -> standardize -> ahead(1)
  split = chronological(train=0.8, test=0.2)
}

model Forecast {
  input past: f32[N, WINDOW]
  output value: f32[N, 1] = past -> Linear(16) -> tanh -> Linear(1)
}

train Forecast on series {
  loss = mse_loss(value, next)
  optimizer = Adam(lr=0.01)
  metrics = [mean_absolute_error]
  epochs = EPOCHS
}
"""
TALES = """\
data tales from text_file("tales.txt") {
  letters: token(40)[12] = text -> characters -> vocabulary(40) -> window(12)
  follow: class(40)[12] = text -> characters -> vocabulary(40) -> window(12) -> ahead(1)
  split = chronological(train=0.8, test=0.2)
}

model Letters {
  input letters: token(40)[N, 12]
  output scores: f32[N, 12, 40] = letters -> Embedding(16) -> LSTM(32) -> Linear(40)
}

train Letters on tales {
  loss = cross_entropy(scores -> permute(0, 2, 1), follow)
  optimizer = Adam(lr=0.02)
  metrics = [accuracy]
  epochs = 2
}

expect { test.accuracy >= 0.9 }
"""
TEXT = "The moon is 1 and the stars are many. " * 60


def forecast(**settings: object) -> str:
    text = FORECAST
    for name, value in settings.items():
        text = text.replace(name, str(value))
    return text


def run(folder: Path, text: str) -> tuple[Path, Said]:
    """A finished run of a spec in a folder with its data."""
    (folder / "spec.dl").write_text(text)
    said = dlc("run", folder / "spec.dl", "--out", folder / "runs")
    assert said.code == 0, said.err
    (path,) = (folder / "runs" / "spec").iterdir()
    return path, said


def measured(path: Path) -> Any:
    status = json.loads((path / "status.json").read_text())
    assert status["status"] == "done", status
    assert (path / "report.html").exists()
    return status["results"]


# A series


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A run on a wave with a few holes."""
    folder = tmp_path_factory.mktemp("waves")
    rows = [f"{10 + 5 * math.sin(at / 4):.4f}" for at in range(300)]
    rows[7] = rows[100] = "NA"
    (folder / "waves.csv").write_text("level\n" + "\n".join(rows) + "\n")
    return run(folder, forecast(FILE="waves.csv", COLUMN="level", WINDOW=8, EPOCHS=20))


def test_a_forecast_learns_and_is_measured_in_the_units_of_the_column(waves) -> None:
    path, said = waves
    assert measured(path)["test"]["mean_absolute_error"] < 1
    assert "8 of 300 places are no record: 7 look back beyond the first, 1 look" in said.err
    again = dlc("eval", path, "--json")
    (line,) = again.lines
    assert line["mean_absolute_error"] == pytest.approx(
        measured(path)["test"]["mean_absolute_error"], rel=1e-5
    )


def test_a_table_gets_a_forecast_for_each_place_with_a_whole_past(waves, tmp_path) -> None:
    path, _ = waves
    values = [10 + 5 * math.sin(at / 4) for at in range(1000, 1030)]
    (tmp_path / "new.csv").write_text("level\n" + "\n".join(map(str, values)) + "\n")
    said = dlc("predict", path, tmp_path / "new.csv", "--json")
    assert said.code == 0 and len(said.lines) == 30 - 7
    assert "7 of 30 records of" in said.err
    truth = [10 + 5 * math.sin(at / 4) for at in range(1008, 1031)]
    errors = [abs(line["value"] - true) for line, true in zip(said.lines, truth, strict=True)]
    assert sum(errors) / len(errors) < 1
    # A record with a window of its own says the same, in whatever form it comes.
    windows = [{"level": values[4:12]}, {"past": values[4:12]}]
    whole = dlc("predict", path, "-", "--json", stdin="\n".join(map(json.dumps, windows)).encode())
    for line in whole.lines:
        assert line["value"] == pytest.approx(said.lines[4]["value"], rel=1e-5)
    lines = "\n".join(json.dumps({"level": value}) for value in values)
    piped = dlc("predict", path, "-", "--json", stdin=lines.encode())
    assert [line["value"] for line in piped.lines] == [line["value"] for line in said.lines]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"level": 1}'] * 5, "looks at 8 records in a row, and standard input has 5"),
        (['{"level": [1, 2, 3]}'], "`past` looks at 8 values in a row, and line 1"),
        (['{"other": 1}'] * 9, "has no `level`"),
        (['{"level": "high"}'] * 9, "'high' where a number is wanted"),
    ],
)
def test_what_cannot_be_forecast_is_told(waves, lines, said) -> None:
    found = dlc("predict", waves[0], "-", stdin="\n".join(lines).encode())
    assert found.code == 3 and not found.out
    assert said in found.err


def test_two_runs_see_the_windows_in_the_same_order(waves, tmp_path) -> None:
    (tmp_path / "waves.csv").write_text((waves[0].parents[2] / "waves.csv").read_text())
    text = forecast(FILE="waves.csv", COLUMN="level", WINDOW=8, EPOCHS=20)
    other, _ = run(tmp_path, text)
    assert measured(other) == measured(waves[0])


def test_several_columns_groups_and_labels_ahead_train_together(tmp_path) -> None:
    generator = np.random.default_rng(0)
    rows = [
        f"{'north' if at % 2 else 'south'}{at % 10},{generator.normal():.3f},{at},"
        f"{'up' if at % 3 else 'down'}"
        for at in range(400)
    ]
    (tmp_path / "stations.csv").write_text("station,a,b,way\n" + "\n".join(rows) + "\n")
    text = """
    data stations from csv("stations.csv") {
      past: f32[4, 2] = [a, b] -> standardize -> window(4)
      ways: f32[4, 2] = way -> categories("up", "down") -> one_hot -> window(4)
      next: class("up", "down") = way -> ahead(1)
      split = by_group(station, train=0.6, validation=0.2, test=0.2, seed=1)
    }
    model Net {
      input past: f32[N, 4, 2]
      input ways: f32[N, 4, 2]
      output p: f32[N, 2] = cat([past, ways], 2) -> flatten(1) -> Linear(2)
    }
    train Net on stations {
      loss = cross_entropy(p, next)
      optimizer = Adam(lr=0.05)
      metrics = [accuracy]
      class_weights = balanced
      epochs = 30
    }
    """
    path, _ = run(tmp_path, text)
    assert measured(path)["test"]["accuracy"] > 0.6
    stations = [{"a": 0, "b": at, "way": "up" if at % 3 else "down"} for at in range(6)]
    said = dlc("predict", path, "-", "--json", stdin="\n".join(map(json.dumps, stations)).encode())
    assert len(said.lines) == 3 and {line["p"] for line in said.lines} <= {"up", "down"}


def test_windows_of_data_in_the_spec_meet_expectations(tmp_path) -> None:
    text = """
    data count {
      past: f32[3] = range(60) -> window(3)
      next: f32[1] = range(60) -> ahead(1)
      split = chronological(train=0.9, test=0.1)
    }
    model Next {
      input past: f32[N, 3]
      output y: f32[N, 1] = past[:, 2:] + (ones(1) -> Linear(1))
    }
    train Next on count {
      loss = mse_loss(y, next)
      optimizer = SGD(lr=0.1)
      epochs = 40
    }
    expect { predict(past=[7, 8, 9]).y within 0.1 of 10 }
    """
    path, _ = run(tmp_path, text)
    said = dlc("predict", path, "-", "--json", stdin=b'{"past": [7, 8, 9]}')
    assert said.lines[0]["y"] == pytest.approx(10, abs=0.1)


# A text


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    (folder / "tales.txt").write_text(TEXT)
    return run(folder, TALES)[0]


def test_a_text_is_learned_by_its_letters(letters) -> None:
    assert measured(letters)["test"]["accuracy"] >= 0.9
    said = dlc("eval", letters, "--split", "test")
    assert said.code == 0 and "accuracy" in said.out


def test_the_next_characters_are_given_as_characters(letters, tmp_path) -> None:
    (tmp_path / "new.txt").write_text(TEXT[:30])
    said = dlc("predict", letters, tmp_path / "new.txt", "--json")
    assert said.code == 0, said.err
    # Side by side, and one that ends with the text: it says how that goes on.
    starts = [0, 12, 18]
    assert len(said.lines) == len(starts)
    hits = [
        guess == true
        for start, line in zip(starts, said.lines, strict=True)
        for guess, true in zip(line["scores"], TEXT[start + 1 : start + 13], strict=True)
    ]
    assert sum(hits) / len(hits) > 0.8
    assert "1" in {each for line in said.lines for each in line["scores"]}, "a digit is a text"


def test_a_person_reads_a_text(letters) -> None:
    said = dlc("predict", letters, "-", stdin=TEXT[:12].encode())
    assert said.out.count("\n") == 1
    read = said.out.strip().removeprefix("scores: '").removesuffix("'")
    assert len(read) == 12 and read.endswith(TEXT[8:13])


def test_a_text_that_is_too_short_is_told(letters, tmp_path) -> None:
    (tmp_path / "new.txt").write_text("The moon")
    said = dlc("predict", letters, tmp_path / "new.txt")
    assert said.code == 3 and not said.out
    assert "looks at 12 tokens in a row, and the text of" in said.err


def test_texts_in_folders_train_and_are_predicted_file_by_file(tmp_path) -> None:
    for part, count in (("train", 12), ("test", 4)):
        for label, words in (("bad", "dull long boring"), ("good", "joy fun great")):
            (tmp_path / part / label).mkdir(parents=True)
            for at in range(count):
                said = " ".join(words.split()[: 1 + at % 3])
                (tmp_path / part / label / f"{at}.txt").write_text(f"It was\n{said.upper()}\n")
    text = """
    data reviews from text_folder(train="train", test="test") {
      tokens: token(20)[6] = text -> lower -> words -> vocabulary(20) -> pad(6)
      label: class("bad", "good")
    }
    model Bag {
      input tokens: token(20)[N, 6]
      output p: f32[N, 2] = tokens -> Embedding(8) -> mean(1) -> Linear(2)
    }
    train Bag on reviews {
      loss = cross_entropy(p, label)
      optimizer = Adam(lr=0.05)
      metrics = [accuracy]
      epochs = 20
    }
    expect { test.accuracy == 1.0 }
    """
    path, _ = run(tmp_path, text)
    assert measured(path)["test"]["accuracy"] == 1
    said = dlc("predict", path, tmp_path / "test")
    assert len(said.out.splitlines()) == 8
    assert all(line.split(os.sep)[0] in line.split(": p: ")[1] for line in said.out.splitlines())
    one = dlc("predict", path, tmp_path / "test/good/0.txt", "--json")
    assert [line["p"] for line in one.lines] == ["good"]


def test_a_run_without_tokenizers_ends_with_4_and_names_the_extra(tmp_path, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tokenizers", None)
    (tmp_path / "bpe.json").write_text("{}")
    (tmp_path / "lines.csv").write_text("text,label\nyes,a\nno,b\n")
    (tmp_path / "spec.dl").write_text("""
    data lines from csv("lines.csv") {
      tokens: token(60)[6] = text -> tokenize("bpe.json") -> pad(6)
      label: class("a", "b")
    }
    model Bag {
      input tokens: token(60)[N, 6]
      output p: f32[N, 2] = tokens -> Embedding(8) -> mean(1) -> Linear(2)
    }
    train Bag on lines {
      loss = cross_entropy(p, label)
      optimizer = Adam(lr=0.05)
      epochs = 1
    }
    """)
    said = dlc("run", tmp_path / "spec.dl", "--out", tmp_path / "runs")
    assert said.code == 4
    assert "needs the package tokenizers" in said.err and 'pip install "dlc[text]"' in said.err


# Real data


@pytest.mark.skipif(not (DATA / "timeseries").exists(), reason="DLC_DATA_DIR has no timeseries")
@pytest.mark.parametrize(
    ("file", "column", "window"),
    [
        ("airline-passengers", "Passengers", 12),
        ("monthly-sunspots", "Sunspots", 24),
        ("daily-min-temperatures", "Temp", 14),
    ],
)
def test_a_forecast_of_real_data_beats_the_mean(tmp_path, file, column, window) -> None:
    place = DATA / "timeseries" / f"{file}.csv"
    text = forecast(FILE=f"timeseries/{file}.csv", COLUMN=column, WINDOW=window, EPOCHS=15)
    path, _ = run(tmp_path, text)
    with place.open() as source:
        values = np.array([float(row[column]) for row in csv.DictReader(source)])
    count = round(len(values) * 0.8)
    naive = np.abs(values[count:] - values[:count].mean()).mean()
    assert measured(path)["test"]["mean_absolute_error"] < 0.9 * naive
    said = dlc("predict", path, place, "--json")
    assert len(said.lines) == len(values) - window + 1
