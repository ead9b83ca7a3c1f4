"""Specs with texts and names: what is emitted, that it trains, and that it predicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from dlc.compiler.diagnostics import to_text
from dlc.compiler.splits import splits
from packages import checked, imported, package, trained, written

SPEC = """\
data things {fields}

model Net {{
  input x: {type}
  output scores: f32[N, 2] = x -> {head}
}}

train Net on things {{
  loss = cross_entropy(scores, label)
  optimizer = Adam(lr=0.05)
  metrics = [accuracy]
  epochs = 40
}}
"""
TEXTS = '["good fun", "so good", "bad fun", "so bad", "not bad", "not good"]'
KINDS = '["cat", "dog", "cow", "dog", "cat", "cow"]'
EMBEDDED = "Embedding(8) -> flatten(1) -> Linear(2)"
# The field as declared, what flows into the model, and what reads it.
FIELDS = {
    "words": (f"x: token(20)[3] = {TEXTS} -> words -> vocabulary(20) -> pad(3)",
              "token(20)[N, 3]", EMBEDDED),
    "kept case": (f'x: token(20)[3] = {TEXTS} -> words(lower=False) -> vocabulary(20) '
                  '-> pad(3, side="left")', "token(20)[N, 3]", EMBEDDED),
    "characters": (f"x: token(30)[8] = {TEXTS} -> characters -> vocabulary(30) -> pad(8)",
                   "token(30)[N, 8]", EMBEDDED),
    "named": (f'x: f32[3] = {KINDS} -> categories("cat", "cow", "dog") -> one_hot',
              "f32[N, 3]", "Linear(2)"),
    "learned": (f"x: f32[3] = {KINDS} -> categories -> one_hot", "f32[N, 3]", "Linear(2)"),
    "as labels": (f"x: class(3) = {KINDS} -> categories()", "class(3)[N]",
                  "Embedding(4) -> Linear(2)"),
    "filled": ('x: f32[3] = ["cat", None, "cow", "dog", "cat", None] -> impute(most_frequent) '
               "-> categories -> one_hot", "f32[N, 3]", "Linear(2)"),
    "in order": (f'x: f32[1] = {KINDS} -> categories("cat", "cow", "dog") -> standardize',
                 "f32[N, 1]", "Linear(2)"),
}  # fmt: skip
SPLITS = {
    "none": "",
    "random": "split = random(train=0.5, test=0.5, seed=1)",
    "folds": "split = k_fold(2, stratify=label)",
    "column": 'split = by_column(label, train=["no", "yes"])',
}


def spec(kind: str, split: str = "none") -> str:
    field, type_, head = FIELDS[kind]
    label = 'label: class("no", "yes") = ["yes", "yes", "no", "no", "yes", "no"]'
    fields = f"{{\n  {field}\n  {label}\n  {SPLITS[split]}\n}}"
    return SPEC.format(fields=fields, type=type_, head=head)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_of_texts_or_names_trains_and_predicts(kind: str, tmp_path: Path) -> None:
    home = written(package(spec(kind)), tmp_path)
    code, run = trained(home, tmp_path / "runs", tmp_path, epochs=40)
    assert code == 0
    losses = [json.loads(line)["train"]["loss"] for line in (run / "metrics.jsonl").open()]
    assert losses[-1] < losses[0]
    # What is saved with the weights is all that encoding takes.
    data = imported(home, "data").things
    data.restore(json.loads((run / "checkpoints/data.json").read_text()))
    value, row = ("good fun", 0) if "token" in FIELDS[kind][0] else ("cow", 2)
    encoded = data.encode("x", [{"x": value}])
    fresh = imported(home, "data").things
    assert torch.equal(encoded[0], fresh.load([]).train.x[row])


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_of_texts_compiles_and_trains(split: str, tmp_path: Path) -> None:
    home = written(package(spec("learned" if split == "none" else "words", split)), tmp_path)
    code, run = trained(home, tmp_path / "runs", tmp_path, epochs=2)
    assert code == 0
    status = json.loads((run / "status.json").read_text())
    assert ("test" in status["results"]) is (split in ("random", "folds"))


def test_emitted_fields_read_as_by_hand() -> None:
    text = """
