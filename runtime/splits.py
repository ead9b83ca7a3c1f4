"""Which records train, validate and test: the same on every machine and in every version.

A record's place comes from its number and the split's seed through splitmix64 (Steele, Lea and
Flood 2014), never from a library's generator, which may change.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .table import Array

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
        if count < len(self.shares):
            raise DataError(
                f"{count} records cannot be split into {' and '.join(self.shares)}.",
                "Take more data, or fewer splits.",
            )
        order = hashes(self.seed, count).argsort(kind="stable")
        found: dict[str, list[Rows]] = {name: [] for name in self.shares}
        for group in _groups(order, classes):
            start = 0
            for name, size in self._sizes(len(group)).items():
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

    def _sizes(self, count: int) -> dict[str, int]:
        """By largest remainder; one at least for each split where `count` suffices."""
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
