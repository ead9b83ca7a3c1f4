"""The house stands as designed: who may import whom, what is installed, how large files are."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import files
from importlib.resources import files as resources
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
ROOMS = ("compiler", "runtime", "grammar", "specs")
PASSES = {"parse", "resolve", "shapes", "lint", "data_at_hand", "plan", "emit", "fmt"}
# What each layer of the compiler stands above: a module may import its own layer and lower ones.
BELOW_PASSES = {"layers", "catalog", "errors", "ir", "tree", "diagnostics", "dims", "source"}
TOP = {
    *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "constraints.txt", "Makefile"),
    *("grammar", "compiler", "specs", "runtime", "tests"),
}


def modules(room: str) -> list[Path]:
    return sorted((HOME / room).rglob("*.py"))


@cache
def imported(path: Path) -> tuple[tuple[int, str], ...]:
    """The level and name of each import of a file, inside functions too.

    What type checkers alone read is no import.
    """
    tree = ast.parse(path.read_bytes())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            found += ((node.level, module + alias.name) for alias in node.names)
    return tuple(found)


def within(path: Path, level: int, name: str) -> str:
    """The path below its room that a relative import means: `layers.record`."""
    folder = path.parent.relative_to(HOME).parts[1:]
    return ".".join([*folder[: len(folder) - level + 1], name])


def inner(room: str) -> Iterator[tuple[str, str, str]]:
    """Each import inside a room: the file, the part it belongs to, and the part it imports."""
    for path in modules(room):
        here = path.relative_to(HOME / room)
        part = here.parts[0].removesuffix(".py")
        for level, name in imported(path):
            if level:
                yield str(here), part, within(path, level, name).split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_inside_a_room_are_relative_and_leave_it_never(room: str) -> None:
    for path in modules(room):
        for level, name in imported(path):
            assert level or name.split(".")[0] not in {"dlc", *ROOMS, "tests"}, f"{path}: {name}"
            depth = len(path.relative_to(HOME / room).parts)
            assert level <= depth, f"{path} imports from outside of {room}"


FORBIDDEN = {
    "compiler": {"torch", "numpy", "PIL", "sympy"},
    "runtime": {"lark", "jinja2", "click"},
    "grammar": {"torch", "numpy", "lark", "jinja2", "click"},
    "specs": {"torch", "numpy", "lark", "jinja2", "click"},
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_that_it_must_not_load(room: str) -> None:
    for path in modules(room):
        roots = {name.split(".")[0] for level, name in imported(path) if not level}
        assert not roots & FORBIDDEN[room], path


def test_the_compiler_needs_the_standard_library_and_three_packages() -> None:
    roots = {
        name.split(".")[0]
        for path in modules("compiler")
        for level, name in imported(path)
        if not level
    }
    assert roots - set(sys.stdlib_module_names) == {"lark", "jinja2", "click"}


def test_a_pass_never_imports_another_pass() -> None:
    for file, part, other in inner("compiler"):
        if part in PASSES and other in PASSES:
            assert part == other, f"{file} imports {other}"


def test_what_stands_below_the_passes_imports_none() -> None:
    for file, part, other in inner("compiler"):
        if part in BELOW_PASSES:
            assert other not in PASSES | {"pipeline", "cli", "execute"}, f"{file} imports {other}"


def test_sizes_and_sources_stand_on_nothing() -> None:
    for file, part, other in inner("compiler"):
        assert part not in {"dims", "source"} or other == part, f"{file} imports {other}"


KNOW_PIPELINE = {"cli", "checking", "packaging", "hook", "execute", "explain"}


def test_only_the_command_line_knows_the_command_line() -> None:
    for file, part, other in inner("compiler"):
        assert other != "cli" or part == "cli", file
        assert other != "pipeline" or part in KNOW_PIPELINE, file


def test_tests_use_what_users_use() -> None:
    for path in (HOME / "tests").glob("*.py"):
        for level, name in imported(path):
            assert not level, f"{path.name}: {name}"
            assert name.split(".")[0] not in ROOMS, f"{path.name}: write `import dlc.{name}`"


def settings() -> dict[str, object]:
    found = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    tool: dict[str, object] = found["tool"]["setuptools"]
    return tool


def test_the_list_of_packages_is_the_folders() -> None:
    folders = {
        "dlc." + ".".join(path.parent.relative_to(HOME).parts)
        for room in ROOMS
        for path in (HOME / room).rglob("__init__.py")
    }
    with_code = {
        "dlc." + ".".join(path.parent.relative_to(HOME).parts)
        for room in ROOMS
        for path in modules(room)
    }
    assert set(settings()["packages"]) == folders == with_code  # type: ignore[call-overload]


def is_made(path: Path) -> bool:
    """What tools leave behind."""
    parts = path.relative_to(HOME).parts
    return any(each == "__pycache__" or each.startswith(".") for each in parts)


def data_files() -> dict[str, set[Path]]:
    """Files that are no Python, by package."""
    found: dict[str, set[Path]] = {}
    for room in ROOMS:
        for path in (HOME / room).rglob("*"):
            if path.is_file() and path.suffix != ".py" and not is_made(path):
                found.setdefault(f"dlc.{room}", set()).add(path.relative_to(HOME / room))
    return found


def test_every_file_that_is_no_python_is_declared_as_data() -> None:
    declared = settings()["package-data"]
    assert isinstance(declared, dict)
    for package, paths in data_files().items():
        for path in paths:
            fits = any(path.match(each) for each in declared[package])
            assert fits, f"{path} of {package} would not be installed"


def test_the_installed_packages_have_their_data() -> None:
    for package, name in (
        ("dlc.grammar", "dl.lark"),
        ("dlc.grammar", "table.json"),
        ("dlc.compiler", "py.typed"),
        ("dlc.compiler", "templates/model.py.j2"),
        ("dlc.runtime", "py.typed"),
        ("dlc.specs", "hello.dl"),
        ("dlc.specs", "digits.csv.gz"),
    ):
        assert resources(package).joinpath(name).is_file(), f"{package}: {name}"


def test_an_installed_copy_has_every_file_of_the_folders() -> None:
    installed = {str(each) for each in files("dlc") or [] if str(each).startswith("dlc/")}
    if not installed:
        pytest.skip("the installation is editable: its files are these folders themselves")
    for room in ROOMS:
        for path in (HOME / room).rglob("*"):
            if path.is_file() and not is_made(path):
                assert f"dlc/{path.relative_to(HOME).as_posix()}" in installed, path


CHECK = """
import sys
from dlc.compiler.cli import main
try:
    main(["check", sys.argv[1], "-q"])
