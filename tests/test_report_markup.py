"""Text from outside never becomes markup, and numbers say what they are."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from dlc.runtime.report.markup import (
    Markup,
    counted,
    figure,
    joined,
    percent,
    shortened,
    table,
    tag,
)
from hypothesis import given
from hypothesis import strategies as st

# What XML's parser gives back unchanged: it turns carriage returns and, in attributes, blanks.
PLAIN = st.text(
    st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\ufffe\uffff")
)


@given(PLAIN, PLAIN)
def test_text_and_attributes_come_back_as_they_were(text: str, attribute: str) -> None:
    made = ElementTree.fromstring(tag("p", text, title=attribute))
    assert (made.text or "") == text
    assert made.get("title") == attribute


@given(st.text())
def test_any_text_at_all_gives_well_formed_markup(text: str) -> None:
    made = tag("p", text, tag("b", text), title=text)
    root = ElementTree.fromstring(made.encode("utf-8"))
    assert [each.tag for each in root.iter()] == ["p", "b"]


def test_only_what_tag_made_is_taken_as_markup() -> None:
    inner = tag("b", "x < y")
    assert joined([inner, "<i>", None, 3]) == "<b>x &lt; y</b>&lt;i&gt;3"
    assert isinstance(joined(["a"]), Markup)


def test_controls_and_lone_surrogates_are_replaced() -> None:
    assert tag("p", "a\x00b\x1bc\ud800d") == "<p>a\ufffdb\ufffdc\ufffdd</p>"


def test_names_that_python_reserves_and_dashes_can_be_attributes() -> None:
    made = tag("rect", class_="hit", fill_opacity="0.5", id=None)
    assert made == '<rect class="hit" fill-opacity="0.5"/>'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (12345, "12,345"),
        (-12345, "−12,345"),  # noqa: RUF001
        (0.0, "0"),
        (0.05457, "0.05457"),
        (0.98324, "0.9832"),
        (1234.56, "1,234.6"),
        (452600.0, "452,600"),
        (1e-12, "1e−12"),  # noqa: RUF001
        (0.0000123, "1.23e−5"),  # noqa: RUF001
        (3.5e12, "3.5e12"),
        (math.inf, "inf"),
        (-math.inf, "−inf"),  # noqa: RUF001
        (math.nan, "nan"),
        (None, "\u2013"),
        (True, "True"),
        ("cats", "cats"),
    ],
)
def test_a_number_is_written_as_people_write_it(value: object, shown: str) -> None:
    assert figure(value) == shown


@given(st.floats(-1e300, 1e300))
def test_a_figure_is_within_a_thousandth_of_its_number(value: float) -> None:
    shown = figure(value).replace("\u2212", "-").replace(",", "")
    # Three digits at least, of which the last is rounded.
    assert float(shown) == pytest.approx(value, rel=5.1e-3, abs=0)
    assert len(shown) <= 12


@given(st.floats(0, 1))
def test_a_percentage_is_right_to_its_digit_and_never_rounds_up_to_all(share: float) -> None:
    shown = percent(share)
    assert (shown == "100 %") == (share == 1)
    assert (shown == "0 %") == (share == 0)
    number = float(re.sub(r"[^\d.]", "", shown))
    assert abs(number - 100 * share) <= 0.1


def test_no_share_is_a_dash() -> None:
    assert percent(math.nan) == "\u2013"


def test_one_thing_has_no_plural() -> None:
    assert [counted(n, "epoch") for n in (0, 1, 2000)] == ["0 epochs", "1 epoch", "2,000 epochs"]


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


def test_a_table_tells_numbers_from_text() -> None:
    made = ElementTree.fromstring(table(("a", "b"), [("<x>", "1")], "tn", ("all", "1")))
    cells = [(each.tag, each.get("class"), each.text) for each in made.iter() if each.text]
    assert cells == [
        ("th", None, "a"),
        ("th", "number", "b"),
        ("td", None, "<x>"),
        ("td", "number", "1"),
        ("td", None, "all"),
        ("td", "number", "1"),
    ]


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        table(("a", "b"), [("x",)], "tn")
