"""`init`: the initializers of `torch.nn.init`, and Keras' defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .record import Mismatch, Parameter, Shape, parameters

KERAS = "keras"
GAINS = "linear|conv1d|conv2d|conv3d|sigmoid|tanh|relu|leaky_relu|selu"
KAIMING = f"a: float = 0, mode: fan_in|fan_out = 'fan_in', nonlinearity: {GAINS} = 'leaky_relu'"


@dataclass(frozen=True, slots=True)
class Initializer:
    """One initializer of torch: its arguments, and how many axes a weight must have for it."""

    name: str
    signature: str
    least: int = 0
    most: int = 5

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments that a spec may state."""
        return parameters(self.signature)

    @property
    def wants(self) -> str:
        """What it takes, in words."""
        if self.least == self.most:
            return f"weights of {self.least} axes"
        most = f" and {self.most} at most" if self.most < 5 else ""
        return f"weights of {self.least} axes at least{most}"

    def unfit(self, arguments: Mapping[str, Any]) -> Mismatch | None:
        """What is wrong with arguments that torch would refuse, or that would set nothing."""
        low, high = arguments.get("a"), arguments.get("b")
        numbers = isinstance(low, int | float) and isinstance(high, int | float)
        if numbers and low >= high:  # type: ignore[operator]
            return Mismatch(
                f"{self.name} draws from a to b, and here a={low} is not below b={high}",
                write=f"a={high}, b={low}" if low > high else f"b={low + 1}",  # type: ignore[operator]
            )
        return None


INITIALIZERS = {
    each.name: each
    for each in (
        Initializer("uniform_", "a: float = 0.0, b: float = 1.0"),
        Initializer("normal_", "mean: float = 0.0, std: nonnegative = 1.0"),
        Initializer(
            "trunc_normal_",
            "mean: float = 0.0, std: positive = 1.0, a: float = -2.0, b: float = 2.0",
        ),
        Initializer("constant_", "val: float"),
        Initializer("ones_", ""),
        Initializer("zeros_", ""),
        Initializer("eye_", "", 2, 2),
        Initializer("dirac_", "groups: size = 1", 3),
        Initializer("xavier_uniform_", "gain: float = 1.0", 2),
        Initializer("xavier_normal_", "gain: float = 1.0", 2),
        Initializer("kaiming_uniform_", KAIMING, 2),
        Initializer("kaiming_normal_", KAIMING, 2),
        Initializer("orthogonal_", "gain: float = 1.0", 2),
        Initializer("sparse_", "sparsity: probability, std: nonnegative = 0.01", 2, 2),
    )
}


def kernels(weights: Mapping[str, Shape]) -> dict[str, Shape]:
    """The weights that `init` sets: torch calls each of them weight; biases stay.

    Of attention and what is built of it scales of normalisations stay too.
    """
    return {
        name: shape
        for name, shape in weights.items()
        if name.startswith("weight") or ("weight" in name and len(shape) > 1)
    }
