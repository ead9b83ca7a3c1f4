"""The tree → the one layout of its text, comments kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from . import tree
from .layout import BLANK, NEW, SPACE, Document, Group, Nest, Remark, render
from .phrases import SUM, VALUE, given, phrase, quoted, sequence, typed
from .remarks import Remarks

ONE_LINERS = (tree.Import, tree.Param, tree.Function)

Entry: TypeAlias = (
    tree.Statement
    | tree.Field
    | tree.Option
    | tree.Step
    | tree.Copy
    | tree.Comparison
    | tree.Within
    | tree.Search
    | tree.Goal
)


def fmt(spec: tree.Spec) -> str:
    """A file's text in the one layout; parsing it gives the same tree and the same comments."""
    remarks = Remarks(spec)
    end = len(spec.source.text) + 1
    _, *lines = _lines(spec.declarations, end, remarks, whole_file=True)
    return render([*lines, NEW])


def _lines(
    items: Sequence[Entry] | Sequence[tree.Declaration],
    close: int,
    remarks: Remarks,
    whole_file: bool = False,
) -> list[Document]:
    """Statements with their comments and the blank lines that the author left, one at most.

    In a whole file one blank line stands between declarations, but for runs of short ones.
    """
    out: list[Document] = []
    end: int | None = None
    last: Entry | tree.Declaration | None = None
    for item in (*items, None):
        start = item.span.start if item else close
        short = isinstance(last, ONE_LINERS) and isinstance(item, ONE_LINERS)
        apart = whole_file and last is not None and item is not None and not short
        fresh = True
        for comment in remarks.take(start):
            if fresh and remarks.trails(comment):
                out.append(Remark(comment.text))
            else:
                out += [_gap(remarks, end, comment.start, apart), comment.text]
                apart = False
            fresh = False
            end = comment.end if end is None else max(end, comment.end)
        if item:
            out += [_gap(remarks, end, start, apart), _line(item, remarks)]
            end = item.span.end
        last = item
    return out


def _gap(remarks: Remarks, end: int | None, start: int, apart: bool) -> Document:
    return BLANK if apart else remarks.gap(end, start)


def _braces(
    items: Sequence[Entry], start: int, end: int, remarks: Remarks, one_line: bool = False
) -> Document:
    marked = remarks.within(start, end)
    if not items and not marked:
        return "{}"
    if one_line and len(items) == 1 and not marked:
        return Group("{", Nest(SPACE, _line(items[0], remarks)), SPACE, "}")
    return ["{", Nest(*_lines(items, end, remarks)), NEW, "}"]


def _body(body: tree.Body, remarks: Remarks) -> Document:
    return _braces(body.statements, body.span.start, body.span.end, remarks)


def _line(node: Entry | tree.Declaration, remarks: Remarks) -> Document:
    match node:
        case tree.Bind():
            return [_target(node.target), *given(node.value, remarks)]
        case tree.Method():
            start, end = node.method.span.end, node.span.end
            arguments = sequence("(", node.arguments, ")", start, end, remarks)
            return [f"{node.target.name}.{node.method.name}", arguments]
        case tree.Input():
            types = typed(node.type, remarks)
            return [f"input {node.name.name}", *types, *given(node.default, remarks)]
        case tree.Output():
            types = typed(node.type, remarks)
            return [f"output {node.name.name}", *types, *given(node.value, remarks)]
        case tree.Layer():
            return [f"layer {node.name.name}", *given(node.value, remarks)]
        case tree.Weight() | tree.Buffer():
            word = "weight" if isinstance(node, tree.Weight) else "buffer"
            types = typed(node.type, remarks)
            return [f"{word} {node.name.name}", *types, *given(node.value, remarks)]
        case tree.Require():
            condition = phrase(node.condition, remarks, VALUE)
            message = [", ", quoted(node.message.value)] if node.message else []
            return ["require ", condition, *message]
        case tree.For():
            iterable = phrase(node.iterable, remarks, VALUE)
            return [f"for {_target(node.target)} in ", iterable, " ", _body(node.body, remarks)]
        case tree.If():
            return _if(node, remarks)
        case tree.Field():
            types = typed(node.type, remarks)
            return [node.name.name, *types, *given(node.value, remarks)]
        case tree.Option():
            return [node.name.name, *given(node.value, remarks)]
        case tree.Step():
            return _step(node, remarks)
        case tree.Copy():
            value = phrase(node.value, remarks, VALUE)
            return [f"copy {node.name.name} = {node.original.name} {node.mode} ", value]
        case tree.Comparison():
            left = phrase(node.left, remarks, SUM)
            return [left, f" {node.operator} ", phrase(node.right, remarks, SUM)]
        case tree.Within():
            left = phrase(node.left, remarks, SUM)
            tolerance = phrase(node.tolerance, remarks, SUM)
            return [left, " within ", tolerance, " of ", phrase(node.target, remarks, SUM)]
        case tree.Search():
            return [f"{node.name.name} in ", phrase(node.values, remarks, VALUE)]
        case tree.Goal():
            return [f"{node.direction} ", phrase(node.value, remarks, VALUE)]
    return _declaration(node, remarks)


