"""The backstop behind the templates: what emitted code may consist of."""

from __future__ import annotations

import ast

ROOTS = {"torch", "dlc", "argparse", "collections", "copy", "math"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "globals"}
FORBIDDEN_NODES = (
    ast.AsyncFunctionDef,
    ast.Await,
    ast.Delete,
    ast.Global,
    ast.Nonlocal,
    ast.Try,
    ast.While,
    ast.NamedExpr,
)


class Breach(Exception):
    """Emitted code that a template cannot have meant: a fault of ours."""


def inspect(name: str, text: str, outside: frozenset[str] = frozenset()) -> None:
    """Raise `Breach` unless the file is plain code within its bounds.

    `outside` are what a person allowed, `package.module:Callable` each: nothing else of such
    modules may be imported.
    """
    if not text.startswith('"""'):
        raise Breach(f"{name} does not start with its docstring")
    if any(ord(each) < 32 and each != "\n" for each in text):
        raise Breach(f"{name} holds a control character")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, FORBIDDEN_NODES):
            raise Breach(f"{name} holds a {type(node).__name__}")
        if isinstance(node, ast.Import):
            _allowed(name, [alias.name for alias in node.names])
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            wanted = {f"{node.module}:{alias.name}" for alias in node.names}
            _allowed(name, [node.module or ""] if wanted - outside else [])
        match node:
            case ast.Call(func=ast.Name(id=called)) if called in FORBIDDEN_CALLS:
                raise Breach(f"{name} calls {called}")


def _allowed(name: str, modules: list[str]) -> None:
    roots = {module.split(".")[0] for module in modules}
    known = {"torch"} if name == "model.py" else ROOTS
    if not roots <= known:
        raise Breach(f"{name} imports {', '.join(sorted(roots - known))}")
