"""Sources, splits and steps of data blocks."""

from __future__ import annotations

from typing import Any

from ..dims import dim, factors
from ..layers.record import Mismatch
from ..layers.shape import product
from ..tensor import Type
from .collections import COLLECTIONS
from .images import IMAGE_SOURCES, IMAGE_STEPS
from .record import Record, SourceRecord, Step
from .sequences import SEQUENCE_SPLITS, SEQUENCE_STEPS
from .texts import TEXT_STEPS, described

SOURCES = {
    record.name: record
    for record in (
        SourceRecord(
            "csv",
            "path: string = '', header: bool = True, names: columns? = None, "
            "missing: strings = ('', 'NA'), separator: string = ',', train: string = '', "
            "validation: string = '', test: string = ''",
            "a table in a text file, `.gz` too",
            'csv("houses.csv")',
            module="dlc.runtime.sources",
            code="Csv",
            skips=True,
        ),
        SourceRecord(
            "mnist",
            "path: string? = None",
            "60,000 handwritten digits to train on and 10,000 to test on, 28x28",
            "mnist()",
            module="dlc.runtime.sources",
            code="Mnist",
            columns=(("image", "u8", (1, 28, 28), None), ("label", "i64", (), 10)),
            parts=("train", "test"),
            downloads=True,
        ),
        *IMAGE_SOURCES,
        *COLLECTIONS,
    )
}
SHARES = "train: share? = None, validation: share? = None, test: share? = None, seed: int = 0"
SPLITS = {
    record.name: record
    for record in (
        Record(
            "random",
            SHARES,
            "records drawn at random",
            "random(train=0.8, validation=0.1, test=0.1, seed=0)",
            module="dlc.runtime.splits",
            code="random_split",
        ),
        Record(
            "stratified",
            f"field: column, {SHARES}",
            "as random, each class in its share",
            "stratified(label, train=0.8, test=0.2, seed=0)",
            module="dlc.runtime.splits",
            code="stratified_split",
        ),
        Record(
            "by_column",
            "column: column, train: values? = None, validation: values? = None, "
            "test: values? = None",
            "records whose raw column has the value, or one of the values, that a split names",
            'by_column(city, train=["Rome", "Oslo"], test="Lima")',
            module="dlc.runtime.splits",
            code="column_split",
        ),
        Record(
            "k_fold",
            "folds: folds, stratify: column? = None, seed: int = 0",
            "cross-validation: each record tests once, in a model trained on the other folds; at "
            "last one is trained on all records",
            "k_fold(5, stratify=label, seed=0)",
            module="dlc.runtime.splits",
            code="k_fold",
        ),
        *SEQUENCE_SPLITS,
    )
}


def _numbers(x: Type, a: Any) -> Type | Mismatch:
    """Numbers become floats of the same shape."""
    if x.tokens is not None or x.dtype in ("text", "words"):
        write = 'column -> categories("a", "b") -> one_hot' if x.dtype == "text" else ""
        return Mismatch(f"this step takes numbers, and {described(x)}", write=write, code="D0530")
    return Type("f32", x.shape)


def _reshape(x: Type, a: Any) -> Type | Mismatch:
    """As many values a record in another shape."""
    if x.dtype in ("words", "ids"):
        write = "text -> words -> vocabulary(1000) -> pad(100)"
        return Mismatch("a list has no shape before `pad`", write=write, code="D0530")
    shape = tuple(dim(size) for size in a["shape"])
    have, want = product(x.shape).value, product(shape).value
    assert want is not None
    if -1 in a["shape"]:
        return Mismatch("sizes of data are stated", write="reshape(1, 28, 28)")
    if have is not None and have != want:
        return Mismatch(f"{have} = {factors(have)} values cannot become {want} = {factors(want)}")
    return x.shaped(*shape)


STEPS = {
    record.name: record
    for record in (
        Step(
            "scale",
            "factor: float",
            "every value times a factor",
            "image -> scale(1 / 255)",
            module="dlc.runtime.steps",
            code="Scale",
            gives=_numbers,
        ),
        Step(
            "standardize",
            "",
            "mean 0 and deviation 1, as learned from the training split, column by column",
            "income -> standardize",
            module="dlc.runtime.steps",
            code="Standardize",
            gives=_numbers,
            learns=True,
        ),
        Step(
            "normalize",
            "",
            "least 0 and greatest 1, as learned from the training split, column by column",
            "age -> normalize",
            module="dlc.runtime.steps",
            code="Normalize",
            gives=_numbers,
            learns=True,
        ),
        *IMAGE_STEPS,
        *TEXT_STEPS,
        *SEQUENCE_STEPS,
        Step(
            "reshape",
            "*shape: sizes",
            "as many values in another shape",
            "columns(0, 64) -> reshape(1, 8, 8)",
            module="dlc.runtime.steps",
            code="Reshape",
            gives=_reshape,
        ),
    )
}
