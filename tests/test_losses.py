"""Losses against torch.nn.functional; optimizers and metrics against torch and the runtime."""

from __future__ import annotations

import inspect
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from agreement import Operand
from answers import DTYPES, NAMES
from dlc.compiler.catalog.losses import LOSSES
from dlc.compiler.catalog.training import METRICS, OPTIMIZERS
from dlc.compiler.dims import dim, name
from dlc.compiler.layers.record import REQUIRED, Layer, Mismatch
from dlc.compiler.tensor import Type
from dlc.runtime import metrics, optim

BATCH = name("N")
RAW = ("", "activations")
TARGETS = [
    ("f32", None),
    ("f64", None),
    ("i64", None),
    ("i32", None),
    ("bool", None),
    ("i64", 2),
    ("i64", 5),
]
SHAPES = [(3,), (3, 1), (3, 2), (3, 5), (3, 5, 2), (3, 2, 5), (5, 3), ()]
MEANINGS = ("", "probabilities", "log_probabilities", "activations")
NUMBERS = [name for name in LOSSES if name.endswith("_loss") and name != "nll_loss"]


def values(x: Type, target: Type) -> tuple[torch.Tensor, torch.Tensor]:
    """Tensors of these types; probabilities where the loss wants them."""
    shape = tuple(size.evaluate({"N": 3}) for size in x.shape)
    given = Operand(shape, x.dtype).tensor().requires_grad_(x.floating)
    if x.meaning == "probabilities":
        given = given.sigmoid()
    shape = tuple(size.evaluate({"N": 3}) for size in target.shape)
    wanted = Operand(shape, target.dtype, target.classes or 2).tensor()
    return given, wanted.sigmoid() if target.floating else wanted


def adapted(record: Layer, x: Type, target: Type) -> tuple[torch.Tensor, torch.Tensor]:
    """The tensors as emitted code hands them to torch."""
    given, wanted = values(x, target)
    if record.adapt is None or target.classes is None:
        return given, wanted
    forms = record.adapt((x, target))
    names = {"given": given, "wanted": wanted}
    first, second = forms[0].format("given"), forms[1].format("wanted")
    return eval(first, names), eval(second, names)


def torch_takes(record: Layer, x: Type, target: Type) -> bool:
    """Whether torch gives a scalar with a gradient, and no warning that it broadcasts."""
    given, wanted = adapted(record, x, target)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("warnings.warn", refuse)
        try:
            loss = getattr(F, record.name)(given, wanted)
            loss.backward()
        except (RuntimeError, ValueError, IndexError, Broadcast):
            return False
    return loss.shape == () and NAMES[loss.dtype] == x.dtype


class Broadcast(Exception):
    """torch warns that a loss would broadcast."""


def refuse(*arguments: Any, **_: Any) -> None:
    raise Broadcast(arguments)


def stricter(loss: str, x: Type, target: Type) -> str:
    """Why a loss that torch would compute is refused: the only reasons there are."""
    if loss in ("cross_entropy", "nll_loss") and len(x.shape) < 2:
        return "the batch dimension is written"
    if loss in ("cross_entropy", "nll_loss") and x.shape[1] == 1:
        return "softmax over one unit is constant"
    if loss in NUMBERS and not target.floating:
        return "labels and indices are no numbers to come near to"
    if target.classes not in (None, x.shape[1] if loss in ("cross_entropy", "nll_loss") else 2):
        return "there is one score for each class"
    if x.dtype != target.dtype and target.floating:
        return "torch computes in the wider dtype, which no weight has"
    return ""


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_takes_what_torch_takes_and_never_broadcasts(loss: str) -> None:
    record = LOSSES[loss]
    arguments = {each.name: each.default for each in record.parameters}
    meaning = {"nll_loss": "log_probabilities", "binary_cross_entropy": "probabilities"}.get(
        loss, ""
    )
    taken = 0
    for x_shape, shape, (dtype, classes) in product(SHAPES, SHAPES, TARGETS):
        x = Type("f32", tuple(map(dim, x_shape)), meaning)
        target = Type(dtype, tuple(map(dim, shape)), classes=classes)
        ours = record.gives((x, target), arguments)
        if isinstance(ours, Mismatch):
            assert ours.code in ("D0401", "D0403", "D0404", "D0405")
            assert not torch_takes(record, x, target) or stricter(loss, x, target), (x, target)
        else:
            assert ours == Type("f32", ())
            assert torch_takes(record, x, target), (x, target)
            taken += 1
    assert taken >= 8


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("meaning", MEANINGS)
def test_a_loss_wants_the_numbers_that_its_formula_is_for(loss: str, meaning: str) -> None:
    record = LOSSES[loss]
    target = Type("i64", (BATCH,), classes=5) if loss in ("cross_entropy", "nll_loss") else None
    x = Type("f32", (BATCH, dim(5)), meaning)
    arguments = {each.name: each.default for each in record.parameters}
    result = record.gives((x, target or Type("f32", x.shape)), arguments)
    takes = {
        "cross_entropy": RAW,
        "binary_cross_entropy_with_logits": RAW,
        "nll_loss": ("log_probabilities",),
        "binary_cross_entropy": ("probabilities",),
    }.get(loss, MEANINGS)
    if meaning in takes:
        assert result == Type("f32", ())
    else:
        assert isinstance(result, Mismatch)
        assert result.code == "D0402"
        assert result.write


