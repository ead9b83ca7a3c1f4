"""Compile-time functions of a spec, as Python calls them and as a constructor does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import ir, opened
from ..diagnostics import Diagnostic
from ..dims import name
from ..source import Span
from .evaluation import Evaluation
from .late import call
from .values import NotGeneric

if TYPE_CHECKING:
    from .generic import Generics

Definitions = Mapping[str, ir.Definition | ir.Function]


def callables(definitions: Definitions) -> dict[str, Callable[..., Any]]:
    """Each function of the spec, for values that are known."""
    return {
        each: partial(_called, definitions, found)
        for each, found in definitions.items()
        if isinstance(found, ir.Function)
    }


def _fail(diagnostic: Diagnostic) -> None:
    raise opened.NoForm


def _called(definitions: Definitions, function: ir.Function, *values: Any) -> Any:
    here = Evaluation(_fail, definitions)
    span: Span = function.span
    given = tuple(ir.Evaluated(span, value) for value in values)
    return call(here, ir.Call(span, ir.Evaluated(span, ir.Op(function.name)), given, ()))


def body(
    definitions: Definitions, function: ir.Function, generics: Generics
) -> tuple[Any, Mapping[str, ir.Open]]:
    """What a function computes of its parameters, and the names in sizes; raises `NotGeneric`."""
    here = Evaluation(_fail, definitions, generic=True, generics=generics)
    for each in function.parameters:
        if each.kind not in ("int", "float", "bool", "str"):
            raise NotGeneric
        whole = each.kind == "int"
        word = opened.safe(each.name)
        here.names[each.name] = name(word) if whole else ir.Open(word, each.kind)
    return here.value(function.value), here.atoms
