"""The metrics against scikit-learn and torchmetrics, on random and on awkward input."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from math import isnan, nan, sqrt

import pytest
import torch
import torchmetrics.functional as oracle
import torchmetrics.functional.classification as multiclass
from dlc.runtime import metrics
from dlc.runtime.errors import DataError
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from torch import Tensor

AVERAGED = ["precision", "recall", "f1_score", "specificity"]
OF_CLASSES = [*AVERAGED, "cohen_kappa", "matthews_corrcoef"]
OF_NUMBERS = [
    "mean_absolute_error",
    "mean_squared_error",
    "mean_absolute_percentage_error",
    "r2_score",
    "explained_variance",
    "pearson_corrcoef",
]
SKLEARN = {"r2_score": "r2_score", "explained_variance": "explained_variance_score"} | {
    name: name for name in OF_NUMBERS[:2]
}

Labelled = tuple[Tensor, Tensor, int]
Test = Callable[..., None]


def for_any(strategy: st.SearchStrategy[object]) -> Callable[[Test], Test]:
    return lambda test: settings(deadline=None, max_examples=30)(given(case=strategy)(test))


@st.composite
def labelled(draw: st.DrawFn, most: int = 5) -> Labelled:
    """Predictions and labels of up to 40 records; few records leave classes out."""
    classes = draw(st.integers(2, most))
    label = st.integers(0, classes - 1)
    pairs = draw(st.lists(st.tuples(label, label), min_size=1, max_size=40))
    predicted, true = torch.tensor(pairs).T
    return predicted, true, classes


@st.composite
def scored(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Scores with many ties, and labels 0 and 1, each at least once."""
    record = st.tuples(st.integers(0, 12), st.integers(0, 1))
    records = [*draw(st.lists(record, max_size=40)), (draw(st.integers(0, 12)), 1), (5, 0)]
    return torch.tensor([s / 12 for s, _ in records]), torch.tensor([y for _, y in records])


