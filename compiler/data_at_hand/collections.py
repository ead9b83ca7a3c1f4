"""The four files of `mnist` and `fashion_mnist` where a person put them, by their headers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from .. import ir
from ..diagnostics import Report
from ..errors import data as data_errors
from ..errors import pictures_at_hand as errors
from .files import folders, opened

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SIZE = (28, 28)
GZIP = 31  # zlib's number for the header and the check sum of gzip
HEADER = 4096  # bytes, packed, of which a header is unpacked


class Place(NamedTuple):
    """Names of a collection's folder, below one of torchvision too, and of what is read first."""

    folders: tuple[str, ...]
    torchvision: str
    ends: tuple[str, str]


PLACES = {
    "mnist": Place(("mnist", ""), "MNIST/raw", ("", ".gz")),
    "fashion_mnist": Place(
        ("fashion-mnist", "fashion_mnist", "fashion-mnist-subset"),
        "FashionMNIST/raw",
        (".gz", ""),
    ),
}


def collections(data: ir.TypedData, report: Report) -> None:
    """What a run would refuse in the first place that has files of the collection."""
    source = data.data.source
    assert source is not None
    given = source.arguments["path"]
    ends = PLACES[source.record.name].ends
    for folder in _places(given, source.record.name, data.data.span.source.path):
        if os.path.isfile(folder) and folder.endswith(".npz"):
            return
        found = {name: path for name in FILES if (path := _file(folder, name, ends))}
        if not found:
            continue
        why = _fault(folder, found)
        if why:
            report(errors.collection_damaged(source.span, source.record.name, folder, why))
        return
    if given:
        report(data_errors.missing_file(source.span, given, "pictures"))


def _places(given: str | None, name: str, spec: str) -> Iterator[str]:
    """Where a run looks first, in its order."""
    for root in folders(spec):
        if given:
            path = os.path.join(root, os.path.expanduser(given))
            yield from (path, os.path.join(path, PLACES[name].torchvision))
        else:
            yield from (os.path.join(root, each) for each in PLACES[name].folders)


def _file(folder: str, name: str, ends: tuple[str, str]) -> str | None:
    names = (name, name.replace("-idx", ".idx"))
    choices = (os.path.join(folder, each + end) for end in ends for each in names)
    return next(filter(os.path.isfile, choices), None)


def _fault(folder: str, found: dict[str, str]) -> str:
    """What is wrong with four files, by their headers; nothing where all is well."""
    if len(found) < len(FILES):
        missing = ", ".join(name for name in FILES if name not in found)
        return f"{missing} {'is' if len(found) == 3 else 'are'} missing"
    shapes = {}
    for name, path in found.items():
        shape = _shape(path)
        wanted = 3 if "images" in name else 1
        if shape is None or len(shape) != wanted:
            return f"{os.path.basename(path)} is no IDX file of {wanted} axes of bytes"
        shapes[name] = shape
    for images, labels in (FILES[:2], FILES[2:]):
        if shapes[images][1:] != SIZE:
            return f"{images} has the shape {list(shapes[images])} where [N, 28, 28] is wanted"
        count, other = shapes[images][0], shapes[labels][0]
        if count != other:
            return f"{images} holds {count:,} images, {labels} {other:,} labels"
        if not count:
            return f"{images} holds no images"
    return ""


def _shape(path: str) -> tuple[int, ...] | None:
    """The sizes that the header of an IDX file of bytes states; None for another file."""
    import zlib

    try:
        with opened(path) as file:
            content = file.read(HEADER)
        if content[:2] == b"\x1f\x8b":
            content = zlib.decompressobj(GZIP).decompress(content, 64)
    except (OSError, zlib.error):
        return None
    axes = content[3] if content[:3] == b"\0\0\x08" else 0
    if not 0 < axes <= 8 or len(content) < 4 + 4 * axes:
        return None
    return tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, 4 + 4 * axes, 4))
