"""Specs about sequences, and what the lints of axes and masks say of them."""

from __future__ import annotations

from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source

OURS = tuple(f"D02{number}" for number in range(70, 80))
HEADS = "f32[N, 4, T, 16]"


def found(text: str) -> list[Diagnostic]:
    """What is said about a spec by these lints."""
    diagnostics = check(Source("sequences.dl", text)).diagnostics
    return [each for each in diagnostics if each.code in OURS]


def codes(text: str) -> list[str]:
    """The codes of these lints that a spec gets; nothing else is wrong with it."""
    diagnostics = check(Source("sequences.dl", text)).diagnostics
    assert all(each.code in OURS for each in diagnostics), [each.message for each in diagnostics]
    return [each.code for each in diagnostics]


def network(body: str, takes: str = "f32[N, T, 64]", before: str = "", declared: str = "") -> str:
    """A model whose output is `body`."""
    kind = f": {declared}" if declared else ""
    return f"model Net {{\n  input x: {takes}\n  {before}\n  output y{kind} = {body}\n}}\n"
