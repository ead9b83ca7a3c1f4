"""Claims of dlc.compiler.lints about trainings and whole files."""

from __future__ import annotations

import pytest
import torch
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from sklearn.datasets import load_digits
from torch import nn

LINTS = tuple(f"D06{number}" for number in range(70, 100))
ERRORS = ("D0418", "D0420", "D0421", "D0422", "D0423")
DEEP = "x -> Linear(64) -> relu -> Linear(1)"


def said(text: str, *overrides: str) -> list[str]:
    """The codes of the lints that a spec gets."""
    found = check(Source("lints.dl", text), overrides).diagnostics
    others = [each.message for each in found if each.code not in (*LINTS, *ERRORS)]
    assert not others, others
    return [each.code for each in found]


def training(
    body: str = "x -> Linear(1)",
    loss: str = "mse_loss(y_hat, y)",
    optimizer: str = "Adam(lr=1e-3)",
    keys: str = "epochs = 50",
    records: int = 5,
    more: str = "",
    data: str = "",
) -> str:
    """A training of so many records that stand in the file."""
    return f"""
data points {{
  x: f32[1] = {list(range(1, records + 1))}
  y: f32[1] = {list(range(1, records + 1))}
  {data}
}}
model Net {{
  input x: f32[N, 1]
  {more}
  output y_hat: f32[N, 1] = {body}
}}
train Net on points {{
  loss = {loss}
  optimizer = {optimizer}
  {keys}
}}
"""


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        ("x -> Linear(1)", "mse_loss(detach(y_hat), y)"),
        ("x -> Linear(1) -> detach", "mse_loss(y_hat, y)"),
        ("x * 2", "mse_loss(y_hat, y)"),
        ("x -> Linear(1)", "mean(y ** 2)"),
    ],
)
def test_a_loss_that_reaches_no_weight_is_an_error(body: str, loss: str) -> None:
    assert said(training(body, loss)) == ["D0418"]


def test_torch_refuses_a_loss_that_reaches_no_weight() -> None:
    layer = nn.Linear(1, 1)
    with pytest.raises(RuntimeError, match="does not require grad"):
        nn.functional.mse_loss(layer(torch.ones(2, 1)).detach(), torch.ones(2, 1)).backward()


def test_a_part_that_no_gradient_reaches_is_pointed_out() -> None:
    cut = "h = x -> Linear(8) -> tanh"
    assert said(training("detach(h) -> Linear(1)", more=cut)) == ["D0684"]
    assert said(training("h -> Linear(1)", more=cut)) == []
    other = "output other: f32[N, 1] = h -> Linear(1)"
    assert said(training("h -> Linear(1)", more=f"{cut}\n  {other}")) == ["D0684"]
    both = "mse_loss(y_hat, y) + mean(abs(other))"
    assert said(training("h -> Linear(1)", both, more=f"{cut}\n  {other}")) == []


def test_an_output_without_weights_of_its_own_may_stay_out_of_the_loss() -> None:
    more = "h = x -> Linear(8) -> tanh\n  output features: f32[N, 8] = h"
    assert said(training("h -> Linear(1)", more=more)) == []


def test_a_way_around_a_detach_is_enough() -> None:
    more = "h = x -> Linear(8) -> tanh"
    assert said(training("(h + detach(h)) -> Linear(1)", more=more)) == []


@pytest.mark.parametrize("layer", ["LSTM", "GRU", "RNN"])
def test_a_recurrent_layer_along_the_batch_is_an_error(layer: str) -> None:
    spec = f"""model Net {{
  input x: f32[N, 7, 3]
  y, _ = x -> permute(1, 0, 2) -> {layer}(4)
  output last = y[-1]
}}"""
    assert said(spec) == ["D0420"]
    straight = spec.replace("permute(1, 0, 2) -> ", "").replace("y[-1]", "y[:, -1]")
    assert said(straight) == []


