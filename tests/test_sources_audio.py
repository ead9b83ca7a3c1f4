"""Sounds: WAV, FLAC and OGG, their rates and lengths, and the source `audio_folder`."""

from __future__ import annotations

import os
import random
import struct
import sys
import wave
from math import gcd
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.audio_folder import AudioFolder
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError, MissingPackage
from dlc.runtime.sounds import SoundFault, decoded, heard, padded, resampled
from dlc.runtime.steps import Reshape, Standardize
from dlc.runtime.texts import Pad
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import resample_poly

DATA = Path(os.environ.get("DLC_DATA_DIR", "nowhere")) / "spoken_digits"
soundfile = pytest.importorskip("soundfile", reason="the extra `audio` is not installed")


def tone(count: int = 80, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, count).astype(np.float32)


def put(path: Path, samples: np.ndarray, rate: int = 8000, **options: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, **options)
    return path


# Files


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("form", ["WAV", "WAVEX"])
@pytest.mark.parametrize("kind", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_wav_of_every_kind_is_read_as_soundfile_reads_it(kind, form, channels, tmp_path):
    samples = tone(50 * channels).reshape(50, channels)
    path = put(tmp_path / "a.wav", samples, 22_050, subtype=kind, format=form)
    rate, found = decoded(path)
    expected, known = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == known and found.dtype == np.float32
    np.testing.assert_allclose(found, expected.mean(1), atol=1e-7)


def test_wav_of_the_standard_library_is_read(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(struct.pack("<4h", 0, 16_384, -32_768, 32_767))
    rate, found = decoded(tmp_path / "a.wav")
    assert rate == 16_000
    assert found.tolist() == [0, 0.5, -1, 32_767 / 32_768]


@pytest.mark.parametrize("ending", ["flac", "ogg"])
def test_flac_and_ogg_are_read_by_soundfile(ending, tmp_path):
    path = put(tmp_path / f"a.{ending}", tone(4000).clip(-0.5, 0.5), 16_000)
    rate, found = decoded(path)
    assert rate == 16_000
    np.testing.assert_array_equal(found, soundfile.read(path, dtype="float32")[0])


@pytest.mark.parametrize("ending", ["flac", "ogg"])
def test_without_soundfile_the_extra_is_named_and_wav_still_read(ending, tmp_path, monkeypatch):
    path = put(tmp_path / f"a.{ending}", tone())
    plain = put(tmp_path / "a.wav", tone())
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert len(decoded(plain)[1]) == 80
    with pytest.raises(MissingPackage) as caught:
        decoded(path)
    assert caught.value.exit_code == 4
    assert caught.value.help == 'Install it: pip install "dlc[audio]"'


def wav(
    kind: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, body: bytes = b""
) -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, rate, 0, 0, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "another content"),
        (b"RIFF\0\0\0\0AVI ", "another content"),
        (b"no sound at all", "another content"),
        (wav()[:20], "cut off"),
        (wav()[:12] + b"data\4\0\0\0\0\0\0\0", "does not say what its samples are"),
        (wav(body=b"\0\0\0\0")[:-1], "cut off"),
        (wav(kind=0x11), "WAV of kind 17"),
        (wav(bits=12), "with 12 bits"),
        (wav(channels=0), "0 channels"),
        (wav(rate=0), "0 samples a second"),
        (wav(rate=2_000_000_000), "2,000,000,000 samples a second"),
        (b"fLaC and nothing else", "."),
        (b"OggS and nothing else", "."),
    ],
)
def test_what_is_no_sound_is_told(content, says, tmp_path):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SoundFault, match=says):
        decoded(tmp_path / "a.wav")
    with pytest.raises(DataError, match="cannot be read as WAV, FLAC or OGG"):
        heard(tmp_path / "a.wav", 8000, None)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_damaged_sounds_are_faults_and_never_a_crash(ending, tmp_path):
    good = put(tmp_path / f"a.{ending}", tone(400)).read_bytes()
    for seed in range(200):
        chance = random.Random(seed)
        bad = bytearray(good[: chance.randrange(len(good))] if seed % 2 else good)
        for _ in range(3 if bad else 0):
            bad[chance.randrange(min(len(bad), 60))] ^= 1 << chance.randrange(8)
        (tmp_path / "b.wav").write_bytes(bad)
        try:
            assert decoded(tmp_path / "b.wav")[1].ndim == 1
        except SoundFault as fault:
            assert str(fault)


