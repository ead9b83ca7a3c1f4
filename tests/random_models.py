"""Random whole models, valid by construction: each statement was run by torch before it stayed.

`model(seed)` draws one. Sizes of the inputs are numbers or names; `BINDINGS` are numbers for the
names, chosen so that no two sizes that differ as names are equal at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import random_flow
import random_tree as tree
import random_values
import torch
from random_computed import computed, drawn
from random_draft import Draft, uses
from random_layers import DTYPES, Fault
from random_torch import Machine, Operation
from random_view import View, call, on

BINDINGS: tuple[Mapping[str, int], ...] = (
    {"N": 5, "H": 19, "W": 26, "T": 9, "S": 13},
    {"N": 3, "H": 24, "W": 35, "T": 12, "S": 18},
    {"N": 4, "H": 29, "W": 40, "T": 17, "S": 27},
)
LARGE: Mapping[str, int] = {"N": 2, "H": 59, "W": 83, "T": 34, "S": 41}
DTYPE_NAMES = {value: key for key, value in DTYPES.items()}
ACTS = ("relu", "gelu", "tanh", "silu", "sigmoid", "elu")


class Models:
    """Draws one model; `moves` are the ways in which its body grows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        torch.manual_seed(seed)
        self.blocks: list[tree.Definition] = []
        self.count = 0
        self.machines = [Machine(tree.Spec(())) for _ in BINDINGS]
        self.moves: list[tuple[float, Callable[[Draft], bool]]] = [
            (5, random_flow.chain), (1.5, random_flow.residual), (1.5, random_flow.branches),
            (1, random_flow.parts), (0.8, random_flow.shared), (1.2, random_flow.repeated),
            (1, random_flow.looped), (0.8, random_flow.chosen), (0.8, random_flow.listed),
            (0.7, random_flow.state), (1.2, random_values.arithmetic), (1, random_values.indexed),
            (0.8, random_values.attention), (0.7, random_values.masked), (1, random_values.pair),
            (0.5, random_values.recurrence), (1.6, self.chain_block), (1.6, self.body_block),
            (1, self.used_again),
        ]  # fmt: skip

    def spec(self) -> tree.Spec:
        """The whole spec."""
        random = self.random
        parameters = self.hyperparameters()
        inputs = [self.input("x")] + [self.input("x2")] * (random.random() < 0.2)
        inputs = [replace(each, name=name) for each, name in zip(inputs, ("x", "x2"), strict=False)]
        opened = tree.Definition("model", "Net", parameters, tuple(inputs))
        scopes = []
        for machine, sizes in zip(self.machines, BINDINGS, strict=True):
            tensors = [drawn(port, sizes, place) for place, port in enumerate(inputs)]
            scopes.append(machine.opened(opened, {}, tensors))
        draft = Draft(random, self.machines, scopes)
        draft.made = [each.name for each in inputs]
        self.grow(draft, random.randint(1, 6), 1.0)
        self.conclude(draft, random.choice([1, 1, 1, 2, 3]))
        body = tuple(draft.body)
        return tree.Spec((*self.blocks, replace(opened, body=body)))

    def hyperparameters(self) -> tuple[tree.Parameter, ...]:
        random = self.random
        every = (
            tree.Parameter("width", "int", tree.Const(random.choice([2, 3, 4, 6, 8]))),
            tree.Parameter("depth", "int", tree.Const(random.choice([1, 2, 3]))),
            tree.Parameter("widths", "list", tree.Items(tuple(
                tree.Const(random.choice([2, 4, 6])) for _ in range(random.randint(1, 3))))),
            tree.Parameter("act", "op", tree.Name(random.choice(ACTS))),
            tree.Parameter("deep", "bool", tree.Const(random.random() < 0.5)),
        )  # fmt: skip
        return tuple(each for each in every if random.random() < 0.4)

    def input(self, name: str) -> tree.Input:
        """An input of some kind, its sizes open or not."""
        random = self.random

        def space(label: str, low: int = 5, high: int = 16) -> tree.Expr:
            return (
                tree.Name(label) if random.random() < 0.5 else tree.Const(random.randint(low, high))
            )

        batch = tree.Name("N") if random.random() < 0.96 else tree.Const(3)
        channels = tree.Const(random.choice([1, 2, 3, 4, 6, 8]))
        kind = random.choice(["map"] * 4 + ["signal", "sequence", "sequence", "vector", "vector",
                                            "tokens", "tokens", "volume", "whole"])  # fmt: skip
        match kind:
            case "map":
                shape = (batch, channels, space("H"), space("W"))
            case "signal":
                shape = (batch, channels, space("T"))
            case "sequence":
                shape = (batch, space("T"), channels)
            case "vector":
                shape = (batch, tree.Const(random.choice([1, 2, 4, 6, 12, 16])))
            case "volume":
                shape = (batch, channels, tree.Const(4), space("H", 4, 8), tree.Const(5))
            case "whole":
                shape = random.choice([(batch,), (batch, channels, channels)])
                return tree.Input(name, tree.TypeOf(random.choice(["i64", "bool", "f64"]), shape))
            case _:
                shape = random.choice([(batch, space("T")), (batch, space("T")), (batch,)])
                return tree.Input(name, tree.TypeOf("i64", shape, random.choice([2, 7, 50])))
        return tree.Input(name, tree.TypeOf("f32", shape))

    def grow(self, draft: Draft, count: int, whole: float) -> None:
        """So many moves; `whole` is how readily blocks are made."""
        weights = [
            w * (whole if move in (self.chain_block, self.body_block) else 1)
            for w, move in self.moves
        ]
        moves = [move for _, move in self.moves]
        for _ in range(count):
            for _ in range(4):
                if self.random.choices(moves, weights)[0](draft):
                    break

    def conclude(self, draft: Draft, count: int, name: str = "y") -> None:
        """Outputs from the last values."""
        random = self.random
        made = [each for each in draft.made if not each.startswith("_")]
        chosen = [made[-1], *random.sample(made, min(len(made), count - 1))]
        for place, source in enumerate(dict.fromkeys(chosen)):
            view = draft.view(source)
            value: tree.Expr = tree.Name(source)
            if view.dtype.is_floating_point and random.random() < 0.4:
                value, _, found = draft.chain(view, 1)
                if isinstance(found, tuple):
                    value = tree.Name(source)
            results = draft.trial(value)
            assert results is not None
            stated = self.stated(draft, draft.seen(results, view))
            draft.add(tree.Output(f"{name}{place or ''}", stated, value))

    def stated(self, draft: Draft, view: View) -> tree.TypeOf | None:
        """The type of an output, where it can be told, and mostly then."""
        if self.random.random() < 0.25:
            return None
        shape: list[tree.Expr] = []
        for axis in range(view.rank):
            sizes = view.sizes(axis)
            names = [
                key
                for key, value in draft.scopes[0].items()
                if type(value) is int and tuple(scope[key] for scope in draft.scopes) == sizes
            ]
            opened = [key for key in names if not view.fixed(axis)]
            if view.fixed(axis):
                shape.append(draft.number(view.fixed(axis)))
            elif opened:
                shape.append(tree.Name(opened[0]))
            else:
                return None
        return tree.TypeOf(DTYPE_NAMES[view.dtype], tuple(shape))

    # Blocks.

    def chain_block(self, draft: Draft) -> bool:
        """A short-form block, drawn on a value that is there."""
        random, view = self.random, draft.pick()
        out = random.choice([2, 3, 4, 6, 8, max(1, view.fixed(1) if view.rank > 1 else 1)])
        kept, draft.numbers = draft.numbers, {"out": out}
        extra = {"out": out, "act": Operation(random.choice(ACTS))}
        _, steps, found = draft.chain(view, random.randint(1, 3), extra=extra)
        draft.numbers = kept
        if isinstance(found, tuple):
            return False
        if view.dtype.is_floating_point and random.random() < 0.5:
            steps.append(call("act"))
        if not steps or any(uses(step, "N") for step in steps):
            return False
        used = {
            each.name
            for each in tree.nodes(tuple(steps))
            if isinstance(each, tree.Name | tree.Apply)
        }
        parameters = [tree.Parameter("out", "int", random.choice([None, tree.Const(out)]))]
        parameters *= "out" in used
        if "act" in used:
            parameters.append(tree.Parameter("act", "op", tree.Name(random.choice(ACTS))))
        name = self.label("Chain")
        self.register(tree.Definition("block", name, tuple(parameters), chain=tuple(steps)))
        return self.use(draft, self.blocks[-1], view, out)

    def body_block(self, draft: Draft) -> bool:
        """A block with a body of its own, grown on a value that is there."""
        random, view = self.random, draft.pick()
        if not view.is_batched or len(self.blocks) > 3:
            return False
        letters = iter("CABDEF")
        shape: list[tree.Expr] = [tree.Name("N")]
        for axis in range(1, view.rank):
            known = view.fixed(axis) and random.random() < 0.3
            shape.append(tree.Const(view.fixed(axis)) if known else tree.Name(next(letters)))
        if view.tokens or len(shape) > 5:
            return False
        stated = tree.TypeOf(DTYPE_NAMES[view.dtype], tuple(shape))
        out = random.choice([2, 3, 4, 6, 8])
        parameters = (tree.Parameter("out", "int", random.choice([None, tree.Const(out)])),)
        parameters += (tree.Parameter("act", "op", tree.Name("relu")),) * (random.random() < 0.3)
        parameters = parameters if random.random() < 0.7 else ()
        opened = tree.Definition("block", self.label("Body"), parameters,
                                 (tree.Input("x", stated),))  # fmt: skip
        scopes = [machine.opened(opened, {"out": out}, [scope[view.name]])
                  for machine, scope in zip(self.machines, draft.scopes, strict=True)]  # fmt: skip
        before = [len(machine.states) for machine in self.machines]
        inner = Draft(random, self.machines, scopes, "b")
        inner.made = ["x"]
        if parameters and random.random() < 0.3:
            bound = tree.Binary(">=", tree.Name("out"), tree.Const(random.randint(1, 2)))
            inner.add(tree.Require(bound, "out is a size"))
        self.grow(inner, random.randint(1, 3), 0.3)
        if len(inner.made) < 2:
            return False
        self.conclude(inner, random.choice([1, 1, 1, 2]))
        for machine, count in zip(self.machines, before, strict=True):
            del machine.states[count:]
        self.register(replace(opened, body=tuple(inner.body)))
        return self.use(draft, self.blocks[-1], view, out)

    def label(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def register(self, block: tree.Definition) -> None:
        self.blocks.append(block)
        for machine in self.machines:
            machine.definitions[block.name] = block

    def use(self, draft: Draft, block: tree.Definition, view: View, out: int) -> bool:
        """The block on a value."""
        random = self.random
        keywords: dict[str, tree.Expr] = {}
        for each in block.parameters:
            if each.kind == "op" and random.random() < 0.5:
                acts = [k for k, v in draft.scopes[0].items() if isinstance(v, Operation)]
                keywords[each.name] = tree.Name(random.choice([*ACTS, *acts, *acts]))
            elif each.kind == "int" and (each.default is None or random.random() < 0.5):
                keywords[each.name] = draft.number(out)
        positional = tuple(keywords.values()) if random.random() < 0.5 else ()
        if len(positional) != len(keywords) or len(keywords) < len(block.parameters):
            positional = ()
        step = tree.Apply(block.name, (), positional, {} if positional else keywords)
        node = on(step, tree.Name(view.name), random.random() < 0.9)
        found = draft.trial(node)
        return found is not None and draft.bind(node, found[0])

    def used_again(self, draft: Draft) -> bool:
        """A block that is there on another value, with other hyperparameters."""
        if not self.blocks:
            return False
        block, view = self.random.choice(self.blocks), draft.pick()
        return self.use(draft, block, view, self.random.choice([2, 3, 4, 5, 6, 8]))


def model(seed: int) -> tree.Spec:
    """A random valid spec: torch runs it at all bindings, and in training too."""
    for attempt in range(10):
        spec = Models(seed + attempt * 1_000_003).spec()
        try:
            computed(spec, BINDINGS[0], training=True)
            # A size that three bindings have alike by chance is no number.
            computed(spec, LARGE)
        except Fault:
            continue
        return spec
    raise AssertionError(f"nothing valid from seed {seed}")
