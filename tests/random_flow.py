"""How a body grows by statements: chains, branches, loops, choices, lists, sharing, weights.

Each move adds statements to a draft, or says False.
"""

from __future__ import annotations

from dataclasses import replace

import random_tree as tree
import torch
from random_draft import Draft, uses
from random_view import View, call, on


def chain(draft: Draft) -> bool:
    node, steps, found = draft.chain(draft.pick(), draft.random.randint(1, 4))
    return bool(steps) and draft.bind(node, found)


def residual(draft: Draft) -> bool:
    view = draft.pick()
    if not view.dtype.is_floating_point:
        return False
    node, steps, _ = draft.chain(view, draft.random.randint(1, 3), keeping=True)
    sign = draft.random.choice(["+", "+", "-", "*"])
    sides = [tree.Name(view.name), node]
    if draft.random.random() < 0.3:
        sides.reverse()
    whole: tree.Expr = tree.Binary(sign, sides[0], sides[1])
    if draft.random.random() < 0.4:
        whole = tree.Apply("relu", (whole,), arrow=False)
    return bool(steps) and draft.bind(whole, None)


def branches(draft: Draft) -> bool:
    """Two or three ways from one value, put together behind each other or on each other."""
    random, view = draft.random, draft.pick()
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


def parts(draft: Draft) -> bool:
    """Several results with names of their own, some of them put together again."""
    random, view = draft.random, draft.pick()
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


def shared(draft: Draft) -> bool:
    """A declared layer on one value, and again on it, or on another that is like it."""
    random, view = draft.random, draft.pick()
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


def repeated(draft: Draft) -> bool:
    random, view = draft.random, draft.pick()
    _, steps, _ = draft.chain(view, random.randint(1, 2), keeping=random.random() < 0.8)
    if not steps:
        return False
    count = draft.number(random.randint(0, 3))
    node = tree.Repeat(tree.Name(view.name), count, tuple(steps))
    found = draft.trial(node)
    return found is not None and draft.bind(node, found[0])


def looped(draft: Draft) -> bool:
    """A `for` that carries a value, perhaps one that grows as in a DenseNet."""
    random, view = draft.random, draft.pick()
    lists = [
        k for k, v in draft.scopes[0].items() if isinstance(v, list) and v and type(v[0]) is int
    ]
    over: tree.Expr = on(call("range"), draft.number(random.randint(1, 3)), False)
    over = random.choice([tree.Name(each) for each in lists] + [over])
    carried, turn = draft.fresh(), f"i{draft.count}"
    me = replace(view, name=carried)
    if view.rank == 4 and view.fixed(1) and random.random() < 0.5:
        wide = (
            tree.Name(turn)
            if over in [tree.Name(e) for e in lists]
            else tree.Binary("+", tree.Name(turn), tree.Const(1))
        )
        grown = on(call("Conv2d", wide, 3, padding=1), tree.Name(carried))
        value: tree.Expr = on(call("cat", 1), tree.Items((tree.Name(carried), grown)), False)
    elif view.rank == 2 and view.fixed(1) and random.random() < 0.5:
        width = tree.Binary("*", tree.Const(4), tree.Binary("**", tree.Const(2), tree.Name(turn)))
        value = on(call("Linear", width), tree.Name(carried))
    else:
        value = on(draft.steps.keeping(me), tree.Name(carried))
    body = tree.For(turn, over, (tree.Bind(carried, value),))
    return draft.add(tree.Bind(carried, tree.Name(view.name)), body)


def chosen(draft: Draft) -> bool:
    """An `if` on a hyperparameter or a size, as a statement or as a value."""
    random, view = draft.random, draft.pick()
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


def listed(draft: Draft) -> bool:
    """A list of intermediates, taken as one tensor or from its end."""
    random, view = draft.random, draft.pick()
    held = f"list{draft.fresh()}"
    start = () if random.random() < 0.5 else (tree.Name(view.name),)
    statements: list[tree.Statement] = [tree.Bind(held, tree.Items(start))]
    carried = draft.fresh()
    inner = tree.Name(carried)
    step = draft.steps.keeping(replace(view, name=carried))
    loop = (tree.Bind(carried, on(step, inner)), tree.Append(held, inner))
    over = on(call("range"), tree.Const(random.randint(1, 3)), False)
    statements += [
        tree.Bind(carried, tree.Name(view.name)),
        tree.For(f"i{draft.count}", over, loop),
    ]
    if view.rank < 2:
        return False
    joins = [
        on(call("cat", 1), tree.Name(held), False),
        on(call("stack", 1), tree.Name(held), False),
    ]
    popped = on(call("cat", -1), tree.Items((inner, tree.Pop(held))), False)
    last = tree.Binary("+", tree.Index(tree.Name(held), (tree.Const(-1),)), tree.Name(view.name))
    end = random.choice([*joins, popped, last, tree.Pop(held)])
    return draft.add(*statements, tree.Bind(draft.fresh(), end))


def state(draft: Draft) -> bool:
    """A weight or buffer of one's own, with a value."""
    random, view = draft.random, draft.pick()
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


def same_but_one(views: list[View]) -> bool:
    """Whether all have one rank and dtype."""
    return len({(each.rank, each.dtype) for each in views}) == 1
