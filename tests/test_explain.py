"""Pages of `dlc explain`: one for every code and record, and every example is what it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from dlc.compiler import errors
from dlc.compiler.catalog.data import SOURCES, SPLITS, STEPS
from dlc.compiler.catalog.images import AUGMENTATIONS
from dlc.compiler.catalog.losses import LOSSES
from dlc.compiler.catalog.record import Record
from dlc.compiler.catalog.schedules import SCHEDULES
from dlc.compiler.catalog.stopping import STOPPINGS
from dlc.compiler.catalog.training import METRICS, OPTIMIZERS
from dlc.compiler.errors.page import DIGITS, LEARNED, LINE, POINTS, Page, classified, learned
from dlc.compiler.errors.pages import PAGES
from dlc.compiler.explain import LISTS, explain, known_words, nearest_word
from dlc.compiler.layers import LAYERS
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source

FOLDER = Path(errors.__file__ or "").parent
MODULES = sorted(
    path.stem
    for path in FOLDER.glob("*.py")
    if not path.stem.startswith("page") and path.stem != "__init__"
)
GOLDENS = Path(__file__).parent / "errors"
# Codes that no spec can show by itself, and why.
WITHOUT_SPEC = {
    "D0801": "is said by `dlc compile`",
    "D0802": "is said by `dlc compile`",
    "D0618": "stands on the command line",
    "D0619": "stands on the command line",
    "D0220": "takes more than a thousand names",
    "D0221": "takes more than fifty blocks",
}
# The name is reported before its size is looked at.
UNREACHED: set[str] = set()
OTHERS = {*WITHOUT_SPEC, *UNREACHED, "D0517"}
EXAMPLES = [page for code, page in PAGES.items() if code not in OTHERS]
# What the examples of data steps make.
SHAPES = {
    "reshape": "f32[1, 8, 8]",
    "words": "token(1000)[100]",
    "characters": "token(80)[200]",
    "vocabulary": "token(1000)[100]",
    "pad": "token(1000)[100]",
    "categories": "f32[3]",
    "one_hot": "f32[2]",
    "window": "f32[24]",
    "tokenize": "token(1000)[100]",
}
# Fields for the examples of sources that have no column of ten labels.
FIELDS = {
    "cifar100": "label: class(100)",
    "text_file": "x: token(80)[64] = text -> characters -> vocabulary(80) -> window(64)",
}
SPLIT = "split = random(train=0.6, validation=0.4, seed=0)"
FROM_RULES = r'code="(D\d{4})"'


def functions() -> list[tuple[str, ast.FunctionDef]]:
    """Every function of the messages, with its module."""
    found = []
    for module in MODULES:
        tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
        found += [(module, node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    return found


def codes(node: ast.AST) -> set[str]:
    """The codes that are written in a piece of Python."""
    strings = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {text for text in strings if isinstance(text, str) and re.fullmatch(r"D\d{4}", text)}


def used() -> set[str]:
    """Every code that a message may have, those of the type rules included."""
    found = set().union(*(codes(node) for _, node in functions()))
    for folder in ("layers", "catalog"):
        for path in (FOLDER.parent / folder).glob("*.py"):
            found |= set(re.findall(FROM_RULES, path.read_text(encoding="utf-8")))
    return found


def found_in(text: str, *overrides: str) -> list[str]:
    """The codes of all that is said about a spec."""
    return [each.code for each in check(Source("example.dl", text), overrides).diagnostics]


def wrong_in(text: str) -> list[str]:
    """The codes of what is wrong; that a file is not there is none."""
    return [code for code in found_in(text) if code != "D0517"]


def test_every_code_has_a_page_and_no_page_is_left_over() -> None:
    assert {*PAGES} == used() | {"D0201"}


def test_every_code_has_a_golden() -> None:
    shown = " ".join(path.read_text(encoding="utf-8") for path in GOLDENS.glob("*.txt"))
    goldens = set(re.findall(r"\b(?:error|warning|note)\[(D\d{4})\]", shown))
    assert {*PAGES} - {*WITHOUT_SPEC} - UNREACHED <= goldens


def test_a_code_belongs_to_one_function() -> None:
    owners: dict[str, list[str]] = {}
    for module, node in functions():
        for code in codes(node):
            owners.setdefault(code, []).append(f"{module}.{node.name}")
    # What is decided when a network is built has one page for each thing that is decided.
    families = ("control.", "imports.", "weights.")
    shared = {
        code: names
        for code, names in owners.items()
        if len(names) > 1 and not all(each.startswith(families) for each in names)
    }
    # One page each: text that no file holds, and a token that the grammar does not expect.
    assert shared == {
        "D0100": ["syntax.unreadable", "syntax.empty"],
        "D0101": ["syntax.foreign_word", "syntax.unexpected"],
    }


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.code)
def test_the_wrong_example_gets_this_code_alone_and_the_right_one_is_clean(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDENS / "data")  # the files that some examples name
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    assert wrong_in(page.wrong) == [page.code]
    assert wrong_in(page.right) == []


def test_the_example_of_a_missing_file_is_clean_where_the_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert found_in(PAGES["D0517"].wrong) == ["D0517"]
    (tmp_path / "houses.csv").write_text("rooms,bedrooms,price\n5,2,100\n", encoding="utf-8")
    assert found_in(PAGES["D0517"].right) == []


@pytest.mark.parametrize("code", ["D0618", "D0619"])
def test_the_examples_of_the_command_line_are_wrong_and_right(code: str) -> None:
    page = PAGES[code]
    wrong, right = (text.split("--set ")[1].strip() for text in (page.wrong, page.right))
    assert found_in(LEARNED, wrong) == [code]
    assert found_in(LEARNED, right) == []


@pytest.mark.parametrize("code", PAGES)
def test_a_page_shows_its_title_and_both_examples(code: str) -> None:
    page, text = PAGES[code], explain(code.lower())
    assert text is not None
    assert text.startswith(f"{code}: {page.title}\n")
    assert all(line.isprintable() for line in text.split("\n"))
    last = page.wrong.rstrip().split("\n")[-1]
    assert f"    {last[:80]}" in text
    assert ("Right:" in text) is (page.right != page.wrong)


def test_every_record_has_a_page() -> None:
    records = {*LAYERS, *LOSSES, *OPTIMIZERS, *METRICS, *SOURCES, *SPLITS, *STEPS}
    records |= {*SCHEDULES, *STOPPINGS, *AUGMENTATIONS}
    assert known_words() == {*PAGES, *LISTS, *records}
    for word in records:
        page = explain(word)
        assert page is not None
        assert page.startswith(f"{word}(")
        assert "Example:" in page


def test_a_page_tells_arguments_defaults_and_what_comes_out() -> None:
    page = explain("Conv2d")
    assert page is not None
    assert "Conv2d(out_channels, kernel_size, stride=1," in page
    assert "    out_channels: a whole number above 0\n" in page
    assert '    padding_mode: "zeros", "reflect", "replicate" or "circular"; "zeros"' in page
    assert "in_channels is read off" in page
    assert "Its weights there: weight [32, 3, 3, 3], bias [32]." in page
    assert "There f32[N, 3, 28, 28] becomes f32[N, 32, 26, 26]." in page
    assert "It has no weights." in (explain("relu") or "")


def test_a_name_with_two_meanings_has_both_on_its_page() -> None:
    page = explain("reshape")
    assert page is not None
    assert "a function:" in page
    assert "a data step:" in page


@pytest.mark.parametrize(
    ("word", "near"),
    [("Lineer", "Linear"), ("crossentropy", "cross_entropy"), ("adam", "Adam"), ("D0999", None)],
)
def test_an_unknown_word_has_no_page_but_a_near_one(word: str, near: str | None) -> None:
    assert explain(word) is None
    if near is not None:
        assert nearest_word(word) == near


@pytest.mark.parametrize("word", ["", "qwertyuiop", "../secrets", "\u202e"])
def test_a_word_like_nothing_has_neither(word: str) -> None:
    assert explain(word) is None
    assert nearest_word(word) is None


@pytest.mark.parametrize("loss", LOSSES)
def test_the_example_of_a_loss_checks(loss: str) -> None:
    example = LOSSES[loss].example
    if "label" not in example:
        assert wrong_in(learned("mse_loss(y_hat, y)", example)) == []
        return
    output = example.split("(")[1].split(",")[0]
    many = {
        "cross_entropy": "Linear(10)",
        "nll_loss": "Linear(10) -> log_softmax(1)",
        "binary_cross_entropy_with_logits": "Linear(1)",
        "binary_cross_entropy": "Linear(1) -> sigmoid",
    }[loss]
    width = 1 if "binary" in loss else 10
    spec = classified(many, example, f"f32[N, {width}]").replace(
        "output scores", f"output {output}"
    )
    if width == 1:
        data = 'data digits from csv("ones.csv") {\n  image: f32[1, 28, 28] = columns(0, 784)'
        spec = spec.replace(DIGITS, f"{data} -> reshape(1, 28, 28)\n  label: class(2)\n}}\n")
    assert wrong_in(spec) == []


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_example_of_an_optimizer_checks(optimizer: str) -> None:
    spec = learned("SGD(lr=0.01)", OPTIMIZERS[optimizer].example)
    if optimizer == "Muon":  # for matrices alone
        spec = spec.replace("Linear(1)", "Linear(1, bias=False)")
    assert wrong_in(spec) == []


@pytest.mark.parametrize("record", [*SCHEDULES.values(), *STOPPINGS.values()])
def test_the_example_of_a_schedule_and_of_a_rule_of_stopping_checks(record: Record) -> None:
    spec = learned("  epochs", f"  {record.example}\n  epochs")
    spec = spec.replace("y: f32[1] = [2, 4, 6]\n", f"y: f32[1] = [2, 4, 6]\n  {SPLIT}\n")
    assert wrong_in(spec) == []


@pytest.mark.parametrize("metric", METRICS)
def test_the_example_of_a_metric_checks(metric: str) -> None:
    example = f"  {METRICS[metric].example}\n  epochs"
    spec = learned("  epochs", example)
    if METRICS[metric].compares != "numbers":
        spec = spec.replace("y: f32[1] = [2, 4, 6]", "y: class(2) = [0, 1, 0]")
        spec = spec.replace("mse_loss", "binary_cross_entropy_with_logits")
    assert wrong_in(spec) == []


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_the_example_of_an_augmentation_checks(augmentation: str) -> None:
    example = AUGMENTATIONS[augmentation].example.replace("64", "28")
    assert wrong_in(DIGITS.replace("\n}", f"\n  {example}\n}}")) == []


@pytest.mark.parametrize("step", STEPS)
def test_the_example_of_a_data_step_checks(step: str) -> None:
    shape = SHAPES.get(step, "f32[1]")
    example = STEPS[step].example
    if step == "lower":
        shape, example = SHAPES["words"], f"{example} -> vocabulary(1000) -> pad(100)"
    source = "mnist()" if example.startswith("image") else 'csv("table.csv")'
    shape = "f32[1, 28, 28]" if source == "mnist()" else shape
    assert wrong_in(f"data rows from {source} {{\n  x: {shape} = {example}\n}}\n") == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_example_of_a_source_checks(source: str) -> None:
    field = FIELDS.get(source, "label: class(10)")
    spec = f"data rows from {SOURCES[source].example} {{\n  {field}\n}}\n"
    assert wrong_in(spec) == []


@pytest.mark.parametrize("split", SPLITS)
def test_the_example_of_a_split_checks(split: str) -> None:
    body = f"  label: class(10)\n  split = {SPLITS[split].example}\n"
    assert wrong_in(f'data rows from csv("rows.csv") {{\n{body}}}\n') == []


def test_the_pieces_of_the_examples_are_clean_themselves() -> None:
    assert found_in(POINTS) == found_in(LINE) == wrong_in(LEARNED) == wrong_in(DIGITS) == []


def test_what_has_a_code_is_a_public_function_that_gives_a_diagnostic() -> None:
    for module, node in functions():
        if codes(node):
            assert node.returns is not None
            assert ast.unparse(node.returns) == "Diagnostic", f"{module}.{node.name}"
            assert not node.name.startswith("_"), f"{module}.{node.name}"
