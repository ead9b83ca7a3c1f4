"""`dlc summary`: parameters, operations and the table, held against torch and counts by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from commands import dlc
from dlc.compiler import ir
from dlc.compiler.dims import Dim, dim, factored, name
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.summary import described, summary
from dlc.compiler.summary_table import shortened
from hypothesis import given
from hypothesis import strategies as st
from packages import HOME, checked
from summarised import BLOCKS, RECURRENT, model_of
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

ZOO = sorted((HOME / "specs" / "zoo").glob("*.dl"))


def counted_by_torch(module: Any, *inputs: Tensor) -> int:
    """The operations of products and convolutions, as torch's counter has them."""
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        module(*inputs)
    return int(counter.get_total_flops())


def multiplied(model: ir.TypedModel, **sizes: int) -> int:
    """Our operations of the kinds that torch's counter knows."""
    kinds = {"Conv2d", "ConvTranspose2d", "Linear", "matmul", "@", "einsum", "bmm", "mm"}
    found = described(model, "net.dl").costs
    return sum(each.flops.evaluate(sizes) for each in found if each.kind in kinds)


CONVOLUTIONS = """
model Net {
  input  image: f32[N, 3, H, W]
  h = image -> Conv2d(16, 3, stride=2, padding=1, bias=False) -> relu
    -> Conv2d(16, 3, groups=4, bias=False) -> relu -> Conv2d(8, 5, dilation=2, bias=False)
    -> ConvTranspose2d(4, 3, bias=False)
  output y = h -> AdaptiveAvgPool2d(1) -> flatten(1) -> Linear(10, bias=False)
}
"""
PRODUCTS = """
model Net {
  input x: f32[N, T, 12]
  q = x -> Linear(12, bias=False)
  shares = softmax(q @ x.mT, -1)
  read = matmul(shares, x)
  mixed = einsum("nij,njd->nid", shares, read)
  output y = bmm(mixed, mixed.mT)
}
"""


def test_the_operations_of_convolutions_are_those_of_torch() -> None:
    model, module = model_of(CONVOLUTIONS)
    for count, height, width in ((1, 32, 32), (3, 45, 38)):
        theirs = counted_by_torch(module.Net(), torch.rand(count, 3, height, width))
        assert multiplied(model, N=count, H=height, W=width) == theirs


def test_the_operations_of_matrix_products_and_einsum_are_those_of_torch() -> None:
    model, module = model_of(PRODUCTS)
    for count, steps in ((1, 5), (4, 9)):
        theirs = counted_by_torch(module.Net(), torch.rand(count, steps, 12))
        assert multiplied(model, N=count, T=steps) == theirs


def test_the_bias_of_a_layer_counts_one_operation_for_each_value() -> None:
    with_bias, _ = model_of(CONVOLUTIONS.replace(", bias=False", ""))
    without, _ = model_of(CONVOLUTIONS)
    found = (described(each, "net.dl").costs for each in (with_bias, without))
    for one, other in zip(*found, strict=True):
        made = one.step.outputs[0].type.shape
        count = Dim({(): 1})
        for size in made if one.parameters else ():
            count = count * size
        assert one.flops - other.flops == (count if one.parameters else 0)


def test_attention_counts_what_torch_counts_and_its_softmax() -> None:
    heads, width, records, steps = 4, 8, 3, 10
    model, module = model_of(f"""
        model Net {{
          input x: f32[N, {heads}, T, {width}]
          output y = scaled_dot_product_attention(x, x, x)
        }}""")
    with sdpa_kernel(SDPBackend.MATH):  # of one kernel torch counts nothing
        theirs = counted_by_torch(module.Net(), torch.rand(records, heads, steps, width))
    shares, scaled = records * heads * steps * steps, records * heads * steps * width
    # A share takes the 5 operations of a softmax; the query is scaled.
    assert described(model, "net.dl").flops.evaluate({"N": records, "T": steps}) == (
        theirs + 5 * shares + scaled
    )


def test_a_transformer_counts_what_its_products_take_and_little_besides() -> None:
    model, _ = model_of("""
        model Net {
          input x: f32[N, T, 64]
          output y = x -> TransformerEncoderLayer(4, dim_feedforward=256, dropout=0.0)
        }""")
    records, steps, width, hidden = 2, 20, 64, 256
    projections = 4 * 2 * width * width + 2 * 2 * width * hidden
    looks = 2 * 2 * steps * width
    products = records * steps * (projections + looks)
    found = described(model, "net.dl").flops.evaluate({"N": records, "T": steps})
    assert products < found < 1.05 * products


@pytest.mark.parametrize(("layers", "ways"), [(1, 1), (2, 1), (2, 2)])
def test_an_lstm_counts_its_gates_by_hand_where_torch_counts_nothing(
    layers: int, ways: int
) -> None:
    records, steps, features, units = 3, 7, 10, 16
    model, _ = model_of(f"""
        model Net {{
          input x: f32[N, T, {features}]
          y, _ = x -> LSTM({units}, num_layers={layers}, bidirectional={ways == 2})
          output z = y
        }}""")
    total = 0
    for layer in range(layers):
        comes_in = features if layer == 0 else ways * units
        # i, f, g, o: W x + b + U h + b, a multiply-add for each weight and three sums.
        gates = 4 * units * (2 * comes_in + 2 * units + 3)
        # Three sigmoids of 4, two tanh of 5, and c' = f c + i g, h' = o tanh(c').
        total += ways * (gates + units * (3 * 4 + 2 * 5 + 4))
    found = described(model, "net.dl").flops.evaluate({"N": records, "T": steps})
    assert found == records * steps * total


