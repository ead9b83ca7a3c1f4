"""Long texts and folders of texts: what is read, cut, counted and measured."""

from __future__ import annotations

import builtins
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError, MissingPackage
from dlc.runtime.ordered_splits import chronological_split
from dlc.runtime.sequences import Ahead, Window
from dlc.runtime.sources import Literal
from dlc.runtime.splits import random_split
from dlc.runtime.text_files import TextFile, TextFolder
from dlc.runtime.texts import Characters, Lower, Pad, Vocabulary, Words
from dlc.runtime.tokens import Tokenize
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
TEXT = "It was a dark and stormy night; the rain fell in torrents. " * 12


def tales(size: int = 8, vocabulary: int = 40, split=None, **source: str) -> Dataset:
    steps = (Characters(), Vocabulary(vocabulary), Window(size))
    fields = {
        "letters": Field("text", *steps, tokens=vocabulary, shape=(size,)),
        "follow": Field(
            "text",
            Characters(),
            Vocabulary(vocabulary),
            Window(size),
            Ahead(1),
            classes=vocabulary,
            shape=(size,),
        ),
    }
    return Dataset(TextFile(**(source or {"path": "tales.txt"})), fields, split)


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


# Long texts


def test_a_record_is_a_place_and_what_follows_is_the_window_one_step_later(tmp_path):
    train = tales().load([written(tmp_path, tales=TEXT)]).train
    assert len(train) == len(TEXT) - 8
    assert torch.equal(train.letters[1:], train.follow[:-1])
    assert train.letters.untyped_storage().nbytes() == 8 * len(TEXT)


def test_windows_are_read_back_as_the_text_that_they_are(tmp_path):
    data = tales()
    train = data.load([written(tmp_path, tales=TEXT)]).train
    letters, follow = (data.fields[name].words(train[name]) for name in ("letters", "follow"))
    assert letters == [TEXT[at : at + 8] for at in range(len(TEXT) - 8)]
    assert follow == [TEXT[at + 1 : at + 9] for at in range(len(TEXT) - 8)]
    labels = data.labels("follow")
    assert "".join(labels[code] for code in train.follow[0].tolist()) == follow[0]
    assert len(labels) == len(set(labels)) == 40


def test_the_vocabulary_is_that_of_the_training_part_alone(tmp_path):
    text = "ab" * 50 + "az" * 10
    data = tales(4, 10, chronological_split(100 / 120, test=20 / 120))
    splits = data.load([written(tmp_path, tales=text)])
    assert data.fields["letters"].steps[1].words == ("a", "b")
    # z is unknown, 1, in the test part.
    assert {*splits.test.follow.unique().tolist()} == {1, 2}
    assert {*splits.train.follow.unique().tolist()} == {2, 3}


@given(st.text(min_size=12, max_size=80), st.integers(3, 12))
@settings(max_examples=60, deadline=None)
def test_characters_are_counted_and_numbered_as_in_a_list(text, size):
    long, short = Vocabulary(size), Vocabulary(size)
    pieces = Characters().pieces(text)
    lists = Characters().apply(np.array([text, ""], object))
    long.fit_pieces(pieces)
    short.fit(lists)
    assert long.words == short.words
    assert long.apply_pieces(pieces).tolist() == short.apply(lists)[0]
    other = "zyxé" + text[::-1]
    composed = Characters().apply(np.array([other, ""], object))
    assert long.apply_pieces(Characters().pieces(other)).tolist() == short.apply(composed)[0]


def test_words_of_a_long_text_are_places_too(tmp_path):
    steps = (Lower(), Words(), Vocabulary(20), Window(3))
    data = Dataset(TextFile("tales.txt"), {"x": Field("text", *steps, tokens=20, shape=(3,))})
    train = data.load([written(tmp_path, tales="The cat. THE dog! " * 5)]).train
    ranked = sorted(
        Counter("the cat the dog".split() * 5).items(), key=lambda each: (-each[1], each[0])
    )
    codes = {word: number for number, (word, _) in enumerate(ranked, 2)}
    numbers = torch.tensor([codes[word] for word in "the cat the dog".split() * 5])
    assert torch.equal(train.x, numbers.unfold(0, 3, 1))
    assert data.fields["x"].words(train.x[:1]) == ["the cat the"]


