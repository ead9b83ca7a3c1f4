"""`init`: weights as torch's initializers and Keras' defaults draw them, and what is refused."""

from __future__ import annotations

import inspect
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.compiler.layers.initial import INITIALIZERS
from dlc.compiler.layers.record import REQUIRED
from networks import code_of, codes, emitted
from packages import checked
from torch import Tensor, nn

KERAS = """
block Head(out: int) {
  input x: f32[N, D]
  output y: f32[N, out] = x -> Linear(64) -> LayerNorm -> relu -> Linear(out)
}

model Reviews(width: int = 64, init=keras) {
  input words: token(1000)[N, T]
  y, _ = words -> Embedding(width, padding_idx=0) -> LSTM(96, num_layers=2, bidirectional=True)
  z, _ = y -> GRU(48)
  u, _ = z -> RNN(40)
  output score: f32[N, 10] = u[:, -1] -> Head(10)
}

model Images(init=keras) {
  input image: f32[N, 16, 12, 12]
  output y: f32[N, 5] =
    image -> Conv2d(32, 3, groups=2) -> BatchNorm2d() -> Conv2d(8, (3, 5), bias=False) -> flatten(1)
    -> Linear(5)
}
"""


def even(weight: Tensor, bound: float) -> bool:
    """Whether numbers look evenly drawn from -bound to bound: the variance is bound² / 3."""
    spread = weight.var().item() / (bound * bound / 3)
    return weight.abs().max().item() <= bound and 0.85 < spread < 1.15


def orthogonal(weight: Tensor) -> bool:
    """Whether the columns, or the rows where these are fewer, are orthonormal."""
    tall = weight if weight.shape[0] >= weight.shape[1] else weight.T
    return torch.allclose(tall.T @ tall, torch.eye(tall.shape[1]), atol=1e-4)


def glorot(weight: Tensor) -> float:
    """sqrt(6 / (fan in + fan out)); a fan counts the places of a window, as Keras documents it."""
    places = math.prod(weight.shape[2:])
    return math.sqrt(6 / ((weight.shape[0] + weight.shape[1]) * places))


@pytest.fixture
def module(tmp_path: Path) -> Any:
    torch.manual_seed(0)
    return emitted(KERAS, tmp_path)


def test_keras_draws_kernels_evenly_and_starts_biases_at_zero(module: Any) -> None:
    net = module.Images()
    for each in (net.conv1, net.conv2, net.linear1):
        assert even(each.weight, glorot(each.weight))
    assert net.conv1.bias.abs().max() == net.linear1.bias.abs().max() == 0
    head = module.Reviews().head1
    assert even(head.linear1.weight, glorot(head.linear1.weight))
    assert head.linear1.bias.abs().max() == head.linear2.bias.abs().max() == 0


def test_keras_leaves_normalisations_at_one_and_zero(module: Any) -> None:
    norms = [module.Images().norm1, module.Reviews().head1.norm1]
    assert all((each.weight == 1).all() and (each.bias == 0).all() for each in norms)


def test_keras_draws_embeddings_from_a_twentieth_and_keeps_padding_zero(module: Any) -> None:
    rows = module.Reviews().embedding1.weight
    assert even(rows[1:], 0.05)
    assert rows[0].abs().max() == 0


@pytest.mark.parametrize("layer", ["lstm1", "gru1", "rnn1"])
def test_keras_draws_recurrent_kernels_whole_and_orthogonal(module: Any, layer: str) -> None:
    found = getattr(module.Reviews(), layer)
    kernels = {n: w for n, w in found.named_parameters() if n.startswith("weight")}
    assert len(kernels) == (8 if layer == "lstm1" else 2)
    for state, weight in kernels.items():
        if "_ih_" in state:
            # One kernel of all gates: the fan out is that of all of them, as its bound shows.
            assert even(weight, math.sqrt(6 / (weight.shape[1] + weight.shape[0])))
        else:
            assert orthogonal(weight)


