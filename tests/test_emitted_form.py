"""Formatter, linter and type checker have nothing to say about any file that is emitted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import random_models
import random_text
from dlc.compiler.allowed import outside
from dlc.compiler.pipeline import check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from packages import HOME, checked, written

BIN = Path(sys.executable).parent
FOLDERS = ("specs", "specs/zoo", "tests/golden", "tests/unusual")
SPECS = [path for folder in FOLDERS for path in sorted((HOME / folder).glob("*.dl"))]
COMMANDS = [
    ("format", "--diff", "--line-length", "88"),
    ("check", "--select", "F,I,UP,B", "--target-version", "py311"),
]
SEEDS = range(300, 400)


@pytest.fixture(scope="module")
def packages_of_specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every spec of the repository compiled, each in a folder that its own folder names."""
    home = tmp_path_factory.mktemp("specs")
    for spec in SPECS:
        found = check(Source(str(spec), spec.read_text(encoding="utf-8")))
        assert found.program is not None, spec
        brought = {place for places in outside(found.program).values() for place in places}
        allow = [place.partition(":")[0] for place in brought]
        folder = home / str(spec.parent.relative_to(HOME)).replace(os.sep, "_")
        written(compiled(found.program, found.source, allow), folder)
    return home


@pytest.fixture(scope="module")
def packages_of_random_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random models; in half of them all that was short has a long name."""
    home = tmp_path_factory.mktemp("random")
    for seed in SEEDS:
        text = random_text.written(random_models.model(seed))
        found = checked(longer(text) if seed % 2 else text, name=f"model_{seed}.dl")
        if found.program is not None:
            written(compiled(found.program, found.source), home)
    assert len(list(home.iterdir())) > 0.9 * len(SEEDS)
    return home


def longer(text: str) -> str:
    """The same model with names that make most lines too long."""
    import re

    return re.sub(
        r"\b(h|b|x|y|width|deep|out|act|scale)(\d*)\b(?!\()",
        r"\1\2_of_what_flows_through_the_network",
        text,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("made", ["packages_of_specs", "packages_of_random_models"])
def test_formatter_and_linter_leave_each_file_as_it_is(
    made: str, command: Sequence[str], request: pytest.FixtureRequest
) -> None:
    ruff = BIN / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed beside this Python")
    home = request.getfixturevalue(made)
    name, *options = command
    said = subprocess.run(
        [ruff, name, "--isolated", "--no-cache", "--quiet", *options, home],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout[-5000:] + said.stderr[-2000:]


def test_many_lines_of_random_models_had_to_be_broken(packages_of_random_models: Path) -> None:
    """Else the formatter would have had nothing to find."""
    texts = [each.read_text() for each in packages_of_random_models.glob("*/model.py")]
    assert sum("(\n" in text for text in texts) > len(texts) / 2
    assert sum("        for " in text for text in texts) > len(texts) / 10


def test_the_type_checker_accepts_each_file(packages_of_specs: Path, tmp_path: Path) -> None:
    mypy = BIN / "mypy"
    if not mypy.exists():
        pytest.skip("mypy is not installed beside this Python")
    # An editable install of dlc is nothing that a type checker sees.
    (tmp_path / "dlc").mkdir()
    (tmp_path / "dlc" / "runtime").symlink_to(HOME / "runtime")
    cache = Path(os.environ.get("MYPY_CACHE_DIR") or tmp_path / "cache")
    command = [mypy, "--cache-dir", cache, "--namespace-packages", "--explicit-package-bases"]
    said = subprocess.run(
        [*command, "--config-file", os.devnull, "."],
        cwd=packages_of_specs,
        env={**os.environ, "MYPYPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout[-5000:] + said.stderr[-2000:]
