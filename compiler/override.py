"""`--set key=value`: the value stands in the tree as if the file had it."""

from __future__ import annotations

from collections.abc import Sequence

from . import tree
from .diagnostics import Report
from .errors import training as errors
from .parse import parse
from .resolve.options import ALL_KEYS
from .source import Source, Span


def overridden(spec: tree.Spec, overrides: Sequence[str], report: Report) -> tree.Spec:
    """The spec with params and keys of its train blocks replaced; what is wrong is reported."""
    declarations = list(spec.declarations)
    for text in overrides:
        key, equals, value = text.partition("=")
        source = Source("--set", f"{key.strip()}={value.strip()}")
        span = Span(source, 0, len(key.strip()))
        if not equals or not value.strip() or not key.strip().isidentifier():
            report(errors.bad_override(Span(source, 0, len(source.text))))
            continue
        parsed = parse(Source("--set", f"param {source.text}"), report)
        if parsed is None:
            continue
        if len(parsed.declarations) != 1:
            report(errors.bad_override(Span(source, 0, len(source.text))))
            continue
        (param, *_) = parsed.declarations
        assert isinstance(param, tree.Param)
        _set(declarations, key.strip(), param.value, span, report)
    return tree.Spec(spec.source, tuple(declarations), spec.comments)


def _set(
    declarations: list[tree.Declaration],
    key: str,
    value: tree.Expression,
    span: Span,
    report: Report,
) -> None:
    params = [node.name.name for node in declarations if isinstance(node, tree.Param)]
    for index, node in enumerate(declarations):
        match node:
            case tree.Param(name=name) if name.name == key:
                declarations[index] = tree.Param(node.span, name, value)
                return
            case tree.Train(entries=entries) if key not in params and key in ALL_KEYS:
                option = tree.Option(value.span, tree.Name(span, key), value)
                kept = [each for each in entries if not _is_option(each, key)]
                declarations[index] = tree.Train(node.span, node.models, node.data, (*kept, option))
    trained = any(isinstance(node, tree.Train) for node in declarations)
    if key not in ALL_KEYS or not trained:
        known = [*params, *(ALL_KEYS if trained else ())]
        report(errors.unknown_override(span, key, known))


def _is_option(entry: tree.Option | tree.Step | tree.Copy, key: str) -> bool:
    return isinstance(entry, tree.Option) and entry.name.name == key
