"""Specs read in tests, and one that has the whole syntax."""

from __future__ import annotations

from collections.abc import Iterator

from dlc.compiler import tree
from dlc.compiler.diagnostics import Diagnostic, to_text
from dlc.compiler.parse import parse
from dlc.compiler.source import Source

EVERYTHING = """
# head
from "blocks.dl" import Residual, Wide
param lr = 1e-3
function eights(v: float) = max(8, int(v + 4) // 8 * 8)
data digits from mnist() {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
  split = random(train=0.9, seed=0)
}
block Pair(out: int, act: op = relu,) = Linear(out) -> act
model Net(depths: list = [2, 2], wide=True) {
  input  x: f32[N, ..., 2 * K]
  input  bias: f32 = 0.0
  output y: f32[N, 1]
  output z
  output q = x
  layer  proj = Linear(4) -> tanh
  weight w: f32[4] = ones(4)
  buffer m: bool[T, T] = ones(T, T) -> tril
  require D % heads == 0, "heads must divide D"
  require D > 0
  for i, (d, e) in enumerate(depths) { skips.append(h) }
  if wide and not a or b { h = x } else if x.shape[1] in [1, 2] { h = y } else {}
  a, (b, _) = x -> LSTM(64)(h0, flag=None) -> repeat(3) { Linear(4) } -> (f)
  c = if a < b <= 3 != d { -x ** 2 } else if e { +1 } else { ~x }
  s = x[:, 1:2, ::-1, ..., None, a] @ y.T
  t = (1,)
  u = (1, "two", 3.0,)
  v = [] + [[1]]
}
extern Old(n: int) = python("package.module:Old") { input x: f32[N] output y: f32[N] }
train G = Net(wide=False), Net on digits {
  loss = cross_entropy(y, label)
  step D updates D, E every 2 { loss = 1 }
  copy T = G ema 0.995
}
predict draw { output p = G(z) }
expect {
  predict(x=7).y within 0.5 of 14
  train.D.loss > 0.2 + 1
}
sweep {
  lr in log(1e-4, 1e-1)
  maximize validation.accuracy
  minimize test.loss
  trials = 30
}
# bye
"""


def read(text: str) -> tree.Spec:
    """The tree of a text in which nothing is wrong."""
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", text), found.append)
    assert spec is not None and not found, "\n".join(map(to_text, found))
    return spec


def faults(text: str) -> list[Diagnostic]:
    """What is said about a text that is wrong."""
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", text), found.append)
    assert (spec is None) == bool(found)
    return found


def expression(text: str) -> tree.Expression:
    (param,) = read(f"param p = {text}").declarations
    assert isinstance(param, tree.Param)
    return param.value


def nodes(value: object) -> Iterator[tree.Node]:
    """A node and all below it, in order."""
    if isinstance(value, tree.Node):
        yield value
        for name in type(value).__match_args__[1:]:
            yield from nodes(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from nodes(item)
