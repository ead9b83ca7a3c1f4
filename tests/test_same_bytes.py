"""What a spec compiles to depends on the spec alone."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import dlc
from dlc.compiler.characters import HIDDEN, escaped, literal
from packages import HOME, package

FOLDERS = ("specs", "specs/zoo", "tests/golden", "tests/unusual")
# Of each folder some, those with the most to say among them.
SPECS = [path for folder in FOLDERS for path in sorted((HOME / folder).glob("*.dl"))]
SOME = [path for number, path in enumerate(SPECS) if number % 9 == 0 or "golden" in path.parts]
COMPILE = """
import sys
from hashlib import sha256
from pathlib import Path
from dlc.compiler.pipeline import check, compile
from dlc.compiler.source import Source
for path in map(Path, sys.argv[1:]):
    found = check(Source(path.name, path.read_text(encoding="utf-8")))
    files = compile(found.program, found.source).files
    print(path.stem, sha256("".join(k + v for k, v in files.items()).encode()).hexdigest())
"""
SURROUNDINGS = [
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Kolkata"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "UTC"},
    {"PYTHONHASHSEED": "77", "PYTHONUTF8": "0", "PYTHONOPTIMIZE": "1", "COLUMNS": "20"},
]


def hashes(environment: dict[str, str], cwd: Path) -> list[str]:
    command = [sys.executable, "-c", COMPILE, *map(str, SOME)]
    said = subprocess.run(
        command, env={**os.environ, **environment}, cwd=cwd, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.splitlines()


def test_neither_hashes_nor_the_place_nor_the_time_zone_show_in_what_is_emitted(
    tmp_path: Path,
) -> None:
    first, *others = [
        hashes(surroundings, tmp_path if number % 2 else HOME)
        for number, surroundings in enumerate(SURROUNDINGS)
    ]
    assert len(first) == len(SOME) > 30
    for other in others:
        assert other == first


def test_order_of_compilation_shows_in_nothing() -> None:
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in SOME[:12]]
    there = [package(text, name=name).files for name, text in texts]
    back = [package(text, name=name).files for name, text in reversed(texts)]
    assert there == back[::-1]
    assert [[*files] for files in there] == [[*files] for files in back[::-1]]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has a mask for new files")
def test_neither_the_mask_for_new_files_nor_the_folder_shows_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = (HOME / "specs" / "xor.dl").read_text()
    found = []
    for mask, name in ((0o022, "a"), (0o077, "b b"), (0, "ç")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "xor.dl").write_text(spec)
        monkeypatch.chdir(folder if mask else tmp_path)
        old = os.umask(mask)
        try:
            said = dlc("compile", str(Path("xor.dl" if mask else f"{name}/xor.dl")), "-o", "out")
        finally:
            os.umask(old)
        assert said.code == 0, said.err
        out = Path("out", "xor")
        found.append({each.name: each.read_bytes() for each in out.iterdir()})
    assert found[0] == found[1] == found[2]
    assert not any(b"\r" in each for each in found[0].values())


def test_every_file_ends_in_one_line_break_and_has_no_trace_of_time_or_machine() -> None:
    for path in SOME:
        for text in package(path.read_text(encoding="utf-8"), name=path.name).files.values():
            assert text.endswith("\n") and not text.endswith("\n\n")
            assert str(HOME) not in text and "0.1.0" not in text
            assert not re.search(r"\b20[23]\d-\d\d-\d\d", text)


# Python knows more characters with each version: what is shown as it is may not depend on that.


def test_which_characters_are_escaped_is_no_question_to_python() -> None:
    found = []
    for path in sorted((HOME / "compiler").rglob("*.py")):
        if path.name in ("diagnostics.py", "phrases.py", "write.py"):
            continue  # terminals, and the spec's own text
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("isprintable", "unicode_escape"):
                found.append(f"{path.name}:{node.lineno}")
    assert not found


def test_all_that_a_reader_would_not_see_is_escaped() -> None:
    import unicodedata

    hidden = ("Cc", "Cf", "Zl", "Zp", "Zs", "Cs", "Co")
    for code in range(0x110000):
        each = chr(code)
        if unicodedata.category(each) in hidden and each != " ":
            assert HIDDEN.match(each), hex(code)
            assert escaped(each).isascii()
            assert ast.literal_eval(literal(each)) == each
    # Letters, signs and pictures of all ages stay.
    for each in "aé→猫αжא한ñ\U0001f600\U0001fae8\U00031350":
        assert not HIDDEN.match(each)


def test_floats_are_written_as_every_python_writes_them() -> None:
    text = """\
model Net {{
  input x: f32[N, 4]
  output y: f32[N, 4] = x * {}
}}
"""
    for number, shown in [
        *(("0.10", "0.1"), ("1e-5", "1e-5"), ("1E+16", "1e16"), ("10000000.125", "10000000.125")),
        *(("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e308")),
    ]:
        assert f" {shown}  #" in package(text.format(number)).files["model.py"]
