"""A value that is read twice is computed once, also where nothing is done to it on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from packages import imported, package, written

SPEC = """\
block Counted(out: int) = Linear(out) -> BatchNorm1d -> relu -> Dropout(0.5)

model Skipped {
  input x: f32[N, 8]
  skips = []
  h = x
  for turn in range(2) {
    h = h -> Counted(8) -> if turn > 5 { tanh } else { Identity }
    skips.append(h)
  }
  output y: f32[N, 16] = cat([h, skips[0]], 1)
}
"""


def test_what_passes_an_identity_and_is_read_twice_is_computed_once(tmp_path: Path) -> None:
    module: Any = imported(written(package(SPEC), tmp_path), "model")
    called: list[type] = []
    model = module.Skipped()
    for each in model.modules():
        each.register_forward_hook(lambda layer, *_: called.append(type(layer)))
    model(torch.randn(4, 8))
    assert called.count(module.Counted) == 2
    norms = [each for each in model.modules() if isinstance(each, torch.nn.BatchNorm1d)]
    assert [int(each.num_batches_tracked) for each in norms] == [1, 1]
