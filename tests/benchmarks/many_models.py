"""Random whole models against torch: valid ones, and near-misses one mutation away.

python tests/benchmarks/many_models.py [--count 10000] [--first 0] [--processes 2]

Prints what disagrees as it is found, then one line of counts; exit code 1 where anything disagrees.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

# Shapes are small: more threads only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PORTION = 50


def portion(seeds: range) -> tuple[object, object]:
    from random_runs import judged

    return judged(seeds)


def main() -> None:
    from random_runs import Counts

    parser = argparse.ArgumentParser(description="Hold random models against torch.")
    parser.add_argument("--count", type=int, default=10_000, help="of each kind (default 10000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="(default: cores)")
    options = parser.parse_args()
    end = options.first + options.count
    portions = [range(n, min(n + PORTION, end)) for n in range(options.first, end, PORTION)]
    valid, missed = Counts(), Counts()
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for first, second in pool.imap_unordered(portion, portions):
            valid += first
            missed += second
            print(f"{valid.total:,}", end="\r", file=sys.stderr, flush=True)
            for failure in (*first.failures, *second.failures):
                print(failure, end="\n\n", flush=True)
    print("\n".join(lines(valid, missed)))
    print(f"{time.perf_counter() - start:.0f} seconds")
    sys.exit(1 if valid.failures or missed.failures else 0)


def lines(valid: object, missed: object) -> list[str]:
    """The result: promises first, then one line of all."""
    from random_runs import Counts

    assert isinstance(valid, Counts)
    assert isinstance(missed, Counts)
    reasons = (valid.stricter + missed.stricter).most_common()
    return [
        *(f"{count:6}  refused though torch runs it: {why}" for why, count in reasons),
        f"{valid.total:,} models: {valid.kinds['agreed']:,} agree with torch at "
        f"{valid.bindings:,} bindings, {valid.kinds['stricter']:,} are refused by a promise; "
        f"{missed.total:,} near-misses: {missed.kinds['rejected']:,} rejected by both, "
        f"{missed.kinds['agreed']:,} valid in torch too, {missed.kinds['stricter']:,} refused by a "
        f"promise, {missed.kinds['unsure'] + valid.kinds['unsure']:,} beyond the oracle; "
        f"{len(valid.failures) + len(missed.failures):,} disagree",
    ]


if __name__ == "__main__":
    main()
