"""Claims of dlc.runtime.optim; the oracle is torch.optim, compared bit for bit."""

import copy
import inspect
import pickle
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from dlc.compiler.catalog.training import REFUSED_OPTIMIZERS
from dlc.runtime import optim
from torch import nn

NAMES = [
    *("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"),
    *("ASGD", "Rprop", "Adafactor", "Muon"),
]
FUSED = ["SGD", "Adam", "AdamW", "Adagrad"]
SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": (0.5, 0.99), "eps": 1e-6, "weight_decay": 0.1}),
    ("Adam", {"amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.01, "foreach": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.3, "amsgrad": True}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "centered": True}),
    ("RMSprop", {"weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "initial_accumulator_value": 0.2}),
    ("Adadelta", {"rho": 0.8, "weight_decay": 0.1}),
    ("Adamax", {"betas": (0.8, 0.99)}),
    ("NAdam", {"momentum_decay": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.05, "weight_decay": 0.1}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.05, "lambd": 1e-3, "alpha": 0.6, "t0": 2.0, "weight_decay": 0.1}),
    ("Rprop", {}),
    ("Rprop", {"etas": (0.4, 1.3), "step_sizes": (1e-5, 2.0), "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"beta2_decay": -0.5, "eps": (1e-8, 1e-2), "d": 2.0, "weight_decay": 0.1}),
    ("Muon", {}),
    ("Muon", {"momentum": 0.8, "nesterov": False, "adjust_lr_fn": "match_rms_adamw"}),
    ("Muon", {"ns_coefficients": (2.0, -1.5, 0.5), "ns_steps": 3, "weight_decay": 0.0}),
]
FUSIBLE = [(name, given) for name, given in SETTINGS if name in FUSED and "foreach" not in given]


def network(bias: bool = True) -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(3, 5, bias=bias), nn.Tanh(), nn.Linear(5, 2, bias=bias))


def train(model: nn.Module, optimizer: torch.optim.Optimizer, steps: int = 8) -> None:
    random = torch.Generator().manual_seed(11)
    for _ in range(steps):
        loss = F.mse_loss(model(torch.randn(6, 3, generator=random)), torch.ones(6, 2))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def pair(name: str, settings: dict):
    """Twice the same network, one with torch's optimizer and one with ours."""
    expected, model = network(bias=name != "Muon"), network(bias=name != "Muon")
    reference = getattr(torch.optim, name)(expected.parameters(), **settings)
    optimizer = getattr(optim, name)(model.parameters(), **settings)
    return expected, reference, model, optimizer


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_training_gives_torchs_weights_to_the_bit(name, settings):
    if (name, settings) in FUSIBLE:
        settings = {**settings, "fused": False}
    expected, reference, model, optimizer = pair(name, settings)
    train(expected, reference)
    train(model, optimizer)
    assert torch.equal(weights(model), weights(expected))
    assert not torch.equal(weights(model), weights(network(bias=name != "Muon")))


@pytest.mark.parametrize(("name", "settings"), FUSIBLE)
def test_what_is_chosen_by_itself_is_torchs_fused_implementation(name, settings):
    expected, reference, model, _ = pair(name, {**settings, "fused": True})
    optimizer = getattr(optim, name)(model.parameters(), **settings)
    train(expected, reference)
    train(model, optimizer)
    assert optimizer.param_groups[0]["fused"] is True
    assert torch.equal(weights(model), weights(expected))


def test_every_optimizer_of_torch_is_here_but_those_that_are_refused_by_name():
    theirs = {name for name in torch.optim.__all__ if name[0].isupper()} - {"Optimizer"}
    assert {*NAMES} == theirs - {*REFUSED_OPTIMIZERS}
    assert not any(hasattr(optim, name) for name in REFUSED_OPTIMIZERS)


def test_muon_refuses_a_bias_in_torchs_words():
    with pytest.raises(ValueError, match="2D"):
        optim.Muon(network().parameters())


@pytest.mark.parametrize("name", NAMES)
def test_an_optimizer_is_one_of_torchs_with_its_name_and_signature(name):
    ours, theirs = getattr(optim, name), getattr(torch.optim, name)
    optimizer = ours(network(bias=name != "Muon").parameters())
    assert ours is not theirs
    assert isinstance(optimizer, theirs)
    assert ours.__name__ == name and ours.__doc__ == theirs.__doc__
    assert inspect.signature(ours) == inspect.signature(theirs)


@pytest.mark.parametrize(
    "stated", [{"fused": False}, {"foreach": True}, {"foreach": False}, {"differentiable": True}]
)
def test_an_implementation_that_is_asked_for_is_kept(stated):
    optimizer = optim.Adam(network().parameters(), **stated)
    assert not optimizer.param_groups[0]["fused"]
    assert all(optimizer.param_groups[0][name] is value for name, value in stated.items())


def test_complex_weights_which_have_no_fused_step_get_the_ordinary_one():
    weight = nn.Parameter(torch.ones(2, dtype=torch.complex64))
    optimizer = optim.Adam([weight], lr=0.1)
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    assert optimizer.param_groups[0]["fused"] is None
    assert torch.allclose(weight.detach(), torch.full((2,), 0.9, dtype=torch.complex64))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_every_floating_type_is_fused_on_the_processor(dtype):
    optimizer = optim.AdamW(network().to(dtype).parameters())
    assert optimizer.param_groups[0]["fused"] is True


def test_groups_from_generators_and_named_parameters_keep_their_own_settings():
    model = network()
    groups = [
        {"params": (weight for weight in model[0].parameters())},
        {"params": model[2].parameters(), "lr": 0.5},
    ]
    optimizer = optim.SGD(groups, lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    assert [len(group["params"]) for group in optimizer.param_groups] == [2, 2]
    assert all(group["fused"] for group in optimizer.param_groups)
    named = optim.SGD(model.named_parameters(), lr=0.1)
    assert named.param_groups[0]["param_names"] == [name for name, _ in model.named_parameters()]
    assert named.param_groups[0]["fused"] is True


@pytest.mark.parametrize(
    ("params", "settings"),
    [(torch.ones(2), {}), ([], {}), ([torch.ones(2)], {"lr": -1.0}), ([1], {}), ([], {"speed": 1})],
)
def test_mistakes_are_refused_in_torchs_words(params, settings):
    with pytest.raises((TypeError, ValueError)) as theirs:
        torch.optim.Adam(params, **settings)
    with pytest.raises(theirs.type) as ours:
        optim.Adam(params, **settings)
    if "speed" not in settings:
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("name", NAMES)
def test_training_never_imports_the_compiler_of_torch(name):
    code = f"""
import sys, torch
from dlc.runtime.optim import {name}
layer = torch.nn.Linear(3, 2, bias={name != "Muon"})
optimizer = {name}(layer.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
layer(torch.ones(1, 3)).sum().backward()
optimizer.step()
schedule.step()
optimizer.zero_grad()
optimizer.load_state_dict(optimizer.state_dict())
optimizer.add_param_group({{"params": [torch.nn.Parameter(torch.ones(2, 2))]}})
print("torch._dynamo" in sys.modules, "sympy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "False False", done.stderr


def learned_rate_gradient(kind: type[torch.optim.Optimizer]) -> torch.Tensor:
    """How the weight after a step changes with the learning rate."""
    rate = torch.tensor(0.1, requires_grad=True)
    weight = torch.ones(2, requires_grad=True).clone()
    optimizer = kind([weight], lr=rate, differentiable=True)
    weight.grad = torch.tensor([3.0, -2.0])
    optimizer.step()
    weight.sum().backward()
    return rate.grad


def test_a_differentiable_step_passes_gradients_on_as_torchs_does():
    assert learned_rate_gradient(optim.SGD) == -1.0
    assert torch.equal(learned_rate_gradient(optim.SGD), learned_rate_gradient(torch.optim.SGD))


def test_an_ordinary_step_leaves_no_graph_and_recording_on():
    model = network()
    train(model, optim.SGD(model.parameters(), lr=0.1, fused=False), steps=1)
    assert all(weight.is_leaf and weight.grad_fn is None for weight in model.parameters())
    assert torch.is_grad_enabled()


def test_a_set_of_parameters_in_a_group_is_refused_for_its_order():
    with pytest.raises(TypeError, match="ordered"):
        optim.SGD([{"params": set(network().parameters())}], lr=0.1)


def test_hooks_around_the_step_are_called():
    calls = []
    model = network()
    optimizer = optim.Adam(model.parameters())
    optimizer.register_step_pre_hook(lambda *_: calls.append("before"))
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    train(model, optimizer, steps=2)
    assert calls == ["before", "after"] * 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ours_first", [True, False])
def test_a_state_continues_in_torchs_optimizer_and_one_of_torchs_in_ours(name, ours_first):
    settings = {"lr": 0.05, **({"fused": False} if name in FUSED else {})}
    expected, reference, model, optimizer = pair(name, settings)
    train(expected, reference)
    train(model, optimizer)
    source, target = (optimizer, reference) if ours_first else (reference, optimizer)
    owner = expected if ours_first else model
    other = copy.deepcopy(owner)
    continued = type(target)(other.parameters(), **settings)
    continued.load_state_dict(source.state_dict())
    train(owner, target)
    train(other, continued)
    assert torch.equal(weights(other), weights(owner))


def test_an_optimizer_survives_pickling():
    model = network()
    optimizer = optim.RMSprop(model.parameters())
    train(model, optimizer)
    again = pickle.loads(pickle.dumps(optimizer))
    assert type(again) is optim.RMSprop
    assert str(again.state_dict()) == str(optimizer.state_dict())


@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: torch.optim.lr_scheduler.StepLR(o, 2, gamma=0.5),
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=8),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 8),
    ],
)
@pytest.mark.filterwarnings("error")
def test_torchs_schedules_drive_the_learning_rate_as_they_drive_torchs(schedule):
    expected, reference, model, optimizer = pair("SGD", {"lr": 0.1, "momentum": 0.9, "fused": True})
    for net, one in ((expected, reference), (model, optimizer)):
        plan = schedule(one)
        for _ in range(6):
            train(net, one, steps=1)
            plan.step()
    assert optimizer.param_groups[0]["lr"] == reference.param_groups[0]["lr"] != 0.1
    assert torch.equal(weights(model), weights(expected))


def undecorated_step(self, closure=None):
    return None


def decorated(name: str):
    """A method under a decorator that this module does not know."""

    def unknown(*args, **kwargs):
        return None

    unknown.__wrapped__ = undecorated_step
    return unknown


@pytest.mark.parametrize("replacement", [undecorated_step, decorated("step"), None])
@pytest.mark.parametrize("method", ["step", "zero_grad", "state_dict", "add_param_group"])
def test_where_torch_decorates_otherwise_the_class_is_torchs_own(monkeypatch, method, replacement):
    monkeypatch.setattr(torch.optim.Adadelta, method, replacement, raising=False)
    assert optim.light(torch.optim.Adadelta) is torch.optim.Adadelta


def test_a_second_layer_of_decoration_is_not_taken_off(monkeypatch):
    known = inspect.unwrap(torch.optim.Adadelta.step, stop=lambda f: not hasattr(f, "hooked"))
    monkeypatch.setattr(known.__wrapped__, "__wrapped__", undecorated_step, raising=False)
    assert optim.light(torch.optim.Adadelta) is torch.optim.Adadelta


def test_a_class_of_torch_that_was_used_before_is_still_lightened():
    train_first = network()
    train(train_first, torch.optim.Adadelta(train_first.parameters()), steps=1)
    assert hasattr(torch.optim.Adadelta.step, "hooked")
    assert optim.light(torch.optim.Adadelta) is not torch.optim.Adadelta
