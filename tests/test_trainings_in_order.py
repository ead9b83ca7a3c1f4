"""Several trainings, copies, predictions with inputs, and expectations of one of several models."""

from __future__ import annotations

import pytest
from dlc.compiler import ir
from dlc.compiler.pipeline import Checked
from packages import checked

DATA = """\
data points {
  x: f32[1] = [1, 2, 3, 4]
  y: f32[1] = [2, 4, 6, 8]
  split = random(train=0.5, test=0.5, seed=0)
}

data kinds {
  x: f32[1] = [1, 2, 3, 4]
  kind: class("low", "high") = ["low", "low", "high", "high"]
}

model Line(width: int = 4) {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(width) -> tanh -> Linear(1)
}

model Kind {
  input x: f32[N, 1]
  output scores: f32[N, 2] = x -> Linear(2)
}
"""
LINE = """
train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.01)
  metrics = [mean_absolute_error]
  epochs = 2
}
"""
KIND = """
train Kind on kinds {
  loss = cross_entropy(scores, kind)
  optimizer = Adam()
  metrics = [accuracy]
  epochs = 2
}
"""
STEPS = """
train Q = Line(), P = Kind() on points {
  copy T = Q MODE
  step Q {
    loss = mse_loss(Q(x), y) + mse_loss(Q(x), T(x))
    optimizer = SGD(lr=0.01)
  }
  step P {
    loss = mean(P(x))
    optimizer = SGD(lr=0.01)
  }
  epochs = 2
}
"""
COPIED = DATA + STEPS.replace("MODE", "every 10")


def codes(text: str) -> list[str]:
    """What is said about a text; that it leaves some of the data and models unused is meant."""
    return [each.code for each in checked(text).diagnostics if each.code != "D0682"]


def told(text: str) -> tuple[str, str]:
    """The message and the help of the one thing that is said."""
    (only,) = [each for each in checked(text).diagnostics if each.code != "D0682"]
    return only.message, only.help[0] if only.help else ""


def program(found: Checked) -> ir.TypedProgram:
    assert found.program is not None, found.diagnostics
    return found.program


def test_trainings_stand_in_the_order_of_the_text_each_with_its_data() -> None:
    made = program(checked(DATA + LINE + KIND + LINE))
    names = [(each.training.name, each.training.data) for each in made.trainings]  # type: ignore[union-attr]
    assert names == [("Line", "points"), ("Kind", "kinds"), ("Line", "points")]


def test_a_model_under_another_name_is_of_its_definition() -> None:
    made = program(checked(DATA + LINE + LINE.replace("Line on", "Wide = Line(width=9) on")))
    first, second = made.trainings
    assert isinstance(first, ir.TypedTraining) and isinstance(second, ir.TypedTraining)
    assert (first.training.name, second.training.name) == ("Line", "Wide")
    assert second.network.hyperparameters == {"width": 9}
    assert second.training.model == "Line"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("train Line on", []),
        ("train Line(width=4) on", []),
        ("train Line = Line() on", []),
        ("train Line(width=5) on", ["D0540"]),
        ("train Other = Line(width=5) on", []),
        ("train Line = Line(width=2 + 3) on", ["D0540"]),
        ("train Line(width=2 + 2) on", []),
    ],
)
def test_a_later_training_goes_on_from_the_same_model(second: str, expected: list[str]) -> None:
    assert codes(DATA + LINE + LINE.replace("train Line on", second)) == expected


def test_steps_go_on_from_a_training_with_one_loss_and_back() -> None:
    steps = STEPS.replace("MODE", "every 3").replace("Q = Line(), P = Kind()", "Q = Line(), Kind")
    steps = steps.replace("step P", "step Kind").replace("P(x)", "Kind(x)")
    assert codes(DATA + KIND + steps + KIND) == []
    other = steps.replace("Q = Line(), Kind", "Q = Line(), Kind = Line()")
    assert codes(DATA + KIND + other) == ["D0540"]


def test_the_message_says_what_differs() -> None:
    message, _ = told(DATA + LINE + LINE.replace("train Line on", "train Line(width=5) on"))
    assert "`width=4`" in message and "`width=5`" in message


@pytest.mark.parametrize(
    ("mode", "good"),
    [
        ("every 1", True),
        ("every 1000", True),
        ("every 0", False),
        ("every -1", False),
        ("every 2.5", False),
        ("every True", False),
        ("ema 0.995", True),
        ("ema 0.5", True),
        ("ema 0", False),
        ("ema 1", False),
        ("ema 1.5", False),
        ("ema True", False),
    ],
)
def test_a_copy_follows_after_whole_steps_or_by_a_share(mode: str, good: bool) -> None:
    assert codes(DATA + STEPS.replace("MODE", mode)) == ([] if good else ["D0542"])