WRONG = [
    ("mse_loss", "f32[N, 1]", "f32[N]", "D0403", "declare the target as `f32[1]`"),
    ("mse_loss", "f32[N]", "f32[N, 1]", "D0403", "declare the target as `f32`"),
    ("l1_loss", "f32[N, 2]", "f32[N, 3]", "D0403", "Linear(3)"),
    ("mse_loss", "f32[N, 3]", "class(3)[N]", "D0401", "cross_entropy"),
    ("mse_loss", "f32[N, 1]", "class(2)[N]", "D0401", "binary_cross_entropy_with_logits"),
    ("huber_loss", "f32[N]", "i64[N]", "D0401", "f32"),
    ("smooth_l1_loss", "f32[N]", "f64[N]", "D0401", "f32"),
    ("cross_entropy", "f32[N, 10]", "class(3)[N]", "D0405", "Linear(3)"),
    ("cross_entropy", "f32[N, 1]", "class(2)[N]", "D0404", "Linear(2)"),
    ("cross_entropy", "f32[N]", "class(2)[N]", "D0404", "Linear(2)"),
    ("cross_entropy", "f32[N, 7, 3]", "class(3)[N, 7]", "D0403", "permute(0, 2, 1)"),
    ("cross_entropy", "f32[N, 3]", "class(3)[N, 1]", "D0403", "`class(3)`"),
    ("cross_entropy", "f32[N, 9]", "token(9)[N]", "D0401", "class(9)"),
    ("cross_entropy", "i64[N, 9]", "class(9)[N]", "D0401", ""),
    ("nll_loss", "f32[N, 3]", "f32[N, 3]", "D0401", "class(3)"),
    ("binary_cross_entropy_with_logits", "f32[N, 2]", "class(2)[N]", "D0404", "cross_entropy"),
    ("binary_cross_entropy_with_logits", "f32[N, 1]", "class(3)[N]", "D0405", "cross_entropy"),
    ("binary_cross_entropy_with_logits", "f32[N, 3]", "class(2)[N]", "D0403", "Linear(1)"),
    ("binary_cross_entropy", "f32[N]", "bool[N]", "D0401", "f32"),
    ("binary_cross_entropy", "f32[N, 1]", "f32[N]", "D0403", "f32[1]"),
]


def typed(text: str, meaning: str = "") -> Type:
    """A type as its text says: `class(3)[N, 7]`."""
    base, _, sizes = text.partition("[")
    shape = tuple(
        name(size) if size.isalpha() else dim(int(size)) for size in sizes.rstrip("]").split(", ")
    )
    kind, _, bound = base.rstrip(")").partition("(")
    match kind:
        case "class":
            return Type("i64", shape, classes=int(bound))
        case "token":
            return Type("i64", shape, tokens=int(bound))
    return Type(kind, shape, meaning)


