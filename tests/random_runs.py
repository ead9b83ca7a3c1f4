"""Many random models and near-misses, judged one after another; what came of them, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import random_faults
import random_models
import random_tree as tree
import random_verdicts
import torch

# Small sizes: there conditions may not be met.
SMALLER: tuple[Mapping[str, int], ...] = (
    {"N": 2, "H": 5, "W": 4, "T": 3, "S": 2},
    {"N": 2, "H": 2, "W": 11, "T": 1, "S": 6},
)


@dataclass
class Counts:
    """What was said of so many specs; `stricter` counts by the reason, failures are whole texts."""

    kinds: Counter[str] = field(default_factory=Counter)
    stricter: Counter[str] = field(default_factory=Counter)
    bindings: int = 0
    failures: list[str] = field(default_factory=list)

    def __iadd__(self, other: Counts) -> Counts:
        self.kinds += other.kinds
        self.stricter += other.stricter
        self.bindings += other.bindings
        self.failures += other.failures
        return self

    def add(self, verdict: random_verdicts.Verdict) -> None:
        self.kinds[verdict.kind] += 1
        self.bindings += verdict.bindings
        if verdict.kind == "stricter":
            self.stricter[verdict.why] += 1

    @property
    def total(self) -> int:
        return self.kinds.total() + len(self.failures)


def valid(spec: tree.Spec, seed: int, counts: Counts) -> None:
    """A valid model: `dlc` accepts it, or refuses it by a promise that is written down."""
    try:
        found = random_verdicts.judged(spec, random_models.BINDINGS, SMALLER)
        if found.kind == "rejected":
            raise random_verdicts.Failure(f"dlc refuses a valid model: {found.why}")
        counts.add(found)
    except random_verdicts.Failure as why:
        counts.failures.append(f"model {seed}: {why}")


def near_miss(spec: tree.Spec, seed: int, counts: Counts) -> None:
    """The same model, one mutation away."""
    kind, mutated = random_faults.mutant(spec, seed)
    try:
        counts.add(random_verdicts.judged(mutated, random_models.BINDINGS, SMALLER))
    except random_verdicts.Failure as why:
        counts.failures.append(f"near-miss {seed} ({kind}): {why}")


def judged(seeds: Iterable[int], misses: int = 1) -> tuple[Counts, Counts]:
    """A valid model of each seed, and so many near-misses of it, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    right, wrong = Counts(), Counts()
    try:
        for seed in seeds:
            spec = random_models.model(seed)
            valid(spec, seed, right)
            for number in range(misses):
                near_miss(spec, misses * seed + number, wrong)
    finally:
        torch.set_num_threads(threads)
    return right, wrong