def test_a_param_may_say_how_a_copy_follows() -> None:
    text = "param pace = 50\n" + DATA + STEPS.replace("MODE", "every pace")
    (training,) = program(checked(text)).trainings
    assert isinstance(training, ir.TypedStepped)
    (copy,) = training.training.copies
    assert (copy.name, copy.original, copy.mode, copy.value) == ("T", "Q", "every", 50)


def test_a_copy_has_the_network_of_its_original_and_is_no_model_of_the_training() -> None:
    (training,) = program(checked(COPIED)).trainings
    assert isinstance(training, ir.TypedStepped)
    assert set(training.models) == {"Q", "P"}
    assert set(training.copies) == {"T"}
    assert training.copies["T"].hyperparameters == training.models["Q"].hyperparameters
    assert [set(each.used) for each in training.steps] == [{"Q", "T"}, {"P"}]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("copy T = Q", "copy T = R", ["D0301"]),
        ("copy T = Q", "copy T = Line", ["D0301"]),
        ("copy T = Q", "copy P = Q", ["D0302", "D0301"]),
        ("copy T = Q every 10", "copy T = Q every 10\n  copy T = P every 3", ["D0302"]),
        ("step P {", "step P updates T {", ["D0541"]),
        ("step P {", "step T {", ["D0541", "D0685"]),
        ("mse_loss(Q(x), y) + mse_loss(Q(x), T(x))", "mse_loss(T(x), y)", ["D0637"]),
        ("T(x)", "detach(T(x))", ["D0639"]),
        ("T(x)", "T(Q(x))", []),
        ("T(x)", "detach(T(Q(x)))", []),
        (" + mse_loss(Q(x), T(x))", "", ["D0543"]),
        ("T(x)", "T(x, x)", ["D0314"]),
        ("mean(P(x))", "mean(P(T(x)))", []),
        ("mean(P(x))", "mean(P(Q(x)))", ["D0638"]),
    ],
)
def test_a_copy_is_called_and_gets_no_gradient(old: str, new: str, expected: list[str]) -> None:
    assert old in COPIED
    found = codes(COPIED.replace(old, new))
    assert found[:1] == expected[:1] and set(found) <= set(expected), found


@pytest.mark.parametrize("asking", ["predict ask {\n  output z: f32[4, 1] = T(ones(4, 1))\n}\n"])
def test_a_copy_that_a_prediction_calls_is_used(asking: str) -> None:
    silent = COPIED.replace(" + mse_loss(Q(x), T(x))", "")
    assert codes(silent) == ["D0543"]
    assert codes(silent + asking) == []
    sample = "sample = make_grid(reshape(T(ones(64, 1)), 1, 1, 8, 8))\n  epochs = 2"
    assert codes(silent.replace("epochs = 2", sample)) == []


def test_a_training_with_one_loss_has_no_copies() -> None:
    text = DATA + LINE.replace("  epochs", "  copy T = Line every 3\n  epochs")
    assert codes(text) == ["D0541"]


ASK = """
predict ask {
  input z: f32[M, 1]
  input scale: f32[1] = ones(1)
  low, high = chunk(Kind(z), 2, 1)
  output most: f32[M, 1] = Line(z) * scale + high
}
"""


def test_a_prediction_calls_the_models_of_all_trainings_above_it() -> None:
    made = program(checked(DATA + LINE + KIND + ASK)).procedures["ask"]
    assert set(made.uses) == {"Line", "Kind"}
    assert [each.name for each in made.network.inputs] == ["z"]
    assert str(made.network.inputs[0].type) == "f32[M, 1]"
    assert str(made.network.outputs[0].type) == "f32[M, 1]"
    assert codes(DATA + LINE + ASK + KIND) != []


@pytest.mark.parametrize("name", ["ask", "Line"])
def test_a_prediction_has_a_name_of_its_own(name: str) -> None:
    """Of two under one name the first would be lost, and a model is imported beside it."""
    second = f"\npredict {name} {{\n  output y: f32[2, 1] = Line(ones(2, 1))\n}}\n"
    assert codes(DATA + LINE + KIND + ASK + second) == ["D0302"]
    assert (
        codes(DATA + LINE + KIND + ASK + second.replace(f"predict {name}", "predict other")) == []
    )


def test_an_input_without_a_value_may_flow_to_an_output_as_it_is() -> None:
    text = DATA + LINE + "\npredict ask {\n  input z: f32[N, 1]\n  output same: f32[N, 1] = z\n}\n"
    made = program(checked(text)).procedures["ask"]
    assert made.network.inputs == made.network.outputs


