"""The backstop behind the templates: what emitted code may consist of."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache

from .catalog.losses import LOSSES
from .characters import HIDDEN
from .layers import LAYERS
from .layers.initial import INITIALIZERS
from .opened import MATH

# Whatever stands behind these is our own, torch's, or what the person allowed.
MODULES = ("torch", "dlc.runtime", "argparse", "collections.abc", "copy", "math")
OF_MODELS = {"torch": {"Tensor", "nn"}}
PLAIN_IMPORTS = {("torch", None), ("torch.nn.functional", "F")}
STATEMENTS = (
    *(ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.If, ast.For),
    *(ast.With, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
)
EXPRESSIONS = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Call, ast.Constant, ast.Starred),
    *(ast.Tuple, ast.List, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp),
    *(ast.GeneratorExp, ast.ListComp),
)
PARTS = (
    *(ast.Module, ast.alias, ast.arguments, ast.arg, ast.keyword, ast.withitem, ast.comprehension),
    *(ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
ALLOWED = (*STATEMENTS, *EXPRESSIONS, *PARTS)
# Kinds of one file alone.
BESIDES: dict[str, tuple[type[ast.AST], ...]] = {
    "data.py": (ast.Lambda,),
    "model.py": (ast.JoinedStr, ast.FormattedValue),
}
AT_THE_TOP = (
    *(ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef),
    *(ast.ClassDef, ast.If),
)
# Names of Python's; all others are bound in the file that uses them.
BUILTINS = frozenset(
    """
    super isinstance slice range zip enumerate reversed len min max sum abs any round int float bool
    str tuple list dict vars ValueError SystemExit __name__ __doc__
    """.split()
)
# Parts of torch that emitted code uses besides layers, functions, losses and initializers.
OWN = frozenset(
    """
    torch.Tensor torch.device torch.no_grad torch.enable_grad torch.manual_seed
    torch.set_num_threads torch.channels_last torch.tensor torch.empty torch.autograd.grad
    torch.float16 torch.bfloat16 torch.float32 torch.float64 torch.uint8 torch.int32 torch.int64
    torch.bool torch.zeros torch.ones torch.full torch.cat torch.flatten torch.einsum
    nn.Module nn.ModuleList nn.Sequential nn.Identity nn.Parameter nn.utils.clip_grad_norm_
    nn.utils.convert_conv2d_weight_memory_format
    """.split()
)
COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=]")
# What no quoting changes: such a string is not looked for among those of the spec.
PLAIN = re.compile(r"[ !#-&(-\[\]-~]*")
LARGEST = 2**64

Strings = Callable[[], Collection[str]]


class Breach(Exception):
    """Emitted code that a template cannot have meant: a fault of ours."""


def inspect(
    name: str,
    text: str,
    outside: frozenset[str] = frozenset(),
    strings: Strings | None = None,
) -> None:
    """Raise `Breach` unless the file is plain code within its bounds.

    `outside` are what a person allowed, `package.module:Callable` each: nothing else of such
    modules may be imported. `strings` gives those of the spec, which the file's have to be.
    """
    try:
        _of_text(text)
        _of_tree(ast.parse(text), name, outside, strings)
    except (SyntaxError, ValueError, RecursionError) as why:
        raise Breach(f"{name} cannot be read: {why}") from None
    except Breach as why:
        raise Breach(f"{name} {why}") from None


def _of_text(text: str) -> None:
    if not text.startswith('"""'):
        raise Breach("does not start with its docstring")
    hidden = HIDDEN.search(text.replace("\n", ""))
    if hidden:
        raise Breach(f"holds a control character or one that is not seen: {hidden[0]!a}")
    if any(map(COOKIE.match, text.split("\n", 2)[:2])):
        raise Breach("holds a coding cookie")


def _of_tree(tree: ast.Module, file: str, outside: frozenset[str], strings: Strings | None) -> None:
    nodes = list(ast.walk(tree))
    allowed = (*ALLOWED, *BESIDES.get(file, ()))
    for node in nodes:
        if not isinstance(node, allowed):
            raise Breach(f"holds a {type(node).__name__}")
    for node in tree.body:
        if not isinstance(node, AT_THE_TOP):
            raise Breach(f"holds a {type(node).__name__} outside of functions")
    bound = frozenset(_bound(nodes))
    if bound & BUILTINS:
        raise Breach(f"binds {', '.join(sorted(bound & BUILTINS))}")
    if file == "model.py":
        _of_math(nodes)
    texts = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        match node:
            case ast.Import() | ast.ImportFrom():
                _imports(node, file, outside)
            case ast.Name(id=word, ctx=ast.Load()) if word not in bound | BUILTINS:
                raise Breach(f"uses {word}, which is bound nowhere")
            case ast.Attribute():
                _attribute(node)
            case (
                ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators)
            ):
                if not {*map(ast.unparse, decorators)} <= {
                    "torch.no_grad()",
                    "torch.enable_grad()",
                }:
                    raise Breach(f"decorates {node.name}")
                if isinstance(node, ast.ClassDef):
                    _class(node)
            case ast.Raise(exc=raised):
                if not isinstance(raised, ast.Call) or ast.unparse(raised.func) not in (
                    "ValueError",
                    "SystemExit",
                ):
                    raise Breach("raises what no file does")
            case ast.FormattedValue(value=value):
                _formatted(value)
            case ast.Constant(value=value) if id(node) not in texts:
                _constant(value, strings)


