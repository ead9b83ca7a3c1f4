"""Losses, with the names of `torch.nn.functional`; a loss never broadcasts."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..layers.record import Args, Layer, Mismatch, Result
from ..layers.shape import product
from ..tensor import Type

REDUCTION = "reduction: mean|sum = 'mean'"
PLAIN = ("{}", "{}")


def loss_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A few operations an element of the input."""
    return product(x[0].shape) * dim(3)


def _unlike(x: Type, target: Type) -> Mismatch:
    """Two shapes that torch would broadcast, or refuse."""
    ranks = len(x.shape), len(target.shape)
    notes: tuple[str, ...] = ()
    write = ""
    if ranks[0] == ranks[1] + 1 and x.shape[-1].value == 1:
        notes = ("torch would compare each prediction with the targets of all records",)
        write = "[:, 0] on the prediction, or a target of shape [N, 1] (f32[1] in the data)"
    elif ranks[1] == ranks[0] + 1 and target.shape[-1].value == 1:
        notes = ("torch would compare each prediction with the targets of all records",)
        write = "a prediction of shape [N, 1], or a target without its axis (f32 in the data)"
    return Mismatch(
        f"the prediction is {x} and the target is {target}", write, notes, code="D0403"
    )


def same(name: str) -> Any:
    """The rule of losses that compare floats of one shape."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if target.classes is not None:
            other = "binary_cross_entropy_with_logits" if target.classes == 2 else "cross_entropy"
            return Mismatch(
                f"{name} compares numbers, and the target is {target}",
                write=f"{other}(…)",
                code="D0401",
            )
        if not value.floating or not target.floating:
            wrong = target if value.floating else value
            return Mismatch(f"{name} compares floats, and here comes {wrong}", code="D0401")
        if value.shape != target.shape:
            return _unlike(value, target)
        return Type(value.dtype, ())

    return gives


def over_classes(name: str, wants: str) -> Any:
    """The rule of `cross_entropy` (logits) and `nll_loss` (log-probabilities)."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if not value.floating:
            return Mismatch(f"{name} scores classes with floats, and here comes {value}", code="D0401")
        if wrong := _scores(name, wants, value.meaning):
            return wrong
        if len(value.shape) < 2 or value.shape[1].value == 1:
            return Mismatch(
                f"{name} needs a score for each class, and here comes {value}",
                write="Linear(2) before it, or binary_cross_entropy_with_logits for one score",
                code="D0404",
            )
        if target.floating:
            if target.shape != value.shape:
                return _unlike(value, target)
            return Type(value.dtype, ())
        if target.tokens is not None or target.dtype != "i64":
            return Mismatch(f"the target of {name} holds classes, not {target}", code="D0401")
        expected = (value.shape[0], *value.shape[2:])
        if target.shape != expected:
            wanted = Type("i64", expected, classes=target.classes, labels=target.labels)
            return Mismatch(
                f"for {value} the target of {name} is {wanted}, and here comes {target}",
                code="D0403",
            )
        classes = value.shape[1]
        if target.classes is not None and classes.value != target.classes:
            return Mismatch(
                f"the prediction has {classes} scores, and the target has {target.classes} classes",
                write=f"Linear({target.classes}) as the last layer",
                code="D0405",
            )
        return Type(value.dtype, ())

    return gives


def _scores(name: str, wants: str, meaning: str) -> Mismatch | None:
    """Whether what the numbers mean is what a loss wants."""
    if wants == "logits" and meaning in ("probabilities", "log_probabilities"):
        what = meaning.replace("_", "-")
        inside = "softmax" if name == "cross_entropy" else "sigmoid"
        other = {
            ("cross_entropy", "log_probabilities"): "nll_loss",
            ("cross_entropy", "probabilities"): "",
        }.get((name, meaning), "binary_cross_entropy")
        return Mismatch(
            f"{name} takes scores (logits), and here come {what}",
            write=f"leave out the {inside} before it" + (f", or {other}(…)" if other else ""),
            notes=(f"{name} applies {inside} itself: twice it hardly learns",),
            code="D0402",
        )
    if wants == "log_probabilities" and meaning != "log_probabilities":
        return Mismatch(
            f"{name} takes log-probabilities, and here come {_meant(meaning)}",
            write="cross_entropy(…) on the scores, or log_softmax(-1) before it",
            code="D0402",
        )
    if wants == "probabilities" and meaning != "probabilities":
        return Mismatch(
            f"{name} takes probabilities, and here come {_meant(meaning)}",
            write=f"{name}_with_logits(…) on the scores, or sigmoid before it",
            code="D0402",
        )
    return None


