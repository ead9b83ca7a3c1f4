"""Losses that grow, targets that go in, bounds out of reach, and what helps are worth."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.errors.names import OTHERWISE, instead, nearest
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from dlc.runtime.artifacts import load_weights
from packages import imported, package, trained, written
from torch import nn

UNUSUAL = Path(__file__).parent / "unusual"
# A few of the unusual specs with a loss that no other test runs.
RUN = (
    "focal_loss_by_hand",
    "folds_of_literal_data",
    "ordered_kinds",
    "penalty_on_a_gradient",
    "smoothed_labels",
    "steps_masked_in_the_loss",
    "variational_autoencoder",
)
IRISES = """data irises {
  petal: f32[2] = [[1.4, 0.2], [4.7, 1.4], [6.0, 2.5], [1.3, 0.3]]
  kind: class(3) = [0, 1, 2, 0]
}

model Net {
  input petal: f32[N, 2]
  output scores: f32[N, 3] = petal -> Linear(3)
}

train Net on irises {
  loss = cross_entropy(scores, kind)
  optimizer = SGD(lr=0.1)
  epochs = 1
}
"""
LIKELIHOOD = "mean(log_softmax(scores, 1)[arange(N), kind])"
HOUSES = """data houses from csv("houses.csv") {
  about: f32[2] = [rooms, age] -> standardize
  price: f32[1] = price -> standardize
}

model Worth {
  input about: f32[N, 2]
  output guess: f32[N, 1] = about -> Linear(1)
}

train Worth on houses {
  loss = mse_loss(guess, price)
  optimizer = Adam(lr=1e-2)
  epochs = 5
}
"""
MNIST = """data digits from mnist() {
  image: f32[1, 28, 28] = image -> STEPS
}
"""


def found(text: str) -> list[Diagnostic]:
    """What is said about a spec, but that a file is not there."""
    said = check(Source("targets.dl", text)).diagnostics
    return [each for each in said if each.severity != "note"]


def codes(text: str, *changes: tuple[str, str]) -> list[str]:
    """The codes of what is said about a changed spec."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [each.code for each in found(text)]


def of_loss(loss: str) -> list[str]:
    """What is said of a loss."""
    return codes(IRISES, ("cross_entropy(scores, kind)", loss))


@pytest.mark.parametrize(
    "loss",
    [
        "-cross_entropy(scores, kind)",
        "cross_entropy(scores, kind) * -1",
        "0 - 2 * cross_entropy(scores, kind)",
        "-(cross_entropy(scores, kind) + 0.1 * mean(scores ** 2))",
        "cross_entropy(scores, kind) / -2",
    ],
)
def test_a_loss_with_a_minus_before_all_of_it_is_warned_of(loss: str) -> None:
    assert of_loss(loss) == ["D0431"]


@pytest.mark.parametrize(
    "loss",
    [
        "-(-cross_entropy(scores, kind))",
        "cross_entropy(scores, kind) - 0.1 * cross_entropy(scores / 2, kind)",
        "2 - 1 / cross_entropy(scores, kind)",
        "1 - exp(-cross_entropy(scores, kind))",
        "-mean(scores)",
    ],
)
def test_a_minus_before_a_part_of_a_loss_is_nobodys_business(loss: str) -> None:
    assert of_loss(loss) == []


@pytest.mark.parametrize("loss", [LIKELIHOOD, f"2 * {LIKELIHOOD}", f"0.1 - (-{LIKELIHOOD})"])
def test_a_likelihood_that_is_made_smaller_is_warned_of(loss: str) -> None:
    assert of_loss(loss) == ["D0432"]


@pytest.mark.parametrize(
    "loss", [f"-{LIKELIHOOD}", f"1 - {LIKELIHOOD}", "mean(softmax(scores, 1)[:, 0])"]
)
def test_a_likelihood_with_its_minus_is_fine(loss: str) -> None:
    assert of_loss(loss) == []


@pytest.mark.parametrize("loss", ['"mse"', "cross_entropy", "3", "True", "[1, 2]"])
def test_what_is_no_tensor_is_no_loss(loss: str) -> None:
    (only,) = found(IRISES.replace("cross_entropy(scores, kind)", loss))
    assert only.code == "D0430"
    assert only.help == ("write `loss = cross_entropy(scores, kind)`",)


