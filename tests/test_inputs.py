"""The inputs of a prediction: files, folders and lines as raw records that know their place."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.csv_files import Csv
from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.errors import DataError
from dlc.runtime.inputs import Given, given
from dlc.runtime.sources import Literal
from dlc.runtime.steps import Scale, Standardize
from dlc.runtime.table import Table
from dlc.runtime.texts import Pad, Vocabulary, Words
from PIL import Image


class Pictures:
    """Images of one size, in one channel."""

    missing = ("",)

    def read(self, folders, progress=None) -> Table:
        images = np.zeros((2, 1, 6, 4), np.uint8)
        return Table({"image": images}, "pictures", lambda row: f"record {row + 1}")


def numeric() -> Dataset:
    fields = {"x": Field("a", Standardize(), shape=(1,)), "y": Field("b", shape=(1,))}
    data = Dataset(Literal(a=[1, 3], b=[3, 4]), fields)
    data.load([])
    return data


def textual() -> Dataset:
    steps = (Words(), Vocabulary(9), Pad(3))
    fields = {
        "tokens": Field("text", *steps, shape=(3,), tokens=9),
        "label": Field("mood", labels=("bad", "good")),
    }
    data = Dataset(Literal(text=["so good", "so 42"], mood=["good", "bad"]), fields)
    data.load([])
    return data


def pictures() -> Dataset:
    data = Dataset(Pictures(), {"photo": Field("image", Scale(1 / 255), shape=(1, 6, 4))})
    data.load([])
    return data


def read(data: Dataset, *inputs: object, fields: tuple[str, ...] = ("x",)) -> list[Given]:
    return list(given([str(each) for each in inputs], data, fields))


def fault(data: Dataset, *inputs: object, fields: tuple[str, ...] = ("x",)) -> DataError:
    with pytest.raises(DataError) as caught:
        read(data, *inputs, fields=fields)
    return caught.value


def written(folder: Path, name: str, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(content)
    return folder / name


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """Puts bytes on standard input."""

    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


# Tables


def test_a_table_needs_no_target_column_and_its_rows_know_their_lines(tmp_path):
    path = written(tmp_path, "new.csv", "c,a\nu,1\n\nv,2\n")
    records = read(numeric(), path)
    assert records == [{"c": "u", "a": "1"}, {"c": "v", "a": "2"}]
    assert [record.place for record in records] == [f"line 2 of {path}", f"line 4 of {path}"]


def test_a_gzipped_table_is_the_same_table(tmp_path):
    path = written(tmp_path, "new.csv.gz", gzip.compress(b"a\n1\n2\n"))
    assert read(numeric(), path) == [{"a": "1"}, {"a": "2"}]


def headless(tmp_path: Path, names: tuple[str, ...] | None, *fields: Field) -> Dataset:
    path = written(tmp_path, "old.csv", "7,1,2\n8,3,4\n")
    x, y = fields
    data = Dataset(Csv(str(path), header=False, names=names), {"x": x, "y": y})
    data.load([])
    return data


@pytest.mark.parametrize("text", ["7,5,6\n", "5,6\n"])
def test_names_that_the_source_gives_hold_for_predictions_with_or_without_the_target(
    tmp_path, text
):
    fields = Field(["p", "q"], shape=(2,)), Field("t", shape=(1,))
    data = headless(tmp_path, ("t", "p", "q"), *fields)
    (record,) = read(data, written(tmp_path, "new.csv", text))
    assert (record["p"], record["q"]) == ("5", "6")


@pytest.mark.parametrize("text", ["7,5,6\n", "5,6\n"])
def test_numbered_columns_keep_their_numbers_where_the_target_before_them_is_left_out(
    tmp_path, text
):
    fields = Field(columns(1, 3), shape=(2,)), Field("0", shape=(1,))
    data = headless(tmp_path, None, *fields)
    (record,) = read(data, written(tmp_path, "new.csv", text))
    assert (record["1"], record["2"]) == ("5", "6")


def test_a_table_of_another_width_is_told_by_the_names_of_the_source(tmp_path):
    fields = Field(["p", "q"], shape=(2,)), Field("t", shape=(1,))
    data = headless(tmp_path, ("t", "p", "q"), *fields)
    error = fault(data, written(tmp_path, "new.csv", "1,2,3,4\n"))
    assert "4 cells in line 1, and 3 columns" in error.message


def test_an_encoded_record_of_a_file_is_told_by_its_line(tmp_path):
    path = written(tmp_path, "new.csv", "a\n1\nheavy\n")
    data = numeric()
    with pytest.raises(DataError, match=f"'heavy' .* in line 3 of {path}"):
        data.encode("x", read(data, path))


def test_a_hole_in_a_file_is_told_by_its_line(tmp_path):
    path = written(tmp_path, "new.csv", "a,c\n1,1\nNA,1\n")
    data = numeric()
    with pytest.raises(DataError, match=f"1 hole, the first in line 3 of {path}"):
        data.encode("x", read(data, path))


def test_a_column_that_a_file_lacks_is_told_with_those_it_has(tmp_path):
    path = written(tmp_path, "new.csv", "aa\n1\n")
    data = numeric()
    with pytest.raises(DataError, match=f"^Line 2 of {path} has no `a`") as caught:
        data.encode("x", read(data, path))
    assert "`aa`" in caught.value.help


# JSON lines


def test_json_lines_are_records_keyed_by_raw_column(tmp_path):
    path = written(tmp_path, "new.jsonl", b'\xef\xbb\xbf{"a": 1}\r\n\n{"a": null, "c": "u"}')
    records = read(numeric(), path)
    assert records == [{"a": 1}, {"a": None, "c": "u"}]
    assert records[1].place == f"line 3 of {path}"


def test_gzipped_json_lines_are_read(tmp_path):
    path = written(tmp_path, "new.jsonl.gz", gzip.compress(b'{"a": 1}\n'))
    assert read(numeric(), path) == [{"a": 1}]


def test_standard_input_is_json_lines(typed):
    typed(b'{"a": 1}\n{"a": 2}\n')
    records = read(numeric(), "-")
    assert records == [{"a": 1}, {"a": 2}]
    assert records[1].place == "line 2 of standard input"


def test_a_bare_number_or_list_is_the_one_raw_column(typed):
    typed(b"7\n[8]\n-1e3\n")
    data = numeric()
    records = read(data, "-")
    assert records == [{"a": 7}, {"a": [8]}, {"a": -1000}]
    assert data.encode("x", records).tolist() == [[5], [6], [-1002]]  # mean 2, deviation 1


def test_a_bare_line_is_the_one_raw_column_where_that_is_text(typed):
    typed('so "good"\n"quoted"\n42\n{"text": "as ever"}\nnaïve\n'.encode())
    records = read(textual(), "-", fields=("tokens",))
    assert [record["text"] for record in records] == [
        'so "good"',
        "quoted",
        "42",
        "as ever",
        "naïve",
    ]


@pytest.mark.parametrize("line", [b"nonsense", b'"7"', b"true false", b"[" * 100_000])
def test_a_line_that_is_no_record_is_told(typed, line):
    typed(b'{"a": 1}\n' + line)
    error = fault(numeric(), "-")
    assert error.message == "Line 2 of standard input is no JSON object."
    assert '{"x": 7}' in error.help


def test_bare_values_are_refused_where_several_columns_feed_the_model(typed):
    typed(b"7\n")
    assert "no JSON object" in fault(numeric(), "-", fields=("x", "y")).message


def test_bytes_that_are_no_text_are_told_by_their_line(typed, tmp_path):
    typed(b'{"a": 1}\n\xff\xfe\n')
    assert fault(numeric(), "-").message == "Line 2 of standard input is not UTF-8 text."
    path = written(tmp_path, "new.bin", b"\x80\x81")
    assert fault(numeric(), path).message == f"Line 1 of {path} is not UTF-8 text."


def test_a_cut_gzip_is_told(tmp_path):
    path = written(tmp_path, "new.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 500)[:-12])
    assert "cannot be read" in fault(numeric(), path).message


# Lines of text


def test_each_line_of_a_text_file_is_a_record_of_the_one_text_column(tmp_path):
    path = written(tmp_path, "new.txt", 'so good\n\n{"text": "so"}\nso \xe9\n')
    records = read(textual(), path, fields=("tokens",))
    assert [record["text"] for record in records] == ["so good", '{"text": "so"}', "so é"]
    assert records[1].place == f"line 3 of {path}"


def test_a_text_of_digits_is_the_word_that_training_saw(tmp_path):
    data = textual()
    found = [
        data.encode("tokens", read(data, path, fields=("tokens",))).tolist()
        for path in (
            written(tmp_path, "new.txt", "42\n"),
            written(tmp_path, "new.csv", "text\n42\n"),
            written(tmp_path, "new.jsonl", '{"text": "42"}\n'),
        )
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][0][0] not in (0, 1), "the vocabulary knows it"


def test_lines_of_text_are_refused_where_the_model_reads_numbers(tmp_path):
    error = fault(numeric(), written(tmp_path, "new.txt", "1\n"))
    assert error.message.endswith("here it is made of `a`.")
    assert "JSON lines or CSV" in error.help


# Pictures


def picture(path: Path, shade: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.new("L", (4, 6), shade).save(path)
    return path


def test_a_picture_is_a_record_named_after_its_file(tmp_path):
    (record,) = read(pictures(), picture(tmp_path / "a.png", 7), fields=("photo",))
    assert record["image"].tolist() == np.full((1, 6, 4), 7).tolist()
    assert record.name == "a.png"
    assert record.place == str(tmp_path / "a.png")


def test_a_folder_gives_its_pictures_in_the_order_of_their_paths(tmp_path):
    for shade, name in enumerate(["b/two.png", "a.PNG", "b/one.bmp"]):
        (tmp_path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        picture(tmp_path / "all" / name, shade)
    written(tmp_path / "all", "notes.md", "none")
    records = read(pictures(), tmp_path / "all", fields=("photo",))
    assert [record.name for record in records] == ["a.PNG", "b/one.bmp", "b/two.png"]
    assert [int(record["image"][0, 0, 0]) for record in records] == [1, 2, 0]


def test_a_folder_without_pictures_is_told(tmp_path):
    assert fault(pictures(), tmp_path, fields=("photo",)).message.endswith("holds no picture.")


def test_pictures_are_refused_where_no_field_is_made_of_them(tmp_path):
    error = fault(numeric(), picture(tmp_path / "a.png", 7))
    assert "No field of this data block is made of pictures" in error.message


# What is not there


def test_an_input_that_is_not_there_is_told_with_what_may_be_given(tmp_path):
    error = fault(numeric(), tmp_path / "no.csv")
    assert error.message == f"There is no file `{tmp_path / 'no.csv'}`."
    assert ".csv" in error.help


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_input_without_records_is_told(tmp_path, typed, text):
    path = written(tmp_path, "new.jsonl", text)
    assert fault(numeric(), path).message == f"There are no records in {path}."
    typed(text.encode())
    assert fault(numeric(), "-").message == "There are no records in standard input."


def test_a_table_with_a_header_alone_is_told(tmp_path):
    assert "holds no records" in fault(numeric(), written(tmp_path, "new.csv", "a\n")).message


def test_several_inputs_are_read_one_after_another_up_to_a_wrong_one(tmp_path):
    first = written(tmp_path, "first.csv", "a\n1\n")
    second = written(tmp_path, "second.jsonl", '{"a": 2}\n')
    records = given([str(first), str(second), "nowhere"], numeric(), ("x",))
    assert [next(records), next(records)] == [{"a": "1"}, {"a": 2}]
    with pytest.raises(DataError, match="nowhere"):
        next(records)
