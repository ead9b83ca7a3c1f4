"""Confusion matrices: figures as scikit-learn has them, and a picture that shows each cell."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from dlc.runtime.report.confusion import by_class, confusion, drawn, is_matrix
from dlc.runtime.report.markup import joined
from hypothesis import given
from hypothesis import strategies as st
from reported import SVG
from sklearn.metrics import classification_report

MATRICES = st.integers(2, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 30), min_size=n, max_size=n), min_size=n, max_size=n
    ).filter(lambda rows: any(map(any, rows)))
)


def root(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{markup}</div>")


def square(count: int) -> list[list[int]]:
    """Classes of ten records each, one of which is taken for the next class."""
    return [
        [9 if row == column else int(column == (row + 1) % count) for column in range(count)]
        for row in range(count)
    ]


@given(MATRICES)
def test_the_figures_of_each_class_are_those_of_scikit_learn(matrix: list[list[int]]) -> None:
    count = len(matrix)
    pairs = [
        (row, column)
        for row in range(count)
        for column in range(count)
        for _ in range(matrix[row][column])
    ]
    names = [f"class {number}" for number in range(count)]
    true, predicted = zip(*pairs, strict=True)
    wanted = classification_report(
        true,
        predicted,
        labels=range(count),
        target_names=names,
        output_dict=True,
        zero_division=0,
    )
    for each in by_class(matrix, names):
        found = {
            "precision": each.precision,
            "recall": each.recall,
            "f1-score": each.f1,
            "support": each.support,
        }
        assert found == pytest.approx(wanted[each.name])


def test_the_last_row_is_the_mean_of_the_classes_and_all_records() -> None:
    names = ["cats", "dogs"]
    table = root(joined(confusion([[30, 10], [20, 40]], names))).find(".//tfoot/tr")
    assert table is not None
    # precision 3/5 and 4/5, recall 3/4 and 2/3, F1 2/3 and 8/11
    wanted = ["mean of the classes", "70.0 %", "70.8 %", "69.7 %", "100"]
    assert ["".join(cell.itertext()) for cell in table] == wanted


@given(MATRICES)
def test_each_cell_with_records_is_drawn_where_it_belongs(matrix: list[list[int]]) -> None:
    names = [f"c{number}" for number in range(len(matrix))]
    picture = root(drawn(matrix, names))
    cells = [each for each in picture.iter(f"{SVG}rect") if each.get("class") != "field"]
    said = {each.findtext(f"{SVG}title"): each for each in cells}
    wanted = {
        f"c{true} taken for c{other}: {records} record{'' if records == 1 else 's'}": (true, other)
        for true, row in enumerate(matrix)
        for other, records in enumerate(row)
        if records
    }
    assert set(said) == set(wanted)
    for text, (true, other) in wanted.items():
        assert said[text].get("class") == ("hit" if true == other else "miss")
        assert 0 < float(said[text].get("fill-opacity", 0)) <= 1
    columns = sorted({float(each.get("x", 0)) for each in cells})
    by_place = {float(said[text].get("x", 0)): other for text, (_, other) in wanted.items()}
    assert [by_place[x] for x in columns] == sorted(by_place.values())


@pytest.mark.parametrize("count", [2, 10, 13, 50])
def test_up_to_fifty_classes_are_a_picture_that_holds_all_its_parts(count: int) -> None:
    names = [f"a rather long name {number}" for number in range(count)]
    picture = root(drawn(square(count), names))
    (svg,) = picture.iter(f"{SVG}svg")
    width, height = map(float, svg.get("viewBox", "").split()[2:])
    for each in svg.iter(f"{SVG}rect"):
        assert 0 <= float(each.get("x", -1)) <= width - float(each.get("width", 0))
        assert 0 <= float(each.get("y", -1)) <= height - float(each.get("height", 0))
    sizes = [
        float(size)
        for size in re.findall(r"font-size:([\d.]+)px", ElementTree.tostring(svg).decode())
    ]
    # Drawn no smaller than it is: a wide matrix is scrolled instead.
    assert min(sizes) >= 4.5
    labels = [each for each in svg.iter(f"{SVG}text") if (each.find(f"{SVG}title")) is not None]
    assert len(labels) == 2 * count


def test_more_classes_than_a_picture_holds_are_told_by_their_worst_pairs() -> None:
    count = 60
    matrix = square(count)
    matrix[7][3] = 500
    names = [f"c{number}" for number in range(count)]
    page = root(joined(confusion(matrix, names)))
    assert not list(page.iter(f"{SVG}svg"))
    first = next(row for row in page.iter("tr") if row.find("td") is not None)
    assert [cell.text for cell in first] == ["c7", "c3", "500"]


def test_of_very_many_classes_the_worst_are_listed_and_the_mean_is_of_all() -> None:
    count = 300
    matrix = [[10 if row == column else 0 for column in range(count)] for row in range(count)]
    matrix[5] = [0] * count
    matrix[5][6] = 10
    names = [f"c{number}" for number in range(count)]
    table = list(root(joined(confusion(matrix, names))).iter("table"))[-1]
    rows = [[cell.text for cell in row] for row in table.iter("tr")]
    assert rows[1] == ["c5", "0 %", "0 %", "0 %", "10"]
    assert len(rows) == 1 + 200 + 1
    assert rows[-1][-1] == "3,000"


@pytest.mark.parametrize(
    "value",
    [
        None,
        0.5,
        [],
        [[1]],
        [[1, 2]],
        [[1, 2], [3]],
        [[0.5, 1.0], [0.0, 1.0]],
        [[0, 0], [0, 0]],
        [["1", "2"], ["3", "4"]],
    ],
)
def test_what_is_no_matrix_of_counts_is_not_taken_for_one(value: object) -> None:
    assert not is_matrix(value)


def test_a_matrix_is_one() -> None:
    assert is_matrix([[1, 0], [2, 3]])
