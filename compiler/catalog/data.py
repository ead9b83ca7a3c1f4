"""Sources, splits and steps of data blocks."""

from __future__ import annotations

from typing import Any

from ..dims import dim, factors
from ..layers.record import Mismatch
from ..layers.shape import product
from ..tensor import Type
from .record import Record, SourceRecord, Step

SOURCES = {
    record.name: record
    for record in (
        SourceRecord(
            "csv",
            "path: string, header: bool = True, names: columns? = None, "
            "missing: strings = ('', 'NA'), separator: string = ','",
            "a table in a text file, `.gz` too",
            'csv("houses.csv")',
            module="dlc.runtime.sources",
            code="Csv",
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
    )
}
SOURCES_LATER = (
    "parquet json_lines npz image_folder text_folder text_file audio_folder fashion_mnist "
    "cifar10 cifar100 python"
).split()

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
    )
}
SPLITS_LATER = ["by_column", "by_group", "chronological", "k_fold"]


def _numbers(x: Type, a: Any) -> Type | Mismatch:
    """Numbers become floats of the same shape."""
    if x.labels is not None:
        return Mismatch("this step takes numbers, and here come labels")
    return Type("f32", x.shape)


def _reshape(x: Type, a: Any) -> Type | Mismatch:
    """As many values a record in another shape."""
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
        Step(
            "impute",
            "value: imputation",
            "holes become the mean, the median, the most frequent value or a constant",
            "bedrooms -> impute(median)",
            module="dlc.runtime.steps",
            code="Impute",
            gives=_numbers,
            learns=True,
        ),
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
STEPS_LATER = (
    "categories one_hot resize words characters vocabulary pad window ahead tokenize lower"
).split()