def _meant(meaning: str) -> str:
    words = {"": "raw scores", "activations": "raw activations"}
    return words.get(meaning, meaning.replace("_", "-"))


def binary(name: str, wants: str) -> Any:
    """The rule of binary cross-entropies; a two-label class goes as target of `[N]` or `[N, 1]`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if not value.floating:
            return Mismatch(f"{name} takes floats, and here comes {value}", code="D0401")
        if wrong := _scores(name, wants, value.meaning):
            return wrong
        if target.floating:
            return Type(value.dtype, ()) if value.shape == target.shape else _unlike(value, target)
        if target.classes is None:
            return Mismatch(f"the target of {name} is 0 or 1, not {target}", code="D0401")
        if target.classes != 2:
            return Mismatch(
                f"{name} tells two classes apart, and the target has {target.classes}",
                write="cross_entropy(…)",
                code="D0405",
            )
        if value.shape[-1:] == (dim(2),) and len(value.shape) == len(target.shape) + 1:
            return Mismatch(
                "two scores for two classes belong to cross_entropy",
                write="cross_entropy(…), or Linear(1) as the last layer",
                code="D0404",
            )
        if value.shape not in (target.shape, (*target.shape, dim(1))):
            return _unlike(value, target)
        return Type(value.dtype, ())

    return gives


def binary_target(x: tuple[Type, ...]) -> tuple[str, ...]:
    """How labels become the floats that torch compares: the second label is 1."""
    value, target = x
    if target.floating:
        return PLAIN
    axis = ".unsqueeze(1)" if len(value.shape) == len(target.shape) + 1 else ""
    return ("{}", "{}.float()" + axis)


def _loss(name: str, signature: str, gives: Any, summary: str, sample: str, **more: Any) -> Layer:
    return Layer(
        name,
        signature,
        gives,
        f"F.{name}",
        summary,
        f"{name}({sample})",
        inputs=("input", "target"),
        positional=0,
        flops=loss_flops,
        **more,
    )


LOSSES: dict[str, Layer] = {
    record.name: record
    for record in (
        _loss("mse_loss", REDUCTION, same("mse_loss"), "the mean of squared differences", "y_hat, y"),
        _loss("l1_loss", REDUCTION, same("l1_loss"), "the mean of absolute differences", "y_hat, y"),
        _loss(
            "smooth_l1_loss",
            f"{REDUCTION}, beta: nonnegative = 1.0",
            same("smooth_l1_loss"),
            "squared near zero, absolute elsewhere",
            "y_hat, y",
        ),
        _loss(
            "huber_loss",
            f"{REDUCTION}, delta: positive = 1.0",
            same("huber_loss"),
            "squared up to delta, then a straight line",
            "y_hat, y",
        ),
        _loss(
            "cross_entropy",
            f"{REDUCTION}, label_smoothing: probability = 0.0",
            over_classes("cross_entropy", "logits"),
            "scores of classes (logits) against the right class",
            "logits, label",
        ),
        _loss(
            "nll_loss",
            REDUCTION,
            over_classes("nll_loss", "log_probabilities"),
            "log-probabilities of classes against the right class",
            "log_probabilities, label",
        ),
        _loss(
            "binary_cross_entropy_with_logits",
            REDUCTION,
            binary("binary_cross_entropy_with_logits", "logits"),
            "one score (a logit) against 0 or 1",
            "logit, label",
            adapt=binary_target,
        ),
        _loss(
            "binary_cross_entropy",
            REDUCTION,
            binary("binary_cross_entropy", "probabilities"),
            "one probability against 0 or 1",
            "p, label",
            adapt=binary_target,
        ),
    )
}
