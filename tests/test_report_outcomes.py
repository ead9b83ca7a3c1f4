"""Outcomes of records: what counts as right, how wrong is measured, and what cannot be compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field, Splits
from dlc.runtime.report.images import picture_shape
from dlc.runtime.report.outcomes import Outcome, outcomes
from dlc.runtime.report.overview import verdict
from dlc.runtime.report.predictions import best_split
from dlc.runtime.report.samples import samples
from dlc.runtime.sources import Literal
from dlc.runtime.splits import random_split
from torch import Tensor, nn

Decode = Callable[..., list[dict[str, Any]]]


class Predict:
    """A package's module that predicts, made by hand."""

    def __init__(self, inputs: tuple[str, ...], targets: dict[str, str], decode: Decode) -> None:
        self.INPUTS = inputs
        self.TARGETS = targets
        self.decode = decode


class Same(nn.Module):
    """Gives back what it is given, one output an input."""

    def forward(self, *inputs: Tensor) -> Any:
        return inputs if len(inputs) > 1 else inputs[0]


def looked(splits: Splits, targets: dict[str, str], decode: Decode) -> dict[str, list[Outcome]]:
    """The outcomes by output, of a model that gives back its input `x`."""
    found = outcomes(
        Predict(("x",), targets, decode), Same(), splits.dataset, splits.train, seconds=60
    )
    return {each.output: list(each.each) for each in found}


def two_labels(*labels: int) -> Splits:
    return Dataset(
        source=Literal(x=list(range(len(labels))), label=list(labels)),
        fields={"x": Field("x", shape=(1,)), "label": Field("label", labels=("no", "yes"))},
    ).load([])


def test_the_loss_of_a_label_is_that_of_its_probability() -> None:
    def decode(x: Tensor) -> list[dict[str, Any]]:
        shares = [0.9, 0.2, 0.0]
        return [{"p": "", "p.probabilities": {"no": 1 - s, "yes": s}} for s in shares]

    first, second, third = looked(two_labels(1, 1, 1), {"p": "label"}, decode)["p"]
    assert (first.true, first.predicted, first.right) == ("yes", "yes", True)
    assert (second.predicted, second.right) == ("no", False)
    assert first.loss == pytest.approx(-math.log(0.9))
    assert second.loss == pytest.approx(-math.log(0.2))
    assert third.loss == math.inf
    assert second.probability == 0.8


def test_probabilities_that_are_no_numbers_are_the_worst_of_all() -> None:
    def decode(x: Tensor) -> list[dict[str, Any]]:
        nan = float("nan")
        return [{"p": "", "p.probabilities": {"no": nan, "yes": nan}}]

    (only,) = looked(two_labels(1), {"p": "label"}, decode)["p"]
    assert only.loss == math.inf


def test_a_label_that_is_a_number_is_right_though_it_is_decoded_as_one() -> None:
    splits = Dataset(
        source=Literal(x=[0.0], label=[7]),
        fields={"x": Field("x", shape=(1,)), "label": Field("label", classes=10)},
    ).load([])

    def decode(x: Tensor) -> list[dict[str, Any]]:
        shares = {str(label): float(label == 7) for label in range(10)}
        return [{"p": 7, "p.probabilities": shares}]

    (only,) = looked(splits, {"p": "label"}, decode)["p"]
    assert only.right
    assert only.loss == 0


def test_errors_of_numbers_count_in_deviations_of_each() -> None:
    splits = Dataset(
        source=Literal(x=[0, 1, 2, 3], small=[0.0, 1.0, 0.0, 1.0], large=[0, 1000, 0, 1000]),
        fields={"x": Field("x", shape=(1,)), "y": Field(["small", "large"], shape=(2,))},
    ).load([])

    def decode(x: Tensor) -> list[dict[str, Any]]:
        # A whole deviation of the small number is 0.5, of the large one 500.
        return [{"y": each} for each in ([0.5, 0], [1.0, 1500], [0.5, 500], [1.0, 1000])]

    found = looked(splits, {"y": "y"}, decode)["y"]
    assert [each.loss for each in found] == pytest.approx([0.5, 0.5, 1.0, 0.0])
    assert [each.right for each in found] == [False, False, False, True]


def test_predictions_of_another_form_than_the_field_are_not_compared() -> None:
    splits = Dataset(
        source=Literal(x=[0, 1], y=[0.0, 1.0]),
        fields={"x": Field("x", shape=(1,)), "y": Field("y", shape=(1,))},
    ).load([])
    assert looked(splits, {"y": "y"}, lambda x: [{"y": [1.0, 2.0]}] * 2) == {}
    assert looked(splits, {"y": "y"}, lambda x: [{"y": "text"}] * 2) == {}


