"""The report of a run: whole in every case, honest, and safe whatever the spec and data hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import torch
from commands import dlc
from dlc.runtime.artifacts import ArtifactError
from dlc.runtime.dataset import Dataset, Field, Splits
from dlc.runtime.report import write_report
from dlc.runtime.sources import Literal
from PIL import Image
from reported import Made, Page, epochs, lines, package, report
from torch import nn

HOME = Path(__file__).parent.parent
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "' onclick='alert(1)",
    "</title></style></svg><img src=x onerror=alert(1)>",
    "&lt;b&gt;&amp;",
    "]]>",
    "wide" * 500,
    "\u202eright to left",
    "javascript:alert(1)",
]


def hostile_run(folder: Path) -> Page:
    """A report into which every name and text that a spec, its data or a file gives is hostile."""
    count = len(HOSTILE)
    data = Dataset(
        source=Literal(**{HOSTILE[0]: np.linspace(0, 1, count).tolist(), "y": list(range(count))}),
        fields={
            "x": Field(HOSTILE[0], shape=(1,)),
            HOSTILE[1]: Field("y", labels=tuple(HOSTILE)),
        },
    ).load([])
    torch.manual_seed(0)
    model = nn.Linear(1, count)
    name = package(folder, ("x",), {HOSTILE[2]: HOSTILE[1]}, HOSTILE)
    (folder / "spec.dl").write_text("\n".join(HOSTILE), encoding="utf-8")
    (folder / "overrides.json").write_text(json.dumps(dict.fromkeys(HOSTILE, HOSTILE[0])))
    (folder / "env.json").write_text(json.dumps({HOSTILE[3]: HOSTILE}))
    layer = {"line": 1, "kind": HOSTILE[0], "name": HOSTILE[1], "output": HOSTILE, "parameters": 3}
    summary = {"model": HOSTILE[0], "layers": [layer | {"flops": HOSTILE[3]}], "flops": HOSTILE[4]}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "a <b> & 'c' \"d\" #?.txt").write_text("")
    lines(folder, [{"epoch": 1, HOSTILE[3]: {HOSTILE[0]: 1.0}, "train": {HOSTILE[1]: {"loss": 2}}}])
    expectation = {
        "expect": HOSTILE[0],
        "measured": HOSTILE[1],
        "holds": False,
        "place": HOSTILE[3],
    }
    status = {
        "status": "expectations failed",
        "error": HOSTILE[0],
        "results": {"test": {HOSTILE[3]: 0.5}, HOSTILE[0]: {HOSTILE[1]: {"loss": 1.0}}},
        "expectations": [expectation],
        "findings": [{"what": HOSTILE[0], "help": HOSTILE[3]}],
        "best": {"epoch": 1, "on": HOSTILE[0], "value": 1.0},
    }
    return report(Made(folder, data), {HOSTILE[0]: model}, name, status)


def test_hostile_text_is_shown_and_never_taken_as_markup(tmp_path: Path) -> None:
    page = hostile_run(tmp_path)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object"}
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    assert not [tag for tag, attrs in page.tags if tag == "img" and attrs.get("src") == "x"]
    for text in HOSTILE:
        assert text in page.words or text[:300] in page.words
    # Every part was there to be tested.
    parts = ["Findings", "Expectations", "Results", "Training", "Predictions", "Network", "Spec"]
    assert page.sections == [*parts, "Settings", "Files"]


def test_nothing_on_the_page_is_fetched_or_run(tmp_path: Path) -> None:
    page = hostile_run(tmp_path)
    assert all(each.startswith("data:image/png;base64,") for each in page.values("src"))
    for link in page.values("href"):
        assert link.startswith("#L") or (tmp_path / unquote(link)).is_file()
    assert "url(" not in page.text
    assert "@import" not in page.text
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_links_lead_to_the_lines_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "spec.dl").write_text('# a\n\nmodel Line {  # b\n  name = "# no comment"\n}\n')
    (tmp_path / "summary.json").write_text(
        '{"model": "Line", "layers": [{"line": 3, "kind": "Linear", "output": ["N", 1]}]}'
    )
    expectation = {"expect": "test.loss < 1", "measured": 0.5, "holds": True, "place": "a.dl:5"}
    page = report(Made(tmp_path), status={"status": "done", "expectations": [expectation]})
    items = {each.get("id"): "".join(each.itertext()) for each in page.section("Spec").iter("li")}
    assert list(items) == ["L1", "L2", "L3", "L4", "L5"]
    assert items["L3"] == "model Line {  # b"
    assert [each.text for each in page.section("Spec").iter("i")] == ["# a", "# b"]
    assert {each for each in page.values("href") if each[0] == "#"} == {"#L3", "#L5"}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"status": "done"}, "✓ Trained for 4 epochs."),
        (
            {
                "status": "done",
                "results": {"train": {"loss": 1}, "test": {"loss": 2, "f1_score": 0.5}},
            },
            "✓ Trained for 4 epochs. Test f1 score: 0.5.",
        ),
        (
            {"status": "done", "expectations": [{"expect": "a", "holds": True}]},
            "✓ Trained for 4 epochs, as expected.",
        ),
        (
            {
                "status": "expectations failed",
                "expectations": [{"holds": True}, {"holds": False}],
                "results": {"train": {"loss": 0.25}},
            },
            "✗ Trained for 4 epochs, but 1 of 2 expectations does not hold. Training loss: 0.25.",
        ),
        ({"status": "interrupted"}, "✗ Interrupted after 4 epochs."),
        ({"status": "diverged", "error": "The training diverged."}, "✗ The training diverged."),
        ({"status": "failed", "error": "No file."}, "✗ Failed after 4 epochs. No file."),
        ({}, "✗ Failed after 4 epochs."),
    ],
)
def test_the_verdict_says_what_came_of_the_run(
    tmp_path: Path, status: dict[str, Any], verdict: str
) -> None:
    lines(tmp_path, epochs(4))
    write_report(Made(tmp_path), {}, "absent_package", status)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    (found,) = (each for each in page.tree.iter("div") if "verdict" in each.get("class", ""))
    assert "".join(found.itertext()).replace("✓", "✓ ").replace("✗", "✗ ") == verdict


def test_expectations_are_shown_with_what_was_measured(tmp_path: Path) -> None:
    found = [
        {"expect": "test.accuracy >= 0.97", "measured": 0.98324, "holds": True, "place": "d.dl:36"},
        {
            "expect": "predict(x=7).y within 0.5 of 14",
            "measured": None,
            "holds": False,
            "place": "",
        },
    ]
    page = report(Made(tmp_path), status={"status": "expectations failed", "expectations": found})
    assert page.rows("Expectations") == [
        ["✓", "test.accuracy >= 0.97", "0.9832", "36"],
        ["✗", "predict(x=7).y within 0.5 of 14", "\u2013", ""],
    ]


def test_results_have_a_column_a_split_and_a_dash_where_there_is_no_number(tmp_path: Path) -> None:
    results = {
        "train": {"loss": float("nan")},
        "test": {"loss": 0.5, "accuracy": None, "confusion_matrix": [[1, 0], [0, 1]]},
    }
    page = report(Made(tmp_path), status={"status": "done", "results": results})
    assert [each.text for each in page.section("Results").iter("th")] == [None, "test", "train"]
    assert page.rows("Results") == [["loss", "0.5", "nan"], ["accuracy", "\u2013", "\u2013"]]


def test_an_empty_folder_has_a_report_too(tmp_path: Path) -> None:
    page = report(Made(tmp_path))
    assert page.sections == []
    assert page.tree.findtext(".//h1") == "absent_package"


@pytest.mark.parametrize(
    "name", ["metrics.jsonl", "env.json", "overrides.json", "summary.json", "spec.dl"]
)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[1, 2]", b"null", b'{"layers": []}'])
def test_a_damaged_file_spoils_no_report(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert report(Made(tmp_path)).tree.findtext(".//h1") == "absent_package"


def test_without_the_data_a_measured_matrix_is_shown_all_the_same(tmp_path: Path) -> None:
    results = {"validation": {"confusion_matrix": [[8, 2], [1, 9]]}}
    page = report(Made(tmp_path), status={"status": "failed", "results": results})
    assert [row[-1] for row in page.rows("Classes")] == ["10", "10", "20"]
    assert "Of the validation split." in page.words


def test_the_summary_is_the_table_of_layers(tmp_path: Path) -> None:
    layers = [
        {"name": "conv1", "kind": "Conv2d", "line": 3, "output": ["N", 32, 26, 26],
         "parameters": 320, "flops": "N*411008"},
        {"name": "", "kind": "relu", "line": 4, "output": ["N", 32], "parameters": 0, "flops": 0},
    ]  # fmt: skip
    counts = {"trainable": 320, "frozen": 5, "buffers": 2}
    summary = {"model": "Cnn", "parameters": counts, "flops": "N*411008", "layers": layers}
    summary["conditions"] = ["H % 8 == 0"]
    (tmp_path / "summary.json").write_text(json.dumps(summary) + "\n" + json.dumps(summary))
    page = report(Made(tmp_path), {"model": nn.Linear(2, 1)})
    wanted = [
        ["3", "Conv2d", "conv1", "[N, 32, 26, 26]", "320", "N·411,008"],
        ["4", "relu", "", "[N, 32]", "", ""],
        ["", "in all", "", "", "325", "N·411,008"],
    ]
    assert page.rows("Network", 0) == page.rows("Network", 1) == wanted
    said = "320 parameters to train, 5 frozen, 2 numbers in buffers. H % 8 == 0."
    assert page.words.count(said) == 2


def test_without_a_summary_the_modules_themselves_are_listed(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())
    page = report(Made(tmp_path), {"G": model})
    assert page.rows("Network") == [
        ["0", "Linear", "16"],
        ["1", "BatchNorm1d", "8"],
        ["2", "ReLU", "0"],
        ["", "in all", "24"],
    ]
    assert "24 parameters, 9 numbers in buffers." in page.words


def test_settings_and_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "overrides.json").write_text('{"lr": "0.1"}')
    (tmp_path / "env.json").write_text('{"torch": "2.13.0", "cores": 2}')
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.pt").write_bytes(b"x" * 2500)
    (tmp_path / ".lock").write_text("process 1")
    page = report(Made(tmp_path))
    assert page.rows("Files") == [
        ["env.json", "31 B"],
        ["overrides.json", "13 B"],
        ["checkpoints/last.pt", "2.5 kB"],
    ]
    pairs = [each.text for each in page.section("Settings").iter() if each.tag in ("dt", "dd")]
    assert pairs == ["lr", "0.1", "torch", "2.13.0", "cores", "2"]


def test_the_seed_and_sizes_of_the_training_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = type(sys)("train")
    module.EPOCHS, module.BATCH, module.SEED = 5, 32, 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "absent_package.train", module)
    page = report(Made(tmp_path))
    pairs = [each.text for each in page.section("Settings").iter() if each.tag in ("dt", "dd")]
    assert pairs == ["epochs", "5", "batch", "32", "seed", "7"]


def test_of_many_drawn_pictures_the_first_the_last_and_some_between_are_shown(
    tmp_path: Path,
) -> None:
    (tmp_path / "samples").mkdir()
    for epoch in range(1, 21):
        Image.new("L", (8, 8), epoch).save(tmp_path / "samples" / f"epoch-{epoch:04}.png")
    page = report(Made(tmp_path))
    names = [each.text for each in page.section("Drawn while training").iter("figcaption")]
    assert names == ["epoch 1", "epoch 5", "epoch 9", "epoch 12", "epoch 16", "epoch 20"]
    assert "6 of 20 pictures" in page.words


def test_a_drawn_picture_that_is_large_is_made_smaller_and_a_damaged_one_left_out(
    tmp_path: Path,
) -> None:
    (tmp_path / "samples").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "samples" / "epoch-0001.png")
    (tmp_path / "samples" / "epoch-0002.png").write_bytes(b"no picture")
    (tmp_path / "samples" / "epoch-0003.png").write_bytes(b"\x00" * 500_000)
    page = report(Made(tmp_path))
    assert len(page.values("src")) == 1
    first = (tmp_path / "samples" / "epoch-0001.png").stat().st_size
    assert len(page.values("src")[0]) < 4 / 3 * first


def test_the_model_that_the_package_builds_is_the_one_that_predicts(tmp_path: Path) -> None:
    data = Dataset(
        source=Literal(x=[0.0, 1.0], y=[0.0, 3.0]),
        fields={"x": Field("x", shape=(1,)), "y": Field("y", shape=(1,))},
    ).load([])
    assert isinstance(data, Splits)
    name = package(tmp_path, ("x",), {"y_hat": "y"})
    file = tmp_path / "generated" / name / "predict.py"
    text = file.read_text().replace(
        "def build() -> None", "from torch.nn import Linear\ndef build() -> Linear"
    )
    file.write_text(text)
    models = {"D": nn.Bilinear(1, 1, 1), "G": nn.Linear(1, 1), "E": nn.Flatten()}
    assert "2 records of the training split" in report(Made(tmp_path, data), models, name).words


def test_a_folder_that_cannot_be_written_is_an_error_and_keeps_the_old_report(
    tmp_path: Path,
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    report(Made(gone))
    before = (gone / "report.html").read_bytes()
    lines(gone, epochs(2))
    (gone / "report.html").rename(tmp_path / "kept")
    (gone / "report.html").mkdir()
    with pytest.raises(ArtifactError):
        write_report(Made(gone), {}, "absent_package", {"status": "done"})
    assert (tmp_path / "kept").read_bytes() == before
    assert sorted(os.listdir(gone)) == ["metrics.jsonl", "report.html"]


def test_a_run_without_pictures_loads_neither_pillow_nor_any_plotting() -> None:
    code = (
        "import sys, tempfile, pathlib, types\n"
        "from dlc.runtime.report import write_report\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "run = types.SimpleNamespace(path=folder, data=None)\n"
        "write_report(run, {}, 'absent_package', {'status': 'done'})\n"
        "assert (folder / 'report.html').stat().st_size > 1000\n"
        "print([name for name in ('PIL', 'matplotlib', 'sklearn') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_run_from_a_spec_leaves_a_report(tmp_path: Path) -> None:
    spec = HOME / "specs" / "hello.dl"
    said = dlc("run", spec, "--out", tmp_path, "--set", "epochs=5")
    (run,) = (tmp_path / "hello").iterdir()
    page = Page((run / "report.html").read_text(encoding="utf-8"))
    assert {"Expectations", "Results", "Training", "Predictions", "Spec", "Files"} <= set(
        page.sections
    )
    assert "epochs5" in "".join(page.section("Settings").itertext())
    assert "not its report" not in said.err
