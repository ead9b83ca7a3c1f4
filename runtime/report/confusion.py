"""Which classes are taken for which: the matrix as a picture, and figures for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from .markup import Markup, Part, counted, figure, note, percent, shortened, table, tag
from .plot import picture

Matrix = Sequence[Sequence[int]]

BESIDE = 12  # classes at most whose table stands beside the picture
DRAWN = 50  # classes at most in a picture: of more nobody can read the names
LISTED = 200  # classes at most in the table
NAMED = 16  # characters of a name beside the picture
SIDE = 820  # of the cells together


@dataclass(frozen=True, slots=True)
class OfClass:
    """How well one class is found: shares of 1, and the number of its records.

    As in scikit-learn, a share of nothing is 0.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


def by_class(matrix: Matrix, names: Sequence[str]) -> list[OfClass]:
    """The figures of each class; a row of `matrix` is a true class, a column a predicted one."""
    predicted = [sum(column) for column in zip(*matrix, strict=True)]
    return [
        OfClass(
            name,
            _share(row[index], predicted[index]),
            _share(row[index], sum(row)),
            _share(2 * row[index], predicted[index] + sum(row)),
            sum(row),
        )
        for index, (name, row) in enumerate(zip(names, matrix, strict=True))
    ]


def is_matrix(value: object) -> bool:
    """Whether a result is counts of classes against classes, some records among them."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(row, list) and len(row) == len(value) for row in value)
        and all(isinstance(count, int) for row in value for count in row)
        and any(map(any, value))
    )


def confusion(matrix: Matrix, names: Sequence[str]) -> list[Part]:
    """Picture and table of a confusion matrix; of many classes the table and the worst pairs."""
    found = by_class(matrix, names)
    parts: list[Part] = []
    if len(names) <= BESIDE:
        return [tag("div", drawn(matrix, names), _figures(found, found), class_="beside")]
    if len(names) <= DRAWN:
        parts.append(drawn(matrix, names))
    elif pairs := _confused(matrix, names):
        said = tag("figcaption", tag("b", "most often confused"))
        listed = table(("true", "predicted", "records"), pairs, "ttn")
        parts.append(tag("figure", said, listed))
    shown = found
    if len(found) > LISTED:
        shown = sorted(found, key=lambda each: each.f1)[:LISTED]
        parts.append(note(f"The {LISTED} of {len(found):,} classes with the lowest F1."))
    parts.append(_figures(shown, found))
    return parts


def drawn(matrix: Matrix, names: Sequence[str]) -> Markup:
    """The matrix as a picture: a cell is the fuller, the larger its share of the true class."""
    count = len(names)
    cell = min(46.0, SIDE / count)
    size = min(14.0, max(8.5, cell * 0.5))  # of the letters
    short = [shortened(name, NAMED) for name in names]
    aside = max(map(len, short)) * size * 0.62 + 12
    upright = max(map(len, short)) * size * 0.6 < cell
    left, top = aside + 18, (size + 12 if upright else aside) + 18
    inside: list[Part] = [
        tag("rect", class_="field", x=f"{left:g}", y=f"{top:g}", width=f"{cell * count:g}",
            height=f"{cell * count:g}")
    ]  # fmt: skip
    for index, (name, text) in enumerate(zip(names, short, strict=True)):
        middle = (index + 0.5) * cell
        style = f"font-size:{size:g}px"
        full = tag("title", name) if text != name else None
        x, y = left + middle, top - 8
        turned = None if upright else f"rotate(-60 {x:g} {y:g})"
        inside.append(
            tag("text", full, text, class_="middle" if upright else None, x=f"{x:.1f}",
                y=f"{y:.1f}", style=style, transform=turned)
        )  # fmt: skip
        inside.append(
            tag("text", full, text, class_="end", x=f"{left - 8:.1f}",
                y=f"{top + middle + size * 0.35:.1f}", style=style)
        )  # fmt: skip
    for true, row in enumerate(matrix):
        for predicted, records in enumerate(row):
            if records:
                corner = (left + predicted * cell, top + true * cell)
                says = f"{names[true]} taken for {names[predicted]}: {counted(records, 'record')}"
                share = records / sum(row)
                inside += _cell(corner, cell, records, share, true == predicted, says)
    side = left + cell * count + 6
    said = tag("figcaption", tag("b", "confusion"), tag("small", "row: true, column: predicted"))
    shown = picture("Confusion matrix", inside, side + aside * 0.4, top + cell * count + 6)
    least = min(count * 17 + 80, 900, round(side))
    style = f"width:{side:.0f}px;max-width:max(100%,{least}px)"
    return tag("figure", said, tag("div", tag("div", shown, style=style), class_="wide"))


def _cell(
    corner: tuple[float, float], side: float, records: int, share: float, hit: bool, says: str
) -> list[Part]:
    x, y = corner
    # Areas of few confusions would be too pale to be found: the root of the share shows them.
    full = 0.1 + 0.8 * (share if hit else sqrt(share))
    text = f"{records}" if records < 10_000 else f"{records / 1000:.0f}k"
    size = min(14.0, side * 0.5, side * 1.5 / len(text))
    return [
        tag("rect", tag("title", says), class_="hit" if hit else "miss", x=f"{x + 0.5:.1f}",
            y=f"{y + 0.5:.1f}", width=f"{side - 1:.1f}", height=f"{side - 1:.1f}",
            fill_opacity=f"{full:.2f}"),
        tag("text", text, class_="middle over" if full > 0.55 else "middle ink",
            x=f"{x + side / 2:.1f}", y=f"{y + side / 2 + size * 0.35:.1f}",
            style=f"font-size:{size:.1f}px"),
    ]  # fmt: skip


def _figures(shown: Sequence[OfClass], found: Sequence[OfClass]) -> Markup:
    head = ("class", "precision", "recall", "F1", "records")
    rows = [
        (each.name, *map(percent, (each.precision, each.recall, each.f1)), figure(each.support))
        for each in shown
    ]
    means = [sum(getattr(each, key) for each in found) / len(found) for key in HEADS]
    total = sum(each.support for each in found)
    foot = ("mean of the classes", *map(percent, means), figure(total))
    return table(head, rows, "tnnnn", foot)


HEADS = ("precision", "recall", "f1")


def _confused(matrix: Matrix, names: Sequence[str], most: int = 20) -> list[tuple[str, str, str]]:
    """The pairs of classes that are confused most often."""
    pairs = [
        (records, true, predicted)
        for true, row in enumerate(matrix)
        for predicted, records in enumerate(row)
        if records and true != predicted
    ]
    pairs.sort(key=lambda pair: -pair[0])
    return [(names[true], names[other], figure(records)) for records, true, other in pairs[:most]]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
