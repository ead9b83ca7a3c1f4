"""The oracle: a spec's tree computed by torch itself; nothing of the compiler is used.

Layers are built where they are met, sizes read off the very tensors that flow in. Weights are a
function of their shape alone, so that any two networks with the same layers give the same values.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import random_text
import random_tree as tree
import torch
import torch.nn.functional as F
from random_layers import DTYPES, Fault, Unsure, arguments_of, fill, filled, marked, sizes_of
from torch import Tensor, nn

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg, "~": operator.invert, "not": operator.not_,
}  # fmt: skip
IN_TRAINING = {
    "dropout",
    "dropout1d",
    "dropout2d",
    "alpha_dropout",
    "feature_alpha_dropout",
    "rrelu",
}
AT_RANDOM = {"randn", "rand", "randint", "randn_like", "rand_like", "gumbel_softmax", "bernoulli"}
NUMBERS = {"range": range, "len": len, "enumerate": enumerate, "reversed": reversed, "zip": zip}


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


class Machine:
    """One computation: `states` are the shapes of all weights in the order of their making."""

    def __init__(self, spec: tree.Spec, training: bool = False) -> None:
        self.definitions = {each.name: each for each in spec.definitions}
        self.training = training
        self.states: list[tuple[int, ...]] = []
        self.is_random = False
        self.is_empty = False
        self.reused: Iterator[nn.Module] | None = None
        self.making: list[nn.Module] = []

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
            raise Fault(f"{random_text.text(type)} is {tensor.dtype}{list(tensor.shape)}")
        for size, found in zip(shape, tensor.shape, strict=True):
            if isinstance(size, tree.Dots):
                continue
            if binds and isinstance(size, tree.Name) and size.name not in scope:
                scope[size.name] = found
            elif self.whole(size, scope) != found:
                raise Fault(f"{random_text.text(type)} is {list(tensor.shape)}")

    def whole(self, node: tree.Expr, scope: dict[str, Any]) -> int:
        """A size."""
        found = self.value(node, scope)
        if type(found) is not int:
            raise Fault(f"{random_text.text(node)} is no size")
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
        kept, self.reused = self.reused, iter(held.built)
        fresh = not held.built
        self.making = []
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
        reused = self.reused
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
        placed = dict(zip(names, given, strict=False))
        if {*placed} & {*keywords}:
            raise Fault(f"{name} gets an argument twice")
        said = {**sizes, **placed, **keywords}
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
        if name in ("add", "sub") and len(x) + len(given) > 2:
            # Torch takes `alpha` by its name alone; here it may also stand in its place.
            *given, keywords["alpha"] = given
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
            if "ZeroDivisionError" in str(why):
                raise Unsure("that depends on the data") from why
            raise Fault(f"{type(why).__name__}: {why}"[:300]) from why

    def seen(self, found: Any, *x: Any, by: str = "") -> Any:
        """Note what is empty, and what the results are made of."""
        for each in found if isinstance(found, tuple | list) else (found,):
            if isinstance(each, Tensor):
                self.is_empty |= each.numel() == 0
                marked(each, [one for one in x if isinstance(one, Tensor)], by)
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
