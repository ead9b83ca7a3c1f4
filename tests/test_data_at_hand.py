"""Tables at hand: what `check` finds in them is what a run refuses, and no more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import dlc
from hands import codes, diagnostics, loads
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import DATA, HOME, checked

TABLE = "size,kind,area\n1.5,a,10\n2.5,b,20\n0.5,a,30\n"
SPEC = """data rows from csv(SOURCE) {
  FIELD
  SPLIT
}
"""
FIELDS = (
    "x: f32[1] = first",
    "x: f32[1] = first -> impute(median)",
    "x: f32[1] = first -> impute(0) -> standardize",
    "x: f32[2] = [first, second] -> standardize",
    "x: f32[2] = [first, second / first] -> impute(mean)",
    "x: f32[1] = first - second",
    "x: i64[1] = first",
    "x: u8[2] = [first, second]",
    "x: bool[1] = first",
    "x: f16[1] = first",
    "x: class(3) = first",
    "x: class(3) = first -> impute(1)",
    'x: class("a", "b") = first',
    'x: class("1", "b") = first',
    "x: token(3)[2] = [first, second]",
    'x: f32[2] = first -> categories("a", "1") -> one_hot',
    "x: f32[3] = first -> impute(most_frequent) -> categories -> one_hot",
    "x: f32[3] = first -> one_hot(3)",
    "x: token(9)[2] = first -> words -> vocabulary(9) -> pad(2)",
    'x: token(9)[2] = first -> impute("") -> words -> vocabulary(9) -> pad(2)',
    "x: f32[2] = columns(0, 2)",
    "x: f32[3] = columns(0, 3)",
    'x: f32[2] = columns("*")',
    'x: f32[1] = columns("f*")',
    "x: f32[1] = third",
)
SPLITS = (
    "",
    "split = random(train=0.5, test=0.5)",
    "split = by_column(second, train=1)",
    'split = by_column(second, train=["1", "a"], test="b")',
)
CELLS = (
    "1",
    "0",
    "2",
    "3",
    "-1",
    "1.5",
    "1.0",
    "a",
    "b",
    "",
    "NA",
    " 1",
    "nan",
    "inf",
    "1_0",
    "7e4",
)


def spec(field: str, source: str = '"rows.csv"', split: str = "") -> str:
    return SPEC.replace("SOURCE", source).replace("FIELD", field).replace("SPLIT", split)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)), min_size=1, max_size=5),
    st.sampled_from(FIELDS),
    st.sampled_from(SPLITS),
)
def test_check_refuses_a_table_exactly_where_a_run_does(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    field: str,
    split: str,
) -> None:
    folder = tmp_path_factory.mktemp("table")
    # Each record twice: a random half has a chance to train on it.
    body = "".join(f"{first},{second}\n" for first, second in [*rows, *rows])
    (folder / "rows.csv").write_text("first,second\n" + body)
    text = spec(field, split=split)
    with pytest.MonkeyPatch.context() as patch:
        found = diagnostics(text, folder, patch)
        said = loads(text, folder, folder / "made", patch)
    errors = [each.message for each in found if each.severity == "error"]
    # Steps see the training split alone, of which a sample tells nothing.
    learned = "in the whole training split" in said or "categories, and the field" in said
    if not (learned and not errors):
        assert bool(errors) == bool(said), (errors, said)


FAULTS = {
    "a column": ("x: f32[1] = sise", TABLE, "D0320", "`size`"),
    "a pattern": ('x: f32[1] = columns("s_*")', TABLE, "D0320", ""),
    "a label": ('x: class("a", "c") = kind', TABLE, "D0321", "line 3 of rows.csv"),
    "a class": ("x: class(2) = area", TABLE, "D0321", "line 2 of rows.csv"),
    "a token": ("x: token(25)[2] = [area, area]", TABLE, "D0321", "line 4 of rows.csv"),
    "a text": ("x: f32[1] = kind", TABLE, "D0322", "line 2 of rows.csv"),
    "a hole": ("x: f32[1] = size", TABLE.replace("2.5", ""), "D0323", "line 3 of rows.csv"),
    "a category": (
        'x: f32[2] = kind -> categories("a", "c") -> one_hot', TABLE, "D0324", "line 3 of rows.csv",
    ),
    "a short row": ("x: f32[1] = size", TABLE + "1,a\n", "D0325", "line 5"),
    "an open quote": ("x: f32[1] = size", TABLE + '1,"a,2\n', "D0325", ""),
    "no records": ("x: f32[1] = size", "size,kind\n", "D0325", "no records"),
    "an empty file": ("x: f32[1] = size", "", "D0325", "no records"),
    "a name twice": ("x: f32[1] = size", "size,size\n1,2\n", "D0325", "two columns"),
    "semicolons": ("x: f32[1] = size", TABLE.replace(",", ";"), "D0326", 'separator=";"'),
    "tabs": ("x: f32[1] = size", TABLE.replace(",", "\t"), "D0326", 'separator="\\t"'),
    "too few columns": ("x: f32[3] = columns(1, 4)", TABLE, "D0327", "columns(1, 3)"),
    "an infinity": ("x: f32[1] = size / (area - 20)", TABLE, "D0328", "line 3 of rows.csv"),
    "a fraction": ("x: i64[1] = size", TABLE, "D0329", "line 2 of rows.csv"),
    "a large number": ("x: f16[1] = size", TABLE.replace("2.5", "70000"), "D0329", "line 3"),
    "many names": ("x: f32[1] = kind -> categories(count=1) -> one_hot", TABLE, "D0537", ""),
    "a pattern of two": ('x: f32[3] = columns("*e*")', TABLE, "D0334", "2 columns"),
    "nothing": (
        "x: f32[1] = size -> impute(median)", "size,kind\n,a\n,b\n", "D0335", "`size`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_its_place(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field, table, code, told = FAULTS[fault]
    (tmp_path / "rows.csv").write_text(table)
    found = diagnostics(spec(field), tmp_path, monkeypatch)
    assert [each.code for each in found] == [code]
    said = " ".join((found[0].message, *found[0].notes, *found[0].help))
    assert told in said
    if code != "D0537":
        assert loads(spec(field), tmp_path, tmp_path / "made", monkeypatch)


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ('"rows.csv", separator=";"', TABLE.replace(",", ";")),
        ('"rows.csv", separator="\\t"', TABLE.replace(",", "\t")),
        ('"rows.csv", separator=" "', TABLE.replace(",", " ")),
        ('"rows.csv", names=[size, kind, area]', TABLE.partition("\n")[2]),
        ('"rows.csv"', "\ufeff" + TABLE),
        ('"rows.csv"', TABLE.replace("\n", "\r\n")),
        ('"rows.csv"', TABLE.replace("\n", "\r")),
        ('"rows.csv"', TABLE.replace("a", '"a\nb"').replace('"a\nb"re"a\nb"', "area")),
        ('"rows.csv"', TABLE.replace("\n", "\n\n")),
        ('"rows.csv", missing=["?"]', TABLE + "1.5,a,10\n"),
        ('train="rows.csv", test="rows.csv"', TABLE),
    ],
)
def test_a_table_that_a_run_reads_is_read_here(
    source: str, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_bytes(table.encode())
    text = spec("x: f32[2] = [size, area / 2]", source)
    assert loads(text, tmp_path, tmp_path / "made", monkeypatch) == ""
    assert codes(text, tmp_path, monkeypatch) == []


def test_a_column_with_a_name_of_its_own_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_text("Median Income\n1\n")
    assert codes(spec('x: f32[1] = column("Median Income")'), tmp_path, monkeypatch) == []
    (found,) = diagnostics(spec("x: f32[1] = Median_Income"), tmp_path, monkeypatch)
    assert found.help == ('did you mean `column("Median Income")`?',)


def test_a_label_of_a_record_that_no_split_takes_is_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_text("part,kind\n1,a\n1,b\n2,b\n3,c\n")
    split = "split = by_column(part, train=1, test=2)"
    text = spec('y: class("a", "b") = kind', split=split)
    assert loads(text, tmp_path, tmp_path / "made", monkeypatch) == ""
    assert codes(text, tmp_path, monkeypatch) == []


def test_a_record_that_a_share_may_leave_out_makes_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_text("kind\n" + "a\nb\n" * 10 + "c\n")
    shares = ("train=0.5, test=0.2", "train=0.8, test=0.2")
    said = [
        [
            each.severity
            for each in diagnostics(
                spec('y: class("a", "b") = kind', split=split), tmp_path, monkeypatch
            )
        ]
        for split in (f"split = random({share})" for share in shares)
    ]
    assert said == [["warning"], ["error"]]


def test_rows_that_are_skipped_are_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_text(TABLE + "?\n")
    assert codes(spec("x: f32[1] = size"), tmp_path, monkeypatch) == ["D0325"]
    assert codes(spec("x: f32[1] = size\n  on_error = skip"), tmp_path, monkeypatch) == []


def test_each_missing_column_is_told_once_and_hides_no_other_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_text(TABLE)
    fields = "x: f32[2] = [sise, sise / ares]\n  y: class(2) = area"
    assert codes(spec(fields), tmp_path, monkeypatch) == ["D0320", "D0320", "D0321"]


def test_the_spec_s_folder_goes_before_the_working_directory_and_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, column in (("own", "a"), ("work", "b"), ("data", "c")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.csv").write_text(f"{column}\n1\n")
        (tmp_path / name / f"{name}.csv").write_text("z\n1\n")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("DLC_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "own" / "spec.dl"
    for name in ("rows", "own", "work", "data"):
        column = "a" if name == "rows" else "z"
        path.write_text(spec(f"x: f32[1] = {column}", f'"{name}.csv"'))
        assert dlc("check", path).code == 0, name
    (tmp_path / "own" / "rows.csv").unlink()
    path.write_text(spec("x: f32[1] = b"))
    assert dlc("check", path).code == 0


def test_a_missing_file_stays_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = diagnostics(spec("x: f32[1] = size"), tmp_path, monkeypatch)
    assert (found.code, found.severity) == ("D0517", "note")


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"\x1f\x8b" + b"\x00" * 50,
        b"\x1f\x8b\x08",
        b"\x00" * 100_000,
        b"x," * 200_000,
        b'"' * 99_999,
        b'size,"' + b"\n" * 80_000,
        b"\xff\xfe" + "size\n1\n".encode("utf-16-le"),
        b"\n\n\n",
        b"size\n" + b"9" * 400_000,
        b"\x89PNG\r\n\x1a\n" + b"size\n" * 30_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_garbage_is_an_error_or_nothing_and_never_a_crash(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    found = diagnostics(spec("x: f32[1] = size"), tmp_path, monkeypatch)
    refused = loads(spec("x: f32[1] = size"), tmp_path, tmp_path / "made", monkeypatch)
    if any(each.severity == "error" for each in found):
        assert refused
    assert all(each.code.startswith("D03") for each in found)


def test_a_folder_in_the_place_of_a_file_is_a_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.csv").mkdir()
    assert codes(spec("x: f32[1] = size"), tmp_path, monkeypatch) == ["D0517"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "rows.csv")
    assert codes(spec("x: f32[1] = size"), tmp_path, monkeypatch) == ["D0517"]


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "rows.csv").write_text(TABLE)
    monkeypatch.setattr("dlc.compiler.data_at_hand.samples.opened", refused)
    (found,) = diagnostics(spec("x: f32[1] = size"), tmp_path, monkeypatch)
    assert found.code == "D0325"
    assert "Permission denied" in found.message


REAL = {
    "titanic": {
        "[Age, ": ("[Agee, ", "D0320"),
        'class("died", "survived") = Survived': ("class(2) = Pclass", "D0321"),
        "SibSp, Parch]": ("SibSp, Ticket]", "D0322"),
        " -> impute(median)": ("", "D0323"),
        '"female", ': ('"women", ', "D0324"),
        'titanic_train.csv"': ('titanic_train.csv", separator=";"', "D0326"),
        "[Age, Fare,": ("[Age, Fare / SibSp,", "D0328"),
    },
    "houses": {
        "total_rooms,": ("rooms_total,", "D0320"),
        "median_house_value": ("ocean_proximity", "D0322"),
        '"NEAR BAY"': ('"NEAR SEA"', "D0324"),
        " -> impute(median) -> standardize": (" -> impute(median)", "D0661"),
        "median_house_value -> standardize": ("median_house_value", "D0665"),
    },
    "pets": {
        '"cats", "dogs"': ('"cat", "dogs"', "D0337"),
        'train="cats_dogs/train", test="cats_dogs/val"': ('"cats_dogs"', "D0337"),
        "resize(64, 64) -> scale": ("scale", "D0339"),
        " -> scale(1 / 255)": ("", "D0662"),
    },
    "mnist": {"image -> scale(1 / 255)": ("image", "D0662")},
    "sentiment": {'"positive")': ('"positive") = sentiment', "D0320")},
}


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [(name, old, *new) for name, faults in REAL.items() for old, new in faults.items()],
)
def test_a_fault_planted_in_a_spec_on_real_data_is_found(
    name: str, old: str, new: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (DATA / "tabular").is_dir():
        pytest.skip("DLC_DATA_DIR has no tabular/")
    text = (HOME / "specs" / f"{name}.dl").read_text(encoding="utf-8")
    assert old in text
    monkeypatch.chdir(HOME / "specs")
    found = [each.code for each in checked(text.replace(old, new, 1)).diagnostics]
    # Without a test split, what is expected of it is a fault of its own.
    assert [each for each in found if each != "D0613"] == [code]
