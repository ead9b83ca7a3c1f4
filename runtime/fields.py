"""A field of a data block: raw columns, steps, and the type that comes out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .columns import Raw, Selection
from .errors import DataError
from .steps import Impute, Reshape, Scale, State, Step, reshaped
from .table import Array, Table, Where, nearest, number


class Field:
    """What a model reads under one name: raw columns, then steps, then a tensor [N, *shape].

    `raw` is a column, a formula over columns, `columns(…)`, or a list of these, joined along a
    new last axis. `labels` or `classes` make it a label, i64 below their number, `tokens` an
    index below that number; all else has the torch dtype of that name.
    """

    def __init__(
        self,
        raw: Raw,
        *steps: Step,
        shape: tuple[int, ...] = (),
        dtype: str = "float32",
        classes: int | None = None,
        labels: tuple[str, ...] | None = None,
        tokens: int | None = None,
    ) -> None:
        self.selection = Selection(raw)
        self.steps = steps
        self.shape = shape
        self.count = len(labels) if labels else classes or tokens  # of labels; None for numbers
        self.labels = labels or tuple(map(str, range(classes or 0)))
        self.codes = _codes(labels) if labels else None
        # Steps but `Reshape` are arithmetic.
        self.texts = bool(self.count) and all(isinstance(step, Reshape) for step in steps)
        self.dtype: torch.dtype = torch.int64 if self.count else getattr(torch, dtype)
        # Known once the field has learned, or was restored.
        self.ready = False
        self.raw_shape: tuple[int, ...] = ()
        self.raw_image = False
        self.stepped: tuple[int, ...] = ()

    def read(self, name: str, table: Table) -> Array:
        """The raw values, [N, …], after a look for text, infinities and holes that would stay."""
        self.selection.resolve(table)
        return self.checked(name, self.selection.read(table, self.texts), table)

    def checked(self, name: str, raw: Array, table: Table) -> Array:
        """The raw values themselves; a DataError where they have what no step mends."""
        if raw.dtype.kind in "ui":
            return raw
        holes: Array = raw == np.array(None) if raw.dtype == object else np.isnan(raw)
        if raw.dtype != object and (found := _first(np.isinf(raw))) is not None:
            row, place = found
            raise DataError(
                f"{self.selection.told(place)} is infinite in {table.where(row)}.",
                "Correct the record, or write a formula that does not divide by zero.",
                table.place,
            )
        found = _first(holes)
        if found is None or any(isinstance(step, Impute) for step in self.steps):
            return raw
        row, place = found
        count = int((holes[:, place] if self.selection.joined else holes).sum())
        raise DataError(
            f"{self.selection.told(place)} has {count:,} {'hole' if count == 1 else 'holes'}, the "
            f"first in {table.where(row)}.",
            f"Each record must have a value of `{name}`: fill the holes, or remove the records."
            if self.count
            else f"Write `-> impute(median)` behind the columns of `{name}`.",
            table.place,
        )

    def learn(self, raw: Array, place: str) -> Array:
        """Fit the steps to the raw values of the training split; gives what `apply` does."""
        self.raw_shape = raw.shape[1:]
        self.raw_image = raw.dtype == np.uint8
        if raw.dtype.kind == "f" and any(step.learns for step in self.steps):
            width = raw.shape[1] if raw.ndim > 1 else 1
            empty = np.isnan(raw).reshape(len(raw), width, -1).all((0, 2))
            if empty.any():
                column = self.selection.told(int(empty.argmax()))
                raise DataError(
                    f"{column} has no value in the whole training split.",
                    "Leave it out, or fill it with a constant: `-> impute(0)`.",
                    place,
                )
        for step in self.steps:
            step.fit(raw)
            raw = step.apply(raw)
        self.stepped = raw.shape[1:]
        self.ready = True
        return raw

    def factor(self, raw: Array) -> float | None:
        """The factor that is all that happens to an image (u8), so that its bytes may stay bytes.

        A quarter of the memory is held and gathered then, and each batch is multiplied as it
        comes; the values are the same to the bit.
        """
        scales = [step.factor for step in self.steps if isinstance(step, Scale)]
        plain = all(isinstance(step, Scale | Reshape) for step in self.steps)
        if raw.dtype != np.uint8 or self.dtype != torch.float32 or not plain or len(scales) != 1:
            return None
        return scales[0]

    def apply(self, raw: Array) -> Array:
        """Raw values through the fitted steps."""
        for step in self.steps:
            raw = step.apply(raw)
        return raw

    def finish(self, name: str, array: Array, where: Where) -> Tensor:
        """What the steps gave as a tensor [N, *shape] of the declared type.

        A DataError for a value that the type does not have; `where` tells its record.
        """
        array = reshaped(array, self.shape)
        if self.count:
            return torch.from_numpy(self._coded(name, array, where))
        if not self.dtype.is_floating_point:
            return self._whole(name, array, where)
        wide = np.float64 if self.dtype == torch.float64 else np.float32
        with np.errstate(over="ignore"):
            tensor = torch.from_numpy(np.ascontiguousarray(array, wide)).to(self.dtype)
        # The values of an image are small, and to look at each would take as long as to make it.
        if self.raw_image:
            return tensor
        back = (tensor if wide == np.float64 else tensor.float()).numpy()
        if (found := _first(~np.isfinite(back))) is None:
            return tensor
        raise DataError(
            f"A value of `{name}` is too large for its type in {where(found[0])}.",
            "Write `-> standardize` as the last step, or declare the field as f64.",
        )

    def inverse(self, tensor: Tensor) -> Tensor:
        """Values of the field in the units of its raw columns: f64 on the CPU, shaped alike."""
        array: Array = tensor.detach().cpu().double().numpy().reshape(-1, *self.stepped)
        for step in reversed(self.steps):
            array = step.inverse(array)
        return torch.from_numpy(np.ascontiguousarray(array)).reshape(tensor.shape)

    def state(self) -> State:
        """What reading and fitting found out, ready for JSON."""
        return {
            "columns": self.selection.state(),
            "raw_shape": list(self.raw_shape),
            "raw_image": self.raw_image,
            "stepped": list(self.stepped),
            "steps": [step.state() for step in self.steps],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave for the same field."""
        self.selection.restore(state["columns"])
        self.raw_shape = tuple(state["raw_shape"])
        self.raw_image = state["raw_image"]
        self.stepped = tuple(state["stepped"])
        for step, learned in zip(self.steps, state["steps"], strict=True):
            step.restore(learned)
        self.ready = True

    def _coded(self, name: str, array: Array, where: Where) -> Array:
        """Labels as their numbers."""
        assert self.count
        if self.codes is None and array.dtype != object:
            whole = _integers(array, np.int64)
            good = (whole == array) & (whole >= 0) & (whole < self.count)
        else:
            codes = self.codes or {str(code): code for code in range(self.count)}
            labels = [codes.get(_label(value), -1) for value in array.ravel().tolist()]
            whole = np.array(labels, np.int64).reshape(array.shape)
            good = whole >= 0
        if (found := _first(~good)) is None:
            return whole
        row, place = found
        value = _label(array.reshape(len(array), -1)[row, place])
        declared = ", ".join(self.labels) if self.codes else f"0 to {self.count - 1}"
        near = nearest(value, self.labels) if self.codes else None
        raise DataError(
            f"{self.selection.told(place)} has `{value}` in {where(row)}, and the labels of "
            f"`{name}` are: {declared}.",
            f"Did you mean `{near}`?" if near else "Declare the label, or correct the record.",
        )

    def _whole(self, name: str, array: Array, where: Where) -> Tensor:
        """Numbers of an integer type, or bools."""
        wanted = torch.empty(0, dtype=self.dtype).numpy().dtype
        whole = _integers(array, wanted)
        if (found := _first(whole != array)) is None:
            return torch.from_numpy(whole)
        row, place = found
        raise DataError(
            f"{array.reshape(len(array), -1)[row, place]} is no value of `{name}`, which is "
            f"declared as {wanted}, in {where(row)}.",
            "Declare the field as f32, or correct the record.",
        )


def _codes(labels: tuple[str, ...]) -> Mapping[str, int]:
    """The number of each label. Numbers stand for themselves where no label is one."""
    codes = {_label(label): code for code, label in enumerate(labels)}
    if any(number(label) is not None for label in labels):
        return codes
    return codes | {str(code): code for code in range(len(labels))}


def _label(value: object) -> str:
    """The text of a label: one for `3`, `3.0` and `"3.0"`."""
    as_number = number(value)
    if as_number is None or not as_number.is_integer():
        return str(value)
    return str(int(as_number))


def _integers(array: Array, wanted: Any) -> Array:
    with np.errstate(invalid="ignore"):  # what does not fit is seen by comparing
        return np.ascontiguousarray(array).astype(wanted)


def _first(mask: Array) -> tuple[int, int] | None:
    """The first True of [N, …]: its record, and its place among the record's values."""
    if not mask.any():
        return None
    row, place = divmod(int(mask.argmax()), mask.size // len(mask))
    return row, place
