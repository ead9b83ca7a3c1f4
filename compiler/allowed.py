"""Modules of Python that a spec brings in: which they are, and which of them nobody has allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from . import ir
from .diagnostics import Diagnostic
from .errors import imports as errors
from .plan.names import folder
from .source import Span


def outside(program: ir.TypedProgram) -> Mapping[str, frozenset[str]]:
    """What emitted files import besides torch and the runtime: `package.module:Callable`."""
    found = [(file, place) for file, place, _ in _named(program)]
    files = {file for file, _ in found}
    return {file: frozenset(place for own, place in found if own == file) for file in files}


def refused(program: ir.TypedProgram, allow: Sequence[str]) -> Iterator[Diagnostic]:
    """An error for each place that brings in a module outside of `allow` and of what is below it.

    None is imported here, be it allowed or not.
    """
    package = folder(program.program.stem)
    for _, place, span in _named(program):
        module = place.partition(":")[0]
        if not any(module == each or module.startswith(f"{each}.") for each in allow):
            yield errors.not_allowed(span, module)
        elif module.split(".")[0].lower() == package.lower():
            yield errors.hidden_module(span, module, package)


def _named(program: ir.TypedProgram) -> Iterator[tuple[str, str, Span]]:
    """All that comes from Python: the file that imports it, `package.module:Callable`, where."""
    for definition in program.program.definitions.values():
        if definition.extern:
            yield "model.py", definition.extern, definition.span
    for data in program.program.data.values():
        source = data.source
        if source is not None and source.record.name == "python":
            yield "data.py", source.arguments["place"], source.span
