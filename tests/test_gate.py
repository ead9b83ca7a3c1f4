"""The gate behind the templates: what is let through, and what never is."""

from __future__ import annotations

import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest
import torch
from commands import dlc
from dlc.compiler import emit, lines
from dlc.compiler.gate import BUILTINS, Breach, _of_torch, inspect
from dlc.compiler.layers import LAYERS
from dlc.compiler.opened import TAKEN, apart
from dlc.compiler.plan import text
from dlc.compiler.plan.names import RESERVED
from packages import HOME, SPECS, package, package_of

FIRST = '"""One."""\n'
BODY = """
from torch import Tensor, nn
import torch


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        {}
        return self.linear1(x)
"""
BREACHES = {
    # Imports
    "import os\n": "imports os",
    "import torch.hub\n": "imports torch.hub",
    "import torch as os\n": "imports torch",
    "import math as os\n": "imports math",
    "import os as math\n": "imports os",
    "from math import log\n": "imports math",
    "from torch import hub\n": "imports torch",
    "from torch import *\n": "imports torch",
    "from dlc.runtime.run import Run\n": "imports dlc.runtime.run",
    "from . import train\n": "imports train",
    "from .. import train\n": "imports train",
    "from os.path import join as Tensor\n": "imports os.path",
    # Names that nothing binds
    "x = eval('1')\n": "uses eval, which is bound nowhere",
    "x = __import__('os')\n": "uses __import__",
    "x = __builtins__\n": "uses __builtins__",
    "x = open('a')\n": "uses open",
    "x = torch\n": "uses torch",
    "x = math.log(2)\n": "uses math",
    "import math\nx = math\n": "uses math for what no spec computes",
    "import math\nx = math.log\n": "uses math for what no spec computes",
    "import math\nx = math.pi\n": "uses math for what no spec computes",
    "import math\nx = math.factorial(9)\n": "uses math for what no spec computes",
    "import math\nx = math.log.__call__(9)\n": "uses math for what no spec computes",
    "import math\nx = math.__loader__(9)\n": "uses math for what no spec computes",
    "import math\nmath = 1\n": "binds math",
    "import math\ndef f(math): return math.log(1)\n": "binds math",
    "import math\nx = [math for math in (1,)]\n": "binds math",
    "def math(x): return x\nx = math(1)\n": "uses math for what no spec computes",
    "def zip(x): return x\n": "binds zip",
    "def f(len): return len\n": "binds len",
    "import torch.nn.functional as F\nfrom torch import nn as super\n": "binds super",
    # Ways to objects behind objects
    "import torch\nx = torch.hub\n": "uses torch.hub",
    "import torch\nx = torch.load('a')\n": "uses torch.load",
    "import torch\nx = torch.ops.aten\n": "uses torch.ops",
    "import torch\nx = torch.nn.functional.relu.x\n": "uses torch.nn",
    "import torch.nn.functional as F\nx = F.torch\n": "uses F.torch",
    "x = (1).__class__\n": "reads __class__",
    "x = ''.__doc__\n": "reads __doc__",
    "from torch import nn\nclass A(nn.Module, metaclass=nn.Module): x = 1\n": "derives A",
    "class A: x = 1\n": "derives A",
    "import torch\n@torch.Tensor\ndef f(): return 1\n": "decorates f",
    "raise KeyError(1)\n": "holds a Raise outside",
    "def f(): raise f\n": "raises what no file does",
    # Kinds of nodes
    "def f():\n    global x\n": "holds a Global",
    "try:\n    x = 1\nexcept ValueError:\n    x = 2\n": "holds a Try",
    "x = [y := 1]\n": "holds a NamedExpr",
    "x = lambda: 1\n": "holds a Lambda",
    "async def f(): return 1\n": "holds a AsyncFunctionDef",
    "def f():\n    while 1: return 1\n": "holds a While",
    "def f():\n    yield 1\n": "holds a Yield",
    "x = {1}\n": "holds a Set",
    "x = {y: y for y in (1,)}\n": "holds a DictComp",
    "assert 1\n": "holds a Assert",
    "del x\n": "holds a Delete",
    "for x in (1,): x\n": "holds a For outside",
    "match 1:\n    case 1: x = 1\n": "holds a Match",
    "x = 1\nx = f'{x}'\n": "puts x into a string",
    # Characters and constants
    "x = 1\r\n": "control character",
    "x = 1 #\x0c\n": "control character",
    "x = '\u202e'\n": "not seen",
    "# \u2028x = 1\n": "not seen",
    "# coding: rot13\n": "coding cookie",
    "   # vim: set fileencoding=utf-7 :\n": "coding cookie",
    "x = 1e999\n": "holds inf",
    "x = 18446744073709551616\n": "holds 18446744073709551616",
    "x = 1j\n": "holds 1j",
    "x = b'a'\n": "holds b'a'",
    "x = (\n": "cannot be read",
}


@pytest.mark.parametrize(("code", "why"), BREACHES.items(), ids=map(ascii, BREACHES))
def test_what_no_template_means_is_let_through_by_no_file(code: str, why: str) -> None:
    with pytest.raises(Breach, match=re.escape(why)):
        inspect("model.py", FIRST + code)


