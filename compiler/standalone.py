"""An emitted package with the parts of `dlc.runtime` that it uses, so that it runs without dlc."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files as resources

from .gate import inspect
from .write import PART

RUNTIME = "dlc.runtime"
HEADER = f"{PART}: https://www.apache.org/licenses/LICENSE-2.0\n"
DISTRIBUTIONS = {"PIL": "pillow"}
# Packages that the runtime imports where a file has this word, and not before.
OPTIONAL = {"polars": "Parquet", "soundfile": "AudioFolder", "tokenizers": "Tokenize"}


def standalone(
    files: Mapping[str, str], outside: Mapping[str, frozenset[str]] | None = None
) -> dict[str, str]:
    """The files with imports from `.runtime`, its parts below runtime/, and requirements.txt.

    `outside` is what a person allowed each file to import: it is not included.
    """
    found = {name: _rewritten(text) for name, text in files.items()}
    for name, text in found.items():
        inspect(name, text, (outside or {}).get(name, frozenset()))
    wanted = {module for text in files.values() for module in _of_runtime(ast.parse(text))}
    parts = _parts(wanted)
    found |= {f"runtime/{path}": HEADER + text for path, text in parts.items()}
    lines = "".join(f"{each}\n" for each in _needed(files, parts))
    found["requirements.txt"] = f"{HEADER}{lines}"
    return found


def needs(files: Mapping[str, str]) -> list[str]:
    """What has to be installed for a package that `standalone` made."""
    return [line for line in files["requirements.txt"].splitlines() if not line.startswith("#")]


def _rewritten(text: str) -> str:
    """An emitted file whose runtime is beside it; imports stay in the order of import sorters."""
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not any(_module(node).startswith(f"{RUNTIME}.") for node in imports):
        return text
    lines = text.split("\n")
    sections: dict[str, list[tuple[str, str]]] = {"standard": [], "others": [], "own": []}
    for node in imports:
        module = _module(node)
        code = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if module.startswith(f"{RUNTIME}."):
            own = module.removeprefix("dlc")
            sections["own"].append((own, code.replace(module, own, 1)))
        elif module.startswith("."):
            sections["own"].append((module, code))
        else:
            known = module.split(".")[0] in sys.stdlib_module_names
            sections["standard" if known else "others"].append((module, code))
    sections["own"].sort()
    blocks = ["\n".join(code for _, code in each) for each in sections.values() if each]
    start, end = imports[0].lineno - 1, imports[-1].end_lineno
    return "\n".join([*lines[:start], "\n\n".join(blocks), *lines[end:]])


def _module(node: ast.Import | ast.ImportFrom) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def _of_runtime(tree: ast.Module) -> Iterator[str]:
    """The modules of the runtime, by their paths in it, that emitted code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{RUNTIME}."):
            yield str(node.module).removeprefix(f"{RUNTIME}.")


def _parts(wanted: Iterable[str]) -> dict[str, str]:
    """The text of the modules, and of all that they import of the runtime, by path."""
    found: dict[str, str] = {}
    left = set(wanted)
    while left:
        module = left.pop()
        path, text = _source(module)
        if path in found:
            continue
        found[path] = text
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        left |= {each for each in _inner(ast.parse(text), package) if _exists(each)}
        # A module brings the packages that it stands in.
        left |= {module.rpartition(".")[0]} - {module}
    return dict(sorted(found.items()))


def _inner(tree: ast.Module, package: str) -> Iterator[str]:
    """What a module of the runtime imports of it, be it for type checkers or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            folders = package.split(".") if package else []
            home = folders[: len(folders) - node.level + 1]
            if node.module:
                yield ".".join([*home, node.module])
            else:
                yield from (".".join([*home, each.name]) for each in node.names)


def _exists(module: str) -> bool:
    return _place(module) is not None


def _place(module: str) -> str | None:
    """The path of a module in the runtime; "" is the runtime itself."""
    base = module.replace(".", "/")
    for path in (f"{base}.py", f"{base}/__init__.py".lstrip("/")):
        if resources(RUNTIME).joinpath(path).is_file():
            return path
    return None


def _source(module: str) -> tuple[str, str]:
    path = _place(module)
    assert path is not None, f"there is no {module} in the runtime"
    return path, resources(RUNTIME).joinpath(path).read_text(encoding="utf-8")


def _needed(files: Mapping[str, str], parts: Mapping[str, str]) -> list[str]:
    """The packages that the code imports, torch first; Pillow only where there are pictures."""
    # What a file brings in from elsewhere by itself is the author's own: no index may supply it.
    roots = {root for text in parts.values() for root in _roots(text)}
    roots -= {*sys.stdlib_module_names, "dlc", "torch"}
    every = " ".join(files.values())
    roots -= {name for name, word in OPTIONAL.items() if f"{word}(" not in every}
    if not any(map(_has_pictures, files.values())):
        roots.discard("PIL")
    return ["torch", *sorted(DISTRIBUTIONS.get(each, each) for each in roots)]


def _roots(text: str) -> Iterator[str]:
    """What a file imports from elsewhere, unless it is for type checkers alone."""
    left: list[ast.AST] = [ast.parse(text)]
    while left:
        match left.pop():
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.Import(names=names):
                yield from (each.name.split(".")[0] for each in names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield module.split(".")[0]
            case node:
                left += ast.iter_child_nodes(node)


def _has_pictures(text: str) -> bool:
    """Whether a file reads pictures, which have three axes, or draws samples."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.keyword(arg="shape", value=ast.Tuple(elts=[_, _, _])):
                return True
            case ast.Attribute(value=ast.Name(id="run"), attr="sample"):
                return True
    return False
