"""What a report shows of the model: which records, which pictures, and what they are worth."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field, Splits
from dlc.runtime.report import outcomes as looking
from dlc.runtime.report.images import pictures
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Scale, Standardize
from dlc.runtime.texts import Pad, Vocabulary, Words
from PIL import Image
from reported import Made, Page, package, report
from sklearn.metrics import confusion_matrix
from torch import nn
from torch.nn.functional import cross_entropy

COUNT = 300
LABELS = ("low", "middle", "high")


def linear(features: int, outputs: int) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(features, outputs)


def labelled(count: int = COUNT, shares: bool = True) -> Dataset:
    """Two numbers a record; the label is mostly the size of the first."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(count, 2)).round(3)
    label = np.digitize(x[:, 0] + 0.3 * draw.normal(size=count), [-0.5, 0.5])
    return Dataset(
        source=Literal(a=x[:, 0].tolist(), b=x[:, 1].tolist(), label=label.tolist()),
        fields={
            "x": Field(["a", "b"], Standardize(), shape=(2,)),
            "label": Field("label", labels=LABELS),
        },
        split=random_split(0.5, validation=0.2, test=0.3) if shares else None,
    )


def shown(
    folder: Path, data: Splits, model: nn.Module, target: str, form: str = "", **status: Any
) -> Page:
    """The report of a model with one output `said` that predicts the field `target`."""
    labels = data.dataset.labels(target)
    inputs = tuple(name for name in data.dataset.fields if name != target)
    name = package(folder, inputs, {"said": target}, labels, form)
    return report(Made(folder, data), {"model": model}, name, {"status": "done", **status})


def cell_counts(page: Page) -> dict[tuple[str, str], int]:
    """The records of each pair of classes, true and predicted, as the picture tells them."""
    found = re.findall(r"(\w+) taken for (\w+): ([\d,]+) records?", page.words)
    return {(true, other): int(count.replace(",", "")) for true, other, count in found}


def test_the_matrix_of_the_test_split_is_that_of_scikit_learn(tmp_path: Path) -> None:
    data, model = labelled().load([]), linear(2, 3)
    page = shown(tmp_path, data, model, "label")
    assert data.test is not None
    predicted = model(data.test["x"]).argmax(1)
    wanted = confusion_matrix(data.test["label"], predicted, labels=range(3))
    found = cell_counts(page)
    for true, row in enumerate(wanted):
        for other, count in enumerate(row):
            assert found.get((LABELS[true], LABELS[other]), 0) == count
    right = int(wanted.trace())
    assert f"90 records of the test split; {right} right, {90 - right} wrong." in page.words


def test_the_most_wrong_records_come_first_and_are_those_of_the_highest_loss(
    tmp_path: Path,
) -> None:
    data, model = labelled().load([]), linear(2, 3)
    page = shown(tmp_path, data, model, "label")
    assert data.test is not None
    logits, label = model(data.test["x"]), data.test["label"]
    losses = cross_entropy(logits, label, reduction="none")
    wrong = (logits.argmax(1) != label).nonzero().flatten()
    worst = wrong[losses[wrong].argsort(descending=True)][:12]
    rows = page.rows("Predictions", 1)
    assert [int(row[0]) for row in rows] == worst.tolist()
    probability = logits.softmax(1).amax(1)
    raw = data.dataset.inverse("x", data.test["x"])
    for row, place in zip(rows, worst.tolist(), strict=True):
        _, true, predicted, sure, a, b = row
        assert float(a.replace("−", "-")) == pytest.approx(raw[place, 0].item(), rel=1e-3)  # noqa: RUF001
        assert float(b.replace("−", "-")) == pytest.approx(raw[place, 1].item(), rel=1e-3)  # noqa: RUF001
        assert true == LABELS[label[place]]
        assert predicted == LABELS[logits[place].argmax()]
        assert float(sure.rstrip(" %")) == pytest.approx(100 * probability[place].item(), abs=0.1)


def test_right_records_are_right_and_come_from_all_over(tmp_path: Path) -> None:
    data, model = labelled().load([]), linear(2, 3)
    rows = shown(tmp_path, data, model, "label").rows("Predictions", 2)
    assert len(rows) == 12
    assert all(row[1] == row[2] for row in rows)
    places = [int(row[0]) for row in rows]
    assert places == sorted(places)
    assert places[0] < 30
    assert places[-1] > 60


def test_without_a_wrong_record_the_least_certain_ones_are_shown(tmp_path: Path) -> None:
    data = labelled().load([])
    assert data.test is not None
    predicted = linear(2, 3)(data.test["x"]).argmax(1)
    data.test.tensors["label"].copy_(predicted)
    page = shown(tmp_path, data, linear(2, 3), "label")
    assert "Least certain, yet right" in page.words
    assert "Most wrong" not in page.words
    sure = [float(row[3].strip("> %")) for row in page.rows("Predictions", 1)]
    assert sure == sorted(sure)


