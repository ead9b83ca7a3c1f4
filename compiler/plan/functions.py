"""Functions of `model.py`: blocks without a state, and what a spec computes when it is built."""

from __future__ import annotations

from dataclasses import dataclass

from .. import ir, opened
from .headers import bare
from .text import call


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """A function: every line is ready, the template only lays them out."""

    signature: str
    summary: str
    body: tuple[str, ...]
    details: tuple[str, ...] = ()


def computed(program: ir.TypedProgram, used: set[str]) -> list[FunctionPlan]:
    """The functions of the spec that constructors call, each before those that call it."""
    found: dict[str, FunctionPlan] = {}

    def add(name: str) -> None:
        if name in found or name not in program.program.functions:
            return
        function, value, atoms = program.whole.function(name)
        for each in opened.functions_of(value, atoms):
            add(each)
        given = [f"{opened.safe(each.name)}: {each.kind}" for each in function.parameters]
        found[name] = FunctionPlan(
            call(
                program.whole.called(name), given, before="def ", after=f" -> {opened.kind(value)}:"
            ),
            f"`{name}`, as the spec computes it when a network is built",
            (f"    return {bare(value)}",),
        )

    for name in program.program.functions:
        if program.whole.called(name) in used:
            add(name)
    return list(found.values())
