"""The sources `json_lines`, `npz` and `parquet`: what they give, and what each fault says."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.errors import DataError, MissingPackage
from dlc.runtime.json_lines import JsonLines, parsed
from dlc.runtime.npz import Npz
from dlc.runtime.parquet import Parquet
from hypothesis import given, settings
from hypothesis import strategies as st

polars = pytest.importorskip("polars", reason="the extra `tables` is not installed")


def lines(folder: Path, text: str | bytes, **options: str) -> JsonLines:
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "a.jsonl").write_bytes(content)
    return JsonLines(str(folder / "a.jsonl"), **options)


def read_fault(source: JsonLines | Npz | Parquet, column: str = "") -> DataError:
    with pytest.raises(DataError) as caught:
        table = source.read([])
        table.column(column)
    return caught.value


# JSON lines


def test_keys_are_columns_in_their_order_and_absent_ones_are_holes(tmp_path):
    table = lines(tmp_path, '{"b": 1, "a": "x"}\n{"c": true, "b": null}\n').read([])
    assert list(table.columns) == ["b", "a", "c"]
    np.testing.assert_array_equal(table.column("b"), [1, np.nan])
    assert table.column("a").tolist() == ["x", None]
    np.testing.assert_array_equal(table.column("c"), [np.nan, 1])
    assert len(table) == 2


def test_an_empty_text_is_a_text_and_no_hole(tmp_path):
    assert lines(tmp_path, '{"a": ""}\n{"a": "x"}\n').read([]).column("a").tolist() == ["", "x"]


@pytest.mark.parametrize(
    "content",
    [b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": 2}', gzip.compress(b'{"a": 1}\n{"a": 2}\n')],
)
def test_marks_line_ends_blank_lines_and_gzip_change_nothing(content, tmp_path):
    table = lines(tmp_path, content).read([])
    assert table.column("a").tolist() == [1, 2]


def test_a_line_separator_within_a_text_ends_no_line(tmp_path):
    assert len(lines(tmp_path, '{"a": "x\u2028y"}\n').read([])) == 1


@pytest.mark.parametrize(
    "line", ["[1]", "7", "{", '{"a": 1}{', "nul", "[" * 100_000, '{"a": ' + "1" * 5000 + "x}"]
)
def test_a_line_without_an_object_is_told_or_skipped(line, tmp_path):
    text = f'{{"a": 1}}\n\n{line}\n{{"a": 2}}\n'
    error = read_fault(lines(tmp_path, text))
    assert error.message == f"Line 3 of {tmp_path / 'a.jsonl'} is no JSON object."
    assert "on_error = skip" in error.help
    table = lines(tmp_path, text, on_error="skip").read([])
    assert table.column("a").tolist() == [1, 2]
    assert table.where(1).startswith("line 4 of ")
    (note,) = table.notes
    assert "1 line of" in note and "line 3" in note


def test_a_number_of_any_length_is_read(tmp_path):
    table = lines(tmp_path, '{"a": ' + "9" * 5000 + '}\n{"a": 123456789012345678}\n').read([])
    assert table.column("a")[0] == np.inf
    assert parsed('{"a": 123456789012345678}') == {"a": 123456789012345678}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no records"),
        (b"\n \n", "holds no records"),
        (b'{"a": 1}\n{"a": "\xff"}', "is not UTF-8 text: see line 2"),
        (gzip.compress(b'{"a": 1}\n')[:-9], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(content, says, tmp_path):
    assert says in read_fault(lines(tmp_path, content)).message


@given(st.lists(st.dictionaries(st.text(), st.none() | st.floats() | st.text()), min_size=1))
@settings(max_examples=50, deadline=None)
def test_whatever_json_writes_is_read_as_so_many_records(records):
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = "".join(json.dumps(record) + "\n" for record in records)
        table = lines(Path(folder), text).read([])
        assert len(table) == len(records)
        for name in table.columns:
            assert len(table.column(name)) == len(table.texts(name)) == len(records)


# Arrays


def arrays(folder: Path, packed: bool = False, **given: np.ndarray) -> Npz:
    (np.savez_compressed if packed else np.savez)(folder / "a.npz", **given)
    return Npz(str(folder / "a.npz"))


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_are_columns(packed, tmp_path):
    grid = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    table = arrays(tmp_path, packed, grid=grid, label=np.array(["a", "b"])).read([])
    np.testing.assert_array_equal(table.column("grid"), grid)
    assert table.texts("label").tolist() == ["a", "b"]
    assert len(table) == 2 and table.where(1) == f"record 2 of {tmp_path / 'a.npz'}"


def test_the_longest_arrays_are_the_records_and_others_no_columns(tmp_path):
    source = arrays(tmp_path, x=np.zeros(5), y=np.ones(5), names=np.zeros(3), one=np.array(1))
    table = source.read([])
    assert list(table.columns) == ["x", "y"] and len(table) == 5
    assert "There is no column `names`" in read_fault(source, "names").message


def test_two_parts_are_two_files(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 3)))
    np.savez(tmp_path / "b.npz", x=np.ones((1, 3)))
    table = Npz(train="a.npz", test="b.npz").read([tmp_path])
    assert table.column("x").sum() == 3 and table.parts["test"] == slice(2, 3)


class Bomb:
    """What runs code where it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_nothing_is_ever_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = arrays(tmp_path, x=np.array([Bomb(), Bomb()], object), y=np.zeros(2))
    assert source.read([]).column("y").tolist() == [0, 0]
    error = read_fault(source, "x")
    assert "holds Python objects" in error.message and "np.float32" in error.help
    (tmp_path / "a.npz").write_bytes(pickle.dumps(Bomb()))
    assert "cannot be read as arrays" in read_fault(Npz("a.npz")).message
    assert not Path("exploded").exists()


