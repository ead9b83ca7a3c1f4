"""Names and arguments: what a word stands for, and which parameter gets which value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from keyword import iskeyword
from typing import Any

from .. import arithmetic, tree
from ..arithmetic import LARGEST
from ..diagnostics import Report
from ..errors import names as errors
from ..layers.arguments import fits, words
from ..layers.record import REQUIRED, Parameter
from ..signature import bind
from ..source import Span

FAILED = object()


@dataclass(frozen=True, slots=True)
class Constants:
    """Compile-time values by name: the file's `param`s, or none."""

    names: Mapping[str, Any]
    report: Report

    def value(self, node: tree.Expression, what: str) -> Any:
        """The value of a constant expression (lists are tuples), or FAILED after a report."""
        match node:
            case tree.Number(value=value) | tree.String(value=value) | tree.Constant(value=value):
                if isinstance(value, int | float) and too_large(value):
                    self.report(errors.no_value(node.span, "this number is too large"))
                    return FAILED
                return value
            case tree.Reference(name=name) if name in self.names:
                return self.names[name]
            case tree.Reference(name="pi"):
                return 3.141592653589793
            case tree.ListOf(items=items) | tree.TupleOf(items=items):
                values = [self.value(item, what) for item in items]
                return FAILED if FAILED in values else tuple(values)
            case tree.Unary(operator=operator, operand=operand):
                return self._apply(node, operator, self.value(operand, what))
            case tree.Binary(operator=operator, left=left, right=right):
                first, second = self.value(left, what), self.value(right, what)
                return self._apply(node, operator, first, second)
            case tree.Compare(first=first, rest=((operator, second),)):
                values = [self.value(first, what), self.value(second, what)]
                return self._apply(node, operator, *values)
        self.report(errors.not_constant(node.span, what))
        return FAILED

    def _apply(self, node: tree.Node, operator: str, *values: Any) -> Any:
        if any(value is FAILED for value in values):
            return FAILED
        try:
            return arithmetic.apply(operator, *values)
        except arithmetic.ArithmeticFault as why:
            self.report(errors.no_value(node.span, str(why)))
            return FAILED


def too_large(value: float) -> bool:
    """Whether a number is none that torch could hold."""
    return abs(value) == float("inf") or (isinstance(value, int) and abs(value) >= LARGEST)


def constant_arguments(
    owner: str,
    parameters: Sequence[Parameter],
    call: tree.Expression,
    constants: Constants,
    example: str = "",
) -> dict[str, Any] | None:
    """The arguments of a call as values of the right kinds, defaults filled in."""
    arguments = call.arguments if isinstance(call, tree.Call) else ()
    bound = bind(owner, parameters, arguments, call.span, constants.report, example)
    if bound is None:
        return None
    values: dict[str, Any] = {}
    good = True
    for parameter in parameters:
        name = parameter.name.lstrip("*")
        if name not in bound:
            values[name] = parameter.default
            continue
        node = bound[name]
        if isinstance(node, tuple):
            each = [constants.value(item, f"`{name}`") for item in node]
            value: Any = FAILED if FAILED in each else tuple(each)
            span = call.span
        else:
            value, span = constants.value(node, f"`{name}`"), node.span
        if value is FAILED:
            good = False
        elif not fits(parameter.kind, value):
            shown = arithmetic.described(value)
            wanted = words(parameter.kind)
            kind = parameter.kind
            choices = kind.rstrip("?").split("|") if "|" in kind else ()
            suits = partial(fits, kind)
            help = errors.instead(name, value, parameter.default, suits, choices)
            constants.report(errors.wrong_argument(span, name, owner, wanted, shown, help))
            good = False
        values[name] = value
    return values if good else None


def called(node: tree.Expression) -> tuple[str, Span] | None:
    """The name in `name` or `name(…)`."""
    match node:
        case tree.Reference(name=name) | tree.Call(function=tree.Reference(name=name)):
            inner = node.function.span if isinstance(node, tree.Call) else node.span
            return name, inner
    return None


def signature(block: tree.Block | tree.Model | tree.Extern) -> tuple[Parameter, ...]:
    """The hyperparameters as the catalogue writes arguments."""
    return tuple(
        Parameter(p.name.name, "", REQUIRED if p.default is None else p.default)
        for p in block.parameters
        if not is_init(p)
    )


def is_init(parameter: tree.Parameter) -> bool:
    """Whether it is no hyperparameter but the initialisation: `model Cnn(init=keras)`."""
    return parameter.name.name == "init" and parameter.type is None


def is_place(text: str) -> bool:
    """Whether it is `package.module:Callable`."""
    module, _, name = text.partition(":")
    parts = [*module.split("."), name]
    return all(part.isascii() and part.isidentifier() and not iskeyword(part) for part in parts)


def input_names(
    block: tree.Block | tree.Model | tree.Extern, with_default: bool = True
) -> tuple[str, ...]:
    """The names of what flows in; a block that is one chain takes one tensor."""
    if not isinstance(block.body, tree.Body):
        return ("x",)
    return tuple(
        each.name.name
        for each in block.body.statements
        if isinstance(each, tree.Input) and (with_default or each.default is None)
    )
