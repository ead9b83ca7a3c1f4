"""What holds of every spec of the zoo: one layout, no word of the checker, a golden package."""

from __future__ import annotations

import ast
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from commands import dlc
from packages import GOLDEN, HOME, package, written
from zoo_agreement import built
from zoo_table import members

HERE = Path(__file__).parent
ZOO = sorted((HOME / "specs" / "zoo").glob("*.dl"))
MEMBERS = [stem for each in members() for stem in each]


def by_name(path: Path) -> str:
    return path.stem


def test_every_spec_is_a_member_of_one_file_of_tests() -> None:
    assert sorted(MEMBERS) == [spec.stem for spec in ZOO]


def test_every_member_has_a_reference_and_no_reference_is_idle() -> None:
    assert set(MEMBERS) == {each.stem for each in (HERE / "references").glob("*.py")}


@pytest.mark.parametrize("reference", sorted((HERE / "references").glob("*.py")), ids=by_name)
def test_a_reference_knows_torch_alone(reference: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(reference.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= {"torch", "math", "collections", "itertools"}


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
def test_a_network_checks_without_a_word_and_is_in_the_one_layout(spec: Path) -> None:
    said = dlc("check", "--json", spec)
    assert said.lines == [{"file": str(spec), "ok": True, "diagnostics": []}]
    assert dlc("fmt", "--check", spec).code == 0
    stored = files("dlc.specs").joinpath("zoo", spec.name).read_text("utf-8")
    assert stored == spec.read_text(encoding="utf-8")
    assert stored.startswith("# ")


TINY = {"width: int = 768": "width: int = 24", "depth: int = 12": "depth: int = 2"}
TINY |= {"heads: int = 12": "heads: int = 3"}


def test_what_gpt_says_of_a_word_does_not_depend_on_later_ones() -> None:
    model = built("gpt2", TINY | {"vocabulary: int = 50_257": "vocabulary: int = 50"}).eval()
    words = torch.randint(0, 50, (3, 7))
    later = words.clone()
    later[:, 4:] = (later[:, 4:] + 1) % 50
    with torch.no_grad():
        first, second = model(words), model(later)
    torch.testing.assert_close(first[:, :4], second[:, :4])
    assert not torch.allclose(first[:, 4], second[:, 4])


def test_bert_does_not_see_what_only_fills_up() -> None:
    model = built("bert_base", TINY | {"vocabulary: int = 30_522": "vocabulary: int = 50"}).eval()
    words, parts = torch.randint(1, 50, (3, 7)), torch.randint(0, 2, (3, 7))
    longer = torch.nn.functional.pad(words, (0, 2))
    with torch.no_grad():
        states, pooled = model(words, parts)
        padded, pooled_of_padded = model(longer, torch.nn.functional.pad(parts, (0, 2)))
    torch.testing.assert_close(states, padded[:, :7], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(pooled, pooled_of_padded, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
def test_a_network_compiles_to_its_golden_package(spec: Path, update_golden: bool) -> None:
    made = package(spec.read_text(encoding="utf-8"), name=spec.name)
    if update_golden:
        written(made, GOLDEN / "zoo")
    for file, expected in made.files.items():
        found = (GOLDEN / "zoo" / spec.stem / file).read_bytes()
        assert expected.encode() == found, f"{spec.stem}/{file}"
        ast.parse(found)


def test_each_golden_package_of_the_zoo_has_its_spec() -> None:
    assert {each.name for each in (GOLDEN / "zoo").iterdir()} == set(MEMBERS)
