"""Random whole models, valid by construction: each statement was run by torch before it stayed.

`model(seed)` draws one. Sizes of the inputs are numbers or names; `BINDINGS` are numbers for the
names, chosen so that no two sizes that differ as names are equal at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import random_tree as tree
import torch
from random_draft import Draft, leaves, uses
from random_steps import View, call, on
from random_torch import DTYPES, Layers, Machine, Operation, drawn
from torch import Tensor

BINDINGS: tuple[Mapping[str, int], ...] = (
    {"N": 5, "H": 19, "W": 26, "T": 9, "S": 13},
    {"N": 3, "H": 24, "W": 35, "T": 12, "S": 18},
    {"N": 4, "H": 29, "W": 40, "T": 17, "S": 27},
)
SPACES = ("H", "W", "T", "S")
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
            (5, self.chain), (1.5, self.residual), (1.5, self.branches), (1, self.parts),
            (0.8, self.shared), (1.2, self.repeated), (1, self.looped), (0.8, self.chosen),
            (0.8, self.listed), (0.7, self.state), (1.2, self.arithmetic), (1, self.indexed),
            (0.8, self.attention), (0.7, self.masked), (1, self.pair), (0.5, self.recurrence),
            (1.6, self.chain_block), (1.6, self.body_block), (1, self.used_again),
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
            return tree.Name(label) if random.random() < 0.5 else tree.Const(random.randint(low, high))

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
        weights = [w * (whole if move in (self.chain_block, self.body_block) else 1) for w, move in self.moves]
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
            names = [key for key, value in draft.scopes[0].items() if type(value) is int and tuple(
                scope[key] for scope in draft.scopes) == sizes]
            opened = [key for key in names if not view.fixed(axis)]
            if view.fixed(axis):
                shape.append(draft.number(view.fixed(axis)))
            elif opened:
                shape.append(tree.Name(opened[0]))
            else:
                return None
        return tree.TypeOf(DTYPE_NAMES[view.dtype], tuple(shape))

    # Moves: each adds statements, or says False.

    def chain(self, draft: Draft) -> bool:
        node, steps, found = draft.chain(draft.pick(), self.random.randint(1, 4))
        return bool(steps) and draft.bind(node, found)

    def residual(self, draft: Draft) -> bool:
        view = draft.pick()
        if not view.dtype.is_floating_point:
            return False
        node, steps, _ = draft.chain(view, self.random.randint(1, 3), keeping=True)
        sign = self.random.choice(["+", "+", "-", "*"])
        sides = [tree.Name(view.name), node]
        if self.random.random() < 0.3:
            sides.reverse()
        whole: tree.Expr = tree.Binary(sign, sides[0], sides[1])
        if self.random.random() < 0.4:
            whole = tree.Apply("relu", (whole,), arrow=False)
        return bool(steps) and draft.bind(whole, None)

    def branches(self, draft: Draft) -> bool:
        """Two or three ways from one value, put together behind each other or on each other."""
        random, view = self.random, draft.pick()
        ends: list[View] = []
        for _ in range(random.choice([2, 2, 3])):
            node, steps, found = draft.chain(view, random.randint(1, 2), keeping=random.random() < 0.5)
            if steps and not isinstance(found, tuple):
                name = draft.fresh()
                if draft.add(tree.Bind(name, node)):
                    ends.append(draft.view(name))
        if len(ends) < 2:
            return bool(ends)
        parts = tree.Items(tuple(tree.Name(each.name) for each in ends))
        axes = [each for each in (1, -1, 2) if each < view.rank > 1]
        joins = [on(call("cat", axis), parts, False) for axis in axes]
        joins += [on(call("stack", 1), parts, False), tree.Binary("+", *parts.items[:2])]
        random.shuffle(joins)
        for node in joins:
            if same_but_one(ends) and (found := draft.trial(node)):
                return draft.bind(node, found[0])
        return True

    def parts(self, draft: Draft) -> bool:
        """Several results with names of their own, some of them put together again."""
        random, view = self.random, draft.pick()
        if not view.is_batched or view.rank < 2:
            return False
        axis = random.choice(view.axes or [1])
        size = view.fixed(axis)
        step = random.choice([
            call("chunk", 2, axis), call("split", max(1, size // 2), axis), call("unbind", axis),
            call("split", [1, max(1, size - 1)], axis), call("max", axis), call("sort", axis),
            call("topk", 1, axis), call("min", axis), call("tensor_split", 2, axis),
            call("std_mean", axis) if size > 1 else call("min", axis),
        ])  # fmt: skip
        node = on(step, tree.Name(view.name), random.random() < 0.7)
        found = draft.trial(node)
        # A number of parts that is the same at all bindings by chance is none of a type.
        known = size or step.name in ("max", "min", "sort", "topk", "std_mean")
        if not known or not found or not isinstance(found[0], tuple | list) or len(found[0]) > 5:
            return False
        pattern = draft.pattern(tuple(found[0]))
        return len(pattern) > 1 and draft.add(tree.Bind(pattern, node))

    def shared(self, draft: Draft) -> bool:
        """A declared layer on one value, and again on it, or on another that is like it."""
        random, view = self.random, draft.pick()
        _, steps, found = draft.chain(view, random.randint(1, 2), keeping=random.random() < 0.5)
        if not steps or isinstance(found, tuple) or not any(s.name[0].isupper() for s in steps):
            return False
        if any(uses(step, "N") for step in steps):
            return False
        name, first, again = f"f{draft.fresh()}", draft.fresh(), draft.fresh()
        other = random.choice([each for each in draft.views() if each.shapes == view.shapes])
        nodes = [on(call(name), tree.Name(each.name), random.random() < 0.7) for each in (view, other)]
        if not draft.add(tree.Shared(name, tuple(steps)), tree.Bind(first, nodes[0])):
            return False
        draft.add(tree.Bind(again, nodes[1]))
        return True

    def repeated(self, draft: Draft) -> bool:
        random, view = self.random, draft.pick()
        _, steps, _ = draft.chain(view, random.randint(1, 2), keeping=random.random() < 0.8)
        if not steps:
            return False
        count = draft.number(random.randint(0, 3))
        node = tree.Repeat(tree.Name(view.name), count, tuple(steps))
        found = draft.trial(node)
        return found is not None and draft.bind(node, found[0])

    def looped(self, draft: Draft) -> bool:
        """A `for` that carries a value, perhaps one that grows as in a DenseNet."""
        random, view = self.random, draft.pick()
        lists = [k for k, v in draft.scopes[0].items() if isinstance(v, list) and v and type(v[0]) is int]
        over: tree.Expr = on(call("range"), draft.number(random.randint(1, 3)), False)
        over = random.choice([tree.Name(each) for each in lists] + [over])
        carried, turn = draft.fresh(), f"i{draft.count}"
        me = replace(view, name=carried)
        if view.rank == 4 and view.fixed(1) and random.random() < 0.5:
            wide = tree.Name(turn) if over in [tree.Name(e) for e in lists] else tree.Binary(
                "+", tree.Name(turn), tree.Const(1))
            grown = on(call("Conv2d", wide, 3, padding=1), tree.Name(carried))
            value: tree.Expr = on(call("cat", 1), tree.Items((tree.Name(carried), grown)), False)
        elif view.rank == 2 and view.fixed(1) and random.random() < 0.5:
            width = tree.Binary("*", tree.Const(4), tree.Binary("**", tree.Const(2), tree.Name(turn)))
            value = on(call("Linear", width), tree.Name(carried))
        else:
            value = on(draft.steps.keeping(me), tree.Name(carried))
        body = tree.For(turn, over, (tree.Bind(carried, value),))
        return draft.add(tree.Bind(carried, tree.Name(view.name)), body)

    def chosen(self, draft: Draft) -> bool:
        """An `if` on a hyperparameter or a size, as a statement or as a value."""
        random, view = self.random, draft.pick()
        ends = [draft.chain(view, 1, keeping=random.random() < 0.5) for _ in range(2)]
        if not all(steps and not isinstance(found, tuple) for _, steps, found in ends):
            return False
        flags = [k for k, v in draft.scopes[0].items() if isinstance(v, bool)]
        tests: list[tree.Expr] = [tree.Name(each) for each in flags]
        for name in draft.numbers:
            sign = random.choice(["==", ">", "<=", "!="])
            tests.append(tree.Binary(sign, tree.Name(name), tree.Const(random.randint(1, 6))))
        if not tests:
            return False
        test, name = random.choice(tests), draft.fresh()
        if random.random() < 0.5:
            return draft.add(tree.Bind(name, tree.Choice(test, ends[0][0], ends[1][0])))
        then, otherwise = ((tree.Bind(name, node),) for node, _, _ in ends)
        if random.random() < 0.3:
            return draft.add(tree.Bind(name, tree.Name(view.name)), tree.If(test, then, ()))
        return draft.add(tree.If(test, then, otherwise))

    def listed(self, draft: Draft) -> bool:
        """A list of intermediates, taken as one tensor or from its end."""
        random, view = self.random, draft.pick()
        held = f"list{draft.fresh()}"
        start = () if random.random() < 0.5 else (tree.Name(view.name),)
        statements: list[tree.Statement] = [tree.Bind(held, tree.Items(start))]
        carried = draft.fresh()
        inner = tree.Name(carried)
        step = draft.steps.keeping(replace(view, name=carried))
        loop = (tree.Bind(carried, on(step, inner)), tree.Append(held, inner))
        over = on(call("range"), tree.Const(random.randint(1, 3)), False)
        statements += [tree.Bind(carried, tree.Name(view.name)), tree.For(f"i{draft.count}", over, loop)]
        if view.rank < 2:
            return False
        joins = [on(call("cat", 1), tree.Name(held), False), on(call("stack", 1), tree.Name(held), False)]
        popped = on(call("cat", -1), tree.Items((inner, tree.Pop(held))), False)
        last = tree.Binary("+", tree.Index(tree.Name(held), (tree.Const(-1),)), tree.Name(view.name))
        end = random.choice([*joins, popped, last, tree.Pop(held)])
        return draft.add(*statements, tree.Bind(draft.fresh(), end))

    def state(self, draft: Draft) -> bool:
        """A weight or buffer of one's own, with a value."""
        random, view = self.random, draft.pick()
        if not view.dtype.is_floating_point or not view.rank or view.dtype != torch.float32:
            return False
        tail = []
        for axis in range(view.rank - 1, 0, -1):
            if not view.fixed(axis) or len(tail) == 2:
                break
            tail.insert(0, draft.number(view.fixed(axis)))
        shape = tuple(tail) or (tree.Const(1),)
        kind, name = random.choice(["weight", "weight", "buffer"]), f"w{draft.fresh()}"
        made = tree.Apply(random.choice(["ones", "zeros"]), (), shape)
        stated = tree.State(kind, name, tree.TypeOf("f32", shape), made)
        node = tree.Binary(random.choice(["*", "+"]), tree.Name(view.name), tree.Name(name))
        return draft.add(stated, tree.Bind(draft.fresh(), node))

    def arithmetic(self, draft: Draft) -> bool:
        random, view = self.random, draft.pick()
        like = [each for each in draft.views() if each.shapes == view.shapes]
        other = random.choice(like)
        me: tree.Expr = tree.Name(view.name)
        if random.random() < 0.5 and other.name != view.name:
            sign = random.choice(["+", "-", "*", "/", "<", ">=", "=="])
            return draft.bind(tree.Binary(sign, me, tree.Name(other.name)), None)
        number: tree.Expr = random.choice([tree.Const(2), tree.Const(0.5), tree.Const(3)])
        if view.rank and random.random() < 0.4:
            number = tree.SizeOf(me, random.randrange(view.rank))
        sign = random.choice(["+", "-", "*", "/", "**" if number == tree.Const(2) else "+", ">"])
        sides = (me, number) if random.random() < 0.7 or sign == "**" else (number, me)
        return draft.bind(tree.Binary(sign, *sides), None)

    def indexed(self, draft: Draft) -> bool:
        random, view = self.random, draft.pick()
        if not view.rank:
            return False
        items: list[Any] = [tree.Span()] if view.is_batched else []
        for axis in range(len(items), view.rank):
            low = view.fixed(axis)
            ends = [tree.Span(tree.Const(low // 2), tree.Const(low)), tree.Span(tree.Const(-2))]
            items.append(random.choice([
                tree.Span(), tree.Const(random.choice([0, -1])), tree.Span(None, tree.Const(-1)),
                tree.Span(tree.Const(1)), tree.Span(None, None, tree.Const(2)), tree.Const(None),
                *ends * (low > 0), tree.Span(None, tree.Binary("//", tree.SizeOf(tree.Name(view.name), axis), tree.Const(2))),
            ]))  # fmt: skip
            if items[-1] == tree.Const(None):
                items.append(tree.Span())
            if random.random() < 0.4:
                break
        if view.is_batched and random.random() < 0.2:
            items = [tree.Dots(), *items[1:][-1:]]
        node = tree.Index(tree.Name(view.name), tuple(items))
        found = draft.trial(node)
        return found is not None and draft.add(tree.Bind(draft.fresh(), node))

    def attention(self, draft: Draft) -> bool:
        """Products of sequences with each other, by hand or by a layer."""
        random = self.random
        found = [v for v in draft.views() if v.rank == 3 and v.is_batched and v.dtype == torch.float32]
        if not found:
            return False
        view = random.choice(found)
        x, width = tree.Name(view.name), view.fixed(2)
        scores = draft.fresh()
        flipped = random.choice([tree.Attribute(x, "mT"), on(call("transpose", 1, 2), x)])
        product = tree.Binary("@", x, flipped)
        if width and random.random() < 0.4:
            heads = random.choice([each for each in range(1, width + 1) if width % each == 0])
            layer = tree.Apply("MultiheadAttention", (x, x, x), (draft.number(heads),), {}, {}, False)
            if random.random() < 0.3:
                layer = replace(layer, later={"need_weights": tree.Const(False)})
            return draft.add(tree.Bind((draft.fresh(), "_"), layer))
        if random.random() < 0.2:
            node = tree.Apply("einsum", (x, x), (tree.Const("ntd,nsd->nts"),), {}, {}, False)
            return draft.bind(node, None)
        if random.random() < 0.2:
            return draft.bind(tree.Apply("scaled_dot_product_attention", (x, x, x), arrow=False), None)
        soft = tree.Bind(scores, on(call("softmax", -1), product))
        mixed = tree.Bind(draft.fresh(), tree.Binary("@", tree.Name(scores), x))
        return draft.add(soft, mixed)

    def masked(self, draft: Draft) -> bool:
        random, view = self.random, draft.pick()
        if not view.dtype.is_floating_point or not view.rank:
            return False
        x = tree.Name(view.name)
        test = tree.Binary(random.choice([">", "<", "<="]), x, tree.Const(random.choice([0, 0.5])))
        filled = tree.Apply("masked_fill", (x, test), (tree.Const(0.0),), {}, {}, False)
        where = tree.Apply("where", (test,), (x, random.choice([tree.Const(0.0), x])), {}, {}, False)
        return draft.bind(random.choice([filled, where]), None)

    def pair(self, draft: Draft) -> bool:
        """A function of two values that are alike."""
        random, view = self.random, draft.pick()
        like = [v for v in draft.views() if v.shapes == view.shapes and v.dtype == view.dtype]
        other = random.choice(like)
        names = ["maximum", "minimum", "fmax", "hypot", "atan2", "logaddexp", "add", "mul", "eq", "lt",
                 "cosine_similarity", "pairwise_distance", "lerp", "Bilinear", "copysign", "isclose"]  # fmt: skip
        name = random.choice(names)
        more: tuple[Any, ...] = {"lerp": (0.25,), "Bilinear": (3,)}.get(name, ())
        two = (tree.Name(view.name), tree.Name(other.name))
        node = replace(call(name, *more), inputs=two, arrow=random.random() < 0.6)
        found = draft.trial(node)
        return view.rank > 1 and found is not None and draft.bind(node, found[0])

    def recurrence(self, draft: Draft) -> bool:
        """A loop over the steps of a sequence, at run time where they are open."""
        random = self.random
        found = [v for v in draft.views() if v.rank == 3 and v.is_batched and v.fixed(2)
                 and v.dtype == torch.float32 and max(v.sizes(1)) < 30]  # fmt: skip
        if not found or "N" not in draft.scopes[0]:
            return False
        view = random.choice(found)
        x, width = tree.Name(view.name), tree.Const(random.choice([2, 4]))
        cell, state, states = (f"{each}{draft.fresh()}" for each in ("cell", "s", "states"))
        turn = f"t{draft.count}"
        layer = tree.Shared(cell, (call(random.choice(["GRUCell", "RNNCell"]), width),))
        start = tree.Bind(state, tree.Apply("zeros", (), (tree.Name("N"), width)))
        at = tree.Index(x, (tree.Span(), tree.Name(turn)))
        body: list[tree.Statement] = [tree.Bind(state, tree.Apply(
            cell, (at, tree.Name(state)), arrow=random.random() < 0.5))]  # fmt: skip
        over = on(call("range"), tree.SizeOf(x, 1), False)
        if random.random() < 0.5:
            return draft.add(layer, start, tree.For(turn, over, tuple(body)))
        body.append(tree.Append(states, tree.Name(state)))
        held = tree.Bind(states, tree.Items(()))
        end = tree.Bind(draft.fresh(), on(call("stack", 1), tree.Name(states), False))
        return draft.add(layer, start, held, tree.For(turn, over, tuple(body)), end)

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
        used = {each.name for each in tree.nodes(tuple(steps)) if isinstance(each, tree.Name | tree.Apply)}
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
        self.grow(inner, random.randint(1, 3), 0.3)
        if not inner.body:
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


def same_but_one(views: list[View]) -> bool:
    """Whether all have one rank and dtype."""
    return len({(each.rank, each.dtype) for each in views}) == 1


def model(seed: int) -> tree.Spec:
    """A random valid spec."""
    return Models(seed).spec()


__all__ = ["BINDINGS", "SPACES", "Layers", "Tensor", "leaves", "model"]
