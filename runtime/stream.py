"""Pictures that do not fit the memory: decoded batch by batch, a few batches ahead."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from .pictures import SKIP, PictureFault, Pictures, Size, cores, decode, unreadable

AHEAD = 2  # batches that are decoded before they are asked for
SHARE = 0.5  # of the free memory that held pictures may take
UNKNOWN = 4 << 30  # bytes taken as free where the system does not tell


class Stream:
    """The pictures of one split: their numbers in the column, decoded when a batch has them."""

    def __init__(
        self,
        pictures: Pictures,
        rows: list[int],
        channels: int,
        size: Size,
        device: torch.device,
    ) -> None:
        self.pictures = pictures
        self.rows = rows
        self.shape = (channels, *size)
        self.device = device

    def __len__(self) -> int:
        return len(self.rows)

    def batches(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
        """u8 [n, C, H, W] on the device for each chunk of places in this split.

        No more than `AHEAD` batches wait besides the one that is given.
        """
        pool = ThreadPoolExecutor(cores())
        waiting: deque[tuple[Tensor, list[Future[None]]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(self._begun(pool, chunk.tolist()))
                if len(waiting) > AHEAD:
                    yield self._whole(*waiting.popleft())
            while waiting:
                yield self._whole(*waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _begun(
        self, pool: ThreadPoolExecutor, places: list[int]
    ) -> tuple[Tensor, list[Future[None]]]:
        batch = torch.empty(
            (len(places), *self.shape), dtype=torch.uint8, pin_memory=self.device.type == "cuda"
        )
        step = math.ceil(len(places) / cores())
        every = range(len(places))
        shares = [every[start : start + step] for start in range(0, len(places), step)]
        return batch, [pool.submit(self._fill, batch, places, share) for share in shares]

    def _fill(self, batch: Tensor, places: list[int], share: range) -> None:
        array = batch.numpy()
        for place in share:
            path = self.pictures.paths[self.rows[places[place]]]
            try:
                picture = decode(path, self.shape[0], (self.shape[1], self.shape[2]))
            except PictureFault as fault:
                raise unreadable(path, fault, SKIP) from fault
            array[place] = picture

    def _whole(self, batch: Tensor, shares: list[Future[None]]) -> Tensor:
        for share in shares:
            share.result()
        return batch.to(self.device, non_blocking=True)


def room(device: torch.device) -> int:
    """How many bytes of pictures are held at most; what takes more is streamed."""
    free = _free()
    if device.type == "cuda":
        free = min(free, torch.cuda.mem_get_info(device)[0])
    return int(free * SHARE)


def _free() -> int:
    """Bytes of main memory that are free, for this group of processes where it has a limit."""
    found = [_meminfo(), _limit()]
    return min((each for each in found if each is not None), default=UNKNOWN)


def _meminfo() -> int | None:
    for line in _text("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _limit() -> int | None:
    limit, used = (_text(f"/sys/fs/cgroup/memory.{name}").strip() for name in ("max", "current"))
    return max(0, int(limit) - int(used)) if limit.isdecimal() and used.isdecimal() else None


def _text(path: str | os.PathLike[str]) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""
