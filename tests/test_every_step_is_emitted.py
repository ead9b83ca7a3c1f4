"""A node without emission cannot exist: each kind stands in a spec that compiles and runs.

A new class in one of the unions fails here until it has a case of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
import torch
from dlc.compiler import ir
from dlc.compiler.pipeline import check
from dlc.compiler.record import Record
from dlc.compiler.source import Source, Span
from other_values import code_of, module_of, program_of
from torch import Tensor

# Statements on `h`, which starts as `x: f32[N, T, 4]` and ends as the output.
BODIES: dict[type, str] = {
    # What a typed network consists of.
    ir.LayerStep: "h = h -> Linear(3)",
    ir.ArithmeticStep: "h = 2 * h - x",
    ir.BlockStep: "h = h -> Block(3)",
    ir.StateStep: "weight s: f32[4] = 0.5\nbuffer b: f32[4] = ones(4)\nh = h * s + b",
    ir.ReadStep: "layer f = Linear(4)\nh = h -> f\nh = h @ f.weight.T",
    ir.LoopStep: "layer f = Linear(4)\nfor t in range(T) { h = tanh(f(h)) }",
    ir.Choice: "h = if deep { h -> Linear(3) -> tanh } else { h -> Linear(3) }",
    ir.Turns: "for i in range(depth) { h = h -> Linear(i + 2) -> tanh }",
    ir.ListStep: "kept = []\nfor i in range(depth) { kept.append(h) }\nh = kept.pop() + h",
    # Expressions of a body whose names are known.
    ir.Literal: "h = h + 1",
    ir.Local: "g = h\nh = g",
    ir.Operation: "h = h -> Linear(2 * depth)",
    ir.Several: "h = cat([h, x], -1)",
    ir.Apply: "h = relu(h)",
    ir.Use: "h = h -> Block(5)",
    ir.Index: "h = h[:, None, ..., 1:]",
    ir.Sizes: "h = h -> Linear(x.shape[2] + 1)",
    ir.Conditional: "c = if deep { 2 } else { 3 }\nh = h -> Linear(c)",
    ir.Repeat: "h = h -> repeat(depth) { Linear(4) }",
    ir.Named: "h = h -> Acting(tanh)",
    ir.Call: "h = h -> Linear(max(depth, 3))",
    ir.Shared: "layer f = Linear(4)\nh = f(f(h))",
    ir.Pop: "kept = [h, x]\nh = kept.pop() + kept.pop()",
    ir.Parameter: "layer f = Linear(4)\nh = f(h) + f.bias",
    # Statements.
    ir.Bind: "g = h + 1\nh = g",
    ir.Unpack: "a, b = chunk(h, 2, -1)\nh = a * b",
    ir.Require: 'require depth > 0, "some depth"',
    ir.Declare: "layer f = Linear(4) -> tanh\nh = h -> f",
    ir.State: "weight s: f32[4] = normal_(std=0.5)\nh = h * s",
    ir.Append: "kept = []\nkept.append(h)\nkept.append(x)\nh = stack(kept, 1)",
    ir.If: "if deep { h = h -> Linear(3) } else if depth == 2 { h = h * 2 }",
    ir.For: "for w in [3, 2] { h = h -> Linear(w) }",
}
# What no resolved program without a fault has: the first stands where a fault was reported, the
# second where `shapes` has evaluated something.
NEVER = {ir.Faulty, ir.Evaluated}
UNIONS = {
    "typed steps": get_args(ir.TypedStep),
    "expressions": get_args(ir.Expression),
    "statements": get_args(ir.Statement),
}
SPEC = """
block Block(out: int) {{
  input x: f32[..., D]
  output y: f32[..., out] = x -> Linear(out) -> relu
}}
block Acting(act: op = relu) = Linear(3) -> act
model Net(depth: int = 2, deep: bool = True) {{
  input x: f32[N, T, 4]
  h = x
{body}
  output y = h
}}
"""
X = torch.randn(2, 3, 4, dtype=torch.float64)


def spec(body: str) -> str:
    return SPEC.format(body="\n".join(f"  {line}" for line in body.split("\n")))


def nodes(node: Any) -> Iterator[type]:
    """The classes of everything within a node, steps of loops and bodies of blocks too."""
    if isinstance(node, Span | Source):
        return
    if isinstance(node, Record):
        yield type(node)
        for field in type(node)._fields:
            yield from nodes(getattr(node, field))
    elif isinstance(node, Mapping):
        yield from nodes(tuple(node.values()))
    elif isinstance(node, tuple):
        for each in node:
            yield from nodes(each)


def met(text: str) -> set[type]:
    """The classes in a program: as its names are resolved, as typed, and as it is emitted."""
    program = program_of(text)
    own = program.program.definitions["Net"]
    found = {*nodes(own.body), *nodes(program.models["Net"].network.steps)}
    whole = program.whole.model("Net")
    return found if whole is None else found | {*nodes(whole.steps)}


def module(text: str) -> Any:
    return module_of(code_of(program_of(text)))


@pytest.mark.parametrize("union", UNIONS)
def test_every_node_has_a_case(union: str) -> None:
    assert {*UNIONS[union]} - NEVER <= BODIES.keys()


def test_every_case_is_of_a_node_that_there_is() -> None:
    every = {each for union in UNIONS.values() for each in union}
    assert BODIES.keys() == every - NEVER


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_node_is_met_and_what_is_emitted_for_it_runs(kind: type) -> None:
    text = spec(BODIES[kind])
    assert kind in met(text)
    torch.manual_seed(0)
    with torch.no_grad():
        made = module(text).Net().double()
        found = made(X)
    assert isinstance(found, Tensor) and bool(found.isfinite().all())
    # What is computed depends on what flows in.
    with torch.no_grad():
        assert not torch.equal(made(2 * X + 1), found)


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_node_is_emitted_in_a_block_too(kind: type) -> None:
    inside = spec(BODIES[kind]).replace("model Net(", "block Inner(")
    outside = "model Net {\n  input x: f32[N, T, 4]\n  output y = x -> Inner(deep=True)\n}\n"
    torch.manual_seed(0)
    alone = module(spec(BODIES[kind])).Net().double()
    torch.manual_seed(0)
    within = module(inside + outside).Net().double()
    states = [list(each.state_dict().values()) for each in (alone, within)]
    assert [each.shape for each in states[0]] == [each.shape for each in states[1]]
    with torch.no_grad():
        torch.testing.assert_close(within(X), alone(X))


def test_a_program_with_a_fault_is_not_emitted() -> None:
    found = check(Source("net.dl", spec("h = h -> Linear(wideness)")))
    assert found.program is None


def test_what_is_met_is_told_by_its_class() -> None:
    assert ir.Turns not in met(spec("h = h -> Linear(3)"))
    assert ir.Choice not in met(spec("h = h -> Linear(3)"))