def test_a_loop_at_run_time_counts_every_turn() -> None:
    model, module = model_of(RECURRENT)
    for steps in (1, 6):
        theirs = counted_by_torch(module.Net(), torch.rand(2, steps, 8))
        assert multiplied(model, N=2, T=steps) == theirs


def test_what_grows_from_turn_to_turn_is_summed() -> None:
    model, _ = model_of("""
        model Net {
          input x: f32[N, T, 8]
          h = zeros(N, 8)
          for t in range(T) {
            h = h + (ones(t + 1, t + 1) -> sum)
          }
          output y = h
        }""")
    (ours,) = (each.flops for each in described(model, "net.dl").costs if each.kind == "sum")
    for steps in (1, 2, 5):
        assert ours.evaluate({"T": steps}) == sum((t + 1) ** 2 for t in range(steps))


@pytest.mark.parametrize("spec", ZOO, ids=lambda path: path.stem)
def test_networks_of_the_zoo_have_the_parameters_that_torch_counts(spec: Path) -> None:
    found = checked(spec.read_text(encoding="utf-8"), name=spec.name)
    assert found.program is not None
    last = [*found.program.models][-1]
    module = ModuleType("zoo_model")
    sys.modules[module.__name__] = module
    exec(compiled(found.program, found.source).files["model.py"], module.__dict__)
    with torch.device("meta"):
        net = getattr(module, last)()
    ours = summary(found.program.models[last], spec.name)
    assert ours["parameters"] == {
        "trainable": sum(each.numel() for each in net.parameters()),
        "frozen": 0,
        "buffers": sum(each.numel() for each in net.buffers()),
    }


names = st.sampled_from([name(each) for each in "NHWT"])
sizes = st.recursive(
    st.one_of(names, st.integers(1, 40).map(dim)),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, st.integers(2, 9)).map(lambda pair: pair[0] // pair[1]),
        st.tuples(inner, st.integers(1, 9)).map(lambda pair: pair[0] - pair[1]),
    ),
    max_leaves=6,
)


@given(sizes, st.lists(sizes, max_size=3))
def test_a_size_in_factors_is_the_same_size(size: Dim, of: list[Dim]) -> None:
    whole = size
    for each in of:
        whole = whole * each
    said = factored(whole, of)
    for values in ({"N": 1, "H": 17, "W": 5, "T": 30}, {"N": 4, "H": 1, "W": 64, "T": 2}):
        assert eval(said, dict(values)) == whole.evaluate(values)


@pytest.mark.parametrize(
    ("said", "short"),
    [
        (1234567, "1,234,567"),
        ("N*1000000", "N*1,000,000"),
        ("N*(12*H*W + 34*H + 56*W + 7)", "N*(12*H*W + 34*H + …)"),
        ("H*W + 34*H*W*T + 56*W*T + 9", "H*W + 34*H*W*T + …"),
    ],
)
def test_long_expressions_are_cut_behind_a_term(said: int | str, short: str) -> None:
    assert shortened(said, 24) == short


def test_operations_are_told_for_a_record_and_for_a_batch(tmp_path: Path) -> None:
    spec = tmp_path / "net.dl"
    spec.write_text(BLOCKS)
    (found,) = dlc("summary", spec, "--batch", 16, "--json").lines
    one, many = found["flops_of_record"], found["flops_of_batch"]
    assert many == 16 * one
    assert found["flops"] == f"N*{one}"
    assert found["memory"]["batch"] == 16
    said = dlc("summary", spec, "--batch", 16).out
    assert f"a batch of 16: {many:,}" in said


def test_depth_and_batch_are_whole_numbers(tmp_path: Path) -> None:
    spec = tmp_path / "net.dl"
    spec.write_text(BLOCKS)
    assert dlc("summary", spec, "--batch", 0).code == 2
    assert dlc("summary", spec, "--depth", -1).code == 2
    assert "Linear (linear1)" not in dlc("summary", spec, "--depth", 0).out.split("9  ")[0]


def test_open_sizes_and_conditions_are_told_with_their_lines(tmp_path: Path) -> None:
    spec = tmp_path / "net.dl"
    spec.write_text("""model Net {
  input  image: f32[N, 3, H, W]
  h = image -> Conv2d(4, 3, stride=2) -> Conv2d(4, 3, stride=2)
  output y = h -> AdaptiveAvgPool2d(1) -> flatten(1)
}
""")
    said = dlc("summary", spec).out
    assert "condition: H >= 7 (line 3)" in said
    assert "N*220*((H - 1) // 2)*((W - 1) // 2)" in said
    (found,) = dlc("summary", spec, "--json").lines
    assert found["conditions"] == ["H >= 7", "W >= 7"]
    ours = {k: eval(str(found["layers"][0][k]), {"N": 2, "H": 31, "W": 40}) for k in ("flops",)}
    conv = torch.nn.Conv2d(3, 4, 3, stride=2, bias=False)
    theirs = counted_by_torch(conv, torch.rand(2, 3, 31, 40))
    assert ours["flops"] == theirs + 2 * 4 * 15 * 19


SUMMARISED_WITHOUT_TORCH = """
import sys
from dlc.compiler.cli import main
try:
    main(["summary", sys.argv[1], "--batch", "4"])
except SystemExit as end:
    assert not end.code
assert not {"torch", "numpy", "jinja2"} & set(sys.modules), sorted(sys.modules)
"""


def test_a_summary_needs_no_torch(tmp_path: Path) -> None:
    spec = tmp_path / "net.dl"
    spec.write_text(BLOCKS)
    command = [sys.executable, "-c", SUMMARISED_WITHOUT_TORCH, str(spec)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "parameters: 192 trainable" in said.stdout
