"""Specs as Python packages: after `import dlc.compiler.hook`, `import mnist` finds `mnist.dl`.

A spec is looked for on `sys.path`, and in packages (`from nets import resnet`), where Python finds
nothing itself. It is compiled in memory, to the modules that `dlc compile` would write: `import
mnist.model`. Tracebacks show their source and end with the line of the spec; `importlib.reload`
compiles anew.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, NamespaceLoader, PathFinder
from importlib.util import spec_from_loader
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .pipeline import Checked, Package

ALLOWED: list[str] = []
TOP = "__init__.py"
NOTED = "__dlc_noted__"
# Reloaded in this order, each after what it imports.
ORDER = ("model", "data", "procedures", "train", "predict", "expect")


class SpecError(ImportError):
    """A spec is wrong; the text is what `dlc check` says."""


class SpecWarning(UserWarning):
    """What `dlc check` warns of in a spec that is imported."""


class Compiled:
    """A spec on the disk, and the package that it was compiled to last."""

    def __init__(self, path: str) -> None:
        self.path = path
        inside = path.startswith(os.getcwd() + os.sep)
        self.label = f"<dlc {os.path.relpath(path) if inside else path}>"
        self.made: Package | None = None

    @property
    def files(self) -> Mapping[str, str]:
        """The text of each module, by file name."""
        return self.made.files if self.made is not None else {}

    def compile(self, name: str) -> None:
        """Compile the file as it is now; raises `SpecError`, and then nothing has changed."""
        from .pipeline import emitted

        found, package = emitted(self._checked(name), ALLOWED)
        if package is None:
            raise self._wrong(name, _says(found))
        for each in found.diagnostics:
            if each.severity == "warning":
                said = f"{each.message} [{each.code}]"
                warnings.warn_explicit(said, SpecWarning, self.path, each.span.line)
        self.made = package
        for file, text in package.files.items():
            whole = self.file(file)
            linecache.cache[whole] = (len(text), None, text.splitlines(True), whole)

    def _checked(self, name: str) -> Checked:
        from .diagnostics import Diagnostic
        from .pipeline import Checked, check
        from .read import Unreadable, read_source
        from .source import Source

        found: list[Diagnostic] = []
        try:
            source = read_source(self.path, found.append)
        except Unreadable as why:
            raise self._wrong(name, f"{why.message}\nhelp: {why.help}") from None
        if source is None:
            return Checked(Source(self.path, ""), tuple(found), None)
        return check(source)

    def _wrong(self, name: str, says: str) -> SpecError:
        return SpecError(f"{self.path} does not compile\n\n{says}", name=name, path=self.path)

    def file(self, name: str) -> str:
        """What tracebacks call a module: `<dlc mnist.dl>/model.py`."""
        return f"{self.label}/{name}"

    def noted(self) -> None:
        """Tell the exception on its way through a function of the package where in the spec it is.

        The innermost line of the package that it passed is the place.
        """
        error = sys.exception()
        assert self.made is not None and error is not None
        found = import_module("dlc.runtime.places").place(error, self.label, self.made.places)
        if found is not None and found not in getattr(error, "__notes__", ()):
            error.add_note(found)


def _says(found: Checked) -> str:
    from .diagnostics import to_text

    return "\n\n".join(to_text(each, colour=False) for each in found.diagnostics)


class SpecLoader(InspectLoader):
    """Loads one module of a compiled spec; that of the package itself compiles it."""

    def __init__(self, compiled: Compiled, file: str) -> None:
        self.compiled = compiled
        self.file = file

    @property
    def files(self) -> Mapping[str, str]:
        """The text of each module of the package, by file name."""
        return self.compiled.files

    def is_package(self, fullname: str) -> bool:
        """Whether this is the package of the spec, not one of its modules."""
        return self.file == TOP

    def get_source(self, fullname: str) -> str:
        """The generated text."""
        if not self.files:
            self.compiled.compile(fullname)
        return self.files[self.file]

    def get_code(self, fullname: str) -> CodeType:
        """The generated code, in which exceptions learn their place in the spec."""
        file = self.compiled.file(self.file)
        tree = ast.parse(self.get_source(fullname), file)
        return compile(_watched(tree), file, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module; a reload compiles the spec as it is now, and runs all that is loaded."""
        name = module.__name__
        again = "__builtins__" in vars(module)
        if again or self.file == TOP:
            self.compiled.compile(name)
        if not again:
            self._run(module)
            return
        package = name if self.file == TOP else name.rpartition(".")[0]
        for each in _loaded(package):
            loader = each.__loader__
            if not isinstance(loader, SpecLoader):
                continue
            if loader.file in self.files:
                loader._run(each)
            else:
                del sys.modules[each.__name__]
                vars(sys.modules[package]).pop(each.__name__.rpartition(".")[2], None)

    def _run(self, module: ModuleType) -> None:
        vars(module)[NOTED] = self.compiled.noted
        exec(self.get_code(module.__name__), vars(module))