@pytest.mark.parametrize("missing", [("test",), ("test", "validation")])
def test_the_best_split_that_there_is_is_looked_at(
    tmp_path: Path, missing: tuple[str, ...]
) -> None:
    data = labelled().load([])
    parts = {"validation": data.validation, "test": None} if len(missing) == 1 else {}
    less = Splits(data.train, parts.get("validation"), None, data.dataset)
    page = shown(tmp_path, less, linear(2, 3), "label")
    wanted = "60 records of the validation" if parts else "150 records of the training"
    assert f"{wanted} split" in page.words


def test_a_measured_matrix_of_the_whole_split_goes_before_one_of_some_records(
    tmp_path: Path,
) -> None:
    data = labelled().load([])
    results = {"test": {"confusion_matrix": [[5, 0, 0], [0, 6, 1], [0, 0, 7]]}}
    page = shown(tmp_path, data, linear(2, 3), "label", results=results)
    assert "19 records of the test split; 18 right, 1 wrong." in page.words
    assert cell_counts(page)["middle", "high"] == 1


def test_of_a_long_split_records_from_all_over_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "RECORDS", 400)
    data = labelled(4000, shares=False).load([])
    page = shown(tmp_path, data, linear(2, 3), "label")
    (looked,) = re.findall(r"(\d+) of 4,000 records of the training split", page.words)
    assert 200 <= int(looked) <= 400 + looking.BATCH
    places = [int(row[0].replace(",", "")) for row in page.rows("Predictions", 2)]
    assert min(places) < 800
    assert max(places) > 3200
    assert f"What follows is of the {looked} looked at." in page.words


