"""A body as it grows: every statement is computed by torch at several bindings before it stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import random_tree as tree
from random_layers import Fault, Unsure
from random_steps import Steps
from random_torch import Layers, Machine, first
from random_view import Proposal, View, on
from torch import Tensor

LARGEST = 60_000  # values of one tensor


class Draft:
    """The statements of one body, and what its names hold at each binding.

    `numbers` are the whole numbers that may be written by a name. `batch` are the sizes of N.
    """

    def __init__(
        self,
        random: Random,
        machines: list[Machine],
        scopes: list[dict[str, Any]],
        label: str = "h",
    ) -> None:
        self.random, self.machines, self.scopes, self.label = random, machines, scopes, label
        self.body: list[tree.Statement] = []
        self.count = 0
        self.made: list[str] = []
        self.steps = Steps(random, self.number)
        whole = {k: {scope[k] for scope in scopes} for k in scopes[0] if type(scopes[0][k]) is int}
        self.numbers = {k: values.pop() for k, values in whole.items() if len(values) == 1}
        self.batch = tuple(scope.get("N", -1) for scope in scopes)

    def number(self, number: int) -> tree.Expr:
        """A number as such, or by the name of a size or hyperparameter that is as much."""
        if self.random.random() < 0.6:
            return tree.Const(number)
        forms: list[tree.Expr] = []
        for name, value in self.numbers.items():
            if value == number:
                forms.append(tree.Name(name))
            elif value > 1 and number % value == 0:
                forms.append(tree.Binary("*", tree.Const(number // value), tree.Name(name)))
            elif number > 0 and value // 2 == number:
                forms.append(tree.Binary("//", tree.Name(name), tree.Const(2)))
            elif 0 < number - value < 4:
                forms.append(tree.Binary("+", tree.Name(name), tree.Const(number - value)))
        return self.random.choice([*forms, tree.Const(number)])

    def fresh(self) -> str:
        self.count += 1
        return f"{self.label}{self.count}"

    def view(self, name: str) -> View:
        """What a name holds."""
        tensors = [scope[name] for scope in self.scopes]
        shapes = tuple(tuple(each.shape) for each in tensors)
        of = tensors[0]
        tokens, is_map = getattr(of, "tokens", 0), hasattr(of, "map")
        return View(name, shapes, of.dtype, self.batch, tokens, is_map)

    def views(self) -> list[View]:
        """All tensors."""
        return [self.view(name) for name in self.made]

    def pick(self) -> View:
        """One of the tensors, rather a late one."""
        return self.view(self.made[-1 - int(len(self.made) * self.random.random() ** 2)])

    def trial(self, node: tree.Expr, extra: Mapping[str, Any] | None = None) -> list[Any] | None:
        """What an expression gives at each binding; None where it is not what a model may have."""
        scopes = [{**scope, **(extra or {})} for scope in self.scopes]
        kept = self.kept()
        try:
            found = [m.value(node, s) for m, s in zip(self.machines, scopes, strict=True)]
            return found if self.is_good(found, kept) else None
        except (Fault, Unsure):
            return None
        finally:
            self.put_back(kept)

    def kept(self) -> list[Any]:
        held = {id(v): v for scope in self.scopes for v in scope.values() if isinstance(v, Layers)}
        return [
            [len(machine.states) for machine in self.machines],
            [(v, v.built) for v in held.values()],
        ]

    def put_back(self, kept: list[Any]) -> None:
        for machine, count in zip(self.machines, kept[0], strict=True):
            del machine.states[count:]
            machine.is_empty = False
        for held, built in kept[1]:
            held.built = built

    def is_good(self, found: list[Any], kept: list[Any]) -> bool:
        """Whether all weights are known when the model is built, and nothing is empty or huge."""
        made = [m.states[n:] for m, n in zip(self.machines, kept[0], strict=True)]
        alike = all(each == made[0] for each in made)
        tensors = list(leaves(found))
        small = all(0 < each.numel() <= LARGEST and each.dim() <= 6 for each in tensors)
        ranked = len({each.dim() for each in leaves([first(each) for each in found])}) <= 1
        return alike and small and ranked and not any(machine.is_empty for machine in self.machines)

    def add(self, *statements: tree.Statement) -> bool:
        """Let statements stay, if torch runs them at every binding; all or none."""
        kept = self.kept()
        before = [dict(scope) for scope in self.scopes]
        try:
            for machine, scope in zip(self.machines, self.scopes, strict=True):
                for statement in statements:
                    machine.execute(statement, scope)
            new = {k for k, v in self.scopes[0].items() if before[0].get(k) is not v}
            good = all(self.is_good([scope[k] for scope in self.scopes], kept) for k in sorted(new))
        except (Fault, Unsure):
            good = False
        if not good:
            for scope, old in zip(self.scopes, before, strict=True):
                scope.clear()
                scope.update(old)
            self.put_back(kept)
            return False
        self.body += statements
        for name in sorted(new):
            tensors = [scope[name] for scope in self.scopes]
            if name != "_" and all(isinstance(each, Tensor) for each in tensors):
                self.made = [each for each in self.made if each != name] + [name]
        return True

    def bind(self, node: tree.Expr, found: Any) -> bool:
        """Bind what an expression gives, in torch's structure."""
        if isinstance(found, tuple):
            return self.add(tree.Bind(self.pattern(found), node))
        rebound = self.random.random() < 0.2 and isinstance(node, tree.Apply)
        name = self.random.choice(self.made) if rebound and self.made else self.fresh()
        return self.add(tree.Bind(name, node))

    def pattern(self, found: tuple[Any, ...]) -> tree.Pattern:
        names: list[Any] = []
        for place, each in enumerate(found):
            if isinstance(each, tuple):
                names.append(self.pattern(each))
            else:
                named = isinstance(each, Tensor) and (not place or self.random.random() < 0.6)
                names.append(self.fresh() if named else "_")
        return tuple(names)

    def chain(
        self, view: View, length: int, keeping: bool = False, extra: Mapping[str, Any] | None = None
    ) -> tuple[tree.Expr, list[Proposal], Any]:
        """So many steps behind a value: the expression, its steps, what it gives."""
        inner: tree.Expr = tree.Name(view.name)
        steps: list[Proposal] = []
        found: list[Any] = [scope[view.name] for scope in self.scopes]
        for _ in range(3 * length):
            here = self.seen(found, view)
            step = (self.steps.keeping if keeping else self.proposal)(here)
            if uses(step, here.name):
                continue
            arrow = bool(steps) or self.random.random() < 0.9
            node = on(step, inner, arrow)
            results = self.trial(node, extra)
            if results is None or not any(True for _ in leaves(results)):
                continue
            if keeping and self.seen(results, view).shapes != here.shapes:
                continue
            inner, found = node, results
            steps.append(step)
            if len(steps) == length:
                break
        return inner, steps, found[0]

    def proposal(self, view: View) -> Proposal:
        """A step; where the batch is not the first axis, only what leaves it alone."""
        if not view.is_batched and any(
            size == self.batch for size in zip(*view.shapes, strict=True)
        ):
            return self.steps.activation(view)
        return self.steps.any(view)

    def seen(self, found: list[Any], view: View) -> View:
        """The first of what was found, as a value."""
        tensors = [first(each) for each in found]
        shapes = tuple(tuple(each.shape) for each in tensors)
        of = tensors[0]
        return View("·", shapes, of.dtype, self.batch, getattr(of, "tokens", 0), hasattr(of, "map"))


def leaves(found: Any) -> Iterator[Tensor]:
    """All tensors in results."""
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, tuple | list):
        for each in found:
            yield from leaves(each)


def uses(step: Proposal, name: str) -> bool:
    """Whether a step reads a value by that name."""
    return any(isinstance(each, tree.Name) and each.name == name for each in tree.nodes(step))
