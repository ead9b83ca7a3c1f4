"""Splits that leave together what belongs together: by time, and by group."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from .errors import DataError
from .splits import TOLERANCE, RandomSplit, Rows, hashes
from .table import Array, Where, label


class ChronologicalSplit(RandomSplit):
    """The first records train, those behind them validate, the last ones test.

    A share is a part of 1. Where shares fall short of 1, the records between those that train
    and the next split are in none.
    """

    def __init__(self, shares: Mapping[str, float | None]) -> None:
        super().__init__(shares, 0, None)

    def rows(self, count: int, classes: Array | None = None) -> dict[str, Rows]:
        """The numbers below `count` of each split's records, ascending, without gaps."""
        self.check(count)
        sizes = self.sizes(count)
        found = {"train": np.arange(sizes["train"])}
        end = count
        for name in reversed([name for name in sizes if name != "train"]):
            found[name] = np.arange(end - sizes[name], end)
            end -= sizes[name]
        return {name: found[name] for name in sizes}


def chronological_split(
    train: float | None = None, validation: float | None = None, test: float | None = None
) -> ChronologicalSplit:
    """The source's training part by its order: train first, then validation, test last."""
    return ChronologicalSplit({"train": train, "validation": validation, "test": test})


class GroupSplit(RandomSplit):
    """As `RandomSplit`, but records with one value of the raw column `column` stay together.

    Groups come in an order that their names and the seed make, and each goes to the split that
    lacks most records then. So shares are met as nearly as groups of that size allow, and the
    order of the records changes nothing.
    """

    def __init__(self, column: str, shares: Mapping[str, float | None], seed: int) -> None:
        super().__init__(shares, seed, None)
        self.column = column

    def rows_of(self, values: Array, where: Where) -> dict[str, Rows]:
        """The numbers of each split's records, ascending, by their `values` [N] of the column.

        A DataError for a hole, whose record `where` tells, and for fewer groups than splits.
        """
        groups = grouped(self.column, values, where)
        sizes = np.bincount(groups).tolist()
        if len(sizes) < len(self.shares):
            raise DataError(
                f"The column `{self.column}` has {len(sizes)} different "
                f"{'value' if len(sizes) == 1 else 'values'}, which cannot be split into "
                f"{' and '.join(self.shares)}.",
                "Take more data, fewer splits, or another column.",
            )
        rest = 1 - sum(self.shares.values(), Fraction())
        every = self.shares | ({"": rest} if rest > TOLERANCE else {})
        lacking = {name: share * len(values) for name, share in every.items()}
        empty = set(self.shares)
        owner: list[str] = [""] * len(sizes)
        for left, group in zip(range(len(sizes), 0, -1), self._order(len(sizes)), strict=True):
            among = [name for name in every if name in empty] if left <= len(empty) else [*every]
            name = max(among, key=lambda each: lacking[each])
            owner[group] = name
            lacking[name] -= sizes[group]
            empty.discard(name)
        owners = np.array(owner, object)[groups]
        return {name: np.flatnonzero(owners == name) for name in self.shares}

    def _order(self, count: int) -> list[int]:
        order: list[int] = hashes(self.seed, count).argsort(kind="stable").tolist()
        return order


def group_split(
    column: str,
    train: float | None = None,
    validation: float | None = None,
    test: float | None = None,
    seed: int = 0,
) -> GroupSplit:
    """Whole groups drawn at random, each split about its share of the records."""
    return GroupSplit(column, {"train": train, "validation": validation, "test": test}, seed)


def grouped(column: str, values: Array, where: Where) -> Rows:
    """[N]: the number of each record's group; groups are numbered by their names' code points."""
    holes = values == np.array(None) if values.dtype == object else np.isnan(values)
    if holes.any():
        raise DataError(
            f"The column `{column}`, which tells the group, has a hole in "
            f"{where(int(holes.argmax()))}.",
            "Fill it, or remove the record.",
        )
    names = [label(value) for value in values.tolist()]
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))
