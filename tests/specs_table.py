"""Train every spec in full, over its seeds, and write the tables in specs/README.md.

`make specs-table` runs it; `python tests/specs_table.py houses xor` measures some anew,
`--write` only writes the tables again. What was measured is kept in specs_record.json beside this
file, every figure in the tables comes from there, and none is written by hand. Real data is looked
for in DLC_DATA_DIR; a spec whose data is missing keeps its row.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines import BASELINES

HERE = Path(__file__).parent
SPECS = HERE.parent / "specs"
RECORD = HERE / "specs_record.json"
KERAS = HERE / "benchmarks" / "keras" / "record.json"


@dataclass(frozen=True)
class Task:
    """A row: what it is about, over how many seeds, and which measure it shows.

    `keras` names a program and a measure of the recorded originals.
    """

    spec: str
    about: str
    seeds: int
    shows: str
    keras: tuple[str, str] | None = None


TASKS = (
    Task(
        "hello",
        "y = 2x from five points",
        10,
        "predict(x=7).y_hat",
        ("hello", "predict_7_after_500"),
    ),
    Task(
        "hello_longer",
        "the same, for 1,000 epochs",
        10,
        "predict(x=6).y_hat",
        ("hello", "predict_6_after_1000"),
    ),
    Task(
        "linear",
        "y = 2x + 1 from a hundred points",
        10,
        "predict(x=150).y_hat",
        ("linear", "predict_150"),
    ),
    Task("xor", "the smallest task that no line solves", 100, "train.accuracy"),
    Task("digits", "1,797 handwritten digits of 8x8", 5, "test.accuracy"),
    Task(
        "mnist",
        "70,000 handwritten digits of 28x28",
        5,
        "test.accuracy",
        ("mnist, batch 128", "test_accuracy"),
    ),
    Task("fashion", "12,000 clothes of 28x28", 5, "test.accuracy", ("fashion", "test_accuracy")),
    Task(
        "cats_dogs",
        "440 photos of all sizes, as a tutorial does it",
        5,
        "test.accuracy",
        ("cats_dogs", "validation_accuracy"),
    ),
    Task("pets", "the same photos, as a practitioner does it", 5, "test.accuracy"),
    Task(
        "sentences",
        "the sentiment of two sentences",
        5,
        "train.accuracy",
        ("sentiment", "tutorial_two_sentences_accuracy"),
    ),
    Task(
        "sentiment",
        "the sentiment of 3,000 sentences",
        5,
        "test.accuracy",
        ("sentiment", "test_accuracy"),
    ),
    Task("gan", "digits drawn from noise", 5, "train.D.loss"),
    Task(
        "houses",
        "prices of 20,640 districts, with holes",
        5,
        "test.r2_score",
        ("houses", "test_r2"),
    ),
    Task(
        "titanic",
        "who survived, five folds of 891 passengers",
        5,
        "test.accuracy",
        ("titanic", "pooled_accuracy"),
    ),
)


@dataclass(frozen=True)
class Question:
    """A beginner's question; `{spec.measure}` in the answer is a mean from the record."""

    asked: str
    answer: str
    specs: tuple[str, ...]


def mean(record: Mapping[str, Any], spec: str, measure: str) -> float:
    """The mean of a measure over the seeds of a spec."""
    return statistics.mean(record[spec]["values"][measure])


