"""Where examples come from: a table in a text file, MNIST, or the spec itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from .csv_files import Csv
from .errors import DataError
from .table import Array, Table, searched

if TYPE_CHECKING:
    from .download import Progress

__all__ = ["Csv", "FashionMnist", "Literal", "Mnist", "Source"]


class Source(Protocol):
    """What a data block reads from; `missing` are the texts that stand for a hole."""

    @property
    def missing(self) -> tuple[str, ...]: ...

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """All raw columns; a DataError where they are not to be had."""


@dataclass(frozen=True)
class Mnist:
    """60,000 handwritten digits to train on and 10,000 to test on: `image` u8, `label` i64."""

    path: str | None = None
    missing: ClassVar[tuple[str, ...]] = ("",)
    collection: ClassVar[str] = "MNIST"

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """Both parts, training first, as found on this machine or downloaded."""
        from . import mnist

        record: mnist.ImageRecord = getattr(mnist, self.collection)
        both = mnist.load_mnist(self.path, searched(folders), progress, record=record)
        images = np.concatenate([both.train_images, both.test_images])
        labels = np.concatenate([both.train_labels, both.test_labels])
        count = len(both.train_labels)
        return Table(
            {"image": images[:, None], "label": labels.astype(np.int64)},
            both.place,
            lambda row: f"record {row + 1} of {both.place}",
            {"train": slice(0, count), "test": slice(count, len(labels))},
            notes=(both.note,) if both.note else (),
        )


class FashionMnist(Mnist):
    """60,000 pictures of clothes to train on and 10,000 to test on, as those of `Mnist`."""

    collection: ClassVar[str] = "FASHION_MNIST"


class Literal:
    """Data that stands in the spec itself: one sequence a column, nested ones for arrays."""

    missing: ClassVar[tuple[str, ...]] = ("",)

    def __init__(self, /, **columns: Sequence[Any]) -> None:
        self.columns: Mapping[str, Sequence[Any]] = columns

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns as arrays."""
        columns = {name: _literal(name, values) for name, values in self.columns.items()}
        sizes = {name: len(column) for name, column in columns.items()}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"`{name}` has {size}" for name, size in sizes.items())
            raise DataError(
                f"The columns of the spec have unequal lengths: {listed}.",
                "Give each column one value a record.",
            )
        return Table(columns, "the spec", lambda row: f"record {row + 1} of the spec")


def _literal(name: str, values: Sequence[Any]) -> Array:
    try:
        column = np.asarray(values)
    except ValueError as why:  # numpy's word for lists of unequal lengths
        raise DataError(
            f"The values of `{name}` in the spec have unequal shapes.",
            "Give each record as many values.",
        ) from why
    if column.dtype.kind in "UO":
        given = np.array(values, object)
        holes_alone = all(value is None or not isinstance(value, str) for value in given.flat)
        return given.astype(np.float64) if holes_alone else _texts(given)
    return column if column.dtype.kind == "i" else column.astype(np.float64)


def _texts(given: Array) -> Array:
    texts = np.empty(given.size, object)
    texts[:] = [None if value is None else str(value) for value in given.flat]
    return texts.reshape(given.shape)
