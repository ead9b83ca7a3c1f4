"""The records of a split as tensors on one device, whole or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .augment import Augmentation, Augmenting
from .errors import DataError
from .splits import hashes
from .stream import Stream
from .windows import Windows

LARGEST_COPY = 1 << 30  # bytes; what is larger is not copied whole for each epoch

Part = tuple[Tensor, ...]
Column = Tensor | Stream | Windows


class Split:
    """Records as tensors on one device: `split.image` or `split["image"]`, [N, …] each.

    A column is a tensor, windows of a series, or pictures that are decoded batch by batch. A
    tensor may be a view in which records share their memory, as neighbouring windows do: they are
    copied batch by batch. `late` makes of what is held of a field what the field is; `augment` is
    done to shuffled batches, and to no other.
    """

    def __init__(
        self,
        columns: Mapping[str, Column],
        late: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
        augment: Mapping[str, Sequence[Augmentation]] | None = None,
    ) -> None:
        self.tensors = {name: each for name, each in columns.items() if isinstance(each, Tensor)}
        self._columns = dict(columns)
        self._late = dict(late or {})
        self._augment = dict(augment or {})

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, field: str) -> Tensor:
        column = self._columns[field]
        if isinstance(column, Windows):
            return column.whole()
        if isinstance(column, Stream):
            raise DataError(
                f"The pictures of `{field}` do not fit the memory and are read batch by batch: "
                "there is no tensor of all of them.",
                f"Write a smaller `resize`, or a loss and metrics that do not compare `{field}`.",
            )
        return self._made(field, self.tensors[field])

    def __getattr__(self, field: str) -> Tensor:
        # Copying and unpickling look for methods before there are any columns.
        columns: Mapping[str, Column] = self.__dict__.get("_columns", {})
        if field in columns:
            return self[field]
        raise AttributeError(f"there is no field {field!r}; there are {', '.join(columns)}")

    def batches(self, size: int) -> Iterator[Part]:
        """`size` records each, the last with what remains, in the order of the data."""
        for part in self._parts(None, size):
            yield tuple(map(self._made, self._columns, part))

    def at(self, places: Tensor) -> Part:
        """The records at these places (i64 on the CPU, at least one), never augmented."""
        (part,) = self._parts(places, len(places))
        return tuple(map(self._made, self._columns, part))

    def shuffled(self, size: int, seed: int, epoch: int, drop_last: bool = False) -> Batches:
        """All records once, in batches of `size`, in an order made by (seed, epoch) alone.

        `drop_last` leaves out a last batch that is not full. Records that fit one batch are
        given as they stand, dropped or not.
        """
        return Batches(self, size, seed, epoch, drop_last)

    def order(self, seed: int, epoch: int) -> Tensor:
        """The order of the records in an epoch, made by (seed, epoch) alone."""
        generator = torch.Generator().manual_seed(_start(seed, epoch) >> 1)
        return torch.randperm(len(self), generator=generator)

    def _made(self, field: str, held: Tensor) -> Tensor:
        late = self._late.get(field)
        return held if late is None else late(held)

    def _parts(self, order: Tensor | None, size: int) -> Iterator[Part]:
        """Batches of what is held, in the order given, or as it stands."""
        if order is None and len(self) <= size and len(self.tensors) == len(self._columns):
            yield tuple(tensor.contiguous() for tensor in self.tensors.values())
            return
        own = [tensor for tensor in self.tensors.values() if tensor.is_contiguous()]
        small = sum(tensor.nbytes for tensor in own) <= LARGEST_COPY
        columns = []
        for column in self._columns.values():
            if isinstance(column, Stream):
                columns.append(column.batches(self._places(order, size)))
            elif isinstance(column, Windows):
                places = self._places(order, size, column.device)
                columns.append(column.batches(places))
            elif order is None:
                columns.append(part.contiguous() for part in torch.split(column, size))
            else:
                at_once = small and column.is_contiguous()
                columns.append(_gathered(column, order.to(column.device), size, at_once))
        yield from zip(*columns, strict=True)

    def _places(self, order: Tensor | None, size: int, device: torch.device | str = "cpu") -> Part:
        """The numbers of the records in each batch."""
        every = torch.arange(len(self)) if order is None else order
        return torch.split(every.to(device), size)

    def _trained(self, order: Tensor | None, size: int, seed: int, epoch: int) -> Iterator[Part]:
        """Batches as the fields are, augmented."""
        if not self._augment and not self._late:
            yield from self._parts(order, size)
            return
        augmenting = Augmenting(self._augment, _start(seed, epoch), len(self))
        places = self._places(order, size)
        for rows, part in zip(places, self._parts(order, size), strict=True):
            yield tuple(
                self._made(field, augmenting(field, held, rows))
                for field, held in zip(self._columns, part, strict=True)
            )


@dataclass(frozen=True)
class Batches:
    """The batches of one epoch; `len` tells how many there are."""

    split: Split
    size: int
    seed: int
    epoch: int
    drop_last: bool
    skipped: int = 0

    def __len__(self) -> int:
        whole, rest = divmod(len(self.split), self.size)
        every = max(1, whole + bool(rest and not self.drop_last))
        return max(0, every - self.skipped)

    def __iter__(self) -> Iterator[Part]:
        if len(self) == 0:
            return
        count, size, key = len(self.split), self.size, (self.seed, self.epoch)
        if count <= size:
            yield from self.split._trained(None, size, *key)
            return
        order = self.split.order(*key)
        if self.drop_last:
            order = order[: count - count % size]
        yield from self.split._trained(order[self.skipped * size :], size, *key)

    def skip(self, count: int) -> Batches:
        """The same batches without the first `count`, which are not made either."""
        return replace(self, skipped=self.skipped + count)


def _gathered(column: Tensor, order: Tensor, size: int, small: bool) -> Iterator[Tensor]:
    """The records in this order: all gathered at once where that copies little."""
    if small:
        yield from torch.split(column.index_select(0, order), size)
    else:
        yield from (column.index_select(0, some) for some in torch.split(order, size))


def _start(seed: int, epoch: int) -> int:
    """The number that all chance of an epoch begins with."""
    # Two rounds of hashing: epoch 1 of seed 0 is not epoch 0 of seed 1.
    return int(hashes(int(hashes(seed, 1)[0]) + epoch, 1)[0])
