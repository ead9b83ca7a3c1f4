"""Pictures with two axes, as SVG: lines, points and bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from .axes import Axis, axis
from .markup import Markup, Part, tag

WIDTH, HEIGHT = 440, 260
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 10, 40
POINTS = 300  # of a line at most: one for each pixel or two
BARS = 30

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A named line; `colour` is its number in the style sheet; a faint one is of a single fold.

    A point whose value is nan is a gap.
    """

    name: str
    points: Sequence[Point]
    colour: int
    faint: bool = False

    @property
    def last(self) -> float:
        """The value of the last point."""
        return self.points[-1][1]


def lines(
    title: str, drawn: Sequence[Line], across: str, *, log: bool = False, mark: int | None = None
) -> tuple[Markup, bool]:
    """Lines over whole numbers, and whether their values are on a log scale, if `log` allows it.

    `mark` is the number that counts, marked on every line.
    """
    x = axis([x for line in drawn for x, _ in line.points], LEFT + 6, WIDTH - RIGHT - 6, whole=True)
    y = axis([y for line in drawn for _, y in line.points], HEIGHT - BOTTOM, TOP + 4, log=log)
    inside: list[Part] = []
    if mark is not None:
        inside.append(_upright(x.place(mark)))
    for line in sorted(drawn, key=lambda line: not line.faint):
        inside += _drawn(line, x, y, mark)
    return picture(title, [*_frame(x, y, across, whole=True), *inside]), y.log


def scatter(title: str, points: Sequence[Point], across: str, up: str) -> Markup:
    """Points over one range on both axes, with the line where they agree."""
    x = axis([value for point in points for value in point], LEFT, WIDTH - RIGHT)
    y = Axis(x.low, x.high, HEIGHT - BOTTOM, TOP)
    ends = {"x1": x.start, "y1": y.start, "x2": x.end, "y2": y.end}
    dots = Markup(
        "".join(f'<circle cx="{x.place(a):.1f}" cy="{y.place(b):.1f}" r="2.2"/>' for a, b in points)
    )
    inside = [tag("line", class_="mark", **ends), tag("g", dots, class_="dots")]
    return picture(title, [*_frame(x, y, across, up), *inside])


def bars(title: str, values: Sequence[float], across: str) -> Markup:
    """How often values fall into each of some equal parts of their range; zero is marked."""
    x = axis(values, LEFT, WIDTH - RIGHT)
    width = (x.high - x.low) / BARS
    heights = [0] * BARS
    for value in values:
        heights[min(BARS - 1, int((value - x.low) / width))] += 1
    y = axis([0, max(heights)], HEIGHT - BOTTOM, TOP)
    inside: list[Part] = [
        tag(
            "rect",
            class_="bar",
            x=_short(x.place(x.low + width * index) + 0.5),
            y=_short(y.place(height)),
            width=_short((x.end - x.start) / BARS - 1),
            height=_short(y.start - y.place(height)),
        )
        for index, height in enumerate(heights)
        if height
    ]
    if x.low < 0 < x.high:
        inside.append(_upright(x.place(0)))
    return picture(title, [*_frame(x, y, across, "records", counts=True), *inside])


def picture(
    title: str, inside: Sequence[Part], width: float = WIDTH, height: float = HEIGHT
) -> Markup:
    """An SVG that fills the width it is given; `title` is what a screen reader says."""
    return tag(
        "svg",
        tag("title", title),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
    )


def thinned(points: Sequence[Point], most: int = POINTS) -> list[Point]:
    """At most `most` points: the smallest and the largest of each stretch, and both ends."""
    if len(points) <= most:
        return list(points)
    stretches = (most - 2) // 2
    kept = {0, len(points) - 1}
    for number in range(stretches):
        start = number * len(points) // stretches
        inner = range(start, (number + 1) * len(points) // stretches)
        # A stretch without any value stays a gap.
        good = [index for index in inner if isfinite(points[index][1])] or [start]
        kept.add(min(good, key=lambda index: points[index][1]))
        kept.add(max(good, key=lambda index: points[index][1]))
    return [points[index] for index in sorted(kept)]


def _drawn(line: Line, x: Axis, y: Axis, mark: int | None) -> list[Part]:
    """A path for each stretch without a gap; a dot where it has one point, and at the mark."""
    style = f"c{line.colour}" + (" faint" if line.faint else "")
    found: list[Part] = []
    stretch: list[Point] = []
    for point in [*thinned(line.points), (0.0, float("nan"))]:
        if isfinite(point[1]):
            stretch.append(point)
            continue
        if len(stretch) > 1:
            path = " ".join(f"{_short(x.place(a))},{_short(y.place(b))}" for a, b in stretch)
            found.append(tag("path", class_=f"line {style}", d=f"M{path}"))
        elif stretch:
            found.append(_dot(stretch[0], x, y, style))
        stretch = []
    marked = [point for point in line.points if point[0] == mark and isfinite(point[1])]
    return found + [_dot(point, x, y, style) for point in marked]


def _dot(point: Point, x: Axis, y: Axis, style: str) -> Markup:
    place = {"cx": _short(x.place(point[0])), "cy": _short(y.place(point[1]))}
    return tag("circle", class_=f"point {style}", r="3.5", **place)


def _frame(
    x: Axis, y: Axis, across: str, up: str = "", *, whole: bool = False, counts: bool = False
) -> list[Part]:
    """The grid, what its lines stand for, and the names of the axes."""
    base, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    found: list[Part] = []
    for place, text in y.ticks(5):
        if not counts or "." not in text:
            at = _short(place)
            found.append(tag("line", class_="grid", x1=LEFT, x2=right, y1=at, y2=at))
            found.append(_text(text, LEFT - 8, place + 4, "end"))
    for place, text in x.ticks(6):
        if not whole or "." not in text:
            found.append(_text(text, place, base + 18, "middle"))
    found.append(tag("line", class_="axis", x1=LEFT, x2=right, y1=base, y2=base))
    found.append(_text(across, (LEFT + right) / 2, HEIGHT - 5, "middle"))
    if up:
        middle = (TOP + base) / 2
        found.append(_text(up, 12, middle, "middle", f"rotate(-90 12 {middle:g})"))
    return found


def _text(words: str, x: float, y: float, style: str, turned: str | None = None) -> Markup:
    return tag("text", words, class_=style, x=_short(x), y=_short(y), transform=turned)


def _upright(place: float) -> Markup:
    at = _short(place)
    return tag("line", class_="mark", x1=at, x2=at, y1=TOP, y2=HEIGHT - BOTTOM)


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