@pytest.mark.parametrize(
    ("shares", "fits"),
    [
        ("permute(0, 2, 1) -> log_softmax(1)", True),
        ("permute(0, 2, 1) -> log_softmax(2)", False),
        ("permute(0, 2, 1) -> log_softmax(-1)", False),
        ("log_softmax(-1) -> permute(0, 2, 1)", True),
        ("log_softmax(1) -> permute(0, 2, 1)", False),
    ],
)
def test_shares_for_nll_loss_are_over_the_classes(shares: str, fits: bool) -> None:
    spec = f"""
data labelled {{
  x: f32[2, 3] = [[[1, 2, 3], [4, 5, 6]], [[3, 2, 1], [6, 5, 4]]]
  label: class(3)[2] = [[0, 1], [2, 0]]
}}
model Tagger {{
  input x: f32[N, 2, 3]
  output shares: f32[N, 3, 2] = x -> Linear(3) -> {shares}
}}
train Tagger on labelled {{
  loss = nll_loss(shares, label)
  optimizer = Adam(lr=1e-3)
  epochs = 5
}}
"""
    assert said(spec) == ([] if fits else ["D0421"])


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        ("nesterov=True", False),
        ("momentum=0.9, nesterov=True", True),
        ("momentum=0.9, dampening=0.1, nesterov=True", False),
        ("momentum=0.9", True),
    ],
)
def test_nesterov_is_refused_where_torch_refuses_it(arguments: str, fits: bool) -> None:
    assert said(training(optimizer=f"SGD(lr=1e-3, {arguments})")) == ([] if fits else ["D0422"])
    given = {
        name: float(value) if value != "True" else True
        for name, value in (each.split("=") for each in arguments.split(", "))
    }
    if fits:
        torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1e-3, **given)
    else:
        with pytest.raises(ValueError, match="Nesterov"):
            torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1e-3, **given)


NORMAL = "x -> Linear(4, bias=False) -> BatchNorm1d -> relu -> Linear(1)"


@pytest.mark.parametrize(
    ("records", "keys", "fits"),
    [
        (5, "epochs = 3 batch = 2", False),
        (5, "epochs = 3 batch = 4", False),
        (33, "epochs = 3", False),
        (5, "epochs = 3 batch = 1", False),
        (1, "epochs = 3", False),
        (5, "epochs = 3 batch = 2 drop_last = True", True),
        (5, "epochs = 3 batch = 3", True),
        (6, "epochs = 3 batch = 2", True),
        (5, "epochs = 3", True),
        (32, "epochs = 3", True),
    ],
)
def test_a_batch_norm_of_one_record_is_an_error(records: int, keys: str, fits: bool) -> None:
    assert said(training(NORMAL, keys=keys, records=records)) == ([] if fits else ["D0423"])


def test_torch_refuses_a_batch_norm_of_one_record_and_not_of_one_picture() -> None:
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(4)(torch.ones(1, 4))
    nn.BatchNorm1d(4)(torch.ones(1, 4, 2))
    longer = "x -> reshape(N, 1, 1) -> Linear(2) -> BatchNorm1d -> flatten(1) -> Linear(1)"
    assert "D0423" not in said(training(longer, keys="epochs = 3 batch = 2"))


def test_without_batch_norm_one_record_is_a_batch() -> None:
    body = "x -> Linear(4) -> LayerNorm -> Linear(1)"
    assert said(training(body, keys="epochs = 9 batch = 2")) == []


def test_of_records_in_a_split_the_last_batch_is_not_known() -> None:
    split = "split = random(train=0.8, test=0.2, seed=0)"
    assert said(training(NORMAL, keys="epochs = 3 batch = 2", data=split)) == []


@pytest.mark.parametrize(
    "optimizer", ["Adam(lr=0.5)", "AdamW(lr=1)", "RMSprop(lr=0.3)", "NAdam(lr=0.9)", "SGD(lr=30)"]
)
def test_a_hopeless_rate_is_pointed_out(optimizer: str) -> None:
    assert said(training(DEEP, optimizer=optimizer)) == ["D0677"]


def test_a_poor_rate_of_a_network_that_is_not_small_is_pointed_out() -> None:
    wide = "x -> Linear(600) -> relu -> Linear(1)"
    assert said(training(wide, optimizer="Adam(lr=0.1)")) == ["D0677"]
    even = "x -> Linear(600, bias=False) -> BatchNorm1d -> relu -> Linear(1)"
    assert said(training(even, optimizer="Adam(lr=0.1)")) == []


@pytest.mark.parametrize(
    "optimizer",
    ["Adam(lr=0.01)", "Adam(lr=0.1)", "SGD(lr=1)", "Adagrad(lr=1)", "Adadelta()", "Rprop(lr=0.5)"],
)
def test_a_rate_that_may_work_is_no_fault(optimizer: str) -> None:
    assert said(training("x -> Linear(8) -> tanh -> Linear(1)", optimizer=optimizer)) == []


def test_a_network_of_one_layer_may_have_any_rate() -> None:
    assert said(training(optimizer="Adam(lr=1)")) == []


def test_digits_are_learned_at_usual_rates_and_not_at_those_that_are_pointed_out() -> None:
    digits, labels = load_digits(return_X_y=True)
    x, label = torch.tensor(digits / 16, dtype=torch.float32), torch.tensor(labels)

    def learn(optimizer: type[torch.optim.Optimizer], rate: float) -> float:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        steps = optimizer(net.parameters(), lr=rate)  # type: ignore[call-arg]
        for _ in range(4):
            for part, right in zip(x.split(32), label.split(32), strict=True):
                steps.zero_grad()
                nn.functional.cross_entropy(net(part), right).backward()
                steps.step()
        return float((net(x).argmax(1) == label).float().mean())

    for optimizer, good, unusual in (
        (torch.optim.Adam, 1e-2, 0.5),
        (torch.optim.SGD, 0.1, 30.0),
    ):
        assert learn(optimizer, good) > 0.8
        assert learn(optimizer, unusual) < 0.5


