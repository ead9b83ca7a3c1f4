"""Which records train, validate and test: the same on every machine and in every version.

A record's place comes from its number and the split's seed through splitmix64 (Steele, Lea and
Flood 2014), never from a library's generator, which may change.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .table import Array, Where, choose, label

Rows = NDArray[np.int64]

TOLERANCE = Fraction(1, 10**9)  # shares such as 1/3 do not add up to 1 exactly
GAMMA = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


class RandomSplit:
    """Records drawn at random; `field` names what each class of must be drawn by itself.

    A share is a part of 1. Where shares add up to 1, each record is in exactly one split;
    where they fall short, the rest is in none. `seed` is any integer.
    """

    def __init__(self, shares: Mapping[str, float | None], seed: int, field: str | None) -> None:
        # Through decimal text, so that 0.1 is one tenth and equal on every machine.
        self.shares = {
            name: Fraction(repr(float(share))) for name, share in shares.items() if share
        }
        self.seed = seed
        self.field = field
        if sum(self.shares.values()) > 1 + TOLERANCE or min(self.shares.values(), default=0) < 0:
            raise ValueError(f"shares of a split must be parts of 1: {dict(shares)}")
        if "train" not in self.shares:
            raise ValueError("a split states the share that trains")

    def rows(self, count: int, classes: Array | None = None) -> dict[str, Rows]:
        """The numbers below `count` of each split's records, ascending.

        `classes` [count] holds each record's class where the split has a field. A DataError
        where there are fewer records than splits.
        """
        self.check(count)
        order = hashes(self.seed, count).argsort(kind="stable")
        found: dict[str, list[Rows]] = {name: [] for name in self.shares}
        for group in _groups(order, classes):
            start = 0
            for name, size in self.sizes(len(group)).items():
                found[name].append(group[start : start + size])
                start += size
        chosen = {name: np.sort(np.concatenate(pieces)) for name, pieces in found.items()}
        for name, numbers in chosen.items():
            if len(numbers) == 0:
                raise DataError(
                    f"No class of `{self.field}` has enough records to give one to {name}.",
                    "Take more data, fewer splits, or `random` instead of `stratified`.",
                )
        return chosen

    def check(self, count: int) -> None:
        """Raise a DataError where there are fewer records than splits."""
        if count < len(self.shares):
            raise DataError(
                f"{count} records cannot be split into {' and '.join(self.shares)}.",
                "Take more data, or fewer splits.",
            )

    def sizes(self, count: int) -> dict[str, int]:
        """Of each split, by largest remainder; one at least where `count` suffices."""
        rest = 1 - sum(self.shares.values(), Fraction())
        quotas = {name: share * count for name, share in self.shares.items()}
        quotas[""] = rest * count if rest > TOLERANCE else Fraction(0)
        sizes = {name: int(quota) for name, quota in quotas.items()}
        # `sorted` is stable: of equal remainders the first gets the record.
        by_remainder = sorted(quotas, key=lambda name: sizes[name] - quotas[name])
        for name in by_remainder[: count - sum(sizes.values())]:
            sizes[name] += 1
        if count >= len(self.shares):
            for name in self.shares:
                if sizes[name] == 0:
                    sizes[max(sizes, key=lambda other: sizes[other])] -= 1
                    sizes[name] = 1
        del sizes[""]
        return sizes


def random_split(
    train: float | None = None,
    validation: float | None = None,
    test: float | None = None,
    seed: int = 0,
) -> RandomSplit:
    """Records drawn at random, each split its share of the source's training part."""
    return RandomSplit({"train": train, "validation": validation, "test": test}, seed, None)


def stratified_split(
    field: str,
    train: float | None = None,
    validation: float | None = None,
    test: float | None = None,
    seed: int = 0,
) -> RandomSplit:
    """As `random_split` within each class that the raw values of `field` make."""
    return RandomSplit({"train": train, "validation": validation, "test": test}, seed, field)


