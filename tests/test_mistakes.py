"""Real mistakes: the message names the line and the numbers, and its fix, typed in, checks."""

from __future__ import annotations

import ast
import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import pytest
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.pipeline import Checked, check, compile
from dlc.compiler.source import Source, Span

ERRORS = Path(__file__).parent / "errors"
FIXED = sorted((ERRORS / "fixed").glob("*.dl"))
# Codes of messages about sizes, which mean little without the numbers.
OF_SIZES = {"D0201", "D0204", "D0205", "D0206", "D0207", "D0208", "D0209", "D0218", "D0230"}


@pytest.fixture(autouse=True)
def beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Specs name files of `data/`, and no others that may be at hand."""
    monkeypatch.chdir(ERRORS)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)


@cache
def checked(path: Path) -> Checked:
    """What checking says of a file."""
    return check(Source(path.name, path.read_text(encoding="utf-8")))


def said(path: Path) -> list[Diagnostic]:
    """What is wrong with a file; that another file is not there is only a note."""
    return [each for each in checked(path).diagnostics if each.severity != "note"]


def lines_of(span: Span) -> set[int]:
    """The lines that a place covers."""
    return set(range(span.line, span.source.line_of(max(span.start, span.end - 1)) + 1))


def named(diagnostic: Diagnostic) -> set[int]:
    """The lines that a message shows."""
    spans = (diagnostic.span, *(label.span for label in diagnostic.others))
    return set().union(*map(lines_of, spans))


def changed(wrong: Path, right: Path) -> list[set[int]]:
    """The lines of `wrong` that are otherwise in `right`, one set for each place.

    Where lines are added, those on both sides of them count.
    """
    before, after = (path.read_text(encoding="utf-8").split("\n") for path in (wrong, right))
    places = []
    for what, start, end, _, _ in SequenceMatcher(None, before, after, False).get_opcodes():
        if what == "insert":
            places.append({start, start + 1})
        elif what != "equal":
            places.append(set(range(start + 1, end + 1)))
    return places


def test_there_are_as_many_real_mistakes_as_promised() -> None:
    assert len(FIXED) >= 120


@pytest.mark.parametrize("right", FIXED, ids=lambda path: path.stem)
def test_the_wrong_spec_is_refused_or_warned_of_with_a_way_out(right: Path) -> None:
    found = said(ERRORS / right.name)
    assert found
    assert all(each.help for each in found), "there is nothing to type"


@pytest.mark.parametrize("right", FIXED, ids=lambda path: path.stem)
def test_each_message_shows_a_line_that_the_fix_changes(right: Path) -> None:
    places = changed(ERRORS / right.name, right)
    assert places
    for each in said(ERRORS / right.name):
        assert any(named(each) & place for place in places), each.message


@pytest.mark.parametrize("right", FIXED, ids=lambda path: path.stem)
def test_a_message_about_sizes_has_the_numbers(right: Path) -> None:
    for each in said(ERRORS / right.name):
        if each.code in OF_SIZES:
            assert re.search(r"\d", " ".join((each.message, each.label, *each.notes)))


@pytest.mark.parametrize("right", FIXED, ids=lambda path: path.stem)
def test_the_fixed_spec_is_silent_and_compiles(right: Path) -> None:
    found = checked(right)
    assert said(right) == []
    assert found.program is not None
    for name, text in compile(found.program, found.source).files.items():
        if name.endswith(".py"):
            ast.parse(text)
