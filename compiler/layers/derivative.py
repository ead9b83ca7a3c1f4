"""`grad(y, x)`: the derivative of a scalar, itself differentiable."""

from __future__ import annotations

from ..dims import Dim
from ..tensor import Type
from .record import Args, Layer, Mismatch, Result, elementwise


def grad(x: tuple[Type, ...], a: Args) -> Result:
    """dy/dx, of the shape of x; y is a scalar."""
    y, value = x
    for each in x:
        if not each.floating:
            return Mismatch(f"only floats have derivatives, and this is {each}", code="D0202")
    if y.shape:
        return Mismatch(
            f"grad takes a scalar, and this is {y}",
            write="grad(sum(y), x): records do not depend on each other, so each gets its own",
        )
    return Type(value.dtype, value.shape)


def grad_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Counted as one operation an element: what the way back costs depends on the way there."""
    return elementwise(x, y, a)


DERIVATIVES = (
    Layer(
        "grad",
        "",
        grad,
        "torch.autograd.grad",
        "the derivative of a scalar by a tensor, itself differentiable",
        "grad(sum(x * x), x)",
        inputs=("y", "x"),
        positional=0,
        flops=grad_flops,
    ),
)
