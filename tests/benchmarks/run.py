"""Whole process against whole process: `dlc` and what it is compared with, in interleaved rounds.

DLC_DATA_DIR=… python tests/benchmarks/run.py [--only TASK]… [--pairs N] [--epochs N]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPECS = HERE.parent.parent / "specs"
DLC = str(Path(sys.executable).with_name("dlc"))
TASKS = ("hello", "xor", "mnist", "check", "largest", "deepest", "layers")
LAYERS = 10_000


@dataclass(frozen=True, slots=True)
class Rival:
    """A command that `dlc` is timed against, and the ratio of times that it shall not exceed."""

    name: str
    command: tuple[str, ...]
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds on the clock, and of processor time (user and system)."""

    wall: float
    processor: float


def contest(task: str, folder: str, epochs: int) -> tuple[tuple[str, ...], tuple[Rival, ...]]:
    """The command of `dlc` for a task, and its rivals."""
    python, spec = sys.executable, str(SPECS / f"{task}.dl")
    if task in ("check", "largest", "deepest", "layers"):
        goal = {"check": 2.0, "largest": 3.0, "deepest": 3.0}.get(task)
        libraries = Rival(
            "import lark, click, jinja2", (python, "-c", "import lark, click, jinja2"), goal
        )
        return (DLC, "check", checked(task, folder)), (libraries,)
    bare = Rival("import torch", (python, "-c", "import torch"), None if task == "mnist" else 1.3)
    length = (str(epochs),) if task == "mnist" else ()
    expert = Rival("expert", (python, str(HERE / "experts" / f"{task}.py"), *length), 1.1)
    usual = Rival("usual", (python, str(HERE / "usual" / f"{task}.py"), *length), 0.7)
    settings = ("--set", f"epochs={epochs}") if task == "mnist" else ()
    return (DLC, "run", spec, "--out", folder, *settings), (bare, expert, usual)


def checked(task: str, folder: str) -> str:
    """The spec that a task checks: a small one, the longest, the one of most layers, or more."""
    if task == "check":
        return str(SPECS / "mnist.dl")
    if task == "largest":
        return str(max(SPECS.rglob("*.dl"), key=lambda path: path.stat().st_size))
    if task == "deepest":
        return str(SPECS / "zoo" / "densenet121.dl")
    path = Path(folder) / "layers.dl"
    lines = ("  h = h -> Linear(16) -> relu" for _ in range(LAYERS // 2 - 1))
    model = ("model Net {", "  input h: f32[N, 16]", *lines, "  output y = h -> Linear(1)", "}")
    path.write_text("\n".join((*model, "")))
    return str(path)


def cost(command: tuple[str, ...]) -> Cost:
    """Run a command to its end; its own output is shown only where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # 3: trained, but in so few epochs the spec's expectation does not hold.
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}\n{done.stdout}\nended with {done.returncode}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used)


def rounds(commands: list[tuple[str, ...]], pairs: int) -> list[list[Cost]]:
    """Each command's costs; all run once unmeasured, then in turn, so that load meets all alike."""
    for command in commands:
        cost(command)
    taken = [[cost(command) for command in commands] for _ in range(pairs)]
    return [list(column) for column in zip(*taken, strict=True)]


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median over the rounds of ours divided by theirs in the same round."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def rows(task: str, rivals: tuple[Rival, ...], costs: list[list[Cost]]) -> Iterator[str]:
    """The lines of the table for one task, that of `dlc` first."""
    ours = costs[0]
    named = [Rival("dlc", ()), *rivals]
    for rival, theirs in zip(named, costs, strict=True):
        wall = statistics.median(one.wall for one in theirs)
        processor = statistics.median(one.processor for one in theirs)
        line = f"{task:7} {rival.name:27} {wall:8.2f} {processor:8.2f}"
        if rival.command:
            by_wall = ratio([one.wall for one in ours], [one.wall for one in theirs])
            by_processor = ratio([one.processor for one in ours], [one.processor for one in theirs])
            goal = f"{rival.goal:8.2f}" if rival.goal else f"{'-':>8}"
            line += f" {by_wall:10.2f} {by_processor:10.2f} {goal}"
            line += "  missed" if rival.goal and by_wall > rival.goal else ""
        yield line


def main() -> None:
    parser = argparse.ArgumentParser(description="Time dlc against its rivals, process by process.")
    parser.add_argument("--only", action="append", choices=TASKS, help="may be repeated")
    parser.add_argument("--pairs", type=int, default=7, help="measured rounds (default 7)")
    parser.add_argument("--epochs", type=int, default=1, help="epochs of mnist (default 1)")
    options = parser.parse_args()
    tasks = options.only or TASKS
    if "mnist" in tasks and "DLC_DATA_DIR" not in os.environ:
        parser.error("mnist needs DLC_DATA_DIR, the folder that holds mnist/*.gz")
    print(f"{'':35} {'seconds, median':>17} {'dlc / this, median':>21}")
    print(f"{'task':7} {'command':27} {'wall':>8} {'cpu':>8} {'wall':>10} {'cpu':>10} {'goal':>8}")
    for task in tasks:
        with tempfile.TemporaryDirectory() as folder:
            command, rivals = contest(task, folder, options.epochs)
            costs = rounds([command, *(rival.command for rival in rivals)], options.pairs)
        print("\n".join(rows(task, rivals, costs)), flush=True)


if __name__ == "__main__":
    main()
