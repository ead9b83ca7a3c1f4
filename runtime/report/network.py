"""The layers of the models, from `summary.json` or, without it, from the modules themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from .markup import Markup, Part, counted, figure, note, section, table, tag

ROWS = 500  # of a table at most
NUMBER = re.compile(r"\d{4,}")


def network(summary: Path, models: Mapping[str, nn.Module]) -> Markup | None:
    """A table for each model; None where there is none."""
    parts: list[Part] = []
    for found in _summaries(summary):
        parts += _summarised(found)
    if not parts:
        for name, model in models.items():
            parts += _listed(type(model).__name__ if name == "model" else name, model)
    return section("Network", *parts) if parts else None


def _summaries(path: Path) -> list[dict[str, Any]]:
    """One object, a list of them, or one a line; nothing where the file is no summary."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    for whole in ([text], text.splitlines()):
        try:
            found = [json.loads(part) for part in whole if part.strip()]
        except ValueError:
            continue
        flat = [each for part in found for each in (part if isinstance(part, list) else [part])]
        return [each for each in flat if isinstance(each, dict) and "layers" in each]
    return []


def _summarised(found: Mapping[str, Any]) -> list[Part]:
    layers = found["layers"]
    rows = [
        (
            _line(layer.get("line")),
            layer.get("kind", ""),
            tag("code", layer.get("name") or ""),
            tag("code", f"[{', '.join(map(str, layer.get('output') or []))}]"),
            figure(layer["parameters"]) if layer.get("parameters") else "",
            _size(layer["flops"]) if layer.get("flops") else "",
        )
        for layer in layers[:ROWS]
    ]
    parameters = found.get("parameters") or {}
    total = sum(value for value in (parameters.get("trainable"), parameters.get("frozen")) if value)
    head = ("line", "layer", "name", "output", "parameters", "FLOPs")
    foot = ("", "in all", "", "", figure(total), _size(found.get("flops", "")))
    said = _counts(parameters.get("trainable") or 0, parameters.get("frozen") or 0,
                   parameters.get("buffers") or 0)  # fmt: skip
    conditions = "".join(f" {condition}." for condition in found.get("conditions") or [])
    return [
        tag("h3", str(found.get("model", ""))),
        note(said + conditions + _left_out(len(layers))),
        table(head, rows, "ntttnn", foot),
    ]


def _listed(name: str, model: nn.Module) -> list[Part]:
    """Without a summary: the innermost modules with what they hold."""
    leaves = [(path, m) for path, m in model.named_modules() if not any(m.children())]
    rows = [
        (tag("code", path), type(module).__name__, figure(_count(module.parameters())) or "")
        for path, module in leaves[:ROWS]
    ]
    # Which of them train cannot be seen here: steps switch that off and on.
    total, buffers = _count(model.parameters()), _count(model.buffers())
    said = counted(total, "parameter") + (
        f", {counted(buffers, 'number')} in buffers." if buffers else "."
    )
    foot = ("", "in all", figure(total))
    return [
        tag("h3", name),
        note(said + _left_out(len(leaves))),
        table(("name", "layer", "parameters"), rows, "ttn", foot),
    ]


def _counts(trainable: int, frozen: int, buffers: int) -> str:
    parts = [f"{counted(trainable, 'parameter')} to train"]
    if frozen:
        parts.append(f"{frozen:,} frozen")
    if buffers:
        parts.append(f"{counted(buffers, 'number')} in buffers")
    return ", ".join(parts) + "."


def _left_out(count: int) -> str:
    return f" The first {ROWS} of {count:,} layers." if count > ROWS else ""


def _line(number: object) -> Markup | str:
    return tag("a", str(number), href=f"#L{number}") if isinstance(number, int) else ""


def _size(value: object) -> str:
    """A number, or a formula over open sizes as `dlc summary` writes it."""
    if isinstance(value, int):
        return figure(value)
    text = NUMBER.sub(lambda found: f"{int(found[0]):,}", str(value))
    return text.replace("*", "·")


def _count(tensors: Iterable[Any]) -> int:
    return sum(tensor.numel() for tensor in tensors)
