"""Which parameter of a signature gets which argument of a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .diagnostics import Report
from .errors import names as errors
from .expressions import ListOf, TupleOf
from .ir.resolved import Several
from .layers.record import REQUIRED, Layer, Parameter
from .source import Span

LISTS = (ListOf, TupleOf, Several)


class Argument(Protocol):
    """One argument as written; without a name it is positional."""

    @property
    def span(self) -> Span:
        """Where it stands."""

    @property
    def name(self) -> str | None:
        """Its keyword."""

    @property
    def value(self) -> Any:
        """An expression, of the tree or resolved."""


def bind(
    owner: str,
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
    span: Span,
    report: Report,
    example: str = "",
    also: Sequence[str] = (),
) -> dict[str, Any] | None:
    """Which parameter gets which expression; None after a report.

    `also` are keywords that are taken besides. A parameter `*name` takes all positional ones, be
    they written one by one or as one list; it gets them in a tuple.
    """
    bound: dict[str, Any] = {}
    good = True
    names = [parameter.name.lstrip("*") for parameter in parameters]
    open_ended = bool(parameters) and parameters[0].name.startswith("*")
    positional = [argument for argument in arguments if argument.name is None]
    if open_ended:
        rest = tuple(argument.value for argument in positional)
        one = rest[0] if len(rest) == 1 else None
        bound[names[0]] = one.items if isinstance(one, LISTS) else rest
        if not rest:
            del bound[names[0]]
    elif len(positional) > len(names):
        extra = positional[len(names)].span
        report(errors.too_many_arguments(extra, owner, len(names), len(positional)))
        good = False
    else:
        bound |= {name: argument.value for name, argument in zip(names, positional, strict=False)}
    for argument in arguments:
        if argument.name is None:
            continue
        if argument.name not in names and argument.name not in also:
            report(errors.unknown_argument(argument.span, argument.name, owner, [*names, *also]))
            good = False
        elif argument.name in bound:
            read = also if 0 < names.index(argument.name) < len(positional) else ()
            report(errors.argument_twice(argument.span, argument.name, owner, read))
            good = False
        else:
            bound[argument.name] = argument.value
    for parameter, name in zip(parameters, names, strict=True):
        if parameter.default is REQUIRED and name not in bound and good:
            report(errors.missing_argument(span, name, owner, example))
            good = False
    return bound if good else None


def placed(
    record: Layer, arguments: Sequence[Argument], flowing: int
) -> tuple[tuple[Any, ...], tuple[Argument, ...]] | None:
    """The inputs among the arguments of a call into which so many tensors flow, and the others.

    None where there are too few inputs or too many.
    """
    values: list[Any] = []
    rest = list(arguments)
    if record.variadic:
        if flowing:
            return (), tuple(rest)
        positional = [each for each in rest if each.name is None]
        inputs = positional[record.leading :]
        listed = inputs[0].value if len(inputs) == 1 else None
        found = listed.items if isinstance(listed, LISTS) else [each.value for each in inputs]
        others = tuple(each for each in rest if each not in inputs)
        return (tuple(found), others) if found else None
    first = record.leading if not flowing else 0
    for name in record.inputs[flowing:]:
        places = (i for i, each in enumerate(rest) if _is_input(each, i, name, first))
        index = next(places, None)
        if index is None:
            return None
        values.append(rest.pop(index).value)
    for name in record.optional[max(0, flowing - len(record.inputs)) :]:
        places = (i for i, each in enumerate(rest) if _is_input(each, i, name, 0))
        index = next(places, None)
        if index is not None:
            values.append(rest.pop(index).value)
    most = len(record.inputs) + len(record.optional)
    return (tuple(values), tuple(rest)) if flowing <= most else None


def _is_input(argument: Argument, place: int, name: str, leading: int) -> bool:
    return argument.name == name or (argument.name is None and place >= leading)
