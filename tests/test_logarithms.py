"""Logarithms and other functions of hyperparameters: `model.py` computes them with `math`."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
from dlc.compiler import ir, opened
from dlc.compiler.arithmetic import ArithmeticFault
from dlc.compiler.dims import name
from dlc.compiler.evaluated import evaluate
from dlc.compiler.gate import inspect as gate
from dlc.compiler.layers import LAYERS
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from hypothesis import given
from hypothesis import strategies as st
from networks import codes
from other_values import code_of, general, module_of, program_of, takes
from packages import HOME
from torch import nn

BIN = Path(sys.executable).parent
X = torch.linspace(0.5, 4.0, 12, dtype=torch.float64).reshape(3, 4)
FAR = torch.tensor([[0, 3, 7, 8, 9, 15, 31, 40, 77, 127, 128, 500]])
BUCKET = """
block Bucket(buckets: int, longest: int) {
  input far: i64[T, S]
  exact = buckets // 2
  growth = log(clamp(far, min=exact) / exact) / log(longest / exact)
  rough = growth * (buckets - exact) -> to(i64)
  output bucket: i64[T, S] = where(far < exact, far, clamp(exact + rough, max=buckets - 1))
}
model Net(buckets: int = 32, longest: int = 128) {
  input far: i64[N, S]
  output y: i64[N, S] = (far -> Bucket(buckets, longest)) + (far -> Bucket(buckets // 2, longest))
}
"""
GROWING = """
function times(count: int) = ceil(log(count, 2)) + 1
block Grow(base: float, count: int, f: op = log) {
  input x: f32[N, D]
  rate = sin(base) + cos(base) * exp(-base) / f(base + count)
  wide = floor(log(count) * 4) + 2
  h = x * rate -> Linear(wide) -> tanh -> Linear(D)
  output y = h ** 2 / log(base) - log(D + count)
}
block scale(log: float, exp: int, f: op, g: op) {
  input x: f32[N, D]
  k = f(log + exp) * g(-log)
  output y: f32[N, D] = x * k / f(D * exp + 1) + log
}
model Net(base: float = 2.0, count: int = 5) {
  input x: f32[N, 4]
  h = x -> Grow(base, count) -> Grow(base + 1, 7)
  h = h -> scale(base, count, LOG, EXP) -> scale(0.5, 2, LOG, EXP)
  for i in range(floor(log(count))) {
    h = h -> Linear(4 + floor(exp(i / 2))) -> Linear(4)
  }
  output y = h -> Linear(floor(base) + 1)
}
"""


def built(text: str) -> Any:
    """The module `model` of a text."""
    return module_of(code_of(program_of(text)))


def bucket(far: int, buckets: int, longest: int) -> int:
    """Where a distance falls, by Raffel and others (2019), for one number."""
    exact = buckets // 2
    if far < exact:
        return far
    # In float32, as tensors of whole numbers become.
    growth = torch.log(torch.tensor(far / exact)) / math.log(longest / exact)
    return min(exact + int(growth * (buckets - exact)), buckets - 1)


# One function, one class


def test_a_block_with_logarithms_is_one_function_for_all_values() -> None:
    module = built(BUCKET)
    functions = [each for each in vars(module).values() if inspect.isfunction(each)]
    assert [list(inspect.signature(each).parameters) for each in functions] == [
        ["far", "buckets", "longest"]
    ]
    assert takes(module.Net) == {"buckets", "longest"}
    for buckets, longest in ((32, 128), (8, 20), (12, 999), (4, 3)):
        expected = [
            bucket(far, buckets, longest) + bucket(far, buckets // 2, longest)
            for far in FAR[0].tolist()
        ]
        assert module.Net(buckets=buckets, longest=longest)(FAR)[0].tolist() == expected


def test_both_stacks_of_t5_call_one_function_for_their_buckets() -> None:
    code = code_of(program_of((HOME / "specs" / "zoo" / "t5.dl").read_text(encoding="utf-8")))
    assert code.count("\ndef ") == 1 and code.count(" = bucket(") + code.count("(bucket(") == 2
    assert "math.log(" in code and code.splitlines()[2] == "import math"


def growing() -> str:
    """The spec whose blocks are given functions by names that are their own elsewhere."""
    return GROWING.replace(", LOG, EXP", ", log, exp")


@pytest.mark.parametrize(
    "values", [{}, {"base": 3.5}, {"count": 2}, {"base": 1.25, "count": 60}], ids=str
)
def test_a_class_with_functions_of_hyperparameters_is_the_network_of_other_values(
    values: dict[str, Any],
) -> None:
    assert takes(built(growing()).Net) == {"base", "count"}
    general(growing(), "Net", values)


def test_layers_of_a_size_by_logarithm_have_that_size() -> None:
    module = built(growing())
    own = {each for each, found in vars(module).items() if inspect.isclass(found)}
    assert {"Grow", "Net"} <= own and not any(each.startswith("Grow") for each in own - {"Grow"})
    for count in (3, 5, 90):
        made = module.Net(count=count)
        assert made.grow1.linear1.out_features == math.floor(math.log(count) * 4) + 2
        linear = [each for each in made.modules() if isinstance(each, nn.Linear)]
        assert len(linear) == 5 + 2 * math.floor(math.log(count))


def test_a_function_of_the_spec_calls_logarithms_too() -> None:
    text = """
    function turns(count: int) = floor(log(count) / 2) + 1
    model Net(count: int = 9) {
      input x: f32[N, 4]
      output y = x -> Linear(turns(count)) -> Linear(turns(count + 50))
    }
    """
    module = built(text)
    assert module.turns(9) == 2 and module.turns(60) == 3
    general(dedent(text), "Net", {"count": 3000})


def test_a_logarithm_to_a_base_and_one_of_a_size_are_computed() -> None:
    text = """
    block Pick(f: op, base: float) {
      input x: f32[N, D]
      output y: f32[N, D] = x * f(D, base) + f(base)
    }
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x -> Pick(log, base) -> Pick(log, 7.5)
    }
    """
    for base in (3.0, 1.5):
        wanted = X
        for each in (base, 7.5):
            wanted = wanted * math.log(4, each) + math.log(each)
        torch.testing.assert_close(built(text).Net(base)(X), wanted)
    assert takes(built(text).Net) == {"base"}
    assert codes(text.replace("7.5", "1.0")) == ["D0309"]


def test_what_has_no_logarithm_is_pythons_own_error_where_a_user_asks_for_it() -> None:
    module = built(growing())
    with pytest.raises(ValueError, match="math domain"):
        module.Net(count=0)
    with pytest.raises(OverflowError):
        module.Net(base=-1e4)
    assert codes(growing().replace("count: int = 5", "count: int = 0")) == ["D0309", "D0309"]


# The import


def test_math_is_imported_first_and_only_where_it_is_called() -> None:
    code = code_of(program_of(BUCKET))
    assert code.splitlines()[2:5] == ["import math", "", "import torch"]
    for text in (
        BUCKET.replace("log(longest / exact)", "(longest / exact)"),
        BUCKET.replace("log(longest / exact)", "sqrt(longest / exact)"),
        'model Net(math: int = 3) {\n  input x: f32[N, 4]\n  require math > 0, "math.log(1) #"\n'
        "  output y = x * math -> Linear(math)\n}",
    ):
        assert "import math" not in code_of(program_of(text))


def test_a_spec_called_math_is_no_call_of_it() -> None:
    text = "model Net { input x: f32[N, 4] output y = x -> Linear(3) -> relu -> Linear(2) }"
    code = compiled(program_of(text), Source("math.log(1).dl", text)).files["model.py"]
    assert "math.log(" in code and "import math" not in code


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("x = math.log(2)", True),
        ("x = (math.floor(a) + 1) * 'b'", True),
        ('raise ValueError("a.dl:3: math.log(x)")', False),
        ('f("\\"", math.exp(2))', True),
        ('f("\\"math.exp(2)")', False),
        ("x = a  # (N, math.ceil(a))", False),
        ("x = self.math.log(2)", False),
        ("x = aftermath.log(2)", False),
        ("x = math.sqrt(2)", False),
        ("x = math_.log(2)", False),
    ],
)
def test_a_call_is_told_from_words_about_it(line: str, calls: bool) -> None:
    assert opened.calls_math(line) is calls


NAMED = {
    "a block": """
    block math(base: float) {
      input x: f32[N, D]
      output y: f32[N, D] = x * log(base)
    }
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x -> math(base) -> math(2.0)
    }
    """,
    "an input": """
    model Net(base: float = 3.0) {
      input math: f32[N, 4]
      output y = math * log(base) * log(2.0)
    }
    """,
    "a hyperparameter": """
    model Net(math: float = 3.0) {
      input x: f32[N, 4]
      output y = x * log(math) * log(2.0)
    }
    """,
    "a tensor and a number": """
    block twice(base: float) {
      input x: f32[N, D]
      math = log(base) * 2
      output y: f32[N, D] = x * math / 2
    }
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      math = x -> twice(base)
      math = math * log(base) / log(base)
      output y = math -> twice(2.0)
    }
    """,
    "a function": """
    function math(base: float) = log(base)
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x * math(base) * log(2.0)
    }
    """,
    "a size and a layer": """
    block within(base: float) {
      input x: f32[N, math]
      layer math_ = Dropout(0.0)
      output y: f32[N, math] = (x -> math_) * (log(base) + log(math)) / (log(base) + log(math))
    }
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      h = (x -> within(base)) * log(base) * log(2.0)
      output y = h -> within(base + 1)
    }
    """,
    "a param": """
    param math = 3.0
    model Net(base: float = math) {
      input x: f32[N, 4]
      output y = x * log(base) * log(2.0)
    }
    """,
    "the model": """
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x -> math(base)
    }
    model math(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x * log(base) * log(2.0)
    }
    """,
}


@pytest.mark.parametrize("what", NAMED)
def test_whatever_is_called_math_leaves_logarithms_alone(what: str) -> None:
    text = NAMED[what]
    code = code_of(program_of(text))
    gate("model.py", code)
    kind = module_of(code).Net
    for base in (3.0, 5.0):
        net = kind(base) if takes(kind) else kind()
        wanted = math.log(base if takes(kind) else 3.0) * math.log(2.0)
        torch.testing.assert_close(net(X), X * wanted)


def test_formatter_and_linter_leave_the_file_as_it_is(tmp_path: Path) -> None:
    if not (BIN / "ruff").exists():
        pytest.skip("ruff is not installed beside this Python")
    texts = {"bucket": BUCKET, "growing": growing(), **NAMED}
    for each, text in texts.items():
        path = tmp_path / f"{each.replace(' ', '_')}.py"
        path.write_text(code_of(program_of(text)), encoding="utf-8")
    for command in (
        ["ruff", "format", "--isolated", "--no-cache", "--check", "--line-length", "88"],
        ["ruff", "check", "--isolated", "--no-cache", "--select", "F,I,UP,B"],
    ):
        said = subprocess.run(
            [BIN / command[0], *command[1:], tmp_path], capture_output=True, text=True
        )
        assert said.returncode == 0, said.stdout + said.stderr


# Values


LEAVES: dict[str, Any] = {"rate": ir.Open("rate", "float"), "size": name("size")}
numbers = st.fixed_dictionaries(
    {"rate": st.floats(-800, 800), "size": st.integers(-(2**62), 2**62)}
)


@given(st.sampled_from(opened.MATH), st.sampled_from(sorted(LEAVES)), numbers)
def test_a_function_gives_every_bit_of_what_the_compiler_computes(
    function: str, leaf: str, known: dict[str, Any]
) -> None:
    value = opened.call(function, (LEAVES[leaf],))
    by_compiler = LAYERS[function].of_number
    assert by_compiler is not None
    try:
        expected = by_compiler(known[leaf])
    except (ValueError, OverflowError):
        with pytest.raises(ArithmeticFault):
            evaluate(value, known, {}, {})
        return
    found = evaluate(value, known, {}, {})
    assert (found, type(found)) == (expected, type(expected))
    assert eval(opened.written(value), {"math": math}, dict(known)) == expected


def test_functions_are_written_as_a_person_would() -> None:
    depth, rate = LEAVES["size"], LEAVES["rate"]
    half = opened.operation("/", depth, 2)
    logarithm = opened.call("log", (half,))
    assert opened.written(logarithm) == "math.log(size / 2)"
    assert opened.written(opened.operation("**", logarithm, 2)) == "math.log(size / 2) ** 2"
    assert opened.written(opened.operation("/", 1, logarithm)) == "1 / math.log(size / 2)"
    assert opened.written(opened.call("log", (rate, 2))) == "math.log(rate, 2)"
    assert opened.written(opened.call("floor", (half,))) == "math.floor(size / 2)"
    assert opened.call("floor", (depth,)) == depth == opened.call("ceil", (depth,))
    assert opened.kind(opened.call("ceil", (half,))) == "int"


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("log", (ir.Open("deep", "bool"),)),
        ("exp", (ir.Open("mode", "str"),)),
        ("exp", (1.0, LEAVES["rate"])),
        ("log", (LEAVES["rate"], 2, 3)),
        ("sin", ((1, 2),)),
        ("log2", (LEAVES["rate"],)),
        ("floor", ()),
    ],
)
def test_what_is_no_function_of_a_number_has_no_form(
    function: str, values: tuple[Any, ...]
) -> None:
    with pytest.raises(opened.NoForm):
        opened.call(function, values)


def test_each_function_of_math_is_one_of_the_catalogue() -> None:
    for each in opened.MATH:
        assert LAYERS[each].of_number is getattr(math, each)
