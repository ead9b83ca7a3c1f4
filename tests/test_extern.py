"""`extern`: modules of Python in a network, what nobody allowed, and what they do wrong."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from commands import dlc
from dlc.compiler.allowed import outside, refused
from dlc.compiler.diagnostics import to_text
from dlc.compiler.gate import Breach, inspect
from dlc.compiler.pipeline import Unemitted, check, compile, emitted
from dlc.compiler.source import Source
from dlc.compiler.standalone import needs, standalone
from outside_modules import ALLOW, FIRST_LINE, HEADS, SPEC, model, outside_folder, package
from packages import imported, written
from torch import nn

__all__ = ["outside_folder"]


@pytest.fixture(autouse=True)
def work(outside_folder: Path) -> Path:
    return outside_folder


def said(text: str, *allow: str) -> list[str]:
    found, made = emitted(check(Source("net.dl", text)), allow)
    assert (made is None) == (not found.ok)
    return [to_text(each) for each in found.diagnostics if each.severity == "error"]


# What nobody allowed


def test_it_checks_and_summarises_and_nothing_is_imported(work: Path) -> None:
    Path("heads_of_test.py").write_text("raise SystemExit('imported')")
    assert dlc("check", "net.dl").code == 0
    told = dlc("summary", "net.dl")
    assert told.code == 0 and "those of heads_of_test:Head, which only Python knows" in told.out
    done = dlc("compile", "net.dl", "--allow", "heads_of_test", "-q")
    assert done.code == 0, done.err


@pytest.mark.parametrize("command", ["compile", "run"])
def test_without_leave_it_is_refused_with_the_option_to_type(command: str, work: Path) -> None:
    before = sorted(work.iterdir())
    done = dlc(command, "net.dl")
    assert done.code == 1 and sorted(work.iterdir()) == before
    assert done.err == (
        "error[D0802]: the module `heads_of_test` is not allowed\n"
        " --> net.dl:1:8\n"
        '1 | extern Head(width: int, gain: float = 2.0) = python("heads_of_test:Head") {\n'
        "  |        ^^^^ code of the module would run here\n"
        "help: where you trust it, say so on the command line: `--allow heads_of_test`\n\n"
    )
    told = dlc(command, "net.dl", "--json")
    assert [each["code"] for each in told.lines[0]["diagnostics"]] == ["D0802"]


@pytest.mark.parametrize(
    ("place", "allow", "good"),
    [
        ("a.b:C", ["a.b"], True),
        ("a.b:C", ["a"], True),
        ("a.b:C", ["x", "a.b"], True),
        ("a.b:C", ["a.b.c"], False),
        ("a.b:C", ["a.bc"], False),
        ("ab:C", ["a"], False),
        ("a.b:C", [], False),
    ],
)
def test_leave_is_for_a_module_and_what_is_below_it(
    place: str, allow: list[str], good: bool
) -> None:
    found = said(SPEC.replace("heads_of_test:Head", place), *allow)
    assert bool(found) != good
    assert all("D0802" in each for each in found)


def test_each_place_is_told_and_compile_raises_what_is_refused() -> None:
    text = SPEC.replace(
        "data points {", 'data more from python("b.c:rows") {\n  x: f32[4]\n}\n\ndata points {'
    )
    found = check(Source("net.dl", text))
    assert found.program is not None
    assert [each.code for each in refused(found.program, [])] == ["D0802"] * 2
    assert outside(found.program) == {
        "model.py": frozenset({"heads_of_test:Head"}),
        "data.py": frozenset({"b.c:rows"}),
    }
    with pytest.raises(Unemitted, match=r"`heads_of_test` is not allowed; .*`b.c` is not allowed"):
        compile(found.program, found.source)
    assert not list(refused(found.program, ["heads_of_test", "b"]))


def test_a_spec_called_like_the_module_would_hide_it() -> None:
    found = check(Source("heads_of_test.dl", SPEC))
    assert found.program is not None
    (error,) = refused(found.program, ALLOW)
    assert "hides `heads_of_test`" in error.message and "another name" in error.help[0]


@pytest.mark.parametrize("module", ["a b", "a;b", "a..b", "", "../a"])
def test_what_is_no_module_cannot_be_allowed(module: str) -> None:
    done = dlc("run", "net.dl", "--allow", module)
    assert done.code == 2 and "is no module" in done.err


# The emitted network


def test_the_network_is_that_of_torch(work: Path) -> None:
    net = model(SPEC, work).Net()
    x = torch.randn(5, 4)
    net(x)
    heads = [
        each for each in net.modules() if type(each).__name__ == "Head" and hasattr(each, "given")
    ]
    assert [each.given for each in heads] == [{"width": 8, "gain": 2.0}, {"width": 1, "gain": 1.0}]
    (linear,) = [
        each for each in net.modules() if type(each) is nn.Linear and each.in_features == 4
    ]
    expected = heads[1].inner(heads[0].inner(linear(x).relu()) * 2.0)
    torch.testing.assert_close(net(x), expected)
    net(x).sum().backward()
    assert all(each.grad is not None for each in net.parameters())


def test_hyperparameters_of_the_model_reach_the_module(work: Path) -> None:
    net = model(SPEC, work).Net(width=5)
    assert tuple(net(torch.randn(2, 4)).shape) == (2, 1)
    assert {each.given["width"] for each in net.modules() if hasattr(each, "given")} == {5, 1}


PAIR = """\
extern Pair(
  parts: list, names: list = ["a\\"}}{", "b"], deep: bool = True, name: str = "x{y}\\n'"
) = python("heads_of_test:Pair") {
  input a: f32[N, D]
  input b: f32[N, D]
  output total: f32[N, D]
  output joined: f32[N, 2 * D]
}