@st.composite
def measured(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Two f64 tensors [n, k] or [n], from quarters, so that equal means equal."""
    outputs = draw(st.integers(1, 3))
    row = st.lists(st.integers(-40, 40), min_size=2 * outputs, max_size=2 * outputs)
    table = torch.tensor(draw(st.lists(row, min_size=2, max_size=30)), dtype=torch.float64) / 4
    predicted, target = table[:, :outputs].contiguous(), table[:, outputs:].contiguous()
    return (predicted, target) if outputs > 1 else (predicted[:, 0], target[:, 0])


def call(name: str, *arguments: object) -> float:
    value = getattr(metrics, name)(*arguments)
    assert value.shape == () and value.dtype == torch.float64
    return float(value)


def from_sklearn(name: str, *arguments: object, **options: object) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(getattr(sklearn_metrics, name)(*arguments, **options))


def near(value: object, rel: float = 1e-9) -> object:
    return pytest.approx(value, rel=rel, abs=rel, nan_ok=True)


@for_any(labelled())
def test_accuracy_is_that_of_both_oracles(case: Labelled) -> None:
    predicted, label, classes = case
    expected = multiclass.multiclass_accuracy(predicted, label, classes, average="micro")
    assert call("accuracy", predicted, label) == near(expected.item(), 1e-6)
    assert call("accuracy", predicted, label) == near(
        from_sklearn("accuracy_score", label, predicted)
    )


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("name", AVERAGED)
@for_any(labelled())
def test_averages_are_torchmetrics_multiclass_averages_absent_classes_included(
    name: str, average: str, case: Labelled
) -> None:
    predicted, label, classes = case
    theirs = getattr(multiclass, f"multiclass_{name}")
    expected = theirs(predicted, label, classes, average=average).item()
    assert call(name, predicted, label, classes, average) == near(expected, 1e-5)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1_score"])
@for_any(labelled())
def test_averages_are_those_of_scikit_learn(name: str, average: str, case: Labelled) -> None:
    predicted, label, classes = case
    theirs = name if name == "f1_score" else f"{name}_score"
    expected = from_sklearn(theirs, label, predicted, average=average, zero_division=0)
    assert call(name, predicted, label, classes, average) == near(expected)


@pytest.mark.parametrize("name", AVERAGED)
@for_any(labelled(most=2))
def test_binary_average_takes_the_second_label_as_positive(name: str, case: Labelled) -> None:
    predicted, label, _ = case
    expected = getattr(multiclass, f"binary_{name}")(predicted, label).item()
    assert call(name, predicted, label, 2, "binary") == near(expected, 1e-6)


@pytest.mark.parametrize(
    ("predicted", "label", "expected"),
    [
        ([0, 0, 1], [0, 1, 1], {"precision": 0.75, "recall": 0.75}),
        ([2, 2, 2], [0, 0, 0], {"precision": 0.0, "recall": 0.0, "f1_score": 0.0}),
        ([1, 1], [1, 1], {"precision": 1.0, "recall": 1.0, "f1_score": 1.0, "specificity": 0.0}),
    ],
    ids=["a class nowhere is left out", "a class on one side counts 0", "one class alone"],
)
def test_macro_average_by_hand(
    predicted: list[int], label: list[int], expected: dict[str, float]
) -> None:
    got = {name: call(name, torch.tensor(predicted), torch.tensor(label), 4) for name in expected}
    assert got == expected


@pytest.mark.parametrize("name", AVERAGED)
def test_binary_average_without_positives_is_zero_or_as_torchmetrics(name: str) -> None:
    for predicted, label in [([0, 0], [0, 0]), ([1, 1], [1, 1]), ([1, 1], [0, 0])]:
        first, second = torch.tensor(predicted), torch.tensor(label)
        expected = getattr(multiclass, f"binary_{name}")(first, second).item()
        assert call(name, first, second, 2, "binary") == expected


@pytest.mark.parametrize("name", AVERAGED)
def test_an_average_that_does_not_fit_is_refused(name: str) -> None:
    label = torch.tensor([0, 1, 2])
    for average in ["binary", "samples"]:
        with pytest.raises(ValueError, match=average):
            getattr(metrics, name)(label, label, 3, average)


@for_any(labelled())
def test_confusion_matrix_has_true_classes_as_rows(case: Labelled) -> None:
    predicted, label, classes = case
    matrix = metrics.confusion_matrix(predicted, label, classes)
    assert matrix.dtype == torch.int64
    expected = sklearn_metrics.confusion_matrix(label, predicted, labels=range(classes))
    assert matrix.tolist() == expected.tolist()
    theirs = multiclass.multiclass_confusion_matrix(predicted, label, classes)
    assert torch.equal(matrix, theirs)


@for_any(labelled())
def test_cohen_kappa_is_that_of_both_oracles(case: Labelled) -> None:
    predicted, label, classes = case
    ours = call("cohen_kappa", predicted, label, classes)
    assert ours == near(from_sklearn("cohen_kappa_score", label, predicted))
    assert ours == near(multiclass.multiclass_cohen_kappa(predicted, label, classes).item(), 1e-4)


@for_any(labelled())
def test_matthews_corrcoef_is_that_of_scikit_learn(case: Labelled) -> None:
    predicted, label, classes = case
    expected = from_sklearn("matthews_corrcoef", label, predicted)
    assert call("matthews_corrcoef", predicted, label, classes) == near(expected)


@for_any(labelled())
def test_matthews_corrcoef_is_that_of_torchmetrics_from_three_classes_on(case: Labelled) -> None:
    predicted, label, classes = case
    expected = multiclass.multiclass_matthews_corrcoef(predicted, label, max(classes, 3)).item()
    ours = call("matthews_corrcoef", predicted, label, max(classes, 3))
    assert ours == near(expected, 1e-4)


def test_one_class_alone_has_no_kappa_and_no_correlation() -> None:
    label = torch.zeros(5, dtype=torch.int64)
    assert isnan(call("cohen_kappa", label, label, 2))
    assert call("matthews_corrcoef", label, label, 2) == 0.0


@pytest.mark.parametrize("name", OF_CLASSES)
def test_labels_of_any_shape_count_like_flat_ones(name: str) -> None:
    predicted, label = torch.randint(0, 4, (2, 6, 5), generator=torch.Generator().manual_seed(0))
    flat = call(name, predicted.flatten(), label.flatten(), 4)
    assert call(name, predicted, label, 4) == flat
    assert call(name, predicted.T, label.T, 4) == flat


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32])
def test_labels_of_small_integers_do_not_wrap(dtype: torch.dtype) -> None:
    label = torch.arange(200).to(dtype)
    assert call("f1_score", label, label, 200) == 1.0
    assert torch.equal(metrics.confusion_matrix(label, label, 200), torch.eye(200).long())


@pytest.mark.parametrize("name", ["confusion_matrix", *OF_CLASSES])
def test_a_label_that_does_not_exist_is_named(name: str) -> None:
    inside, outside = torch.tensor([0, 1, 2]), torch.tensor([0, 7, 1])
    for pair in [(inside, outside), (outside, inside)]:
        with pytest.raises(DataError, match="Label 7 does not exist: 3 classes are 0 to 2"):
            getattr(metrics, name)(*pair, 3)


@for_any(scored())
def test_auroc_is_that_of_both_oracles(case: tuple[Tensor, Tensor]) -> None:
    score, label = case
    ours = call("auroc", score, label)
    assert ours == near(from_sklearn("roc_auc_score", label, score))
    assert ours == near(multiclass.binary_auroc(score, label).item(), 1e-5)


@for_any(scored())
def test_average_precision_is_that_of_both_oracles(case: tuple[Tensor, Tensor]) -> None:
    score, label = case
    ours = call("average_precision", score, label)
    assert ours == near(from_sklearn("average_precision_score", label, score))
    assert ours == near(multiclass.binary_average_precision(score, label).item(), 1e-5)


@pytest.mark.parametrize("only", [0, 1])
def test_scores_of_one_label_alone_are_judged_as_scikit_learn_does(only: int) -> None:
    score, label = torch.tensor([0.2, 0.7, 0.4]), torch.full((3,), only)
    assert isnan(call("auroc", score, label))
    assert isnan(from_sklearn("roc_auc_score", label, score))
    expected = from_sklearn("average_precision_score", label, score)
    assert call("average_precision", score, label) == expected == float(only)


@pytest.mark.parametrize("name", ["auroc", "average_precision"])
def test_a_rising_function_of_the_score_changes_nothing(name: str) -> None:
    generator = torch.Generator().manual_seed(1)
    score = torch.randn(500, 1, generator=generator, requires_grad=True)
    label = torch.randint(0, 2, (500, 1), generator=generator)
    assert call(name, score, label) == call(name, 3 * score.double() - 8, label)


@pytest.mark.parametrize("name", ["auroc", "average_precision"])
def test_a_nan_among_the_scores_gives_nan(name: str) -> None:
    assert isnan(call(name, torch.tensor([0.1, nan, 0.3]), torch.tensor([0, 1, 1])))


@pytest.mark.parametrize("name", SKLEARN)
@for_any(measured())
def test_regression_is_that_of_scikit_learn(name: str, case: tuple[Tensor, Tensor]) -> None:
    predicted, target = case
    expected = from_sklearn(SKLEARN[name], target.numpy(), predicted.numpy())
    assert call(name, predicted, target) == near(expected)


@pytest.mark.parametrize("name", OF_NUMBERS)
@pytest.mark.parametrize("shape", [(50,), (50, 1), (50, 3)])
def test_regression_is_that_of_torchmetrics(name: str, shape: tuple[int, ...]) -> None:
    predicted, target = torch.randn(2, *shape, generator=torch.Generator().manual_seed(2))
    expected = getattr(oracle, name)(predicted.double(), target.double()).mean().item()
    assert call(name, predicted, target) == near(expected)


@for_any(measured())
def test_root_is_taken_of_the_mean_over_all_outputs(case: tuple[Tensor, Tensor]) -> None:
    predicted, target = case
    value = float(metrics.mean_squared_error(predicted, target, squared=False))
    assert value == near(oracle.mean_squared_error(predicted, target, squared=False).item())
    assert value == near(sqrt(call("mean_squared_error", predicted, target)))


def test_percentage_error_of_a_zero_target_is_bounded_as_in_torchmetrics() -> None:
    predicted, target = torch.tensor([1.0, 2.0]).double(), torch.tensor([0.0, 4.0]).double()
    expected = oracle.mean_absolute_percentage_error(predicted, target).item()
    assert call("mean_absolute_percentage_error", predicted, target) == near(expected)


@pytest.mark.parametrize("name", ["r2_score", "explained_variance"])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e8 / 3])
def test_a_constant_target_scores_one_if_met_and_zero_if_not(name: str, constant: float) -> None:
    target = torch.full((7,), constant, dtype=torch.float64)
    missed = target + torch.arange(7)
    assert call(name, target, target) == 1.0
    assert call(name, missed, target) == 0.0
    shifted = 1.0 if name == "explained_variance" else 0.0
    assert call(name, target + 0.5, target) == shifted


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e8 / 3])
def test_correlation_with_a_constant_is_nan(constant: float) -> None:
    target = torch.full((7,), constant, dtype=torch.float64)
    assert isnan(call("pearson_corrcoef", torch.arange(7), target))
    assert isnan(call("pearson_corrcoef", target, torch.arange(7)))


def test_correlation_stays_within_one() -> None:
    # Rounding alone takes a dozen of these fifty past 1.
    for values in torch.randn(50, 9, generator=torch.Generator().manual_seed(3)).double():
        assert call("pearson_corrcoef", values / 3, values) <= 1.0
        assert call("pearson_corrcoef", -values / 3, values) >= -1.0


def test_one_record_has_no_r2_score() -> None:
    assert isnan(call("r2_score", torch.tensor([1.0]), torch.tensor([1.0])))


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_nan_prediction_is_not_hidden(name: str) -> None:
    target = torch.tensor([2.0, 2.0, 2.0])
    assert isnan(call(name, torch.tensor([1.0, nan, 3.0]), target))


def test_large_values_keep_their_digits() -> None:
    generator = torch.Generator().manual_seed(4)
    target = 1e6 + torch.randn(10_000, generator=generator)
    predicted = target + 0.5 * torch.randn(10_000, generator=generator)
    pair = target.double().numpy(), predicted.double().numpy()
    for name, theirs in SKLEARN.items():
        assert call(name, predicted, target) == near(from_sklearn(theirs, *pair))


def test_counts_beyond_the_integers_of_f32_are_exact() -> None:
    records = 2**24 + 3
    label = torch.zeros(records, dtype=torch.uint8)
    predicted = label.clone()
    predicted[0] = 1
    assert call("accuracy", predicted, label) == (records - 1) / records


def test_classes_too_many_for_a_matrix_still_average() -> None:
    label = torch.arange(200_000)
    assert call("f1_score", label.roll(1), label, 200_000) == 0.0
    assert call("matthews_corrcoef", label, label, 200_000) == near(1.0)


@pytest.mark.parametrize("average", ["binary", "macro", "micro", "weighted"])
@pytest.mark.parametrize("name", AVERAGED)
def test_averages_of_zero_records_are_nan(name: str, average: str) -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    assert isnan(call(name, nothing, nothing, 2, average))


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_every_other_metric_of_zero_records_is_nan(shape: tuple[int, ...]) -> None:
    labels, numbers = torch.zeros(shape, dtype=torch.int64), torch.zeros(shape)
    assert isnan(call("accuracy", labels, labels))
    assert isnan(call("cohen_kappa", labels, labels, 3))
    assert isnan(call("matthews_corrcoef", labels, labels, 3))
    assert not metrics.confusion_matrix(labels, labels, 3).any()
    for name in ["auroc", "average_precision"]:
        assert isnan(call(name, numbers, labels))
    for name in OF_NUMBERS:
        assert isnan(call(name, numbers, numbers))


def test_shapes_that_would_broadcast_are_refused() -> None:
    column, row = torch.ones(3, 1), torch.ones(3)
    functions: list[Callable[..., Tensor]] = [
        *(getattr(metrics, name) for name in ["accuracy", "auroc", "average_precision"]),
        *(getattr(metrics, name) for name in OF_NUMBERS),
    ]
    for function in functions:
        with pytest.raises(ValueError, match=r"\(3, 1\) and \(3,\)"):
            function(column, row)
    for name in ["confusion_matrix", *OF_CLASSES]:
        with pytest.raises(ValueError, match=r"\(3, 1\) and \(3,\)"):
            getattr(metrics, name)(column.long(), row.long(), 2)


def test_the_oracles_stay_out_of_the_runtime() -> None:
    wanted = "import sys, dlc.runtime.metrics; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", wanted], capture_output=True, check=True)
    names = {name.split(".")[0] for name in loaded.stdout.decode().split()}
    assert "torch" in names and not names & {"sklearn", "torchmetrics", "scipy"}