def _bound(nodes: Collection[ast.AST]) -> Iterator[str]:
    # `mask: Tensor` in a class says of what type `self.mask` is, and binds nothing.
    declared = {
        id(node.target) for node in nodes if isinstance(node, ast.AnnAssign) and not node.value
    }
    for node in nodes:
        match node:
            case ast.Name(id=word, ctx=ast.Store()):
                if id(node) not in declared:
                    yield word
            case ast.arg(arg=word):
                yield word
            case ast.FunctionDef(name=word) | ast.ClassDef(name=word):
                if not word.startswith("__"):
                    yield word
            case ast.alias(name=word, asname=other):
                yield other or word.split(".")[0]


def _imports(node: ast.Import | ast.ImportFrom, file: str, outside: frozenset[str]) -> None:
    names = {alias.name for alias in node.names}
    if isinstance(node, ast.Import):
        wanted = {(alias.name, alias.asname) for alias in node.names}
        if not wanted <= PLAIN_IMPORTS | ({("math", None)} if file == "model.py" else set()):
            raise Breach(f"imports {', '.join(sorted(names))}")
        return
    module = node.module or ""
    if node.level == 0 and {f"{module}:{each}" for each in names} <= outside:
        return
    if file == "model.py":
        known = not node.level and names <= OF_MODELS.get(module, set())
    else:
        known = node.level == 1 or any(
            module == each or module.startswith(f"{each}.") for each in MODULES
        )
    if not known or "*" in names:
        raise Breach(f"imports {module or ', '.join(sorted(names))}")


def _attribute(node: ast.Attribute) -> None:
    """A part of torch is one that some record emits; nothing is reached by a `__name__`."""
    parts = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if node.attr.startswith("__") and ast.unparse(node) != "super().__init__":
        raise Breach(f"reads {node.attr}")
    if isinstance(inner, ast.Name) and inner.id in ("torch", "nn", "F"):
        chain = ".".join([inner.id, *reversed(parts)])
        if chain not in _of_torch():
            raise Breach(f"uses {chain}")


def _of_math(nodes: Collection[ast.AST]) -> None:
    """`math` is imported once, no other thing has its name, and functions of numbers are called."""
    if [*_bound(nodes)].count("math") > 1:
        raise Breach("binds math, which it imports")
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    parts = {
        id(node.value): node
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr in MATH and id(node) in called
    }
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == "math" and id(node) not in parts:
            raise Breach("uses math for what no spec computes")


@cache
def _of_torch() -> frozenset[str]:
    """Every part of torch that emitted code names, and what those stand in."""
    found = {*OWN, *(record.code for record in LAYERS.values())}
    found |= {f"F.{name}" for name in LOSSES} | {f"nn.init.{name}" for name in INITIALIZERS}
    return frozenset(
        ".".join(parts[:end])
        for parts in (each.split(".") for each in found if each[:1].isalpha())
        for end in range(2, len(parts) + 1)
    )


def _class(node: ast.ClassDef) -> None:
    if node.keywords or [ast.unparse(each) for each in node.bases] != ["nn.Module"]:
        raise Breach(f"derives {node.name} from what is no nn.Module")


def _formatted(value: ast.expr) -> None:
    """Messages tell the shape of a tensor; nothing else is put together of parts."""
    match value:
        case ast.Call(
            func=ast.Name(id="tuple"),
            args=[ast.Attribute(value=ast.Name(), attr="shape")],
            keywords=[],
        ):
            return
    raise Breach(f"puts {ast.unparse(value)} into a string")


def _constant(value: object, strings: Strings | None) -> None:
    match value:
        case bool() | None:
            return
        case int() if abs(value) < LARGEST:
            return
        case float() if value - value == 0:
            return
        case str():
            left = value
            if strings is None or PLAIN.fullmatch(value):
                return
            for each in sorted(strings(), key=len, reverse=True):
                left = left.replace(each, "") if each else left
            if PLAIN.fullmatch(left):
                return
    if value is not ...:
        raise Breach(f"holds {value!a}, which the spec does not")
