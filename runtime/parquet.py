"""The source `parquet`: tables in Parquet files, read by polars (the extra `tables`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import DataError, missing_package
from .record_files import InFiles, table_of
from .table import Array, Table
from .values import column_of, numpy_column, written

if TYPE_CHECKING:
    from .download import Progress


@dataclass(frozen=True)
class Parquet(InFiles):
    """A table in a Parquet file: numbers, texts, or lists of numbers of one length; null is a hole.

    Dates and times are texts, as ISO 8601 writes them.
    """

    missing: ClassVar[tuple[str, ...]] = ()

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns of the first such file that the folders have, parts one after the other."""
        try:
            import polars
        except ImportError as why:
            raise missing_package("The source `parquet`", "polars", "tables") from why
        return table_of(self, folders, lambda path: _Frame(path, polars))


class _Frame:
    """One file: its header, and each column when it is asked for."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, polars: Any) -> None:
        self.path = path
        self.polars = polars
        with self._faults():
            header = polars.scan_parquet(path, glob=False)
            self.names = header.collect_schema().names()
            self.count = header.select(polars.len()).collect().item()
        if not self.count:
            raise DataError(
                f"The file {path} holds no records.", "Name a file that has some.", str(path)
            )

    def __len__(self) -> int:
        return self.count  # type: ignore[no-any-return]

    def column(self, name: str) -> Array:
        series = self._series(name)
        kind = series.dtype
        if kind.is_numeric() or kind == self.polars.Boolean:
            whole = kind.is_integer() and not series.null_count()
            plain = series if whole or kind.is_float() else series.cast(self.polars.Float64)
            return numpy_column(plain.to_numpy(), name, str(self.path))
        return column_of(self._values(series), name, str(self.path), self.where)

    def written(self, name: str) -> Array:
        return written(self._values(self._series(name)))

    def where(self, row: int) -> str:
        return f"record {row + 1} of {self.path}"

    def _series(self, name: str) -> Any:
        with self._faults():
            return self.polars.read_parquet(self.path, columns=[name], glob=False)[name]

    def _values(self, series: Any) -> list[object]:
        kind = series.dtype
        if kind.is_nested():
            found: list[object] = series.to_list()
            return found
        if kind == self.polars.Binary:
            raise DataError(
                f"The column `{series.name}` of {self.path} holds bytes, no numbers or texts.",
                "Take another column, or save it as numbers or texts.",
                str(self.path),
            )
        texts: list[object] = series.cast(self.polars.String).to_list()
        return texts

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except BaseException as why:
            # Where its reader panics, polars raises what is no Exception.
            if not isinstance(why, Exception) and type(why).__name__ != "PanicException":
                raise
            first = (str(why).splitlines() or [type(why).__name__])[0]
            raise DataError(
                f"The file {self.path} cannot be read as Parquet: {first.rstrip('.')}.",
                "Replace it with an undamaged copy.",
                str(self.path),
            ) from why
