"""What a value is: a dtype, a shape, and what its numbers mean."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .dims import Dim, text

FLOATS = ("f16", "bf16", "f32", "f64")
INTEGERS = ("u8", "i32", "i64")
DTYPES = (*FLOATS, *INTEGERS, "bool")
# What Fourier transforms give, and the floats of its two parts. No spec declares them.
COMPLEX = {"c64": "f32", "c128": "f64"}


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a tensor.

    `meaning` tells what floats are: "probabilities", "log_probabilities", "activations" (squashed
    or rectified by a hidden unit) or "" for scores that may be anything. `classes` and `tokens`
    bound integers; `labels` are the names of classes. `spatial` is 2 for what a 2-d layer made.
    `packed` marks what `pack_padded_sequence` made, which layers over time alone take. `grown` are
    the axes, counted from the end, that the author writes as None where it is used: they may grow.
    """

    dtype: str
    shape: tuple[Dim, ...]
    meaning: str = ""
    classes: int | None = None
    labels: tuple[str, ...] | None = None
    tokens: int | None = None
    spatial: int = 0
    packed: bool = False
    grown: frozenset[int] = field(default=frozenset(), compare=False)

    def __str__(self) -> str:
        base = self.dtype
        if self.labels is not None:
            names = ", ".join(f'"{label}"' for label in self.labels)
            base = f"class({names})"
        elif self.classes is not None:
            base = f"class({self.classes})"
        elif self.tokens is not None:
            base = f"token({self.tokens})"
        base = f"packed {base}" if self.packed else base
        return base + (f"[{', '.join(map(text, self.shape))}]" if self.shape else "")

    @property
    def floating(self) -> bool:
        """Whether the numbers are floats."""
        return self.dtype in FLOATS

    def shaped(self, *shape: Dim, **changes: object) -> Type:
        """The same numbers in another shape."""
        return replace(self, shape=shape, **changes)  # type: ignore[arg-type]

    @property
    def plain(self) -> Type:
        """The same shape and dtype, nothing known of the meaning."""
        return Type(self.dtype, self.shape)


@dataclass(frozen=True, slots=True)
class Unknown:
    """What stands where a fault was reported; it never causes a second message."""

    def __str__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()
