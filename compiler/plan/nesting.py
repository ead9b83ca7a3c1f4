"""Which steps are written inside the one that reads them: `F.relu(self.conv1(x))`, `x + f(x)`.

A line is one layer, or one operation that makes another shape; activations, norms, dropout, views
behind a layer and sums stand around it, as long as the line is short and not too deep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import ir
from ..lines import WIDTH
from .expressions import expression, is_view
from .places import Origins
from .turns import through
from .writing import Writing

DEEPEST = 3  # brackets in brackets
SHORT = 48  # letters of a call of a block in which another layer is called
CALLED = 60  # letters of a model's call within another one
WIDEST = 2  # layers in a sum
FURTHEST = 4  # steps to the one that reads a value
SILENT = ir.StateStep | ir.ReadStep


class Nesting:
    """What has no name and one reader, next in line, is written where it is read."""

    def __init__(
        self,
        steps: Sequence[ir.TypedStep],
        reads: Mapping[int, list[int]],
        fixed: Mapping[int, str],
        writing: Writing,
        origins: Origins,
        returned: Sequence[ir.Value] = (),
    ) -> None:
        self.steps, self.reads, self.fixed, self.writing = steps, reads, fixed, writing
        self.origins, self.returned = origins, returned
        self.made = {id(each): index for index, step in enumerate(steps) for each in step.outputs}
        # By what is written inside another step: how many layers it has.
        self.weights: dict[int, int] = {}

    def nests(self, index: int, code: str, strength: int) -> bool:
        """Whether the step is written inside the one that reads it, and so has no line."""
        return self._nests(index, code, strength) or (
            self.writing.nesting and self._is_model(index, code)
        )

    def _is_model(self, index: int, code: str) -> bool:
        """Whether a model's call is inside what uses it: `D(G(z))`, `loss(D(x), ones)`."""
        step = self.steps[index]
        if not isinstance(step, ir.BlockStep) or len(step.outputs) != 1 or len(code) > CALLED:
            return False
        (output,) = step.outputs
        user = index + 1
        # New tensors stand where they are used, so that they come between without a line.
        while user < len(self.steps) and is_created(self.steps[user]):
            user += 1
        if output.name or id(output) in self.fixed or self.reads[id(output)] != [user]:
            return False
        reader = self.steps[user] if user < len(self.steps) else None
        if reader is None or isinstance(reader, ir.LoopStep | ir.Turns | ir.Choice):
            return False
        return isinstance(reader, ir.BlockStep) or getattr(reader, "attribute", "") == ""

    def _nests(self, index: int, code: str, strength: int) -> bool:
        step = self.steps[index]
        if len(step.outputs) != 1 or is_several(step):
            return False
        (output,) = step.outputs
        users = self.reads[id(output)]
        chosen = (user for user in users if user < len(self.steps))
        if all(isinstance(self.steps[user], ir.Choice) for user in chosen):
            users = sorted({*users})  # both branches of what is one module read it
        if id(output) in self.fixed or len(users) != 1 or not index < users[0] <= index + FURTHEST:
            return False
        (user,) = users
        if output.name and not (user == len(self.steps) and len(self.returned) > 1):
            return False
        put = [self._put(index, code, strength)]
        found = self._up_to(index, user, put) and (
            self._fits(user) or (self.writing.nesting and user == index + 1 and is_created(step))
        )
        for key in dict.fromkeys(put[found:]):
            del self.writing.inline[key], self.writing.strength[key], self.weights[key]
        return found

    def _put(self, index: int, code: str, strength: int) -> int:
        """Write a step inside the next ones, until it is seen whether they can take it."""
        key = id(self.steps[index].outputs[0])
        self.weights[key] = self._weight(index)
        self.writing.inline[key] = code
        self.writing.strength[key] = strength
        return key

    def _up_to(self, index: int, user: int, put: list[int]) -> bool:
        """Whether all that comes between is written inside too, in the order that it has now."""
        for other in range(index + 1, user):
            step = self.steps[other]
            if isinstance(step, ir.LoopStep) or not self._is_expression(step):
                return False
            code, strength = expression(step, self.writing)
            if not isinstance(step, SILENT) and not self._nests(other, code, strength):
                return False
            put.append(self._put(other, code, strength))
        return True

    def _fits(self, user: int) -> bool:
        """Whether the reader is still a line that one takes in at a glance."""
        if user == len(self.steps):
            inside = [self.made[id(each)] for each in self.returned if id(each) in self.weights]
            code = ", ".join(map(self.writing.of, self.returned))
            # A line has one place in the spec.
            alone = self.origins.breaks(self.steps[min(inside) :]) <= 1
            alone &= all(self.weights.get(id(each), 0) <= 1 for each in self.returned)
            return alone and inside == sorted(inside) and len(code) <= self._room(user)
        step = self.steps[user]
        if isinstance(step, ir.LoopStep) or _is_named(step, "Identity"):
            return False
        if not isinstance(step, ir.ListStep) and not self._is_expression(step):
            return False  # it would be computed in each turn, or in one branch alone
        inside = [self.made[id(value)] for value in step.reads if id(value) in self.weights]
        if inside != sorted(inside):
            return False
        if not isinstance(step, ir.ListStep):
            code, _ = expression(step, self.writing)
        elif step.action == "append" and step.value is not None:
            code = f"{self.writing.of(step.handle)}.append({self.writing.of(step.value)})"
        else:
            return False
        if _depth(code) > DEEPEST + _is_named(step, "Dropout"):
            return False
        if self._weight(user) <= (1 if self._own(user) else WIDEST):
            return len(code) <= self._room(user)
        return self._weight(user) == WIDEST and len(code) <= SHORT and self._leads_to(step, inside)

    def _is_expression(self, step: ir.TypedStep) -> bool:
        if isinstance(step, ir.ListStep):
            return step.action == "pop"
        return not isinstance(step, ir.Turns | ir.Choice) or bool(through(step, self.writing))

    def _room(self, user: int) -> int:
        """How long the value of a statement may be that stands on one line."""
        outputs = self.steps[user].outputs if user < len(self.steps) else ()
        names = ", ".join(each.name or self.fixed.get(id(each), "x") for each in outputs)
        before = f"{names} = " if user < len(self.steps) - 1 else "return "
        return WIDTH - 8 - 4 * self.writing.level - max(len(before), 8)

    def _leads_to(self, step: ir.TypedStep, inside: Sequence[int]) -> bool:
        """Whether two layers are a line: a block and what flows into it, or a whole body."""
        if not isinstance(step, ir.BlockStep | ir.Turns | ir.Choice):
            steps = [step, *(self.steps[place] for place in inside)]
            alone = sum(bool(getattr(each, "attribute", "")) for each in steps) == 1
            return alone and len(steps) == len(self.steps) and self.writing.level == 0
        kinds = {getattr(self.steps[place], "block", "") for place in inside}
        return getattr(step, "block", "-") not in kinds

    def _weight(self, index: int) -> int:
        """The layers of a step and of what is written inside it."""
        within = {id(value) for value in self.steps[index].reads}
        return self._own(index) + sum(self.weights.get(each, 0) for each in within)

    def _own(self, index: int) -> int:
        """1 for what a reader counts as a step of its own, 0 for what stands around one."""
        step = self.steps[index]
        match step:
            case ir.ArithmeticStep() | ir.ListStep() | ir.StateStep() | ir.ReadStep():
                return 0
            case ir.LayerStep(layer=layer) if not step.attribute:
                if layer.on_device or is_view(step):
                    return 0
                return int(not _keeps_shape(step) or "attention" in layer.code)
            case ir.LayerStep(layer=layer):
                return int("Norm" not in layer.name and "Dropout" not in layer.name)
        return 1


def is_several(step: ir.TypedStep) -> bool:
    """Whether torch returns a tuple, be it of one."""
    return isinstance(step, ir.LayerStep) and step.structure != 0


def is_created(step: ir.TypedStep) -> bool:
    """Whether a step makes a tensor of nothing: `torch.ones(n, 1)`."""
    return isinstance(step, ir.LayerStep) and step.layer.on_device


def _is_named(step: ir.TypedStep, name: str) -> bool:
    return isinstance(step, ir.LayerStep) and step.layer.name == name


def _keeps_shape(step: ir.LayerStep) -> bool:
    """Whether it gives a shape that flows in: activations, `where`, a cast."""
    return any(step.output.type.shape == value.type.shape for value in step.reads)


def _depth(code: str) -> int:
    """How deep brackets stand in brackets."""
    depth = deepest = 0
    for letter in code:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    return deepest
