"""A padding row stays zero under a model's `init`, and is set to zero where one would say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from networks import code_of, emitted
from packages import checked, imported, written
from torch import Tensor, nn

PADDED = """
block Inner(width: int, pad: int = 3) {
  input x: token(9)[N, T]
  output y: f32[N, T, width] = x -> Embedding(width, padding_idx=pad, num_embeddings=9)
}

model Direct(width: int = 4, init=ones_) {
  input x: token(9)[N, T]
  layer twice = Embedding(width, padding_idx=2)
  own = x -> Embedding(width, padding_idx=1, init=constant_(3.0))
  output y = (x -> twice) + own + (x -> Embedding(width)) + (x -> twice) -> GRU(3) -> Linear(3)
}

model Within(init=ones_) {
  input x: token(9)[N, T]
  own = x -> Embedding(4, padding_idx=1, init=constant_(3.0))
  output y = (x -> Inner(4)) + own + (x -> Embedding(4, padding_idx=-1)) -> GRU(3) -> Linear(3)
}

model Turns(depth: int = 2, init=ones_) {
  input x: token(9)[N, T]
  h = zeros(N, T, 4)
  for i in range(depth) {
    h = h + (x -> Embedding(4, padding_idx=1))
  }
  output y = h + (x -> EmbeddingBag(4, padding_idx=2))[:, None]
}

model Either(padded: bool = True, init=ones_) {
  input x: token(9)[N, T]
  output y = if padded { x -> Embedding(4, padding_idx=1) } else { x -> Embedding(4) }
}

model Own(init=ones_) {
  input x: token(9)[N, T]
  output y = x -> Embedding(4, padding_idx=1, init=constant_(3.0))
}

model Bag(init=keras) {
  input x: token(9)[N, T]
  output y = x -> EmbeddingBag(4, padding_idx=1) -> Linear(3)
}
"""


def rows(table: nn.Module) -> list[float]:
    """The number that stands in each row of a table."""
    assert isinstance(table.weight, Tensor)
    assert bool((table.weight == table.weight[:, :1]).all())
    return table.weight[:, 0].tolist()


def ones(without: int, filled: float = 1.0) -> list[float]:
    """Nine rows, one of them zeros."""
    return [0.0 if row == without else filled for row in range(9)]


def test_each_embedding_has_its_own_padding_row_wherever_it_stands(tmp_path: Path) -> None:
    module = emitted(PADDED, tmp_path)
    for width in (4, 7):
        direct = module.Direct(width=width)
        assert rows(direct.twice) == ones(2)
        assert rows(direct.embedding1) == ones(1, 3.0)
        assert rows(direct.embedding2) == [1.0] * 9
        assert direct.linear1.weight.unique().tolist() == [1.0]
        assert direct.gru1.weight_hh_l0.unique().tolist() == [1.0]
    within = module.Within()
    found = sorted(rows(each) for each in within.modules() if isinstance(each, nn.Embedding))
    assert found == sorted([ones(3), ones(1, 3.0), ones(8)])
    turns = module.Turns(depth=3)
    assert [rows(each) for each in turns.modules() if isinstance(each, nn.Embedding)] == [
        ones(1)
    ] * 3
    assert rows(turns.embedding1) == ones(2)
    for padded, wanted in ((True, ones(1)), (False, [1.0] * 9)):
        (table,) = (
            each
            for each in module.Either(padded=padded).modules()
            if isinstance(each, nn.Embedding)
        )
        assert rows(table) == wanted
    assert rows(module.Own().embedding1) == ones(1, 3.0)
    bag = module.Bag().embedding1
    assert bag.weight[1].abs().max() == 0 and bag.weight[2:].abs().min() > 0
    assert bag.weight.abs().max() <= 0.05


def test_what_all_layers_have_alike_is_said_once_and_then_the_rows_of_zeros() -> None:
    classes = [each for each in code_of(PADDED).split("\n\n\nclass ") if "self.modules()" in each]
    direct, within, turns, *_ = classes
    for each in classes:
        assert each.count("nn.init.ones_(module.weight)") == 1
    assert "isinstance(module, nn.Embedding | nn.Linear):" in direct
    assert "padding_idx is not None" not in direct
    assert "\n        nn.init.zeros_(self.twice.weight[2])\n" in direct
    assert direct.count("zeros_(") == 2
    assert within.count("padding_idx is not None") == 1
    assert "isinstance(module, nn.Embedding | nn.EmbeddingBag)" in turns


def test_a_module_from_elsewhere_keeps_its_padding_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables_of_test.py").write_text(
        "from torch import nn\n\n\nclass Table(nn.Embedding):\n"
        "    def __init__(self) -> None:\n        super().__init__(9, 4, padding_idx=6)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    text = """
    extern Table = python("tables_of_test:Table") {
      input x: i64[N, T]
      output y: f32[N, T, 4]
    }
    model Net(init=ones_) {
      input x: token(9)[N, T]
      output y = (x -> Table) + (x -> Embedding(4, padding_idx=2)) + (x -> Embedding(4))
    }
    """
    (program,) = (found for found in (checked(text).program,) if found is not None)
    made = compiled(program, Source("net.dl", text), ["tables_of_test"])
    net = imported(written(made, tmp_path), "model").Net()
    tables = [rows(each) for each in net.modules() if isinstance(each, nn.Embedding)]
    assert sorted(tables) == sorted([ones(6), ones(2), [1.0] * 9])