def flat(status: Mapping[str, Any]) -> dict[str, float]:
    """Every single number that a run measured: metrics of splits, and expectations."""
    found: dict[str, float] = {}

    def gather(name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                gather(f"{name}.{key}" if name else key, inner)
        elif isinstance(value, int | float):
            found[name] = float(value)

    gather("", status["results"])
    for each in status["expectations"]:
        words = each["expect"]
        for end in (" within ", " >= ", " > ", " <= ", " < ", " == "):
            words = words.partition(end)[0]
        if isinstance(each["measured"], int | float):
            found.setdefault(words, float(each["measured"]))
    return found


def measured(task: Task, out: Path) -> dict[str, Any] | None:
    """What a spec reaches with each of its seeds; None where its data is missing."""
    spec = SPECS / f"{task.spec}.dl"
    values: dict[str, list[float]] = {}
    seconds, held = [], 0
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
        seconds.append(round(time.monotonic() - started, 2))
        status = json.loads(done.stdout.splitlines()[-1])
        if "error" in status:
            print(f"{task.spec}: {status['error']}", file=sys.stderr)
            return None
        held += done.returncode == 0
        for name, value in flat(status).items():
            values.setdefault(name, []).append(value)
        print(f"{task.spec} seed {seed}: {task.shows} {values[task.shows][-1]:.4f}", flush=True)
    if task.spec in BASELINES:
        values["baseline"] = [BASELINES[task.spec](out)]
    return {"seeds": task.seeds, "held": held, "seconds": seconds, "values": values}


def lines_of(spec: str) -> int:
    """The lines of a spec that say something."""
    text = (SPECS / f"{spec}.dl").read_text(encoding="utf-8")
    return sum(bool(line.strip()) and not line.startswith("#") for line in text.splitlines())


def original(task: Task) -> str:
    """What Keras reached, as recorded."""
    if task.keras is None or not KERAS.exists():
        return ""
    program, measure = task.keras
    programs = json.loads(KERAS.read_text(encoding="utf-8"))["programs"]
    if program not in programs:
        return ""
    found = programs[program]["measures"][measure]
    return f"{found['mean']:.4g} ± {found['deviation']:.2g}"


def row(task: Task, record: Mapping[str, Any]) -> str:
    """A row of the first table."""
    found = record[task.spec]
    values = found["values"][task.shows]
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return (
        f"| [{task.spec}]({task.spec}.dl) | {task.about} | {lines_of(task.spec)} "
        f"| `{task.shows}` {statistics.mean(values):.4g}{spread} | {original(task)} "
        f"| {found['held']}/{found['seeds']} | {statistics.median(found['seconds']):.1f} "
        f"| `dlc run specs/{task.spec}.dl` |"
    )


class Figures(dict[str, str]):
    """`{spec.measure}` in an answer, as a figure of the record."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record

    def of(self, answer: str) -> str:
        """The answer with its figures."""
        parts = answer.split("{")
        text = parts[0]
        for part in parts[1:]:
            name, _, rest = part.partition("}")
            spec, _, measure = name.partition(":")
            text += f"{mean(self.record, spec, measure):.3g}{rest}"
        return text


def replaced(text: str, name: str, table: list[str]) -> str:
    """The page with a table between its two marks."""
    start, end = f"<!-- {name}: make specs-table -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return before + "\n".join([start, "", *table, "", end]) + after


def tables(record: Mapping[str, Any]) -> str:
    """The text of specs/README.md with both tables as the record has them."""
    page = (SPECS / "README.md").read_text(encoding="utf-8")
    results = [
        "| spec | task | lines | reaches | Keras | held | seconds | command |",
        "|---|---|---|---|---|---|---|---|",
        *(row(task, record) for task in TASKS if task.spec in record),
        "",
        f"Whole processes on {record['cores']} CPU cores: the mean over the seeds ± one deviation, "
        "the median of the seconds; lines without comments and blank lines. Keras: the tutorial's "
        "program, as recorded in [tests/benchmarks/keras](../tests/benchmarks/keras/README.md).",
    ]
    from specs_questions import QUESTIONS

    figures = Figures(record)
    asked = ["| question | answer | see |", "|---|---|---|"]
    for each in QUESTIONS:
        names = [spec for spec, *_ in _named(each.answer)]
        if all(name in record for name in names):
            see = ", ".join(f"[{spec}]({spec}.dl)" for spec in each.specs)
            asked.append(f"| {each.asked} | {figures.of(each.answer)} | {see} |")
    return replaced(replaced(page, "table", results), "questions", asked)


def _named(answer: str) -> list[tuple[str, str]]:
    found = []
    for part in answer.split("{")[1:]:
        spec, _, measure = part.partition("}")[0].partition(":")
        found.append((spec, measure))
    return found


def main() -> None:
    """Measure all tasks, or those named on the command line, and write the tables."""
    wanted = [each for each in sys.argv[1:] if not each.startswith("-")]
    if "--write" not in sys.argv and not wanted:
        wanted = [task.spec for task in TASKS]
    record: dict[str, Any] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            if task.spec in wanted:
                found = measured(task, Path(folder) / task.spec)
                if found is not None:
                    record[task.spec] = found
                    record["cores"] = os.cpu_count()
                    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (SPECS / "README.md").write_text(tables(record), encoding="utf-8")


if __name__ == "__main__":
    main()
