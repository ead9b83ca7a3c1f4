"""Where values lie on an axis, and which of them are written beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from .markup import figure

LOG_FROM = 30.0  # largest over smallest from which an axis of positive values counts in powers


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values, drawn from `start` to `end`, two places in a picture."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value is drawn; values outside of the range at its ends."""
        low, high, here = (
            (log10(self.low), log10(self.high), log10(max(value, self.low)))
            if self.log
            else (self.low, self.high, value)
        )
        share = min(1.0, max(0.0, (here - low) / (high - low)))
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """About `count` round values of the range, and how each is written."""
        values = powers(self.low, self.high) if self.log else rounds(self.low, self.high, count)
        return [(self.place(value), short(value)) for value in values]


def axis(
    values: Sequence[float], start: float, end: float, *, log: bool = False, whole: bool = False
) -> Axis:
    """The range of finite values, widened to round ends.

    `log` asks for powers where they help; zeros then lie at the lower end. `whole` keeps the ends
    where the values end.
    """
    finite = [value for value in values if isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if log and low >= 0 and high > 0:
        least = min(value for value in finite if value > 0)
        if high / least >= LOG_FROM:
            return Axis(least / 1.15, high * 1.15, start, end, log=True)
    if low == high:
        around = abs(low) / 2 or 0.5
        return Axis(low - around, high + around, start, end)
    if not whole:
        step = _step(low, high, 5)
        # Beyond the precision of floats there is no rounder end.
        low, high = min(low, floor(low / step) * step), max(high, ceil(high / step) * step)
    return Axis(low, high, start, end)


def short(value: float) -> str:
    """A round value in little space: `600k`."""
    for power, letter in ((9, "G"), (6, "M"), (3, "k")):
        if 10**power <= abs(value) < 10 ** (power + 3) and abs(value) >= 10_000:
            return figure(value / 10**power) + letter
    return figure(int(value) if value.is_integer() and abs(value) < 1e9 else value)


def rounds(low: float, high: float, count: int) -> list[float]:
    """The multiples of 1, 2 or 5 times a power of ten in a range: `count` and one at most."""
    step = _step(low, high, count)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    digits = max(0, -floor(log10(step)))
    return [round(number * step, digits) for number in range(first, last + 1)]


def powers(low: float, high: float) -> list[float]:
    """The powers of ten in a range; their halves and fifths too where there are few of them."""
    bottom, top = floor(log10(low)), ceil(log10(high))
    apart = max(1, ceil((top - bottom) / 7))
    parts = (1, 2, 5) if top - bottom <= 2 else (1,)
    found = [float(f"{part}e{power}") for power in range(bottom, top + 1, apart) for part in parts]
    return [value for value in found if low <= value <= high]


def _step(low: float, high: float, count: int) -> float:
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    return next(part * power for part in (1, 2, 5, 10) if part * power >= rough * (1 - 1e-9))
