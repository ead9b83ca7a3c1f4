"""Windows of one series as records of a split: a view of it, and the places where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor


class Windows:
    """The entries `rows` [N] of a view [M, …] in which neighbours share their memory.

    A window is copied when a batch has it, and never before.
    """

    def __init__(self, view: Tensor, rows: Tensor) -> None:
        self.view = view
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def device(self) -> torch.device:
        """Where the series lies."""
        return self.view.device

    def whole(self) -> Tensor:
        """All windows side by side: as many copies of the series as a window is long."""
        return self.view.index_select(0, self.rows)

    def batches(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
        """[n, …] for each chunk of places among these records."""
        for chunk in chunks:
            yield self.view.index_select(0, self.rows.index_select(0, chunk))


def chosen(view: Tensor, rows: Tensor) -> Tensor | Windows:
    """The entries `rows` (i64, ascending, one at least) of a view [M, …]; a view where it can be.

    Rows that stand apart are copied, but never windows.
    """
    first, last = int(rows[0]), int(rows[-1])
    step = int(rows[1]) - first if len(rows) > 1 else 1
    even = torch.equal(rows, torch.arange(first, last + 1, step)) if step > 0 else False
    if even:
        return view[first : last + 1 : step]
    rows = rows.to(view.device)
    if view.is_contiguous():
        return view.index_select(0, rows)
    return Windows(view, rows)
