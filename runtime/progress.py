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
        self.fold = ""
        self._done = 0
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
            print(f"{name}: read, {done / 1e6:.1f} MB", flush=True)

    def start(self, count: int, done: int = 0) -> None:
        """So many epochs make the training, of which so many are done."""
        self.count = count
        self._done = done
        self._began = self._said = time.monotonic()

    def say(self, text: str) -> None:
        """A line that stays."""
        if self.quiet:
            return
        if self.terminal:
            sys.stderr.write(CLEARED)
            sys.stderr.flush()
        print(text, flush=True)

    def watch(self, batches: Iterable[Batch], epoch: int, done: int = 0) -> Iterable[Batch]:
        """The same batches, shown on a terminal; `done` batches of the epoch came before them."""
        return self._drawn(batches, epoch, done) if self.terminal else batches

    def _drawn(self, batches: Iterable[Batch], epoch: int, before: int) -> Iterator[Batch]:
        total = len(batches) + before if isinstance(batches, Sized) else 0
        of = f"/{total}" if total else ""
        began = drawn = time.monotonic()
        for index, batch in enumerate(batches, 1):
            yield batch
            now = time.monotonic()
            if now - drawn >= REDRAW:
                drawn = now
                done = epoch - 1 + (before + index) / total if total else 0.0
                speed = index / (now - began)
                self._draw(epoch, f"batch {before + index}{of}  {speed:.0f}/s", done)

    def _draw(self, epoch: int, middle: str, done: float) -> None:
        spent = time.monotonic() - self._began
        ours = done - self._done
        left = f"  {duration(spent / ours * (self.count - done))} left" if ours > 0 else ""
        line = f"{self._place(epoch)}  {middle}{self._last}{left}"
        # A line that wraps could not be drawn over.
        sys.stderr.write(CLEARED + line[: get_terminal_size().columns - 1])
        sys.stderr.flush()

    def _place(self, epoch: int) -> str:
        return f"{self.fold}  epoch {epoch}/{self.count}".lstrip()

    def epoch(self, values: Mapping[str, Any], ends: bool = False) -> None:
        """An epoch has ended with these measures; `ends`: it is the last."""
        if self.quiet:
            return
        number: int = values["epoch"]
        parts = [losses(values["train"])]
        if "validation" in values:
            parts.append(f"validation: {shown(values['validation'])}")
        now = time.monotonic()
        text = "  ".join(parts)
        self._last = f"  {parts[0]}"
        if ends or number in (self._done + 1, self.count) or now - self._said >= PLAIN:
            self._said = now
            spent = duration(now - self._began)
            self.say(f"{self._place(number)}  {text}  {spent}")
        elif self.terminal:
            self._draw(number, "", number)


def warn(text: str) -> None:
    """Say what may not be meant, beside the results."""
    print(f"warning: {text}", file=sys.stderr)


def losses(measures: Mapping[str, Any]) -> str:
    """Measures of training in one line: a loss, or that of each step by name."""
    named = {
        f"{name} {inner}".lstrip(): value
        for name, found in measures.items()
        for inner, value in (found if isinstance(found, Mapping) else {"": found}).items()
    }
    return shown({name.rstrip(): value for name, value in named.items()})


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
