"""Metrics of a whole split, named as in torchmetrics.functional.

Each takes all records at once and gives a 0-d tensor on their device (`confusion_matrix` gives
[C, C]) without waiting for that device more than torch itself does. Counts are exact integers;
results are f64, or f32 on MPS, which has no f64. Of zero records every value is nan.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from .errors import DataError

Average = Literal["binary", "macro", "micro", "weighted"]


class Counts(NamedTuple):
    """How often each class was hit, predicted and true: three i64 tensors of shape [C]."""

    hit: Tensor
    predicted: Tensor
    label: Tensor


def accuracy(predicted: Tensor, label: Tensor) -> Tensor:
    """Share of labels, of any one shape, that are predicted right."""
    _same_shape(predicted, label)
    return _wide((predicted == label).sum()) / label.numel()


def precision(predicted: Tensor, label: Tensor, classes: int, average: Average = "macro") -> Tensor:
    """Of what was predicted as a class, the share that is of that class.

    Labels are integers of any one shape. Averages are those of torchmetrics 1.9: `binary` is the
    second of two classes; `macro` is the mean over the classes that are predicted or true at least
    once; `weighted` weighs a class by its labels; `micro` adds the counts first. A class whose
    denominator is zero scores 0.
    """
    counts = _counts(predicted, label, classes)
    return _averaged(counts.hit, counts.predicted, counts, average)


def recall(predicted: Tensor, label: Tensor, classes: int, average: Average = "macro") -> Tensor:
    """Of what is of a class, the share that was predicted so; averaged as in `precision`."""
    counts = _counts(predicted, label, classes)
    return _averaged(counts.hit, counts.label, counts, average)


def f1_score(predicted: Tensor, label: Tensor, classes: int, average: Average = "macro") -> Tensor:
    """Harmonic mean of precision and recall of a class; averaged as in `precision`."""
    counts = _counts(predicted, label, classes)
    return _averaged(2 * counts.hit, counts.predicted + counts.label, counts, average)


def specificity(
    predicted: Tensor, label: Tensor, classes: int, average: Average = "macro"
) -> Tensor:
    """Of what is not of a class, the share not predicted so; averaged as in `precision`."""
    counts = _counts(predicted, label, classes)
    others = label.numel() - counts.label
    return _averaged(others - counts.predicted + counts.hit, others, counts, average)


def confusion_matrix(predicted: Tensor, label: Tensor, classes: int) -> Tensor:
    """i64 [C, C]: the row is the true class, the column the predicted one."""
    _same_shape(predicted, label)
    _count(label, classes)
    _count(predicted, classes)
    pair = label.long() * classes + predicted.long()
    return torch.bincount(pair.flatten(), minlength=classes * classes).view(classes, classes)


def cohen_kappa(predicted: Tensor, label: Tensor, classes: int) -> Tensor:
    """Agreement above chance, Cohen 1960; nan where all is one class, for chance is then 1."""
    counts = _counts(predicted, label, classes)
    chance = (counts.predicted * counts.label).sum()
    records = label.numel()
    above_chance = records * counts.hit.sum() - chance
    return _wide(above_chance) / _wide(records * records - chance)


def matthews_corrcoef(predicted: Tensor, label: Tensor, classes: int) -> Tensor:
    """Correlation of predicted and true classes, Gorodkin 2004 (Matthews' own for two classes).

    0 where all predictions or all labels are one class, as in scikit-learn, and in torchmetrics
    from three classes on; for two classes torchmetrics has a limit value instead.
    """
    counts = _counts(predicted, label, classes)
    records = label.numel()
    covariance = records * counts.hit.sum() - (counts.predicted * counts.label).sum()
    spread_predicted = records * records - (counts.predicted**2).sum()
    spread_label = records * records - (counts.label**2).sum()
    deviation = _wide(spread_predicted).sqrt() * _wide(spread_label).sqrt()
    return _or_nan(records, _ratio(_wide(covariance), deviation))


def auroc(score: Tensor, label: Tensor) -> Tensor:
    """Area under the ROC curve of two classes: the chance that a 1 scores above a 0 (ties half).

    Any rising function of the probability of label 1 will do as score. nan with a nan among the
    scores, and where only one label occurs, as in scikit-learn (torchmetrics: 0).
    """
    score, positive, first, after = _ranked(score, label)
    negatives_before = pad((1 - positive).cumsum(0), (1, 0))
    below_twice = negatives_before[first] + negatives_before[after]
    positives = positive.sum()
    pairs = positives * (positive.numel() - positives)
    area = _wide((positive * below_twice).sum()) / _wide(2 * pairs)
    return area.masked_fill(score.isnan().any(), torch.nan)


def average_precision(score: Tensor, label: Tensor) -> Tensor:
    """Mean over the 1s of the precision at their score, the step-wise area of scikit-learn.

    0 where no label is 1, as in scikit-learn and torchmetrics; nan with a nan among the scores.
    """
    score, positive, first, _ = _ranked(score, label)
    positives = positive.sum()
    hits_before = pad(positive.cumsum(0), (1, 0))
    precision_here = _wide(positives - hits_before[first]) / (positive.numel() - first)
    mean = _ratio((positive * precision_here).sum(), _wide(positives))
    return _or_nan(label.numel(), mean).masked_fill(score.isnan().any(), torch.nan)


def mean_absolute_error(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean of |predicted - target| over all records and outputs, in the target's unit."""
    return _residual(predicted, target).abs().mean()


def mean_squared_error(predicted: Tensor, target: Tensor, squared: bool = True) -> Tensor:
    """Mean of (predicted - target)^2 over all records and outputs; its root if not `squared`.

    The root is taken once, of the mean over all outputs, as torchmetrics does.
    """
    mean = _residual(predicted, target).square().mean()
    return mean if squared else mean.sqrt()


def mean_absolute_percentage_error(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean of |predicted - target| / |target|, a share (0.1 is ten percent).

    |target| counts as 1.17e-6 at least, torchmetrics' bound; scikit-learn's is 2.2e-16.
    """
    return (_residual(predicted, target).abs() / _wide(target).abs().clamp(min=1.17e-6)).mean()


def r2_score(predicted: Tensor, target: Tensor) -> Tensor:
    """Coefficient of determination, 1 - residual / total sum of squares; mean over the outputs.

    As in scikit-learn: of a constant target 1 if it is met exactly, else 0; of fewer than two
    records nan. (torchmetrics also calls a target constant whose total is below 1e-4.)
    """
    residual = _residual(predicted, target).square().sum(0)
    total = _centred(_wide(target)).square().sum(0)
    return _or_nan(len(target) - 1, _explained(residual, total))


def explained_variance(predicted: Tensor, target: Tensor) -> Tensor:
    """1 - variance of the residual / variance of the target; mean over the outputs.

    Of a constant target 1 if the residual is constant too, else 0, as scikit-learn and
    torchmetrics have it.
    """
    residual = _centred(_residual(predicted, target)).square().sum(0)
    total = _centred(_wide(target)).square().sum(0)
    return _or_nan(len(target), _explained(residual, total))


def pearson_corrcoef(predicted: Tensor, target: Tensor) -> Tensor:
    """Pearson's correlation, the mean over the outputs; nan where either side is constant."""
    _same_shape(predicted, target)
    x, y = _centred(_wide(predicted)), _centred(_wide(target))
    deviation = x.square().sum(0).sqrt() * y.square().sum(0).sqrt()
    return ((x * y).sum(0) / deviation).clamp(-1, 1).mean()


def _wide(values: Tensor) -> Tensor:
    return values.to(torch.float32 if values.device.type == "mps" else torch.float64)


def _same_shape(predicted: Tensor, label: Tensor) -> None:
    # [n, 1] against [n] would broadcast to [n, n] and give a wrong number without a word.
    if predicted.shape != label.shape:
        raise ValueError(f"shapes differ: {tuple(predicted.shape)} and {tuple(label.shape)}")


def _count(labels: Tensor, classes: int) -> Tensor:
    counts = torch.bincount(labels.flatten().long(), minlength=classes)
    if len(counts) > classes:
        raise DataError(
            f"Label {len(counts) - 1} does not exist: {classes} classes are 0 to {classes - 1}.",
            "Declare as many classes as the data has.",
        )
    return counts


def _counts(predicted: Tensor, label: Tensor, classes: int) -> Counts:
    # Three vectors and not the matrix: a vocabulary of 50,000 would need 20 GB for that.
    _same_shape(predicted, label)
    of_predicted, of_label = _count(predicted, classes), _count(label, classes)
    hit = torch.where(predicted == label, label.long(), classes)
    return Counts(_count(hit, classes + 1)[:classes], of_predicted, of_label)


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    return (numerator / denominator).masked_fill(denominator == 0, 0)


def _or_nan(records: int, value: Tensor) -> Tensor:
    return value if records > 0 else torch.full_like(value, torch.nan)


def _averaged(numerator: Tensor, denominator: Tensor, counts: Counts, average: Average) -> Tensor:
    top, bottom = _wide(numerator), _wide(denominator)
    match average:
        case "binary" if len(top) == 2:
            score = _ratio(top[1], bottom[1])
        case "micro":
            score = _ratio(top.sum(), bottom.sum())
        case "macro" | "weighted":
            seen = counts.predicted + counts.label > 0
            weight = _wide(counts.label if average == "weighted" else seen)
            return (weight * _ratio(top, bottom)).sum() / weight.sum()
        case _:
            raise ValueError(f"no average {average!r} over {len(top)} classes")
    return score.masked_fill(counts.label.sum() == 0, torch.nan)


def _ranked(score: Tensor, label: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rising scores, whether each is of a 1, and where its ties begin and end: four of [n]."""
    _same_shape(score, label)
    rising, order = score.detach().flatten().sort()
    positive = (label.flatten()[order] == 1).long()
    first = torch.searchsorted(rising, rising)
    return rising, positive, first, torch.searchsorted(rising, rising, right=True)


def _residual(predicted: Tensor, target: Tensor) -> Tensor:
    _same_shape(predicted, target)
    return _wide(predicted) - _wide(target)


def _centred(values: Tensor) -> Tensor:
    # Without the shift by the first record, rounding gives a constant column a tiny variance.
    shifted = values - values[:1]
    return shifted - shifted.mean(0)


def _explained(residual: Tensor, total: Tensor) -> Tensor:
    score = 1 - residual / total
    score = score.masked_fill((total == 0) & (residual > 0), 0)
    return score.masked_fill(residual == 0, 1).mean()
