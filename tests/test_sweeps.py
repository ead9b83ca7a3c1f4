"""Sweeps: what is searched exists, each value is one that the spec can have; the goal."""

from __future__ import annotations

import pytest
from dlc.compiler import ir
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.resolve.options import ALL_KEYS
from dlc.compiler.trials import MOST
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import checked

SPEC = """\
param lr = 1e-3
param width = 32
param activation = relu
param sizes = [8, 8]

data line {
  x: f32[1] = range(100) -> standardize
  y: f32[1] = 2 * range(100) + 1 -> standardize
  split = random(train=0.6, validation=0.2, test=0.2, seed=0)
}

model Line(width: int = 32, sizes: list = [8]) {
  input x: f32[N, 1]
  require width % 4 == 0, "heads"
  h = x -> Linear(width) -> activation
  for size in sizes {
    h = h -> Linear(size) -> tanh
  }
  output y_hat: f32[N, 1] = h -> Linear(1)
}

train Line(width=width, sizes=sizes) on line {
  loss = mse_loss(y_hat, y)
  optimizer = Adam(lr=lr)
  metrics = [r2_score, mean_absolute_error]
  epochs = 20
}
"""
SWEEP = """
sweep {
  SEARCH
  GOAL
  trials = 2
}
"""
GOAL = "minimize validation.loss"


def found(search: str, goal: str = GOAL, text: str = SPEC) -> list[Diagnostic]:
    """What is said about the spec with a sweep of its own."""
    sweep = SWEEP.replace("SEARCH", search).replace("GOAL", goal)
    return list(checked(text + sweep).diagnostics)


def said(search: str, goal: str = GOAL, text: str = SPEC) -> list[str]:
    return [each.code for each in found(search, goal, text)]


def swept(search: str) -> ir.Search:
    program = checked(SPEC + SWEEP.replace("SEARCH", search).replace("GOAL", GOAL)).program
    assert program is not None
    (sweep,) = program.program.sweeps
    (only,) = sweep.searches
    return only


@pytest.mark.parametrize(
    "search",
    [
        "lr in log(1e-4, 1e-1)",
        "lr in uniform(0.001, 0.1)",
        "lr in [1e-4, 1e-3]",
        "width in [8, 32]",
        "width in range(8, 65, 8)",
        "width in range(4, 13, 8)",
        "activation in [relu, tanh, gelu]",
        "sizes in [[], [4, 4]]",
        "epochs in [1, 5]",
        "batch in range(1, 3)",
        "optimizer in [Adam(lr=lr), SGD(lr=0.1, momentum=0.9)]",
        "loss in [mse_loss(y_hat, y), smooth_l1_loss(y_hat, y)]",
        "schedule in [warmup(0.1) -> cosine(), cosine()]",
    ],
)
def test_params_and_keys_are_searched(search: str) -> None:
    assert said(search.replace("warmup(0.1) -> cosine()", "linear()")) == []


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-9, 9).filter(bool))
@settings(max_examples=60, deadline=None)
def test_a_range_is_pythons(start: int, stop: int, step: int) -> None:
    text = SPEC.replace("seed=0)", "seed=0)").replace("epochs = 20", "epochs = 20\n  seed = 1")
    numbers = range(start, stop, step)
    codes = said(f"seed in range({start}, {stop}, {step})", text=text)
    if len(numbers) < 2 or step < 0:
        assert codes == ["D0553"]
        return
    assert codes == []
    search = swept(f"seed in range({start}, {stop}, {step})")
    assert (search.least, search.greatest, search.step) == (numbers[0], numbers[-1], step)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("width", ["8", "10", "0", "-4", "12", '"wide"', "2.5", "width"]),
        ("activation", ["relu", "Linear", "softmaks", "5", "gelu"]),
        ("lr", ["0", "-1", "1e-3", '"fast"', "True"]),
        ("batch", ["0", "1", "None"]),
        ("optimizer", ["Adam()", "Adamm()", "LBFGS()", "SGD(lr=-1)"]),
        ("sizes", ["[0]", "[4, 8]", "7"]),
    ],
)
def test_a_value_is_refused_exactly_where_set_on_the_command_line_it_is_wrong(
    name: str, values: list[str]
) -> None:
    told = found(f"{name} in [{', '.join(values)}]")
    assert {each.code for each in told} <= {"D0554"}
    places = {each.span.text for each in told}
    wrong = {each for each in values if not checked(SPEC, [f"{name}={each}"]).ok}
    assert places == wrong
    assert wrong and wrong != set(values)


@pytest.mark.parametrize("ends", ["log(1e-4, -1)", "log(0, 1)", "uniform(1, 0)", "uniform(1, 1)"])
def test_ends_that_are_none_are_refused(ends: str) -> None:
    assert said(f"lr in {ends}") == ["D0553"]


def test_both_ends_are_tried() -> None:
    assert said("lr in uniform(-0.1, 0.1)") == ["D0554"]
    assert said("width in range(8, 17, 1)") == []
    assert said("width in range(9, 17, 1)") == ["D0554"]
    assert said("width in range(8, 18, 1)") == ["D0554"]