def test_a_field_that_is_wrong_is_one_fault_however_often_it_is_used() -> None:
    assert codes(IRISES, ("[0, 1, 2, 0]", "[0, 1, 3, 0]")) == ["D0512"]


def test_labels_from_one_on_are_told_from_other_labels() -> None:
    one, other = (
        found(IRISES.replace("[0, 1, 2, 0]", labels))[0].help[0]
        for labels in ("[1, 2, 3, 1]", "[0, 1, 2, 5]")
    )
    assert "take 1 off each" in one
    assert "take 1 off each" not in other


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("[rooms, price]", ["D0341"]),
        ("[rooms, price / rooms]", ["D0341"]),
        ("[rooms, rooms]", ["D0342"]),
        ("[rooms, rooms / age]", []),
    ],
)
def test_columns_that_go_in_are_not_the_target_and_not_there_twice(
    column: str, said: list[str]
) -> None:
    assert codes(HOUSES, ("[rooms, age]", column)) == said


def test_a_target_that_is_its_own_input_is_an_autoencoder() -> None:
    assert (
        codes(
            HOUSES,
            ("input about: f32[N, 2]", "input price: f32[N, 1]"),
            ("= about -> Linear(1)", "= price -> Linear(2) -> tanh -> Linear(1)"),
            ("  about: f32[2] = [rooms, age] -> standardize\n", ""),
        )
        == []
    )


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("scale(255)", ["D0340"]),
        ("scale(2) -> scale(1 / 2)", ["D0340"]),
        ("scale(1 / 255)", []),
        ("scale(1 / 255) -> scale(2)", []),
        ("scale(3) -> standardize", []),
    ],
)
def test_pixels_are_not_multiplied(steps: str, said: list[str]) -> None:
    assert codes(MNIST.replace("STEPS", steps)) == said


@pytest.mark.parametrize(
    ("bound", "good"),
    [
        (">= 97", False),
        ("> 1", False),
        ("within 0.5 of 97", False),
        (">= 1", True),
        ("> 0.999", True),
        ("< 1.5", True),
        ("within 0.02 of 1.01", True),
    ],
)
def test_a_share_is_at_most_one(bound: str, good: bool) -> None:
    text = f"{IRISES}\nexpect {{ train.accuracy {bound} }}\n"
    said = codes(text, ("  epochs", "  metrics = [accuracy]\n  epochs"))
    assert said == ([] if good else ["D0435"])


def test_losses_and_errors_may_be_above_one() -> None:
    assert codes(f"{IRISES}\nexpect {{ train.loss < 97 }}\n") == []


@pytest.mark.parametrize(("size", "said"), [(5, ["D0436"]), (4, []), (3, [])])
def test_something_is_left_when_the_last_batch_is_dropped(size: int, said: list[str]) -> None:
    keys = f"  batch = {size}\n  drop_last = True\n  epochs"
    assert codes(IRISES, ("  epochs", keys)) == said


@pytest.mark.parametrize(
    ("name", "given", "default", "choices", "said"),
    [
        ("lr", "0.01", 0.001, (), "write `lr=0.01`"),
        ("lr", -0.5, 0.001, (), "write `lr=0.5`"),
        ("p", 50, 0.5, (), "write `p=0.5`"),
        ("p", 1.5, 0.5, (), "write `p=0.5`, which is also the default"),
        ("p", "half", 0.5, (), "write `p=0.5`, which is also the default"),
        ("average", "makro", None, ("macro", "micro"), 'write `average="macro"`'),
        ("p", "half", None, (), ""),
    ],
)
def test_a_value_of_the_wrong_kind_gets_one_of_the_right_kind(
    name: str, given: object, default: object, choices: tuple[str, ...], said: str
) -> None:
    def suits(value: object) -> bool:
        return isinstance(value, float | int) and 0 < value <= 1

    assert instead(name, given, default, suits, choices) == said


def test_names_of_other_libraries_are_known_only_where_they_have_a_meaning() -> None:
    for name, meant in OTHERWISE.items():
        assert nearest(name, [meant, "something"]) == meant
    assert nearest("StepLR", ["Conv2d", "Linear"]) is None


@pytest.mark.parametrize(
    ("target", "shape", "loss"),
    [
        ("y: f32 = [1, 2]", "f32[N, 1] = x -> Linear(1)", "mse_loss(out, y -> unsqueeze(1))"),
        (
            "y: class(3)[1, 2] = [[[0, 1]], [[2, 0]]]",
            "f32[N, 3, 2] = x -> Linear(6) -> reshape(N, 3, 2)",
            "cross_entropy(out, y -> squeeze(1))",
        ),
    ],
)
def test_what_a_help_says_about_axes_checks_when_it_is_typed_in(
    target: str, shape: str, loss: str
) -> None:
    text = f"""data points {{
  x: f32[2] = [[1, 2], [2, 1]]
  {target}
}}
model Net {{
  input x: f32[N, 2]
  output out: {shape}
}}
train Net on points {{
  loss = {loss}
  optimizer = Adam(lr=1e-3)
  epochs = 1
}}
"""
    assert codes(text) == []
    (wrong,) = found(text.replace(" -> unsqueeze(1)", "").replace(" -> squeeze(1)", ""))
    assert any("squeeze(1)`" in each for each in wrong.help)


def test_a_loss_that_names_the_batch_trains_as_torch_does(tmp_path: Path) -> None:
    text = IRISES.replace("cross_entropy(scores, kind)", f"-{LIKELIHOOD}")
    home = written(package(text), tmp_path / "code")
    train = imported(home, "data").irises.load([]).train
    code, run = trained(home, tmp_path / "runs", tmp_path, 1)
    assert code == 0
    torch.manual_seed(0)
    model = nn.Linear(2, 3)
    F.cross_entropy(model(train.petal), train.kind).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    learned = load_weights(run / "checkpoints" / "last.pt")["model"]
    torch.testing.assert_close(learned["linear1.weight"], model.weight.detach())


def test_a_loss_makes_its_tensors_where_the_data_is() -> None:
    text = IRISES.replace("cross_entropy(scores, kind)", f"-{LIKELIHOOD}")
    assert "torch.arange(n, device=scores.device)" in package(text).files["train.py"]


def test_a_field_called_n_does_not_become_the_size_of_the_batch(tmp_path: Path) -> None:
    text = IRISES.replace("kind", "n").replace("cross_entropy(scores, n)", "mean(n) + ")
    text = text.replace("n: class(3) = [0, 1, 2, 0]", "n: f32 = [0, 1, 2, 0]")
    text = text.replace("mean(n) + ", "sum((scores[:, 0] - n) ** 2) / N")
    home = written(package(text), tmp_path / "code")
    assert trained(home, tmp_path / "runs", tmp_path, 1)[0] == 0


@pytest.mark.parametrize("name", RUN)
def test_an_unusual_spec_trains(name: str, tmp_path: Path) -> None:
    text = (UNUSUAL / f"{name}.dl").read_text(encoding="utf-8")
    home = written(package(text, name=f"{name}.dl"), tmp_path / "code")
    assert trained(home, tmp_path / "runs", tmp_path, 1)[0] == 0


@pytest.mark.parametrize("value", [0, 1, 0.9])
def test_a_number_as_target_is_shown_as_the_tensor_that_it_stands_for(value: float) -> None:
    text = f"""data irises {{
  petal: f32[2] = [[1.4, 0.2], [4.7, 1.4]]
}}
model Judge {{
  input petal: f32[N, 2]
  output right: f32[N] = petal -> Linear(1) -> squeeze(1)
}}
train Judge on irises {{
  loss = binary_cross_entropy_with_logits(right, {value})
  optimizer = Adam(lr=1e-3)
  epochs = 1
}}
"""
    (wrong,) = found(text)
    assert wrong.code == "D0215"
    instead_of_it = wrong.help[0].split("`")[1]
    assert codes(text, (f"(right, {value})", f"(right, {instead_of_it})")) == []
