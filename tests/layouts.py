"""Layouts compared in tests, each proved faithful and stable on the way."""

from __future__ import annotations

from dlc.compiler.fmt import fmt
from reading import read


def laid_out(text: str) -> str:
    """The layout of a text, after proof that it is faithful and that it stays."""
    spec = read(text)
    once = fmt(spec)
    again = read(once)
    assert again == spec
    assert [comment.text for comment in again.comments] == [c.text for c in spec.comments]
    assert fmt(again) == once
    assert (
        once[0] != "\n"
        and once.endswith("\n")
        and not once.endswith("\n\n")
        and "\n\n\n" not in once
    )
    assert all(line == line.rstrip() for line in once.splitlines())
    return once


def stays(text: str) -> None:
    """A text, without its first line break, that is in the one layout already."""
    assert laid_out(text) == text.removeprefix("\n")


def becomes(text: str, layout: str) -> None:
    assert laid_out(text) == layout.removeprefix("\n")


def body(layout: str) -> str:
    """Statements as those of a model."""
    lines = layout.strip("\n").split("\n")
    return "model M {\n" + "".join(f"  {line}".rstrip() + "\n" for line in lines) + "}\n"
