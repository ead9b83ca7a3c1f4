"""The oracle: a spec's tree computed by torch itself; nothing of the compiler is used.

Layers are built where they are met, sizes read off the very tensors that flow in. Weights are a
function of their shape alone, so that any two networks with the same layers give the same values.
"""

from __future__ import annotations

import inspect
import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import random_tree as tree
import torch
import torch.nn.functional as F
from torch import Tensor, nn

DTYPES = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
    "u8": torch.uint8, "i32": torch.int32, "i64": torch.int64, "bool": torch.bool,
}  # fmt: skip
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg, "~": operator.invert, "not": operator.not_,
}  # fmt: skip
CHANNELS = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm")
WIDTHS = {
    "Linear": "in_features", "LSTM": "input_size", "GRU": "input_size", "RNN": "input_size",
    "LSTMCell": "input_size", "GRUCell": "input_size", "RNNCell": "input_size",
    "TransformerEncoderLayer": "d_model", "TransformerDecoderLayer": "d_model",
    "LayerNorm": "normalized_shape", "RMSNorm": "normalized_shape",
}  # fmt: skip
IN_TRAINING = {"dropout", "dropout1d", "dropout2d", "alpha_dropout", "feature_alpha_dropout", "rrelu"}
AT_RANDOM = {"randn", "rand", "randint", "randn_like", "rand_like", "gumbel_softmax", "bernoulli"}
# What leaves every whole number as it is, so a token stays one.
SAME_NUMBERS = {
    "flip", "permute", "transpose", "reshape", "view", "unsqueeze", "squeeze", "flatten", "roll",
    "contiguous", "clone", "narrow", "select", "Flatten", "Identity", "tile", "repeat", "expand",
}  # fmt: skip
# What makes a picture or a signal, on whose last axis no layer of features works, and what ends it.
MAPPED = re.compile(r"(Conv|BatchNorm|InstanceNorm|Pixel|Upsample|interpolate|\w*[Pp]ool|\w*[Pp]ad)")
REORDERED = {"permute", "transpose", "movedim", "reshape", "view"}
NUMBERS = {"range": range, "len": len, "enumerate": enumerate, "reversed": reversed, "zip": zip}


class Fault(Exception):
    """What torch, or Python, refuses."""


class Unsure(Exception):
    """What this oracle cannot compute."""


@dataclass
class Layers:
    """A declared layer: built where it is used first, the same ever after."""

    steps: tuple[tree.Apply, ...]
    scope: dict[str, Any]
    built: list[nn.Module] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    """A layer, function or block as a value."""

    name: str


