"""`dlc summary`: what a model is made of, layer by layer, without torch."""

from __future__ import annotations

from typing import Any

from . import ir
from .conditions import joined
from .cost import Cost, costs
from .dims import Dim, dim, text

COLUMNS = ("line", "layer", "output", "parameters", "FLOPs")


def summary(model: ir.TypedModel, file: str) -> dict[str, Any]:
    """The object that `summary --json` prints; open sizes are text."""
    network = model.network
    found = list(costs(network))
    total = sum((cost.flops for cost in found), dim(0))
    return {
        "file": file,
        "model": network.name,
        "parameters": {
            "trainable": sum(cost.parameters for cost in found),
            "frozen": 0,
            "buffers": sum(cost.buffers for cost in found),
        },
        "flops": _plain(total),
        "layers": [_layer(cost) for cost in found],
        "outputs": {
            port.name: {"dtype": value.type.dtype, "shape": list(map(_plain, value.type.shape))}
            for port, value in zip(model.definition.outputs, network.outputs, strict=True)
        },
        "conditions": [str(each) for each in joined(network.guards)],
    }


def trained(program: ir.TypedProgram, file: str) -> list[dict[str, Any]]:
    """The summaries of the models that a spec trains."""
    names: dict[str, None] = {}
    for training in program.trainings:
        if isinstance(training, ir.TypedTraining):
            names[training.training.model] = None
        else:
            names |= dict.fromkeys(each.definition for each in training.training.models)
    return [summary(program.models[name], file) for name in names]


def _plain(size: Dim) -> int | str:
    return text(size) if size.value is None else size.value


def _layer(cost: Cost) -> dict[str, Any]:
    step = cost.step
    return {
        "name": cost.path,
        "kind": cost.kind,
        "line": step.span.line,
        "inputs": [list(map(_plain, value.type.shape)) for value in step.reads],
        "output": list(map(_plain, step.outputs[0].type.shape)),
        "parameters": cost.parameters,
        "flops": _plain(cost.flops),
    }


def table(found: dict[str, Any]) -> str:
    """The summary as a table for people."""
    rows = [
        (
            str(layer["line"]),
            layer["kind"] + (f" ({layer['name']})" if layer["name"] else ""),
            f"[{', '.join(map(str, layer['output']))}]",
            f"{layer['parameters']:,}" if layer["parameters"] else "",
            _number(layer["flops"]),
        )
        for layer in found["layers"]
    ]
    widths = [max(len(row[i]) for row in (COLUMNS, *rows)) for i in range(len(COLUMNS))]
    lines = [f"{found['model']} ({found['file']})", _row(COLUMNS, widths)]
    lines.append("-" * len(lines[1]))
    lines += [_row(row, widths) for row in rows]
    lines.append("")
    parameters = found["parameters"]
    lines.append(f"parameters: {parameters['trainable']:,} trainable")
    if parameters["buffers"]:
        lines.append(f"buffers: {parameters['buffers']:,} numbers")
    lines.append(f"FLOPs, forward: {_number(found['flops'])}")
    lines += [f"condition: {condition}" for condition in found["conditions"]]
    return "\n".join(lines)


def _number(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    left = (0, 1, 2)
    parts = [
        cell.ljust(width) if index in left else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()
