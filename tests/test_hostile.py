"""Files and names made to do harm: a clean message, or correct code that runs."""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import dlc
from dlc.compiler.characters import HIDDEN
from dlc.compiler.diagnostics import to_json, to_text
from dlc.compiler.errors.pages import PAGES
from dlc.compiler.pipeline import Checked
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.plan.names import MODULE
from dlc.compiler.plan.text import comment, quote
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from packages import HOME, checked, imported, package, trained, written
from torch import nn

MNIST = (HOME / "specs" / "mnist.dl").read_text(encoding="utf-8")
NET = "model Net {{\n  input x: f32[N, 4]\n  output y: f32[N, 4] = {}\n}}\n"

STRINGS = [
    'quote " and \' both', '"""', "'''", '""" + exit() + """', "two\nlines", "cr\rexit()", "\\",
    "\\\\n", "{{ file }}", "{% for x in y %}", "{# no #}", "# comment", "# -*- coding: utf-7 -*-",
    "\u202eevil", "\0", "tab\t", "\u2028", "é→猫", "%s {0} $x", "\N{ZERO WIDTH SPACE}", "", " ",
    "x" * 300,
]  # fmt: skip


def escaped(each: str) -> str:
    plain = each.isascii() and each.isprintable() and each not in '\\"'
    return each if plain else f"\\U{ord(each):08x}"


def literal(text: str) -> str:
    """A string as a spec writes it, every character that could be refused escaped."""
    return f'"{"".join(map(escaped, text))}"'


def constants(code: str) -> set[object]:
    return {each.value for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Constant)}


def harmless(text: str) -> Checked:
    """What checking says is for a terminal: no control characters, no bidi marks, no traceback."""
    found = checked(text)
    for each in found.diagnostics:
        said = to_text(each).replace("\n", "")
        assert said.isprintable(), said
        assert each.code in PAGES
        assert json.loads(json.dumps(to_json(each)))
    return found


LABELLED = """\
data coins from csv({path}, missing=[{path}], separator=";") {{
  x: f32[1] = column({label})
  label: class({label}, "other") = column({label})
}}

model Net {{
  input x: f32[N, 1]
  output y: f32[N, 2]
  require 2 > 1, {label}
  y = x -> Linear(2)
}}

train Net on coins {{
  loss = cross_entropy(y, label)
  optimizer = SGD()
  epochs = 1
}}

expect {{ predict(x=0).y.label == {label} }}
"""


@pytest.mark.parametrize("text", STRINGS, ids=ascii)
def test_a_string_enters_code_as_that_very_string(text: str) -> None:
    made = package(LABELLED.format(path=literal("p" + text), label=literal(text)))
    assert text in constants(made.files["data.py"])
    assert "p" + text in constants(made.files["data.py"])
    assert text in constants(made.files["expect.py"])


STRUNG = """\
param word = {0}

block B(s: str = {0}, t: str = "b") {{
  input x: f32[..., D]
  require D > 1, {0}
  y = x
  if s == t {{ y = x -> Linear(3) }} else {{ y = x -> Linear(4) }}
  output z = y
}}

model Net(a: str = {0}) {{
  input kind: class({0}, "other")[N]
  input x: f32[N, H, 2]
  output z: f32[N, 4]
  output same: class({0}, "other")[N]
  require H % 2 == 0, {0}
  for each in [{0}, "c", {0}] {{ x = x -> B(each, a) -> Linear(2) }}
  z = mean(x, 1) -> B(word)
  same = kind
}}
"""


