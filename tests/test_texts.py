"""Steps from texts to tokens against scikit-learn's CountVectorizer and plain Python."""

import json
import os
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime import inputs
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute
from dlc.runtime.texts import WORD, Characters, Pad, Vocabulary, Words, rows
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

SENTENCES = Path(os.environ.get("DLC_DATA_DIR") or "nowhere") / "sentiment/uci_sentences.csv"
POEM = ["The cat, the dog.", "A cat isn't a dog!", "dog dog dog", "", "42 cats (and 1 dog)"]


def texts(*values: str) -> np.ndarray:
    return rows(values)


def cut(step: Words | Characters, text: str) -> list[str]:
    (found,) = step.apply(texts(text)).tolist()
    return found


def tokens(size: int, length: int, side: str = "right") -> Field:
    steps = (Words(), Vocabulary(size), Pad(length, side=side))
    return Field("text", *steps, tokens=size, shape=(length,))


# Words and characters


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop!", ["don't", "stop"]),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t", ["don't"]),
        ("'quoted' dogs' ''", ["quoted", "dogs"]),
        ("well-known snake_case", ["well", "known", "snake", "case"]),
        ("3.5 kg, 1st", ["3", "5", "kg", "1st"]),
        ("Ça va? ПРИВЕТ", ["ça", "va", "привет"]),
        ("\t \n…", []),
    ],
)
def test_words_are_letters_and_digits_with_apostrophes_inside(text: str, words: list[str]) -> None:
    assert cut(Words(), text) == words


def test_case_is_kept_where_that_is_asked_for() -> None:
    assert cut(Words(lower=False), "The CAT") == ["The", "CAT"]
    assert cut(Characters(), "aB c") == ["a", "B", " ", "c"]
    assert cut(Characters(lower=True), "aB") == ["a", "b"]


@pytest.mark.parametrize("step", [Words(), Characters()])
def test_an_accent_is_part_of_its_letter_however_it_is_written(step: Words | Characters) -> None:
    once, twice = "caf\u00e9", "cafe\u0301"
    assert once != twice
    assert cut(step, once) == cut(step, twice)
    assert len(cut(Characters(), twice)) == 4


