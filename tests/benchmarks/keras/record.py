"""Run every program over five seeds, write record.json, and from it the table in README.md.

DLC_DATA_DIR=… python tests/benchmarks/keras/record.py [--only PROGRAM]… [--table]

`--only` measures some programs anew and keeps what is recorded of the others; `--table` measures
nothing and writes the table again from record.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECORD, PAGE = HERE / "record.json", HERE / "README.md"
START, END = "<!-- table: record.py -->", "<!-- end of table -->"
SEEDS = range(5)


@dataclass(frozen=True, slots=True)
class Program:
    """A script, what it is given, and the backend that Keras runs it on."""

    script: str
    arguments: tuple[str, ...] = ()
    backend: str = "tensorflow"


PROGRAMS = {
    "hello": Program("hello.py", backend="jax"),
    "linear": Program("linear.py", backend="jax"),
    "xor": Program("xor.py", backend="jax"),
    "mnist": Program("mnist.py"),
    "mnist, batch 128": Program("mnist.py", ("--batch", "128")),
    "fashion": Program("mnist.py", ("--data", "fashion-mnist-subset")),
    "cats_dogs": Program("cats_dogs.py"),
    "sentiment": Program("sentiment.py", backend="jax"),
    "gan": Program("gan.py"),
    "houses": Program("houses.py"),
    "titanic": Program("titanic.py", backend="jax"),
}


def versions() -> dict[str, str]:
    """What the programs ran on."""
    packages = ("keras", "tensorflow-cpu", "jax", "numpy", "scikit-learn", "pillow")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def measured(program: Program, seed: int) -> dict[str, float]:
    """The measures that one program prints for one seed."""
    script = str(HERE / program.script)
    command = [sys.executable, script, *program.arguments, "--seed", str(seed)]
    surroundings = os.environ | {"KERAS_BACKEND": program.backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def entry(program: Program) -> dict[str, object]:
    """What is recorded of a program: each measure by seed; of the seconds the median alone."""
    runs = [measured(program, seed) for seed in SEEDS]
    seconds = statistics.median([run.pop("fit_seconds") for run in runs])
    measures = {
        name: {
            "values": (values := [run[name] for run in runs]),
            "mean": statistics.mean(values),
            "deviation": statistics.stdev(values),
        }
        for name in runs[0]
    }
    return {"backend": program.backend, "fit_seconds": round(seconds, 1), "measures": measures}


def table(record: dict) -> str:
    """The record as a table in Markdown."""
    lines = [
        "| program | measure | mean | deviation | least | greatest | backend | fit, seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for program, found in record["programs"].items():
        first = (program, found["backend"], found["fit_seconds"])
        for name, each in found["measures"].items():
            values = each["values"]
            figures = (each["mean"], each["deviation"], min(values), max(values))
            cells = " | ".join(f"{figure:.5g}" for figure in figures)
            lines.append(f"| {first[0]} | {name} | {cells} | {first[1]} | {first[2]} |")
            first = ("", "", "")
    used = ", ".join(f"{name} {value}" for name, value in record["versions"].items())
    lines += ["", f"Seeds {', '.join(map(str, record['seeds']))}; {used}. {record['timing']}"]
    return "\n".join(lines)


def write(record: dict) -> None:
    """The record, and the page that shows it."""
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n\n{table(record)}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Record what the Keras programs reach.")
    parser.add_argument("--only", action="append", choices=PROGRAMS, help="may be repeated")
    parser.add_argument("--table", action="store_true", help="measure nothing, write the table")
    options = parser.parse_args()
    if options.table:
        write(json.loads(RECORD.read_text(encoding="utf-8")))
        return
    if "DLC_DATA_DIR" not in os.environ:
        parser.error("DLC_DATA_DIR names the folder that holds the data")
    for program in options.only or PROGRAMS:
        found = entry(PROGRAMS[program])
        # Read and written for each program: a run that is broken off keeps what it has.
        kept = json.loads(RECORD.read_text(encoding="utf-8"))["programs"] if RECORD.exists() else {}
        kept[program] = found
        record = {
            "versions": versions(),
            "seeds": list(SEEDS),
            "timing": (
                f"Seconds: median over the seeds of the main fit, on {os.cpu_count()} CPU cores "
                "shared with other work, so an order of magnitude and no benchmark."
            ),
            "programs": {name: kept[name] for name in PROGRAMS if name in kept},
        }
        write(record)
        print(program, json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
