"""Names that constructors bind, and what the functions and blocks of a spec are called beside them.

Python takes a name that is bound anywhere in a function for its own everywhere in it: there a
function of the spec that has this name could not be called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from . import ir
from .opened import TAKEN, apart

Definitions = Mapping[str, ir.Definition | ir.Function]
NUMBER = re.compile(r"[\d_]+$")
# What the compiler itself calls sizes: axes of chains, and axes that change from turn to turn.
AXES = "N C L D H W size rows features steps channels height width depth".split()


def stems(definitions: Iterable[ir.Definition | ir.Function]) -> frozenset[str]:
    """The names that any of them binds, without the number that a second one would have."""
    return frozenset(map(_stem, _bound(definitions)))


def _bound(definitions: Iterable[ir.Definition | ir.Function]) -> Iterator[str]:
    yield from AXES
    for each in definitions:
        match each:
            case ir.Function(parameters=parameters):
                yield from (parameter.name for parameter in parameters)
            case ir.Definition(hyperparameters=hyperparameters, sizes=sizes, body=body):
                yield from (parameter.name for parameter in hyperparameters)
                yield from sizes
                yield from _assigned(body)


def _assigned(statements: Iterable[ir.Statement]) -> Iterator[str]:
    for each in statements:
        match each:
            case ir.Bind(name=name):
                yield name
            case ir.Unpack(target=target):
                yield from _names(target)
            case ir.If(then=then, otherwise=otherwise):
                yield from _assigned((*then, *otherwise))
            case ir.For(target=target, body=body):
                yield from _names(target)
                yield from _assigned(body)


def _names(target: Any) -> Iterator[str]:
    if isinstance(target, tuple):
        for each in target:
            yield from _names(each)
    else:
        yield target if isinstance(target, str) else target.name


def _stem(name: str) -> str:
    return NUMBER.sub("", name) or name


def unbound(wanted: str, stems: Collection[str], what: str) -> str:
    """The name, or one that says what it is where a constructor binds the name."""
    return f"{wanted}_{what}" if _stem(wanted) in stems else wanted


def called(definitions: Definitions) -> dict[str, str]:
    """What each function of the spec is called in emitted code."""
    bound = stems(definitions.values())
    found: dict[str, str] = {}
    others = [each for each, what in definitions.items() if isinstance(what, ir.Definition)]
    # A class may have a `_` more than its model.
    classes = {word for each in others for word in (each, f"{each}_")}
    for name, each in definitions.items():
        if isinstance(each, ir.Function):
            word = apart(unbound(name, bound, "function"), TAKEN)
            while word in classes or word in found.values():
                word += "_"
            found[name] = word
    return found
