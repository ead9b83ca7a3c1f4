"""Whatever checks is emitted: no word of the language is refused where a package is wanted."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from commands import TRAINED, dlc
from dlc.compiler.catalog.data import SOURCES, SPLITS, STEPS
from dlc.compiler.catalog.images import AUGMENTATIONS
from dlc.compiler.catalog.record import Record
from dlc.compiler.diagnostics import to_text
from dlc.compiler.fmt import fmt
from dlc.compiler.parse import parse
from dlc.compiler.pipeline import check, compile, emittable, emitted
from dlc.compiler.source import Source
from reading import EVERYTHING

RECORDS = [
    record
    for records in (SOURCES, SPLITS, STEPS, AUGMENTATIONS)
    for record in records.values()
    if isinstance(record, Record)
]
EVERY_SOURCE = """\
data a from parquet("a.parquet") {
  x: f32[1]
}

data b from json_lines("b.jsonl") {
  x: f32[2, 3] = grid -> standardize
  on_error = skip
}

data c from npz(train="c.npz", test="d.npz") {
  image: f32[1, 8, 8] = pixels -> scale(1 / 16) -> reshape(1, 8, 8)
  label: class(10)
}

data d from text_folder("reviews") {
  tokens: token(1000)[20] = text -> lower -> words -> vocabulary(1000) -> pad(20)
  pieces: token(30000)[20] = text -> tokenize("bpe.json") -> pad(20)
  label: class("bad", "good")
}

data e from audio_folder("digits", rate=8000) {
  sound: f32[8000] = sound -> pad(8000, side="left")
  label: class("one", "two")
  on_error = skip
}

data f from cifar10() {
  image: f32[3, 32, 32] = image -> scale(1 / 255)
  label: class(10)
}

data g from cifar100("cifar") {
  image: f32[3, 32, 32] = image -> scale(1 / 255)
  label: class(100)
  family: class(20) = coarse_label
}

data h from python("package.module:records") {
  x: f32[4]
  split = by_group(patient, train=0.8, test=0.2)
}

data i from text_file("tales.txt") {
  letters: token(80)[64] = text -> characters -> vocabulary(80) -> window(64)
  follow: class(80)[64] = text -> characters -> vocabulary(80) -> window(64) -> ahead(1)
  split = chronological(train=0.9, test=0.1)
}
"""


@pytest.fixture(autouse=True)
def away_from_all_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file that a spec names is at hand, and a run would write here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_word_of_data_has_code_in_the_runtime(record: Record) -> None:
    assert callable(getattr(import_module(record.module), record.callable))


def test_every_source_and_step_compiles_and_names_what_it_reads_with() -> None:
    found = check(Source("spec.dl", EVERY_SOURCE))
    assert found.program is not None, [to_text(each) for each in found.diagnostics]
    made = compile(found.program, found.source, ["package"])
    calls = ("Parquet", "JsonLines", "Npz", "TextFolder", "AudioFolder", "Cifar10", "Cifar100")
    for name in (*calls, "Python", "TextFile"):
        assert f"{name}(" in made.files["data.py"]
    assert 'on_error="skip"' in made.files["data.py"] and "rate=8000" in made.files["data.py"]


def test_what_can_be_emitted_is_left_as_it_is() -> None:
    good = check(Source("line.dl", TRAINED))
    assert emittable(good) is good
    assert good.program is not None
    assert "train.py" in compile(good.program, good.source).files


def test_what_is_wrong_stays_wrong_and_nothing_is_added() -> None:
    wrong = check(Source("line.dl", TRAINED.replace("SGD", "SDG")))
    assert emittable(wrong) is wrong
    assert [each.code for each in wrong.diagnostics] == ["D0301"]
    again, made = emitted(wrong)
    assert again is wrong and made is None


@pytest.mark.parametrize("command", ["compile", "run"])
def test_in_json_a_refusal_is_a_diagnostic_and_the_spec_not_good(command: str) -> None:
    Path("rows.dl").write_text('data rows from python("package.module:rows") {\n  x: f32[4]\n}\n')
    done = dlc(command, "--json", "rows.dl")
    assert done.code == 1
    (said,) = done.lines
    assert said["ok"] is False
    assert [each["code"] for each in said["diagnostics"]] == ["D0802"]


def test_the_whole_syntax_is_never_refused_by_name() -> None:
    spec = parse(Source("spec.dl", EVERYTHING), lambda diagnostic: None)
    assert spec is not None
    said = check(Source("spec.dl", fmt(spec))).diagnostics
    assert said and "D0801" not in {each.code for each in said}
