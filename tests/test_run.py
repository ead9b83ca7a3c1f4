"""`dlc run` from end to end: what a run leaves, that it can be repeated, and how it fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from commands import Said, dlc
from dlc.runtime.artifacts import load_weights

TABLE = "size,colour,price\n" + "".join(
    f"{i / 10},{'red' if i % 3 else 'blue'},{3 * i + 1}\n" for i in range(40)
)
SPEC = """\
param rate = 0.1

data things from csv("things.csv") {
  x: f32[1] = size -> standardize
  price: f32[1] = price -> standardize
  split = random(train=0.6, validation=0.2, test=0.2, seed=1)
}

model Line {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(4) -> Dropout(0.1) -> Linear(1)
}

train Line on things {
  loss = mse_loss(y_hat, price)
  optimizer = SGD(lr=rate)
  metrics = [mean_absolute_error]
  epochs = 12
  batch = 8
}

expect {
  test.mean_absolute_error < 60
  predict(size=1.0).y_hat within 60 of 31
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with the spec and its table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.dl").write_text(SPEC)
    (tmp_path / "things.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """One finished run, and what it said; the tests that use it change nothing."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "line.dl").write_text(SPEC)
    (folder / "things.csv").write_text(TABLE)
    said = dlc("run", folder / "line.dl", "--out", folder / "runs", "--set", "rate=0.2")
    assert said.code == 0, said.err
    (run,) = (folder / "runs" / "line").iterdir()
    return run, said


def new_run(folder: Path, *arguments: object) -> tuple[Path, Said]:
    said = dlc("run", folder / "line.dl", "-q", *arguments)
    return max((folder / "runs" / "line").iterdir(), key=os.path.getmtime), said


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_weights(run / "checkpoints" / "last.pt")["model"]


def same(first: Path, second: Path) -> bool:
    a, b = weights(first), weights(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_tells_metrics_expectations_and_where_everything_lies(
    done: tuple[Path, Said],
) -> None:
    run, said = done
    *lines, last = said.out.splitlines()
    assert last == f"run: {run}"
    assert any(line.startswith("test: loss ") for line in lines)
    assert any(line.startswith("epoch 12/12  loss ") for line in lines)
    assert any(
        line.startswith("line.dl:23: expect test.mean_absolute_error < 60: holds") for line in lines
    )


def test_a_run_folder_has_spec_code_environment_metrics_and_weights(
    done: tuple[Path, Said],
) -> None:
    run, _ = done
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", run.name)
    assert (run / "spec.dl").read_text() == SPEC
    assert json.loads((run / "overrides.json").read_text()) == {"rate": "0.2"}
    names = {"__init__.py", "data.py", "expect.py", "model.py", "predict.py", "train.py"}
    assert {each.name for each in (run / "generated" / "line").glob("*.py")} == names
    assert json.loads((run / "env.json").read_text())["torch"] == torch.__version__
    weights = {f"{name}.pt{more}" for name in ("last", "best") for more in ("", ".sha256")}
    to_go_on = {"newest.json", "resume-0001.pt"}
    assert {each.name for each in (run / "checkpoints").iterdir()} == {
        *weights,
        *to_go_on,
        "data.json",
    }


def test_metrics_are_one_line_an_epoch(done: tuple[Path, Said]) -> None:
    lines = [json.loads(line) for line in (done[0] / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == list(range(1, 13))
    for line in lines:
        assert list(line["train"]) == ["loss"]
        assert list(line["validation"]) == ["loss", "mean_absolute_error"]
    assert lines[-1]["train"]["loss"] < lines[0]["train"]["loss"]


def test_the_status_has_results_and_expectations(done: tuple[Path, Said]) -> None:
    status = json.loads((done[0] / "status.json").read_text())
    assert status["status"] == "done"
    assert set(status["results"]) == {"train", "validation", "test"}
    first, second = status["expectations"]
    assert first["measured"] == status["results"]["test"]["mean_absolute_error"]
    assert first["place"] == "line.dl:23"
    assert first["holds"] is second["holds"] is True


def test_the_sum_beside_the_weights_is_theirs(done: tuple[Path, Said]) -> None:
    checkpoints = done[0] / "checkpoints"
    line = f"{sha256((checkpoints / 'last.pt').read_bytes()).hexdigest()}  last.pt\n"
    assert (checkpoints / "last.pt.sha256").read_text() == line
    saved = torch.load(checkpoints / "last.pt", weights_only=True)["model"]
    assert all(torch.equal(saved[name], tensor) for name, tensor in weights(done[0]).items())


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(here: Path) -> None:
    first, _ = new_run(here)
    second, _ = new_run(here)
    other, _ = new_run(here, "--set", "seed=3")
    assert first != second
    assert same(first, second)
    assert not same(first, other)
    assert (first / "metrics.jsonl").read_text() == (second / "metrics.jsonl").read_text()


def test_the_split_does_not_hang_on_the_seed_of_the_run(here: Path) -> None:
    first, _ = new_run(here)
    other, _ = new_run(here, "--set", "seed=3")
    learned = [(run / "checkpoints" / "data.json").read_text() for run in (first, other)]
    assert learned[0] == learned[1]


def test_set_reaches_the_training(here: Path) -> None:
    run, said = new_run(here, "--set", "epochs=1")
    assert said.code in (0, 3)
    assert len((run / "metrics.jsonl").read_text().splitlines()) == 1


def test_json_is_one_object_with_all_results(here: Path) -> None:
    said = dlc("run", "line.dl", "--json")
    (found,) = said.lines
    assert found["ok"] is True
    assert Path(found["run"]).is_dir()
    assert found["status"] == "done"
    assert set(found["results"]["test"]) == {"loss", "mean_absolute_error"}


def test_an_expectation_that_does_not_hold_exits_with_3_and_says_what_was_measured(
    here: Path,
) -> None:
    (here / "line.dl").write_text(SPEC.replace("< 60", "< 0.0001"))
    run, said = new_run(here)
    assert said.code == 3
    measured = json.loads((run / "status.json").read_text())["expectations"][0]["measured"]
    wanted = "line.dl:23: expect test.mean_absolute_error < 0.0001: DOES NOT HOLD, measured"
    assert said.err == f"{wanted} {measured:.6g}\n"
    assert json.loads((run / "status.json").read_text())["status"] == "expectations failed"
    # The run is whole: it was trained, and can predict.
    assert dlc("predict", "line.dl", "-", stdin=b'{"size": 1}').code == 0


def test_a_missing_data_file_says_path_place_and_way_out(here: Path) -> None:
    (here / "things.csv").unlink()
    run, said = new_run(here)
    assert said.code == 3
    assert "things.csv" in said.err
    assert str(here) in said.err
    assert "\nhelp: " in said.err
    assert "Traceback" not in said.err
    assert json.loads((run / "status.json").read_text())["status"] == "failed"
    missing = dlc("predict", "line.dl", "-", stdin=b'{"size": 1}')
    assert missing.code == 2
    assert "holds no finished run" in missing.err


def test_data_is_found_in_a_folder_that_is_named(here: Path) -> None:
    (here / "far").mkdir()
    (here / "things.csv").rename(here / "far" / "things.csv")
    assert dlc("run", "line.dl", "-q").code == 3
    assert dlc("run", "line.dl", "-q", "--data", "far").code == 0


def test_data_that_contradicts_its_declaration_says_the_line(here: Path) -> None:
    (here / "things.csv").write_text(TABLE.replace("0.5,", "half,"))
    said = dlc("run", "line.dl", "-q")
    assert said.code == 1
    assert "half" in said.err
    assert "things.csv" in said.err


def test_a_training_that_diverges_names_step_and_epoch(here: Path) -> None:
    run, said = new_run(here, "--set", "rate=1e18")
    assert said.code == 3
    told = r"error: The training diverged: the loss of step \d of epoch 1 is (inf|nan)\. No epoch "
    assert re.match(told, said.err)
    assert json.loads((run / "status.json").read_text())["status"] == "diverged"
    assert not (run / "checkpoints").exists()
    assert all(json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines())


def test_an_interrupted_training_exits_with_130(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dlc.runtime.run.Run.log", interrupted)
    run, said = new_run(here)
    assert said.code == 130
    assert said.err == "interrupted\n"
    assert json.loads((run / "status.json").read_text())["status"] == "interrupted"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_said(here: Path) -> None:
    run, said = new_run(here, "--device", "cuda")
    assert said.code == 3
    assert said.err.startswith("error: The device `cuda` is not there")
    assert not (run / "checkpoints").exists()


def test_a_name_that_no_device_has_is_a_fault_of_use(here: Path) -> None:
    said = dlc("run", "line.dl", "-q", "--device", "abacus")
    assert said.code == 2
    assert "'abacus' is no device: use auto, cpu, cuda" in said.err
    assert not (here / "runs").exists()


def test_a_spec_from_standard_input_runs_in_the_working_directory(here: Path) -> None:
    said = dlc("run", "-", "-q", stdin=SPEC.encode())
    assert said.code == 0, said.err


def test_a_compiled_package_trains_without_the_compiler(here: Path) -> None:
    assert dlc("compile", "line.dl", "-q").code == 0
    script = (
        "import runpy, sys\n"
        "class Wall:\n"
        "    def find_spec(self, name, *_):\n"
        "        assert not name.startswith(('dlc.compiler', 'lark', 'jinja2', 'click')), name\n"
        "sys.meta_path.insert(0, Wall())\n"
        "runpy.run_module('line.train', run_name='__main__')\n"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=here, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    (by_package,) = (here / "runs" / "line").iterdir()
    by_compiler, _ = new_run(here)
    assert same(by_package, by_compiler)
    assert (by_package / "status.json").exists()