def test_as_many_values_are_tried_as_is_said_and_no_more() -> None:
    good = [4 * (each + 1) for each in range(MOST)]
    assert said(f"width in {[*good[:-1], 3]}") == ["D0554"]
    assert said(f"width in {[*good, 3]}") == []


@pytest.mark.parametrize("values", ["[8]", "[]", "[8, 8]", "8", "log", "log(1)", "log(b=1, a=2)"])
def test_what_is_no_choice_is_refused(values: str) -> None:
    assert said(f"width in {values}") == ["D0553"]


@pytest.mark.parametrize(
    ("goal", "codes"),
    [
        ("maximize validation.r2_score", []),
        ("minimize validation.mean_absolute_error", []),
        ("minimize train.loss", []),
        ("minimize Line.validation.loss", []),
        ("minimize validation.r2_score", ["D0555"]),
        ("maximize validation.mean_absolute_error", ["D0555"]),
        ("maximize train.loss", ["D0555"]),
        ("minimize test.loss", ["D0555"]),
        ("maximize validation.accuracy", ["D0614"]),
        ("maximize Lime.validation.r2_score", ["D0301"]),
        ("minimize train.Line.loss", ["D0645"]),
        ("minimize predict(x=3).y_hat", ["D0555"]),
        ("minimize mean(draw(10).y)", ["D0555"]),
        ("minimize accuracy", ["D0612"]),
        ("", ["D0555"]),
        ("minimize train.loss minimize validation.loss", ["D0555"]),
    ],
)
def test_the_goal_is_one_measure_that_may_decide(goal: str, codes: list[str]) -> None:
    assert said("lr in log(1e-4, 1e-1)", goal) == codes


def test_a_validation_split_that_is_not_there_is_no_goal() -> None:
    text = SPEC.replace("validation=0.2, ", "")
    assert said("lr in log(1e-4, 1e-1)", text=text) == ["D0613"]


@pytest.mark.parametrize(
    ("trials", "codes"),
    [
        ("trials = 6", []),
        ("trials = 7", ["D0556"]),
        ("trials = 0", ["D0603"]),
        ("trials = 2.5", ["D0603"]),
        ("", ["D0556"]),
        ("trials = 6 seed = 3", []),
        ('trials = 6 seed = "x"', ["D0603"]),
        ("trials = 6 sampler = 3", ["D0558"]),
        ("trials = 6 trials = 6", ["D0302"]),
    ],
)
def test_trials_are_as_many_as_are_different_at_most(trials: str, codes: list[str]) -> None:
    searches = "width in [8, 16, 32] batch in range(1, 3)"
    text = SPEC + f"\nsweep {{ {searches} minimize train.loss {trials} }}\n"
    assert [each.code for each in checked(text).diagnostics] == codes


def test_among_numbers_there_are_always_more() -> None:
    text = SPEC + "\nsweep { lr in log(0.01, 0.1) minimize train.loss trials = 1_000_000 }\n"
    assert checked(text).ok


@pytest.mark.parametrize("name", ["rate", "Line", "line", "x", "trials_"])
def test_a_name_that_is_no_param_and_no_key_is_refused(name: str) -> None:
    assert name not in ALL_KEYS
    assert said(f"{name} in [1, 2]") == ["D0552"]


def test_a_name_is_searched_once() -> None:
    assert said("lr in [0.1, 0.2]\n  lr in [0.3, 0.4]") == ["D0302"]


def test_a_spec_has_one_sweep_and_something_to_train() -> None:
    one = SWEEP.replace("SEARCH", "lr in [0.1, 0.2]").replace("GOAL", GOAL)
    assert [each.code for each in checked(SPEC + one + one).diagnostics] == ["D0557"]
    assert [each.code for each in checked("param lr = 1\n" + one).diagnostics] == ["D0557"]


def test_a_spec_that_is_wrong_anyhow_is_not_tried() -> None:
    assert said("width in [8, 10]", text=SPEC.replace("Linear(1)", "Linear(0)")) == ["D0308"]


@pytest.mark.parametrize(
    ("value", "layer"), [("relu", "relu"), ("tanh", "tanh"), ("GELU", "GELU"), ("twice", "relu")]
)
def test_a_param_may_be_a_layer_a_function_or_a_block(value: str, layer: str) -> None:
    block = "block twice = relu -> relu\n\n"
    program = checked(block + SPEC, [f"activation={value}"]).program
    assert program is not None
    steps = list(program.models["Line"].network.steps)
    names = [
        each.layer.name
        for step in steps
        for each in (step.body.steps if isinstance(step, ir.BlockStep) else [step])
        if isinstance(each, ir.LayerStep)
    ]
    assert layer in names


def test_a_param_that_is_a_function_is_hidden_by_a_value_of_its_name() -> None:
    text = SPEC.replace("  h = x ->", "  activation = x\n  h = x ->")
    assert [each.code for each in checked(text).diagnostics] == ["D0313"]
