"""Sources: tables in text files, MNIST, data in the spec, and where files are found."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.sources import Csv, Literal, Mnist
from dlc.runtime.table import Table, choose, find, mixed_column, number, text_column
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
SPECS = Path(__file__).parent.parent / "specs"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory of our own, and no folder from the environment."""
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def write(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def table(folder: Path, text: str | bytes, **options: object) -> Table:
    write(folder, text)
    return Csv("table.csv", **options).read([folder])


def fault(folder: Path, text: str | bytes, **options: object) -> DataError:
    with pytest.raises(DataError) as caught:
        table(folder, text, **options)
    return caught.value


# Cells and columns


def test_a_header_names_the_columns_in_their_order(tmp_path):
    found = table(tmp_path, "b,a\n1,2\n3,4\n")
    assert list(found.columns) == ["b", "a"]
    assert found.columns["b"].tolist() == [1, 3]
    assert found.columns["a"].dtype == np.float64
    assert len(found) == 2
    assert found.parts == {}


def test_without_header_columns_are_numbered_and_the_first_row_is_data(tmp_path):
    found = table(tmp_path, "1,x\n2,y\n", header=False)
    assert list(found.columns) == ["0", "1"]
    assert found.columns["0"].tolist() == [1, 2]


def test_names_mean_that_there_is_no_header_row(tmp_path):
    found = table(tmp_path, "1,x\n2,y\n", names=("n", "letter"))
    assert found.columns["letter"].tolist() == ["x", "y"]


def test_empty_cells_and_na_are_holes_in_numbers_and_in_texts(tmp_path):
    found = table(tmp_path, "n,t\n1,a\n,\nNA,NA\n")
    np.testing.assert_array_equal(found.columns["n"], [1, np.nan, np.nan])
    assert found.columns["t"].tolist() == ["a", None, None]


def test_missing_states_other_markers_and_takes_the_usual_ones_away(tmp_path):
    found = table(tmp_path, "n,t\n?,NA\n2,b\n", missing=["?", "b"])
    np.testing.assert_array_equal(found.columns["n"], [np.nan, 2])
    assert found.columns["t"].tolist() == ["NA", None]


def test_a_number_can_stand_for_a_hole(tmp_path):
    found = table(tmp_path, "n\n-999\n3\n", missing=("-999",))
    np.testing.assert_array_equal(found.columns["n"], [np.nan, 3])


def test_spaces_around_cells_do_not_count(tmp_path):
    found = table(tmp_path, "n , t\n 1 , a b \n ? , ?\n", missing=("?",))
    np.testing.assert_array_equal(found.columns["n"], [1, np.nan])
    assert found.columns["t"].tolist() == ["a b", None]


def test_one_text_among_numbers_makes_a_column_of_texts(tmp_path):
    assert table(tmp_path, "n\n1\nx\n3.0\n").columns["n"].tolist() == ["1", "x", "3.0"]


def test_underscores_make_no_number_of_a_name(tmp_path):
    assert table(tmp_path, "n\n1_0\n10\n").columns["n"].tolist() == ["1_0", "10"]
    assert number("1_0") is None
    assert number("10") == 10


def test_quoted_cells_hold_separators_quotes_and_line_breaks(tmp_path):
    found = table(tmp_path, 'a,b\n"x, y","say ""so"""\n"two\nlines",z\n')
    assert found.columns["a"].tolist() == ["x, y", "two\nlines"]
    assert found.columns["b"].tolist() == ['say "so"', "z"]


def test_a_quote_may_follow_the_space_behind_a_separator(tmp_path):
    assert table(tmp_path, 'a,b\n1, "x, y"\n').columns["b"].tolist() == ["x, y"]


@pytest.mark.parametrize("separator", [";", "\t", " ", "|"])
def test_the_separator_is_any_character(separator, tmp_path):
    found = table(tmp_path, f"a{separator}b\n1{separator}2\n", separator=separator)
    assert {name: column.tolist() for name, column in found.columns.items()} == {"a": [1], "b": [2]}


def test_byte_order_mark_line_ends_and_blank_lines_change_nothing(tmp_path):
    plain = table(tmp_path, "a,b\n1,2\n3,4\n")
    other = table(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4")
    assert list(other.columns) == list(plain.columns)
    for name, column in plain.columns.items():
        np.testing.assert_array_equal(other.columns[name], column)


def test_gzip_is_told_by_the_content_not_by_the_name(tmp_path):
    assert table(tmp_path, gzip.compress(b"a\n1\n")).columns["a"].tolist() == [1]


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.text("ab,\"' \n;é")),
        min_size=1,
    )
)
def test_what_python_writes_is_read_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("csv")
    with open(folder / "table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "text"])
        writer.writerows(rows)
    found = Csv("table.csv").read([folder])
    assert found.columns["number"].tolist() == [number for number, _ in rows]
    texts = [text.strip() or None for _, text in rows]
    if any(texts):
        assert found.columns["text"].tolist() == texts
    else:
        assert np.isnan(found.columns["text"]).all()


@given(st.lists(st.sampled_from(["1", "2.5", "-3e4", " 7 ", "", "NA", "x", "1_0"]), min_size=1))
def test_the_fast_way_and_the_careful_way_give_the_same_column(cells):
    fast, careful = (way(cells, ("", "NA")) for way in (text_column, mixed_column))
    assert fast.dtype == careful.dtype
    np.testing.assert_array_equal(fast, careful)


# Faults of a table


def test_a_row_of_another_width_is_told_by_its_line(tmp_path):
    error = fault(tmp_path, 'a,b\n"x\ny",1\n1,2,3\n')
    assert error.message == f"The file {tmp_path}/table.csv has 3 cells in line 4, and 2 columns."
    assert error.place == str(tmp_path / "table.csv")


def test_a_width_that_contradicts_the_names_is_told(tmp_path):
    assert (
        "has 2 cells in line 1, and 3 columns"
        in fault(tmp_path, "1,2\n", names=("a", "b", "c")).message
    )


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n", b"\xef\xbb\xbf"])
def test_a_file_without_records_is_refused(text, tmp_path):
    assert "holds no records" in fault(tmp_path, text).message


def test_two_columns_of_one_name_are_refused(tmp_path):
    assert "two columns named 'a'" in fault(tmp_path, "a,b, a\n1,2,3\n").message


def test_other_text_than_utf8_is_told_by_its_line(tmp_path):
    error = fault(tmp_path, b"a\n1\n\xe9\n")
    assert "not UTF-8 text: see line 3" in error.message


def test_a_quote_that_is_never_closed_is_an_error_instead_of_lost_rows(tmp_path):
    assert "has a fault in line" in fault(tmp_path, 'a\n1\n"2\n3\n4\n').message


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:15] + b"\0\0\0" + b[18:]])
def test_a_damaged_gzip_file_is_told(damage, tmp_path):
    whole = gzip.compress(b"a\n" + b"".join(b"%d\n" % i for i in range(999)))
    assert "cannot be read" in fault(tmp_path, damage(whole)).message


