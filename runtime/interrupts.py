"""Ctrl-C and SIGTERM as a flag that a training looks at between batches."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

__all__ = ["Interrupted", "Interrupts"]

CAUGHT = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A training was asked to end and has saved all that it needs; the text says where."""


class Interrupts:
    """While installed, a signal sets `raised` and does nothing else, however often it comes."""

    def __init__(self) -> None:
        self.raised = False
        self._before: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Catch the signals from now on; those that are ignored stay so.

        Only the main thread can: elsewhere nothing happens.
        """
        if self._before or threading.current_thread() is not threading.main_thread():
            return
        for each in CAUGHT:
            before = signal.getsignal(each)
            # None is a handler that Python did not set and could not put back.
            if before is not None and before is not signal.SIG_IGN:
                self._before[each] = signal.signal(each, self._raise)

    def restore(self) -> None:
        """Let the signals do what they did before."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _raise(self, number: int, frame: FrameType | None) -> None:
        self.raised = True
