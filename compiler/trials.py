"""The values of a sweep, tried on the checker: a trial must not be the first to find a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import ir, tree
from .diagnostics import Diagnostic, Report
from .errors import sweeps as errors
from .override import overridden
from .resolve import resolve
from .shapes import shapes
from .source import Span

MOST = 12  # a check of its own for each: what is behind these, a trial finds


def trials(
    sweep: ir.Sweep, spec: tree.Spec, imported: Mapping[str, tree.Spec], report: Report
) -> None:
    """Report each value of a sweep with which the spec, good otherwise, is wrong."""
    left = MOST
    for search in sweep.searches:
        for text, place in _values(search):
            left -= 1
            if left < 0:
                return
            wrong = _wrong(spec, imported, f"{search.name}={text}")
            if wrong is not None:
                at = wrong.span
                report(errors.search_refused(place, search.name, text, wrong.message, at))


def _values(search: ir.Search) -> Iterator[tuple[str, Span]]:
    """Each choice; of a range its ends."""
    if search.kind == "choice":
        yield from zip(search.choices, search.places, strict=True)
    else:
        for end in (search.least, search.greatest):
            yield repr(end), search.places[0]


def _wrong(spec: tree.Spec, imported: Mapping[str, tree.Spec], setting: str) -> Diagnostic | None:
    """The first error of the spec with one value set otherwise."""
    found: list[Diagnostic] = []
    changed = overridden(spec, [setting], found.append)
    shapes(resolve(changed, found.append, imported), found.append)
    return next((each for each in found if each.severity == "error"), None)