@pytest.mark.parametrize("separator", ["", "::"])
def test_a_separator_of_other_length_is_refused(separator, tmp_path):
    error = fault(tmp_path, "a\n1\n", separator=separator)
    assert "one character" in error.help


def test_where_tells_the_line_behind_blank_lines_and_line_breaks(tmp_path):
    found = table(tmp_path, 'a,b\n\n1,"x\ny"\n\n2,z\n')
    assert [found.where(row) for row in range(2)] == [
        f"line 4 of {tmp_path}/table.csv",
        f"line 6 of {tmp_path}/table.csv",
    ]
    bare = table(tmp_path, "1\n2\n", header=False)
    assert bare.where(0) == f"line 1 of {tmp_path}/table.csv"


def test_an_unknown_column_names_the_nearest_and_all(tmp_path):
    found = table(tmp_path, "income,age\n1,2\n")
    with pytest.raises(DataError) as caught:
        found.column("incom")
    assert caught.value.message == f"There is no column `incom` in {tmp_path}/table.csv."
    assert caught.value.help == "Did you mean `income`? There are: `income`, `age`."


def test_a_long_list_of_names_is_cut():
    assert choose("x", [f"name{i}" for i in range(99)]).endswith("`name39`, ….")


def test_text_among_numbers_is_quoted_with_its_line(tmp_path):
    found = table(tmp_path, "n\n1\n\n?\nx\n")
    with pytest.raises(DataError) as caught:
        found.numbers("n")
    assert "the text '?' where a number is wanted" in caught.value.message
    assert f"line 4 of {tmp_path}/table.csv" in caught.value.message
    assert 'missing=["", "NA", "?"]' in caught.value.help


# Where files are found


def test_folders_are_searched_in_their_order(tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("spec", "second", "work", "own")]
    monkeypatch.setenv("DLC_DATA_DIR", str(tmp_path / "own"))
    for folder in folders:
        folder.mkdir(exist_ok=True)
        write(folder, "a\n1\n", "t.csv")
    for folder in folders:
        assert find("t.csv", folders[:2]) == folder / "t.csv"
        (folder / "t.csv").unlink()


def test_an_order_that_the_caller_states_is_kept(tmp_path, monkeypatch):
    own, last = tmp_path / "own", tmp_path / "last"
    monkeypatch.setenv("DLC_DATA_DIR", str(own))
    for folder in (own, last, tmp_path / "work"):
        folder.mkdir(exist_ok=True)
        write(folder, "", "t.csv")
    assert find("t.csv", [last, own]).parent == last
    assert find("t.csv", [own, last]).parent == own