# Rates and lengths


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_resampling_is_that_of_scipy(rate, wanted, count, seed):
    sound = tone(count, seed)
    found = resampled(sound, rate, wanted)
    shared = gcd(rate, wanted)
    expected = resample_poly(sound.astype(float), wanted // shared, rate // shared) if count else []
    assert found.dtype == np.float32 and len(found) == -(-count * wanted // rate)
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("rates", [(44_100, 16_000), (8000, 11_025), (44_101, 16_000)])
def test_a_low_tone_stays_the_same_tone_at_another_rate(rates):
    rate, wanted = rates
    tone_at = [np.sin(2 * np.pi * 440 * np.arange(each) / each) for each in rates]
    found = resampled(tone_at[0].astype(np.float32), rate, wanted)
    inner = slice(wanted // 10, -wanted // 10)
    assert np.abs(found - tone_at[1])[inner].max() < 2e-3


@pytest.mark.parametrize(
    ("pad", "expected"),
    [
        (Pad(5), [1, 2, 3, 0, 0]),
        (Pad(5, side="left"), [0, 0, 1, 2, 3]),
        (Pad(2), [1, 2]),
        (Pad(2, side="left"), [2, 3]),
        (Pad(3), [1, 2, 3]),
    ],
)
def test_sounds_are_cut_and_filled_at_the_side_of_the_step(pad, expected):
    assert padded(np.array([1, 2, 3], np.float32), pad).tolist() == expected
    assert padded(np.zeros(0, np.float32), pad).tolist() == [0] * pad.length


# Folders


def spoken(folder: Path, rate: int = 8000, lengths: tuple[int, ...] = (30, 40)) -> Path:
    for label in ("no", "yes"):
        for number, length in enumerate(lengths):
            put(folder / label / f"{number}.wav", tone(length, number + len(label)), rate)
    return folder


def test_sounds_have_the_names_of_their_folders(tmp_path):
    table = AudioFolder(str(spoken(tmp_path))).read([])
    assert table.column("label").tolist() == ["no", "no", "yes", "yes"]
    assert table.sounds["sound"].rate == 8000
    assert [len(each) for each in table.sounds["sound"].waves] == [30, 40, 30, 40]
    assert table.where(2) == str(tmp_path / "yes" / "0.wav")
    with pytest.raises(DataError, match="holds sounds, no numbers"):
        table.column("sound")


def test_parts_are_folders_and_what_cannot_be_read_is_skipped_in_each(tmp_path):
    spoken(tmp_path / "a", lengths=(30, 30, 30))
    spoken(tmp_path / "b")
    (tmp_path / "a" / "no" / "1.wav").write_bytes(b"damaged")
    (tmp_path / "b" / "yes" / "0.wav").write_bytes(b"damaged")
    source = AudioFolder(train="a", test="b", on_error="skip")
    table = source.read([tmp_path])
    assert dict(table.parts) == {"train": slice(0, 5), "test": slice(5, 8)}
    assert len(table.sounds["sound"].waves) == len(table) == 8
    assert table.column("label").tolist() == ["no"] * 2 + ["yes"] * 3 + ["no"] * 2 + ["yes"]
    assert table.notes[-1].startswith("skipped 2 of 10 sounds as unreadable, first: ")
    with pytest.raises(DataError, match="another content") as caught:
        AudioFolder(train="a", test="b").read([tmp_path])
    assert "on_error = skip" in caught.value.help


def test_where_none_can_be_read_it_is_told(tmp_path):
    spoken(tmp_path)
    for path in tmp_path.rglob("*.wav"):
        path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="None of the sounds of the train part can be read"):
        AudioFolder(str(tmp_path), on_error="skip").read([])


def test_a_rate_is_given_to_all_and_without_one_they_must_agree(tmp_path):
    spoken(tmp_path)
    put(tmp_path / "yes" / "9.wav", tone(60), 16_000)
    with pytest.raises(DataError, match=r"8,000 Hz in .*, 16,000 Hz in ") as caught:
        AudioFolder(str(tmp_path)).read([])
    assert "rate=8000" in caught.value.help
    sounds = AudioFolder(str(tmp_path), rate=4000).read([]).sounds["sound"]
    assert sounds.rate == 4000 and [len(each) for each in sounds.waves] == [15, 20, 15, 20, 15]
    with pytest.raises(DataError, match="none that can be heard"):
        AudioFolder(str(tmp_path), rate=10**12).read([])


def test_other_files_are_passed_over_and_said(tmp_path):
    spoken(tmp_path)
    (tmp_path / "no" / "notes.txt").write_text("x")
    (tmp_path / "no" / ".hidden.wav").write_bytes(b"x")
    table = AudioFolder(str(tmp_path)).read([])
    assert table.notes == (
        f"1 file is no sound and was left out: {tmp_path / 'no' / 'notes.txt'}.",
    )


# Fields


def data(
    folder: Path, *steps: object, shape: tuple[int, ...] = (32,), **options: object
) -> Dataset:
    fields = {
        "sound": Field("sound", *steps, shape=shape),
        "label": Field("label", labels=("no", "yes")),
    }
    return Dataset(AudioFolder(str(folder), **options), fields)


def test_padded_sounds_are_a_field_and_one_mean_and_deviation_are_learned(tmp_path):
    spoken(tmp_path)
    made = data(tmp_path, Pad(32), Standardize(), Reshape(1, 32), shape=(1, 32))
    train = made.load([]).train
    raw = np.stack([padded(decoded(p)[1], Pad(32)) for p in sorted(tmp_path.rglob("*.wav"))])
    assert tuple(train.sound.shape) == (4, 1, 32)
    expected = (raw - raw.mean()) / raw.std()
    np.testing.assert_allclose(train.sound[:, 0].numpy(), expected, atol=1e-5)


def test_sounds_of_unlike_lengths_need_pad_and_of_one_length_none(tmp_path):
    spoken(tmp_path / "a")
    with pytest.raises(DataError, match=r"different lengths: 30 samples in .*, 40 in") as caught:
        data(tmp_path / "a").load([])
    assert caught.value.help == "Give them one: `sound -> pad(8000)`"
    spoken(tmp_path / "b", lengths=(32, 32))
    assert tuple(data(tmp_path / "b").load([]).train.sound.shape) == (4, 32)
    with pytest.raises(DataError, match="32 values, and the shape \\[16\\] takes 16"):
        data(tmp_path / "b", shape=(16,)).load([])


@pytest.mark.parametrize("rate", [None, 4000])
def test_what_is_predicted_of_a_file_or_its_samples_is_what_trained(rate, tmp_path):
    spoken(tmp_path)
    made = data(tmp_path, Pad(32), Standardize(), rate=rate)
    train = made.load([tmp_path]).train
    fresh = data(tmp_path, Pad(32), Standardize(), rate=rate)
    fresh.restore(made.state())
    paths = [str(path) for path in sorted(tmp_path.rglob("*.wav"))]
    given = [{"sound": path} for path in paths]
    assert (fresh.encode("sound", given) == train.sound).all()
    waves = [heard(path, rate or 8000, None).tolist() for path in paths]
    assert (fresh.encode("sound", [{"sound": each} for each in waves]) == train.sound).all()


def test_a_sound_of_another_rate_is_resampled_to_that_of_training(tmp_path):
    made = data(spoken(tmp_path / "a"), Pad(32))
    made.load([])
    other = put(tmp_path / "b.wav", tone(64), 16_000)
    expected = padded(resampled(decoded(other)[1], 16_000, 8000), Pad(32))
    np.testing.assert_array_equal(made.encode("sound", [{"sound": str(other)}])[0], expected)


@pytest.mark.skipif(not DATA.is_dir(), reason="DLC_DATA_DIR has no spoken_digits/")
def test_the_spoken_digits_are_read_as_soundfile_reads_them():
    table = AudioFolder(train=str(DATA / "train"), test=str(DATA / "test")).read([])
    assert dict(table.parts) == {"train": slice(0, 400), "test": slice(400, 480)}
    assert table.classes["label"] == tuple("0123456789")
    sounds = table.sounds["sound"]
    assert sounds.rate == 8000
    for row in range(0, 480, 37):
        expected, rate = soundfile.read(table.where(row), dtype="float32")
        assert rate == 8000
        np.testing.assert_array_equal(sounds.waves[row], expected)
