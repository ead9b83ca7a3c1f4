"""A case of the comparison with torch as an author writes it: a model for each spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agreement import COMPLEX, Case, Operand
from dlc.compiler.layers.record import Layer, Parameter
from dlc.compiler.tensor import FLOATS
from drawn_recurrent import Packed

LETTERS = "abcdefghijklmnopqrstuvwxyz"
REAL = {"c64": "f32", "c128": "f64"}


def written(value: Any, kind: str = "") -> str:
    """A value in a spec."""
    if isinstance(value, str):
        return value if kind.rstrip("?") == "dtype" else json.dumps(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(written, value))}]"
    return repr(value)


def declared(operand: Operand, names: Mapping[int, str]) -> str:
    """The type of a model's input; complex numbers come as pairs."""
    sizes = [names.get(size, str(size)) for size in operand.shape]
    base = f"token({operand.below})" if operand.is_token else operand.dtype
    if operand.dtype in COMPLEX:
        base, sizes = REAL[operand.dtype], [*sizes, "2"]
    return f"{base}[{', '.join(sizes)}]" if sizes else base


def entering(operand: Operand, name: str) -> str:
    """What flows into the layer, made of a model's input."""
    if isinstance(operand, Packed):
        return f"pack_padded_sequence({name}, {name}_lengths, enforce_sorted=False)"
    return f"view_as_complex({name})" if operand.dtype in COMPLEX else name


def arguments(
    parameters: Sequence[Parameter], given: Mapping[str, Any], positional: bool
) -> list[str]:
    """The arguments of a call: those in front by their place where asked, the others by name."""
    found, named = [], not positional
    for parameter in parameters:
        key = parameter.name.lstrip("*")
        if key not in given:
            named = True
            continue
        value = given[key]
        if parameter.name.startswith("*") and not named and value:
            found += map(written, value if isinstance(value, tuple) else (value,))
            continue
        text = written(value, parameter.kind)
        found.append(f"{key}={text}" if named else text)
    return found