def test_outside_of_training_each_token_is_measured_once(tmp_path, capsys):
    data = tales(8, 40, chronological_split(0.8, test=0.2))
    splits = data.load([written(tmp_path, tales=TEXT)])
    count = round(len(TEXT) * 0.8)
    read = "".join(data.fields["follow"].words(splits.test.follow))
    assert read == TEXT[count:][: len(read)] and len(TEXT) - count - len(read) < 8
    (last,) = data.fields["follow"].words(splits.train.follow[-1:])
    assert last == TEXT[count - 8 : count]
    assert "a token is measured once" in capsys.readouterr().err


def test_where_one_token_is_predicted_every_place_is_measured(tmp_path):
    steps = (Characters(), Vocabulary(40))
    fields = {
        "past": Field("text", *steps, Window(8), tokens=40, shape=(8,)),
        "next": Field("text", *steps, Window(1), Ahead(8), classes=40, shape=(1,)),
    }
    data = Dataset(TextFile("tales.txt"), fields, chronological_split(0.8, test=0.2))
    splits = data.load([written(tmp_path, tales=TEXT)])
    assert "".join(data.fields["next"].words(splits.test.next)) == TEXT[round(len(TEXT) * 0.8) :]


def test_each_file_of_a_part_is_a_text_by_itself(tmp_path):
    data = tales(train="a.txt", test="b.txt")
    splits = data.load([written(tmp_path, a=TEXT, b="It was a light and sunny day.")])
    assert len(splits.train) == len(TEXT) - 8
    read = data.fields["letters"].words(splits.test.letters)
    # What the training text has not is unknown.
    assert read == ["It was a", " light a", "nd s\N{REPLACEMENT CHARACTER}nny"]


def test_places_may_be_drawn_at_random(tmp_path):
    splits = tales(split=random_split(0.7, test=0.3)).load([written(tmp_path, tales=TEXT)])
    assert len(splits.train) + len(splits.test) == len(TEXT) - 8


def test_fields_that_cut_a_text_in_two_ways_are_told(tmp_path):
    data = tales()
    steps = (Words(), Vocabulary(9), Window(4))
    data.fields["words"] = Field("text", *steps, tokens=9, shape=(4,))
    with pytest.raises(DataError, match="`letters` has 708 places in the text, and `words` 144"):
        data.load([written(tmp_path, tales=TEXT)])


def test_files_may_be_packed_and_have_any_line_ends(tmp_path):
    (tmp_path / "tales.txt.gz").write_bytes(gzip.compress("\ufeffone\r\ntwo\rthree\n".encode()))
    table = TextFile("tales.txt.gz").read([tmp_path])
    assert table.columns["text"].tolist() == ["one\ntwo\nthree\n"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"good\nbad \xff\n", "is not UTF-8 text: see line 2"),
        (b"", "is empty"),
        (b"\x1f\x8b\x08damaged", "cannot be read"),
    ],
)
def test_what_is_no_text_is_told_with_its_place(tmp_path, content, said):
    (tmp_path / "tales.txt").write_bytes(content)
    with pytest.raises(DataError, match=said) as why:
        TextFile("tales.txt").read([tmp_path])
    assert why.value.place == str(tmp_path / "tales.txt")


# Folders of texts