@pytest.mark.parametrize(("loss", "x", "target", "code", "help"), WRONG, ids=str)
def test_a_wrong_target_is_refused_with_what_to_write(
    loss: str, x: str, target: str, code: str, help: str
) -> None:
    meaning = {"nll_loss": "log_probabilities", "binary_cross_entropy": "probabilities"}.get(
        loss, ""
    )
    arguments = {each.name: each.default for each in LOSSES[loss].parameters}
    result = LOSSES[loss].gives((typed(x, meaning), typed(target)), arguments)
    assert isinstance(result, Mismatch)
    assert result.code == code
    assert help in result.write


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_two_label_class_is_a_float_for_binary_losses(shape: tuple[int, ...]) -> None:
    x = Type("f32", (dim(4), *map(dim, shape)))
    target = Type("i64", (dim(4),), labels=("no", "yes"), classes=2)
    record = LOSSES["binary_cross_entropy_with_logits"]
    given, wanted = adapted(record, x, target)
    assert given.shape == wanted.shape
    assert wanted.dtype == torch.float32
    assert F.binary_cross_entropy_with_logits(given, wanted).shape == ()


# Arguments of torch's that a spec cannot state, and why.
LEFT_OUT = {
    "weight": "class_weights is a key of the training",
    "pos_weight": "class_weights is a key of the training",
    "size_average": "deprecated",
    "reduce": "deprecated",
    "params": "the model's",
    "foreach": "how it is computed is the compiler's affair",
    "fused": "how it is computed is the compiler's affair",
    "capturable": "how it is computed is the compiler's affair",
    "differentiable": "training does not differentiate its own steps",
    "decoupled_weight_decay": "AdamW is the optimizer for it",
}


@pytest.mark.parametrize("loss", LOSSES)
def test_the_arguments_of_a_loss_are_torch_s(loss: str) -> None:
    same_arguments(LOSSES[loss], inspect.signature(getattr(F, loss)), ("input", "target"))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_arguments_of_an_optimizer_are_torch_s(optimizer: str) -> None:
    torch_s = inspect.signature(getattr(torch.optim, optimizer))
    same_arguments(OPTIMIZERS[optimizer], torch_s, ())
    assert hasattr(optim, optimizer)


def same_arguments(record: Any, signature: inspect.Signature, inputs: tuple[str, ...]) -> None:
    theirs = {p.name: p.default for p in signature.parameters.values() if p.name not in inputs}
    for parameter in record.parameters:
        assert parameter.default is not REQUIRED
        assert theirs[parameter.name] == parameter.default, parameter.name
    ours = {parameter.name for parameter in record.parameters}
    assert {*theirs} - ours <= {*LEFT_OUT}


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_a_function_of_the_runtime(metric: str) -> None:
    record = METRICS[metric]
    signature = inspect.signature(getattr(metrics, record.callable))
    takes = set(signature.parameters)
    assert {parameter.name for parameter in record.parameters} <= takes
    first = next(iter(takes & {"score", "predicted"}))
    second = next(iter(takes & {"label", "target"}))
    kinds = {"labels": ("predicted", "label"), "scores": ("score", "label")}
    assert (first, second) == kinds.get(record.compares, ("predicted", "target"))


@pytest.mark.parametrize("metric", [each for each in METRICS if each != "confusion_matrix"])
def test_a_metric_says_whether_higher_or_lower_is_better(metric: str) -> None:
    """A perfect prediction against a bad one."""
    record = METRICS[metric]
    label = torch.tensor([0, 1, 1, 0, 1, 0])
    good, bad = label, torch.tensor([1, 1, 0, 0, 0, 1])
    if record.compares != "labels":
        label, good, bad = (each.float() for each in (label, good, bad))
    if record.compares == "numbers":
        label, good, bad = (each + 1 for each in (label, good, bad))
    if record.compares == "scores":
        label = label.long()
    measure = getattr(metrics, record.callable)
    more = (2,) if "classes" in inspect.signature(measure).parameters else ()
    best, worst = float(measure(good, label, *more)), float(measure(bad, label, *more))
    assert (best > worst) == (record.better == "higher")
    assert (best < worst) == (record.better == "lower")


def test_a_matrix_cannot_be_ranked() -> None:
    assert METRICS["confusion_matrix"].better == ""


def test_every_metric_of_the_runtime_can_be_asked_for() -> None:
    public = {
        each
        for each, value in vars(metrics).items()
        if inspect.isfunction(value) and value.__module__ == metrics.__name__ and each[0] != "_"
    }
    assert public == {*METRICS}


def test_dtypes_of_the_language_are_those_of_torch() -> None:
    from dlc.compiler.tensor import DTYPES as OURS

    assert {*OURS} == {*DTYPES}
