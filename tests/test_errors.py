"""Every wrong spec beside its message, exactly as a terminal shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlc.compiler.diagnostics import to_text
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source

FOLDER = Path(__file__).parent / "errors"
SPECS = sorted(FOLDER.glob("*.dl"))


@pytest.fixture(autouse=True)
def beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Specs name files of `data/`, and no others that may be at hand."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)


def messages(path: Path) -> str:
    """What is said about a spec: its diagnostics, with a blank line between them."""
    checked = check(Source(path.name, path.read_text(encoding="utf-8")))
    return "\n\n".join(map(to_text, checked.diagnostics)) + "\n"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_a_wrong_spec_gets_exactly_its_message(spec: Path, update_golden: bool) -> None:
    golden = spec.with_suffix(".txt")
    said = messages(spec)
    assert said.strip(), f"nothing is wrong with {spec.name}"
    if update_golden:
        golden.write_text(said, encoding="utf-8")
    assert golden.exists(), f"{golden.name} is missing: read it after `pytest --update-golden`"
    assert said == golden.read_text(encoding="utf-8")


def test_every_golden_has_its_spec() -> None:
    goldens = {path.stem for path in FOLDER.glob("*.txt")}
    assert goldens == {path.stem for path in SPECS}
    assert {path.suffix for path in FOLDER.iterdir() if path.is_file()} == {".dl", ".txt"}


def test_five_faults_in_five_declarations_are_five_messages() -> None:
    said = messages(FOLDER / "five_syntax_faults_in_five_declarations.dl")
    assert said.count("error[") == 5