def test_keras_opens_the_forget_gate_once_and_no_other(module: Any) -> None:
    net = module.Reviews()
    for suffix in ("_l0", "_l0_reverse", "_l1", "_l1_reverse"):
        # torch adds two biases: together they are Keras' one. Its gates are i, f, g, o.
        biases = (
            net.lstm1.get_parameter(f"bias_ih{suffix}"),
            net.lstm1.get_parameter(f"bias_hh{suffix}"),
        )
        gates = [gate.unique().tolist() for gate in (biases[0] + biases[1]).chunk(4)]
        assert gates == [[0], [1], [0], [0]]
    for layer in (net.gru1, net.rnn1):
        assert layer.bias_ih_l0.abs().max() == layer.bias_hh_l0.abs().max() == 0


def test_keras_holds_for_hyperparameters_set_from_python(module: Any) -> None:
    assert even(module.Reviews(width=200).embedding1.weight[1:], 0.05)


def test_the_function_has_the_branches_that_the_models_need_and_no_other() -> None:
    code = code_of("model Net(init=keras) { input x: f32[N, 4] output y = x -> Linear(4) }")
    assert code.count("isinstance") == 1
    assert "self.apply(keras_init)" in code
    for other in ("LSTM", "Embedding", "orthogonal", "if module.bias"):
        assert other not in code
    plain = code_of("model Net { input x: f32[N, 4] output y = x -> Linear(4) }")
    assert "init." not in plain and "keras" not in plain


def test_a_bias_that_a_hyperparameter_takes_away_is_looked_for(tmp_path: Path) -> None:
    text = """
    model Net(b: bool = True, init=keras) {
      input x: f32[N, 4]
      output y = x -> Linear(4, bias=b)
    }
    """
    net = emitted(text, tmp_path)
    assert net.Net().linear1.bias.abs().max() == 0
    assert net.Net(b=False).linear1.bias is None


SINGLE = """
block Small(std: float = 0.5) {
  input x: f32[N, D]
  output y = x -> Linear(64, init=normal_(std=std)) -> Linear(D)
}

model Layers {
  input x: f32[N, 64]
  a = x -> Linear(128, init=kaiming_normal_(nonlinearity="relu")) -> Linear(64, init=keras)
  b, _ = a -> reshape(N, 64, 1) -> LSTM(32, init=orthogonal_(gain=2.0))
  c = a -> BatchNorm1d(init=zeros_)
  output y = (b[:, -1] -> Linear(64, init=constant_(0.25))) + c -> Small(0.1)
}

model Whole(gain: float = 2.0, init=xavier_uniform_(gain=gain)) {
  input x: f32[N, 64]
  a = x -> Linear(64) -> LayerNorm -> Small -> Linear(8, init=ones_)
  h, _ = a -> reshape(N, 8, 1) -> GRU(32)
  output y = h[:, -1] -> Linear(64)
}
"""


def test_a_layer_s_own_init_sets_its_weight_and_leaves_the_bias_to_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(SINGLE, tmp_path).Layers()
    wanted = math.sqrt(2 / 64)  # He's: sqrt(2 / fan in)
    assert 0.95 < net.linear1.weight.std() / wanted < 1.05
    assert 0 < net.linear1.bias.abs().max() <= 1 / 8
    assert even(net.linear2.weight, glorot(net.linear2.weight))
    assert net.linear2.bias.abs().max() == 0
    assert all(
        orthogonal(weight / 2)
        for state, weight in net.lstm1.named_parameters()
        if "weight" in state
    )
    assert net.lstm1.bias_ih_l0.abs().max() > 0
    assert net.norm1.weight.abs().max() == 0
    assert net.linear3.weight.unique().tolist() == [0.25]
    assert 0.09 < net.small1.linear1.weight.std() < 0.11


