"""Examples in documents are specs too."""

import re
from pathlib import Path

import pytest
from dlc.compiler.diagnostics import to_text
from dlc.compiler.pipeline import check, compile
from dlc.compiler.source import Source

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "grammar/README.md", ROOT / "specs/README.md"]


def examples(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of a kind, named after the document and their line."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for match in re.finditer(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            line = text[: match.start()].count("\n") + 1
            found.append((f"{document.relative_to(ROOT)}:{line}", match.group(1)))
    return found


@pytest.mark.parametrize(("place", "text"), examples("dl"))
def test_an_example_is_good_and_compiles(place: str, text: str) -> None:
    source = Source("example.dl", text)
    checked = check(source)
    assert checked.program is not None, "\n".join(map(to_text, checked.diagnostics))
    compile(checked.program, source, allow=["package"])


def test_documents_have_examples_to_test() -> None:
    assert len(examples("dl")) >= 5


def test_no_document_has_examples_of_another_kind() -> None:
    kinds = (
        re.findall(r"^```(dl.*)$", path.read_text("utf-8"), re.MULTILINE) for path in DOCUMENTS
    )
    assert {kind for found in kinds for kind in found} <= {"dl"}