def reviews(folder: Path, **options: str) -> Dataset:
    steps = (Words(), Vocabulary(30), Pad(4))
    fields = {
        "tokens": Field("text", *steps, tokens=30, shape=(4,)),
        "label": Field("label", labels=("bad", "good")),
    }
    for name, text in {
        "train/bad/1.txt": "dull and long\n",
        "train/bad/2.txt": "long",
        "train/good/1.txt": "a joy",
        "test/bad/1.txt": "dull",
        "test/good/1.text": "joy joy",
        "train/good/.hidden.txt": "nothing",
        "train/good/readme.md": "nothing",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Dataset(TextFolder(train="train", test="test", **options), fields)


def test_texts_in_folders_are_records_with_their_folder_s_name(tmp_path, capsys):
    data = reviews(tmp_path)
    splits = data.load([tmp_path])
    assert splits.sizes == {"train": 3, "test": 2}
    assert splits.train.label.tolist() == [0, 0, 1] and splits.test.label.tolist() == [0, 1]
    assert data.fields["tokens"].words(splits.train.tokens) == ["dull and long", "long", "a joy"]
    assert data.fields["tokens"].steps[1].words == ("long", "a", "and", "dull", "joy")
    assert "1 file is no text and was left out" in capsys.readouterr().err


def test_a_text_that_is_not_utf_8_stops_or_is_left_out(tmp_path, capsys):
    data = reviews(tmp_path)
    (tmp_path / "train/bad/1.txt").write_bytes("d\xfcll\nand long".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8 text: see line 1") as why:
        data.load([tmp_path])
    assert "on_error = skip" in why.value.help
    splits = reviews(tmp_path / "other", on_error="skip")
    (tmp_path / "other/train/bad/1.txt").write_bytes(b"\xff")
    assert splits.load([tmp_path / "other"]).sizes == {"train": 2, "test": 2}
    assert "skipped 1 of 5 texts" in capsys.readouterr().err


def test_a_part_without_a_readable_text_is_told(tmp_path):
    data = reviews(tmp_path, on_error="skip")
    for name in ("bad/1.txt", "good/1.text"):
        (tmp_path / "test" / name).write_bytes(b"\xff")
    with pytest.raises(DataError, match="None of the texts of the test part can be read"):
        data.load([tmp_path])


def test_folders_that_are_no_label_are_told(tmp_path):
    data = reviews(tmp_path)
    (tmp_path / "train/ugly").mkdir()
    (tmp_path / "train/ugly/1.txt").write_text("no")
    with pytest.raises(DataError, match=r"`ugly`.* is no label"):
        data.load([tmp_path])


@pytest.mark.skipif(not (DATA / "movie_reviews").exists(), reason="DLC_DATA_DIR has no reviews")
def test_all_movie_reviews_are_read():
    source = TextFolder(train="movie_reviews/train", test="movie_reviews/test", on_error="skip")
    table = source.read([DATA])
    assert table.classes["label"] == ("neg", "pos")
    assert len(table) >= 995 and all(len(text) > 50 for text in table.columns["text"])


@pytest.mark.skipif(not (DATA / "text").exists(), reason="DLC_DATA_DIR has no text")
def test_tinyshakespeare_is_one_tensor_of_tokens():
    data = tales(64, 80, chronological_split(0.9, test=0.1), path="text/tinyshakespeare.txt")
    splits = data.load([DATA])
    assert len(splits.train) == round(1_115_394 * 0.9) - 64
    assert len(data.fields["letters"].steps[1].words) == 65
    for part in (splits.train, splits.test):
        assert part.tensors["letters"].untyped_storage().nbytes() == 1_115_394 * 8
    text = (DATA / "text/tinyshakespeare.txt").read_text(encoding="utf-8")
    ((letters, follow),) = [splits.train.at(torch.tensor([500_000]))]
    assert data.fields["letters"].words(letters) == [text[500_000:500_064]]
    assert data.fields["follow"].words(follow) == [text[500_001:500_065]]


# Small letters and tokenizers


def test_small_letters_keep_holes_and_meet_labels():
    texts = np.array(["ÄB c", None, "x"], object)
    assert Lower().apply(texts).tolist() == ["äb c", None, "x"]
    data = Dataset(
        Literal(mood=["Good", "BAD"]), {"y": Field("mood", Lower(), labels=("bad", "good"))}
    )
    assert data.load([]).train.y.tolist() == [1, 0]


@pytest.fixture(scope="module")
def bpe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of a tokenizer that was trained on the text."""
    tokenizers = pytest.importorskip("tokenizers", reason="the extra `text` is not installed")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.train_from_iterator([TEXT], tokenizers.trainers.BpeTrainer(vocab_size=60))
    made.enable_padding(length=50)
    folder = tmp_path_factory.mktemp("bpe")
    made.save(str(folder / "bpe.json"))
    return folder


def ids(folder: Path, text: str) -> list[int]:
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder / "bpe.json"))
    made.no_padding()
    return made.encode(text).ids


def test_texts_become_the_tokens_of_the_file(bpe):
    fields = {"x": Field("text", Tokenize("bpe.json", 60), Pad(9), tokens=60, shape=(9,))}
    data = Dataset(Literal(text=["dark night", "the rain fell"]), fields)
    train = data.load([bpe]).train
    for row, text in zip(train.x.tolist(), ("dark night", "the rain fell"), strict=True):
        wanted = ids(bpe, text)
        assert row == (wanted + [0] * 9)[:9]
    assert torch.equal(data.encode("x", [{"text": "dark night"}]), train.x[:1])


def test_a_long_text_is_cut_by_the_file_and_read_back(bpe, tmp_path):
    steps = (Tokenize("bpe.json", 64), Window(6))
    fields = {"x": Field("text", *steps, classes=64, shape=(6,))}
    data = Dataset(TextFile("tales.txt"), fields)
    train = data.load([bpe, written(tmp_path, tales=TEXT)]).train
    numbers = torch.tensor(ids(bpe, TEXT))
    assert torch.equal(train.x, numbers.unfold(0, 6, 1))
    assert TEXT.startswith(data.fields["x"].words(train.x[:1])[0])
    assert len(set(data.labels("x"))) == 64


def test_the_file_s_tokens_are_saved_with_the_weights(bpe, tmp_path):
    def make() -> Dataset:
        field = Field("text", Tokenize("bpe.json", 60), Pad(9), tokens=60, shape=(9,))
        return Dataset(Literal(text=["dark night"]), {"x": field})

    trained, fresh = make(), make()
    wanted = trained.load([bpe]).train.x
    fresh.restore(json.loads(json.dumps(trained.state())))
    assert torch.equal(fresh.encode("x", [{"text": "dark night"}]), wanted)
    assert torch.equal(fresh.load([tmp_path], fitted=True).train.x, wanted)


@pytest.mark.parametrize(
    ("content", "size", "said"),
    [
        ("{}", 60, "is no file of a tokenizer"),
        (None, 50, "has 60 tokens, and the field declares 50"),
    ],
)
def test_a_file_that_does_not_fit_is_told(bpe, tmp_path, content, size, said):
    text = content if content is not None else (bpe / "bpe.json").read_text()
    (tmp_path / "bpe.json").write_text(text)
    field = Field("text", Tokenize("bpe.json", size), Pad(9), tokens=size, shape=(9,))
    with pytest.raises(DataError, match=said):
        Dataset(Literal(text=["dark night"]), {"x": field}).load([tmp_path])


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "tokenizers":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    (tmp_path / "bpe.json").write_text("{}")
    with pytest.raises(MissingPackage, match="needs the package tokenizers") as why:
        Tokenize("bpe.json", 60).open([tmp_path])
    assert why.value.exit_code == 4 and "dlc[text]" in why.value.help


def test_the_package_is_imported_only_where_it_is_used():
    code = "import sys, dlc.runtime.dataset, dlc.runtime.tokens;print('tokenizers' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
