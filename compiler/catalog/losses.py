"""Losses, with the names of `torch.nn.functional`; a loss never broadcasts."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..layers.record import Args, Layer, Mismatch, Result, Shape
from ..layers.shape import product
from ..tensor import Type

REDUCTION = "reduction: mean|sum = 'mean'"
PLAIN = ("{}", "{}")
SWAPPED = "the prediction comes first: turn the two around"
NO_ARGMAX = "give it the scores themselves: a label that was chosen has no gradient"


def loss_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A few operations an element of the input."""
    return product(x[0].shape) * dim(3)


def _unlike(name: str, x: Type, target: Type) -> Mismatch:
    """Two shapes that torch would broadcast, or refuse."""
    ranks = len(x.shape), len(target.shape)
    notes: tuple[str, ...] = ()
    shape = Type(target.dtype, x.shape[1:])
    write = f"declare the target as `{shape}` in the data"
    if ranks[0] == ranks[1] + 1 and x.shape[-1].value == 1:
        notes = ("torch would compare each prediction with the targets of all records",)
        write += f", or write `unsqueeze({ranks[1]})` behind it"
    elif ranks[1] == ranks[0] + 1 and target.shape[-1].value == 1:
        notes = ("torch would compare each prediction with the targets of all records",)
        write += ", without its axis of 1"
    elif x.shape and target.shape and x.shape[1:] == target.shape[1:]:
        write = f"write `{target.shape[0]}` instead of {x.shape[0]}, or the other way round"
    elif ranks[0] == ranks[1] == 2 and target.shape[1].value:
        write = f"`Linear({target.shape[1]})` as the last layer"
    return Mismatch(
        f"{name} compares equal shapes, and the prediction is {x}, the target {target}",
        write,
        notes,
        code="D0403",
    )


def _numbers(name: str, x: Type, target: Type) -> Mismatch | None:
    """What is wrong with two values that are to be floats of one dtype."""
    for value in (x, target):
        if not value.floating:
            write = f"declare it as `{Type('f32', value.shape[1:])}`"
            if value.dtype == "bool":
                write = "write `-> to(f32)` behind it"
            elif value.classes is not None:
                write = SWAPPED if target.floating else NO_ARGMAX
            return Mismatch(f"{name} compares floats, and here comes {value}", write, code="D0401")
    if x.dtype != target.dtype:
        return Mismatch(
            f"{name} compares floats of one dtype, and here come {x} and {target}",
            f"declare the target as `{Type(x.dtype, target.shape[1:])}`",
            code="D0401",
        )
    return None


def same(name: str) -> Any:
    """The rule of losses that compare floats of one shape."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if target.classes is not None and value.floating:
            other = "binary_cross_entropy_with_logits" if target.classes == 2 else "cross_entropy"
            return Mismatch(
                f"{name} compares numbers, and the target is {target}",
                f"write `{other}(…)`",
                code="D0401",
            )
        if wrong := _numbers(name, value, target):
            return wrong
        if value.shape != target.shape:
            return _unlike(name, value, target)
        return Type(value.dtype, ())

    return gives


def over_classes(name: str, wants: str) -> Any:
    """The rule of `cross_entropy` (logits) and `nll_loss` (log-probabilities)."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if not value.floating:
            write = SWAPPED if target.floating else NO_ARGMAX
            return Mismatch(
                f"{name} scores classes with floats, and here comes {value}", write, code="D0401"
            )
        if wrong := _scores(name, wants, value.meaning):
            return wrong
        if len(value.shape) < 2 or value.shape[1].value == 1:
            last = _last_layer(value, target.classes or 2)
            return Mismatch(
                f"{name} needs a score for each class, and here comes {value}",
                f"write {last} as the last layer, or for one score "
                "`binary_cross_entropy_with_logits(…)`",
                code="D0404",
            )
        alike = len(target.shape) == len(value.shape) and target.shape[1].value != 1
        if target.floating and alike and name == "cross_entropy":
            if target.shape != value.shape:
                return _unlike(name, value, target)
            return _numbers(name, value, target) or Type(value.dtype, ())
        if target.tokens is not None or target.dtype != "i64":
            many = target.tokens or value.shape[1]
            places = value.shape[2:] if target.floating else target.shape[1:]
            inner = f"[{', '.join(map(str, places))}]" if places else ""
            return Mismatch(
                f"the target of {name} holds classes, and here comes {target}",
                f"declare it as `class({many}){inner}`",
                code="D0401",
            )
        return _of_classes(name, value, target)

    return gives


def _of_classes(name: str, value: Type, target: Type) -> Result:
    """Scores against class labels: axis 1 of the scores is over the classes."""
    expected = (value.shape[0], *value.shape[2:])
    if target.shape != expected:
        wanted = Type("i64", expected, classes=target.classes, labels=target.labels)
        write = ""
        if target.shape == value.shape[:1] and len(value.shape) == 3:
            write = "take one step before the last layer, `y[:, -1]`, or their mean: `-> mean(1)`"
        elif target.shape == value.shape[:-1] and len(value.shape) == 3:
            write = "write `-> permute(0, 2, 1)` behind the scores: the classes are axis 1"
        elif target.shape == (expected[0], dim(1), *expected[1:]) and len(expected) > 1:
            write = "write `squeeze(1)` behind it: labels have no axis of channels"
        elif len(target.shape) == len(expected) > 1:
            write = _at_other_places(expected[1:], target.shape[1:])
        elif target.shape == (*expected, dim(1)):
            write = f"declare it as `{Type('i64', (), classes=target.classes)}`, without an axis"
        return Mismatch(
            f"for {value} the target of {name} is {wanted}, and here comes {target}",
            write,
            code="D0403",
        )
    classes = value.shape[1]
    if target.classes is not None and classes.value != target.classes:
        return Mismatch(
            f"the prediction has {classes} scores, and the target has {target.classes} classes",
            f"write {_last_layer(value, target.classes)} as the last layer",
            code="D0405",
        )
    return Type(value.dtype, ())


