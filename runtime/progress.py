"""How a training shows where it is: one moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sized
from shutil import get_terminal_size
from typing import Any, TypeVar

Batch = TypeVar("Batch")

CLEARED = "\r\033[K"
REDRAW = 0.1  # seconds between redraws of the moving line
PLAIN = 2.0  # seconds between lines that stay


class Progress:
    """The epochs and batches of one training, as a person follows them."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.terminal = not quiet and sys.stderr.isatty()
        self.count = 0
        self._began = 0.0
        self._said = 0.0
        self._last = ""

    def downloading(self, name: str, done: int, total: int | None) -> None:
        """So many bytes of a file have come; a terminal shows it as it grows."""
        if self.quiet:
            return
        now = time.monotonic()
        whole = done == total
        of = f" of {total / 1e6:.1f}" if total else ""
        if self.terminal and (whole or now - self._said >= REDRAW):
            self._said = now
            sys.stderr.write(CLEARED + f"{name}: {done / 1e6:.1f}{of} MB" + ("\n" if whole else ""))
            sys.stderr.flush()
        elif whole and not self.terminal:
            print(f"{name}: downloaded, {done / 1e6:.1f} MB", flush=True)

    def start(self, count: int) -> None:
        """So many epochs are ahead."""
        self.count = count
        self._began = self._said = time.monotonic()

    def watch(self, batches: Iterable[Batch], epoch: int) -> Iterable[Batch]:
        """The same batches, shown on a terminal."""
        return self._drawn(batches, epoch) if self.terminal else batches

    def _drawn(self, batches: Iterable[Batch], epoch: int) -> Iterator[Batch]:
        total = len(batches) if isinstance(batches, Sized) else 0
        of = f"/{total}" if total else ""
        began = drawn = time.monotonic()
        for index, batch in enumerate(batches):
            yield batch
            now = time.monotonic()
            if now - drawn >= REDRAW:
                drawn = now
                done = (epoch - 1 + (index + 1) / total) / self.count if total else 0.0
                speed = (index + 1) / (now - began)
                self._draw(epoch, f"batch {index + 1}{of}  {speed:.0f}/s", done)

    def _draw(self, epoch: int, middle: str, done: float) -> None:
        spent = time.monotonic() - self._began
        left = f"  {duration(spent / done - spent)} left" if done > 0 else ""
        line = f"epoch {epoch}/{self.count}  {middle}{self._last}{left}"
        # A line that wraps could not be drawn over.
        sys.stderr.write(CLEARED + line[: get_terminal_size().columns - 1])
        sys.stderr.flush()

    def epoch(self, number: int, values: Mapping[str, Mapping[str, Any]]) -> None:
        """An epoch has ended with these measures."""
        if self.quiet:
            return
        parts = [f"loss {values['train']['loss']:.4g}"]
        if "validation" in values:
            parts.append(f"validation: {shown(values['validation'])}")
        now = time.monotonic()
        text = "  ".join(parts)
        self._last = f"  {parts[0]}"
        if number == self.count or number == 1 or now - self._said >= PLAIN:
            self._said = now
            if self.terminal:
                sys.stderr.write(CLEARED)
                sys.stderr.flush()
            spent = duration(now - self._began)
            print(f"epoch {number}/{self.count}  {text}  {spent}", flush=True)
        elif self.terminal:
            self._draw(number, "", number / self.count)


def shown(measures: Mapping[str, Any]) -> str:
    """Measures in one line; tables are left to the files."""
    single = {name: value for name, value in measures.items() if isinstance(value, int | float)}
    return ", ".join(f"{name} {value:.4g}" for name, value in single.items())


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
