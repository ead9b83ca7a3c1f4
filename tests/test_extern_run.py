"""`dlc run` with modules of Python, and what is said where they do something wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from commands import dlc
from outside_modules import SPEC, outside_folder, package
from packages import imported, written

__all__ = ["outside_folder"]


@pytest.fixture(autouse=True)
def work(outside_folder: Path) -> Path:
    return outside_folder


def test_it_trains_and_predicts_and_needs_no_leave_again(work: Path) -> None:
    done = dlc("run", "net.dl", "--allow", "heads_of_test", "-q", "--device", "cpu")
    assert done.code == 0, done.err
    told = dlc("predict", "net.dl", "-", "--json", stdin=b'{"x": [1, 2, 3, 4]}\n')
    assert told.code == 0 and isinstance(told.lines[0]["p"], float)


def test_the_module_is_found_beside_the_spec_behind_what_is_installed(work: Path) -> None:
    (work / "far").mkdir()
    for name in ("heads_of_test.py", "net.dl"):
        (work / name).rename(work / "far" / name)
    code = (
        "import sys; from dlc.compiler.cli import main; "
        "sys.path[:] = [each for each in sys.path if each]; main(sys.argv[1:])"
    )
    told = ["run", "far/net.dl", "--allow", "heads_of_test", "-q", "--device", "cpu"]
    command = [sys.executable, "-c", code, *told]
    done = subprocess.run(command, capture_output=True, text=True, cwd=work)
    assert done.returncode == 0, done.stderr
    (run,) = (work / "runs" / "net").iterdir()
    known = json.loads((run / "outside.json").read_text())
    assert known == {"names": ["heads_of_test:Head"], "folders": [str(work / "far"), str(work)]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "`heads_of_test:Head` cannot be imported: ModuleNotFoundError"),
        ("import nothing_of_the_kind", "cannot be imported: ModuleNotFoundError"),
        ("x = 1 / 0", "cannot be imported: ZeroDivisionError"),
        ("class Other: pass", "cannot be imported: AttributeError: it has no `Head`"),
        ("def Head(:", "cannot be imported: SyntaxError"),
    ],
)
def test_a_module_that_does_not_import_is_told(content: str | None, says: str, work: Path) -> None:
    Path("heads_of_test.py").unlink()
    if content is not None:
        Path("heads_of_test.py").write_text(content)
    done = dlc("run", "net.dl", "--allow", "heads_of_test", "-q")
    assert done.code == 3
    assert says in done.err and "help: " in done.err
    assert "Traceback" not in done.err and "fault of its own" not in done.err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Wide", "net.dl:3: y is f32[N, width], and heads_of_test:Wide gives the shape (4, 9)"),
        ("Flat", "net.dl:3: y is f32[N, width], and heads_of_test:Flat gives the shape (4,)"),
        ("Late", "RuntimeError: no such width"),
        ("Pair", "TypeError: Pair.__init__() got an unexpected keyword argument 'width'"),
    ],
)
def test_what_the_module_does_wrong_names_the_spec(name: str, says: str, work: Path) -> None:
    Path("net.dl").write_text(SPEC.replace("test:Head", f"test:{name}"))
    done = dlc("run", "net.dl", "--allow", "heads_of_test", "-q", "--device", "cpu")
    assert done.code == 3
    assert says in done.err and "net.dl:" in done.err
    assert "Traceback" not in done.err and "fault of its own" not in done.err


def test_a_file_name_with_braces_is_told_as_it_is(work: Path) -> None:
    made = package(SPEC.replace("test:Head", "test:Wide"), name="a{b}'\".dl")
    net = imported(written(made, work / "out"), "model").Net()
    with pytest.raises(ValueError, match=r"^a\{b\}'\".dl:3: y is f32\[N, width\]"):
        net(torch.randn(2, 4))
