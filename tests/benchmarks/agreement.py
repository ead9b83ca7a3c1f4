"""Every record of the catalogue against torch, on many drawn cases: how often they agree.

python tests/benchmarks/agreement.py [--cases N] [--seed N] [--only LAYER]… [--reasons]
"""

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agreement import Case, Drawn, Verdict, agree_open, cases, compared, opened_cases
from hypothesis import HealthCheck, Phase, given, seed, settings
from test_agreement import DRAWN

CASES = 50


@dataclass(slots=True)
class Tally:
    """How many cases of one kind ended how; `reasons` are of those where one side is stricter."""

    ended: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, layer: str, verdict: Verdict) -> None:
        """Count a case of a layer."""
        self.ended[verdict.kind] += 1
        if verdict.reason:
            self.reasons[verdict.kind, verdict.reason, layer] += 1

    def fail(self, case: Case, opened: set[int] | None, why: AssertionError) -> None:
        """Count a case in which the two differ."""
        self.ended["differs"] += 1
        names = "" if opened is None else f" with names for {sorted(opened)}"
        self.failures.append(f"{case}{names}: {why}")

    @property
    def compared(self) -> int:
        """The cases that say something: those left closed do not."""
        return sum(self.ended.values()) - self.ended["closed"]


def draw(layer: str, drawn: Drawn, wanted: int, start: int, closed: Tally, open_: Tally) -> None:
    """Draw cases of a layer, with numbers for all sizes and with names for some; count them."""
    quick = settings(
        max_examples=wanted,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(start)
    @quick
    @given(cases(layer, drawn))
    def with_numbers(case: Case) -> None:
        try:
            closed.add(layer, compared(case, drawn))
        except AssertionError as why:
            closed.fail(case, None, why)

    @seed(start)
    @quick
    @given(opened_cases(layer, drawn))
    def with_names(found: tuple[Case, set[int], int]) -> None:
        case, opened, grown = found
        try:
            open_.add(layer, agree_open(case, drawn, opened, grown))
        except AssertionError as why:
            open_.fail(case, opened, why)

    with_numbers()
    if drawn.opened:
        with_names()


def described(name: str, tally: Tally) -> str:
    """One line: how the cases of a kind ended."""
    ended = tally.ended
    return (
        f"{name}: {tally.compared:,} cases, {ended['gives']:,} give the same, "
        f"{ended['refuses']:,} refused by both, {ended['stricter']:,} by us alone for a stated "
        f"reason, {ended['looser']:,} by torch alone for a stated reason, "
        f"{ended['differs']:,} differ"
    )


def listed(tally: Tally) -> list[str]:
    """The reasons where one side is stricter, the most frequent first, with their layers."""
    layers: dict[tuple[str, str], list[str]] = {}
    for kind, reason, layer in tally.reasons:
        layers.setdefault((kind, reason), []).append(layer)
    totals: Counter[tuple[str, str]] = Counter()
    for (kind, reason, _), count in tally.reasons.items():
        totals[kind, reason] += count
    return [
        f"{count:7} {kind}: {reason} ({', '.join(sorted(layers[kind, reason]))})"
        for (kind, reason), count in totals.most_common()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold every record against torch.")
    parser.add_argument("--cases", type=int, default=CASES, help="a layer, of each of both kinds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", choices=sorted(DRAWN), help="may be repeated")
    parser.add_argument("--reasons", action="store_true", help="why one side is stricter")
    options = parser.parse_args()
    layers = options.only or list(DRAWN)
    start, tallies = time.perf_counter(), [Tally(), Tally()]
    for layer in layers:
        draw(layer, DRAWN[layer], options.cases, options.seed, *tallies)
    for name, tally in zip(("sizes that are numbers", "open sizes"), tallies, strict=True):
        if options.reasons:
            print("\n".join(listed(tally)))
        print("\n".join(tally.failures), end="\n" * bool(tally.failures))
        print(described(name, tally))
    total = sum(tally.compared for tally in tallies)
    differ = sum(tally.ended["differs"] for tally in tallies)
    seconds = time.perf_counter() - start
    print(
        f"{len(layers)} layers and functions, {total:,} configurations: "
        f"{100 * (total - differ) / total:.2f} % agree with torch ({seconds:.0f} s)"
    )
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
