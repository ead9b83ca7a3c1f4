"""Functions that make tensors: sizes, dtypes and place are torch's, and `detach` cuts gradients."""

from pathlib import Path
from typing import Any

import pytest
import torch
from answers import DTYPES, answered
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from networks import codes, emitted

NOISE = """
model Net {
  input x: f32[N, 4]
  noise = randn(N, 4) + rand(N, 1) * 2
  index = randint(3, 7, (N, 5)) -> Embedding(6)
  start = cat([zeros(N, 1, 3), ones(N, 1, 3), full((N, 1, 3), 0.25)], 1)
  output y: f32[N, 4] = x * 2 + noise
  output rows: f32[N, 5, 6] = index
  output begin: f32[N, 3, 3] = start
}
"""


@pytest.mark.parametrize(
    ("function", "given"),
    [
        ("randn", {"size": (2, 3)}),
        ("rand", {"size": (4,)}),
        ("zeros", {"size": (2, 3)}),
        ("ones", {"size": (1, 5)}),
        ("full", {"size": (2, 3), "fill_value": 0.5}),
        ("full", {"size": (2, 3), "fill_value": 7}),
        ("randint", {"low": -2, "high": 5, "size": (2, 3)}),
        ("randint", {"low": 0, "high": 5, "size": (2,)}),
        ("randint", {"low": 5, "high": 5, "size": (2,)}),
        ("randint", {"low": 6, "high": 5, "size": (2,)}),
    ],
)
def test_a_created_tensor_has_the_shape_and_dtype_of_torch_s(
    function: str, given: dict[str, Any]
) -> None:
    record = LAYERS[function]
    ours = answered(record, given)
    try:
        theirs = eval(record.code, {"torch": torch})(**given)
    except RuntimeError:
        assert isinstance(ours, Mismatch)
        return
    assert not isinstance(ours, Mismatch)
    assert tuple(size.value for size in ours.type.shape) == tuple(theirs.shape)
    assert DTYPES[ours.type.dtype] == theirs.dtype


@pytest.mark.parametrize("size", [(0,), (2, -1), (2.0,), (True,), ("N",)])
def test_a_size_is_a_whole_number_above_zero(size: tuple[Any, ...]) -> None:
    assert isinstance(answered(LAYERS["randn"], {"size": size}), Mismatch)


def test_the_batch_may_be_a_size() -> None:
    ours = answered(LAYERS["randn"], {"size": (name("N"), 100)})
    assert not isinstance(ours, Mismatch)
    assert ours.type == Type("f32", (name("N"), dim(100)))


def test_drawn_whole_numbers_are_indices_below_their_bound_unless_one_may_be_negative() -> None:
    for low, tokens in ((0, 9), (4, 9), (-1, None)):
        ours = answered(LAYERS["randint"], {"low": low, "high": 9, "size": (2,)})
        assert not isinstance(ours, Mismatch)
        assert ours.type.tokens == tokens


def test_emitted_numbers_are_made_where_the_input_is(tmp_path: Path) -> None:
    net = emitted(NOISE, tmp_path).Net().to("meta")
    outputs = net(torch.empty(3, 4, device="meta"))
    assert [tuple(each.shape) for each in outputs] == [(3, 4), (3, 5, 6), (3, 3, 3)]
    assert {each.device.type for each in outputs} == {"meta"}


def test_emitted_numbers_are_the_ones_asked_for(tmp_path: Path) -> None:
    net = emitted(NOISE, tmp_path).Net()
    y, rows, begin = net(torch.full((5000, 4), 10.0))
    # 20 + a normal number + an even one of 0 … 2: mean 21, variance 1 + 4 / 12.
    assert abs(y.mean() - 21) < 0.1
    assert abs(y.var() - 4 / 3) < 0.1
    known = {tuple(row.tolist()) for row in net.embedding1.weight[3:7]}
    assert net.embedding1.num_embeddings == 7
    assert {tuple(row) for row in rows.flatten(0, 1).tolist()} == known
    assert begin[0].tolist() == [[0.0] * 3, [1.0] * 3, [0.25] * 3]


def test_no_gradient_flows_back_through_detach(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[N, 4]
      output y: f32[N, 4] = detach(x * 3) * x + (x - 1 -> detach)
    }
    """
    net = emitted(text, tmp_path).Net()
    x = torch.randn(2, 4, requires_grad=True)
    y = net(x)
    torch.testing.assert_close(y, 3 * x * x + x - 1)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient, 3 * x.detach())


def test_what_numbers_mean_is_kept_by_detach_and_not_by_a_new_tensor() -> None:
    shares = Type("f32", (dim(2), dim(3)), meaning="probabilities")
    kept, new = answered(LAYERS["detach"], {}, shares), answered(LAYERS["rand_like"], {}, shares)
    assert not isinstance(kept, Mismatch) and not isinstance(new, Mismatch)
    assert (kept.type.meaning, new.type.meaning) == ("probabilities", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x -> randn(N, 4)", "D0314"),
        ("randn(N, 0)", "D0308"),
        ("randn()", "D0307"),
        ("randint(5, 5, (N, 4))", "D0201"),
        ("randint(0, 10)", "D0307"),
        ("zeros(N, M)", "D0301"),
        ("randn(x)", "D0216"),
        ("x -> detach(1)", "D0305"),
    ],
)
def test_a_wrong_creation_is_one_message(text: str, code: str) -> None:
    model = f"model Net {{ input x: f32[N, 4] y = {text} output z: f32[N, 4] = x -> Linear(4) }}"
    assert codes(model) == [code]