def test_a_file_begins_with_its_docstring() -> None:
    with pytest.raises(Breach, match="docstring"):
        inspect("model.py", "import torch\n")
    with pytest.raises(Breach, match="docstring"):
        inspect("model.py", "# -*- coding: utf-8 -*-\n" + FIRST)


def test_code_as_it_is_emitted_is_let_through() -> None:
    inspect("model.py", FIRST + BODY.format("x = x"))
    inspect("model.py", FIRST + "import math\n" + BODY.format("x = x * math.log(self.math)"))
    inspect("data.py", FIRST + "rows = [lambda row: row]\n")
    inspect("train.py", FIRST + "from dlc.runtime.run import Run\nfrom .model import Net\n")
    for made in map(package_of, SPECS):
        for name, code in made.files.items():
            inspect(name, code)


@pytest.mark.parametrize("file", ["data.py", "train.py", "predict.py", "expect.py"])
def test_only_the_runtime_and_what_it_needs_is_imported_by_other_files(file: str) -> None:
    for line in (
        "import os",
        "import math",
        "from os import path",
        "from dlc.compiler import gate",
        "import dlc",
    ):
        with pytest.raises(Breach, match="imports"):
            inspect(file, f"{FIRST}{line}\n")


def test_a_string_that_needs_quoting_is_one_of_the_spec() -> None:
    def strings() -> set[str]:
        return {'two\n"lines"', "é"}

    for good in (r"""x = 'two\n"lines"'""", "x = 'é'", "x = 'plain: words (N, 3)'", "x = 'é é: 3'"):
        inspect("model.py", f"{FIRST}{good}\n", strings=strings)
    for bad in (r"x = 'two\nlines'", "x = 'è'", r"x = '\\'", r"x = '\x00'", "x = 'é\"'"):
        with pytest.raises(Breach, match="which the spec does not"):
            inspect("model.py", f"{FIRST}{bad}\n", strings=strings)
        inspect("model.py", f"{FIRST}{bad}\n")


LABELS = """\
data coins {{
  x: f32[1] = [1, 2, 3]
  side: class({0}, "other") = ["other", {0}, "other"]
}}

model Net {{
  input x: f32[N, 1]
  output y: f32[N, 2] = x -> Linear(2)
}}

train Net on coins {{
  loss = cross_entropy(y, side)
  optimizer = SGD()
  epochs = 1
}}
"""


def test_a_fault_of_the_quoting_function_never_reaches_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What would come of a label if quotes were just put around it."""
    attack = r'"\" + exit(9) + \""'
    assert package(LABELS.format(attack)).files
    monkeypatch.setattr(text, "literal", lambda value: f'"{value}"')
    for label, why in ((attack, "exit"), (r'"a\\nb"', "does not"), (r'"\r"', "control")):
        with pytest.raises(Breach, match=why):
            package(LABELS.format(label))
    monkeypatch.setattr(text, "literal", lambda value: repr(value.upper()))
    with pytest.raises(Breach, match="which the spec does not"):
        package(LABELS.format(r'"é\n"'))


def test_a_breach_is_told_as_a_fault_of_our_own_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.dl").write_text(LABELS.format('"a"'))

    def placed(code: str) -> tuple[str, dict[int, str]]:
        found, places = lines.placed(code)
        return f"{found}import os\n", places

    monkeypatch.setattr(emit, "placed", placed)
    said = dlc("compile", "spec.dl")
    assert said.code not in (0, 1, 2)
    assert "Breach" in said.err and "imports os" in said.err and "Traceback" not in said.err
    assert [each.name for each in tmp_path.iterdir()] == ["spec.dl"]


# What the lists in the gate leave out would be a fault for somebody's good spec.


def test_each_part_of_torch_that_a_record_emits_is_known() -> None:
    codes = {record.code for record in LAYERS.values() if record.code[:1].isalpha()}
    assert codes <= _of_torch()


def test_each_part_of_torch_that_the_compiler_writes_is_known() -> None:
    written = set()
    for path in [*(HOME / "compiler" / "plan").glob("*.py"), *HOME.glob("compiler/templates/*")]:
        code = path.read_text(encoding="utf-8")
        written |= set(re.findall(r"(?<![\w.`])(?:torch|nn|F)\.[A-Za-z_][\w.]*(?=[(\[])", code))
    assert len(written & _of_torch()) > 10
    assert not [each for each in written - _of_torch() if _is_there(each)]


def test_each_part_of_torch_that_is_known_is_there() -> None:
    assert all(map(_is_there, _of_torch()))


def _is_there(chain: str) -> bool:
    root, _, rest = chain.partition(".")
    try:
        attrgetter(rest)({"torch": torch, "nn": torch.nn, "F": torch.nn.functional}[root])
    except AttributeError:
        return False
    return True


def test_no_name_of_a_spec_becomes_one_that_the_gate_takes_for_pythons() -> None:
    for word in BUILTINS:
        assert apart(word, TAKEN) != word
        assert apart(word, RESERVED) != word


def test_the_gate_loads_neither_torch_nor_more_than_compiling_does() -> None:
    code = "import sys, dlc.compiler.gate; print({'torch', 'numpy'} & {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
