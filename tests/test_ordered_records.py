"""Sources, windows and splits by time: types as numpy and torch have them, refusals by name."""

from __future__ import annotations

import numpy
import pytest
from dlc.compiler.catalog.data import SOURCES, SPLITS, STEPS
from dlc.compiler.pipeline import emittable
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import checked

TABLE = 'data rows from csv("rows.csv") {\n  FIELD\n  SPLIT\n}\n'
BY_TIME = "split = chronological(train=0.8, test=0.2)"


def said(field: str, source: str = 'csv("rows.csv")', split: str = BY_TIME) -> list[str]:
    """The codes of what is said about one field, but for files that are not there."""
    text = TABLE.replace('csv("rows.csv")', source).replace("FIELD", field).replace("SPLIT", split)
    return [each.code for each in checked(text).diagnostics if each.code != "D0517"]


def shape(sizes: tuple[int, ...]) -> str:
    return f"f32[{', '.join(map(str, sizes))}]"


@given(st.integers(1, 30), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_a_window_has_the_shape_of_numpys(size: int, columns: int) -> None:
    names = ", ".join(f"c{each}" for each in range(columns))
    table = numpy.zeros((40, columns))
    # numpy puts the axis of the window last, a batch of sequences has it before the features.
    seen = numpy.lib.stride_tricks.sliding_window_view(table, size, axis=0).swapaxes(1, 2).shape[1:]
    right = f"past: {shape(seen)} = [{names}] -> standardize -> window({size})"
    assert said(right) == []
    wrong = (seen[0] + 1, *seen[1:])
    assert said(right.replace(shape(seen), shape(wrong))) == ["D0510"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("past: f32[24] = co2 -> window(24)", []),
        ("past: f32[24] = co2 -> impute(median) -> window(24)", []),
        ("past: f32[4, 2] = [a, b] -> window(4)", []),
        ("past: f32[24, 1] = co2 -> window(24) -> reshape(24, 1)", []),
        ("past: f32[6, 4] = co2 -> window(4) -> window(6)", []),
        ("next: f32[1] = co2 -> ahead(1)", []),
        ("next: f32 = co2 -> standardize -> ahead(3)", []),
        ("next: f32[8] = co2 -> window(8) -> ahead(1)", []),
        ("kind: class(3) = kind -> ahead(1)", []),
        ("ids: token(90)[8] = text -> lower -> characters -> vocabulary(90) -> pad(8)", []),
        ('ids: token(90)[8] = text -> tokenize("t.json") -> pad(8)', []),
        ('ids: token(90)[8] = text -> tokenize("t.json", size=80) -> pad(8)', []),
        ('ids: token(90)[8] = text -> tokenize("t.json", size=99) -> pad(8)', ["D0532"]),
        ('ids: f32[8] = text -> tokenize("t.json") -> pad(8)', ["D0559"]),
        ('ids: token(90)[8] = text -> tokenize("t.json")', ["D0531"]),
        ("past: f32[24] = co2 -> window(0)", ["D0308"]),
        ("past: f32[24] = co2 -> window", ["D0307"]),
        ("next: f32[1] = co2 -> ahead(-1)", ["D0308"]),
        ("next: f32[1] = co2 -> standardize -> lower", ["D0559"]),
        ("ids: token(90)[8] = text -> words -> lower -> vocabulary(90) -> pad(8)", ["D0559"]),
        ("ids: token(90)[8] = text -> words -> window(8)", ["D0559"]),
        ("ids: token(90)[8] = text -> words -> vocabulary(90) -> pad(8) -> window(8)", ["D0559"]),
        ("ids: token(90)[8] = text -> words -> vocabulary(90) -> ahead(1) -> pad(8)", ["D0559"]),
        ('ids: token(90)[8] = text -> words -> tokenize("t.json") -> pad(8)', ["D0559"]),
    ],
)
def test_steps_of_sequences_know_what_they_take(field: str, expected: list[str]) -> None:
    assert said(field) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a: token(80)[64] = text -> characters -> vocabulary(80) -> window(64)", []),
        ("a: class(80)[64] = text -> characters -> vocabulary(80) -> window(64) -> ahead(1)", []),
        ("a: token(80)[64] = text -> words -> vocabulary(80) -> window(64)", []),
        ('a: token(80)[64] = text -> tokenize("t.json") -> window(64)', []),
        ("a: token(80)[32] = text -> characters -> vocabulary(80) -> window(64)", ["D0510"]),
        ("a: class(70)[64] = text -> characters -> vocabulary(80) -> window(64)", ["D0532"]),
        ("a: token(80)[64] = text -> characters -> vocabulary(80) -> pad(64)", ["D0560"]),
        ("a: token(80)[64] = words -> characters -> vocabulary(80) -> window(64)", ["D0515"]),
    ],
)
def test_a_long_text_is_cut_into_windows(field: str, expected: list[str]) -> None:
    assert said(field, 'text_file("tales.txt")')[: len(expected) or None] == expected


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ('parquet("a.parquet")', "x: f32[1]"),
        ('parquet(train="a.parquet", test="b.parquet")', "x: f32[3] = [a, b, c] -> standardize"),
        ('json_lines("a.jsonl")', "x: f32[2, 3] = grid"),
        ('npz("a.npz")', "x: f32[1, 8, 8] = pixels -> scale(1 / 16) -> reshape(1, 8, 8)"),
        ('npz("a.npz")', "x: f32[5, 8] = rows -> window(5)"),
        ('npz("a.npz")', "ids: token(100)[8]"),
        ('text_folder("a")', "ids: token(90)[8] = text -> words -> vocabulary(90) -> pad(8)"),
        ('text_folder(train="a", test="b")', 'label: class("good", "bad")'),
        ('audio_folder("a", rate=8000)', "sound: f32[8000] = sound -> standardize"),
        ("cifar10()", "image: f32[3, 32, 32] = image -> scale(1 / 255)"),
        ("cifar100()", "family: class(20) = coarse_label"),
        ('python("mine.data:records")', "x: f32[7, 7]"),
    ],
)
def test_a_source_gives_what_it_is_said_to_give(source: str, field: str) -> None:
    split = "" if source.startswith(("cifar", "parquet(t", "text_folder(t")) else "split = S"
    times = not source.startswith(("cifar", "text_folder", "audio"))
    split = split.replace("S", BY_TIME[8:] if times else "random(train=0.8, test=0.2)")
    assert said(field, source, split) == []