model Net {
  input x: f32[N, 4]
  output y: f32[N, 12]
  s, j = (x, 2 * x) -> Pair([1, 2])
  y = cat([s, j], 1)
}
"""


def test_several_inputs_outputs_and_every_kind_of_hyperparameter(work: Path) -> None:
    net = model(PAIR, work).Net()
    x = torch.randn(3, 4)
    torch.testing.assert_close(net(x), torch.cat([3 * x, x, 2 * x], 1))
    (pair,) = [each for each in net.modules() if hasattr(each, "told")]
    assert pair.told == ((1, 2), ('a"}}{', "b"), True, "x{y}\n'")


LOOPS = """\
block Twice(width: int) = Head(width) -> relu -> Head(width)

model Deep(depth: int = 3) {
  input x: f32[N, 4]
  output y: f32[N, 4] = x -> repeat(depth) { Twice(4) }
}

model Shared {
  input x: f32[N, 4]
  output y: f32[N, 4]
  layer head = Head(4)
  y = x -> head -> head
}
"""


def test_in_blocks_in_loops_and_shared(work: Path) -> None:
    module = model(SPEC[: SPEC.index("data")] + LOOPS, work)
    deep, shared = module.Deep(), module.Shared()
    x = torch.randn(3, 4)
    deep(x), shared(x)
    assert sum(hasattr(each, "given") for each in deep.modules()) == 6
    assert sum(hasattr(each, "given") for each in shared.modules()) == 1
    (head,) = [each for each in shared.modules() if hasattr(each, "given")]
    torch.testing.assert_close(shared(x), head(head(x)))


def test_a_module_is_imported_plainly_and_no_name_hides_another(work: Path) -> None:
    text = SPEC.replace("model Net", "model Tensor").replace("train Net", "train Tensor")
    Path("heads_of_test.py").write_text(HEADS.replace("class Head", "class Tensor"))
    sys.modules.pop("heads_of_test", None)
    made = package(text.replace("test:Head", "test:Tensor"))
    tree = ast.parse(made.files["model.py"])
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in froms} == {"heads_of_test", "torch"}
    names = [alias.asname or alias.name for node in froms for alias in node.names]
    names += [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(set(names)) == len(names)
    package_of = imported(written(made, work / "out"), "model")
    (whole,) = [
        each
        for name, each in vars(package_of).items()
        if name.startswith("Tensor_")
        and hasattr(each, "__init__")
        and issubclass(each, nn.Module)
        and "width" in each.__init__.__annotations__
        and each.__doc__
        and "p f32" in each.__doc__
    ]
    assert tuple(whole()(torch.randn(2, 4)).shape) == (2, 1)


def test_formatters_and_linters_leave_the_file_as_it_is(work: Path) -> None:
    if shutil.which("ruff") is None:
        pytest.skip("ruff is not installed")
    out = work / "elsewhere"
    home = written(package(), out)
    for command in (["format", "--diff"], ["check", "--select", "F,I,B"]):
        done = subprocess.run(
            [
                "ruff",
                *command,
                "--isolated",
                "--no-cache",
                "--line-length",
                "100",
                str(home / "model.py"),
            ],
            capture_output=True,
            text=True,
            cwd=out,
        )
        assert done.returncode == 0, done.stdout


# The gate, and packages that stand alone


@pytest.mark.parametrize(
    "code",
    [
        "import a.b\n",
        "from a.b import *\n",
        "from a.b import Other\n",
        "from a.b import Callable, Other\n",
        "from a import b\n",
        "from a.b.c import Callable\n",
    ],
)
def test_the_gate_lets_through_exactly_what_was_allowed(code: str) -> None:
    allowed = frozenset({"a.b:Callable"})
    inspect("model.py", f"{FIRST_LINE}from a.b import Callable\n", allowed)
    inspect("model.py", f"{FIRST_LINE}from a.b import Callable as Other\n", allowed)
    with pytest.raises(Breach, match="imports a"):
        inspect("model.py", FIRST_LINE + code, allowed)
    with pytest.raises(Breach, match="imports a"):
        inspect("model.py", f"{FIRST_LINE}from a.b import Callable\n")


def test_a_package_that_stands_alone_asks_no_index_for_the_module() -> None:
    made = package()
    files = standalone(made.files, made.outside)
    assert "from heads_of_test import Head" in files["model.py"]
    assert needs(files)[0] == "torch" and not any("heads" in each for each in needs(files))


def test_names_of_the_runtime_are_free_for_functions_of_data(work: Path) -> None:
    Path("rows_of_test.py").write_text("def Dataset():\n    return {'x': [[1, 2]]}\n")
    made = package(
        'data many from python("rows_of_test:Dataset") {\n  x: f32[2]\n}\n', ["rows_of_test"]
    )
    data = imported(written(made, work / "out"), "data")
    assert data.many.load([]).train.x.tolist() == [[1, 2]]
    assert import_module("rows_of_test").Dataset is not data.Dataset
