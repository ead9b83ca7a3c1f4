"""Walking a body: compile-time values are computed, tensors get types, steps are written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import arithmetic, ir, opened
from ..conditions import follows, wants_multiple
from ..diagnostics import Label, Report
from ..dims import Dim, decide, dim
from ..errors import control as control_errors
from ..errors import names as name_errors
from ..errors import results as results_errors
from ..errors import shapes as errors
from ..layers.record import Condition, Shape
from ..source import Span
from ..tensor import UNKNOWN, Type, Unknown
from . import late
from .apply import apply_layer
from .budget import Budget
from .indexing import index
from .opaque import has_axes
from .operators import operate
from .state import parameter
from .values import NotGeneric, described, holds_tensors

if TYPE_CHECKING:
    from .generic import Generics

Static: TypeAlias = int | float | str | bool | tuple[Any, ...] | Dim | None
# A trail has so many places; a place in a loop so many turns.
LONGEST_TRAIL = 8
MOST_TURNS = 6
MOST_SEEN = 48


@dataclass(slots=True)
class Evaluation:
    """One body on its way: `names` are its values so far, `steps` what it does."""

    report: Report
    definitions: Mapping[str, ir.Definition | ir.Function]
    generic: bool = False
    budget: Budget = field(default_factory=Budget)
    names: dict[str, Any] = field(default_factory=dict)
    steps: list[ir.TypedStep] = field(default_factory=list)
    guards: list[ir.Guard] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    shared: dict[str, str] = field(default_factory=dict)
    made_by: dict[int, ir.TypedStep] = field(default_factory=dict)
    generics: Generics | None = None
    open_names: frozenset[str] = frozenset()
    given: dict[int, Any] = field(default_factory=dict)
    layers: dict[str, ir.Apply | ir.Use | ir.Call] = field(default_factory=dict)
    weights: dict[str, Mapping[str, Shape]] = field(default_factory=dict)
    hyperparameters: frozenset[str] = frozenset()
    is_model: bool = False
    in_loop: bool = False
    calls: int = 0
    kept: set[int] = field(default_factory=set)
    depth: int = 0
    cache: dict[Any, tuple[ir.Network, int]] = field(default_factory=dict)
    at: Span | None = None
    # Where open sizes are declared, names are bound, and names in branches not taken would be.
    born: dict[str, Span] = field(default_factory=dict)
    bound: dict[str, Span] = field(default_factory=dict)
    skipped: dict[str, Span] = field(default_factory=dict)
    popped: dict[str, int] = field(default_factory=dict)
    # In a network for all hyperparameters: names in sizes that a constructor computes, and taken.
    atoms: dict[str, ir.Open] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    lets: dict[str, Any] = field(default_factory=dict)
    unrolling: bool = False
    branching: bool = False
    carried: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()
    requires: list[tuple[Span, Any, str]] = field(default_factory=list)
    turning: str = ""
    # Sizes behind loops that may have no turn: of so many turns, the size after some, after none.
    behind: dict[str, tuple[Dim, Dim, Dim]] = field(default_factory=dict)
    # Loops whose sizes are counted though a formula tells them, for they are read behind.
    counting: frozenset[Span] = frozenset()
    read_behind: dict[str, Span] = field(default_factory=dict)
    # The names that a constructor, or a turn of it, knows before it makes anything.
    steady: frozenset[str] = frozenset()

    def value(self, node: ir.Expression) -> Any:
        """A `Value`, a compile-time value, or UNKNOWN after a report."""
        match node:
            case ir.Literal(value=value):
                return value
            case ir.Local(name=name):
                if name in self.names:
                    return self.names[name]
                self.report(control_errors.unbound(node.span, name, self.passed_over(name)))
                return UNKNOWN
            case ir.Evaluated(value=value):
                return value
            case ir.Named(name=name):
                return ir.Op(name)
            case ir.Several(items=items):
                values = tuple(self.value(item) for item in items)
                self.keep(*values)
                return UNKNOWN if UNKNOWN in values else values
            case ir.Operation(operator="and" | "or" as operator, operands=(left, right)):
                return self._logical(node.span, operator, left, right)
            case ir.Operation(operator=operator, operands=operands):
                return self.operation(node.span, operator, [self.value(each) for each in operands])
            case ir.Apply() | ir.Use():
                return self._flowing(node)
            case ir.Index():
                return index(self, node)
            case ir.Conditional() | ir.Repeat() | ir.Pop():
                return self._decided(node)
            case ir.Call():
                return late.call(self, node)
            case ir.Shared():
                return late.shared(self, node)
            case ir.Parameter():
                return parameter(self, node)
            case ir.Sizes(target=target):
                tensor = self.tensor(target)
                if isinstance(tensor, ir.Value) and has_axes(self, node.span, ".shape", tensor):
                    return tensor.type.shape
        return UNKNOWN

    def _decided(self, node: ir.Conditional | ir.Repeat | ir.Pop) -> Any:
        from . import control

        match node:
            case ir.Conditional():
                return control.choose(self, node)
            case ir.Repeat():
                return control.repeat(self, node)
            case ir.Pop():
                return control.pop(self, node)

    def _logical(self, span: Span, operator: str, left: ir.Expression, right: ir.Expression) -> Any:
        """`and` and `or`: the right side counts only where the left one leaves it open."""
        # A long row of them nests on the left: it is gone through without a stack.
        row = [right]
        while isinstance(left, ir.Operation) and left.operator == operator:
            row.append(left.operands[1])
            left = left.operands[0]
        value = self.value(left)
        for each in reversed(row):
            value = self._joined(span, operator, value, each)
        return value

    def _joined(self, span: Span, operator: str, first: Any, right: ir.Expression) -> Any:
        if first is UNKNOWN or holds_tensors(first) or isinstance(first, Dim | ir.Open):
            return self.operation(span, operator, [first, self.value(right)])
        decided = bool(first) is (operator == "or")
        if decided:
            return first
        second = self.value(right)
        if holds_tensors(second):
            return self.operation(span, operator, [first, second])
        return second

    def keep(self, *values: Any) -> None:
        """Tensors that a list holds: they are not renamed, for it would still hold the old ones."""
        self.kept |= {id(each) for each in values if isinstance(each, ir.Value)}

    def evaluated(self, node: ir.Expression) -> ir.Evaluated:
        """An expression as the value that it has here."""
        if isinstance(node, ir.Evaluated):
            return node
        return ir.Evaluated(node.span, self.value(node))

    def _flowing(self, node: ir.Apply | ir.Use) -> Any:
        """What a chain gives, layer by layer from its start: it may be longer than a stack."""
        chain = [node]
        while id(chain[-1]) not in self.given and chain[-1].inputs:
            first = chain[-1].inputs[0]
            if not isinstance(first, ir.Apply | ir.Use):
                break
            chain.append(first)
        for each in reversed(chain):
            if id(each) not in self.given:
                self.given[id(each)] = self._applied(each)
        return self.given.pop(id(node))

    def _applied(self, node: ir.Apply | ir.Use) -> Any:
        from .networks import use_block

        try:
            if isinstance(node, ir.Use):
                return use_block(self, node)
            self.budget.spend(node.span)
            return apply_layer(self, node)
        except OverflowError:
            self.report(errors.size_too_large(node.span))
            return UNKNOWN

    def operation(self, span: Span, operator: str, values: list[Any]) -> Any:
        """Arithmetic: on compile-time values here, on tensors as a step."""
        if UNKNOWN in values:
            return UNKNOWN
        for value in values:
            if isinstance(value, ir.Op):
                self.report(name_errors.not_applied(span, value.name))
                return UNKNOWN
            if isinstance(value, ir.Results):
                what = f"`{operator}` takes one tensor"
                self.report(
                    results_errors.several_results(span, value.made_by, value.pattern, what)
                )
                return UNKNOWN
        if any(isinstance(value, ir.Value) for value in values):
            try:
                return operate(self, span, operator, values)
            except OverflowError:
                self.report(errors.size_too_large(span))
                return UNKNOWN
        if self.generic and any(map(opened.is_open, values)):
            return self.computed(opened.operation, operator, *values)
        try:
            return arithmetic.apply(operator, *values)
        except arithmetic.Undecided as why:
            self.report(control_errors.undecided(span, str(why), self.opened(*why.sizes)))
            return UNKNOWN
        except arithmetic.ArithmeticFault as why:
            self.report(name_errors.no_value(span, str(why)))
            return UNKNOWN

    def computed(self, make: Callable[..., Any], *values: Any) -> Any:
        """A value that the constructor computes; a whole number is a size from here on."""
        try:
            value = make(*values)
        except (opened.NoForm, arithmetic.ArithmeticFault):
            raise NotGeneric(opened.names(values, self.atoms)) from None
        if isinstance(value, ir.Open) and value.kind == "int":
            size, word = opened.as_name(value)
            self.atoms[word] = value
            return size
        return value

    def tensor(self, node: ir.Expression) -> ir.Value | Unknown:
        """The tensor that an expression gives; anything else is reported."""
        return self.as_tensor(self.value(node), node)

    def as_tensor(self, value: Any, node: ir.Expression) -> ir.Value | Unknown:
        """A value that is to be one tensor: of several results the first flows on."""
        while isinstance(value, ir.Results):
            value = value.items[0]
        if isinstance(value, ir.Value | Unknown):
            return value
        if isinstance(value, ir.Op):
            self.report(name_errors.not_applied(node.span, value.name))
            return UNKNOWN
        self.report(errors.not_a_tensor(node.span, described(value)))
        return UNKNOWN

    def static(self, node: ir.Expression) -> Any:
        """The compile-time value of an expression; a tensor is reported."""
        value = self.value(node)
        if holds_tensors(value):
            self.report(errors.not_a_number(node.span))
            return UNKNOWN
        return value

    def condition(self, node: ir.Operation) -> ir.Guard | None:
        """A comparison of sizes that only data decide, as a condition of the network."""
        if node.operator not in ("==", "!=", "<", "<=", ">", ">=") or len(node.operands) != 2:
            return None
        left, right = (self.static(each) for each in node.operands)
        if not all(isinstance(each, int | Dim) for each in (left, right)):
            return None
        if decide(dim(left), node.operator, dim(right)) is not None:
            return None
        return ir.Guard(node.span, Condition(dim(left), node.operator, dim(right)))

    def equal(self, size: Dim, other: Dim, span: Span) -> bool:
        """Whether a size is the one declared, where the conditions so far hold.

        An axis declared as long as it was, `H`, becomes a condition where it is shortened and
        stretched again: H is a multiple then. What else is only sometimes equal is a mistake.
        """
        if size == other:
            return True
        answer = decide(size, "==", other)
        if self.generic and answer is None:
            return True  # each use was checked with numbers
        if answer is not None or size.names != other.names:
            return answer is True
        guard = ir.Guard(span, Condition(size, "==", other))
        if follows(self.guards, guard):
            return True
        if not wants_multiple(guard):
            return False
        self.guards.append(guard)
        return True

    def attribute(self, stem: str, shared: str) -> str:
        """The next attribute name of a stem: `conv1`, `conv2`; what is shared keeps its name."""
        if shared in self.shared:
            return self.shared[shared]
        found, count = shared, 1
        while not found or found in self.attributes:
            if shared:
                count += 1
                found = f"{shared}{count}"
                continue
            self.counts[stem] = self.counts.get(stem, 0) + 1
            # Layers of a loop are not counted with the others: each is one of many.
            found = f"{stem}{self.counts[stem]}{self.turning}"
        self.attributes.add(found)
        if shared:
            self.shared[shared] = found
        return found

    def did(self, step: ir.TypedStep, *outputs: ir.Value) -> None:
        """Write a step down."""
        self.steps.append(step)
        for output in outputs:
            self.made_by[id(output)] = step

    def trail(self, *values: Any) -> tuple[Label, ...]:
        """Where the sizes came from: what each step on the way gave."""
        # A layer in a loop stands at one place, and gives something else each turn.
        places: dict[Span, list[ir.Value]] = {}
        pending = [value for value in values if isinstance(value, ir.Value)]
        seen: set[int] = set()
        while pending and len(places) < LONGEST_TRAIL and len(seen) < MOST_SEEN:
            value = pending.pop(0)
            if id(value) in seen:
                continue
            seen.add(id(value))
            step = self.made_by.get(id(value))
            places.setdefault(value.span if step is None else step.span, []).append(value)
            pending += () if step is None else step.reads
        order = {each: number for number, each in enumerate(self.made_by)}
        return tuple(self._passed(span, found, order) for span, found in places.items())

    def _passed(self, span: Span, values: list[ir.Value], order: Mapping[int, int]) -> Label:
        """What one place gave, turn by turn."""
        turns = sorted(values, key=lambda each: order.get(id(each), -1))
        shown = list(dict.fromkeys(str(each.type) for each in turns))[-MOST_TURNS:]
        gives = "gives " if id(turns[-1]) in self.made_by else ""
        return Label(span, gives + ", then ".join(shown))

    def opened(self, *sizes: Dim) -> tuple[Label, ...]:
        """Where the names in sizes are declared."""
        names = {each: None for size in sizes for each in sorted(size.names)}
        return tuple(Label(self.born[each], "open") for each in names if each in self.born)

    def passed_over(self, name: str) -> tuple[Label, ...]:
        """Where a name is bound in a branch that is not taken."""
        return (Label(self.skipped[name], "not gone through"),) if name in self.skipped else ()

    def type_of(self, spec: ir.TypeSpec) -> Type | Unknown:
        """The type that a `TypeSpec` stands for here."""
        shape: list[Dim] = []
        for size in spec.sizes:
            if isinstance(size, ir.Dots):
                leading = self.names.get("...")
                if leading is None:
                    if self.generic:
                        raise NotGeneric
                    self.report(control_errors.open_rank(size.span))
                    return UNKNOWN
                shape += leading
                continue
            value = self.static(size)
            if isinstance(value, Unknown):
                return UNKNOWN
            if not isinstance(value, int | Dim) or isinstance(value, bool):
                self.report(errors.model_size(size.span, arithmetic.described(value)))
                return UNKNOWN
            if isinstance(value, int) and value < 1:
                self.report(errors.model_size(size.span, "it is below 1"))
                return UNKNOWN
            shape.append(dim(value))
        bounds: dict[str, int | None] = {"classes": None, "tokens": None}
        for name, node in (("classes", spec.classes), ("tokens", spec.tokens)):
            if node is None:
                continue
            value = self.static(node)
            if isinstance(value, Unknown):
                return UNKNOWN
            if isinstance(value, Dim) and self.generic:
                # What constructors are told bounds indices like a number.
                bounds[name] = value  # type: ignore[assignment]
                continue
            least = 2 if name == "classes" else 1
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                why = f"{arithmetic.described(value)}, and it takes {least} at least"
                self.report(errors.model_size(node.span, why))
                return UNKNOWN
            bounds[name] = value
        labels = spec.labels
        return Type(spec.dtype, tuple(shape), labels=labels, **bounds)  # type: ignore[arg-type]