def test_one_array_without_a_name_is_told(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert "without a name" in read_fault(Npz(str(tmp_path / "a.npy"))).message


@pytest.mark.parametrize("given", [{}, {"x": np.zeros((0, 3))}, {"x": np.array(1)}])
def test_a_file_without_records_is_told(given, tmp_path):
    assert "holds no records" in read_fault(arrays(tmp_path, **given)).message


def test_an_array_that_would_fill_the_memory_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue())
    assert "unpacks to" in read_fault(Npz(str(tmp_path / "a.npz"))).message


def test_damaged_arrays_are_told_and_never_a_traceback(tmp_path):
    arrays(
        tmp_path, packed=True, x=np.random.default_rng(0).random((20, 3)), t=np.array(["a"] * 20)
    )
    good = (tmp_path / "a.npz").read_bytes()
    told = 0
    for seed in range(150):
        chance = random.Random(seed)
        bad = bytearray(good[: chance.randrange(len(good))] if seed % 3 == 0 else good)
        for _ in range(3 if bad else 0):
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        (tmp_path / "b.npz").write_bytes(bad)
        try:
            table = Npz(str(tmp_path / "b.npz")).read([])
            [table.column(name) for name in table.columns]
        except DataError:
            told += 1
    assert told > 75


# Parquet


def frame(folder: Path, **columns: object) -> Parquet:
    polars.DataFrame(columns).write_parquet(folder / "a.parquet")
    return Parquet(str(folder / "a.parquet"))


def test_numbers_texts_truth_and_lists_are_columns(tmp_path):
    import datetime

    table = frame(
        tmp_path,
        n=[1, 2, None],
        whole=[1, 2, 2**60],
        t=["x", None, "007"],
        b=[True, None, False],
        pair=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        day=[datetime.date(2020, 1, 2)] * 3,
        grid=polars.Series(np.arange(12, dtype=np.float32).reshape(3, 2, 2)),
    ).read([])
    np.testing.assert_array_equal(table.column("n"), [1, 2, np.nan])
    assert table.column("whole").tolist() == [1, 2, 2**60]
    assert table.column("t").tolist() == ["x", None, "007"]
    np.testing.assert_array_equal(table.column("b"), [1, np.nan, 0])
    assert table.column("pair").shape == (3, 2) and table.column("grid").shape == (3, 2, 2)
    assert table.texts("day").tolist() == ["2020-01-02"] * 3
    assert table.where(1) == f"record 2 of {tmp_path / 'a.parquet'}"


def test_numbers_written_as_texts_are_numbers_and_still_as_written(tmp_path):
    table = frame(tmp_path, code=["007", "8"]).read([])
    assert table.column("code").tolist() == [7, 8]
    assert table.texts("code").tolist() == ["007", "8"]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ([[1], [1, 2]], "has 1 values in record 1"),
        ([{"x": 1}, {"x": 2}], "an object where a value is wanted"),
        ([b"a", b"b"], "holds bytes"),
    ],
)
def test_columns_that_are_no_values_are_told_where_they_are_used(column, says, tmp_path):
    source = frame(tmp_path, good=[1, 2], bad=column)
    assert source.read([]).column("good").tolist() == [1, 2]
    assert says in read_fault(source, "bad").message


def test_an_empty_table_and_another_file_are_told(tmp_path):
    assert (
        "no records" in read_fault(frame(tmp_path, a=polars.Series([], dtype=polars.Int64))).message
    )
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing else")
    assert "cannot be read as Parquet" in read_fault(Parquet(str(tmp_path / "a.parquet"))).message


def test_a_pattern_in_a_path_is_a_name(tmp_path):
    polars.DataFrame({"a": [1]}).write_parquet(tmp_path / "a1.parquet")
    assert "is not there" in read_fault(Parquet(str(tmp_path / "a*.parquet"))).message


def test_without_polars_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingPackage) as caught:
        Parquet("a.parquet").read([])
    assert caught.value.exit_code == 4
    assert caught.value.help == 'Install it: pip install "dlc[tables]"'


@pytest.mark.parametrize("module", ["parquet", "sounds", "audio_folder", "cifar", "npz"])
def test_importing_a_source_loads_none_of_the_optional_packages(module):
    code = (
        f"import sys, dlc.runtime.{module}\nassert not {{'polars', 'soundfile'}} & {{*sys.modules}}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
