"""`Linear` and `Bilinear`: products of values with weights, and the functions of the same names."""

from __future__ import annotations

from ..dims import Dim, dim, text
from ..tensor import FLOATS, Type
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    equal,
    floats,
    under,
)


def linear(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., in_features]` becomes `[..., out_features]`."""
    (value,) = x
    if wrong := floats(value, "Linear", ("f32",)) or _last_axis("Linear", value, a):
        return wrong
    return Type(value.dtype, (*value.shape[:-1], dim(a["out_features"])))


def _last_axis(name: str, value: Type, a: Args) -> Mismatch | None:
    """What is wrong with a value whose last axis is to be read."""
    if not value.shape:
        write = "a reduction names the axis that goes: `-> mean(1)`"
        return Mismatch(f"{name} takes at least one axis, and a scalar has 0", write)
    if value.spatial:
        return Mismatch(
            f"{name} works on the last axis, and here that is the width of a feature map",
            write=f"-> flatten(1) -> {name}({a.get('out_features', '…')})",
            notes=(f"`{_channels_last(value)}` before it works on the channels of each place",),
        )
    return None


def _channels_last(value: Type) -> str:
    """The permutation that brings axis 1 to the end: `permute(0, 2, 3, 1)`."""
    axes = [0, *range(2, len(value.shape)), 1]
    return f"-> permute({', '.join(map(str, axes))})"


def linear_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """The matrix, and the bias where there is one."""
    shapes = {"weight": (y.shape[-1], x[0].shape[-1])}
    return shapes | ({"bias": (y.shape[-1],)} if a["bias"] else {})


def linear_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each weight and row; adding the bias counts one an element."""
    each = elementwise(x, y, a)
    return each * x[0].shape[-1] * 2 + (each if a["bias"] else 0)


def bilinear(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., in1]` and `[..., in2]` become `[..., out_features]`."""
    conditions: list[Condition] = []
    for value in x:
        if wrong := floats(value, "Bilinear", ("f32",)) or _last_axis("Bilinear", value, a):
            return wrong
    if wrong := _alike("Bilinear", x[0], x[1], conditions):
        return wrong
    return under(Type("f32", (*x[0].shape[:-1], dim(a["out_features"]))), conditions)


def _alike(name: str, first: Type, second: Type, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with two values that must agree on all axes but the last."""
    sizes = zip(first.shape[:-1], second.shape[:-1], strict=False)
    if len(first.shape) == len(second.shape) and all(equal(a, b, conditions) for a, b in sizes):
        return None
    return Mismatch(
        f"{name} pairs two values that agree on all axes but the last: {first} and {second} do not",
        write="give both the same axes before the last one: `expand` repeats an axis of 1",
    )


def bilinear_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """A matrix for each output, and the bias where there is one."""
    shapes = {"weight": (y.shape[-1], x[0].shape[-1], x[1].shape[-1])}
    return shapes | ({"bias": (y.shape[-1],)} if a["bias"] else {})


def bilinear_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each weight, `x1 A`, then one for each of x2; the bias one an element.

    Source: y = x1 A x2 + b in the documentation of `torch.nn.Bilinear`.
    """
    each = elementwise(x, y, a)
    inner = (x[0].shape[-1] + 1) * x[1].shape[-1] * 2
    return each * inner + (0 if a["bias"] in (None, False) else each)


def linear_function(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., in]` with the weight `[out, in]` or `[in]` of the author's own."""
    value, weight = x
    conditions: list[Condition] = []
    if wrong := _multiplied("linear", (value, weight), a["bias"]) or _last_axis("linear", value, a):
        return wrong
    if len(weight.shape) not in (1, 2):
        return Mismatch(f"linear takes a weight [out, in] or [in], not {weight}")
    if not equal(value.shape[-1], weight.shape[-1], conditions):
        return _unlike("linear", value, weight, -1)
    if len(weight.shape) == 1:
        if a["bias"] is not None:
            return Mismatch("torch adds no bias to the product with a single row", write="… + bias")
        return under(Type(value.dtype, value.shape[:-1]), conditions)
    if wrong := _bias("linear", a["bias"], weight.shape[0], conditions):
        return wrong
    return under(Type(value.dtype, (*value.shape[:-1], weight.shape[0])), conditions)


