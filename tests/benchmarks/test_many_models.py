"""The script that holds many random models against torch: what it counts and what it ends with."""

import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "many_models.py"


def load(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


script = load("benchmark_many_models", SCRIPT)


def counts(agreed: int, stricter: int, rejected: int, failures: int):
    from random_runs import Counts
    from random_verdicts import Verdict

    found = Counts(failures=["a failure"] * failures)
    for kind, count in {"agreed": agreed, "stricter": stricter, "rejected": rejected}.items():
        for _ in range(count):
            found.add(Verdict(kind, "the batch is rigid" * (kind == "stricter"), 3))
    return found


def test_the_last_line_counts_models_near_misses_and_disagreements():
    reasons, line = script.lines(counts(8, 1, 0, 1), counts(3, 2, 4, 2))
    assert reasons.split(maxsplit=1) == ["3", "refused though torch runs it: the batch is rigid"]
    assert line.startswith("10 models: 8 agree with torch at 27 bindings, 1 are refused")
    assert "11 near-misses: 4 rejected by both, 3 valid in torch too, 2 refused" in line
    assert line.endswith("3 disagree")


def test_counts_add_up():
    total = counts(1, 1, 0, 1)
    total += counts(2, 1, 3, 0)
    assert (total.kinds["agreed"], total.kinds["rejected"], len(total.failures)) == (3, 3, 1)
    assert total.total == 9
    assert total.stricter["the batch is rigid"] == 2


def test_the_script_runs_the_seeds_that_it_is_given():
    command = [sys.executable, str(SCRIPT), "--count", "3", "--first", "40", "--processes", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 models: " in done.stdout
    assert "3 near-misses: " in done.stdout
    assert "0 disagree" in done.stdout
