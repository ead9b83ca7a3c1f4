"""Claims of dlc.runtime.schedules; the oracles are torch's schedulers, step by step."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
import torch
from dlc.runtime import optim
from dlc.runtime.schedules import (
    Phase,
    Schedule,
    constant,
    cosine,
    exponential,
    linear,
    multi_step,
    one_cycle,
    plateau,
    polynomial,
    step,
    warmup,
)
from torch import nn
from torch.optim import Optimizer, lr_scheduler

EPOCHS, BATCHES = 10, 7
TOTAL = EPOCHS * BATCHES
RATE = 0.3


def optimizer(kind: type[Optimizer] = torch.optim.SGD, **more: object) -> Optimizer:
    return kind([nn.Parameter(torch.ones(2))], lr=RATE, **more)


def ours(*phases: Phase, epochs: int = EPOCHS, batches: int = BATCHES) -> list[float]:
    """The rates of every step of a training, and of three more."""
    made = optimizer()
    schedule = Schedule(made, *phases, epochs=epochs, batches=batches)
    rates = [made.param_groups[0]["lr"]]
    for _ in range(epochs * batches + 2):
        schedule.step()
        rates.append(made.param_groups[0]["lr"])
    return rates


def theirs(
    make: Callable[[Optimizer], lr_scheduler.LRScheduler], every: int = 1, count: int = TOTAL
) -> list[float]:
    """The rates that a scheduler of torch sets, called every so many steps."""
    made = optimizer()
    schedule = make(made)
    rates = [made.param_groups[0]["lr"]]
    for number in range(1, count):
        made.step()  # torch warns where a scheduler is called without it
        if number % every == 0:
            schedule.step()
        rates.append(made.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize(
    ("phase", "scheduler"),
    [
        (cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL)),
        (cosine(end=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL, eta_min=0.1 * RATE)),
        (linear(), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, TOTAL)),
        (linear(end=0.2), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, TOTAL)),
        (polynomial(), lambda o: lr_scheduler.PolynomialLR(o, TOTAL)),
        (polynomial(power=2.5), lambda o: lr_scheduler.PolynomialLR(o, TOTAL, power=2.5)),
        (constant(0.4), lambda o: lr_scheduler.ConstantLR(o, 0.4, TOTAL)),
        (warmup(1.0), lambda o: lr_scheduler.LinearLR(o, 1 / TOTAL, 1.0, TOTAL - 1)),
        (one_cycle(), lambda o: lr_scheduler.OneCycleLR(o, RATE, TOTAL)),
        (
            one_cycle(pct_start=0.5, div_factor=10, final_div_factor=100),
            lambda o: lr_scheduler.OneCycleLR(
                o, RATE, TOTAL, pct_start=0.5, div_factor=10, final_div_factor=100
            ),
        ),
    ],
)
def test_a_phase_over_the_training_moves_at_each_step_as_torchs_scheduler(phase, scheduler):
    found, expected = ours(phase)[:TOTAL], theirs(scheduler)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert len(set(expected)) > 1 or phase.curve(1, None)(0) == 0.4


@pytest.mark.parametrize(
    ("phase", "scheduler"),
    [
        (exponential(0.8), lambda o: lr_scheduler.ExponentialLR(o, 0.8)),
        (step(3), lambda o: lr_scheduler.StepLR(o, 3)),
        (step(4, gamma=0.5), lambda o: lr_scheduler.StepLR(o, 4, gamma=0.5)),
        (multi_step((2, 5, 9)), lambda o: lr_scheduler.MultiStepLR(o, [2, 5, 9])),
        (multi_step([1, 4], 0.3), lambda o: lr_scheduler.MultiStepLR(o, [1, 4], gamma=0.3)),
    ],
)
def test_a_phase_of_epochs_moves_as_torchs_scheduler_called_once_an_epoch(phase, scheduler):
    found, expected = ours(phase)[:TOTAL], theirs(scheduler, every=BATCHES)
    assert found == pytest.approx(expected, rel=1e-9)
    assert len(set(expected)) > 1


def test_phases_follow_each_other_as_under_sequential_lr():
    def chain(made: Optimizer) -> lr_scheduler.LRScheduler:
        parts = [
            lr_scheduler.LinearLR(made, 1 / 14, 1.0, 13),
            lr_scheduler.LinearLR(made, 1.0, 0.5, 21),
            lr_scheduler.CosineAnnealingLR(made, 35),
        ]
        return lr_scheduler.SequentialLR(made, parts, milestones=[14, 35])

    expected = theirs(chain)
    found = ours(warmup(2), linear(end=0.5, length=0.3), cosine())[:TOTAL]
    # Torch's cosine is recursive, and starts where its predecessor stopped if that was not 1.
    assert found[:36] == pytest.approx(expected[:36])
    assert found[35] == RATE


def test_warmup_and_cosine_follow_each_other_as_under_sequential_lr_to_the_end():
    def chain(made: Optimizer) -> lr_scheduler.LRScheduler:
        parts = [
            lr_scheduler.LinearLR(made, 1 / 7, 1.0, 6),
            lr_scheduler.CosineAnnealingLR(made, 63),
        ]
        return lr_scheduler.SequentialLR(made, parts, milestones=[7])

    expected = theirs(chain)
    assert ours(warmup(0.1), cosine())[:TOTAL] == pytest.approx(expected, abs=1e-12)


def test_a_warmup_begins_above_nothing_and_ends_at_the_whole_rate():
    rates = ours(warmup(0.1), constant())
    assert rates[:8] == pytest.approx([RATE * n / 7 for n in range(1, 8)] + [RATE])
    started = ours(warmup(2, start=0.5), constant())
    assert started[0] == pytest.approx(RATE * (0.5 + 0.5 / 14)) and started[13] == RATE


@pytest.mark.parametrize(
    ("phases", "lengths"),
    [
        ((warmup(0.1), cosine()), [7, 63]),
        ((warmup(3), cosine()), [21, 49]),
        ((constant(length=1.0),), [70]),
        ((linear(), cosine()), [35, 35]),
        ((linear(), cosine(), constant()), [23, 23, 24]),
        ((linear(length=0.5), constant(), cosine(length=2)), [35, 21, 14]),
        ((warmup(12), cosine()), [84, 1]),
        ((warmup(0.001), cosine()), [1, 69]),
    ],
)
def test_lengths_are_shares_or_epochs_and_the_rest_is_shared(phases, lengths):
    made = Schedule(optimizer(), *phases, epochs=EPOCHS, batches=BATCHES)
    assert made.lengths == lengths


@pytest.mark.parametrize(
    ("phases", "end"),
    [
        ((cosine(),), 0.0),
        ((linear(end=0.25),), 0.25),
        ((linear(end=0.25, length=0.5),), 0.25),
        ((cosine(end=0.1, length=2),), 0.1),
        ((warmup(0.5),), 1.0),
        ((one_cycle(),), 1 / 25 / 1e4),
        ((step(2, gamma=0.5, length=4),), 0.25),
    ],
)
def test_what_comes_after_the_last_phase_stays_at_its_end(phases, end):
    rates = ours(*phases)
    assert rates[TOTAL:] == pytest.approx([RATE * end] * 3, abs=1e-12)


def test_milestones_may_be_shares_of_the_training():
    shares, epochs = ours(multi_step((0.5, 0.8))), ours(multi_step((5, 8)))
    assert shares == epochs
    assert ours(step(0.2)) == ours(step(2))


@pytest.mark.parametrize(
    ("kind", "more", "read"),
    [
        (torch.optim.SGD, {"momentum": 0.9}, lambda group: group["momentum"]),
        (torch.optim.Adam, {}, lambda group: group["betas"]),
        (torch.optim.RMSprop, {"momentum": 0.1}, lambda group: group["momentum"]),
    ],
)
def test_one_cycle_moves_momentum_as_torchs_does(kind, more, read):
    found, expected = [], []
    made, reference = optimizer(kind, **more), optimizer(kind, **more)
    schedule = Schedule(made, one_cycle(), epochs=EPOCHS, batches=BATCHES)
    scheduler = lr_scheduler.OneCycleLR(reference, RATE, TOTAL)
    for _ in range(TOTAL - 1):
        schedule.step()
        reference.step()
        scheduler.step()
        found.append(read(made.param_groups[0]))
        expected.append(read(reference.param_groups[0]))
    assert torch.allclose(torch.tensor(found), torch.tensor(expected))
    assert len({str(each) for each in found}) > 10


def test_one_cycle_leaves_momentum_alone_where_it_is_told_to_or_there_is_none():
    made = optimizer(momentum=0.3)
    schedule = Schedule(made, one_cycle(cycle_momentum=False), epochs=2, batches=3)
    plain = optimizer(torch.optim.Adagrad)
    other = Schedule(plain, one_cycle(), epochs=2, batches=3)
    for _ in range(6):
        schedule.step()
        other.step()
        assert made.param_groups[0]["momentum"] == 0.3
        assert "momentum" not in plain.param_groups[0]


@pytest.mark.parametrize(("mode", "better"), [("min", "lower"), ("max", "higher")])
@pytest.mark.parametrize("patience", [0, 1, 3])
def test_plateau_waits_and_lowers_the_rate_as_torchs_does(mode, better, patience):
    values = [5, 4, 4, 3.9999, 4.1, 3, 3, 3, 3, 3, 3, 7, 7.1, 7, 7, 7, 7, 8, 8, 8]
    made, reference = optimizer(), optimizer()
    phase = plateau(factor=0.5, patience=patience, better=better)
    schedule = Schedule(made, phase, epochs=len(values), batches=2)
    scheduler = lr_scheduler.ReduceLROnPlateau(reference, mode, factor=0.5, patience=patience)
    rates = set()
    for value in values:
        schedule.step()
        schedule.step()
        schedule.epoch(torch.tensor(value, dtype=torch.float64))
        scheduler.step(value)
        assert made.param_groups[0]["lr"] == pytest.approx(reference.param_groups[0]["lr"])
        rates.add(made.param_groups[0]["lr"])
    assert len(rates) > 1


def test_plateau_listens_from_when_its_turn_comes():
    made = optimizer()
    schedule = Schedule(made, warmup(2), plateau(factor=0.5, patience=0), epochs=6, batches=1)
    for value in (1.0, 9.0):
        schedule.epoch(value)
        schedule.step()
    assert made.param_groups[0]["lr"] == RATE
    schedule.epoch(1.0)
    schedule.step()
    schedule.epoch(1.0)
    assert made.param_groups[0]["lr"] == RATE / 2


def test_a_schedule_without_plateau_hears_nothing():
    made = optimizer()
    schedule = Schedule(made, cosine(), epochs=2, batches=2)
    for _ in range(20):
        schedule.epoch(1.0)
    assert made.param_groups[0]["lr"] == RATE


PHASES = [
    (warmup(0.2), cosine(end=0.01)),
    (multi_step((2, 5)),),
    (one_cycle(),),
    (warmup(1), plateau(factor=0.5, patience=0)),
]


def trained(steps: int, resumed_at: int, phases: tuple[Phase, ...]) -> torch.Tensor:
    """Weights after so many steps; at one of them all is saved and loaded into new objects."""
    torch.manual_seed(0)
    weight = nn.Parameter(torch.ones(3))

    def made() -> tuple[Optimizer, Schedule]:
        optimizer = optim.SGD([weight], lr=0.1, momentum=0.5)
        return optimizer, Schedule(optimizer, *phases, epochs=6, batches=4)

    optimizer, schedule = made()
    for number in range(steps):
        if number == resumed_at:
            saved = json.loads(json.dumps(schedule.state_dict()))
            state = optimizer.state_dict()
            optimizer, schedule = made()
            optimizer.load_state_dict(state)
            schedule.load_state_dict(saved)
        optimizer.zero_grad()
        (weight**2).sum().backward()
        optimizer.step()
        schedule.step()
        if number % 4 == 3:
            schedule.epoch(1.0)
    return weight.detach()


@pytest.mark.parametrize("phases", PHASES)
@pytest.mark.parametrize("at", [1, 7, 8, 23])
def test_a_schedule_that_is_saved_and_loaded_goes_on_to_the_bit(phases, at):
    assert torch.equal(trained(24, at, phases), trained(24, -1, phases))


def test_every_group_keeps_its_own_rate():
    weights = [nn.Parameter(torch.ones(1)) for _ in range(2)]
    groups = [{"params": weights[:1], "lr": 1.0}, {"params": weights[1:]}]
    made = optim.SGD(groups, lr=0.1)
    schedule = Schedule(made, linear(end=0.0), epochs=1, batches=4)
    schedule.step()
    assert [group["lr"] for group in made.param_groups] == pytest.approx([0.75, 0.075])


@pytest.mark.parametrize("phases", [*PHASES, (linear(),), (step(1),), (polynomial(),)])
def test_the_shortest_training_has_a_rate(phases):
    rates = ours(*phases, epochs=1, batches=1)
    assert all(math.isfinite(rate) and rate >= 0 for rate in rates)
