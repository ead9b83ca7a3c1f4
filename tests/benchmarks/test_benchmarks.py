"""Claims of the benchmarks: rivals do the same work, and the table computes what it says."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPTS = ["hello", "xor", "mnist"]


def load_runner():
    spec = importlib.util.spec_from_file_location("benchmark_runner", HERE / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


runner = load_runner()


def output(code: str | Path) -> str:
    arguments = [str(code)] if isinstance(code, Path) else ["-c", code]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("task", ["hello", "xor"])
def test_the_experts_loop_and_the_usual_one_train_the_same_weights(task):
    # Equal but for rounding: a fused kernel adds in another order.
    expert, usual = (
        [float(number) for number in re.findall(r"-?\d+\.\d+", output(HERE / kind / f"{task}.py"))]
        for kind in ("experts", "usual")
    )
    assert expert == pytest.approx(usual, rel=1e-4, abs=1e-6)
    assert expert[0] < 0.1  # the loss


@pytest.mark.parametrize("folder", ["experts", "usual"])
@pytest.mark.parametrize("task", SCRIPTS)
def test_no_rival_uses_this_project(folder, task):
    assert "dlc." not in (HERE / folder / f"{task}.py").read_text().lower()


def test_the_experts_never_load_the_compiler_of_torch():
    code = f"""
import runpy, sys
runpy.run_path({str(HERE / "experts" / "xor.py")!r})
print("torch._dynamo" in sys.modules)
"""
    assert output(code).splitlines()[-1] == "False"


def test_a_cost_counts_the_seconds_of_the_process_and_of_its_work():
    asleep = runner.cost((sys.executable, "-c", "import time; time.sleep(0.4)"))
    assert asleep.wall >= 0.4 > asleep.processor > 0


def test_a_command_that_fails_ends_the_comparison_with_its_words():
    with pytest.raises(SystemExit, match=r"(?s)broken rival.*ended with 5"):
        runner.cost((sys.executable, "-c", "print('broken rival'); raise SystemExit(5)"))


def test_rounds_are_interleaved_after_one_unmeasured_round(monkeypatch):
    order = []
    monkeypatch.setattr(runner, "cost", lambda command: order.append(command) or len(order))
    assert runner.rounds(["a", "b"], 2) == [[3, 5], [4, 6]]
    assert order == ["a", "b"] * 3


def test_a_ratio_is_the_median_over_rounds_not_the_ratio_of_medians():
    assert runner.ratio([1.0, 4.0, 9.0], [1.0, 8.0, 3.0]) == 1.0


def test_a_row_states_medians_ratios_and_a_goal_that_was_missed():
    ours = [runner.Cost(2.0, 1.0)] * 3
    rivals = (runner.Rival("slow", ("x",), 1.0), runner.Rival("quick", ("y",), 1.1))
    table = [ours, [runner.Cost(4.0, 4.0)] * 3, [runner.Cost(1.0, 2.0)] * 3]
    first, slow, quick = runner.rows("xor", rivals, table)
    assert first.split() == ["xor", "dlc", "2.00", "1.00"]
    assert slow.split() == ["xor", "slow", "4.00", "4.00", "0.50", "0.25", "1.00"]
    assert quick.split() == ["xor", "quick", "1.00", "2.00", "2.00", "0.50", "1.10", "missed"]


@pytest.mark.parametrize("task", SCRIPTS)
def test_dlc_runs_the_spec_of_the_task_and_both_scripts_exist(task):
    command, rivals = runner.contest(task, "folder", 3)
    assert command[1:5] == ("run", str(runner.SPECS / f"{task}.dl"), "--out", "folder")
    assert [rival.name for rival in rivals] == ["import torch", "expert", "usual"]
    assert all(Path(rival.command[1]).is_file() for rival in rivals[1:])
    trained = [
        (*command, *rivals[1].command, *rivals[2].command).count(n) for n in ("3", "epochs=3")
    ]
    assert trained == ([2, 1] if task == "mnist" else [0, 0])