def test_a_slow_model_is_given_as_many_records_as_its_time_allows(tmp_path: Path) -> None:
    seen: list[int] = []

    class Slow(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(len(x))
            torch.ones(1).expand(6_000_000).sum()
            return super().forward(x)

    data = labelled(64 * 200, shares=False).load([])
    split, dataset = data.train, data.dataset

    class Predict:
        INPUTS = ("x",)
        TARGETS = {"said": "label"}  # noqa: RUF012

        @staticmethod
        def decode(logits: torch.Tensor) -> list[dict[str, Any]]:
            rows = logits.softmax(1).tolist()
            return [
                {"said": "", "said.probabilities": dict(zip(LABELS, row, strict=True))}
                for row in rows
            ]

    looking.outcomes(Predict, Slow(2, 3), dataset, split, seconds=1e-4)
    assert len(seen) < 100


def test_dropout_is_off_while_a_report_looks(tmp_path: Path) -> None:
    data = labelled().load([])
    model = nn.Sequential(linear(2, 3), nn.Dropout(0.9)).train()
    first = shown(tmp_path, data, model, "label")
    assert first.rows("Predictions", 1) == shown(tmp_path, data, model, "label").rows(
        "Predictions", 1
    )
    assert not model.training


def numbered(width: int = 1) -> Dataset:
    draw = np.random.default_rng(1)
    x = draw.normal(size=40)
    columns = {f"y{i}": ((i + 1) * 1000 * x + 50 * i).round(2).tolist() for i in range(width)}
    return Dataset(
        source=Literal(x=x.tolist(), **columns),
        fields={
            "x": Field("x", shape=(1,)),
            "y": Field([*columns] if width > 1 else "y0", Standardize(), shape=(width,)),
        },
    )


def decoded(data: Splits, model: nn.Module, folder: Path) -> Page:
    """The report where predictions come in the target's units."""
    form = "numbers(INVERSE('y', each))"
    labels = data.dataset.labels("y")
    name = package(folder, ("x",), {"y_hat": "y"}, labels, form)
    module = __import__(f"{name}.predict", fromlist=["predict"])
    module.INVERSE = data.dataset.inverse
    return report(Made(folder, data), {"model": model}, name)


def test_numbers_are_shown_against_the_truth_in_the_units_of_the_data(tmp_path: Path) -> None:
    data, model = numbered().load([]), linear(1, 1)
    page = decoded(data, model, tmp_path)
    true = data.dataset.inverse("y", data.train["y"])[:, 0]
    said = data.dataset.inverse("y", model(data.train["x"]))[:, 0]
    errors = said - true
    assert (
        len([tag for tag, attrs in page.tags if tag == "circle" and attrs.get("r") == "2.2"]) == 40
    )
    worst = errors.abs().argsort(descending=True)[:12]
    rows = page.rows("Predictions")
    assert [int(row[0]) for row in rows] == worst.tolist()
    for row, place in zip(rows, worst.tolist(), strict=True):
        values = [float(cell.replace("−", "-").replace(",", "")) for cell in row[1:4]]  # noqa: RUF001
        wanted = [true[place].item(), said[place].item(), errors[place].item()]
        assert values == pytest.approx(wanted, rel=1e-3)


def test_each_of_few_numbers_has_its_own_pictures(tmp_path: Path) -> None:
    data = numbered(3).load([])
    page = decoded(data, linear(1, 3), tmp_path)
    for index in range(3):
        assert f"Predicted against true y[{index}]" in page.words
        assert f"Errors of y[{index}]" in page.words


def test_many_numbers_are_shown_by_record_alone(tmp_path: Path) -> None:
    page = decoded(numbered(20).load([]), linear(1, 20), tmp_path)
    assert "Predicted against true" not in page.words
    cells = page.rows("Predictions")[0]
    assert cells[1].endswith(", …")


def test_predictions_that_are_no_numbers_any_more_are_told_as_such(tmp_path: Path) -> None:
    model = linear(1, 1)
    nn.init.constant_(model.weight, float("nan"))
    page = decoded(numbered().load([]), model, tmp_path)
    assert page.rows("Predictions")[0][2:4] == ["nan", "nan"]


def test_pictures_are_the_records_themselves(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    images = draw.integers(0, 17, size=(8, 1, 6, 5))
    images[0, 0, 0, 0], images[0, 0, 0, 1] = 0, 16
    data = Dataset(
        source=Literal(image=images.tolist(), label=[0, 1] * 4),
        fields={
            "image": Field("image", Scale(1 / 16), shape=(1, 6, 5)),
            "label": Field("label", classes=2),
        },
    ).load([])
    model = nn.Sequential(nn.Flatten(), linear(30, 2))
    page = shown(tmp_path, data, model, "label")
    sources = page.values("src")
    assert len(sources) == 8
    seen = {
        np.asarray(Image.open(io.BytesIO(base64.b64decode(s.split(",")[1])))).tobytes()
        for s in sources
    }
    wanted = {np.round(image[0] * 255 / 16).astype(np.uint8).tobytes() for image in images}
    assert seen == wanted


def test_colour_pictures_keep_their_colours_and_large_ones_are_made_smaller() -> None:
    values = torch.zeros(1, 3, 300, 600)
    values[:, 0] = 255
    (uri,) = pictures(values, (3, 300, 600), True)
    image = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    assert (image.mode, image.size) == ("RGB", (192, 96))
    assert image.getpixel((10, 10)) == (255, 0, 0)


def test_a_picture_of_one_value_or_of_no_numbers_is_still_one() -> None:
    assert len(pictures(torch.full((2, 1, 4, 4), 3.0), (1, 4, 4), False)) == 2
    assert len(pictures(torch.full((1, 1, 4, 4), float("nan")), (1, 4, 4), False)) == 1


class MeanOfWords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.Embedding(30, 4)
        self.out = nn.Linear(4, 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        shown: torch.Tensor = self.out(self.words(tokens).mean(1))
        return shown


def test_texts_are_shown_in_words(tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text(
        "text,mood\nwhat a lovely day,good\nwhat a <b>dreadful</b> day,bad\nlovely lovely,good\n"
    )
    data = Dataset(
        source=Csv("said.csv"),
        fields={
            "tokens": Field("text", Words(), Vocabulary(30), Pad(6), tokens=30, shape=(6,)),
            "mood": Field("mood", labels=("bad", "good")),
        },
    ).load([tmp_path])
    page = shown(tmp_path, data, MeanOfWords(), "mood")
    texts = {row[4].strip() for number in (1, 2) for row in _rows(page, number)}
    assert "what a lovely day" in {" ".join(text.split()[:4]) for text in texts}


def _rows(page: Page, number: int) -> list[list[str]]:
    tables = list(page.section("Predictions").iter("table"))
    return page.rows("Predictions", number) if number < len(tables) else []


def test_a_label_at_each_place_is_compared_place_by_place(tmp_path: Path) -> None:
    data = Dataset(
        source=Literal(x=[[0.0, 1.0], [1.0, 0.0]], label=[[0, 1], [1, 1]]),
        fields={"x": Field("x", shape=(2,)), "label": Field("label", classes=2, shape=(2,))},
    ).load([])

    class Twice(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.stack([1 - x, x], 1)

    page = shown(tmp_path, data, Twice(), "label", form="classes(each, LABELS)")
    (wrong,) = page.rows("Predictions", 0)
    assert wrong[1:4] == ["1 1", "1 0", "50.0 %"]


def test_a_fault_in_the_package_spoils_the_predictions_and_no_more(tmp_path: Path) -> None:
    page = shown(tmp_path, labelled().load([]), linear(3, 3), "label")
    assert "No prediction could be shown: RuntimeError" in page.words
    assert "Network" in page.sections


def test_a_diverged_model_predicts_nothing(tmp_path: Path) -> None:
    page = shown(tmp_path, labelled().load([]), linear(2, 3), "label", status="diverged")
    assert "Predictions" not in page.sections