class KFold:
    """Each record tests in one of `folds` parts and trains in the others; `field` as above.

    The parts' sizes differ by one at most, and so do those of each class of `field`.
    """

    def __init__(self, folds: int, stratify: str | None, seed: int) -> None:
        if folds < 2:
            raise ValueError(f"cross-validation takes two folds or more, not {folds}")
        self.folds = folds
        self.field = stratify
        self.seed = seed

    def rows(
        self, count: int, classes: Array | None = None, fold: int | None = None
    ) -> dict[str, Rows]:
        """What trains and tests in fold 1, 2, …; for None all records train.

        `classes` [count] holds each record's class where there is a field. A DataError where
        there are fewer records than folds.
        """
        if count < self.folds:
            raise DataError(
                f"{count} records cannot be split into {self.folds} folds.",
                "Take more data, or fewer folds.",
            )
        if fold is None:
            return {"train": np.arange(count)}
        order = hashes(self.seed, count).argsort(kind="stable")
        # The classes stand one behind the other, so that dealing goes on where it stopped.
        dealt = np.concatenate(list(_groups(order, classes)))
        tested = np.zeros(count, bool)
        tested[dealt[fold - 1 :: self.folds]] = True
        return {"train": np.flatnonzero(~tested), "test": np.flatnonzero(tested)}


def k_fold(folds: int, stratify: str | None = None, seed: int = 0) -> KFold:
    """Cross-validation; the raw values of the field `stratify` make classes to deal evenly."""
    return KFold(folds, stratify, seed)


class ColumnSplit:
    """Records go where their value of the raw column `column` is named."""

    def __init__(self, column: str, values: Mapping[str, Sequence[object]]) -> None:
        self.column = column
        self.values = {name: [label(value) for value in given] for name, given in values.items()}
        every = [value for given in self.values.values() for value in given]
        if len(set(every)) < len(every):
            raise ValueError(f"a value is in one split alone: {self.values}")
        if not self.values.get("train"):
            raise ValueError("a split names the values that train")

    def rows(self, values: Array, where: Where) -> dict[str, Rows]:
        """The numbers of each split's records, ascending, by their `values` [N] of the column.

        A DataError for a hole, and for a value named that no record has; `where` tells a record.
        """
        holes = values == np.array(None) if values.dtype == object else np.isnan(values)
        if holes.any():
            raise DataError(
                f"The column `{self.column}`, which tells the split, has a hole in "
                f"{where(int(holes.argmax()))}.",
                "Fill it, or remove the record.",
            )
        found = np.array([label(value) for value in values.tolist()], object)
        present = set(found.tolist())
        for name, given in self.values.items():
            for value in given:
                if value not in present:
                    raise DataError(
                        f"No record has `{value}` in the column `{self.column}`, which is named "
                        f"for {name}.",
                        choose(value, sorted(present)),
                    )
        return {
            name: np.flatnonzero([value in given for value in found.tolist()])
            for name, given in self.values.items()
        }

    def left_out(self, values: Array) -> str:
        """A sentence about records whose value no split names; nothing where there are none."""
        named = {value for given in self.values.values() for value in given}
        others = [each for each in map(label, values.tolist()) if each not in named]
        if not others:
            return ""
        listed = ", ".join(f"`{value}`" for value in sorted(set(others))[:10])
        return (
            f"{len(others):,} records are in no split: their {self.column} is {listed}"
            + (", …" if len(set(others)) > 10 else "")
            + "."
        )


def column_split(
    column: str,
    train: object,
    validation: object = None,
    test: object = None,
) -> ColumnSplit:
    """Each split has the records with its value, or one of its list of values, in `column`."""
    given = {"train": train, "validation": validation, "test": test}
    return ColumnSplit(
        column,
        {
            name: value if isinstance(value, list | tuple) else [value]
            for name, value in given.items()
            if value is not None
        },
    )


def hashes(seed: int, count: int) -> NDArray[np.uint64]:
    """The first `count` numbers of splitmix64 started at a mix of `seed`: all distinct."""
    start = np.uint64(int(_mixed(np.array([(seed + GAMMA) & MASK], np.uint64))[0]))
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GAMMA)
    return _mixed(steps + start)


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _groups(order: Rows, classes: Array | None) -> Iterable[Rows]:
    """The records of each class in the order given; all of them where there are no classes."""
    if classes is None:
        return [order]
    if classes.dtype == object:
        classes = np.array(["" if value is None else value for value in classes])
    _, labels = np.unique(classes, return_inverse=True)
    labels = labels[order]
    ends = np.bincount(labels).cumsum()
    return np.split(order[labels.argsort(kind="stable")], ends[:-1])