class Spelling:
    """One case: the inputs of its models, and what they say."""

    def __init__(self, case: Case) -> None:
        self.case = case
        tensors = {k: v for k, v in case.given.items() if isinstance(v, Operand)}
        flowing = {f"x{place}": each for place, each in enumerate(case.inputs)}
        self.operands: dict[str, Operand] = {**flowing, **{f"a_{k}": v for k, v in tensors.items()}}
        self.flowing = [entering(each, name) for name, each in flowing.items()]
        if case.layer == "bernoulli":
            # As the comparison does: chances are between 0 and 1.
            (x,) = case.inputs
            self.flowing = ["sigmoid(x0)" if x.dtype in FLOATS else "x0"]
        values = {k: Name(entering(v, f"a_{k}")) for k, v in tensors.items()}
        self.given: dict[str, Any] = {**case.given, **values}

    @property
    def record(self) -> Layer:
        return self.case.record

    def inputs(self, names: Mapping[int, str]) -> list[str]:
        """The declarations of a model's inputs."""
        found = []
        for name, operand in self.operands.items():
            found.append(f"input {name}: {declared(operand, names)}")
            if isinstance(operand, Packed):
                records = names.get(operand.shape[0], operand.shape[0])
                found.append(f"input {name}_lengths: i64[{records}]")
        return found or ["input unused: f32[2]"]

    def brackets(self, positional: bool) -> str:
        """What stands behind the name: `Conv2d(8, 3)`, all of what is no input of the call."""
        given = arguments(self.record.parameters, self.given, positional)
        given += [f"{key}={written(self.given[key])}" for key in self._sizes]
        return ", ".join(given)

    @property
    def _sizes(self) -> list[str]:
        return [key for key in self.record.infers if key in self.given]

    def _call(self, positional: bool) -> list[str]:
        return arguments(self.record.called_with, self.given, positional)

    def _together(self) -> list[str]:
        """What flows in; a state of two tensors is one."""
        first = len(self.record.inputs)
        state = self.flowing[first:]
        if self.record.optional and len(state) > 1:
            return [*self.flowing[:first], f"({', '.join(state)})"]
        return self.flowing

    def arrow(self) -> str | None:
        """`x -> Conv2d(8, 3)`; arguments of the call have no place there."""
        if not self.flowing or self._call(True):
            return None
        together = self._together()
        left = together[0] if len(together) == 1 else f"({', '.join(together)})"
        if self.record.listed or (self.record.variadic and len(together) == 1):
            left = f"[{', '.join(together)}]"
        inside = self.brackets(positional=True)
        return (
            f"{left} -> {self.record.name}({inside})" if inside else f"{left} -> {self.record.name}"
        )

    def direct(self, positional: bool = True) -> str:
        """`Conv2d(8, 3)(x)`, `gather(x, 1, index)`."""
        name, together = self.record.name, self._together()
        if self.record.listed:
            together = [f"[{', '.join(together)}]"]
        if self.record.is_layer:
            called = ", ".join([*together, *self._call(positional)])
            return f"{name}({self.brackets(positional)})({called})"
        leading = self.record.parameters[: self.record.leading]
        others = self.record.parameters[self.record.leading :]
        first = arguments(leading, self.given, True)
        rest = arguments(others, self.given, positional and not self.record.variadic)
        rest += [f"{key}={written(self.given[key])}" for key in self._sizes]
        return f"{name}({', '.join([*first, *together, *rest])})"

    def declared_first(self) -> tuple[str, str] | None:
        """`layer own = Conv2d(8, 3)`, then `own(x)`."""
        if not self.record.is_layer:
            return None
        called = ", ".join([*self._together(), *self._call(True)])
        return f"layer own = {self.record.name}({self.brackets(positional=True)})", f"own({called})"

    def by_name(self) -> str | None:
        """`gather(input=x, dim=1, index=i)`: what flows in has a name, too."""
        names = self.record.inputs
        if self.record.listed or self.record.variadic or len(self.flowing) != len(names):
            return None
        inputs = [f"{name}={text}" for name, text in zip(names, self.flowing, strict=True)]
        if self.record.is_layer:
            called = ", ".join([*inputs, *self._call(False)])
            return f"{self.record.name}({self.brackets(positional=False)})({called})"
        inside = self.brackets(positional=False)
        return f"{self.record.name}({', '.join([*inputs, *([inside] if inside else [])])})"

    def spellings(self) -> list[tuple[str, ...]]:
        """Statements, the last one an expression, that all say the same."""
        lines = [self.arrow(), self.direct(), self.direct(positional=False), self.by_name()]
        found: list[tuple[str, ...]] = [(each,) for each in lines if each is not None]
        first = self.declared_first()
        return list(dict.fromkeys([*found, *([first] if first else [])]))

    def models(self, results: Any, names: Mapping[int, str] | None = None) -> str:
        """A file with a model for each spelling; `results` are types in torch's structure."""
        outputs = []
        left = pattern(results, outputs)
        texts = []
        for place, (*before, expression) in enumerate(self.spellings()):
            right = expression
            if isinstance(results, tuple) and len(results) == 1:
                right, left = f"({expression})[0]", "y0"
            body = [*self.inputs(names or {}), *before, f"{left} = {right}", *outputs]
            texts.append("\n  ".join([f"model Net{place} {{", *body]) + "\n}\n")
        return "\n".join(texts)


class Name:
    """A name in a spec, which stands where a value does."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def pattern(results: Any, outputs: list[str]) -> str:
    """The left side: `y0, (y1, y2)`; `outputs` gets what becomes of each."""
    if results is None:
        return "_"
    if not isinstance(results, tuple):
        name = f"y{len(outputs)}"
        value = name
        if results.packed:
            value = f"pad_packed_sequence({name}, total_length={results.shape[1]})[0]"
        elif results.dtype in COMPLEX:
            value = f"view_as_real({name})"
        outputs.append(f"output z{len(outputs)} = {value}")
        return name
    parts = [pattern(each, outputs) for each in results]
    return ", ".join(
        f"({part})" if isinstance(each, tuple) else part
        for part, each in zip(parts, results, strict=True)
    )