def test_a_model_s_init_goes_through_its_blocks_and_yields_to_a_layer_s_own(
    tmp_path: Path,
) -> None:
    torch.manual_seed(0)
    whole = emitted(SINGLE, tmp_path).Whole
    for gain in (2.0, 0.5):
        net = whole(gain=gain)
        for each in (net.linear1, net.small1.linear2, net.linear3):
            assert even(each.weight, gain * glorot(each.weight))
        assert all(
            even(weight, gain * glorot(weight))
            for state, weight in net.gru1.named_parameters()
            if "weight_hh" in state
        )
        assert 0.45 < net.small1.linear1.weight.std() < 0.55
        assert net.linear2.weight.unique().tolist() == [1]
        assert net.norm1.weight.unique().tolist() == [1]


def test_a_padding_row_stays_zero_under_every_init(tmp_path: Path) -> None:
    text = """
    model Net(init=ones_) {
      input x: token(9)[N, T]
      a = x -> Embedding(4, padding_idx=2)
      output y = a + (x -> Embedding(4, padding_idx=-1, init=normal_))
    }
    """
    net = emitted(text, tmp_path).Net()
    assert [row.sum().item() for row in net.embedding1.weight] == [4, 4, 0, 4, 4, 4, 4, 4, 4]
    assert net.embedding2.weight[8].abs().max() == 0
    assert net.embedding2.weight[:8].abs().min() > 0


def test_hyperparameters_named_like_the_loop_s_variables_stay_what_they_are(tmp_path: Path) -> None:
    text = """
    model Net(module: float = 0.5, name: float = 3.0, init=constant_(module)) {
      input x: f32[N, 3, 1]
      h, _ = x -> LSTM(4)
      output y = h[:, -1] -> Linear(3, init=constant_(name)) -> Linear(2)
    }
    """
    net = emitted(text, tmp_path).Net(module=7.0, name=5.0)
    assert net.lstm1.weight_hh_l0.unique().tolist() == [7]
    assert net.linear1.weight.unique().tolist() == [5]
    assert net.linear2.weight.unique().tolist() == [7]


@pytest.mark.parametrize("record", INITIALIZERS.values(), ids=lambda record: record.name)
def test_initializers_have_torch_s_arguments_and_defaults(record: Any) -> None:
    found = inspect.signature(getattr(nn.init, record.name)).parameters.values()
    theirs = {p.name: p.default for p in found if p.name not in ("tensor", "generator")}
    ours = {p.name: p.default for p in record.parameters}
    assert list(ours) == list(theirs)
    for each, default in theirs.items():
        assert ours[each] == (REQUIRED if default is inspect.Parameter.empty else default)


def test_every_initializer_of_torch_is_there() -> None:
    found = {each for each in vars(nn.init) if each.endswith("_") and not each.startswith("_")}
    assert {each for each in found if callable(getattr(nn.init, each))} == {*INITIALIZERS}


@pytest.mark.parametrize("record", INITIALIZERS.values(), ids=lambda record: record.name)
def test_an_initializer_takes_the_shapes_that_torch_takes(record: Any) -> None:
    given = {"constant_": "0.5", "sparse_": "0.5"}.get(record.name, "")
    layers = {
        "BatchNorm1d": (nn.BatchNorm1d(4), "x"),
        "Linear": (nn.Linear(4, 4), "x"),
        "Conv1d": (nn.Conv1d(4, 4, 1), "x -> reshape(N, 4, 1)"),
        "Conv2d": (nn.Conv2d(4, 4, 1), "x -> reshape(N, 4, 1, 1)"),
    }
    for layer, (built, start) in layers.items():
        wide = {"BatchNorm1d": "", "Linear": "4, "}.get(layer, "4, 1, ")
        text = f"""
        model Net {{
          input x: f32[N, 4]
          output y = {start} -> {layer}({wide}init={record.name}({given}))
        }}
        """
        try:
            getattr(nn.init, record.name)(built.weight, *([float(given)] if given else []))
        except ValueError:
            assert codes(text) == ["D0229"], layer
        else:
            assert codes(text) == [], layer


