"""One mutation of a spec's tree: what an author gets wrong by a word, a number or a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import Any

import random_text
import random_tree as tree

# Names that are taken for each other.
SIBLINGS: tuple[tuple[str, ...], ...] = (
    ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d", "ConvTranspose1d"),
    ("MaxPool1d", "MaxPool2d", "AvgPool2d", "AvgPool1d", "MaxPool3d", "LPPool2d"),
    ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm2d", "InstanceNorm1d", "LayerNorm"),
    ("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "AdaptiveAvgPool3d"),
    ("ZeroPad1d", "ZeroPad2d", "ReflectionPad2d", "ReflectionPad1d", "CircularPad2d"),
    ("LSTM", "GRU", "RNN", "GRUCell", "LSTMCell", "Linear", "TransformerEncoderLayer"),
    ("Linear", "Embedding", "Conv1d", "Bilinear"),
    ("sum", "mean", "max", "argmax", "amax", "cumsum", "softmax", "logsumexp", "std"),
    ("transpose", "permute", "reshape", "movedim", "roll", "narrow", "select"),
    ("squeeze", "unsqueeze", "flatten", "flip", "unbind"),
    ("relu", "GLU", "glu", "gelu", "tanh", "prelu", "logical_not", "neg", "PixelShuffle"),
    ("cat", "stack", "hstack", "chunk", "split"), ("tile", "repeat", "expand", "unflatten"),
    ("masked_fill", "where", "maximum", "lerp", "add", "eq"), ("zeros", "ones", "randn", "arange"),
    ("LayerNorm", "GroupNorm", "RMSNorm", "BatchNorm1d", "Dropout2d"), ("range", "len"),
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "@", "<", "==", "//", "**")
DTYPES = ("f32", "f64", "i64", "bool", "i32", "u8", "f16")
Mutation = Callable[["Faults"], "tree.Spec | None"]


def unshared(node: Any) -> Any:
    """The same tree, in which no node stands twice."""
    if is_dataclass(node) and not isinstance(node, type):
        return type(node)(**{e.name: unshared(getattr(node, e.name)) for e in fields(node)})
    if isinstance(node, tuple):
        return tuple(map(unshared, node))
    if isinstance(node, Mapping):
        return {key: unshared(item) for key, item in node.items()}
    return node


class Faults:
    """Draws one mutation of a spec."""

    def __init__(self, spec: tree.Spec, seed: int) -> None:
        self.random = Random(seed)
        self.spec: tree.Spec = unshared(spec)
        self.nodes = list(tree.nodes(self.spec))

    def mutant(self) -> tuple[str, tree.Spec]:
        """What was done, and the spec that it gives: another text than before."""
        kinds: list[tuple[float, Mutation]] = [
            (6, Faults.number), (3, Faults.dropped), (2, Faults.doubled), (3, Faults.renamed),
            (2, Faults.swapped), (1.5, Faults.argument), (3, Faults.other_value), (2, Faults.input),
            (2, Faults.output), (1.5, Faults.operator), (1, Faults.stated), (1, Faults.statement),
            (1, Faults.indexed), (0.7, Faults.flipped), (0.7, Faults.pattern),
        ]  # fmt: skip
        before = random_text.written(self.spec)
        while True:
            kind = self.random.choices([k for _, k in kinds], [w for w, _ in kinds])[0]
            found = kind(self)
            if found is not None and random_text.written(found) != before:
                return kind.__name__, found

    def one(self, *kinds: type, where: Callable[[Any], bool] = lambda node: True) -> Any:
        """A node of a kind; None where there is none."""
        found = [each for each in self.nodes if isinstance(each, kinds) and where(each)]
        return self.random.choice(found) if found else None

    def put(self, old: Any, new: Any) -> tree.Spec | None:
        return None if old is None else tree.rewritten(self.spec, old, new)

    def number(self) -> tree.Spec | None:
        """Another number."""
        old = self.one(tree.Const, where=lambda node: type(node.value) in (int, float))
        if old is None:
            return None
        n = old.value
        near = [
            n + 1,
            n - 1,
            n + 1,
            n - 1,
            n * 2,
            n + 2,
            -n,
            0,
            n // 2 if type(n) is int else n / 2,
        ]
        return self.put(old, tree.Const(self.random.choice(near)))

    def dropped(self) -> tree.Spec | None:
        """A step left out."""
        old = self.one(tree.Apply)
        if old is None:
            return None
        if old.inputs:
            return self.put(old, old.inputs[0])
        holders = [
            n for n in self.nodes if isinstance(n, tree.Repeat | tree.Shared) and len(n.steps) > 1
        ]
        if not holders:
            return None
        held = self.random.choice(holders)
        gone = self.random.choice(held.steps)
        return self.put(held, replace(held, steps=tuple(e for e in held.steps if e is not gone)))

    def doubled(self) -> tree.Spec | None:
        """A step taken twice."""
        old = self.one(tree.Apply, where=lambda node: len(node.inputs) == 1)
        return old and self.put(old, replace(old, inputs=(old,)))

    def renamed(self) -> tree.Spec | None:
        """Another layer or function."""
        names = {each for group in SIBLINGS for each in group}
        old = self.one(tree.Apply, where=lambda node: node.name in names)
        if old is None:
            return None
        group = self.random.choice([each for each in SIBLINGS if old.name in each])
        return self.put(old, replace(old, name=self.random.choice(group)))

    def swapped(self) -> tree.Spec | None:
        """Two arguments, inputs, sizes or items in the other order."""
        kinds = (tree.Apply, tree.Items, tree.Binary, tree.TypeOf, tree.Choice)
        old = self.one(*kinds)
        match old:
            case tree.Apply(arguments=(a, b, *rest)):
                return self.put(old, replace(old, arguments=(b, a, *rest)))
            case tree.Apply(inputs=(a, b, *rest)):
                return self.put(old, replace(old, inputs=(b, a, *rest)))
            case tree.Items(items=(a, b, *rest)):
                return self.put(old, replace(old, items=(*rest, b, a)))
            case tree.TypeOf(shape=(a, b, *rest)):
                turned = (b, a, *rest) if self.random.random() < 0.5 else (*rest, b, a)
                return self.put(old, replace(old, shape=turned))
            case tree.Binary(_, left, right):
                return self.put(old, replace(old, left=right, right=left))
            case tree.Choice(_, then, otherwise):
                return self.put(old, replace(old, then=otherwise, otherwise=then))
        return None

    def argument(self) -> tree.Spec | None:
        """An argument left out, or one too many."""
        old = self.one(tree.Apply)
        if old is None:
            return None
        keywords = dict(old.keywords)
        if keywords and self.random.random() < 0.6:
            keywords.pop(self.random.choice(list(keywords)))
            return self.put(old, replace(old, keywords=keywords))
        if old.arguments and self.random.random() < 0.6:
            return self.put(old, replace(old, arguments=old.arguments[:-1]))
        more = tree.Const(self.random.choice([1, 2, 3]))
        return self.put(old, replace(old, arguments=(*old.arguments, more)))

    def other_value(self) -> tree.Spec | None:
        """Another name that stands in the same body."""
        body = self.random.choice(self.spec.definitions)
        inside = list(tree.nodes(body))
        names = [each for each in inside if isinstance(each, tree.Name)]
        if len(names) < 2:
            return None
        old, other = self.random.sample(names, 2)
        return self.put(old, tree.Name(other.name))

    def input(self) -> tree.Spec | None:
        """An input of another dtype, rank or size."""
        old = self.one(tree.Input)
        if old is None:
            return None
        type, random = old.type, self.random
        shape = list(type.shape)
        match random.randrange(5):
            case 0:
                type = replace(type, dtype=random.choice(DTYPES), below=0)
            case 1 if shape:
                shape.pop(random.randrange(len(shape)))
            case 2:
                extra = random.choice([tree.Const(1), tree.Const(3), tree.Name("S")])
                shape.insert(random.randrange(len(shape) + 1), extra)
            case 3 if shape:
                place = random.randrange(len(shape))
                now = shape[place]
                fixed = random.choice([1, 2, 3, 5])
                more = now.value + random.choice([1, -1]) if isinstance(now, tree.Const) else fixed
                shape[place] = tree.Const(max(1, more)) if random.random() < 0.6 else tree.Name("S")
            case _:
                below = random.choice([0, 1, type.below + 1]) if type.below else 0
                type = replace(type, below=below)
        return self.put(old, replace(old, type=replace(type, shape=tuple(shape))))

    def output(self) -> tree.Spec | None:
        """An output declared otherwise."""
        old = self.one(tree.Output, where=lambda node: node.type is not None)
        if old is None:
            return None
        type, random = old.type, self.random
        shape = list(type.shape)
        if not shape or random.random() < 0.2:
            return self.put(old, replace(old, type=replace(type, dtype=random.choice(DTYPES))))
        place = random.randrange(len(shape))
        if random.random() < 0.3:
            shape.pop(place)
        else:
            shape[place] = tree.Binary(random.choice("+-*"), shape[place], tree.Const(1))
        return self.put(old, replace(old, type=replace(type, shape=tuple(shape))))

    def operator(self) -> tree.Spec | None:
        old = self.one(tree.Binary)
        return old and self.put(old, replace(old, operator=self.random.choice(OPERATORS)))

    def stated(self) -> tree.Spec | None:
        """A size that the input tells, stated, and mostly wrong."""
        keys = {"Linear": "in_features", "Conv2d": "in_channels", "Conv1d": "in_channels",
                "BatchNorm2d": "num_features", "LSTM": "input_size", "GroupNorm": "num_channels",
                "Embedding": "num_embeddings", "LayerNorm": "normalized_shape"}  # fmt: skip
        old = self.one(tree.Apply, where=lambda node: node.name in keys)
        if old is None:
            return None
        said = {keys[old.name]: tree.Const(self.random.choice([1, 2, 3, 4, 6, 8, 12, 50]))}
        return self.put(old, replace(old, keywords={**old.keywords, **said}))

    def statement(self) -> tree.Spec | None:
        """A statement left out, or before its time."""
        body = self.one(tree.Definition, where=lambda node: len(node.body) > 1)
        if body is None:
            return None
        place = self.random.randrange(len(body.body) - 1)
        kept = list(body.body)
        gone = kept.pop(place)
        if self.random.random() < 0.5:
            kept.insert(place + 1, gone)
        return self.put(body, replace(body, body=tuple(kept)))

    def indexed(self) -> tree.Spec | None:
        """Another index, or one more."""
        random = self.random
        old = self.one(tree.Index)
        if old is None:
            return None
        items = list(old.items)
        new = random.choice([
            tree.Const(random.randint(-9, 9)), tree.Span(tree.Const(1)), tree.Const(None),
            tree.Span(), tree.Span(None, None, tree.Const(random.choice([2, -1, 0]))), tree.Dots(),
        ])  # fmt: skip
        if random.random() < 0.3:
            items.append(new)
        else:
            items[random.randrange(len(items))] = new
        return self.put(old, replace(old, items=tuple(items)))

    def flipped(self) -> tree.Spec | None:
        """`True` for `False`, `x.T` for `x.mT`, another axis of `x.shape`."""
        old = self.one(tree.Const, tree.Attribute, tree.SizeOf)
        match old:
            case tree.Const(bool() as value):
                return self.put(old, tree.Const(not value))
            case tree.Attribute(base, name):
                return self.put(old, tree.Attribute(base, "T" if name == "mT" else "mT"))
            case tree.SizeOf(base, axis):
                return self.put(old, tree.SizeOf(base, axis + self.random.choice([-1, 1, -3])))
        return None

    def pattern(self) -> tree.Spec | None:
        """Names unlike the results."""
        old = self.one(tree.Bind)
        if old is None:
            return None
        names = old.pattern
        several = (*names, "_") if isinstance(names, tuple) else (names, "_")
        fewer = names[0] if isinstance(names, tuple) else several
        return self.put(old, replace(old, pattern=self.random.choice([several, fewer])))


def mutant(spec: tree.Spec, seed: int) -> tuple[str, tree.Spec]:
    """A spec one mutation away, and the name of the mutation."""
    return Faults(spec, seed).mutant()