data reviews from csv(train="a.csv", test="b.csv") {
  tokens: token(1000)[100] = text -> words(lower=False) -> vocabulary(1000) -> pad(100, side="left")
  near: f32[2] = place -> impute("home") -> categories("home", "away") -> one_hot
  kind: class(3) = kind -> categories
  label: class("negative", "positive") = sentiment
  split = random(train=0.9, validation=0.1, seed=0)
}
data folds { x: f32[1] = [1, 2, 3, 4] split = k_fold(2, seed=7) }
data trips from csv("trips.csv") {
  price: f32[1]
  split = by_column(city, train=["Rome", "Oslo"], test="Lima")
}
"""
    code = package(text).files["data.py"]
    flat = "".join(code.split()).replace(",)", ")")
    for line in (
        'source=Csv(train="a.csv", test="b.csv")',
        'Field("text", Words(lower=False), Vocabulary(1000), Pad(100, side="left"), tokens=1000, '
        "shape=(100,))",
        'Field("place", Impute("home"), Categories("home", "away"), OneHot(2), shape=(2,))',
        'Field("kind", Categories(count=3), classes=3)',
        "split=k_fold(2, seed=7)",
        'split=column_split("city", train=("Rome", "Oslo"), test="Lima")',
        "from dlc.runtime.texts import Pad, Vocabulary, Words",
        "from dlc.runtime.categories import Categories, OneHot",
    ):
        assert "".join(line.split()).replace(",)", ")") in flat


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("token(20)[3]", "token(25)[3]", None),
        ("token(20)[3]", "class(20)[3]", None),
        ("token(20)[3]", "token(19)[3]", "D0532"),
        ("token(20)[3]", "f32[3]", "D0531"),
        ("pad(3)", "pad(4)", "D0510"),
        (" -> pad(3)", "", "D0531"),
        (" -> words", "", "D0530"),
        (" -> vocabulary(20)", "", "D0530"),
        ("-> words", "-> words -> words", "D0530"),
        ("-> words", "-> words -> characters", "D0530"),
        ("-> words", "-> scale(2) -> words", "D0530"),
        ("-> words", '-> categories("a", "b") -> words', "D0530"),
        ("-> pad(3)", "-> pad(3) -> standardize", "D0530"),
        ("-> pad(3)", "-> pad(3) -> one_hot", "D0530"),
        ("-> pad(3)", "-> reshape(1) -> pad(3)", "D0530"),
        ("vocabulary(20)", "vocabulary(0)", "D0308"),
        ("pad(3)", 'pad(3, side="middle")', "D0308"),
        ("words", "words(lower=1)", "D0308"),
    ],
)
def test_steps_of_texts_are_checked_in_their_order(old: str, new: str, code: str | None) -> None:
    field = FIELDS["words"][0].replace(old, new)
    assert field != FIELDS["words"][0]
    found = checked(f"data things {{ {field} }}")
    assert [each.code for each in found.diagnostics] == ([code] if code else [])


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('class("a", "b") = column -> categories("a", "b")', None),
        ("class(5) = column -> categories", None),
        ("token(5) = column -> categories", None),
        ('token(5) = column -> categories("a", "b")', None),
        ("class(5) = column -> categories(count=5)", None),
        ("class(5) = column -> categories(count=4)", "D0533"),
        ('class(5) = column -> categories("a", "b", count=3)', "D0533"),
        ('class("a", "b") = column -> categories("b", "a")', "D0533"),
        ('token(1) = column -> categories("a", "b")', "D0533"),
        ('f32[3] = column -> categories("a", "b") -> one_hot', "D0533"),
        ('f32[2] = column -> categories("a", "a") -> one_hot', "D0533"),
        ('f32[1] = column -> categories("a") -> one_hot', "D0533"),
        ("f32[1] = column -> categories -> one_hot", "D0537"),
        ("f32 = column -> categories -> one_hot", "D0537"),
        ("f32[5] = column -> categories", "D0537"),
        ('f32[1] = column -> categories("a", "b")', None),
        ('f32[2] = column -> categories("a", "b")', "D0531"),
        ("f32[3] = column -> one_hot(num_classes=3)", None),
        ("f32[3] = column -> one_hot", "D0530"),
        ('f32[2] = column -> categories("a", "b") -> one_hot(num_classes=2)', None),
        ('f32[3] = column -> categories("a", "b") -> one_hot(num_classes=3)', "D0533"),
        ('f32[2] = [a, b] -> categories("a", "b") -> one_hot', "D0534"),
        ('f32[2] = a + b -> categories("a", "b") -> one_hot', "D0530"),
        ("token(9)[2] = [a, b] -> words -> vocabulary(9) -> pad(2)", "D0534"),
        ("token(9)[2] = a / b -> words -> vocabulary(9) -> pad(2)", "D0530"),
        ('f32[1] = column -> impute("none")', "D0531"),
        ('f32[1] = column -> standardize -> impute("none")', "D0530"),
        ('class("a", "b") = column -> impute("a")', None),
        ('class("a", "b") = column -> impute(most_frequent)', None),
        ("class(3) = column -> impute(mean)", None),
        ("class(3) = column -> standardize", "D0511"),
        ("token(9)[4] = column", "D0531"),
        ("token(9) = column", None),
    ],
)
def test_fields_of_a_file_are_checked_by_what_their_steps_make(
    field: str, code: str | None
) -> None:
    found = checked(f'data things from csv("t.csv") {{ x: {field} }}')
    codes = [each.code for each in found.diagnostics if each.code != "D0517"]
    assert codes == ([code] if code else []), "\n".join(map(to_text, found.diagnostics))


@pytest.mark.parametrize(
    ("values", "type_", "code"),
    [
        ('["a", 1]', 'class("a", "b")', "D0538"),
        ('["a", None]', 'class("a", "b")', "D0512"),
        ('["a", "b"]', 'class("a", "b")', None),
        ('["a", "b"]', "f32", "D0531"),
        ('["a", "b"] -> one_hot', "f32[2]", "D0530"),
        ("[1, 2] -> characters -> vocabulary(5) -> pad(1)", "token(5)[1]", "D0530"),
        ('[1, 2] -> categories("1", "2") -> one_hot', "f32[2]", None),
        ('["a", None] -> impute("b")', 'class("a", "b")', None),
        ('["a", None] -> impute(mean)', 'class("a", "b")', "D0530"),
        ('[1, None] -> impute("b")', "f32", "D0530"),
    ],
)
def test_texts_in_a_spec_are_seen_for_what_they_are(
    values: str, type_: str, code: str | None
) -> None:
    found = checked(f"data things {{ x: {type_} = {values} }}")
    assert [each.code for each in found.diagnostics] == ([code] if code else [])


@pytest.mark.parametrize(
    ("split", "code"),
    [
        ('by_column(city, train="a")', None),
        ('by_column("home town", train=[1, 2], test=0)', None),
        ("by_column(city)", "D0513"),
        ('by_column(city, test="a")', "D0513"),
        ('by_column(city, train="a", validation=["b", "a"])', "D0535"),
        ("by_column(city, train=[[1]])", "D0308"),
        ('by_column(train="a")', "D0307"),
        ("k_fold(5)", None),
        ("k_fold(5, stratify=label, seed=3)", None),
        ("k_fold(5, stratify=city)", "D0301"),
        ("k_fold(1)", "D0308"),
        ("k_fold(2.5)", "D0308"),
        ("k_fold()", "D0307"),
        ("stratified(lable, train=0.5)", "D0301"),
    ],
)
def test_splits_are_checked(split: str, code: str | None) -> None:
    text = f'data things from csv("t.csv") {{ label: class(2) split = {split} }}'
    codes = [each.code for each in checked(text).diagnostics if each.code != "D0517"]
    assert codes == ([code] if code else [])


def test_a_param_may_count_folds_and_a_column_may_have_its_name() -> None:
    text = """