@pytest.mark.parametrize(
    ("keys", "idle"),
    [
        ("epochs = 10 early_stopping = patience(9, on=train.loss)", True),
        ("epochs = 10 early_stopping = patience(30, on=train.loss)", True),
        ("epochs = 10 early_stopping = patience(8, on=train.loss)", False),
        ("epochs = 10 schedule = plateau(patience=8, on=train.loss)", True),
        ("epochs = 10 schedule = plateau(patience=7, on=train.loss)", False),
        ("epochs = 10 schedule = step(10)", True),
        ("epochs = 10 schedule = step(9)", False),
        ("epochs = 10 schedule = step(0.5)", False),
        ("epochs = 10 schedule = multi_step([30, 60])", True),
        ("epochs = 10 schedule = multi_step([5, 60])", False),
        ("epochs = 10 schedule = multi_step([0.5, 0.8])", False),
        ("epochs = 10 schedule = warmup(0.1) -> cosine()", False),
        ("epochs = 10 batch = 6", True),
        ("epochs = 10 batch = 5", False),
        ("epochs = 10", False),
    ],
)
def test_keys_without_effect_are_pointed_out(keys: str, idle: bool) -> None:
    assert said(training(keys=keys)) == (["D0678"] if idle else [])


@pytest.mark.parametrize("waits", range(1, 6))
def test_patience_is_called_idle_exactly_where_it_ends_no_training(waits: int) -> None:
    from dlc.runtime.stopping import patience

    epochs = 4
    rule = patience(waits)
    stopped = None
    for epoch in range(1, epochs + 1):
        rule.better(epoch, 1.0)
        if rule.stops and stopped is None:
            stopped = epoch
    keys = f"epochs = {epochs} early_stopping = patience({waits}, on=train.loss)"
    earlier = stopped is not None and stopped < epochs
    assert said(training(keys=keys)) == ([] if earlier else ["D0678"])


def test_keys_that_are_tried_out_are_not_held_against_each_other() -> None:
    spec = training(keys="epochs = 50 early_stopping = patience(8, on=train.loss)")
    assert said(spec, "epochs=1") == []


def test_dampening_without_momentum_has_no_effect() -> None:
    assert said(training(optimizer="SGD(lr=1e-3, dampening=0.5)")) == ["D0678"]
    assert said(training(optimizer="SGD(lr=1e-3, dampening=0.5, momentum=0.9)")) == []


def test_a_split_that_keeps_shares_of_measurements_is_pointed_out() -> None:
    split = "split = {}(y{}train=0.6, test=0.4, seed=0)"
    assert said(training(data=split.format("stratified", ", "))) == ["D0689"]
    kinds = "kind: class(2) = [0, 1, 0, 1, 0]\n  split = stratified(kind, train=0.6, test=0.4)"
    assert said(training(data=kinds)) == []
    assert said(training(data="split = k_fold(2, stratify=y, seed=0)")) == ["D0689"]


STEPS = """
data points {{
  x: f32[1] = [1, 2, 3]
}}
model Net {{
  input x: f32[N, 1]
  output y: f32[N, 1] = x -> Linear(1)
}}
train A = Net(), B = Net() on points {{
  step A {{
    {0}
    loss = mse_loss(A(x), detach(B(x)))
    optimizer = {1}
  }}
  {2}
  epochs = 3
}}
"""
OTHER = "step {} updates {} {{ loss = mse_loss({}, x) optimizer = {} }}"


@pytest.mark.parametrize(
    ("optimizer", "other", "codes"),
    [
        ("Adam()", OTHER.format("B", "B", "B(x)", "Adam()"), []),
        ("Adam()", "", ["D0685"]),
        (
            "Adam()",
            OTHER.format("both", "A, B", "A(x) + B(x)", "Adam()"),
            ["D0686"],
        ),
        ("SGD(lr=0.01)", OTHER.format("both", "A, B", "A(x) + B(x)", "SGD(lr=0.01)"), []),
    ],
)
def test_each_model_belongs_to_one_optimizer(optimizer: str, other: str, codes: list[str]) -> None:
    assert said(STEPS.format("", optimizer, other)) == codes


def test_a_name_of_a_step_that_nothing_reads_is_pointed_out() -> None:
    whole = OTHER.format("B", "B", "B(x)", "Adam()")
    assert said(STEPS.format("idle = x * 2", "Adam()", whole)) == ["D0682"]
