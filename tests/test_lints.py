"""Claims of dlc.compiler.lints about networks: what is pointed out, and what is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from torch import nn

SPECS = sorted((Path(__file__).parent.parent / "specs").glob("*.dl"))
ADVICE = tuple(f"D06{number}" for number in range(70, 100))
IMAGE = "f32[N, 3, 32, 32]"


def warned(text: str) -> list[str]:
    """The codes of the lints that a spec gets; it has no error."""
    checked = check(Source("lints.dl", text))
    assert checked.ok, [each.message for each in checked.diagnostics]
    return [each.code for each in checked.diagnostics if each.code in ADVICE]


def network(body: str, takes: str = "f32[N, 8]", more: str = "") -> str:
    """A model whose output is `body`."""
    return f"model Net {{\n  input x: {takes}\n  {more}\n  output y = {body}\n}}\n"


def learned(body: str, loss: str = "mse_loss(y_hat, y)", targets: str = "[-1, 0, 2]") -> str:
    """A regression of three records whose output is `body`."""
    return f"""
data points {{
  x: f32[2] = [[1, 2], [3, 4], [5, 6]]
  y: f32[1] = {targets}
  yes: class(2) = [0, 1, 1]
  kind: class(3) = [0, 1, 2]
}}
model Net {{
  input x: f32[N, 2]
  output y_hat = {body}
}}
train Net on points {{
  loss = {loss}
  optimizer = Adam(lr=1e-2)
  epochs = 10
}}
"""


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_no_lint_speaks_of_the_specs_of_this_repository(spec: Path) -> None:
    assert warned(spec.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("last", ["relu", "sigmoid", "tanh", "softplus", "relu6", "Sigmoid()"])
def test_an_output_that_cannot_reach_its_targets_is_pointed_out(last: str) -> None:
    assert warned(learned(f"x -> Linear(1) -> {last}")) == ["D0670"]


@pytest.mark.parametrize("last", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("loss", ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"])
def test_no_squashed_output_reaches_standardized_targets(last: str, loss: str) -> None:
    spec = learned(f"x -> Linear(1) -> {last}", f"{loss}(y_hat, y)", "[1, 2, 9] -> standardize")
    assert warned(spec) == ["D0670"]


def test_standardized_columns_of_files_are_known_to_lie_on_both_sides_of_zero() -> None:
    spec = learned("x -> Linear(1) -> relu")
    table = spec.replace("data points {", 'data points from csv("none.csv") {')
    for old in ("= [[1, 2], [3, 4], [5, 6]]", "= [0, 1, 1]", "= [0, 1, 2]"):
        table = table.replace(old, "", 1)
    table = table.replace("x: f32[2] ", "x: f32[2] = [a, b]")
    assert warned(table.replace("= [-1, 0, 2]", "= price -> standardize")) == ["D0670"]
    assert warned(table.replace("= [-1, 0, 2]", "= price")) == []
    assert warned(table.replace("= [-1, 0, 2]", "= price -> normalize")) == []


@pytest.mark.parametrize(
    ("last", "targets"),
    [
        ("relu", "[0, 1, 5]"),
        ("sigmoid", "[0, 0.5, 1]"),
        ("sigmoid", "[3, 5, 9] -> normalize"),
        ("tanh", "[-1, 0, 1]"),
        ("relu6", "[0, 3, 6]"),
        ("sigmoid", "[0, 127, 255] -> scale(1 / 255)"),
    ],
)
def test_an_activation_that_reaches_all_targets_is_no_fault(last: str, targets: str) -> None:
    assert warned(learned(f"x -> Linear(1) -> {last}", targets=targets)) == []


def test_what_is_done_behind_an_activation_may_reach_the_targets() -> None:
    assert warned(learned("3 * (x -> Linear(1) -> tanh)")) == []
    assert warned(learned("x -> Linear(1) -> leaky_relu")) == []


@pytest.mark.parametrize("first", ["sigmoid", "softmax(-1)", "Softmax(-1)", "hardsigmoid"])
@pytest.mark.parametrize("second", ["sigmoid", "softmax(-1)", "log_softmax(-1)"])
def test_probabilities_are_not_squashed_again(first: str, second: str) -> None:
    assert warned(network(f"x -> Linear(4) -> {first} -> {second}")) == ["D0671"]
    assert warned(network(f"x -> Linear(4) -> {first} -> reshape(N, 4) -> {second}")) == ["D0671"]


def test_squashing_at_two_places_is_no_fault() -> None:
    assert warned(network("x -> Linear(4) -> sigmoid -> Linear(4) -> softmax(-1)")) == []
    gated = "(x -> Linear(8) -> sigmoid) * (x -> Linear(8) -> softmax(-1))"
    assert warned(network(gated)) == []


def test_sigmoid_of_probabilities_lies_where_the_message_says() -> None:
    ends = torch.sigmoid(torch.tensor([0.0, 1.0]))
    assert [round(float(end), 2) for end in ends] == [0.5, 0.73]


@pytest.mark.parametrize("last", ["relu", "tanh", "softplus", "ReLU()"])
@pytest.mark.parametrize(
    ("width", "loss"),
    [
        (3, "cross_entropy(y_hat, kind)"),
        (1, "binary_cross_entropy_with_logits(y_hat, yes)"),
    ],
)
def test_scores_are_not_bounded(last: str, width: int, loss: str) -> None:
    assert warned(learned(f"x -> Linear({width}) -> {last}", loss)) == ["D0672"]


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        ("x -> Linear(1) -> relu -> sigmoid", "binary_cross_entropy(y_hat, yes)"),
        ("x -> Linear(3) -> tanh -> log_softmax(1)", "nll_loss(y_hat, kind)"),
        ("x -> Linear(3) -> relu -> reshape(N, 3)", "cross_entropy(y_hat, kind)"),
        ("x -> Linear(3) -> relu", "nll_loss(log_softmax(y_hat, 1), kind)"),
    ],
)
def test_bounded_scores_are_seen_through_what_makes_probabilities(body: str, loss: str) -> None:
    assert warned(learned(body, loss)) == ["D0672"]


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        ("x -> Linear(8) -> relu -> Linear(3)", "cross_entropy(y_hat, kind)"),
        ("30 * (x -> Linear(3) -> tanh)", "cross_entropy(y_hat, kind)"),
        ("x -> Linear(8) -> relu -> Linear(1) -> sigmoid", "binary_cross_entropy(y_hat, yes)"),
        ("x -> Linear(3) -> log_softmax(1)", "nll_loss(y_hat, kind)"),
    ],
)
def test_scores_of_a_linear_layer_are_no_fault(body: str, loss: str) -> None:
    assert warned(learned(body, loss)) == []


@pytest.mark.parametrize(
    "body",
    [
        "x -> Linear(8) -> relu -> relu",
        "x -> Linear(8) -> sigmoid -> relu",
        "x -> Linear(8) -> relu -> Dropout(0.5) -> leaky_relu -> Linear(2)",
        "x -> Linear(8) -> tanh -> tanh",
        "x -> Linear(8) -> GELU() -> gelu",
    ],
)
def test_an_activation_of_an_activation_is_pointed_out(body: str) -> None:
    assert warned(network(body)) == ["D0673"]


@pytest.mark.parametrize("first", ["relu", "sigmoid", "softplus"])
@pytest.mark.parametrize("second", ["relu", "elu", "leaky_relu", "celu"])
def test_what_is_said_to_change_nothing_changes_nothing_in_torch(first: str, second: str) -> None:
    assert warned(network(f"x -> Linear(8) -> {first} -> {second}")) == ["D0673"]
    x = torch.linspace(-3, 3, 50)
    activated = getattr(nn.functional, first)(x)
    assert torch.equal(getattr(nn.functional, second)(activated), activated)


@pytest.mark.parametrize(
    "body",
    [
        "x -> Linear(8) -> relu -> Linear(8) -> relu",
        "x -> Linear(8) -> tanh -> relu",
        "x -> Linear(8) -> relu -> tanh",
        "x -> Linear(8) -> relu -> selu",
        "relu((x -> Linear(8) -> relu) + x)",
    ],
)
def test_activations_that_change_something_are_no_fault(body: str) -> None:
    assert warned(network(body)) == []


def test_a_block_that_begins_with_an_activation_may_follow_one() -> None:
    block = "block Before(n: int) = relu -> Linear(n)\n"
    assert warned(block + network("x -> Linear(8) -> relu -> Before(4)")) == []


@pytest.mark.parametrize(
    ("body", "takes"),
    [
        ("x -> Linear(16) -> Linear(4)", "f32[N, 8]"),
        ("x -> Linear(8) -> Dropout(0.1) -> Linear(8)", "f32[N, 8]"),
        ("x -> LSTM(16) -> Linear(16) -> Linear(2)", "f32[N, 5, 8]"),
        ("x -> Conv2d(8, 3) -> Conv2d(16, 3)", IMAGE),
        ("x -> Conv1d(8, 3) -> Dropout(0.2) -> Conv1d(8, 5)", "f32[N, 4, 30]"),
    ],
)
def test_two_linear_layers_in_a_row_are_pointed_out(body: str, takes: str) -> None:
    assert warned(network(body, takes)) == ["D0674"]


@pytest.mark.parametrize(
    ("body", "takes"),
    [
        ("x -> Linear(16) -> relu -> Linear(4)", "f32[N, 8]"),
        ("x -> Linear(2) -> Linear(8)", "f32[N, 8]"),
        ("x -> Linear(16, bias=False) -> BatchNorm1d -> Linear(4)", "f32[N, 8]"),
        ("x -> Linear(16) -> reshape(N, 4, 4) -> Linear(4)", "f32[N, 8]"),
        ("x -> Conv2d(8, 3) -> relu -> Conv2d(16, 3)", IMAGE),
        ("x -> Conv2d(6, 3, groups=3) -> Conv2d(16, 1)", IMAGE),
        ("x -> Conv2d(16, 3) -> Conv2d(16, 1)", IMAGE),
        ("x -> Conv2d(16, (3, 1)) -> Conv2d(16, (1, 3))", IMAGE),
        ("x -> Conv2d(8, 3) -> MaxPool2d(2) -> Conv2d(16, 3)", IMAGE),
        ("x -> Conv2d(3, 3) -> Conv2d(32, 3)", "f32[N, 16, 32, 32]"),
    ],
)
def test_factors_of_low_rank_and_layers_with_something_between_are_no_fault(
    body: str, takes: str
) -> None:
    assert warned(network(body, takes)) == []


def test_what_is_read_twice_or_shared_is_no_stack() -> None:
    assert warned(network("h + (h -> Linear(8))", more="h = x -> Linear(8)")) == []
    shared = "layer turn = Linear(8)\n  h = x -> turn -> relu"
    assert warned(network("(h -> turn -> Linear(8)) + h", more=shared)) == []


def test_a_block_is_judged_by_all_its_uses() -> None:
    block = "block Two(middle: int) = Linear(middle) -> Linear(8)\n"
    assert warned(block + network("x -> Two(16)")) == ["D0674"]
    assert warned(block + network("x -> Two(16) -> relu -> Two(2)")) == []


def test_two_linear_layers_are_one_in_torch() -> None:
    first, second, x = nn.Linear(8, 16), nn.Linear(16, 4), torch.randn(5, 8)
    one = nn.Linear(8, 4)
    with torch.no_grad():
        one.weight.copy_(second.weight @ first.weight)
        one.bias.copy_(second(first.bias))
    torch.testing.assert_close(one(x), second(first(x)))


@pytest.mark.parametrize(
    ("body", "takes"),
    [
        ("x -> Linear(4) -> BatchNorm1d", "f32[N, 8]"),
        ("x -> Conv2d(4, 3) -> BatchNorm2d -> relu", IMAGE),
        ("x -> Conv1d(4, 3) -> BatchNorm1d", "f32[N, 8, 20]"),
    ],
)
def test_a_bias_before_a_normalisation_is_pointed_out(body: str, takes: str) -> None:
    assert warned(network(body, takes)) == ["D0675"]
    layer = body.split(" -> ")[1]
    assert warned(network(body.replace(layer, layer[:-1] + ", bias=False)"), takes)) == []


@pytest.mark.parametrize(
    ("body", "takes"),
    [
        ("x -> Linear(4) -> relu -> BatchNorm1d", "f32[N, 8]"),
        ("x -> Linear(4) -> LayerNorm", "f32[N, 8]"),
        ("x -> Linear(4) -> BatchNorm1d", "f32[N, 6, 8]"),
    ],
)
def test_a_bias_that_the_normalisation_does_not_remove_is_no_fault(body: str, takes: str) -> None:
    assert warned(network(body, takes)) == []


def test_a_bias_that_something_else_reads_is_no_fault() -> None:
    assert warned(network("(h -> BatchNorm1d) + h", more="h = x -> Linear(8)")) == []


def test_batch_norm_gives_the_bias_before_it_no_gradient() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    net(torch.randn(4, 3, 8, 8)).square().sum().backward()
    bias, weight = net[0].bias, net[0].weight
    assert bias.grad is not None and weight.grad is not None
    assert float(bias.grad.abs().max()) < 1e-4 * float(weight.grad.abs().max())


def test_four_hidden_sigmoids_in_a_row_are_pointed_out_and_three_are_not() -> None:
    hidden = "Linear(8) -> sigmoid -> "
    assert warned(network(f"x -> {hidden * 4}Linear(2)")) == ["D0676"]
    assert warned(network(f"x -> {hidden * 7}Linear(2)")) == ["D0676"]
    assert warned(network(f"x -> {hidden * 3}Linear(2) -> sigmoid")) == []
    block = "block Hidden = Linear(8) -> sigmoid -> Dropout(0.1)\n"
    assert warned(block + network("x -> Hidden -> Hidden -> Hidden -> Hidden -> Linear(2)")) == [
        "D0676"
    ]


@pytest.mark.parametrize("between", ["BatchNorm1d -> sigmoid", "relu", "tanh", "LayerNorm"])
def test_other_deep_networks_are_no_fault(between: str) -> None:
    layers = f"Linear(8, bias=False) -> {between} -> " * 6
    assert warned(network(f"x -> {layers}Linear(2)")) == []


def test_a_way_around_sigmoids_is_no_fault() -> None:
    block = (
        "block Around {\n  input x: f32[N, D]\n  output y = x + (x -> Linear(8) -> sigmoid)\n}\n"
    )
    assert warned(block + network("x" + " -> Around" * 6 + " -> Linear(2)")) == []


def test_four_sigmoids_shrink_the_gradient_to_what_the_message_says() -> None:
    x = torch.zeros((), requires_grad=True)
    y = x
    for _ in range(4):
        y = torch.sigmoid(y - y.detach())
    y.backward()
    assert x.grad is not None
    assert float(x.grad) == 1 / 4**4


@pytest.mark.parametrize("takes", ["f32[N, 32, 32, 3]", "f32[N, 64, 48, 3]"])
def test_pictures_with_channels_last_are_pointed_out(takes: str) -> None:
    body = "x -> Conv2d(8, 3) -> relu"
    assert warned(network(body, takes)) == ["D0679"]
    assert warned(network(body.replace("x ->", "x -> permute(0, 3, 1, 2) ->"), takes)) == []


@pytest.mark.parametrize(
    "takes", [IMAGE, "f32[N, 1, 28, 28]", "f32[N, 3, 64, 3]", "f32[N, 4, 9, 3]"]
)
def test_pictures_with_channels_first_are_no_fault(takes: str) -> None:
    assert warned(network("x -> Conv2d(8, 3) -> relu", takes)) == []


@pytest.mark.parametrize(
    "body",
    [
        "x -> Embedding(16) -> Conv1d(8, 3)",
        "x -> Embedding(16) -> Dropout(0.1) -> Conv1d(8, 3)",
        "x -> Embedding(16) -> LSTM(8) -> BatchNorm1d",
    ],
)
def test_steps_taken_for_channels_are_pointed_out(body: str) -> None:
    assert warned(network(body, "token(50)[N, 20]")) == ["D0680"]
    *start, last = body.split(" -> ")
    turned = " -> ".join([*start, "permute(0, 2, 1)", last])
    assert warned(network(turned, "token(50)[N, 20]")) == []


def test_a_convolution_of_a_signal_is_no_fault() -> None:
    assert warned(network("x -> Conv1d(8, 3) -> relu -> Conv1d(8, 3)", "f32[N, 4, 50]")) == []


@pytest.mark.parametrize("layer", ["LSTM", "GRU", "RNN"])
def test_the_last_step_of_both_ways_is_pointed_out(layer: str) -> None:
    both = f"h, _ = x -> {layer}(8, bidirectional=True)"
    takes = "f32[N, 20, 4]"
    assert warned(network("h[:, -1] -> Linear(2)", takes, both)) == ["D0681"]
    assert warned(network("h[:, -1] -> Linear(2)", takes, both.replace("=True", "=False"))) == []
    assert warned(network("mean(h, 1) -> Linear(2)", takes, both)) == []
    assert warned(network("h -> Linear(2)", takes, both)) == []


def test_a_linear_layer_that_holds_nearly_all_of_a_large_model_is_pointed_out() -> None:
    body = "x -> Conv2d(32, 3) -> relu -> flatten(1) -> Linear(256) -> relu -> Linear(10)"
    large = "f32[N, 3, 64, 64]"
    assert warned(network(body, large)) == ["D0688"]
    assert warned(network(body, "f32[N, 3, 16, 16]")) == []
    pooled = body.replace("flatten(1)", "AdaptiveAvgPool2d(7) -> flatten(1)")
    assert warned(network(pooled, large)) == []


def test_a_large_layer_of_words_is_no_fault() -> None:
    body = "x -> Embedding(8) -> flatten(1) -> Linear(40000)"
    assert warned(network(body, "token(100)[N, 64]")) == []
