"""What the template of `train.py` sees, whatever kind of training it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .names import imported
from .text import call, quote

# What can be said on the command line, and what it is.
ARGUMENTS = {
    "EPOCHS": "passes over the data",
    "STEPS": "batches to train on",
    "BATCH": "records of a batch",
    "SEED": "of weights and order",
}


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function that stands before `train`: every line is ready."""

    signature: str
    summary: str
    body: tuple[str, ...]
    learns: bool = False


@dataclass(frozen=True, slots=True)
class TrainFile:
    """The parts of `train.py`, from top to bottom.

    `given` are parameters for models that trainings before have made; `part`: it is one of several.
    """

    title: str
    summary: str
    imports: tuple[str, ...]
    data: str
    models: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[FunctionText, ...]
    gives: str
    setup: tuple[str, ...]
    epochs: str
    before: tuple[str, ...]
    unpacked: str
    batches: str
    step: tuple[str, ...]
    after: tuple[str, ...]
    finish: tuple[str, ...]
    returned: str
    given: str = ""
    part: bool = False
    template: str = "train.py.j2"

    @property
    def main(self) -> tuple[str, ...]:
        """What a command line does."""
        return tuple(main_lines([each.partition(" ")[0] for each in self.constants]))


def main_lines(constants: Sequence[str]) -> Iterator[str]:
    """The parser of a command line, whose defaults are the constants of the file, and the run."""
    numbers = [each for each in constants if each in ARGUMENTS]
    yield "parser = ArgumentParser(description=__doc__)"
    for name in numbers:
        named = {"type": "int", "default": name, "help": quote(ARGUMENTS[name])}
        yield call("parser.add_argument", [quote(f"--{name.lower()}")], named)
    yield 'parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 or mps")'
    yield 'parser.add_argument("--data", nargs="*", default=[], help="folders that have data")'
    yield 'parser.add_argument("--out", default="runs", help="where the run gets a folder")'
    yield 'parser.add_argument("--resume", default="", help="folder of a run to go on with")'
    yield "given = vars(parser.parse_args())"
    if numbers:
        taken = ", ".join(f"given.pop({quote(name.lower())})" for name in numbers)
        yield f"{', '.join(numbers)} = {taken}"
    yield "raise SystemExit(launch(train, **given))"


def run_imports(part: bool = False) -> dict[str, set[str]]:
    """What every `train.py` imports; a `part` of one has no command line."""
    if part:
        return {"dlc.runtime.run": {"Run"}}
    return {"argparse": {"ArgumentParser"}, "dlc.runtime.run": {"Run", "launch"}}


def import_lines(imports: Mapping[str, set[str]], lines: Sequence[str]) -> tuple[str, ...]:
    """The imports of a file that holds these lines."""
    given = dict(imports)
    plain = []
    first = ("argparse", "copy", "math")
    standard = {str(name): given.pop(name) for name in first if name in given}
    if any("torch." in line for line in lines):
        plain.append("import torch")
    if any("F." in line for line in lines):
        plain.append("import torch.nn.functional as F")
    last: dict[str, set[str]] = {}
    for module in sorted(given):
        if module.split(".")[0] == "torch":
            last[module] = given.pop(module)
    found = [*plain, *imported(given), *imported(last)]
    return (*imported(standard), *([""] if standard and found else []), *found)
