"""What a declared prediction is given: values of its inputs as they are, or a number of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .dataset import Dataset, Field
from .errors import DataError
from .sources import Literal

__all__ = ["asked", "reading", "wanted"]


def asked(
    name: str,
    records: Sequence[Mapping[str, Any]],
    shape: tuple[int | None, ...],
    dtype: torch.dtype = torch.float32,
    below: int | None = None,
) -> Tensor:
    """[n, *shape] on the CPU: what each record has under this name, in nested lists or flat.

    None in the shape is a size that the record tells; the records given at once agree in it.
    Integers are below a bound, where there is one. Raises DataError.
    """
    found = [_value(name, record, shape, dtype, below) for record in records]
    return torch.stack(found)


def _value(
    name: str,
    record: Mapping[str, Any],
    shape: tuple[int | None, ...],
    dtype: torch.dtype,
    below: int | None,
) -> Tensor:
    place = f" in {where}" if (where := getattr(record, "place", "")) else ""
    told = f"[{', '.join('any' if size is None else str(size) for size in shape)}]"
    wanted = f"`{name}`: {told}" if shape else f"`{name}`: a number"
    if name not in record:
        listed = ", ".join(f"`{each}`" for each in record) or "nothing"
        raise DataError(
            f"There is no `{name}`{place}, which has {listed}.",
            f"Give it, {wanted}, in JSON lines or a column of that name.",
        )
    try:
        array = np.array(record[name], dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        raise DataError(
            f"The value of `{name}`{place} is not made of numbers.",
            f"Give {wanted}, in JSON lines: nested lists of equal lengths.",
        ) from None
    flat = None not in shape and array.size == np.prod([size or 0 for size in shape], dtype=int)
    fits = array.ndim == len(shape) and all(
        size is None or size == ours for size, ours in zip(shape, array.shape, strict=True)
    )
    if not fits and not flat:
        came = f"[{', '.join(map(str, array.shape))}]" if array.ndim else "a number"
        raise DataError(
            f"The value of `{name}`{place} has the shape {came}.",
            f"Give {wanted}, nested or flat, in JSON lines.",
        )
    array = array if fits else array.reshape([size or 0 for size in shape])
    _look_at(name, array, place, dtype, below)
    return torch.from_numpy(array).to(dtype)


def _look_at(name: str, array: Any, place: str, dtype: torch.dtype, below: int | None) -> None:
    """A DataError for a number that the type does not have."""
    whole = not dtype.is_floating_point
    wrong = ~np.isfinite(array)
    if whole:
        wrong |= array != np.floor(array)
    if below is not None:
        wrong |= (array < 0) | (array >= below)
    if not wrong.any():
        return
    first = array[wrong].ravel()[0]
    kind = "a whole number" if whole else "a finite number"
    kind += f" from 0 to {below - 1}" if below is not None else ""
    raise DataError(
        f"`{name}`{place} has {first:g}, and each value of it is {kind}.",
        "Correct the record.",
    )


def reading(data: Dataset | None, inputs: Sequence[str]) -> Dataset:
    """The same data block with a field for each input that it has none of."""
    source = data.source if data is not None else Literal()
    fields = dict(data.fields) if data is not None else {}
    for name in inputs:
        if name not in fields:
            fields[name] = Field(name)
            fields[name].selection.restore([name])
    found = Dataset(source, fields)
    found.folders = data.folders if data is not None else ()
    return found


def wanted(inputs: Sequence[str]) -> int:
    """How many records are asked of a prediction that takes none; a DataError for another input."""
    try:
        (text,) = inputs
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise DataError(
            f"This prediction takes no records, and `{' '.join(inputs)}` is no number of them.",
            "Say how many are wanted: `dlc predict RUN 16`.",
        )
    return count