@pytest.mark.parametrize(
    ("source", "field", "expected"),
    [
        ('audio_folder("a")', "sound: f32[1, 8000]", "D0510"),
        ('audio_folder("a")', "noise: f32[8000]", "D0515"),
        ('audio_folder("a", rate=0)', "sound: f32[8000]", "D0308"),
        ("cifar10()", "image: f32[1, 32, 32]", "D0510"),
        ("cifar10()", "label: class(100)", "D0510"),
        ("cifar10()", "coarse_label: class(20)", "D0515"),
        ('text_folder("a")', "x: f32[4] = text -> standardize", "D0530"),
        ('python("records")', "x: f32[1]", "D0562"),
        ('python("mine.data")', "x: f32[1]", "D0562"),
        ('python("import os:system")', "x: f32[1]", "D0562"),
        ("python()", "x: f32[1]", "D0307"),
        ("parquet()", "x: f32[1]", "D0536"),
        ('json_lines("a", train="b")', "x: f32[1]", "D0536"),
        ('npz(test="b")', "x: f32[1]", "D0536"),
        ("text_folder()", "label: class(2)", "D0520"),
        ('npz("a.npz", header=False)', "x: f32[1]", "D0304"),
    ],
)
def test_a_source_that_cannot_give_it_is_told(source: str, field: str, expected: str) -> None:
    assert said(field, source, "") == [expected]


@pytest.mark.parametrize("source", ["mnist()", "cifar10()", 'image_folder("p")'])
@pytest.mark.parametrize(
    "field", ["label: class(10) = label -> ahead(1)", "label: class(10)"], ids=["ahead", "split"]
)
def test_records_in_no_order_are_not_parted_by_time(source: str, field: str) -> None:
    split = "split = chronological(train=0.8, validation=0.2)"
    found = said(field, source, split)
    assert set(found) == {"D0560"}
    assert len(found) == (2 if "ahead" in field else 1)
    assert said("label: class(10)", source, split.replace("chronological", "random")) == []


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        (BY_TIME, []),
        ("", []),
        ("split = by_column(year, train=[2019], test=2020)", []),
        ("split = by_group(station, train=0.8, test=0.2)", []),
        ("split = random(train=0.8, test=0.2)", ["D0561"]),
        ("split = k_fold(5)", ["D0561"]),
    ],
)
def test_windows_that_are_parted_at_random_share_values(split: str, expected: list[str]) -> None:
    assert said("past: f32[4] = co2 -> window(4)", split=split) == expected
    assert said("now: f32[1] = co2", split=split) == []


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("chronological(train=0.7, validation=0.2, test=0.1)", []),
        ("chronological(test=0.2)", ["D0507"]),
        ("chronological(train=0.9, test=0.2)", ["D0508"]),
        ("chronological(train=0.9, seed=0)", ["D0304"]),
        ("by_group(patient, train=0.8, test=0.2, seed=3)", []),
        ("by_group(train=0.8, test=0.2)", ["D0307"]),
        ("by_group(patient, train=0.8, test=0.3)", ["D0508"]),
    ],
)
def test_shares_of_splits_are_checked(split: str, expected: list[str]) -> None:
    assert len(said("x: f32[1]", split=f"split = {split}")) == len(expected)


def refused(text: str) -> list[str]:
    """What cannot be emitted of a text that checks."""
    found = checked(text)
    assert found.program is not None, found.diagnostics
    return [each.code for each in emittable(found).diagnostics if each.severity == "error"]


@pytest.mark.parametrize("name", SPLITS)
def test_every_split_is_carried_out(name: str) -> None:
    split = f"split = {SPLITS[name].example}"
    text = TABLE.replace("SPLIT", split).replace("FIELD", "label: class(2)")
    assert refused(text) == []


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_read(name: str) -> None:
    assert SOURCES[name].module and SOURCES[name].code


@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_carried_out(name: str) -> None:
    assert STEPS[name].module and STEPS[name].code