@pytest.mark.parametrize(
    ("init", "code"),
    [
        ("kaiming_normal", "D0227"),
        ("kreas", "D0227"),
        ("3", "D0227"),
        ("he_normal", "D0227"),
        ("keras(1)", "D0305"),
        ("normal_(sdt=1.0)", "D0304"),
        ("normal_(std=-1.0)", "D0308"),
        ("normal_(std=x)", "D0216"),
        ("constant_", "D0307"),
        ("uniform_(1.0, 0.0)", "D0229"),
        ('kaiming_normal_(mode="in")', "D0308"),
    ],
)
def test_a_wrong_initializer_is_one_message(init: str, code: str) -> None:
    layer = f"model Net {{ input x: f32[N, 4] output y = x -> Linear(4, init={init}) }}"
    assert codes(layer) == [code]
    if "x)" not in init:
        model = f"model Net(init={init}) {{ input x: f32[N, 4] output y = x -> Linear(4) }}"
        assert codes(model) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x -> relu(init=ones_)", "D0304"),
        ("x -> Dropout(0.5, init=ones_) -> Linear(1)", "D0304"),
        ("x -> BatchNorm1d(affine=False, init=ones_)", "D0228"),
        ("x -> Linear(4, init=ones_, init=zeros_)", "D0304"),
    ],
)
def test_init_where_nothing_is_to_be_set_is_refused(text: str, code: str) -> None:
    assert codes(f"model Net {{ input x: f32[N, 4] output y = {text} }}") == [code]


def test_names_of_other_frameworks_lead_to_torch_s() -> None:
    text = "model Net { input x: f32[N, 4] output y = x -> Linear(4, init=GlorotUniform) }"
    for theirs, ours in (
        ("glorot_uniform", "xavier_uniform_"),
        ("he_normal", 'kaiming_normal_(nonlinearity="relu")'),
    ):
        (fault,) = checked(text.replace("GlorotUniform", theirs)).diagnostics
        assert fault.help == (f"did you mean `{ours}`?",)
        assert codes(text.replace("GlorotUniform", ours)) == []


def test_a_hyperparameter_with_a_type_may_still_be_called_init() -> None:
    text = "model Net(init: int = 4) { input x: f32[N, 4] output y = x -> Linear(init) }"
    assert codes(text) == []


ATTENTION = """
model Whole(init=constant_(0.5)) {
  input x: f32[N, T, 8]
  h, _ = MultiheadAttention(2)(x, x, x)
  h = h -> TransformerEncoderLayer(2, 16)
  output y: f32[N, T, 8] = h
}

model Own {
  input x: f32[N, T, 8]
  input other: f32[N, T, 6]
  h, _ = MultiheadAttention(2, init=constant_(0.5))(x, other, other)
  output y: f32[N, T, 8] = h -> TransformerEncoderLayer(2, 16, init=constant_(0.5))
}
"""


@pytest.mark.parametrize("name", ["Whole", "Own"])
def test_attention_and_what_is_built_of_it_have_all_their_matrices_set(
    name: str, tmp_path: Path
) -> None:
    net = getattr(emitted(ATTENTION, tmp_path), name)()
    matrices = [weight for weight in net.parameters() if weight.dim() > 1]
    assert len(matrices) == {"Whole": 6, "Own": 8}[name]
    assert all(bool((weight == 0.5).all()) for weight in matrices)
    scales = [module.weight for module in net.modules() if isinstance(module, nn.LayerNorm)]
    assert scales and all(bool((scale == 1).all()) for scale in scales)


def test_kernels_as_in_keras_are_none_of_attention() -> None:
    assert codes(ATTENTION.replace("constant_(0.5))(", "keras)(")) == ["D0228"]
