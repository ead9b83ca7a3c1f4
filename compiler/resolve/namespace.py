"""The names of each file: what it declares, and what it imports from others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import ir, tree
from ..diagnostics import Report
from ..errors import imports as import_errors
from ..errors import names as errors
from ..layers import LAYERS
from ..record import replaced
from ..source import Span
from ..tensor import DTYPES
from .definitions import definition, extern, function
from .names import FAILED, Constants
from .scope import Scope, Word

Callable = tree.Block | tree.Model | tree.Extern


@dataclass(slots=True)
class Namespace:
    """What the names of one file stand for; `keys` are those that the program knows them by."""

    constants: Constants
    blocks: dict[str, Callable] = field(default_factory=dict)
    functions: dict[str, tree.Function] = field(default_factory=dict)
    data: dict[str, tree.Data] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)


class Namespaces:
    """The files of a program; their definitions are collected under names of their own."""

    def __init__(self, imported: Mapping[str, tree.Spec], report: Report) -> None:
        self.imported = imported
        self.report = report
        self.definitions: dict[str, ir.Definition] = {}
        self.functions: dict[str, ir.Function] = {}
        self._done: dict[str, Namespace] = {}

    def of(self, spec: tree.Spec) -> Namespace:
        """The names of a file; its definitions become part of the program."""
        path = spec.source.path
        if path in self._done:
            return self._done[path]
        space = self._done[path] = self._declared(spec)
        for node in spec.declarations:
            match node:
                case tree.Block() | tree.Model() | tree.Extern():
                    key = self._key(node.name.name)
                    space.keys[node.name.name] = key
                    # The place is taken in the order of the text.
                    self.definitions[key] = _nothing(node)
                case tree.Function():
                    key = self._key(node.name.name)
                    space.keys[node.name.name] = key
                    self.functions[key] = ir.Function(
                        node.name.span, node.name.name, (), ir.Faulty(node.name.span)
                    )
        for node in spec.declarations:
            if isinstance(node, tree.Import):
                self._import(node, spec, space)
        for node in spec.declarations:
            self._define(node, space)
        return space

    def _declared(self, spec: tree.Spec) -> Namespace:
        """Names and constants, each declared once."""
        space = Namespace(Constants(_params(spec, self.report), self.report))
        named: dict[str, Span] = {}
        for node in spec.declarations:
            match node:
                case tree.Block() | tree.Model() | tree.Extern():
                    space.blocks[node.name.name] = node
                case tree.Data():
                    space.data[node.name.name] = node
                case tree.Function():
                    space.functions[node.name.name] = node
                case tree.Param() | tree.Predict():
                    pass
                case _:
                    continue
            name = node.name
            if name.name in named:
                self.report(errors.defined_twice(name.span, name.name, named[name.name]))
            named[name.name] = name.span
        return space

    def _import(self, node: tree.Import, spec: tree.Spec, space: Namespace) -> None:
        folder = os.path.dirname(spec.source.path)
        other = self.imported.get(os.path.normpath(os.path.join(folder, node.path.value)))
        if other is None:
            # Why it could not be read was said where it was tried.
            space.failed.update(name.name for name in node.names)
            return
        there = self.of(other)
        for name in node.names:
            word = name.name
            declared = {*there.blocks, *there.functions, *there.constants.names}
            if word in space.blocks or word in space.functions:
                known = space.blocks.get(word) or space.functions[word]
                self.report(errors.defined_twice(name.span, word, known.name.span))
            elif word in there.blocks:
                space.blocks[word] = there.blocks[word]
                space.keys[word] = there.keys[word]
            elif word in there.functions:
                space.functions[word] = there.functions[word]
                space.keys[word] = there.keys[word]
            elif word in there.constants.names:
                space.constants.names[word] = there.constants.names[word]  # type: ignore[index]
            else:
                close = errors.nearest(word, declared)
                path = node.path.value
                self.report(import_errors.import_unknown(name.span, word, path, close))
                space.failed.add(word)

    def _key(self, name: str) -> str:
        while name in self.definitions or name in self.functions:
            name += "_"
        return name

    def _define(self, node: tree.Declaration, space: Namespace) -> None:
        match node:
            case tree.Block() | tree.Model():
                scope = self._scope(space)
                key = space.keys[node.name.name]
                self.definitions[key] = replaced(definition(node, scope), name=key)
                self.definitions |= scope.chains
            case tree.Extern():
                found = extern(node, self._scope(space))
                if found is not None:
                    key = space.keys[node.name.name]
                    self.definitions[key] = replaced(found, name=key)
                else:
                    space.blocks.pop(node.name.name)
                    space.failed.add(node.name.name)
            case tree.Function():
                scope = self._scope(space)
                self.functions[space.keys[node.name.name]] = function(node, scope)

    def _scope(self, space: Namespace) -> Scope:
        return Scope(
            self.report,
            space.blocks,
            space.constants.names,
            computed=space.functions,
            keys=space.keys,
            known=self.definitions,
            failed=space.failed,
        )


def _nothing(node: Callable) -> ir.Definition:
    span = node.name.span
    is_model = isinstance(node, tree.Model)
    return ir.Definition(span, node.name.name, is_model, (), (), (), (), {})


def _params(spec: tree.Spec, report: Report) -> dict[str, Any]:
    values: dict[str, Any] = {}
    blocks = (node for node in spec.declarations if isinstance(node, tree.Block))
    callables = {*LAYERS, *DTYPES, *(node.name.name for node in blocks)}
    for node in spec.declarations:
        if isinstance(node, tree.Param):
            name = node.name.name
            if isinstance(node.value, tree.Reference) and node.value.name in callables:
                values[name] = Word(node.value.name)
                continue
            value = Constants(values, report).value(node.value, f"the param `{name}`")
            values[name] = 1 if value is FAILED else value
    return values
