"""`dlc run` of every source that is no table of text, then `eval`, and `predict` on raw records."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from commands import dlc
from dlc.compiler.catalog.data import SOURCES
from dlc.runtime.cifar import CIFAR10, CIFAR100
from PIL import Image

DATA = Path(os.environ.get("DLC_DATA_DIR", "nowhere"))
COUNT = 40

SPEC = """\
data things from SOURCE {
  FIELDS
}

model Net {
  input x: f32[N, SHAPE]
  output p: f32[N, CLASSES] = x -> flatten(1) -> Linear(8) -> relu -> Linear(CLASSES)
}

train Net(x=FIELD) on things {
  loss = cross_entropy(p, label)
  optimizer = Adam(lr=0.01)
  metrics = [accuracy]
  epochs = 3
}
"""
LABEL = 'label: class("no", "yes")\n  '
SPLIT = "split = random(train=0.8, test=0.2, seed=0)"


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of our own, no other data, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    monkeypatch.setenv("DLC_OFFLINE", "1")
    monkeypatch.setenv("DLC_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def spec(source: str, fields: str, shape: str, field: str = "x", classes: int = 2) -> Path:
    text = SPEC.replace("SOURCE", source).replace("FIELDS", fields).replace("SHAPE", shape)
    Path("things.dl").write_text(text.replace("FIELD", field).replace("CLASSES", str(classes)))
    return Path("things.dl")


def values(seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Records that differ by their sum, and their labels."""
    found = np.random.default_rng(seed).standard_normal((COUNT, 6)).astype(np.float32)
    return found, ["yes" if each > 0 else "no" for each in found.sum(1)]


def ran(path: Path, *options: str) -> dict[str, float]:
    """The measures of the test split after a run; `eval` gives the same."""
    done = dlc("run", path, "--device", "cpu", "-q", *options)
    assert done.code == 0, done.err
    told = dlc("eval", path, "--json", "--device", "cpu")
    assert told.code == 0, told.err
    (measures,) = told.lines
    assert measures["split"] == "test"
    (status,) = Path("runs/things").glob("*/status.json")
    saved = json.loads(status.read_text())["results"]["test"]
    assert measures["loss"] == pytest.approx(saved["loss"], rel=1e-6)
    return measures


def predicted(*inputs: object) -> list[dict[str, object]]:
    done = dlc("predict", "things.dl", *inputs, "--json")
    assert done.code == 0, done.err
    return done.lines


def rows(found: np.ndarray, labels: list[str], name: str = "") -> str:
    pairs = zip(found.tolist(), labels, strict=True)
    return "".join(
        json.dumps({"x": x, "label": label} if not name else {name: x}) + "\n" for x, label in pairs
    )


def test_json_lines(work: Path) -> None:
    found, labels = values()
    Path("a.jsonl").write_text(rows(found, labels) + "no object\n")
    fields = (
        f"x: f32[2, 3] = x -> reshape(2, 3) -> standardize\n  {LABEL}{SPLIT}\n  on_error = skip"
    )
    ran(spec('json_lines("a.jsonl")', fields, "2, 3"))
    Path("new.jsonl").write_text(rows(found[:5], labels[:5]))
    whole = predicted("new.jsonl")
    assert len(whole) == 5 and set(whole[0]) == {"p", "p.probabilities"}


def test_arrays_by_parts_and_predictions_of_arrays_and_lines_agree(work: Path) -> None:
    found, labels = values()
    np.savez("a.npz", x=found, label=np.array(labels))
    np.savez("b.npz", x=found[:9], label=np.array(labels[:9]))
    ran(spec('npz(train="a.npz", test="b.npz")', f"x: f32[6] = x -> standardize\n  {LABEL}", "6"))
    np.savez("new.npz", x=found[:9])
    Path("new.jsonl").write_text(rows(found[:9], labels[:9], "x"))
    assert predicted("new.npz") == predicted("new.jsonl")


def test_parquet(work: Path) -> None:
    polars = pytest.importorskip("polars", reason="the extra `tables` is not installed")
    found, labels = values()
    columns = {f"c{n}": found[:, n].astype(float) for n in range(6)}
    polars.DataFrame({**columns, "label": labels}).write_parquet("a.parquet")
    fields = f'x: f32[6] = columns("c*") -> standardize\n  {LABEL}{SPLIT}'
    ran(spec('parquet("a.parquet")', fields, "6"))
    polars.DataFrame({name: each[:4] for name, each in columns.items()}).write_parquet(
        "new.parquet"
    )
    Path("new.csv").write_text(
        ",".join(columns)
        + "\n"
        + "".join(
            ",".join(map(repr, row)) + "\n"
            for row in zip(*(c[:4].tolist() for c in columns.values()), strict=True)
        )
    )
    assert predicted("new.parquet") == predicted("new.csv")


def test_without_polars_a_run_ends_with_4_and_names_the_extra(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "polars", None)
    Path("a.parquet").write_bytes(b"PAR1")
    path = spec('parquet("a.parquet")', f"x: f32[6]\n  {LABEL}{SPLIT}", "6")
    done = dlc("run", path, "--device", "cpu", "-q")
    assert done.code == 4
    assert 'help: Install it: pip install "dlc[tables]"' in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("name", "collection"), [("cifar10", CIFAR10), ("cifar100", CIFAR100)])
