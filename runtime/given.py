"""A raw record that somebody handed over for a prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Given(dict[str, Any]):
    """A raw record; `place` says where it stands, `name` which picture it is, if it is one."""

    def __init__(
        self, columns: Iterable[tuple[str, Any]], where: Callable[[], str], name: str = ""
    ) -> None:
        super().__init__(columns)
        self.where = where
        self.name = name

    @property
    def place(self) -> str:
        """`line 3 of new.csv`."""
        return self.where()