def _loaded(package: str) -> Iterator[ModuleType]:
    """The modules of a package that have been imported, in an order in which they can be again."""
    for name in (package, *(f"{package}.{each}" for each in ORDER)):
        if name in sys.modules:
            yield sys.modules[name]


def _watched(tree: ast.Module) -> ast.Module:
    """The same code, whose functions tell exceptions on their way out where in the spec they are.

    It costs nothing until one comes, and no line moves.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            noted = ast.Expr(ast.Call(ast.Name(NOTED, ast.Load()), [], []))
            handler = ast.ExceptHandler(None, None, [noted, ast.Raise()])
            watched = ast.copy_location(ast.Try(body, [handler], [], []), body[0])
            node.body[len(node.body) - len(body) :] = [watched]
    return ast.fix_missing_locations(tree)


class SpecFinder(MetaPathFinder):
    """Finds `name.dl` where Python has no module or package `name`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec's package, or one of its modules."""
        parent, _, name = fullname.rpartition(".")
        home = getattr(sys.modules.get(parent), "__loader__", None)
        if isinstance(home, SpecLoader):
            file = f"{name}.py"
            return _module_spec(fullname, home.compiled, file) if file in home.files else None
        stems = _stems(name)
        for folder in sys.path if path is None else path:
            for stem in stems:
                file = os.path.join(folder, f"{stem}.dl")
                if os.path.isfile(file) and _is_called(name, stem):
                    if self._is_python(fullname, path, target):
                        return None
                    return _module_spec(fullname, _known(fullname, os.path.abspath(file)), TOP)
        return None

    def _is_python(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> bool:
        """Whether others find a module; a folder of data beside the spec is none."""
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            found = finder.find_spec(fullname, path, target)
            if found is not None and not isinstance(found.loader, NamespaceLoader | None):
                return True
        return False


def _stems(name: str) -> set[str]:
    """How a spec may be called whose package has this name: `my-net.dl` is `my_net`."""
    plain = {name.removesuffix("_spec"), name.removeprefix("spec_")}
    return {name, *plain, name.replace("_", "-")} if "_" in name else {name}


def _is_called(name: str, stem: str) -> bool:
    from .plan.names import folder

    return folder(stem) == name


def _known(fullname: str, path: str) -> Compiled:
    """The spec as it is loaded already, so that a reload is one of the same."""
    loader = getattr(sys.modules.get(fullname), "__loader__", None)
    if isinstance(loader, SpecLoader) and loader.compiled.path == path:
        return loader.compiled
    return Compiled(path)


def _module_spec(fullname: str, compiled: Compiled, file: str) -> ModuleSpec | None:
    loader = SpecLoader(compiled, file)
    spec = spec_from_loader(fullname, loader, origin=compiled.file(file), is_package=file == TOP)
    if spec is not None:
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(compiled.label)
    return spec


def allow(*modules: str) -> None:
    """Let specs that are imported from now on bring in these modules of Python: their code runs."""
    ALLOWED.extend(modules)


def install() -> None:
    """Let Python find specs; importing this module does it."""
    if any(isinstance(each, SpecFinder) for each in sys.meta_path):
        return
    places = [index for index, each in enumerate(sys.meta_path) if each is PathFinder]
    sys.meta_path.insert(places[0] if places else len(sys.meta_path), SpecFinder())


install()
