"""Long lines are broken as the formatter breaks them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from dlc.compiler.lines import WIDTH, fitted
from random_lines import Statements

RUFF = Path(sys.executable).parent / "ruff"
L = "abcdefghijklmnop"
P = ":\n    pass\n"
SAMPLES = {
    "a call whose arguments fit one line": f"x = {L * 2}({L * 2}, {L}, y=1, zebra=2)\n",
    "a call whose arguments do not fit": f"x = call({L * 2}, {L * 2}, {L * 2}, y=1)\n",
    "a list": "x = [" + ", ".join([L] * 6) + "]\n",
    "a list of lists": "x = [" + ", ".join(["[1, 0, 0, 2, 3]"] * 8) + "]\n",
    "a call in a call": f"x = {L}({L}({L * 2}, {L * 2}), {L}, 1, 2, 3, 4, 5)\n",
    "a comprehension": f"{L} = [{L}({L}, {L}) for {L}, _, _ in {L}.{L}(1)]\n",
    "a trailing call": f"x = {L}{L}.{L}({L}, '{L}{L}').to(device_of_all_of_it)\n",
    "a key behind a call": f"x = {L}({L}, {{'{L}': 1, '{L}{L}': 2}})[0]['{L}']\n",
    "a sum": f"x = {L} * 2 + {L} * 3 + {L} * 4 - {L} * 5 + {L}({L})\n",
    "a sum that is returned": f"def f():\n    return {L} + {L} - {L} + {L} + {L}\n",
    "a signature": f"def f(self, {L}: Tensor, {L}_: Tensor, x: Tensor) -> tuple[Tensor, Tensor]{P}",
    "a long signature": f"def f(self, {L * 3}: Tensor, {L * 3}_: Tensor) -> Tensor{P}",
    "a loop": f"for {L}, {L}_, x in {L}.{L}({L}(BATCH, SEED, epoch, last=True)){P}",
    "a loop over many": f"for {L * 2}, {L * 2}_, {L * 2}__, x in call(BATCH, SEED){P}",
    "brackets in strings": f"x = call('([{{', \"{L})\", '{L}, {L}', \"it's\", '{L}', y=')')\n",
    "lambdas": f"x = [{L}, lambda row: row['a'] - row['{L}'], lambda row: 2 * row['{L}']]\n",
}  # fmt: skip


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_long_statement_is_broken_and_means_the_same(text: str) -> None:
    assert max(map(len, text.splitlines())) > WIDTH, "the sample is too short to show anything"
    found = fitted(text)
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(text))
    assert max(map(len, found.splitlines())) <= WIDTH
    assert fitted(found) == found


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed beside this Python")
def test_the_formatter_has_nothing_to_add() -> None:
    text = "".join(map(fitted, SAMPLES.values()))
    command = [RUFF, "format", "--isolated", "--config", "format.quote-style='preserve'", "-"]
    said = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert [line for line in said.stdout.splitlines() if line] == text.splitlines()


def test_comments_docstrings_and_short_lines_stay() -> None:
    comment = f"# {L * 8}\n"
    docstring = f'"""{L * 8}\n\n    {L * 8}({L}, {L})\n"""\n'
    for text in (comment, docstring, f'"""{L * 8}"""\n', "x = f(1, 2)\n", ""):
        assert fitted(text) == text


def test_a_value_without_brackets_gets_some_where_that_helps() -> None:
    assert fitted(f"{L * 3} = {L * 4}\n") == f"{L * 3} = (\n    {L * 4}\n)\n"
    for text in (f"{L} = {L * 6}\n", f"{L * 3}({L * 4}.{L})\n".replace("(", ".").replace(")", "")):
        assert fitted(text) == text


def drawn(seeds: range) -> dict[int, str]:
    """Random statements that are too long for a line."""
    texts = {seed: Statements(seed).text() for seed in seeds}
    return {key: text for key, text in texts.items() if max(map(len, text.split("\n"))) > WIDTH}


def test_random_statements_are_broken_and_mean_the_same() -> None:
    texts = drawn(range(600))
    assert len(texts) > 200
    for text in texts.values():
        found = fitted(text)
        assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(text))
        assert fitted(found) == found


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed beside this Python")
def test_the_formatter_leaves_random_statements_as_they_are_broken(tmp_path: Path) -> None:
    for seed, text in drawn(range(600)).items():
        (tmp_path / f"{seed}.py").write_text(fitted(text))
    said = subprocess.run(
        [RUFF, "format", "--isolated", "--diff", "-q", tmp_path], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout
