"""The passes in order: read this first.

text → `parse` → tree → `resolve` → IR → `shapes` → typed IR → `lint` → `data_at_hand`; then `plan`
decides names, imports and comments, and `emit` writes Python. What is wrong goes to a report; a
pass after a fault goes on with what is whole, so that one run tells all independent faults.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from . import ir
from .diagnostics import Diagnostic, Report
from .imports import imported
from .lint import lint
from .override import overridden
from .parse import parse
from .resolve import resolve
from .shapes import shapes
from .silence import silenced
from .source import Source


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a file gives: every diagnostic in the order of the text, and the program.

    `program` is None where there is an error.
    """

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    program: ir.TypedProgram | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; warnings and notes may stand."""
        return self.program is not None


def check(source: Source, overrides: Sequence[str] = ()) -> Checked:
    """All that can be known of a spec without training; `overrides` are `key=value`."""
    found: dict[tuple[str, int, str, str], Diagnostic] = {}

    def report(diagnostic: Diagnostic) -> None:
        place = diagnostic.span
        # A block that is used twice may show its fault twice.
        key = (diagnostic.code, place.start, place.source.path, diagnostic.message)
        found.setdefault(key, diagnostic)

    typed = _typed(source, overrides, found, report)
    faulty = _faulty(found.values())
    said = silenced(found.values(), source, whole=not faulty and not overrides)
    # A part that was left out without a word would be a wrong spec that runs.
    assert faulty or typed is None or _whole(typed), "a part of the program was left out"
    return Checked(source, _ordered(said, source), None if faulty else typed)


def _ordered(found: Iterable[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """In the order of the text; what stands in other files comes last."""
    return tuple(
        sorted(found, key=lambda each: (each.span.source.path != source.path, each.span.start))
    )


def _faulty(found: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in found)


def _whole(typed: ir.TypedProgram) -> bool:
    """Whether everything declared has its types."""
    program = typed.program
    models = sum(definition.is_model for definition in program.definitions.values())
    fields = sum(len(data.fields) for data in program.data.values())
    return (
        len(typed.models) == models
        and len(typed.trainings) == len(program.trainings)
        and sum(len(data.fields) for data in typed.data.values()) == fields
    )


def _typed(
    source: Source, overrides: Sequence[str], found: Mapping[Any, Diagnostic], report: Report
) -> ir.TypedProgram | None:
    spec = parse(source, report)
    if spec is None:
        return None
    spec = overridden(spec, overrides, report)
    others = imported(spec, report)
    program = resolve(spec, report, others)
    typed = shapes(program, report)
    for sweep in program.sweeps if not _faulty(found.values()) else ():
        from .trials import trials

        trials(sweep, spec, others, report)
    lint(typed, spec, report, sound=not _faulty(found.values()), overridden=bool(overrides))
    if any(block.data.source for block in typed.data.values()):
        from .data_at_hand import data_at_hand

        data_at_hand(typed, report)
    return typed


@dataclass(frozen=True, slots=True)
class Package:
    """An emitted package: its folder's name, the spec's own, and the text of each file.

    `places` has for each file where in the spec its lines come from: `mnist.dl:21: Linear(128)`.
    `outside` has for each file what it imports as the person allowed: `package.module:Callable`.
    """

    name: str
    stem: str
    files: dict[str, str]
    places: dict[str, dict[int, str]]
    outside: Mapping[str, frozenset[str]]


class Unemitted(Exception):
    """A program that checks, and that nothing can be emitted of; `diagnostics` say why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(each.message for each in diagnostics))
        self.diagnostics = tuple(diagnostics)


def emitted(checked: Checked, allow: Sequence[str] = ()) -> tuple[Checked, Package | None]:
    """A package; none, and an error more for each place that checks and cannot be emitted.

    `allow` are the modules of Python that the person allows the package to import.
    """
    checked = emittable(checked, allow)
    if checked.program is None:
        return checked, None
    try:
        return checked, compile(checked.program, checked.source, allow)
    except Unemitted as why:
        said = _ordered((*checked.diagnostics, *why.diagnostics), checked.source)
        return Checked(checked.source, said, None), None


def emittable(checked: Checked, allow: Sequence[str] = ()) -> Checked:
    """The same, with an error for each place that checks and cannot be emitted."""
    from .allowed import refused

    found = [] if checked.program is None else list(refused(checked.program, allow))
    if not found:
        return checked
    return Checked(checked.source, _ordered((*checked.diagnostics, *found), checked.source), None)


def compile(program: ir.TypedProgram, source: Source, allow: Sequence[str] = ()) -> Package:
    """The Python package of a checked program; raises `Unemitted` where there can be none."""
    from .allowed import outside, refused
    from .emit import emit
    from .errors.names import unwritable
    from .plan import plan
    from .plan.places import starts
    from .plan.writing import Unwritable
    from .vocabulary import strings

    found = list(refused(program, allow))
    if found:
        raise Unemitted(found)
    try:
        planned = plan(program, source)
    except Unwritable as why:
        raise Unemitted([unwritable(why.span, str(why))]) from None
    brought = outside(program)
    known = cache(partial(strings, program.program, os.path.basename(source.path)))
    made = emit(planned, starts(program), brought, known)
    return Package(planned.package, program.program.stem, made.files, made.places, brought)
