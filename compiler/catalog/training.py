"""Optimizers and metrics, with the names and defaults of torch.optim and torchmetrics."""

from __future__ import annotations

from .record import Metric, Record


def _optimizer(name: str, signature: str, summary: str) -> Record:
    return Record(name, signature, summary, f"{name}(lr=1e-3)", module="dlc.runtime.optim")


OPTIMIZERS = {
    record.name: record
    for record in (
        _optimizer(
            "SGD",
            "lr: positive = 0.001, momentum: nonnegative = 0, dampening: float = 0, "
            "weight_decay: nonnegative = 0, nesterov: bool = False, maximize: bool = False",
            "stochastic gradient descent, with momentum if wanted",
        ),
        _optimizer(
            "Adam",
            "lr: positive = 0.001, betas: betas = (0.9, 0.999), eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0, amsgrad: bool = False, maximize: bool = False",
            "steps scaled by running means of gradients and their squares",
        ),
        _optimizer(
            "AdamW",
            "lr: positive = 0.001, betas: betas = (0.9, 0.999), eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0.01, amsgrad: bool = False, maximize: bool = False",
            "Adam with weight decay apart from the gradient",
        ),
        _optimizer(
            "RMSprop",
            "lr: positive = 0.01, alpha: probability = 0.99, eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0, momentum: nonnegative = 0, centered: bool = False, "
            "maximize: bool = False",
            "steps divided by a running mean of the gradient's size",
        ),
        _optimizer(
            "Adagrad",
            "lr: positive = 0.01, lr_decay: nonnegative = 0, weight_decay: nonnegative = 0, "
            "initial_accumulator_value: nonnegative = 0, eps: nonnegative = 1e-10, "
            "maximize: bool = False",
            "steps that shrink for weights with large gradients so far",
        ),
        _optimizer(
            "Adadelta",
            "lr: positive = 1.0, rho: probability = 0.9, eps: nonnegative = 1e-06, "
            "weight_decay: nonnegative = 0, maximize: bool = False",
            "Adagrad with a window, without a rate to choose",
        ),
        _optimizer(
            "Adamax",
            "lr: positive = 0.002, betas: betas = (0.9, 0.999), eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0, maximize: bool = False",
            "Adam with the largest gradient instead of the squares' mean",
        ),
        _optimizer(
            "NAdam",
            "lr: positive = 0.002, betas: betas = (0.9, 0.999), eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0, momentum_decay: nonnegative = 0.004, "
            "maximize: bool = False",
            "Adam with Nesterov's momentum",
        ),
        _optimizer(
            "RAdam",
            "lr: positive = 0.001, betas: betas = (0.9, 0.999), eps: nonnegative = 1e-08, "
            "weight_decay: nonnegative = 0, maximize: bool = False",
            "Adam whose first steps are corrected for their variance",
        ),
        _optimizer(
            "ASGD",
            "lr: positive = 0.01, lambd: nonnegative = 0.0001, alpha: nonnegative = 0.75, "
            "t0: nonnegative = 1000000.0, weight_decay: nonnegative = 0, maximize: bool = False",
            "stochastic gradient descent that also keeps the mean of all weights so far",
        ),
        _optimizer(
            "Rprop",
            "lr: positive = 0.01, etas: etas = (0.5, 1.2), step_sizes: pair = (1e-06, 50), "
            "maximize: bool = False",
            "steps by the gradient's sign alone: for data that fits one batch",
        ),
        _optimizer(
            "Adafactor",
            "lr: positive = 0.01, beta2_decay: nonpositive = -0.8, "
            "eps: epsilons = (None, 0.001), d: atleast1 = 1.0, weight_decay: nonnegative = 0.0, "
            "maximize: bool = False",
            "Adam's idea with rows and columns instead of squares of every weight",
        ),
        _optimizer(
            "Muon",
            "lr: positive = 0.001, weight_decay: nonnegative = 0.1, "
            "momentum: nonnegative = 0.95, nesterov: bool = True, "
            "ns_coefficients: triple = (3.4445, -4.775, 2.0315), eps: nonnegative = 1e-07, "
            "ns_steps: iterations = 5, adjust_lr_fn: original|match_rms_adamw? = None",
            "steps made orthogonal, for models whose weights are all matrices",
        ),
    )
}
# Names of torch.optim that no loop here can drive: why, and what to write instead.
REFUSED_OPTIMIZERS = {
    "LBFGS": ("computes the loss many times in one step", "Adam(lr=1e-3)"),
    "SparseAdam": (
        "takes sparse gradients, and every layer here gives dense ones",
        "Adam(lr=1e-3)",
    ),
}


def _metric(
    name: str, signature: str, compares: str, summary: str, better: str = "higher"
) -> Metric:
    example = f"metrics = [{name}]"
    return Metric(
        name, signature, summary, example, "dlc.runtime.metrics", compares=compares, better=better
    )


AVERAGE = "average: binary|macro|micro|weighted? = None"

METRICS = {
    record.name: record
    for record in (
        _metric("accuracy", "", "labels", "the share of right labels"),
        _metric("precision", AVERAGE, "labels", "of what was called a class, the share that is it"),
        _metric("recall", AVERAGE, "labels", "of what is a class, the share that was called it"),
        _metric(
            "specificity", AVERAGE, "labels", "of what is not a class, the share not called it"
        ),
        _metric("f1_score", AVERAGE, "labels", "the harmonic mean of precision and recall"),
        _metric("confusion_matrix", "", "labels", "how often each class was called which", ""),
        _metric("cohen_kappa", "", "labels", "agreement beyond chance"),
        _metric("matthews_corrcoef", "", "labels", "correlation of labels, -1 … 1"),
        _metric("auroc", "", "scores", "the area under the receiver operating characteristic"),
        _metric("average_precision", "", "scores", "the area under precision over recall"),
        _metric("mean_absolute_error", "", "numbers", "the mean of absolute differences", "lower"),
        _metric(
            "mean_squared_error",
            "squared: bool = True",
            "numbers",
            "the mean of squared differences, or its root",
            "lower",
        ),
        _metric("r2_score", "", "numbers", "the share of the variance that is explained"),
        _metric(
            "mean_absolute_percentage_error",
            "",
            "numbers",
            "the mean of relative differences",
            "lower",
        ),
        _metric("explained_variance", "", "numbers", "R², but blind to a constant shift"),
        _metric("pearson_corrcoef", "", "numbers", "linear correlation, -1 … 1"),
    )
}
