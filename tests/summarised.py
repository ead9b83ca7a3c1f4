"""Models for the tests of summaries: checked, and emitted as modules."""

from __future__ import annotations

import sys
from types import ModuleType

from dlc.compiler import ir
from dlc.compiler.pipeline import compile as compiled
from packages import checked

BLOCKS = """
block Residual(width: int) {
  input  x: f32[N, D]
  output y = x + (x -> Linear(width) -> relu)
}
model Net {
  input x: f32[N, 4]
  layer shared = Linear(4)
  h = x -> shared -> shared -> repeat(3) { Residual(4) }
  output y = h -> repeat(2) { Linear(8) -> relu }
}
"""
RECURRENT = """
model Net {
  input x: f32[N, T, 8]
  layer inner = Linear(16, bias=False)
  layer outer = Linear(16, bias=False)
  h = zeros(N, 16)
  states = []
  for t in range(T) {
    h = tanh((x[:, t] -> inner) + (h -> outer))
    states.append(h)
  }
  output y = stack(states, 1)
}
"""


def model_of(text: str, wanted: str = "Net") -> tuple[ir.TypedModel, ModuleType]:
    """A model of a spec, and the emitted module."""
    found = checked(text)
    assert found.program is not None, [each.message for each in found.diagnostics]
    module = ModuleType("summarised_model")
    sys.modules[module.__name__] = module
    exec(compiled(found.program, found.source).files["model.py"], module.__dict__)
    return found.program.models[wanted], module