@given(st.text())
def test_words_are_those_of_countvectorizer_with_the_same_pattern(text: str) -> None:
    plain = unicodedata.normalize("NFC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    oracle = CountVectorizer(token_pattern=WORD.pattern).build_analyzer()
    assert cut(Words(), text) == oracle(plain)


@given(st.text())
def test_characters_joined_are_the_text(text: str) -> None:
    joined = Characters().inverse(Characters().apply(texts(text)))
    assert joined.tolist() == [unicodedata.normalize("NFC", text)]


# Vocabulary


def fitted(size: int, *values: str) -> Vocabulary:
    vocabulary = Vocabulary(size)
    vocabulary.fit(Words().apply(texts(*values)))
    return vocabulary


def test_the_most_frequent_words_come_first_and_equals_by_the_alphabet() -> None:
    assert fitted(100, *POEM).words == (
        "dog", "a", "cat", "the", "1", "42", "and", "cats", "isn't",
    )  # fmt: skip
    assert fitted(5, *POEM).words == ("dog", "a", "cat")


@given(st.lists(st.text("abc ", max_size=12), min_size=1), st.integers(3, 8))
def test_the_vocabulary_has_countvectorizers_counts(values: list[str], size: int) -> None:
    counts = Counter(word for value in values for word in value.split())
    words = fitted(size, *values).words
    assert words is not None
    assert len(words) == min(size - 2, len(counts))
    if counts:
        oracle = CountVectorizer(token_pattern=WORD.pattern)
        sums = oracle.fit_transform(values).sum(0).A1
        known = dict(zip(oracle.get_feature_names_out(), sums.tolist(), strict=True))
        assert known == counts
        wanted = sorted(known.values(), reverse=True)[: size - 2]
        assert [known[word] for word in words] == wanted


def test_the_order_of_the_records_changes_nothing() -> None:
    assert fitted(6, *POEM).words == fitted(6, *reversed(POEM)).words


def test_words_that_are_not_known_become_one() -> None:
    vocabulary = fitted(5, *POEM)
    assert vocabulary.apply(rows([["dog", "bird", "cat"], []])).tolist() == [[2, 1, 4], []]


def test_the_state_goes_through_json_and_gives_the_same_numbers() -> None:
    ours = fitted(6, *POEM, "naïve 東京 \ud800")
    other = Vocabulary(6)
    other.restore(json.loads(json.dumps(ours.state())))
    given_words = Words().apply(texts(*POEM))
    assert ours.apply(given_words).tolist() == other.apply(given_words).tolist()
    assert ours.words == other.words


def test_a_vocabulary_that_has_learned_nothing_is_told() -> None:
    with pytest.raises(DataError, match="learned nothing"):
        Vocabulary(9).apply(rows([["a"]]))


# One length


@given(st.lists(st.lists(st.integers(1, 9), max_size=6)), st.integers(1, 4))
def test_pad_cuts_and_fills_its_side(numbers: list[list[int]], length: int) -> None:
    right = Pad(length).apply(rows(numbers))
    left = Pad(length, side="left").apply(rows(numbers))
    assert right.dtype == left.dtype == np.int64
    for row, ours in zip(numbers, right.tolist(), strict=True):
        assert ours == [*row[:length], *[0] * (length - len(row))]
    for row, ours in zip(numbers, left.tolist(), strict=True):
        assert ours == [*[0] * (length - len(row)), *row[max(0, len(row) - length) :]]


# Whole fields


def test_a_field_of_texts_is_what_its_steps_say_by_hand() -> None:
    data = Dataset(Literal(text=["I love this", "i hate this!", "love"]), {"t": tokens(6, 4)})
    found = data.load([]).train.t
    assert found.dtype == torch.int64
    # i, love and this are there twice, hate once.
    assert found.tolist() == [[2, 3, 4, 0], [2, 5, 4, 0], [3, 0, 0, 0]]


def test_the_vocabulary_is_that_of_the_training_split_alone() -> None:
    words = [f"w{row}" for row in range(40)]
    data = Dataset(
        Literal(text=words), {"t": tokens(100, 1)}, random_split(train=0.5, test=0.5, seed=3)
    )
    splits = data.load([])
    assert splits.test is not None
    assert splits.train.t.min() == 2
    assert splits.test.t.unique().tolist() == [1]


def test_rows_of_tokens_are_shown_as_words() -> None:
    data = Dataset(Literal(text=["Good fun, good.", "bad"]), {"t": tokens(4, 3, "left")})
    found = data.load([]).train.t
    assert data.fields["t"].words(found) == ["good <unknown> good", "bad"]
    assert data.fields["t"].words(found[:0]) == []
    letters = Field("text", Characters(), Vocabulary(4), Pad(5), tokens=4, shape=(5,))
    data = Dataset(Literal(text=["aa b", "b"]), {"t": letters})
    found = data.load([]).train.t
    assert letters.words(found) == ["aa\N{REPLACEMENT CHARACTER}b", "b"]


def test_labels_are_shown_by_their_names() -> None:
    field = Field("y", labels=("cat", "dog"))
    found = Dataset(Literal(y=["dog", "cat"]), {"y": field}).load([]).train.y
    assert field.words(found) == ["dog", "cat"]


def test_a_text_that_looks_like_a_number_stays_as_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\n007\n1e3\n3.0\n", encoding="utf-8")
    field = Field("text", Words(), Vocabulary(9), Pad(2), tokens=9, shape=(2,))
    data = Dataset(Csv("t.csv"), {"t": field})
    found = data.load([tmp_path]).train.t
    assert field.words(found) == ["007", "1e3", "3 0"]
    given_rows = [{"text": "007"}, {"text": "1e3"}, {"text": "3.0"}]
    assert torch.equal(data.encode("t", given_rows), found)
    records = list(inputs.given([str(tmp_path / "t.csv")], data, ["t"]))
    assert torch.equal(data.encode("t", records), found)


def test_a_missing_text_is_told_and_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,y\nfine,1\n,0\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Dataset(Csv("t.csv"), {"t": tokens(9, 2)}).load([tmp_path])
    assert caught.value.message == (
        f"The column `text` has 1 hole, the first in line 3 of {tmp_path}/t.csv."
    )
    assert caught.value.help.startswith('Write `-> impute("")`')
    filled = Field("text", Impute(""), *tokens(9, 2).steps, tokens=9, shape=(2,))
    found = Dataset(Csv("t.csv"), {"t": filled}).load([tmp_path]).train.t
    assert found.tolist() == [[2, 0], [0, 0]]


@pytest.mark.skipif(not SENTENCES.exists(), reason="DLC_DATA_DIR has no sentiment")
def test_three_thousand_sentences_have_countvectorizers_vocabulary() -> None:
    data = Dataset(Csv(str(SENTENCES)), {"t": tokens(1000, 40)})
    found = data.load([]).train.t
    raw = data.source.read([]).texts("text").tolist()
    oracle = CountVectorizer(token_pattern=WORD.pattern)
    counts = oracle.fit_transform(raw).sum(0).A1
    known = dict(zip(oracle.get_feature_names_out(), counts.tolist(), strict=True))
    words = data.state()["t"]["steps"][1]["words"]
    assert words == sorted(known, key=lambda word: (-known[word], word))[:998]
    assert found.shape == (3000, 40)
    analyse = oracle.build_analyzer()
    for text, row in zip(raw[:200], found[:200].tolist(), strict=True):
        wanted = [words.index(word) + 2 if word in words else 1 for word in analyse(text)][:40]
        assert row == wanted + [0] * (40 - len(wanted))
