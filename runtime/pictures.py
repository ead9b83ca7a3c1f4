"""Pictures as bytes: files of any size, decoded on all cores, and the step `resize`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .steps import State
from .table import Array

if TYPE_CHECKING:
    from PIL.Image import Image

    from .download import Progress

Bytes = NDArray[np.uint8]
Size = tuple[int, int]  # height, width

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
BLOCK = 32  # pictures that a thread takes at a time
# A JPEG is decoded at an eighth, a quarter or a half where that is still twice the size wanted,
# which the resizing behind it makes hard to tell from a whole one.
GAP = 2
ORIENTATION = 0x0112  # of EXIF: how a picture is to be turned; from 5 on its sides change places
TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
SKIP = "Replace it with an undamaged picture, or leave such files out: `on_error = skip`"


class PictureFault(Exception):
    """Why a file cannot be read as a picture."""


def decode(path: str | os.PathLike[str], channels: int, size: Size | None) -> Bytes:
    """u8 [channels, H, W]: grey for one channel, RGB for three, resized to `size` if given.

    A picture is turned as its camera says, and resized bilinearly over all pixels that fall
    into one. Of a GIF it is the first frame. Raises PictureFault.
    """
    from PIL import Image

    with _faults(), Image.open(path, formats=FORMATS) as file:
        orientation = _orientation(file)
        if size is not None and orientation >= 5:
            size = size[::-1]
        box = file.draft(None, (GAP * size[1], GAP * size[0])) if size is not None else None
        picture: Image.Image = file
        if picture.mode.startswith("I"):  # 16 bits, which `convert` would clip at 255
            picture = picture.convert("I").point(lambda value: value * (1 / 257))
        picture = picture.convert("L" if channels == 1 else "RGB")
        if size is not None:
            picture = _resized(picture, size, box[1] if box else None)
        if orientation in TURNS:
            picture = picture.transpose(Image.Transpose[TURNS[orientation]])
        return _bytes(picture)


def size_of(path: str | os.PathLike[str]) -> Size:
    """Height and width of a picture as `decode` gives it, from its header. Raises PictureFault."""
    from PIL import Image

    with _faults(), Image.open(path, formats=FORMATS) as file:
        size = file.height, file.width
        return size[::-1] if _orientation(file) >= 5 else size


@dataclass(frozen=True, slots=True)
class Pictures:
    """A column of picture files, read when it is known what they are to become."""

    paths: tuple[str, ...]
    skip: bool = False  # leave out what cannot be read

    def __len__(self) -> int:
        return len(self.paths)

    def size(self, rows: Sequence[int]) -> Size:
        """Height and width of these pictures; a DataError that names two which differ."""
        first: tuple[str, Size] | None = None
        with _pool() as pool:
            paths = [self.paths[row] for row in rows]
            for path, size in zip(paths, pool.map(_size_or_fault, paths), strict=True):
                if isinstance(size, PictureFault):
                    if not self.skip:
                        raise unreadable(path, size, SKIP)
                elif first is None:
                    first = path, size
                elif size != first[1]:
                    raise DataError(
                        f"The pictures have different sizes: {_told(first[1])} in {first[0]}, "
                        f"{_told(size)} in {path} (height x width).",
                        "Give them one: `image -> resize(64, 64)`",
                        path,
                    )
        if first is None:
            raise DataError(
                "None of the pictures can be read.", "Replace them.", self.paths[rows[0]]
            )
        return first[1]

    def decoded(
        self,
        rows: Sequence[int],
        channels: int,
        size: Size,
        take: Callable[[int, Bytes], None],
        progress: Callable[[int], None],
    ) -> dict[int, PictureFault]:
        """Hand each picture of `rows` to `take` with its place there, on all cores.

        Gives the faults of those that cannot be read by their places; a DataError instead
        unless they are skipped. `progress` hears the bytes of the files that were read.
        """
        faults: dict[int, PictureFault] = {}

        def work(start: int) -> int:
            read = 0
            for place in range(start, min(start + BLOCK, len(rows))):
                path = self.paths[rows[place]]
                try:
                    take(place, decode(path, channels, size))
                except PictureFault as fault:
                    if not self.skip:
                        raise unreadable(path, fault, SKIP) from fault
                    faults[place] = fault
                read += _length(path)
            return read

        with _pool() as pool:
            for read in pool.map(work, range(0, len(rows), BLOCK)):
                progress(read)
        return dict(sorted(faults.items()))


class Told:
    """Tells a progress callback how many bytes of picture files have been read."""

    def __init__(self, name: str, paths: Sequence[str], progress: Progress | None) -> None:
        self.name = name
        self.progress = progress
        self.total = sum(map(_length, paths)) if progress else 0
        self.done = 0

    def __call__(self, read: int) -> None:
        self.done += read
        if self.progress is not None:
            self.progress(self.name, self.done, self.total)


class Resize:
    """Pictures [N, C, H, W] of bytes at another size, bilinear over all pixels that fall into one.

    Files are decoded at this size, which leaves nothing to do here. There is nothing to undo.
    """

    learns = False

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)

    def fit(self, array: Array) -> None:
        """Nothing is learned."""

    def apply(self, array: Array) -> Array:
        if array.dtype != np.uint8 or array.ndim != 4:
            raise DataError(
                "Only pictures can be resized, and before any arithmetic.",
                "Write `resize` as the first step: `image -> resize(64, 64) -> scale(1 / 255)`",
            )
        if array.shape[2:] == self.size:
            return array
        found = np.empty((*array.shape[:2], *self.size), np.uint8)

        def work(start: int) -> None:
            from PIL import Image

            for picture in range(start, min(start + BLOCK, len(array))):
                for channel, plane in enumerate(array[picture]):
                    grey = Image.fromarray(np.ascontiguousarray(plane))
                    found[picture, channel] = np.asarray(_resized(grey, self.size))

        with _pool() as pool:
            list(pool.map(work, range(0, len(array), BLOCK)))
        return found

    def inverse(self, array: Array) -> Array:
        return array

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing was learned."""


def unreadable(path: str | os.PathLike[str], fault: PictureFault, help: str) -> DataError:
    """What to say of a file that is no picture."""
    formats = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
    return DataError(f"The file {path} cannot be read as {formats}: {fault}.", help, str(path))


def cores() -> int:
    """How many threads decode at once."""
    counted = getattr(os, "sched_getaffinity", None)
    return len(counted(0)) if counted else os.cpu_count() or 1


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Threads on all cores: Pillow leaves the interpreter to others while it works."""
    pool = ThreadPoolExecutor(cores())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _faults() -> Iterator[None]:
    from PIL import UnidentifiedImageError

    try:
        yield
    except UnidentifiedImageError as why:
        raise PictureFault("it has another content") from why
    # Whatever a damaged file sets off in a decoder: it has no one class of errors.
    except Exception as why:
        text = getattr(why, "strerror", None) or str(why) or type(why).__name__
        raise PictureFault(text[:1].lower() + text[1:].rstrip(".")) from why


def _size_or_fault(path: str) -> Size | PictureFault:
    try:
        return size_of(path)
    except PictureFault as fault:
        return fault


def _orientation(file: Image) -> int:
    found = file.getexif().get(ORIENTATION)
    return found if isinstance(found, int) else 1


def _resized(
    picture: Image, size: Size, box: tuple[float, float, float, float] | None = None
) -> Image:
    from PIL import Image

    height, width = size
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.BILINEAR, box)


def _bytes(picture: Image) -> Bytes:
    array = np.array(picture)
    return array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0)


def _length(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _told(size: Size) -> str:
    return f"{size[0]} x {size[1]}"