def bilinear_function(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., in1]` and `[..., in2]` with a weight `[out, in1, in2]` of the author's own."""
    first, second, weight = x
    conditions: list[Condition] = []
    wrong = _multiplied("bilinear", x, a["bias"])
    for value in (first, second):
        wrong = wrong or _last_axis("bilinear", value, a)
    if wrong := wrong or _alike("bilinear", first, second, conditions):
        return wrong
    if len(weight.shape) != 3:
        return Mismatch(f"bilinear takes a weight [out, in1, in2], not {weight}")
    for value, axis in ((first, -2), (second, -1)):
        if not equal(value.shape[-1], weight.shape[axis], conditions):
            return _unlike("bilinear", value, weight, axis)
    if wrong := _bias("bilinear", a["bias"], weight.shape[0], conditions):
        return wrong
    return under(Type(first.dtype, (*first.shape[:-1], weight.shape[0])), conditions)


def _multiplied(name: str, values: tuple[Type, ...], bias: Type | None) -> Mismatch | None:
    """What is wrong with the dtypes of values that are multiplied."""
    given = (*values, bias) if bias is not None else values
    for each in given:
        if wrong := floats(each, name, FLOATS):
            return wrong
        if each.dtype != given[0].dtype:
            dtypes = " and ".join(dict.fromkeys(str(value.dtype) for value in given))
            write = f"-> to({given[0].dtype})"
            return Mismatch(f"{name} takes one dtype, not {dtypes}", write, code="D0202")
    return None


def _unlike(name: str, value: Type, weight: Type, axis: int) -> Mismatch:
    """A weight that does not go with the last axis of a value."""
    sizes = f"{text(value.shape[-1])} and {text(weight.shape[axis])}"
    return Mismatch(
        f"axis {axis} of the weight {weight} goes with the last axis of {value}, and these sizes "
        f"are {sizes}",
        write="weight.T turns a matrix around" if name == "linear" else "",
    )


def _bias(name: str, bias: Type | None, out: Dim, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with a bias, which has one number for each output."""
    if bias is None or (len(bias.shape) == 1 and equal(bias.shape[0], out, conditions)):
        return None
    return Mismatch(f"the bias of {name} is [{text(out)}] here, a number an output, not {bias}")


def linear_function_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """As of the layer."""
    return linear_flops(x[:1], y, a)


LINEAR = (
    Layer(
        "Linear",
        "out_features: size, bias: bool = True",
        linear,
        "nn.Linear",
        "y = x Wᵀ + b on the last axis",
        "x -> Linear(10)",
        infers={"in_features": lambda x: x[0].shape[-1]},
        positional=2,
        stem="linear",
        weights=linear_weights,
        flops=linear_flops,
    ),
    Layer(
        "Bilinear",
        "out_features: size, bias: bool = True",
        bilinear,
        "nn.Bilinear",
        "y = x1ᵀ A x2 + b on the last axes of two values",
        "(x, x) -> Bilinear(10)",
        inputs=("input1", "input2"),
        infers={
            "in1_features": lambda x: x[0].shape[-1],
            "in2_features": lambda x: x[1].shape[-1],
        },
        positional=3,
        stem="bilinear",
        weights=bilinear_weights,
        flops=bilinear_flops,
    ),
    Layer(
        "linear",
        "bias: tensor? = None",
        linear_function,
        "F.linear",
        "y = x Wᵀ + b with weights that are given",
        "linear(x, randn(10, 784))",
        inputs=("input", "weight"),
        flops=linear_function_flops,
    ),
    Layer(
        "bilinear",
        "bias: tensor? = None",
        bilinear_function,
        "F.bilinear",
        "y = x1ᵀ A x2 + b with weights that are given",
        "bilinear(x, x, randn(10, 784, 784))",
        inputs=("input1", "input2", "weight"),
        flops=bilinear_flops,
    ),
)