def test_cifar(name: str, collection: object, work: Path) -> None:
    chance = np.random.default_rng(0)
    wide = len(collection.labels) + 3072
    (work / name).mkdir()
    for file in (*collection.train, collection.test):
        content = chance.integers(0, 10, (8, wide), np.uint8)
        content[:, -3072:] = chance.integers(0, 256, (8, 3072))
        (work / name / file).write_bytes(content.tobytes())
    label = "label: class(10)" if name == "cifar10" else "label: class(20) = coarse_label"
    classes = 10 if name == "cifar10" else 20
    fields = f"image: f32[3, 32, 32] = image -> scale(1 / 255)\n  {label}"
    ran(spec(f"{name}()", fields, "3, 32, 32", "image", classes))
    pixels = content[0, -3072:].reshape(3, 32, 32)
    Image.fromarray(pixels.transpose(1, 2, 0)).save("new.png")
    Path("new.jsonl").write_text(json.dumps({"image": pixels.tolist()}) + "\n")
    assert predicted("new.png") == predicted("new.jsonl")


def put_sounds(folder: Path, count: int) -> None:
    import wave

    for label, low in (("no", 300), ("yes", 900)):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            times = np.arange(400 + 10 * number) / 8000
            sound = 20_000 * np.sin(2 * np.pi * (low + number) * times)
            with wave.open(str(folder / label / f"{number}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(sound.astype("<i2").tobytes())


def test_audio_folder(work: Path) -> None:
    put_sounds(work / "a", 10)
    put_sounds(work / "b", 3)
    (work / "a" / "no" / "broken.wav").write_bytes(b"damaged")
    steps = "pad(200) -> standardize -> reshape(1, 200)"
    fields = f"sound: f32[1, 200] = sound -> {steps}\n  {LABEL}on_error = skip"
    source = 'audio_folder(train="a", test="b", rate=4000)'
    measures = ran(spec(source, fields, "1, 200", "sound"))
    assert measures["accuracy"] > 0.9
    files = predicted("b/no/0.wav", "b/yes/0.wav")
    assert [each["p"] for each in files] == ["no", "yes"]
    assert len(predicted("b")) == 6
    told = dlc("predict", "things.dl", "b/no/0.wav")
    assert told.out.startswith("0.wav: p: no")
    Path("broken.wav").write_bytes(b"damaged")
    done = dlc("predict", "things.dl", "broken.wav")
    assert done.code == 3 and "cannot be read as WAV, FLAC or OGG" in done.err


def test_a_function_of_python(work: Path) -> None:
    Path("mine_of_run.py").write_text(
        "import numpy as np\n"
        "def records():\n"
        "    found = np.random.default_rng(0).standard_normal((40, 6))\n"
        "    for x in found:\n"
        "        yield {'x': x, 'label': 'yes' if x.sum() > 0 else 'no'}\n"
    )
    fields = f"x: f32[6] = x -> standardize\n  {LABEL}{SPLIT}"
    path = spec('python("mine_of_run:records")', fields, "6")
    refused = dlc("run", path)
    assert refused.code == 1 and "error[D0802]" in refused.err and not Path("runs").exists()
    ran(path, "--allow", "mine_of_run")
    found, labels = values()
    Path("new.jsonl").write_text(rows(found[:3], labels[:3], "x"))
    assert len(predicted("new.jsonl")) == 3


@pytest.mark.skipif(
    not (DATA / "spoken_digits").is_dir(), reason="DLC_DATA_DIR has no spoken_digits/"
)
def test_spoken_digits_are_learned_from(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLC_DATA_DIR", str(DATA))
    Path("things.dl").write_text(
        """\
data spoken from audio_folder(train="spoken_digits/train", test="spoken_digits/test") {
  sound: f32[1, 4000] = sound -> pad(4000) -> standardize -> reshape(1, 4000)
  label: class(10)
}

model Net {
  input sound: f32[N, 1, 4000]
  output p: f32[N, 10] = sound -> Conv1d(16, 64, stride=16) -> BatchNorm1d -> relu
    -> Conv1d(32, 8, stride=4) -> BatchNorm1d -> relu
    -> AdaptiveMaxPool1d(1) -> flatten(1) -> Linear(10)
}

train Net on spoken {
  loss = cross_entropy(p, label)
  optimizer = Adam(lr=3e-3)
  metrics = [accuracy]
  epochs = 8
}
"""
    )
    measures = ran(Path("things.dl"))
    assert measures["accuracy"] > 0.2  # chance is 0.1
    (first, *_) = predicted(DATA / "spoken_digits" / "test" / "3")
    assert str(first["p"]).isdecimal()


def test_every_source_of_the_language_is_read_by_a_class_of_the_runtime() -> None:
    from importlib import import_module

    for record in SOURCES.values():
        source = getattr(import_module(record.module), record.callable)
        assert callable(source.read) and source.missing is not None