def filled(shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
    """The weight of a shape, always the same: around 0, no two neighbours alike."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * 0.7).sin().mul(0.5).reshape(shape).to(dtype)


def fill(module: nn.Module) -> None:
    """Give every weight of a module its values."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(filled(parameter.shape, parameter.dtype))


@cache
def arguments_of(name: str) -> tuple[str, ...]:
    """The arguments of a class of `nn` in their order."""
    if name in ("LSTM", "GRU", "RNN"):
        more = ("nonlinearity",) * (name == "RNN")
        rest = ("bias", "batch_first", "dropout", "bidirectional", "proj_size")
        return ("input_size", "hidden_size", "num_layers", *more, *rest)
    return tuple(inspect.signature(getattr(nn, name)).parameters)


def sizes_of(name: str, x: Sequence[Any]) -> dict[str, Any]:
    """What a spec leaves out, read off what flows in."""
    if name == "Bilinear":
        return {"in1_features": x[0].shape[-1], "in2_features": x[1].shape[-1]}
    if name == "MultiheadAttention":
        widths = [each.shape[-1] for each in x[:3]]
        return dict(zip(("embed_dim", "kdim", "vdim"), widths, strict=True))
    if name in ("Embedding", "EmbeddingBag"):
        return {"num_embeddings": getattr(x[0], "tokens", None)}
    if name in WIDTHS:
        return {WIDTHS[name]: x[0].shape[-1]}
    if name.startswith(CHANNELS):
        keys = {"Conv": "in_channels", "GroupNorm": "num_channels"}
        key = next((v for k, v in keys.items() if name.startswith(k)), "num_features")
        return {key: x[0].shape[1]}
    return {}


class Machine:
    """One computation: `states` are the shapes of all weights in the order of their making."""

    def __init__(self, spec: tree.Spec, training: bool = False) -> None:
        self.definitions = {each.name: each for each in spec.definitions}
        self.training = training
        self.states: list[tuple[int, ...]] = []
        self.is_random = False
        self.is_empty = False

    def definition(
        self, it: tree.Definition, given: Mapping[str, Any], tensors: Sequence[Any]
    ) -> dict[str, Any]:
        """The outputs of a model or block by their names."""
        scope = self.opened(it, given, tensors)
        for statement in it.body:
            self.execute(statement, scope)
        return {each.name: scope[each.name] for each in it.body if isinstance(each, tree.Output)}

    def opened(
        self, it: tree.Definition, given: Mapping[str, Any], tensors: Sequence[Any]
    ) -> dict[str, Any]:
        """The names that a body begins with."""
        scope: dict[str, Any] = {}
        for parameter in it.parameters:
            if parameter.name in given:
                scope[parameter.name] = given[parameter.name]
            elif parameter.default is None:
                raise Fault(f"{parameter.name} is missing")
            else:
                scope[parameter.name] = self.value(parameter.default, {})
        if len(tensors) != len(it.inputs):
            raise Fault("another number of inputs")
        for port, tensor in zip(it.inputs, tensors, strict=True):
            if not isinstance(tensor, Tensor):
                raise Fault("no tensor flows in")
            self.meets(port.type, tensor, scope, binds=True)
            scope[port.name] = tensor
        return scope

    def meets(
        self, type: tree.TypeOf, tensor: Tensor, scope: dict[str, Any], binds: bool = False
    ) -> None:
        """Hold a tensor against its declared type; names of an input are bound by it."""
        shape = list(type.shape)
        if shape and isinstance(shape[0], tree.Dots):
            shape[:1] = [tree.Dots()] * (tensor.dim() - len(shape) + 1)
        if len(shape) != tensor.dim() or tensor.dtype != DTYPES[type.dtype]:
            raise Fault(f"{tree.text(type)} is {tensor.dtype}{list(tensor.shape)}")
        for size, found in zip(shape, tensor.shape, strict=True):
            if isinstance(size, tree.Dots):
                continue
            if binds and isinstance(size, tree.Name) and size.name not in scope:
                scope[size.name] = found
            elif self.whole(size, scope) != found:
                raise Fault(f"{tree.text(type)} is {list(tensor.shape)}")

    def whole(self, node: tree.Expr, scope: dict[str, Any]) -> int:
        """A size."""
        found = self.value(node, scope)
        if type(found) is not int:
            raise Fault(f"{tree.text(node)} is no size")
        return found

    def is_true(self, node: tree.Expr, scope: dict[str, Any]) -> bool:
        """A condition, known when the network is built."""
        found = self.value(node, scope)
        if isinstance(found, Tensor):
            raise Fault("a tensor is no condition")
        return bool(found)

    def execute(self, statement: tree.Statement, scope: dict[str, Any]) -> None:
        """One statement; what it binds is in the scope."""
        match statement:
            case tree.Bind(pattern, value):
                bind(pattern, self.value(value, scope), scope)
            case tree.Shared(name, steps):
                scope[name] = Layers(steps, dict(scope))
            case tree.State(kind, name, type, value):
                found = self.value(value, scope)
                self.meets(type, found, scope)
                if kind == "weight":
                    found = filled(found.shape).requires_grad_()
                    self.states.append(tuple(found.shape))
                scope[name] = found
            case tree.Output(name, type, value):
                found = self.value(value, scope)
                if not isinstance(found, Tensor):
                    raise Fault("an output is one tensor")
                if type is not None:
                    self.meets(type, found, scope)
                scope[name] = found
            case tree.Append(name, value):
                if not isinstance(scope.get(name), list):
                    raise Fault(f"{name} is no list")
                scope[name] = [*scope[name], self.value(value, scope)]
            case tree.For(pattern, over, body):
                for item in self.python(list, self.value(over, scope)):
                    bind(pattern, item, scope)
                    for each in body:
                        self.execute(each, scope)
            case tree.If(condition, then, otherwise):
                for each in then if self.is_true(condition, scope) else otherwise:
                    self.execute(each, scope)
            case tree.Require(condition, why):
                if not self.is_true(condition, scope):
                    raise Fault(why)

    def value(self, node: Any, scope: dict[str, Any]) -> Any:
        """An expression."""
        match node:
            case tree.Const(value):
                return value
            case tree.Name(name):
                return self.named(name, scope)
            case tree.Binary(sign, left, right):
                a, b = self.value(left, scope), self.value(right, scope)
                return self.seen(self.python(OPERATORS[sign], a, b), *self.known(a, b))
            case tree.Unary(sign, operand):
                return self.seen(self.python(UNARY[sign], self.value(operand, scope)))
            case tree.Items(items, is_list):
                found = [self.value(item, scope) for item in items]
                return found if is_list else tuple(found)
            case tree.Apply():
                return self.apply(node, scope)
            case tree.Repeat(inner, count, steps):
                found = first(self.value(inner, scope))
                for _ in self.python(range, self.value(count, scope)):
                    found = self.flow(steps, found, scope)
                return found
            case tree.Index(base, items):
                keys = tuple(self.key(item, scope) for item in items)
                found = self.value(base, scope)
                if not isinstance(found, Tensor) and len(keys) > 1:
                    raise Fault("a list has one index")
                keyed = keys if isinstance(found, Tensor) else keys[0]
                return self.seen(self.python(operator.getitem, found, keyed), found)
            case tree.Choice(condition, then, otherwise):
                return self.value(then if self.is_true(condition, scope) else otherwise, scope)
            case tree.SizeOf(base, axis):
                return self.python(lambda x: x.shape[axis], self.value(base, scope))
            case tree.Attribute(base, name):
                return self.python(lambda x: getattr(x, name), self.value(base, scope))
            case tree.Pop(name):
                if not isinstance(scope.get(name), list) or not scope[name]:
                    raise Fault(f"{name} has nothing to pop")
                *scope[name], last = scope[name]
                return last
        raise AssertionError(node)

    def named(self, name: str, scope: dict[str, Any]) -> Any:
        if name in scope:
            return scope[name]
        if name in DTYPES:
            return DTYPES[name]
        if name == "inf":
            return float("inf")
        if name in self.definitions or hasattr(nn, name) or hasattr(F, name):
            return Operation(name)
        raise Fault(f"{name} is not known")

    def known(self, *values: Any) -> list[Any]:
        """What a result of arithmetic keeps of its operands: that one is a map."""
        return [each for each in values if hasattr(each, "map") and not hasattr(each, "tokens")]

    def key(self, item: Any, scope: dict[str, Any]) -> Any:
        if isinstance(item, tree.Span):
            ends = (item.start, item.stop, item.step)
            return slice(*(None if each is None else self.value(each, scope) for each in ends))
        return ... if isinstance(item, tree.Dots) else self.value(item, scope)

    def flow(self, steps: Sequence[tree.Apply], x: Any, scope: dict[str, Any]) -> Any:
        """A chain on something."""
        for step in steps:
            inner = {**scope, "·": first(x)}
            x = self.apply(_into(step), inner)
        return x

    def apply(self, node: tree.Apply, scope: dict[str, Any]) -> Any:
        """A layer, function, block or declared layer on what flows in."""
        x = [self.value(each, scope) for each in node.inputs]
        x = [first(each) for each in x]
        given = [self.value(each, scope) for each in node.arguments]
        keywords = {key: self.value(each, scope) for key, each in node.keywords.items()}
        later = {key: self.value(each, scope) for key, each in node.later.items()}
        name = node.name
        held = scope.get(name)
        if isinstance(held, Layers):
            return self.shared(held, x)
        if isinstance(held, Operation):
            name = held.name
        elif held is not None:
            raise Fault(f"{name} is no layer")
        if name in NUMBERS and not any(isinstance(each, Tensor) for each in given):
            return self.python(NUMBERS[name], *x, *given)
        if name in self.definitions:
            return self.block(self.definitions[name], x, given, keywords)
        if name[0].isupper():
            module = self.built(name, x, given, keywords)
            return self.seen(self.python(lambda *all: module(*all, **later), *x), *x, by=name)
        return self.seen(self.function(name, x, given, keywords), *x, by=name)

    def block(
        self, it: tree.Definition, x: list[Any], given: list[Any], keywords: dict[str, Any]
    ) -> Any:
        names = [each.name for each in it.parameters]
        if len(given) > len(names) or {*keywords} - {*names[len(given) :]}:
            raise Fault(f"{it.name} does not take that")
        said = {**dict(zip(names, given, strict=False)), **keywords}
        if it.chain:
            scope = self.opened(it, said, ())
            if len(x) != 1:
                raise Fault("a chain takes one")
            return self.flow(it.chain, x[0], scope)
        outputs = tuple(self.definition(it, said, x).values())
        return outputs[0] if len(outputs) == 1 else outputs

    def shared(self, held: Layers, x: list[Any]) -> Any:
        """A declared layer; its modules are built by its first use."""
        kept, self.reused = getattr(self, "reused", None), iter(held.built)
        fresh = not held.built
        self.making: list[nn.Module] = []
        try:
            for step in held.steps:
                names = {f"·{place}": first(each) for place, each in enumerate(x)}
                into = _into(step, tuple(map(tree.Name, names)))
                x = [self.apply(into, {**held.scope, **names})]
        finally:
            self.reused = kept
        if fresh:
            held.built = self.making
        return x[0]

    def built(self, name: str, x: list[Any], given: list[Any], keywords: dict[str, Any]) -> Any:
        """A module of torch with the sizes of what flows in."""
        reused = getattr(self, "reused", None)
        if reused is not None and (module := next(reused, None)) is not None:
            return module
        if not hasattr(nn, name):
            raise Fault(f"{name} is not known")
        if not x or not all(isinstance(each, Tensor) for each in x):
            raise Fault("no tensor flows in")
        try:
            sizes = sizes_of(name, x)
        except (IndexError, ValueError) as why:
            raise Fault(str(why)) from why
        names = [each for each in arguments_of(name) if each not in sizes]
        if len(given) > len(names):
            raise Fault(f"{name} does not take so many")
        said = {**sizes, **dict(zip(names, given, strict=False)), **keywords}
        if "batch_first" in names:
            said.setdefault("batch_first", True)
        if "num_embeddings" in said and said["num_embeddings"] is None:
            raise Unsure("of how many is that a token?")
        module = self.python(lambda: getattr(nn, name)(**said)).train(self.training)
        fill(module)
        self.states += [tuple(each.shape) for each in module.parameters()]
        if reused is not None:
            self.making.append(module)
        return module

    def function(self, name: str, x: list[Any], given: list[Any], keywords: dict[str, Any]) -> Any:
        """A function of torch, or a method of its tensors."""
        self.is_random |= name in AT_RANDOM or (name in IN_TRAINING and self.training)
        if name == "einsum":
            return self.python(torch.einsum, *given, *x)
        if name == "one_hot":
            tokens = getattr(x[0], "tokens", None)
            if tokens is None and not given:
                raise Unsure("of how many is that a token?")
            return self.python(F.one_hot, x[0], *(given or [tokens]))
        if name in IN_TRAINING:
            keywords = {**keywords, "training": self.training}
        homes = (F, Tensor, torch) if x and isinstance(x[0], Tensor) else (torch, F, Tensor)
        home = next((each for each in homes if hasattr(each, name)), None)
        if home is None:
            raise Fault(f"{name} is not known")
        return self.python(lambda: getattr(home, name)(*x, *given, **keywords))

    def python(self, do: Callable[..., Any], *values: Any) -> Any:
        """Do something that torch or Python may refuse."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return do(*values)
        except Fault:
            raise
        except Exception as why:
            raise Fault(f"{type(why).__name__}: {why}"[:300]) from why

    def seen(self, found: Any, *x: Any, by: str = "") -> Any:
        """Note what is empty, and carry how many tokens there are."""
        for each in found if isinstance(found, tuple | list) else (found,):
            if isinstance(each, Tensor):
                self.is_empty |= each.numel() == 0
                source = next((one for one in x if isinstance(one, Tensor)), None)
                if source is not None and hasattr(source, "tokens") and (by in SAME_NUMBERS or not by):
                    each.tokens = source.tokens  # type: ignore[attr-defined]
                sides = [one for one in x if isinstance(one, Tensor) and one.dim() == each.dim()]
                passed_on = any(hasattr(one, "map") for one in sides) and by not in REORDERED
                if passed_on or MAPPED.match(by):
                    each.map = True  # type: ignore[attr-defined]
        return found


def _into(step: Any, inputs: tuple[tree.Expr, ...] = (tree.Name("·"),)) -> tree.Apply:
    return tree.Apply(step.name, inputs, step.arguments, step.keywords, step.later)


def first(value: Any) -> Any:
    """What flows on: of several results the first."""
    return first(value[0]) if isinstance(value, tuple) and value else value


def bind(pattern: tree.Pattern, value: Any, scope: dict[str, Any]) -> None:
    """Bind names in torch's structure."""
    if isinstance(pattern, str):
        if isinstance(value, tuple):
            raise Fault("one name for several")
        scope[pattern] = value
        return
    if not isinstance(value, tuple | list) or len(value) != len(pattern):
        raise Fault("names unlike the results")
    for part, item in zip(pattern, value, strict=True):
        bind(part, item, scope)


def drawn(port: tree.Input, sizes: Mapping[str, int], seed: int) -> Tensor:
    """A tensor for an input: the same values for the same seed."""
    machine = Machine(tree.Spec(()))
    shape = [machine.value(size, dict(sizes)) for size in port.type.shape]
    generator = torch.Generator().manual_seed(seed)
    dtype = DTYPES[port.type.dtype]
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    below = port.type.below or 2
    found = torch.randint(0, below, shape, generator=generator).to(dtype)
    if port.type.below:
        found.tokens = below  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class Computed:
    """What torch makes of a whole model."""

    outputs: tuple[Tensor, ...]
    states: tuple[tuple[int, ...], ...]
    is_random: bool
    is_empty: bool


def inputs_of(spec: tree.Spec, sizes: Mapping[str, int]) -> list[Tensor]:
    """Tensors for all inputs of the model."""
    return [drawn(port, sizes, place) for place, port in enumerate(spec.model.inputs)]


def computed(spec: tree.Spec, sizes: Mapping[str, int], training: bool = False) -> Computed:
    """The model at these sizes; raises `Fault` where torch refuses, `Unsure` where we must."""
    machine = Machine(spec, training)
    try:
        tensors = inputs_of(spec, sizes)
    except RuntimeError as why:
        raise Fault(str(why)) from why
    outputs = machine.definition(spec.model, {}, tensors)
    found = tuple(machine.states)
    return Computed(tuple(outputs.values()), found, machine.is_random, machine.is_empty)
