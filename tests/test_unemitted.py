"""What checks and cannot be emitted yet: commands that emit refuse it, all others take it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import dlc
from dlc.compiler.diagnostics import to_text
from dlc.compiler.fmt import fmt
from dlc.compiler.parse import parse
from dlc.compiler.pipeline import Checked, Unemitted, check, compile, emittable
from dlc.compiler.resolve.options import ALL_KEYS
from dlc.compiler.source import Source
from dlc.compiler.unemitted import KEYS
from reading import EVERYTHING

FOLDER = Path(__file__).parent / "unemitted"
SPECS = sorted(FOLDER.glob("*.dl"))
MODELS = [path for path in SPECS if "model " in path.read_text(encoding="utf-8")]


@pytest.fixture(autouse=True)
def away_from_all_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file that a spec names is at hand, and a run would write here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)


def checked(path: Path) -> Checked:
    return check(Source(path.name, path.read_text(encoding="utf-8")))


def refused(path: Path) -> str:
    """What is said where a package is wanted, but for notes of files that are not there."""
    said = emittable(checked(path)).diagnostics
    return "\n\n".join(to_text(each) for each in said if each.code != "D0517") + "\n"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_it_checks_without_a_fault(spec: Path) -> None:
    found = checked(spec)
    assert found.ok, [to_text(each) for each in found.diagnostics]
    assert {each.code for each in found.diagnostics} <= {"D0517"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_a_package_of_it_is_refused_at_each_place(spec: Path, update_golden: bool) -> None:
    golden = spec.with_suffix(".txt")
    said = refused(spec)
    if update_golden:
        golden.write_text(said, encoding="utf-8")
    assert "error[D0801]" in said
    assert said == golden.read_text(encoding="utf-8")


def test_every_golden_has_its_spec() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in SPECS}
    assert {path.suffix for path in FOLDER.iterdir()} == {".dl", ".txt"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_compile_within_a_process_raises_what_is_refused(spec: Path) -> None:
    found = checked(spec)
    assert found.program is not None
    with pytest.raises(Unemitted) as why:
        compile(found.program, found.source)
    assert {each.code for each in why.value.diagnostics} == {"D0801"}
    assert all(each.message in str(why.value) for each in why.value.diagnostics)
    wrong = emittable(found)
    assert wrong.program is None and not wrong.ok
    assert all(each in wrong.diagnostics for each in why.value.diagnostics)


@pytest.mark.parametrize("command", ["compile", "run"])
@pytest.mark.parametrize("spec", MODELS, ids=lambda path: path.stem)
def test_commands_that_emit_end_with_1_and_write_nothing(
    spec: Path, command: str, tmp_path: Path
) -> None:
    done = dlc(command, str(spec))
    assert done.code == 1
    assert "error[D0801]" in done.err
    assert not done.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["compile", "run"])
def test_in_json_the_refusal_is_a_diagnostic_and_the_spec_not_good(command: str) -> None:
    done = dlc(command, "--json", str(FOLDER / "sweep.dl"))
    assert done.code == 1
    (said,) = done.lines
    assert said["ok"] is False
    assert [each["code"] for each in said["diagnostics"]] == ["D0801"]


@pytest.mark.parametrize("spec", MODELS, ids=lambda path: path.stem)
def test_commands_that_emit_nothing_take_it(spec: Path) -> None:
    for command in (["check"], ["fmt", "--check"], ["summary"]):
        done = dlc(*command, str(spec))
        assert done.code == 0, (command, done.err)
    assert dlc("check", str(spec)).out == f"{spec}: good\n"


def test_what_can_be_emitted_is_left_as_it_is() -> None:
    text = (FOLDER / "two_trainings.dl").read_text(encoding="utf-8")
    alone = text[: text.rindex("train Line")]
    good = check(Source("line.dl", alone))
    assert emittable(good) is good
    assert good.program is not None
    assert "train.py" in compile(good.program, good.source).files


def test_what_is_wrong_stays_wrong_and_nothing_is_added() -> None:
    text = (FOLDER / "sweep.dl").read_text(encoding="utf-8").replace("rate in", "raet in")
    wrong = check(Source("line.dl", text))
    assert emittable(wrong) is wrong
    assert [each.code for each in wrong.diagnostics] == ["D0552"]


def test_every_key_that_is_refused_is_a_key_and_has_a_spec_here() -> None:
    assert set(KEYS) <= set(ALL_KEYS)
    said = " ".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
    assert all(f"`{key}` cannot be compiled yet" in said for key in KEYS)


def test_the_whole_syntax_is_never_refused_by_name() -> None:
    spec = parse(Source("spec.dl", EVERYTHING), lambda diagnostic: None)
    assert spec is not None
    said = check(Source("spec.dl", fmt(spec))).diagnostics
    assert said and "D0801" not in {each.code for each in said}
