"""`dlc compile --standalone`: a package that trains and predicts where there is no dlc."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import pytest
from commands import MODEL, TRAINED, dlc, workspace
from dlc.compiler.standalone import needs, standalone
from packages import SPECS, package, package_of

RUFF = Path(sys.executable).parent / "ruff"
# Runs a module in a Python that has no dlc, and cannot come by one.
WITHOUT = """
import runpy, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "dlc":
            raise ModuleNotFoundError(f"there is no {name} here")

sys.meta_path.insert(0, Nothing())
try:
    import dlc
except ModuleNotFoundError:
    sys.path.insert(0, ".")
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    raise SystemExit("dlc is there")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with specs."""
    monkeypatch.chdir(tmp_path)
    return workspace(tmp_path)


def alone(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """A module run as `python -m` in a folder, without dlc."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def imports(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append("." * node.level + (node.module or ""))
    return found


def test_without_dlc_the_package_trains_and_its_run_predicts(here: Path) -> None:
    assert dlc("compile", "line.dl", "--standalone").code == 0
    said = alone(here, "line.train")
    assert said.returncode == 0, said.stderr
    assert "warning" not in said.stderr
    (run,) = (here / "runs" / "line").iterdir()
    assert (run / "report.html").stat().st_size > 1000
    assert json.loads((run / "status.json").read_text())["status"] == "done"
    said = alone(run / "generated", "line.predict", given="3\n")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("y_hat: ")


def test_with_and_without_dlc_the_same_is_learned(here: Path) -> None:
    import torch

    dlc("compile", "line.dl", "--standalone")
    assert alone(here, "line.train").returncode == 0
    assert dlc("run", "line.dl", "-q", "--out", "with").code == 0

    def weights(out: str) -> dict[str, Any]:
        (run,) = (here / out / "line").iterdir()
        found: dict[str, Any] = torch.load(run / "checkpoints" / "last.pt", weights_only=True)
        return found["model"]

    torch.testing.assert_close(weights("runs"), weights("with"), rtol=0, atol=0)


def test_a_package_that_is_not_standalone_needs_dlc(here: Path) -> None:
    dlc("compile", "line.dl")
    said = alone(here, "line.train")
    assert said.returncode != 0 and "there is no dlc" in said.stderr


def test_a_model_alone_needs_torch_alone(here: Path) -> None:
    assert "it needs torch\n" in dlc("compile", "net.dl", "--standalone").out
    names = {"__init__.py", "model.py", "requirements.txt"}
    assert {each.name for each in (here / "net").iterdir()} == names


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_import_is_of_the_package_or_told(spec: Path) -> None:
    made = standalone(package_of(spec).files)
    # What is imported where it is used alone, by specs that ask for it.
    extras = {"PIL", "soundfile", "polars", "tokenizers", "safetensors"}
    modules = {each.removesuffix(".py").removesuffix("/__init__") for each in made}
    known = {*sys.stdlib_module_names, "_typeshed", *needs(made), *extras}
    for name, text in made.items():
        if not name.endswith(".py"):
            continue
        folders = name.split("/")[:-1]
        for module in imports(text):
            inner = module.lstrip(".")
            if inner == module:
                assert module.partition(".")[0] in known, f"{name} imports {module}"
                continue
            home = folders[: len(folders) + 1 - (len(module) - len(inner))]
            path = "/".join([*home, *filter(None, inner.split("."))])
            assert path in modules or path == "runtime", f"{name} imports {module}"


def test_parts_that_are_not_used_stay_away() -> None:
    plain = standalone(package(TRAINED).files)
    source = "\n".join(text for name, text in plain.items() if "/" not in name)
    assert "runtime/grid.py" not in plain and "grid" not in source
    assert "runtime/run.py" in plain and "runtime/report/page.py" in plain
    assert "runtime/__init__.py" in plain and "runtime/report/__init__.py" in plain


