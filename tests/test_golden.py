"""Every golden package: it is what its spec compiles to, reads as by hand, builds and trains."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.compiler import ir
from dlc.compiler.dims import Dim
from dlc.compiler.summary import summary
from dlc.compiler.tensor import Type
from dlc.runtime.artifacts import load_weights
from packages import (
    GOLDEN,
    HOME,
    SPECS,
    checked,
    imported,
    package_of,
    trained,
    with_data,
    written,
)

TRAINED = [each for each in SPECS if "train " in each.read_text() and each.stem != "mnist"]
SIZES = {"N": 3, "H": 8, "W": 12, "T": 7, "D": 4}


def by_name(path: Path) -> str:
    return path.stem


def home(spec: Path) -> Path:
    return GOLDEN / package_of(spec).name


@pytest.mark.parametrize("spec", SPECS, ids=by_name)
def test_a_spec_compiles_to_its_golden_package(spec: Path, update_golden: bool) -> None:
    made = package_of(spec)
    folder = GOLDEN / made.name
    if update_golden:
        written(made, GOLDEN)
        for file in {each.name for each in folder.glob("*.py")} - set(made.files):
            (folder / file).unlink()
    assert folder.is_dir(), f"{folder.name} is missing: read it after `pytest --update-golden`"
    assert {each.name for each in folder.glob("*.py")} == set(made.files)
    for file, text in made.files.items():
        assert text.encode() == (folder / file).read_bytes(), f"{folder.name}/{file}"


def test_each_golden_package_has_its_spec() -> None:
    # The networks of specs/zoo have theirs in a folder of their own.
    folders = {each.name for each in GOLDEN.iterdir() if each.is_dir()} - {"zoo"}
    assert folders == {package_of(spec).name for spec in SPECS}
    files = {each.name for each in GOLDEN.iterdir() if each.is_file()}
    assert files == {each.name for each in SPECS if each.parent == GOLDEN} | {"flats.csv"}


LINTED = ["check", "--select", "F,I,UP,B", "--target-version", "py311"]


@pytest.mark.parametrize("command", [["format", "--check"], LINTED], ids=str)
def test_formatter_and_linter_leave_every_golden_as_it_is(command: Sequence[str]) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed beside this Python")
    folders = [str(home(spec)) for spec in SPECS]
    said = subprocess.run(
        [ruff, *command, "--isolated", "--no-cache", *folders], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout


COMPILE_ALL = """
import sys
from hashlib import sha256
from packages import SPECS, package_of
for spec in SPECS:
    files = package_of(spec).files
    print(spec.stem, sha256("".join(k + files[k] for k in files).encode()).hexdigest())
"""


def test_compiling_gives_the_same_bytes_under_every_hash_seed() -> None:
    def compiled(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(HOME / "tests")}
        command = [sys.executable, "-c", COMPILE_ALL]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    first = compiled("1")
    assert first.count("\n") == len(SPECS)
    assert first == compiled("2")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@pytest.mark.parametrize("spec", SPECS, ids=by_name)
def test_emitted_code_imports_torch_and_the_runtime_and_the_model_torch_alone(spec: Path) -> None:
    """The model has Python's `math` besides, where a spec computes with it."""
    assert {name.split(".")[0] for name in imports(home(spec) / "model.py")} - {"math"} == {"torch"}
    for file in home(spec).glob("*.py"):
        for name in imports(file):
            known = (".", "torch", "dlc.runtime.", "collections.abc", "math", "argparse", "copy")
            root = name.startswith(known)
            assert root, f"{file.name} imports {name}"


def test_an_emitted_file_holds_no_name_that_it_does_not_use() -> None:
    """Nothing that this spec does not use: each import, each constant, each field of a batch."""
    for spec in SPECS:
        for file in home(spec).glob("*.py"):
            tree = ast.parse(file.read_bytes())
            used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
            used |= {each.value.id for each in ast.walk(tree) if _dotted(each)}
            named = [each.asname or each.name for each in ast.walk(tree) if _alias(each)]
            assert set(named) <= used, f"{file.name} of {spec.stem}: {set(named) - used}"


