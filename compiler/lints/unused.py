"""What is declared or computed, and then never used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import ir, tree
from ..diagnostics import Diagnostic
from ..errors import effects
from ..record import Record
from ..source import Span
from .flow import Flow, has_weights

KEYS = ("loss", "optimizer")
WORDS: Mapping[type, str] = {
    tree.Block: "block",
    tree.Model: "model",
    tree.Data: "data block",
    tree.Function: "function",
    tree.Param: "param",
    tree.Layer: "layer",
    tree.Weight: "weight",
    tree.Buffer: "buffer",
}
# What makes it open which of several computations count.
BRANCHING = (tree.If, tree.For, tree.Conditional, tree.Repeat, tree.Method)
PLAIN = (tree.Number, tree.String, tree.Constant)


def declarations(spec: tree.Spec) -> Iterator[Diagnostic]:
    """Declarations that nothing in the file refers to.

    A file that trains nothing may be there for others to import from.
    """
    uses = [set(names_in(node)) for node in spec.declarations]
    trains = any(isinstance(node, tree.Train) for node in spec.declarations)
    for place, node in enumerate(spec.declarations):
        if node.span.source.path != spec.source.path:
            continue
        elsewhere = set[str]().union(*uses[:place], *uses[place + 1 :])
        if isinstance(node, tree.Import):
            for name in node.names:
                if name.name not in elsewhere:
                    yield effects.never_used(name.span, "import", name.name, "")
        elif type(node) in WORDS and trains:
            name = node.name  # type: ignore[union-attr]
            if name.name not in elsewhere:
                yield effects.never_used(name.span, WORDS[type(node)], name.name, " in this file")
        if isinstance(node, tree.Block | tree.Model):
            yield from _inside(node)
        elif isinstance(node, tree.Train):
            for entry in node.entries:
                if isinstance(entry, tree.Step):
                    yield from _bound(entry.body)


def _inside(node: tree.Block | tree.Model) -> Iterator[Diagnostic]:
    """Hyperparameters, layers and tensors of a body that the body never refers to."""
    used = set(names_in(node.body)) | {
        name for parameter in node.parameters for name in names_in(parameter.default)
    }
    for parameter in node.parameters:
        name = parameter.name
        # `init=keras` sets the weights of the whole model.
        if name.name not in used and name.name != "init":
            yield effects.never_used(
                name.span, "hyperparameter", name.name, f" in {node.name.name}"
            )
    if not isinstance(node.body, tree.Body):
        return
    for statement in node.body.statements:
        if type(statement) in WORDS and isinstance(
            statement, tree.Layer | tree.Weight | tree.Buffer
        ):
            others = (each for each in node.body.statements if each is not statement)
            if statement.name.name not in set(names_in(others)):
                word = WORDS[type(statement)]
                yield effects.never_used(
                    statement.name.span, word, statement.name.name, f" in {node.name.name}"
                )


def _bound(body: tree.Body) -> Iterator[Diagnostic]:
    """Names of a step that neither its loss nor another name depends on."""
    for place, statement in enumerate(body.statements):
        if isinstance(statement, tree.Bind) and isinstance(statement.target, tree.Name):
            name = statement.target
            if name.name in KEYS or name.name.startswith("_"):
                continue
            if name.name not in set(names_in(body.statements[place + 1 :])):
                yield effects.never_used(name.span, "name", name.name, " in this step")


def names_in(node: Any) -> Iterator[str]:
    """Every name that a piece of the tree refers to; names that are being given do not count."""
    match node:
        case tree.Reference():
            yield node.name
        case tree.Train():
            yield node.data.name
        case tree.Copy():
            yield node.original.name
        case tree.Step():
            yield from (name.name for name in node.updates)
        case tree.Method():
            yield node.target.name
    if isinstance(node, Record):
        node = [getattr(node, field) for field in type(node)._fields if field != "span"]
    if isinstance(node, Iterable) and not isinstance(node, str):
        for part in node:
            if not isinstance(part, PLAIN):
                yield from names_in(part)


def results(here: Flow, spec: tree.Spec) -> Iterator[Diagnostic]:
    """Steps at the end of a way that leads to no output."""
    live = set(here.outputs)
    for step in reversed(here.steps):
        if any(id(value) in live for value in step.outputs):
            live |= {id(value) for value in step.reads}
    for step in here.steps:
        if isinstance(step, ir.StateStep | ir.ReadStep):
            continue
        if any(id(value) in live or here.readers.get(id(value)) for value in step.outputs):
            continue
        names = [value.name for value in step.outputs if value.name]
        if any(_is_open(spec, step.span, name) for name in names or [""]):
            continue
        yield effects.result_unused(step.span, names[0] if names else "", has_weights(step))


def _is_open(spec: tree.Spec, span: Span, name: str) -> bool:
    """Whether other hyperparameters may make use of a name: the body has branches that read it.

    A body of another file is not at hand.
    """
    if span.source.path != spec.source.path:
        return True
    for node in spec.declarations:
        is_body = isinstance(node, tree.Block | tree.Model)
        if is_body and node.span.start <= span.start < node.span.end:
            body = node.body  # type: ignore[union-attr]
            return _branches(body) and (not name or name in set(names_in(body)))
    return True


def _branches(node: Any) -> bool:
    if isinstance(node, BRANCHING):
        return True
    if isinstance(node, Record):
        node = [getattr(node, field) for field in type(node)._fields if field != "span"]
    return isinstance(node, tuple | list) and any(map(_branches, node))