@pytest.mark.parametrize(
    ("value", "expected"), [("", ["D0544"]), (" = randn(N, 1)", []), (" = ones(N, 2)", ["D0207"])]
)
def test_an_expectation_gives_a_number_of_records_alone(value: str, expected: list[str]) -> None:
    ask = f"\npredict ask {{\n  input z: f32[N, 1]{value}\n  output o: f32[N, 1] = Line(z)\n}}\n"
    assert codes(DATA + LINE + ask + "\nexpect { mean(ask(10).o) < 9 }\n")[:1] == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Line.test.mean_absolute_error < 3", []),
        ("Line.train.loss < 3", []),
        ("Kind.train.accuracy > 0.1", []),
        ("predict(x=7).y_hat within 9 of 14", []),
        ('predict(x=7).scores.label == "low"', []),
        ("parameters(Line) < 99", []),
        ("train.loss < 3", ["D0545"]),
        ("test.mean_absolute_error < 3", ["D0545"]),
        ("Kind.test.accuracy > 0.1", ["D0613"]),
        ("Kind.train.mean_absolute_error > 0.1", ["D0614"]),
        ("Kine.train.accuracy > 0.1", ["D0301"]),
        ("points.train.accuracy > 0.1", ["D0301"]),
        ("predict(x=7).y within 9 of 14", ["D0301"]),
        ("Kind.train.accuracy > True", ["D0617"]),
        ("train.Line.loss < 3", ["D0645"]),
    ],
)
def test_an_expectation_says_of_which_model(entry: str, expected: list[str]) -> None:
    assert codes(DATA + LINE + KIND + f"\nexpect {{ {entry} }}\n") == expected


def test_the_last_training_of_a_model_is_measured() -> None:
    bare = LINE.replace("  metrics = [mean_absolute_error]\n", "")
    entry = "\nexpect { test.mean_absolute_error < 9 }\n"
    assert codes(DATA + bare + LINE + entry) == []
    assert codes(DATA + LINE + bare + entry) == ["D0614"]


def test_one_model_may_be_named_too() -> None:
    assert codes(DATA + LINE + "\nexpect { Line.test.loss < 9 }\n") == []


def test_steps_are_measured_beside_other_trainings() -> None:
    text = COPIED + LINE
    assert codes(text + "\nexpect { train.P.loss < 9 Line.test.loss < 9 test.loss < 9 }\n") == []
    assert codes(text + "\nexpect { Q.train.loss < 9 }\n") == ["D0646"]
    assert codes(COPIED + "\nexpect { Q.train.loss < 9 }\n") == ["D0646"]
    assert codes(text + "\nexpect { train.T.loss < 9 }\n") == ["D0645"]


def test_parameters_are_counted_of_a_model_as_it_is_trained() -> None:
    wide = LINE.replace("train Line on", "train Wide = Line(width=100) on")
    text = DATA + LINE + wide
    for name, count, expected in (("Line", 13, []), ("Wide", 301, []), ("Wide", 13, ["D0616"])):
        entry = f"\nexpect {{ parameters({name}) == {count} }}\n"
        assert codes(text + entry) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("steps = 10", []),
        ("epochs = 2\n  steps = 10", ["D0546"]),
        ("steps = 10\n  epochs = 2", ["D0546"]),
        ("", ["D0602"]),
        ("steps = 0", ["D0603"]),
        ("epochs = 2\n  precision = f16", []),
        ("epochs = 2\n  precision = f64", ["D0603"]),
        ('epochs = 2\n  precision = "f16"', ["D0603"]),
        ("epochs = 2\n  pretrained = True", ["D0603"]),
        ('epochs = 2\n  pretrained = "a.pt"\n  checkpoint = "b.pt"', ["D0546"]),
        ("epochs = 2\n  ema = 0.9", []),
        ("epochs = 2\n  ema = 1", ["D0603"]),
        ("epochs = 2\n  clip_norm = 0.5", []),
        ("epochs = 2\n  clip_norm = -1", ["D0603"]),
        ("epochs = 2\n  accumulate = 4", []),
        ("epochs = 2\n  accumulate = 0.5", ["D0603"]),
        ("epochs = 2\n  compile = True\n  deterministic = False", []),
        ("epochs = 2\n  compile = 1", ["D0603"]),
    ],
)
def test_keys_of_a_training(keys: str, expected: list[str]) -> None:
    assert codes(DATA + LINE.replace("epochs = 2", keys)) == expected


@pytest.mark.parametrize("key", ["ema = 0.9", "groups = [group(Q, lr=0.1)]"])
def test_steps_have_optimizers_of_their_own(key: str) -> None:
    assert codes(COPIED.replace("epochs = 2", f"epochs = 2\n  {key}")) == ["D0631"]


def test_a_param_may_hold_the_precision() -> None:
    text = "param kind = bf16\n" + DATA + LINE.replace("epochs", "precision = kind\n  epochs")
    (training,) = program(checked(text)).trainings
    assert training.training.options["precision"] == "bf16"
    assert checked(text, ["precision=f16"]).ok
    assert not checked(text, ["precision=f8"]).ok
