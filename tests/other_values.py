"""A class for all hyperparameters beside the class of a spec that has these values as defaults.

The second is compiled with every use of every block taken for itself, so that nothing of loops,
branches and lists of a constructor is in it. Weights are paired in the order of their use.
"""

from __future__ import annotations

import copy
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from dlc.compiler import ir
from dlc.compiler.diagnostics import to_text
from dlc.compiler.dims import dim
from dlc.compiler.pipeline import Unemitted, check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from zoo_agreement import computing_in

DTYPES = {"f32": torch.float64, "f64": torch.float64, "i64": torch.int64, "bool": torch.bool}
SIZES: Mapping[str, int] = {"N": 3}


class Different(AssertionError):
    """A class that is not the network of its hyperparameters."""


class Wrong(ValueError):
    """A text that does not check."""


def program_of(text: str) -> ir.TypedProgram:
    """The typed program of a text; raises `Wrong`."""
    found = check(Source("net.dl", text))
    if found.program is None:
        raise Wrong("\n".join(map(to_text, found.diagnostics)))
    return found.program


def networks_of(text: str) -> str:
    """A spec without data, trainings and what follows from them."""
    kept, depth, dropped = [], 0, False
    for line in text.splitlines(keepends=True):
        if not depth:
            dropped = line.split(" ")[0] in ("data", "train", "predict", "expect", "sweep")
        depth += line.count("{") - line.count("}")
        kept += [] if dropped else [line]
    return "".join(kept)


def code_of(program: ir.TypedProgram, unrolled: bool = False) -> str:
    """`model.py`; `unrolled` has a class for each use of a block, without loops or branches."""
    if unrolled:
        for name in program.program.definitions:
            program.whole.refuse(name)
    return compiled(program, Source("net.dl", "")).files["model.py"]


def module_of(code: str) -> Any:
    """The code as a module that computes in float64."""
    code = code.replace("torch.float32", "torch.float64").replace(".float()", ".double()")
    module = types.ModuleType("emitted")
    exec(compile(code, "model.py", "exec"), module.__dict__)
    return module


def with_defaults(text: str, model: str, values: Mapping[str, Any]) -> str:
    """The same spec with other defaults of a model's hyperparameters."""
    start = re.search(rf"^model {model}\(", text, re.MULTILINE)
    assert start is not None, f"no model {model}"
    stop = text.index(") {", start.end())
    header = text[start.end() : stop]
    for name, value in values.items():
        said = list(value) if isinstance(value, tuple) else value
        said = f'"{said}"' if isinstance(said, str) else said
        old = rf"\b{name}: (\w+) = (\[(?:[^\[\]]|\[[^\]]*\])*\]|[^,\n)]+)"
        assert re.search(old, header), f"no hyperparameter {name} with a default"
        header = re.sub(old, rf"{name}: \1 = {said}", header)
    return text[: start.end()] + header + text[stop:]


class _Uses(TorchFunctionMode):
    """Notes which tensors of a module torch's functions are given, in order of first use."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        held = module.state_dict(keep_vars=True).items()
        self.names: dict[int, str] = {}
        for name, each in held:
            self.names.setdefault(id(each), name)
        self.order: dict[str, None] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if getattr(func, "__name__", "") != "__get__" or isinstance(result, Tensor):
            for each in tree_leaves((args, kwargs)):
                if isinstance(each, Tensor) and id(each) in self.names:
                    self.order[self.names[id(each)]] = None
        return result


def used(module: nn.Module, inputs: list[Tensor]) -> list[str]:
    """The names of parameters and statistics in the order of their first use."""
    module = copy.deepcopy(module).train()
    with _Uses(module) as uses:
        module(*inputs)
    return list(uses.order)


def inputs_of(network: ir.Network, sizes: Mapping[str, int]) -> list[Tensor]:
    """A tensor for each input of a network; names that `sizes` does not tell get sizes too."""
    known = dict(sizes)
    random = torch.Generator().manual_seed(0)
    found = []
    for value in network.inputs:
        kind = value.type
        for place, word in enumerate(sorted({each for s in kind.shape for each in s.names})):
            known.setdefault(word, 5 + place + len(known))
        shape = [each.evaluate(known) for each in kind.shape]
        dtype = DTYPES[kind.dtype]
        if dtype.is_floating_point:
            found.append(torch.randn(shape, dtype=dtype, generator=random))
        else:
            bound = kind.tokens or kind.classes
            high = 2 if bound is None else dim(bound).evaluate(known)
            found.append(torch.randint(0, high, shape, generator=random).to(dtype))
    return found


def alike(
    ours: nn.Module, theirs: nn.Module, inputs: list[Tensor], tolerance: float = 1e-9
) -> None:
    """The same parameters in the order of use, and the same outputs with the same weights."""
    first, second = used(ours, inputs), used(theirs, inputs)
    states = ours.state_dict(), theirs.state_dict()
    shapes = [
        [(each.dtype, tuple(each.shape)) for each in map(state.get, names)]
        for state, names in zip(states, (first, second), strict=True)
    ]
    if shapes[0] != shapes[1]:
        raise Different(f"{list(zip(first, shapes[0]))}\n{list(zip(second, shapes[1]))}")  # noqa: B905
    random = torch.Generator().manual_seed(1)
    for one, other in zip(first, second, strict=True):
        value = states[0][one]
        if value.is_floating_point():
            value = torch.rand(value.shape, generator=random, dtype=value.dtype) + 0.1
            value = value - 0.6 * ("running" not in one)
        states[0][one].copy_(value)
        states[1][other].copy_(value)
    for mode in (True, False):
        found = []
        for net in (ours, theirs):
            torch.manual_seed(2)
            found.append([each.detach() for each in tree_leaves(net.train(mode)(*inputs))])
        close = {"rtol": tolerance, "atol": tolerance, "equal_nan": True}
        try:
            torch.testing.assert_close(found[0], found[1], **close)
        except AssertionError as why:
            raise Different(str(why)) from None


def takes(kind: type[nn.Module]) -> set[str]:
    """The hyperparameters that a class is given."""
    return {*inspect.signature(kind.__init__).parameters} - {"self"}


def general(
    text: str,
    model: str,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] = SIZES,
) -> None:
    """The class of a text with these values is the network of the text that has them as defaults.

    Raises `Different`; `Wrong` where no network has these values.
    """
    other = program_of(with_defaults(text, model, values))
    code = code_of(program_of(text))
    checked_in(code, other, model, values, sizes)


def checked_in(
    code: str,
    other: ir.TypedProgram,
    model: str,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] = SIZES,
) -> None:
    """A class of some code with these values is the network of a program; raises `Different`."""
    try:
        plain = code_of(other, unrolled=True)
    except Unemitted:
        plain = code_of(other)
    network = other.models[model].network
    with computing_in(torch.float64):
        theirs = getattr(module_of(plain), model)()
        inputs = inputs_of(network, sizes)
        try:
            ours = getattr(module_of(code), model)(**values)
            alike(ours, theirs, inputs)
        except Exception as why:
            said = f"{type(why).__name__}: {why}\n{dict(values)}\n{code}\n{plain}"
            raise Different(said) from why


def named(text: str, model: str) -> Iterator[str]:
    """The hyperparameters that a model's class is given."""
    yield from sorted(takes(getattr(module_of(code_of(program_of(text))), model)))