def test_absolute_paths_are_taken_as_they_are(tmp_path):
    path = write(tmp_path, "")
    assert find(str(path), []) == path
    with pytest.raises(DataError) as caught:
        find(str(tmp_path / "none.csv"), [tmp_path])
    assert caught.value.message.count("\n") == 1


def test_a_missing_file_names_every_place_and_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("DLC_DATA_DIR", str(tmp_path / "own"))
    with pytest.raises(DataError) as caught:
        find("t.csv", [tmp_path / "spec"])
    assert caught.value.message == (
        "The file t.csv is not there. These places were tried:\n"
        f"  {tmp_path}/spec/t.csv\n  {tmp_path}/work/t.csv\n  {tmp_path}/own/t.csv"
    )
    assert "--data FOLDER" in caught.value.help
    assert "DLC_DATA_DIR" in caught.value.help


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("folder.csv", "pipe.csv"):
        with pytest.raises(DataError, match="not a regular file"):
            Csv(name).read([tmp_path])


# Data in the spec


def test_lists_and_ranges_become_columns():
    found = Literal(x=[1, 2, 3], y=range(1, 7, 2), z=[[1.5, 2], [3, 4], [5, 6]]).read([])
    assert found.columns["x"].dtype == np.int64
    assert found.columns["y"].tolist() == [1, 3, 5]
    assert found.columns["z"].shape == (3, 2)
    assert found.columns["z"].dtype == np.float64
    assert found.where(2) == "record 3 of the spec"


def test_texts_and_holes_in_the_spec():
    found = Literal(t=["cat", None, "dog"], n=[1, None, 3], b=[True, False, True]).read([])
    assert found.columns["t"].tolist() == ["cat", None, "dog"]
    np.testing.assert_array_equal(found.columns["n"], [1, np.nan, 3])
    assert found.columns["b"].tolist() == [1, 0, 1]


def test_a_column_may_have_any_name():
    assert list(Literal(**{"self": [1], "columns": [2]}).read([]).columns) == ["self", "columns"]


def test_unequal_lengths_and_ragged_lists_are_refused():
    with pytest.raises(DataError, match="`x` has 2, `y` has 1"):
        Literal(x=[1, 2], y=[1]).read([])
    with pytest.raises(DataError, match="unequal shapes"):
        Literal(x=[[1], [1, 2]]).read([])


# Real data


@pytest.mark.skipif(not (DATA / "houses").exists(), reason="DLC_DATA_DIR has no houses")
def test_houses_are_read_as_published():
    found = Csv("houses/california_housing.csv").read([DATA])
    assert len(found) == 20640
    assert int(np.isnan(found.columns["total_bedrooms"]).sum()) == 207
    assert found.columns["median_house_value"].max() == 500001
    assert set(found.columns["ocean_proximity"]) == {
        "<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN",
    }  # fmt: skip
    assert found.where(290).startswith("line 292 of ")


@pytest.mark.skipif(not (DATA / "tabular").exists(), reason="DLC_DATA_DIR has no tabular")
@pytest.mark.parametrize(
    ("name", "options", "rows", "column", "holes"),
    [
        ("titanic_train.csv", {}, 891, "Age", 177),
        ("titanic_train.csv", {}, 891, "Cabin", 687),
        ("penguins.csv", {}, 344, "sex", 11),
        ("auto_mpg.csv", {}, 398, "horsepower", 6),
        ("adult_10k_noheader.csv", {"header": False, "missing": ("?",)}, 10000, "0", 0),
    ],
)
def test_tables_of_many_styles_are_read_whole(name, options, rows, column, holes):
    found = Csv(f"tabular/{name}", **options).read([DATA])
    cells = found.columns[column]
    assert len(found) == rows
    assert int((cells == None).sum() if cells.dtype == object else np.isnan(cells).sum()) == holes  # noqa: E711


def test_the_embedded_digits_are_those_of_sklearn():
    from sklearn.datasets import load_digits

    found = Csv("digits.csv.gz", header=False).read([SPECS])
    published = load_digits()
    pixels = np.column_stack([found.columns[str(place)] for place in range(64)])
    np.testing.assert_array_equal(pixels, published.data)
    np.testing.assert_array_equal(found.columns["64"], published.target)


@pytest.mark.skipif(not (DATA / "mnist").exists(), reason="DLC_DATA_DIR has no mnist")
def test_mnist_has_its_two_parts_as_published():
    found = Mnist().read([DATA])
    assert found.columns["image"].shape == (70000, 1, 28, 28)
    assert found.columns["image"].dtype == np.uint8
    assert found.parts == {"train": slice(0, 60000), "test": slice(60000, 70000)}
    labels = found.columns["label"]
    assert labels.dtype == np.int64
    # The counts by class are on the data set's page.
    assert np.bincount(labels[:60000]).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert labels[-3:].tolist() == [4, 5, 6]