def test_each_output_has_outcomes_of_its_own() -> None:
    splits = Dataset(
        source=Literal(x=[0, 1], y=[0.0, 1.0], label=[0, 1]),
        fields={
            "x": Field("x", shape=(1,)),
            "y": Field("y", shape=(1,)),
            "label": Field("label", labels=("no", "yes")),
        },
    ).load([])

    def decode(x: Tensor) -> list[dict[str, Any]]:
        return [
            {"a": v, "p": "", "p.probabilities": {"no": 1 - v, "yes": v}} for v in x[:, 0].tolist()
        ]

    found = looked(splits, {"a": "y", "p": "label"}, decode)
    assert {name: [each.right for each in some] for name, some in found.items()} == {
        "a": [True, True],
        "p": [True, True],
    }


def test_a_target_of_ones_and_zeros_for_names_is_left_out() -> None:
    splits = Dataset(
        source=Literal(x=[0, 1], colour=["red", "blue"]),
        fields={
            "x": Field("x", shape=(1,)),
            "colour": Field("colour", Categories("red", "blue"), OneHot(2), shape=(2,)),
        },
    ).load([])
    assert looked(splits, {"c": "colour"}, lambda x: [{"c": [0.0, 1.0]}] * 2) == {}


def test_names_among_the_inputs_are_shown_as_names() -> None:
    splits = Dataset(
        source=Literal(colour=["red", "blue"], label=[0, 1]),
        fields={
            "x": Field("colour", Categories("red", "blue"), OneHot(2), shape=(2,)),
            "label": Field("label", labels=("no", "yes")),
        },
    ).load([])

    def decode(x: Tensor) -> list[dict[str, Any]]:
        return [{"p": "", "p.probabilities": {"no": a, "yes": b}} for a, b in x.tolist()]

    predict = Predict(("x",), {"p": "label"}, decode)
    (found,) = outcomes(predict, Same(), splits.dataset, splits.train, seconds=60)
    assert found.matrix() == [[1, 0], [0, 1]]
    shown = "".join(map(str, samples(found, ("x",), splits.dataset, splits.train)))
    assert ">red</td>" in shown
    assert ">blue</td>" in shown


def test_several_inputs_are_given_in_the_order_of_the_model() -> None:
    splits = Dataset(
        source=Literal(b=[1.0], a=[2.0], y=[0.0]),
        fields={name: Field(name, shape=(1,)) for name in ("b", "a", "y")},
    ).load([])
    seen: list[float] = []

    def decode(first: Tensor, second: Tensor) -> list[dict[str, Any]]:
        seen.extend([first.item(), second.item()])
        return [{"y": 0.0}]

    predict = Predict(("a", "b"), {"y": "y"}, decode)
    outcomes(predict, Same(), splits.dataset, splits.train, seconds=60)
    assert seen == [2.0, 1.0]


def test_no_gradient_is_kept_of_what_is_looked_at() -> None:
    kept: list[bool] = []

    def decode(x: Tensor) -> list[dict[str, Any]]:
        kept.append(x.requires_grad)
        return [{"p": "", "p.probabilities": {"no": 1.0, "yes": 0.0}}] * len(x)

    splits = two_labels(0, 1)
    model = nn.Linear(1, 1)
    outcomes(Predict(("x",), {"p": "label"}, decode), model, splits.dataset, splits.train, 60)
    assert kept == [False]


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((1, 8, 8), (1, 8, 8)),
        ((3, 4, 9), (3, 4, 9)),
        ((2, 8, 8), None),
        ((1, 2, 8), None),
        ((64,), None),
    ],
)
def test_three_axes_with_one_or_three_channels_are_a_picture(
    shape: tuple[int, ...], wanted: tuple[int, ...] | None
) -> None:
    dataset = Dataset(
        source=Literal(x=torch.zeros(2, *shape).tolist()), fields={"x": Field("x", shape=shape)}
    )
    dataset.load([])
    assert picture_shape(dataset, "x") == wanted


def test_a_picture_that_the_model_takes_as_a_row_is_one_all_the_same() -> None:
    field = Field("x", shape=(64,))
    dataset = Dataset(source=Literal(x=[[0.0] * 64]), fields={"x": field})
    dataset.load([])
    field.raw_image, field.raw_shape = True, (1, 8, 8)
    assert picture_shape(dataset, "x") == (1, 8, 8)


def test_the_test_split_goes_before_the_validation_split() -> None:
    both = Dataset(
        source=Literal(x=list(range(20))),
        fields={"x": Field("x", shape=(1,))},
        split=random_split(0.5, validation=0.25, test=0.25),
    ).load([])
    assert best_split(both)[0] == "test"
    assert best_split(Splits(both.train, both.validation, None, both.dataset))[0] == "validation"
    assert best_split(Splits(both.train, None, None, both.dataset)) == ("train", both.train)


@pytest.mark.parametrize("results", [None, {}, {"test": None}, {"test": {"loss": None}}])
def test_a_verdict_without_results_is_one_still(results: Any) -> None:
    said = verdict({"status": "done", "results": results}, 1)
    assert said.startswith("Trained for 1 epoch.")