def _last_layer(value: Type, scores: int) -> str:
    """The layer that gives so many scores: of a record, or of each of its places."""
    places = len(value.shape) - 2
    return f"`Conv{places}d({scores}, 1)`" if 0 < places < 4 else f"`Linear({scores})`"


def _at_other_places(given: Shape, wanted: Shape) -> str:
    """How a map of scores gets as many places as its target has."""
    if len(given) == 1 and (later := (wanted[0] - given[0]).value) and 0 < later < 9:
        return f"write `[:, {later}:]` behind the target: what comes {later} later"
    for factor in range(2, 65):
        if tuple(size * factor for size in given) == wanted:
            return f"write `-> Upsample(scale_factor={factor})` behind the scores"
    sizes = ", ".join(map(str, wanted))
    return f"write `-> interpolate([{sizes}])` behind the scores"


def _scores(name: str, wants: str, meaning: str) -> Mismatch | None:
    """Whether what the numbers mean is what a loss wants."""
    raw = meaning not in ("probabilities", "log_probabilities")
    if meaning == wants or (wants == "logits" and raw):
        return None
    meant = {"": "raw scores", "activations": "raw activations"}.get(meaning)
    wanted = "scores (logits)" if wants == "logits" else wants.replace("_", "-")
    inside = "softmax" if name == "cross_entropy" else "sigmoid"
    notes = (f"{name} applies {inside} itself: applied twice, it hardly learns",)
    return Mismatch(
        f"{name} takes {wanted}, and here come {meant or meaning.replace('_', '-')}",
        MEANT_INSTEAD[name, "" if raw else meaning],
        notes if wants == "logits" else (),
        code="D0402",
    )


MEANT_INSTEAD = {
    ("cross_entropy", "probabilities"): "leave out the softmax, or sigmoid, before it",
    ("cross_entropy", "log_probabilities"): (
        "leave out the log_softmax before it, or write `nll_loss(…)`"
    ),
    ("nll_loss", ""): "write `cross_entropy(…)`, or `-> log_softmax(1)` before it",
    ("nll_loss", "probabilities"): (
        "write `log_softmax` instead of `softmax`, or `cross_entropy(…)` on the scores before it"
    ),
    ("binary_cross_entropy_with_logits", "probabilities"): (
        "leave out the sigmoid before it, or write `binary_cross_entropy(…)`"
    ),
    ("binary_cross_entropy_with_logits", "log_probabilities"): (
        "leave out the logsigmoid before it"
    ),
    ("binary_cross_entropy", ""): (
        "write `binary_cross_entropy_with_logits(…)`, or `-> sigmoid` before it"
    ),
    ("binary_cross_entropy", "log_probabilities"): (
        "write `sigmoid` instead, without the logarithm"
    ),
}


def binary(name: str, wants: str) -> Any:
    """The rule of binary cross-entropies; a two-label class goes as target of `[N]` or `[N, 1]`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, target = x
        if not value.floating:
            write = SWAPPED if target.floating else NO_ARGMAX
            return Mismatch(f"{name} takes floats, and here comes {value}", write, code="D0401")
        if wrong := _scores(name, wants, value.meaning):
            return wrong
        if target.classes is None:
            if wrong := _numbers(name, value, target):
                return wrong
            if value.shape != target.shape:
                return _unlike(name, value, target)
            return Type(value.dtype, ())
        if target.classes != 2:
            return Mismatch(
                f"{name} tells two classes apart, and the target has {target.classes}",
                "write `cross_entropy(…)` on one score a class",
                code="D0405",
            )
        if value.shape == (*target.shape, dim(2)):
            return Mismatch(
                f"{name} takes one score for two classes, and here come two: {value}",
                "write `cross_entropy(…)`, or `Linear(1)` as the last layer",
                code="D0404",
            )
        if value.dtype != "f32" or value.shape not in (target.shape, (*target.shape, dim(1))):
            return Mismatch(
                f"for {target} the prediction of {name} is f32[N] or f32[N, 1], and here comes "
                f"{value}",
                "write `Linear(1)` as the last layer",
                code="D0403",
            )
        return Type(value.dtype, ())

    return gives


def binary_target(x: tuple[Type, ...]) -> tuple[str, ...]:
    """How labels become the floats that torch compares: the second label is 1."""
    value, target = x
    if target.floating:
        return PLAIN
    added = len(value.shape) == len(target.shape) + 1
    axis = f".unsqueeze({len(target.shape)})" if added else ""
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
        _loss(
            "mse_loss", REDUCTION, same("mse_loss"), "the mean of squared differences", "y_hat, y"
        ),
        _loss(
            "l1_loss", REDUCTION, same("l1_loss"), "the mean of absolute differences", "y_hat, y"
        ),
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
            f"ignore_index: int = -100, {REDUCTION}, label_smoothing: probability = 0.0",
            over_classes("cross_entropy", "logits"),
            "scores of classes (logits) against the right class",
            "logits, label",
        ),
        _loss(
            "nll_loss",
            f"ignore_index: int = -100, {REDUCTION}",
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
