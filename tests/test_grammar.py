"""The grammar has no conflict, its table is fresh, and its keywords are soft."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from dlc.compiler import tree
from dlc.compiler.diagnostics import Diagnostic, to_text
from dlc.compiler.errors import syntax
from dlc.compiler.parse import parse
from dlc.compiler.source import Source
from dlc.compiler.table import Table, load, text
from lark import Lark
from lark.exceptions import GrammarError
from lark.utils import logger

GRAMMAR = Path(str(files("dlc.grammar"))) / "dl.lark"
RESERVED = {"input", "output", "layer", "weight", "buffer", "require"}
HARD = RESERVED | {"for", "in", "if", "else", "not", "and", "or", "True", "False", "None"}
CONFLICT = """
start: statement+
statement: "if" "x" statement | "if" "x" statement "else" statement | "y"
"""


@pytest.fixture(scope="module")
def table() -> Table:
    return load()


def conflicts(grammar: str, start: str) -> list[str]:
    """What Lark says about conflicts; shift/reduce ones it only mentions in debug mode."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(grammar, parser="lalr", lexer="basic", start=start, debug=True)
    except GrammarError as fault:
        said.append(str(fault))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return [line for line in said if "onflict" in line or "ollision" in line]


def tree_of(text: str) -> tree.Spec:
    """The tree of a spec in which nothing is wrong."""
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", text), found.append)
    assert spec is not None and not found, "\n".join(map(to_text, found))
    return spec


def refused(text: str) -> bool:
    return parse(Source("spec.dl", text), lambda diagnostic: None) is None


def test_the_grammar_has_no_conflict() -> None:
    assert conflicts(GRAMMAR.read_text(encoding="utf-8"), "spec") == []


def test_a_shift_reduce_conflict_would_be_noticed() -> None:
    assert conflicts(CONFLICT, "start")


def test_a_reduce_reduce_conflict_would_be_noticed() -> None:
    assert conflicts('start: a | b\na: "x"\nb: "x"', "start")


def test_the_table_is_fresh() -> None:
    grammar = GRAMMAR.read_bytes()
    assert (GRAMMAR.parent / "table.json").read_text(encoding="utf-8") == text(grammar)


@pytest.mark.parametrize("seed", ["1", "4321"])
def test_the_table_does_not_depend_on_the_hash_seed(seed: str) -> None:
    program = (
        "import sys; from importlib.resources import files; from dlc.compiler.table import text;"
        "sys.stdout.write(text((files('dlc.grammar') / 'dl.lark').read_bytes()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == (GRAMMAR.parent / "table.json").read_text(encoding="utf-8")


def test_an_edited_grammar_is_built_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = GRAMMAR.read_bytes() + b'\nexpect_more: "more"\n'
    edited = edited.replace(b"| expect | sweep", b"| expect | sweep | expect_more")
    stored = (GRAMMAR.parent / "table.json").read_bytes()
    monkeypatch.setattr(
        "dlc.compiler.table._resource", lambda name: edited if name == "dl.lark" else stored
    )
    assert "more" in load().literals


def test_a_missing_table_is_built(monkeypatch: pytest.MonkeyPatch, table: Table) -> None:
    def resource(name: str) -> bytes:
        if name == "table.json":
            raise FileNotFoundError(name)
        return GRAMMAR.read_bytes()

    monkeypatch.setattr("dlc.compiler.table._resource", resource)
    assert load() == table


def test_importing_and_parsing_leave_lark_out() -> None:
    program = (
        "import sys; from dlc.compiler.parse import parse; from dlc.compiler.source import Source;"
        "assert parse(Source('s', 'param x = 1'), print); assert 'lark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def keywords(table: Table) -> set[str]:
    return {word for word in table.literals if word[0].isalpha()}


def test_what_is_soft_in_the_messages_is_soft_in_the_grammar(table: Table) -> None:
    soft = {kind for word, kind in table.literals.items() if word in keywords(table) - HARD}
    assert soft == syntax.SOFT


def soft_words() -> list[str]:
    return sorted(keywords(load()) - HARD)


@pytest.mark.parametrize("word", soft_words())
def test_a_soft_keyword_is_an_ordinary_name(word: str) -> None:
    text = f"""
    param {word} = {word} + {word}({word}={word}).{word}[{word}] -> {word}({word})
    function {word}({word}: {word} = {word}) = {word}
    from "a.dl" import {word}, {word}
    data {word} from {word}({word}) {{ {word}: {word}[{word}] = {word} {word} = {word} }}
    block {word}({word}) = {word}
    model {word}({word} = 1) {{
      input {word}: {word}
      {word}, ({word}, {word}) = {word}
      for {word} in {word} {{ {word}.{word}({word}) }}
      {word} = if {word} {{ {word} }} else {{ {word} }}
      layer {word} = {word}
      output {word} = {word}
    }}
    extern {word}() = {word}({word}) {{}}
    train {word} = {word}, {word} on {word} {{
      {word} = {word}
      step {word} updates {word}, {word} every {word} {{ {word} = {word} }}
      copy {word} = {word} every {word}
      copy {word} = {word} ema {word}
    }}
    predict {word} {{}}
    expect {{ {word} >= {word} {word}({word}) within {word} of {word} }}
    sweep {{ {word} in {word} maximize {word} minimize {word} {word} = {word} }}
    """
    assert len(tree_of(text).declarations) == 11


@pytest.mark.parametrize("word", sorted(HARD - {"in", "not", "and", "or"}))
def test_a_reserved_word_may_name_fields_keys_and_attributes(word: str) -> None:
    spec = tree_of(
        f"data d {{ {word}: f32[1] = {word if word in RESERVED else 'x'} }}"
        f"train M on d {{ {word} = x.{word} }}"
        f"param p = f({word}=1)"
    )
    data, train, param = spec.declarations
    assert isinstance(data, tree.Data) and data.entries[0].name.name == word
    assert isinstance(train, tree.Train) and isinstance(train.entries[0], tree.Option)
    assert train.entries[0].name.name == word
    assert train.entries[0].value == tree.Attribute(data.span, tree.Reference(data.span, "x"), word)
    assert isinstance(param, tree.Param) and isinstance(param.value, tree.Call)
    assert param.value.arguments[0].name == word


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_column_may_be_called_like_a_reserved_word(word: str) -> None:
    spec = tree_of(f"data d {{ x: f32[1] = [{word}, {word} / 2] -> {word} }}")
    assert isinstance(spec.declarations[0], tree.Data)


@pytest.mark.parametrize("word", sorted(HARD))
def test_a_reserved_word_binds_nothing_in_a_model(word: str) -> None:
    assert refused(f"model M {{ {word} = 1 }}")
    assert refused(f"model {word} {{}}")
    assert refused(f"param {word} = 1")


@pytest.mark.parametrize(
    "word", ["repeat", "init", "log", "f32", "class", "token", "loss", "split"]
)
def test_every_other_word_is_no_keyword(word: str, table: Table) -> None:
    assert word not in table.literals
    tree_of(f"param {word} = {word}({word})")
