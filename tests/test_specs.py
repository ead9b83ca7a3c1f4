"""Every spec that comes with the repository does what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import dlc
from packages import DATA, HOME, NEEDS, checked, package, with_data

SPECS = sorted((HOME / "specs").glob("*.dl"))
SHORT = [spec for spec in SPECS if spec.stem not in NEEDS]


def by_name(path: Path) -> str:
    return path.stem


def results(out: Path) -> dict[str, dict[str, float]]:
    """What the one run below a folder measured."""
    (status,) = out.glob("*/*/status.json")
    found: dict[str, dict[str, float]] = json.loads(status.read_text())["results"]
    return found


@pytest.mark.parametrize("spec", SPECS, ids=by_name)
def test_a_spec_checks_without_a_word_and_is_in_the_one_layout(spec: Path) -> None:
    said = dlc("check", "--json", spec)
    missing = spec.stem in NEEDS and not (DATA / NEEDS[spec.stem]).is_dir()
    # Data that is not there is a note.
    if not missing:
        assert said.lines == [{"file": str(spec), "ok": True, "diagnostics": []}]
    assert said.code == 0
    assert dlc("fmt", "--check", spec).code == 0


@pytest.mark.parametrize("spec", SHORT, ids=by_name)
def test_a_short_spec_keeps_every_expectation(spec: Path, tmp_path: Path) -> None:
    said = dlc("run", spec, "--out", tmp_path)
    assert said.code == 0, said.err
    assert said.out.count(": expect ") == said.out.count(": holds, measured ")
    program = checked(spec.read_text(encoding="utf-8"), name=spec.name).program
    assert program is not None
    # The number of parameters is known to the checker.
    expected = [each for each in program.expectations if each.subject != "parameters"]
    assert said.out.count(": holds, measured ") == len(expected) > 0


def test_the_line_finds_slope_and_intercept(tmp_path: Path) -> None:
    spec = HOME / "specs" / "linear.dl"
    assert dlc("run", spec, "-q", "--out", tmp_path).code == 0
    (run,) = tmp_path.glob("linear/*")
    lines = "".join(json.dumps({"x": x}) + "\n" for x in (0, 1, 1000)).encode()
    found = [each["y_hat"] for each in dlc("predict", run, "-", "--json", stdin=lines).lines]
    # y = 2x + 1, also far away from what was trained on
    assert found == pytest.approx([1, 3, 2001], abs=0.05)


def test_mnist_learns_in_one_epoch(tmp_path: Path) -> None:
    spec = with_data(HOME / "specs" / "mnist.dl")
    said = dlc("run", spec, "--out", tmp_path, "--set", "epochs=1")
    # After one epoch of five the expectation may fail, and nothing else.
    assert said.code in (0, 3), said.err
    assert "mnist.dl:" in said.out + said.err
    found = results(tmp_path)
    assert found["test"]["accuracy"] > 0.9
    assert abs(found["test"]["accuracy"] - found["validation"]["accuracy"]) < 0.05


def test_a_spec_is_found_as_a_resource_of_the_package() -> None:
    from importlib.resources import files

    text = files("dlc.specs").joinpath("hello.dl").read_text(encoding="utf-8")
    assert package(text, name="hello.dl").files["model.py"].count("nn.Linear(1, 1)") == 1
