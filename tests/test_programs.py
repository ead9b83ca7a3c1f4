"""The programs of a beginner's course on real data, held against independent oracles."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from baselines import linear_regression_of_houses, women_survive
from commands import Said, dlc
from packages import DATA, HOME, imported, with_data


def needing(name: str) -> Path:
    """The path of a spec, where its data is at hand."""
    return with_data(HOME / "specs" / f"{name}.dl")


def run(spec: Path, out: Path, *settings: str) -> tuple[Said, dict[str, Any]]:
    """What a run says, and its status."""
    given = [part for each in settings for part in ("--set", each)]
    said = dlc("run", spec, "--out", out, *given)
    (status,) = out.glob("*/*/status.json")
    return said, json.loads(status.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["cats_dogs", "fashion", "sentiment"])
def test_a_program_keeps_its_expectations(name: str, tmp_path: Path) -> None:
    said, status = run(needing(name), tmp_path)
    assert said.code == 0, said.err
    assert all(each["holds"] for each in status["expectations"])


def test_another_dataset_is_one_changed_line(tmp_path: Path) -> None:
    needing("fashion")
    lines = (HOME / "specs" / "mnist.dl").read_text(encoding="utf-8").splitlines(True)
    changed = [line.replace("from mnist()", "from fashion_mnist()") for line in lines]
    assert sum(a != b for a, b in zip(lines, changed, strict=True)) == 1
    spec = tmp_path / "clothes.dl"
    spec.write_text("".join(changed), encoding="utf-8")
    _, status = run(spec, tmp_path / "runs", "epochs=2")
    assert status["results"]["test"]["accuracy"] > 0.75


def test_what_a_photo_run_learned_tells_photos_apart(tmp_path: Path) -> None:
    spec = needing("pets")
    said, _ = run(spec, tmp_path, "epochs=2")
    assert said.code in (0, 3), said.err  # two of many epochs may fail the expectation
    (folder,) = tmp_path.glob("pets/*")
    photos = sorted((DATA / "cats_dogs" / "val" / "dogs").glob("*.jpg"))[:3]
    found = dlc("predict", folder, *photos, "--json").lines
    assert len(found) == 3
    for each in found:
        assert each["scores"] in ("cats", "dogs")
        assert sum(each["scores.probabilities"].values()) == pytest.approx(1)


def test_houses_beat_a_linear_regression_on_the_same_split(tmp_path: Path) -> None:
    said, status = run(needing("houses"), tmp_path / "runs")
    assert said.code == 0, said.err
    regression = linear_regression_of_houses(tmp_path / "code")
    assert 0.5 < regression < 0.7
    assert status["results"]["test"]["r2_score"] > regression + 0.05


def test_house_prices_are_predicted_in_dollars(tmp_path: Path) -> None:
    said, _ = run(needing("houses"), tmp_path, "epochs=5")
    assert said.code in (0, 3), said.err
    (folder,) = tmp_path.glob("houses/*")
    table = (DATA / "houses" / "california_housing.csv").read_text().splitlines()
    header, rows = table[0], table[1:401]
    own = tmp_path / "some.csv"
    # No target column is needed.
    place = header.split(",").index("median_house_value")
    lines = [",".join(c for i, c in enumerate(row.split(",")) if i != place) for row in table[:401]]
    own.write_text("\n".join(lines) + "\n")
    found = [each["price_hat"] for each in dlc("predict", folder, own, "--json").lines]
    truth = [float(row.split(",")[place]) for row in rows]
    assert len(found) == 400
    assert statistics.mean(abs(a - b) for a, b in zip(found, truth, strict=True)) < 60_000


def test_the_titanic_beats_the_rule_that_women_survive_over_five_seeds(tmp_path: Path) -> None:
    spec = needing("titanic")
    found = []
    for seed in range(5):
        said, status = run(spec, tmp_path / str(seed), f"seed={seed}")
        assert said.code == 0, said.err
        found.append(status["results"]["test"]["accuracy"])
        # Pooled: each of the 891 passengers was predicted once.
        assert np.sum(status["results"]["test"]["confusion_matrix"]) == 891
    assert women_survive() == pytest.approx(0.787, abs=0.001)
    assert statistics.mean(found) > women_survive()


def test_a_classifier_finds_eight_digits_among_a_thousand_samples(tmp_path: Path) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    said, status = run(needing("gan"), tmp_path)
    assert said.code == 0, said.err
    assert all(each["holds"] for each in status["expectations"])
    (folder,) = tmp_path.glob("gan/*")
    assert len(list((folder / "samples").glob("epoch-*.png"))) == 20

    from dlc.runtime.artifacts import load_weights
    from dlc.runtime.sources import Mnist

    home = folder / "generated" / "gan"
    procedures = imported(home, "procedures")
    generator = imported(home, "model").Generator()
    weights: Any = load_weights(folder / "checkpoints" / "last.pt")
    generator.load_state_dict(weights["G"])
    torch.manual_seed(1)
    drawn = procedures.draw(generator, 1000).reshape(1000, 784).numpy()

    table = Mnist().read([DATA])
    images = table.columns["image"][:10_000].reshape(-1, 784) / 255
    judge = KNeighborsClassifier(3).fit(images, table.columns["label"][:10_000])
    seen = np.bincount(judge.predict(drawn), minlength=10)
    assert (seen >= 10).sum() >= 8, seen