def _declaration(node: tree.Declaration, remarks: Remarks) -> Document:
    start, end = node.span.start, node.span.end
    match node:
        case tree.Import():
            names = _series(name.name for name in node.names)
            return [f"from {quoted(node.path.value)} import ", names]
        case tree.Param():
            return [f"param {node.name.name}", *given(node.value, remarks)]
        case tree.Function():
            taken = _parameters(node.name, node.parameters, remarks, always=True)
            return ["function ", *taken, *given(node.value, remarks)]
        case tree.Data():
            origin = [" from ", phrase(node.origin, remarks)] if node.origin else []
            entries = _braces(node.entries, start, end, remarks)
            return [f"data {node.name.name}", *origin, " ", entries]
        case tree.Block():
            taken = _parameters(node.name, node.parameters, remarks)
            if isinstance(node.body, tree.Body):
                return ["block ", *taken, " ", _body(node.body, remarks)]
            return ["block ", *taken, " =", Group(Nest(SPACE, phrase(node.body, remarks)))]
        case tree.Model():
            taken = _parameters(node.name, node.parameters, remarks)
            return ["model ", *taken, " ", _body(node.body, remarks)]
        case tree.Extern():
            taken = _parameters(node.name, node.parameters, remarks)
            target = phrase(node.target, remarks)
            return ["extern ", *taken, " = ", target, " ", _body(node.body, remarks)]
        case tree.Train():
            models = _series(_use(use, remarks) for use in node.models)
            entries = _braces(node.entries, start, end, remarks)
            return ["train ", models, f" on {node.data.name} ", entries]
        case tree.Predict():
            return [f"predict {node.name.name} ", _body(node.body, remarks)]
        case tree.Expect():
            return ["expect ", _braces(node.entries, start, end, remarks, one_line=True)]
        case tree.Sweep():
            return ["sweep ", _braces(node.entries, start, end, remarks)]


def _if(node: tree.If, remarks: Remarks) -> Document:
    out: list[Document] = []
    here: tree.If | tree.Body | None = node
    while isinstance(here, tree.If):
        out += ["if ", phrase(here.condition, remarks, VALUE), " ", _body(here.then, remarks)]
        here = here.otherwise
        out += [" else "] if here else []
    return [*out, _body(here, remarks)] if here else out


def _step(node: tree.Step, remarks: Remarks) -> Document:
    names = [" updates ", _series(name.name for name in node.updates)] if node.updates else []
    every = [" every ", phrase(node.every, remarks, VALUE)] if node.every else []
    return [f"step {node.name.name}", *names, *every, " ", _body(node.body, remarks)]


def _use(use: tree.ModelUse, remarks: Remarks) -> Document:
    return [f"{use.name.name} = " if use.name else "", phrase(use.value, remarks)]


def _parameters(
    name: tree.Name, parameters: Sequence[tree.Parameter], remarks: Remarks, always: bool = False
) -> list[Document]:
    """A declaration's name and what it takes; without parameters brackets say nothing."""
    if not parameters and not always:
        return [name.name]
    start = name.span.end
    end = remarks.closing(")", parameters[-1].span.end if parameters else start)
    return [name.name, sequence("(", parameters, ")", start, end, remarks)]


def _series(parts: Iterable[Document]) -> Document:
    """Things with commas between them, without brackets."""
    inside: list[Document] = []
    for part in parts:
        inside += [",", SPACE, part] if inside else [part]
    return Group(Nest(*inside))


def _target(target: tree.Name | tree.Pattern) -> str:
    if isinstance(target, tree.Name):
        return target.name
    return ", ".join(
        f"({_target(part)})" if isinstance(part, tree.Pattern) else part.name
        for part in target.parts
    )
