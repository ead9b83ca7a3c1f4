"""HTML and SVG as text in which nothing from outside can be markup, and numbers as people read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from typing import TypeAlias

# What is markup, and what is no character of HTML: controls and lone surrogates.
SPECIAL = re.compile("[&<>\"'\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
NOTHING = "\N{EN DASH}"  # where there is no number
EMPTY = {"img", "meta", "rect", "circle", "line", "path", "col"}  # without children


class Markup(str):
    """Text that is markup already; only `tag`, `joined` and this package's constants make it."""

    __slots__ = ()


Part: TypeAlias = str | int | float | None


def tag(name: str, /, *children: Part, **attributes: Part) -> Markup:
    """An element that is well-formed as HTML and as XML.

    Children and attributes are escaped unless a child is Markup; None leaves one out. An
    attribute `class_` is written `class`, and `stroke_width` is written `stroke-width`.
    """
    opened = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY and not children:
        return Markup(f"<{opened}/>")
    return Markup(f"<{opened}>{joined(children)}</{name}>")


def joined(parts: Iterable[Part]) -> Markup:
    """Parts one after the other, escaped unless they are Markup; None is nothing."""
    return Markup(
        "".join(
            part if isinstance(part, Markup) else _escaped(part)
            for part in parts
            if part is not None
        )
    )


def _escaped(value: Part) -> str:
    return SPECIAL.sub(lambda found: WRITTEN.get(found[0], "\ufffd"), str(value))


def shortened(text: str, length: int) -> str:
    """At most `length` characters; an ellipsis stands for what is cut off."""
    return text if len(text) <= length else text[: length - 1] + "…"


def figure(value: object) -> str:
    """A number in about four digits, with a comma at each thousand; a dash for no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NOTHING if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "\u2212")
    if not isfinite(value):
        return str(value).replace("-", "\u2212")
    value += 0.0  # no minus before zero
    size = abs(value)
    if size and (size >= 1e9 or size < 1e-4):
        digits, power = f"{value:.3g}".split("e") if "e" in f"{value:.3g}" else (f"{value:.3g}", "")
        shown = f"{digits}e{int(power)}" if power else digits
    elif size >= 1000:
        shown = f"{value:,.0f}" if size >= 10_000 else f"{value:,.1f}".removesuffix(".0")
    else:
        shown = f"{value:.4g}"
    return shown.replace("-", "\u2212")


def percent(share: float) -> str:
    """A share as a percentage with one digit; what is not all is not shown as all."""
    if not isfinite(share):
        return NOTHING
    shown = f"{100 * share:.1f}"
    if shown == "100.0":
        return "100 %" if share >= 1 else "> 99.9 %"
    return "0 %" if share == 0 else f"{shown} %"


def counted(count: int, thing: str, several: str = "") -> str:
    """`1 epoch`, `2 epochs`."""
    return f"{count:,} {thing if count == 1 else several or thing + 's'}"


def section(title: str, *children: Part) -> Markup:
    """A part of the page under its heading."""
    return tag("section", tag("h2", title), *children)


def note(text: str) -> Markup:
    """A remark below a heading or a picture."""
    return tag("p", text, class_="note")


def table(
    head: Iterable[Part], rows: Iterable[Iterable[Part]], kinds: str, foot: Iterable[Part] = ()
) -> Markup:
    """A table; `kinds` has a letter a column: `n` number, `w` word, `c` code, `t` text."""
    classes = {"n": "number", "w": "word", "c": "code", "t": None}

    def row(cells: Iterable[Part], name: str = "td") -> Markup:
        return tag(
            "tr",
            *(
                tag(name, cell, class_=classes[kind])
                for cell, kind in zip(cells, kinds, strict=True)
            ),
        )

    last = tuple(foot)
    parts = [tag("thead", row(head, "th")), tag("tbody", *map(row, rows))]
    if last:
        parts.append(tag("tfoot", row(last)))
    return tag("div", tag("table", *parts), class_="wide")