except SystemExit as end:
    assert end.code == 0, end.code
heavy = {"torch", "numpy", "sympy", "lark", "jinja2", "PIL"} & set(sys.modules)
assert not heavy, heavy
"""


def test_checking_loads_nothing_heavy() -> None:
    command = [sys.executable, "-c", CHECK, str(HOME / "specs" / "mnist.dl")]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


def test_no_file_of_code_has_more_than_400_lines() -> None:
    for room in ("compiler", "runtime", "tests"):
        for path in (HOME / room).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def tracked() -> list[str]:
    try:
        found = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if found.returncode or not found.stdout:
        pytest.skip("this is no checkout of git")
    return found.stdout.splitlines()


def test_nothing_new_goes_to_the_top_level() -> None:
    top = {each.split("/")[0] for each in tracked()}
    assert {each for each in top if not each.startswith(".")} == TOP


def test_the_readme_has_the_two_lines_that_set_up() -> None:
    readme = (HOME / "README.md").read_text(encoding="utf-8")
    setup = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt "
    assert f"\n{setup}. && .venv/bin/dlc run specs/digits.dl\n" in readme
    assert f'\n{setup}".[test,dev]" && .venv/bin/pytest\n' in readme


def test_every_file_that_the_readme_links_to_is_there() -> None:
    readme = (HOME / "README.md").read_text(encoding="utf-8")
    linked = [part.split(")")[0] for part in readme.split("](")[1:]]
    assert linked
    for link in linked:
        assert link.startswith("http") or (HOME / link).exists(), link
