"""Which sizes a model can take: whether there are any, and whether those of the data are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .. import ir
from ..conditions import Joined, joined
from ..diagnostics import Diagnostic, Label, Report
from ..dims import Dim
from ..dims.solution import Solution
from ..errors import shapes as errors
from ..source import Span
from .networks import Definitions, bound_model


def possible(network: ir.Network, report: Report) -> bool:
    """Whether there are sizes that meet all conditions of a network; else a report."""
    if all(guard.condition.operator in (">", ">=") for guard in network.guards):
        return True  # what is large enough meets them all
    for each in joined(network.guards):
        if isinstance(each.says, Solution) and each.says.never:
            *before, last = map(_asked, each.guards)
            report(errors.no_size(last.span, each.says.name, last.text, tuple(before)))
            return False
    return True


def _asked(guard: ir.Guard) -> Label:
    """What one guard alone asks for."""
    return Label(guard.span, " and ".join(each.words for each in joined([guard])))


def fed(
    definition: ir.Definition,
    definitions: Definitions,
    arguments: Mapping[str, ir.Expression],
    sizes: Mapping[str, Dim],
    span: Span,
    report: Report,
) -> ir.Network | None:
    """The model with the sizes that data give it; what is wrong with them comes with the nearest
    sizes that are legal."""
    said: list[Diagnostic] = []
    network = bound_model(definition, definitions, arguments, sizes, span, said.append)
    notes: tuple[str, ...] = ()
    if any(each.code.startswith("D02") for each in said):
        whole = bound_model(definition, definitions, arguments, {}, span, _quiet)
        notes = tuple(_refused(joined(whole.guards), sizes)) if whole is not None else ()
    for each in said:
        mine = notes if each.code.startswith("D02") else ()
        report(replace(each, notes=(*each.notes, *mine)))
    return network


def _quiet(diagnostic: Diagnostic) -> None:
    """What is said of the model itself was said before."""


def _refused(conditions: list[Joined], sizes: Mapping[str, Dim]) -> list[str]:
    """The sizes that are not legal, each with its nearest legal ones."""
    found = []
    for each in conditions:
        legal = each.says
        if not isinstance(legal, Solution) or legal.name not in sizes:
            continue
        given = sizes[legal.name].value
        if given is not None and given not in legal:
            words = each.words
            found.append(errors.legal_sizes(words, legal.name, given, legal.around(given)))
    return found