param folds = 4
param city = 3
data one from csv("t.csv") { label: class(2) split = k_fold(folds) }
data two from csv("t.csv") { label: class(2) split = by_column(city, train="a") }
"""
    code = package(text).files["data.py"]
    assert "split=k_fold(4)" in code
    assert 'split=column_split("city", train="a")' in code


@pytest.mark.parametrize(
    ("source", "split", "code"),
    [
        ('csv(train="a", test="b")', "random(train=0.9, validation=0.1)", None),
        ('csv(train="a", test="b")', "random(train=0.9, test=0.1)", "D0539"),
        ('csv(train="a", validation="b")', "random(train=0.9, validation=0.1)", "D0539"),
        ('csv(train="a", test="b")', "k_fold(5)", "D0539"),
        ('csv(train="a")', "k_fold(5)", None),
        ("mnist()", "by_column(label, train=[1, 2], test=[3])", "D0539"),
        ('csv("a", test="b")', "random(train=0.9)", "D0536"),
        ('csv(validation="a", test="b")', "random(train=0.9)", "D0536"),
        ("csv()", "random(train=0.9)", "D0536"),
    ],
)
def test_a_source_and_its_split_do_not_make_one_part_twice(
    source: str, split: str, code: str | None
) -> None:
    text = f"data things from {source} {{ label: class(10) split = {split} }}"
    codes = [each.code for each in checked(text).diagnostics if each.code != "D0517"]
    assert codes == ([code] if code else [])


def test_a_prediction_of_a_spec_may_be_a_text(tmp_path: Path) -> None:
    text = spec("words") + '\nexpect {\n  predict(x="good good").scores.label == "yes"\n}\n'
    home = written(package(text), tmp_path)
    assert 'predict(model, [{"x": "good good"}])' in (home / "expect.py").read_text()
    code, run = trained(home, tmp_path / "runs", tmp_path, epochs=40)
    (held,) = json.loads((run / "status.json").read_text())["expectations"]
    assert (code, held["measured"]) == (0, "yes")


@pytest.mark.parametrize(
    ("source", "split", "parts"),
    [
        ("csv('t')", "by_column(fold, train=[1, 2], test=0)", ["train", "test"]),
        ("csv('t')", "by_column(fold, train=0, validation=1)", ["train", "validation"]),
        ("csv('t')", "k_fold(3)", ["train", "test"]),
        ("csv('t')", "random(train=0.9)", ["train"]),
        ("csv(train='a', validation='b')", "", ["train", "validation"]),
        ("csv(train='a', test='c')", "random(train=0.8, validation=0.2)",
         ["train", "validation", "test"]),
        ("mnist()", "random(train=0.8, validation=0.2)", ["train", "validation", "test"]),
    ],
)  # fmt: skip
def test_the_splits_of_a_block_are_known(source: str, split: str, parts: list[str]) -> None:
    source = source.replace("'", '"')
    chosen = f"split = {split}" if split else ""
    program = checked(f"data things from {source} {{ label: class(10) {chosen} }}").program
    assert program is not None
    assert splits(program.data["things"].data) == parts