def test_parts_are_those_of_the_runtime_under_its_licence() -> None:
    made = standalone(package(TRAINED).files)
    parts = {name: text for name, text in made.items() if name.startswith("runtime/")}
    assert len(parts) > 20
    for name, text in parts.items():
        licence, _, rest = text.partition("\n")
        assert licence.startswith("# ") and "SPDX-License-Identifier: Apache-2.0" in licence
        own = resources("dlc.runtime").joinpath(name.removeprefix("runtime/"))
        assert rest == own.read_text(encoding="utf-8")


def test_models_and_what_imports_no_runtime_stay_as_they_are() -> None:
    files = package(TRAINED).files
    made = standalone(files)
    for name, text in files.items():
        if "dlc.runtime" not in text:
            assert made[name] == text
        else:
            assert "dlc.runtime" not in made[name] and made[name] != text
            rest = [line for line in text.split("\n") if "import" not in line and line.strip(" )")]
            assert set(rest) <= set(made[name].split("\n"))


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed beside this Python")
def test_formatter_and_linter_leave_the_rewritten_files(tmp_path: Path) -> None:
    for spec in SPECS:
        made = package_of(spec)
        for name, text in standalone(made.files).items():
            if "/" not in name and name.endswith(".py"):
                path = tmp_path / made.name / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for command in (["format", "--check"], ["check", "--select", "F,I,B"]):
        said = subprocess.run(
            [RUFF, *command, "--isolated", "--no-cache", tmp_path], capture_output=True, text=True
        )
        assert said.returncode == 0, said.stdout


def test_what_is_needed_is_said_and_written(here: Path) -> None:
    pictures = TRAINED.replace("f32[1] = [1, 2]", "f32[1, 1, 1] = [1, 2] -> reshape(1, 1, 1)")
    pictures = pictures.replace("x: f32[N, 1]", "x: f32[N, 1, 1, 1]").replace(
        "x -> Linear", "x -> flatten(1) -> Linear"
    )
    (here / "seen.dl").write_text(pictures)
    assert "it needs torch and numpy\n" in dlc("compile", "line.dl", "--standalone").out
    assert "it needs torch and numpy and pillow\n" in dlc("compile", "seen.dl", "--standalone").out
    lines = (here / "seen" / "requirements.txt").read_text().splitlines()
    assert [each for each in lines if not each.startswith("#")] == ["torch", "numpy", "pillow"]


def test_compiling_twice_gives_the_same_and_check_knows_it(here: Path) -> None:
    dlc("compile", "line.dl", "--standalone")
    before = {each: each.read_bytes() for each in (here / "line").rglob("*.*") if each.is_file()}
    dlc("compile", "line.dl", "--standalone")
    assert before == {each: each.read_bytes() for each in before}
    assert dlc("compile", "line.dl", "--standalone", "--check").code == 0
    (here / "line" / "runtime" / "table.py").unlink()
    said = dlc("compile", "line.dl", "--standalone", "--check")
    assert said.code == 1 and os.path.join("runtime", "table.py") in said.err


def test_compiling_without_it_takes_the_parts_away_again(here: Path) -> None:
    dlc("compile", "line.dl", "--standalone")
    (here / "line" / "notes.txt").write_text("mine")
    said = dlc("compile", "line.dl", "--check")
    assert said.code == 1 and "files of --standalone are left over" in said.err
    (line,) = dlc("compile", "line.dl", "--check", "--json").lines
    assert sum(each["what"] == "left over" for each in line["stale"]) > 20
    assert dlc("compile", "line.dl").code == 0
    names = {"__init__.py", "data.py", "model.py", "notes.txt", "predict.py", "train.py"}
    assert {each.name for each in (here / "line").iterdir()} == names
    assert dlc("compile", "line.dl", "--check").code == 0


def test_parts_of_ones_own_in_a_folder_of_that_name_stay(here: Path) -> None:
    dlc("compile", "line.dl", "--standalone")
    (here / "line" / "runtime" / "mine.py").write_text("mine = 1\n")
    (here / "line.dl").write_text(MODEL)
    dlc("compile", "line.dl")
    left = {str(each.relative_to(here / "line")) for each in (here / "line").rglob("*")}
    assert left == {"__init__.py", "model.py", "runtime", os.path.join("runtime", "mine.py")}
