"""What the programs share: the seed on the command line, the data folder, the line of JSON."""

import argparse
import csv
import gzip
import json
import os
from pathlib import Path

import keras
import numpy as np

FOLDER = Path(os.environ.get("DLC_DATA_DIR", "."))


def begin(about: str, **options: str | int) -> argparse.Namespace:
    """The command line, read; from here on all of Keras draws from `--seed`."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    chosen = parser.parse_args()
    keras.utils.set_random_seed(chosen.seed)
    return chosen


def show(**measures: float) -> None:
    """Print the measures as one line of JSON, the last line of every program."""
    print(json.dumps({name: float(value) for name, value in measures.items()}))


def digits(folder: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Images f32[N, 28, 28, 1] in 0..1 and labels i64[N] from the IDX files of a folder."""
    images = gzip.decompress((FOLDER / folder / f"{kind}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((FOLDER / folder / f"{kind}-labels-idx1-ubyte.gz").read_bytes())
    x = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28, 1)
    y = np.frombuffer(labels, np.uint8, offset=8)
    return x.astype("float32") / 255, y.astype("int64")


def rows(path: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with (FOLDER / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(table: list[dict[str, str]], columns: tuple[str, ...]) -> np.ndarray:
    """Columns of a table as f32[N, columns]; an empty cell is nan."""
    return np.array([[float(row[c] or "nan") for c in columns] for row in table], "float32")


def prepared(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gaps filled with the median and columns standardised, by what the training rows say."""
    median = np.nanmedian(train, axis=0)
    train, test = (np.where(np.isnan(part), median, part) for part in (train, test))
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation
