"""Tensors of a model's own in its constructor: parameters and buffers."""

from __future__ import annotations

from .. import ir
from .calls import dtype
from .initial import of_tensor
from .network import write
from .text import call, quote
from .writing import Writing


def own_state(step: ir.StateStep, attribute: str, taken: frozenset[str]) -> list[str]:
    """The statements that make a `weight` or a `buffer`; `taken` are the constructor's names."""
    given = step.output.type
    lines: list[str] = []
    kind = {} if given.dtype == "f32" else {"dtype": dtype(given.dtype)}
    sizes = [quote(size) for size in given.shape]
    value = step.value
    after: list[str] = []
    if isinstance(value, ir.Network):
        lines, start = _computed(value, taken)
    elif isinstance(value, ir.Initial):
        start = call("torch.empty", sizes or ["()"], kind)
        after = [of_tensor(value, f"self.{attribute}")]
    elif not sizes:
        start = call("torch.tensor", [quote(float(value))], kind)
    elif value in (0, 1):
        start = call("torch.ones" if value else "torch.zeros", sizes, kind)
    else:
        shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
        start = call("torch.full", [shape, quote(float(value))], kind)
    if step.kind == "weight":
        return [*lines, f"self.{attribute} = nn.Parameter({start})", *after]
    return [*lines, f'self.register_buffer("{attribute}", {start}, persistent=False)']


def _computed(network: ir.Network, taken: frozenset[str]) -> tuple[list[str], str]:
    """The statements before the last one of an expression, and that one's right side."""
    writing = Writing(device="", taken=taken)
    (output,) = network.outputs
    write(network, writing, {id(output): "value"}, returns=False)
    *before, last = [line.code for line in writing.lines]
    return before, last.partition(" = ")[2]
