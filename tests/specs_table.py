"""Train every spec in full, over its seeds, and write the table in specs/README.md.

`make specs-table` runs it. Real data is looked for in DLC_DATA_DIR; a spec whose data is missing is
left out with a note. Every figure in the table is measured here, none is written by hand.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).parent.parent / "specs"
START, END = "<!-- table: make specs-table -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Task:
    """A row: what it is about, over how many seeds, and which measures it shows."""

    spec: str
    about: str
    seeds: int
    shows: str


TASKS = (
    Task("hello", "y = 2x from five points", 10, "predict(x=7).y_hat"),
    Task("linear", "y = 2x + 1 from a hundred points", 10, "predict(x=150).y_hat"),
    Task("xor", "the smallest task that no line solves", 10, "accuracy"),
    Task("digits", "1,797 handwritten digits of 8x8", 5, "accuracy"),
    Task("mnist", "70,000 handwritten digits of 28x28", 3, "accuracy"),
)


def measured(status: dict, shows: str) -> float:
    """The measure that a row shows: of an expectation, or a metric of the test or train split."""
    for each in status["expectations"]:
        if each["expect"].startswith(shows):
            return float(each["measured"])
    results = status["results"]
    return float(results.get("test", results["train"])[shows])


def row(task: Task, out: Path) -> str | None:
    """One row of the table, after all its seeds; None where its data is missing."""
    spec = SPECS / f"{task.spec}.dl"
    values, seconds, held = [], [], 0
    for seed in range(task.seeds):
        started = time.monotonic()
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from dlc.compiler.cli import main; main()", "run"),
                *(str(spec), "--set", f"seed={seed}", "--out", str(out / str(seed)), "--json"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds.append(time.monotonic() - started)
        status = json.loads(done.stdout.splitlines()[-1])
        if "error" in status:
            print(f"{task.spec}: {status['error']}", file=sys.stderr)
            return None
        held += done.returncode == 0
        values.append(measured(status, task.shows))
        print(f"{task.spec} seed {seed}: {task.shows} {values[-1]:.4f}", flush=True)
    lines = sum(
        bool(line.strip()) and not line.startswith("#")
        for line in spec.read_text(encoding="utf-8").splitlines()
    )
    reaches = f"{task.shows} {statistics.mean(values):.4g} ({min(values):.4g} … {max(values):.4g})"
    return (
        f"| [{task.spec}]({task.spec}.dl) | {task.about} | {lines} | {reaches} | "
        f"{held}/{task.seeds} | {statistics.median(seconds):.1f} | `dlc run specs/{task.spec}.dl` |"
    )


def main() -> None:
    """Run all tasks, or those named on the command line, and rewrite the table."""
    wanted = sys.argv[1:] or [task.spec for task in TASKS]
    page = SPECS / "README.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    old, _, after = rest.partition(END)
    rows = {line.split("]")[0][3:]: line for line in old.splitlines() if line.startswith("| [")}
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            if task.spec in wanted:
                found = row(task, Path(folder))
                if found is not None:
                    rows[task.spec] = found
    head = [
        "| spec | task | lines | reaches, mean (least … greatest) | held | seconds | command |",
        "|---|---|---|---|---|---|---|",
    ]
    ordered = [rows[task.spec] for task in TASKS if task.spec in rows]
    note = (
        f"Whole processes on {os.cpu_count()} CPU cores, median over the seeds; "
        "lines without comments and blank lines."
    )
    table = "\n".join([START, "", *head, *ordered, "", note, "", END])
    page.write_text(before + table + after, encoding="utf-8")


if __name__ == "__main__":
    main()
