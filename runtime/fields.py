"""A field of a data block: raw columns, steps, and the type that comes out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .categories import Categories, OneHot, Unseen
from .columns import Raw, Selection, Take
from .errors import DataError
from .sequences import Ahead, Window, reach
from .steps import Impute, Reshape, Scale, State, Step, reshaped, same_order
from .table import Array, Table, Where, label, nearest, number
from .texts import Characters, Lower, Pad, Vocabulary, Words
from .tokens import Tokenize

LOOKING = Window | Ahead
TEXTUAL = Words | Characters | Categories | Lower | Tokenize


class Field:
    """What a model reads under one name: raw columns, then steps, then a tensor [N, *shape].

    `raw` is a column, a formula over columns, `columns(…)`, or a list of these, joined along a
    new last axis. `labels` or `classes` make it a label, i64 below their number, `tokens` an
    index below that number; all else has the torch dtype of that name. `looks` says that records
    look at others, `reach` how far, and `of_text` that they are windows of one long text.
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
        self.declared = labels or tuple(map(str, range(classes or 0)))
        named = any(isinstance(step, Categories) for step in steps)
        self.codes = _codes(labels) if labels and not named else None
        self.take = _take(bool(self.count), steps)
        self.looks = any(isinstance(step, LOOKING) for step in steps)
        self.of_text = _of_text(steps)
        self.reach = reach(steps, self.of_text)
        self.dtype: torch.dtype = torch.int64 if self.count else getattr(torch, dtype)
        # Known once the field has learned, or was restored.
        self.ready = False
        self.raw_shape: tuple[int, ...] = ()
        self.raw_image = False
        self.raw_single = False  # in single precision, so that predictions calculate alike
        self.rate: int | None = None  # samples a second, of sounds
        self.stepped: tuple[int, ...] = ()

    @property
    def pad(self) -> Pad | None:
        """The step that gives lists or sounds one length, where it comes first."""
        return self.steps[0] if self.steps and isinstance(self.steps[0], Pad) else None

    def read(self, name: str, table: Table) -> Array:
        """The raw values, [N, …], after a look for text, infinities and holes that would stay."""
        self.selection.resolve(table)
        sounds = table.sounds.get(self.selection.column)
        if sounds is not None:
            self.rate = sounds.rate
            return self.checked(name, sounds.array(self.pad), table)
        return self.checked(name, self.selection.read(table, self.take), table)

    def checked(self, name: str, raw: Array, table: Table) -> Array:
        """The raw values themselves; a DataError where they have what no step mends."""
        if raw.dtype.kind in "ui":
            return raw
        holes = _holes(raw)
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
            self._filling(name),
            table.place,
        )

    def _filling(self, name: str) -> str:
        """What to do about holes."""
        if any(isinstance(step, Words | Characters | Lower | Tokenize) for step in self.steps):
            return f'Write `-> impute("")` behind the column of `{name}`: it becomes an empty text.'
        if any(isinstance(step, Categories) for step in self.steps):
            return f"Write `-> impute(most_frequent)` behind the column of `{name}`."
        if self.count:
            return f"Each record must have a value of `{name}`: fill them, or remove the records."
        return f"Write `-> impute(median)` behind the columns of `{name}`."

    def learn(self, raw: Array, place: str, where: Where | None = None) -> Array:
        """Fit the steps to the raw values of the training split; gives what `apply` does."""
        self.begin(raw, raw, place)
        with self.told(where):
            for step in self.steps:
                step.fit(raw)
                raw = step.apply(raw)
        self.stepped = raw.shape[1:]
        self.ready = True
        return raw

    def begin(self, raw: Array, training: Array, place: str) -> None:
        """Note what the raw values are; a DataError where nothing can be learned of a column."""
        self.raw_shape = raw.shape[1:]
        self.raw_image = raw.dtype == np.uint8
        self.raw_single = raw.dtype == np.float32
        if raw.dtype.kind not in "fO" or not any(step.learns for step in self.steps):
            return
        width = training.shape[1] if training.ndim > 1 else 1
        empty = _holes(training).reshape(len(training), width, -1).all((0, 2))
        if empty.any():
            column = self.selection.told(int(empty.argmax()))
            raise DataError(
                f"{column} has no value in the whole training split.",
                "Leave it out, or fill it with a constant: `-> impute(0)`.",
                place,
            )

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

    def apply(self, raw: Array, where: Where | None = None) -> Array:
        """Raw values through the fitted steps; `where` tells a record for messages."""
        with self.told(where):
            for step in self.steps:
                raw = step.apply(raw)
        return raw

    @contextmanager
    def told(self, where: Where | None) -> Iterator[None]:
        """A value that a step does not know is told with its column and its record."""
        try:
            yield
        except Unseen as why:
            row = where(why.row) if where else f"record {why.row + 1}"
            raise DataError(
                f"{self.selection.told(0)} has `{why.value}` in {row}, which is none of the "
                f"{len(why.names)} categories.",
                why.help,
            ) from why

    def finish(
        self, name: str, array: Array, where: Where, shape: tuple[int, ...] | None = None
    ) -> Tensor:
        """What the steps gave as a tensor [N, *shape] of the declared type.

        A DataError for a value that the type does not have; `where` tells its record. `shape` is
        another one where windows are still to be taken.
        """
        array = self.as_declared(array) if shape is None else reshaped(array, shape)
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

    def as_declared(self, array: Array) -> Array:
        """What the steps gave as [N, *shape]; a DataError where records have another shape.

        Columns side by side take any shape of so many values, an array from a file does not.
        """
        if not self.selection.joined:
            same_order(array, self.shape, self.selection.column)
        return reshaped(array, self.shape)

    def inverse(self, tensor: Tensor) -> Tensor:
        """Values of the field in the units of its raw columns: f64 on the CPU, shaped alike.

        The numbers of categories and tokens stay numbers; `words` tells what they stand for.
        """
        array: Array = tensor.detach().cpu().double().numpy().reshape(-1, *self.stepped)
        for step in reversed(self.steps):
            if isinstance(step, Categories | OneHot | Vocabulary | Tokenize):
                break
            array = step.inverse(array)
        return torch.from_numpy(np.ascontiguousarray(array)).reshape(tensor.shape)

    def words(self, tensor: Tensor) -> list[str]:
        """What tokens, labels or one-hot rows [N, *shape] stand for, one text each, to be read."""
        array: Array = tensor.detach().cpu().double().numpy().reshape(-1, *self.stepped)
        if not any(isinstance(step, Categories | Vocabulary | Tokenize) for step in self.steps):
            return [self.labels[int(code)] for code in array.ravel()]
        for step in reversed(self.steps):
            # The vocabulary joins the tokens of a window to one text again.
            if not (self.of_text and isinstance(step, Window)):
                array = step.inverse(array)
        texts = [str(text) for text in array.ravel().tolist()]
        each = len(texts) // max(1, len(tensor))
        return [", ".join(texts[start : start + each]) for start in range(0, len(texts), each or 1)]

    @property
    def labels(self) -> tuple[str, ...]:
        """What the numbers of a label stand for: as declared, or as a step knows it."""
        count = len(self.declared)
        for step in reversed(self.steps if self.count else ()):
            if isinstance(step, Categories) and step.names:
                return step.names
            if isinstance(step, Vocabulary) and count and step.words is not None:
                return step.labels(count, self.between)
            if isinstance(step, Tokenize) and count and step.tokenizer is not None:
                return step.labels(count)
        return self.declared

    @property
    def between(self) -> str:
        """What stands between two tokens where they are read as a text."""
        return "" if any(isinstance(step, Characters) for step in self.steps) else " "

    def state(self) -> State:
        """What reading and fitting found out, ready for JSON."""
        return {
            "columns": self.selection.state(),
            "raw_shape": list(self.raw_shape),
            "raw_image": self.raw_image,
            "raw_single": self.raw_single,
            "rate": self.rate,
            "stepped": list(self.stepped),
            "steps": [step.state() for step in self.steps],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave for the same field."""
        self.selection.restore(state["columns"])
        self.raw_shape = tuple(state["raw_shape"])
        self.raw_image = state["raw_image"]
        self.raw_single = state.get("raw_single", False)
        self.rate = state.get("rate")
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
            labels = [codes.get(label(value), -1) for value in array.ravel().tolist()]
            whole = np.array(labels, np.int64).reshape(array.shape)
            good = whole >= 0
        if (found := _first(~good)) is None:
            return whole
        row, place = found
        value = label(array.reshape(len(array), -1)[row, place])
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
    codes = {label(name): code for code, name in enumerate(labels)}
    if any(number(name) is not None for name in labels):
        return codes
    return codes | {str(code): code for code in range(len(labels))}


def _take(is_label: bool, steps: Sequence[Step]) -> Take:
    """How a column is read: as texts, as it is, or as numbers that steps calculate with."""
    if any(isinstance(step, TEXTUAL) for step in steps):
        return Table.texts
    if not is_label or not all(isinstance(step, Reshape | Impute | LOOKING) for step in steps):
        return Table.numbers
    return Table.texts if any(isinstance(step, Impute) for step in steps) else Table.column


def _of_text(steps: Sequence[Step]) -> bool:
    """Whether tokens of any number come to a window."""
    tokens = False
    for step in steps:
        tokens = (tokens or isinstance(step, Vocabulary | Tokenize)) and not isinstance(step, Pad)
        if tokens and isinstance(step, Window):
            return True
    return False


def _holes(raw: Array) -> Array:
    holes: Array = raw == np.array(None) if raw.dtype == object else np.isnan(raw)
    return holes


def _integers(array: Array, wanted: Any) -> Array:
    with np.errstate(invalid="ignore"):  # what does not fit is seen by comparing
        return np.ascontiguousarray(array).astype(wanted)


def _first(mask: Array) -> tuple[int, int] | None:
    """The first True of [N, …]: its record, and its place among the record's values."""
    if not mask.any():
        return None
    row, place = divmod(int(mask.argmax()), mask.size // len(mask))
    return row, place