def _dotted(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def _alias(node: ast.AST) -> bool:
    return isinstance(node, ast.alias)


def sample(given: Type) -> torch.Tensor:
    """A random tensor of a type, open sizes as `SIZES` says."""
    shape = sizes(given.shape)
    if limit := given.tokens or given.classes:
        return torch.randint(limit, shape)
    return torch.randn(shape, requires_grad=True)


def sizes(shape: Sequence[Dim]) -> list[int]:
    known = [size.substitute(SIZES).value for size in shape]
    assert None not in known, shape
    return [size for size in known if size is not None]


def models(spec: Path) -> list[tuple[ir.TypedModel, Any]]:
    program = checked(spec.read_text(encoding="utf-8"), name=spec.name).program
    assert program is not None
    module = imported(home(spec), "model")
    by_place = [each for each in vars(module).values() if isinstance(each, type)]
    classes = [each for each in by_place if each.__module__ == module.__name__]
    last = classes[-len(program.models) :]
    return list(zip(program.models.values(), last, strict=True))


@pytest.mark.parametrize("spec", SPECS, ids=by_name)
def test_every_shape_and_every_count_is_what_torch_makes_of_the_code(spec: Path) -> None:
    for typed, build in models(spec):
        torch.manual_seed(0)
        model = build()
        network = typed.network
        inputs = [sample(value.type) for value in network.inputs]
        found = model(*inputs)
        outputs = found if isinstance(found, tuple) else (found,)
        assert len(outputs) == len(network.outputs)
        for tensor, value in zip(outputs, network.outputs, strict=True):
            assert list(tensor.shape) == sizes(value.type.shape), value.type
            assert tensor.dtype == torch.float32
            assert bool(tensor.isfinite().all())
        sum(tensor.sum() for tensor in outputs).backward()
        assert all(each.grad is not None for each in model.parameters())
        counted = summary(typed, spec.name)["parameters"]
        assert counted["trainable"] == sum(each.numel() for each in model.parameters())
        assert counted["buffers"] == sum(each.numel() for each in model.buffers())


@pytest.mark.parametrize("spec", SPECS, ids=by_name)
def test_the_shape_behind_each_line_is_the_one_that_torch_finds(spec: Path) -> None:
    """The comments of `forward`, line by line, against the run of that very line."""
    for typed, build in models(spec):
        noted = comments(build.forward)
        names = {line: name for line, (name, _) in noted.items()}
        found = shapes_of_lines(build(), [sample(v.type) for v in typed.network.inputs], names)
        known = {**SIZES, **typed.network.hyperparameters}
        for line, (_, shape) in noted.items():
            assert found[line] == list(eval(shape, dict(known))), f"line {line}: {shape}"
        assert noted


def shapes_of_lines(model: Any, inputs: Sequence[Any], names: dict[int, str]) -> dict[int, Any]:
    """What each line of `forward` that assigns one of the names, or returns, makes."""
    found: dict[int, Any] = {}
    code = model.forward.__code__

    def trace(frame: Any, event: str, result: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "return" and isinstance(result, torch.Tensor):
            found[frame.f_lineno] = list(result.shape)
        for line, name in names.items():
            if event != "call" and name and line < frame.f_lineno and line not in found:
                found[line] = list(frame.f_locals[name].shape)
        return trace

    sys.settrace(trace)
    try:
        model(*inputs)
    finally:
        sys.settrace(None)
    return found


def comments(function: Any) -> dict[int, tuple[str, str]]:
    """The lines of a function that end in a shape: what they assign, and the shape."""
    file = Path(function.__code__.co_filename)
    lines = file.read_text(encoding="utf-8").split("\n")
    first = function.__code__.co_firstlineno
    found = {}
    every = ast.walk(ast.parse("\n".join(lines)))
    (body,) = (n for n in every if isinstance(n, ast.FunctionDef) and n.lineno == first)
    for node in ast.walk(body):
        if isinstance(node, ast.Assign | ast.Return):
            # A shape stands behind its statement or, where that is long, above it; behind it may
            # be the line of the spec too.
            note = lines[node.lineno - 1].partition("  # ")[2].partition("  ")[0]
            above = lines[node.lineno - 2].strip().removeprefix("# ")
            note = note if note.startswith("(") else above
            names = node.targets[0] if isinstance(node, ast.Assign) else None
            single = node.lineno == node.end_lineno and not isinstance(names, ast.Tuple)
            if note.startswith("(") and single:
                found[node.lineno] = (names.id if isinstance(names, ast.Name) else "", note)
    return found


@pytest.mark.parametrize("spec", TRAINED, ids=by_name)
def test_a_golden_trains_and_its_loss_falls(spec: Path, tmp_path: Path) -> None:
    epochs = 1 if spec.stem in ("digits", "gan", "cats_dogs") else 3
    code, run = trained(home(with_data(spec)), tmp_path, spec.parent, epochs)
    assert code in (0, 3), "an expectation may fail after few epochs, nothing else"
    assert load_weights(run / "checkpoints" / "last.pt")
    entries = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    # Of a training in folds the last one counts, which has all records.
    measures = [entry["train"] for entry in entries if "fold" not in entry]
    assert len(measures) == epochs
    if spec.stem in ("gan", "steps"):
        assert all(step["loss"] < 100 for each in measures for step in each.values())
        return
    losses = [each["loss"] for each in measures]
    assert losses[-1] <= losses[0] if "Dropout" not in spec.read_text() else losses[0] < 3


def test_a_size_that_the_model_cannot_take_is_refused_with_the_line_of_the_spec() -> None:
    ((_, build),) = models(GOLDEN / "open_sizes.dl")
    model = build()
    with pytest.raises(ValueError, match=r"^open_sizes\.dl:8: H >= 2 and W >= 2$"):
        model(torch.randn(1, 3, 1, 4))
    with pytest.raises(ValueError, match=r"^open_sizes\.dl:10: .* must hold$"):
        model(torch.randn(1, 3, 5, 4))
    assert model(torch.randn(2, 3, 6, 4))[1].shape == (2, 24)
