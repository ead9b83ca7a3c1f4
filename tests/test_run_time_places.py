"""An error at run time in generated code names the line of the spec that it comes from."""

from __future__ import annotations

import ast
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import TRAINED, dlc
from dlc.compiler.lines import WIDTH, fitted, marked, placed
from dlc.compiler.pipeline import Package
from dlc.compiler.plan.text import Line
from dlc.runtime.errors import DataError
from dlc.runtime.places import named, place
from packages import SPECS, imported, package, package_of, written
from torch import Tensor, nn

IMAGES = """\
model Cnn {
  input  image: f32[N, 1, 8, 8]
  output logits: f32[N, 3]

  logits = image
    -> Conv2d(4, 3)
    -> relu
    -> flatten(1)
    -> Linear(5)
    -> relu
    -> Linear(3)
}
"""
LONG = """\
model Long {
  input  x: f32[N, 10]
  output y: f32[N, 1]

  a_quite_long_name_for_a_value = x -> Linear(11) -> relu
  another_quite_long_name_for_it = a_quite_long_name_for_a_value -> Linear(11) -> tanh
  the_third_of_the_long_names = cat([
    a_quite_long_name_for_a_value, another_quite_long_name_for_it, a_quite_long_name_for_a_value
  ], 1) -> Linear(13)
  y = cat([a_quite_long_name_for_a_value, another_quite_long_name_for_it,
           the_third_of_the_long_names -> Linear(14) -> sigmoid, another_quite_long_name_for_it], 1)
    -> Linear(15) -> relu
    -> Linear(1)
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a spec that trains."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.dl").write_text(TRAINED, encoding="utf-8")
    return tmp_path


def found(error: BaseException, made: Package, home: Path) -> str | None:
    return place(error, str(home), made.places)


def modules_of(net: nn.Module) -> list[nn.Linear]:
    return [each for each in net.modules() if isinstance(each, nn.Linear)]


def test_a_wrong_size_names_the_layer_that_it_breaks(tmp_path: Path) -> None:
    made = package(IMAGES, name="images.dl")
    home = written(made, tmp_path)
    net = imported(home, "model").Cnn()
    for shape, line in (((1, 1, 9, 9), "9: Linear(5)"), ((1, 3, 8, 8), "6: Conv2d(4, 3)")):
        with pytest.raises(RuntimeError) as why:
            net(torch.zeros(shape))
        assert found(why.value, made, home) == f"images.dl:{line}"


def test_a_plain_traceback_shows_the_place_where_a_wrong_size_breaks(tmp_path: Path) -> None:
    home = written(package(IMAGES, name="images.dl"), tmp_path)
    net = imported(home, "model").Cnn()
    for shape, line in (((1, 1, 9, 9), 9), ((1, 3, 8, 8), 6)):
        with pytest.raises(RuntimeError) as why:
            net(torch.zeros(shape))
        shown = "".join(traceback.format_exception(why.value))
        assert f"  images.dl:{line}\n" in shown.partition("model.py")[2]


def test_what_a_wrong_size_cannot_break_is_not_marked() -> None:
    text = package(IMAGES, name="images.dl").files["model.py"]
    forward = text.partition("def forward")[2]
    assert [each.rpartition(".dl:")[2] for each in forward.split("\n") if ".dl:" in each] == [
        "6",
        "9",
    ]


@pytest.mark.parametrize("size", [11, 13, 14, 15, 1])
def test_lines_are_right_where_long_statements_are_broken(size: int, tmp_path: Path) -> None:
    made = package(LONG, name="long.dl")
    home = written(made, tmp_path)
    assert made.files["model.py"].count("(\n"), "no statement is long enough to be broken"
    net = imported(home, "model").Long()

    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    last = [each for each in modules_of(net) if each.out_features == size][-1]
    last.register_forward_pre_hook(broken)
    with pytest.raises(RuntimeError, match="broken") as why:
        net(torch.zeros(2, 10))
    lines = LONG.split("\n")
    line = max(number for number, text in enumerate(lines, 1) if f"Linear({size})" in text)
    assert found(why.value, made, home) == f"long.dl:{line}: Linear({size})"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_place_is_text_of_the_spec_and_a_statement_of_the_code(spec: Path) -> None:
    made = package_of(spec)
    assert made.places["model.py"]
    texts = {each.name: each.read_text(encoding="utf-8") for each in spec.parent.rglob("*.dl")}
    for file, places in made.places.items():
        tree = ast.parse(made.files[file])
        inside = {
            line
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for line in range(node.lineno, (node.end_lineno or 0) + 1)
        }
        for number, where in places.items():
            name, line, *text = where.split(":", 2)
            assert number == 0 or number in inside
            if text:
                shown = text[0].removesuffix(" …").strip()
                rest = "\n".join(texts[name].split("\n")[int(line) - 1 :])
                code = "".join(each.partition("#")[0] for each in rest.splitlines(True))
                assert " ".join(code.split()).find(shown) >= 0, where


def test_a_block_of_another_file_names_that_file(here: Path) -> None:
    (here / "parts.dl").write_text("\n\nblock Part = Linear(6) -> relu\n")
    spec = 'from "parts.dl" import Part\n\nmodel Net {\n  input x: f32[N, 4]\n'
    (here / "whole.dl").write_text(f"{spec}  output y: f32[N, 6] = x -> Part\n}}\n")
    made = package((here / "whole.dl").read_text(), name=str(here / "whole.dl"))
    home = written(made, here / "out")
    with pytest.raises(RuntimeError) as why:
        imported(home, "model").Net()(torch.zeros(1, 5))
    assert found(why.value, made, home) == "parts.dl:3: Linear(6)"


def test_a_fault_of_the_runtime_is_no_place_in_the_spec() -> None:
    code = "from dlc.runtime.table import nearest\nnearest(1, [2])\n"
    places = {"train.py": {0: "line.dl:13"}}
    with pytest.raises(TypeError) as why:
        exec(compile(code, "/package/train.py", "exec"), {})
    assert place(why.value, "/package", places) is None
    with pytest.raises(ZeroDivisionError) as other:
        exec(compile("1 / 0", "/package/train.py", "exec"), {})
    assert place(other.value, "/package", places) == "line.dl:13"
    assert place(other.value, "/elsewhere", places) is None


def test_lines_keep_their_places_through_breaking() -> None:
    name = "quite_a_long_name_for_a_value"
    wide = f"    x = function({', '.join([name] * 4)})"
    text = "\n".join([marked("a = 1", "s.dl:1: a"), marked(wide, "s.dl:2: b"), "c = 2", ""])
    code, places = placed(text)
    lines = code.split("\n")
    assert max(map(len, lines)) <= WIDTH and "\x1f" not in code
    assert code == fitted(text) == fitted(f"a = 1\n{wide}\nc = 2\n")
    assert places[1] == "s.dl:1: a"
    assert {lines[line - 1].strip() for line in places if places[line] == "s.dl:2: b"} == {
        "x = function(",
        *(each.strip() for each in lines[2:-3]),
        ")",
    }
    assert len(lines) - 1 not in places and len(places) == len(lines) - 2


def test_a_place_of_any_text_comes_back() -> None:
    hostile = 'é"\\\n# torch. F. {{ x }} \U0001f600'
    assert placed(marked("a = 1", hostile)) == ("a = 1", {1: hostile})
    assert "torch" not in marked("a = 1", hostile)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (Line("x = 1", "(N,)", mark="a.dl:3"), "x = 1  # (N,)  a.dl:3"),
        (Line("x = 1", mark="a.dl:3"), "x = 1  # a.dl:3"),
        (Line("x = 1", "N" * 75, mark="a.dl:3"), f"# {'N' * 75}\nx = 1  # a.dl:3"),
        (Line("x" * 80, "N", mark="a.dl:3"), f"{'x' * 80}  # N"),
        (Line("x" * 80, "NNNNN", mark="a.dl:3"), f"# NNNNN\n{'x' * 80}"),
        (Line("x" * 86, mark="a.dl:3"), "x" * 86),
    ],
)
def test_a_mark_stands_beside_the_code_or_nowhere(line: Line, wanted: str) -> None:
    assert line.at(0) == wanted


def broken(self: nn.Linear, given: Tensor) -> Tensor:
    raise RuntimeError("shapes cannot be multiplied\nmore of it")


SAYS = "error: RuntimeError: shapes cannot be multiplied\n"


def test_a_run_ends_with_the_place_and_no_traceback(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nn.Linear, "forward", broken)
    said = dlc("run", "line.dl", "-q")
    assert said.code == 3
    assert said.err.startswith(SAYS) and "Traceback" not in said.err
    assert said.err.endswith("line.dl:10: Linear(1)\n")
    (run,) = (here / "runs" / "line").iterdir()
    status = json.loads((run / "status.json").read_text(encoding="utf-8"))
    assert status["status"] == "failed" and "shapes cannot" in status["error"]
    with pytest.raises(RuntimeError, match="more of it"):
        dlc("--debug", "run", "line.dl", "-q")


def test_predictions_and_measures_end_with_the_place(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "line.dl").write_text(
        TRAINED.replace("points {", "points {\n").replace(
            "  y: f32[1] = [2, 4]\n",
            "  y: f32[1] = [2, 4]\n  split = random(train=0.5, test=0.5, seed=0)\n",
        )
    )
    assert dlc("run", "line.dl", "-q").code == 0
    monkeypatch.setattr(nn.Linear, "forward", broken)
    for command, stdin in ((("predict", "line.dl", "-"), b"3\n"), (("eval", "line.dl"), None)):
        said = dlc(*command, stdin=stdin)
        assert said.code == 3, said
        assert said.err.startswith(SAYS) and "Traceback" not in said.err
        assert said.err.endswith("line.dl:12: Linear(1)\n")
        with pytest.raises(RuntimeError, match="more of it"):
            dlc("--debug", *command, stdin=stdin)


def test_a_run_whose_places_are_gone_keeps_the_error(tmp_path: Path) -> None:
    for text in (None, "{", '{"model.py": {}}'):
        if text is not None:
            (tmp_path / "places.json").write_text(text)
        with pytest.raises(ZeroDivisionError), named(tmp_path):
            raise ZeroDivisionError


def test_what_is_said_already_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No file"), named(tmp_path):
        raise DataError("No file.", "Write one.")
    with pytest.raises(KeyboardInterrupt), named(tmp_path):
        raise KeyboardInterrupt