@pytest.fixture(scope="module")
def strung(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package for each string, which is in its spec wherever one can be, and in its name."""
    home = tmp_path_factory.mktemp("strung")
    for number, text in enumerate(STRINGS):
        name = text.replace("/", "").replace("\0", "").strip()[:100]
        written(package(STRUNG.format(literal(text)), name=f"{name}.dl"), home / str(number))
    return home


def test_strings_wherever_they_stand_are_compared_and_told_and_nothing_else(strung: Path) -> None:
    import torch

    for number, text in enumerate(STRINGS):
        (made,) = (strung / str(number)).iterdir()
        module: Any = imported(made, "model")
        net = module.Net()
        assert net.training and inspect.signature(module.Net).parameters["a"].default == text
        kinds, x = torch.zeros(2, dtype=torch.long), torch.randn(2, 4, 2)
        answer, same = net(kinds, x)
        assert answer.shape == (2, 4) and same is kinds
        # The branch of the loop's turn is chosen by comparing strings.
        assert len(net.state_dict()) == len(module.Net(a="c").state_dict())
        with pytest.raises(ValueError, match="H must be a multiple of 2"):
            net(kinds, x[:, :3])
        if "B" in vars(module):
            with pytest.raises(ValueError) as why:
                module.B(1, s="s")
            assert text in str(why.value)


def test_the_formatter_finds_strings_in_their_best_quotes(strung: Path) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed beside this Python")
    said = subprocess.run(
        [ruff, "format", "--isolated", "--no-cache", "--diff", strung],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout


@given(st.text(max_size=30))
@example("\\U0001f600\\")
@settings(max_examples=60, deadline=None)
def test_quoting_a_string_gives_it_back(text: str) -> None:
    assert ast.literal_eval(quote(text)) == text
    inside = comment(text)
    assert not HIDDEN.search(inside)
    scope: dict[str, object] = {}
    exec(f'def f():\n    """{inside}."""\nx = 1  # {inside}\n', scope)
    assert scope["x"] == 1


@given(st.text(st.characters(codec="utf-8"), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_string_of_a_spec_is_a_constant_of_the_code(text: str) -> None:
    made = package(LABELLED.format(path='"p"', label=literal(text)))
    for code in made.files.values():
        ast.parse(code)
    assert text in constants(made.files["data.py"])


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_checked_without_a_fault_of_our_own(text: str) -> None:
    harmless(text)


@given(st.integers(0, len(MNIST)), st.text(max_size=3), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_any_change_of_a_good_spec_is_checked_without_a_fault_of_our_own(
    place: int, put: str, cut: int
) -> None:
    harmless(MNIST[:place] + put + MNIST[place + cut :])


NAMES = """
    self cls forward class_ training torch nn F Tensor super model data run loss epoch x
    evaluate predict train N type float int bool str tuple list dict len to cuda parameters
    state_dict modules children launch Run Split Dataset Field Literal columns rows numbers
    classes build Record EPOCHS BATCH SEED total seen optimizer split outputs device records
    SGD Adam accuracy os sys print exec eval open ValueError range zip math random torchvision
    dlc main __class__ __init__ __dict__ _parameters _ __ T_destination training_step linear1
    relu
""".split()

EVERYWHERE = """\
param {p} = 0.5

data {d} {{
  {f}: f32[2] = [[0, 1], [1, 0], [1, 1]]
  {t}: f32[1] = [1, 2, 3]
}}

block {b}({h}: int = 3) {{
  input {x}: f32[N, D]
  {v} = {x} -> Linear({h}) -> tanh
  output {w} = {v} -> Linear(2)
}}

model {m}({k}: float = 2.0) {{
  input {f}: f32[N, 2]
  output {o}: f32[N, 1]
  layer {l} = Linear(2)
  {v} = {f} -> {l} -> {b}
  {o} = ({v} + {l}({f}) * {k}) -> Linear(1)
}}

train {m}({k}=1.5) on {d} {{
  loss = mse_loss({o}, {t}) + {p}
  optimizer = SGD(lr=0.01)
  metrics = [mean_absolute_error]
  epochs = 2
}}

expect {{ predict({f}=[0, 0]).{o} within 1e6 of 0 }}
"""
PLAIN = {
    "p": "rate", "d": "points", "f": "given", "t": "wanted", "b": "Inner", "h": "width",
    "x": "into", "v": "half", "w": "out", "m": "Net", "k": "factor", "o": "answer", "l": "first",
}  # fmt: skip


def in_place(name: str, places: str) -> str:
    return EVERYWHERE.format(**{**PLAIN, **dict.fromkeys(places, name)})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_refused_in_words_or_harms_nothing(name: str, tmp_path: Path) -> None:
    """The name in each place by itself: what checks must be code that trains and predicts."""
    good = 0
    for place in PLAIN:
        found = harmless(in_place(name, place))
        if found.program is not None:
            good += 1
            for file, code in compiled(found.program, found.source).files.items():
                compile(code, file, "exec")
    assert good > 3, "hardly any place takes this name"
    # Everywhere at once where it may be: fields, outputs, layers, values and the data block.
    together = in_place(name, "dlv" if name != "N" else "dl")
    home = written(package(together, name="spec.dl"), tmp_path)
    code, run = trained(home, tmp_path / "runs", tmp_path)
    assert code == 0
    assert (run / "checkpoints" / "last.pt").exists()


@pytest.mark.parametrize("place", sorted(PLAIN))
def test_names_of_torch_and_of_our_own_code_train_in_each_place(place: str, tmp_path: Path) -> None:
    trained_names = 0
    for name in ("torch", "data", "x", "forward"):
        text = in_place(name, place)
        if not checked(text).ok:
            continue
        home = written(package(text), tmp_path / name)
        code, _ = trained(home, tmp_path / name / "runs", tmp_path, epochs=1)
        assert code == 0, name
        trained_names += 1
    assert trained_names > 1


def test_no_layer_hides_what_torch_puts_into_a_module() -> None:
    """The list in `names` against the installed torch."""
    public = {each for each in dir(nn.Module()) if not each.startswith("_")}
    assert public <= MODULE | {"T_destination"}, public - MODULE


@pytest.mark.parametrize(
    "stem", ["torch", "class", "my spec", "1st", "a.b", "naïve", "__init__", '"; x', "-"]
)
def test_a_spec_of_any_file_name_compiles_to_a_module_that_is_found(
    stem: str, tmp_path: Path
) -> None:
    made = package(NET.format("relu(x)"), name=f"{stem}.dl")
    assert made.name.isidentifier()
    assert made.name not in sys.stdlib_module_names
    module: Any = imported(written(made, tmp_path), "model")
    assert module.Net().forward.__name__ == "forward"


def test_a_comment_with_a_coding_cookie_changes_nothing() -> None:
    text = "# -*- coding: utf-7 -*-\n# vim: set fileencoding=rot13 :\n" + NET.format("relu(x)")
    assert package(text).files == {
        name: code.replace("spec.dl:1", "spec.dl:3")
        for name, code in package(NET.format("relu(x)")).files.items()
    }


WATCH = r"""
import sys
from dlc.compiler import cli
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork")
MODULES = {"evil", "torch", "numpy", "PIL"}
happened = []
def watch(event, arguments):
    first = str(arguments[0]) if arguments else ""
    if event.startswith(FORBIDDEN) or (event == "import" and first.split(".")[0] in MODULES):
        happened.append((event, first))
    if event == "open" and "evil" in first:
        happened.append((event, first))
sys.addaudithook(watch)
for command in (["check", "spec.dl"], ["compile", "spec.dl", "-q", "-o", "out"],
                ["summary", "spec.dl"], ["check", "extern.dl"]):
    try:
        cli.main(command)
    except SystemExit as end:
        print(command[0], end.code)
print("happened:", happened)
"""


def test_checking_and_compiling_open_no_network_start_nothing_and_import_nothing_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported')")
    (tmp_path / "spec.dl").write_text(LABELLED.format(path='"/tmp/evil.csv"', label='"a"'))
    extern = 'extern Net() = python("evil:Net") {\n  input x: f32[N, 1]\n  output y: f32[N, 1]\n}\n'
    (tmp_path / "extern.dl").write_text('from "../evil.dl" import A\n' + extern)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", WATCH], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert said.stdout.splitlines()[-1] == "happened: []", said.stdout + said.stderr
    for ended in ("check 0\n", "compile 0\n", "summary 0\n", "check 1\n"):
        assert ended in said.stdout


def test_the_same_spec_with_other_line_ends_or_a_mark_in_front_compiles_to_the_same() -> None:
    plain = package(MNIST).files
    assert package(MNIST.replace("\n", "\r\n")).files == plain
    assert package("\ufeff" + MNIST).files == plain
    assert dlc("check", "-", stdin=("\ufeff" + MNIST.replace("\n", "\r\n")).encode()).code == 0
