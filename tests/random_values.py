"""How a body grows by expressions of tensors: operators, indices, masks, attention, recurrences.

Each move adds statements to a draft, or says False.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import random_tree as tree
import torch
from random_draft import Draft
from random_view import call, on


def arithmetic(draft: Draft) -> bool:
    random, view = draft.random, draft.pick()
    like = [each for each in draft.views() if each.shapes == view.shapes]
    other = random.choice(like)
    me: tree.Expr = tree.Name(view.name)
    if random.random() < 0.1:
        sign = "~" if view.dtype == torch.bool else "-"
        return draft.bind(tree.Unary(sign, me), None)
    if random.random() < 0.5 and other.name != view.name:
        sign = random.choice(["+", "-", "*", "/", "<", ">=", "=="])
        return draft.bind(tree.Binary(sign, me, tree.Name(other.name)), None)
    number: tree.Expr = random.choice([tree.Const(2), tree.Const(0.5), tree.Const(3)])
    if view.rank and random.random() < 0.4:
        number = tree.SizeOf(me, random.randrange(view.rank))
    sign = random.choice(["+", "-", "*", "/", "**" if number == tree.Const(2) else "+", ">"])
    sides = (me, number) if random.random() < 0.7 or sign == "**" else (number, me)
    return draft.bind(tree.Binary(sign, *sides), None)


def indexed(draft: Draft) -> bool:
    random, view = draft.random, draft.pick()
    if not view.rank:
        return False
    items: list[Any] = [tree.Span()] if view.is_batched else []
    for axis in range(len(items), view.rank):
        low = view.fixed(axis)
        half = tree.Binary("//", tree.SizeOf(tree.Name(view.name), axis), tree.Const(2))
        ends = [tree.Span(tree.Const(low // 2), tree.Const(low)), tree.Span(tree.Const(-2))]
        items.append(random.choice([
            tree.Span(), tree.Const(random.choice([0, -1])), tree.Span(None, tree.Const(-1)),
            tree.Span(tree.Const(1)), tree.Span(None, None, tree.Const(2)), tree.Const(None),
            *ends * (low > 0),
            tree.Span(None, half),
        ]))  # fmt: skip
        if items[-1] == tree.Const(None):
            items.append(tree.Span())
        if random.random() < 0.4:
            break
    if view.is_batched and random.random() < 0.2:
        last = tree.Const(-1) if random.random() < 0.5 else tree.Span(tree.Const(1))
        items = [tree.Dots(), last]
    node = tree.Index(tree.Name(view.name), tuple(items))
    found = draft.trial(node)
    return found is not None and draft.add(tree.Bind(draft.fresh(), node))


def attention(draft: Draft) -> bool:
    """Products of sequences with each other, by hand or by a layer."""
    random = draft.random
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


def masked(draft: Draft) -> bool:
    random, view = draft.random, draft.pick()
    if not view.dtype.is_floating_point or not view.rank:
        return False
    x = tree.Name(view.name)
    test = tree.Binary(random.choice([">", "<", "<="]), x, tree.Const(random.choice([0, 0.5])))
    filled = tree.Apply("masked_fill", (x, test), (tree.Const(0.0),), {}, {}, False)
    where = tree.Apply("where", (test,), (x, random.choice([tree.Const(0.0), x])), {}, {}, False)
    return draft.bind(random.choice([filled, where]), None)


def pair(draft: Draft) -> bool:
    """A function of two values that are alike."""
    random, view = draft.random, draft.pick()
    like = [v for v in draft.views() if v.shapes == view.shapes and v.dtype == view.dtype]
    other = random.choice(like)
    # fmt: off
    names = ["maximum", "minimum", "fmax", "hypot", "atan2", "logaddexp", "add", "mul", "eq", "lt",
             "cosine_similarity", "pairwise_distance", "lerp", "Bilinear", "copysign", "isclose"]
    # fmt: on
    name = random.choice(names)
    more: tuple[Any, ...] = {"lerp": (0.25,), "Bilinear": (3,)}.get(name, ())
    two = (tree.Name(view.name), tree.Name(other.name))
    node = replace(call(name, *more), inputs=two, arrow=random.random() < 0.6)
    found = draft.trial(node)
    return view.rank > 1 and found is not None and draft.bind(node, found[0])


def recurrence(draft: Draft) -> bool:
    """A loop over the steps of a sequence, at run time where they are open."""
    random = draft.random
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
