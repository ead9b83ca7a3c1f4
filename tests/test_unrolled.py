"""A network for all hyperparameters is held against each use: any difference is noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dlc.compiler import ir
from dlc.compiler.dims import dim
from dlc.compiler.record import replaced
from dlc.compiler.unrolled import Unlike, same
from other_values import program_of

SPEC = """
block Wide(out: int) = Linear(out) -> tanh
model Net(depth: int = 3, width: int = 4, deep: bool = True) {
  input x: f32[N, 4]
  layer f = Linear(4, init=zeros_)
  weight s: f32[4] = 0.5
  h = f(x) * s
  h = f(h) + x
  kept = []
  for i in range(depth) {
    kept.append(h)
    h = h -> Wide(width) -> Dropout(0.5)
  }
  h = if deep { h -> LayerNorm } else { h }
  h = cat([h, kept.pop()], 1) - 1
  output y = h -> Linear(2, bias=deep)
}
"""
PROGRAM = program_of(SPEC)
CONCRETE = PROGRAM.models["Net"].network
WHOLE = PROGRAM.whole.model("Net")
Change = Callable[[ir.Network], ir.Network]


def compared(concrete: ir.Network) -> Any:
    assert WHOLE is not None
    return same(WHOLE, concrete, {})


def at(network: ir.Network, kind: type, place: int = 0) -> int:
    """Where the n-th step of a kind stands."""
    return [n for n, step in enumerate(network.steps) if isinstance(step, kind)][place]


def changed(sort: type, place: int = 0, /, **fields: Any) -> Change:
    """A step with other fields; a function makes one of what it was."""

    def change(network: ir.Network) -> ir.Network:
        where = at(network, sort, place)
        step = network.steps[where]
        new = {k: v(getattr(step, k)) if callable(v) else v for k, v in fields.items()}
        steps = (*network.steps[:where], replaced(step, **new), *network.steps[where + 1 :])
        return replaced(network, steps=steps)

    return change


def without(kind: type, place: int) -> Change:
    def change(network: ir.Network) -> ir.Network:
        where = at(network, kind, place)
        return replaced(network, steps=network.steps[:where] + network.steps[where + 1 :])

    return change


def with_arguments(**values: Any) -> Callable[[Any], Any]:
    return lambda arguments: {**arguments, **values}


def swapped(network: ir.Network) -> ir.Network:
    first, second = at(network, ir.BlockStep, 0), at(network, ir.BlockStep, 1)
    steps = list(network.steps)
    steps[first], steps[second] = steps[second], steps[first]
    return replaced(network, steps=tuple(steps))


def one_more(network: ir.Network) -> ir.Network:
    return replaced(network, steps=(*network.steps, network.steps[-1]))


def other_output(network: ir.Network) -> ir.Network:
    return replaced(network, outputs=network.inputs)


def last_input(network: ir.Network) -> ir.Network:
    return changed(ir.BlockStep, 1, inputs=network.inputs)(network)


def resized(body: ir.Network) -> ir.Network:
    return replaced(body, sizes={**body.sizes, "C": dim(9)})


TAMPERED: dict[str, Change] = {
    "another argument": changed(ir.LayerStep, -1, arguments=with_arguments(bias=False)),
    "another rate": changed(ir.LayerStep, 2, arguments=with_arguments(p=0.25)),
    "another size": changed(ir.LayerStep, -1, inferred=with_arguments(in_features=dim(9))),
    "another size of a block": changed(ir.BlockStep, 0, arguments=with_arguments(out=5)),
    "another input's size of a block": changed(ir.BlockStep, 0, body=resized),
    "another block": changed(ir.BlockStep, 0, block="Other"),
    "another operator": changed(ir.ArithmeticStep, 0, operator="+"),
    "another number": changed(ir.ArithmeticStep, -1, operands=lambda found: (found[0], 2)),
    "another wire": last_input,
    "another order": swapped,
    "a missing step": without(ir.BlockStep, 1),
    "a missing last step": without(ir.LayerStep, -1),
    "a step more": one_more,
    "another init": changed(ir.LayerStep, 0, init=ir.Initial("ones_", {})),
    "no init": changed(ir.LayerStep, 0, init=None),
    "an init of the whole": lambda network: replaced(network, init=ir.Initial("ones_", {})),
    "another start of a weight": changed(ir.StateStep, 0, value=0.25),
    "a buffer for a weight": changed(ir.StateStep, 0, kind="buffer"),
    "a shared layer of its own": changed(ir.LayerStep, 1, attribute="other"),
    "one layer for two": changed(ir.BlockStep, 1, attribute=lambda found: "wide1"),
    "another output": other_output,
    "an output more": lambda network: replaced(network, outputs=network.outputs * 2),
    "an input more": lambda network: replaced(network, inputs=network.inputs * 2),
    "another default": lambda network: replaced(network, defaults={"x": 1.0}),
    "another depth": lambda network: replaced(
        network, hyperparameters={**network.hyperparameters, "depth": 2}
    ),
    "another branch": lambda network: replaced(
        network, hyperparameters={**network.hyperparameters, "deep": False}
    ),
}  # fmt: skip


def test_a_network_is_like_its_own_use_and_says_where_each_layer_stands() -> None:
    places = compared(CONCRETE)
    layers = [s for s in CONCRETE.steps if isinstance(s, ir.LayerStep | ir.BlockStep)]
    assert {*places} == {step.attribute for step in layers if step.attribute} | {"s"}
    blocks = [places[s.attribute] for s in CONCRETE.steps if isinstance(s, ir.BlockStep)]
    assert [turns for _, turns in blocks] == [(0,), (1,), (2,)]
    assert len({attribute for attribute, _ in blocks}) == 1


@pytest.mark.parametrize("name", TAMPERED)
def test_a_network_is_unlike_one_with(name: str) -> None:
    tampered = TAMPERED[name](CONCRETE)
    with pytest.raises(Unlike):
        compared(tampered)


@pytest.mark.parametrize("values", [{"depth": 1}, {"depth": 5, "width": 7}, {"deep": False}])
def test_a_network_is_like_uses_with_other_hyperparameters(values: dict[str, Any]) -> None:
    text = SPEC
    for name, value in values.items():
        kind = type(value).__name__
        default = {"depth": "3", "width": "4", "deep": "True"}[name]
        text = text.replace(f"{name}: {kind} = {default}", f"{name}: {kind} = {value}")
    assert text != SPEC
    other = program_of(text).models["Net"].network
    assert WHOLE is not None
    assert same(WHOLE, other, {})


GROWING = """
model Net(depth: int = 3) {
  input x: f32[N, 4]
  h = x
  c = 3
  for i in range(depth) {
    if i > 0 { c = c + 2 }
    h = h -> Linear(c)
  }
  output y = h
}
"""


@pytest.mark.parametrize("branch", [1, 2])
def test_a_number_that_a_branch_changes_otherwise_is_noticed(branch: int) -> None:
    program = program_of(GROWING)
    whole, concrete = program.whole.model("Net"), program.models["Net"].network
    assert whole is not None and same(whole, concrete, {})
    (loop,) = whole.steps
    assert isinstance(loop, ir.Turns)
    choice, *rest = loop.steps
    assert isinstance(choice, ir.Choice) and len(choice.sizes) == 1
    ((word, *values),) = choice.sizes
    values[branch - 1] = values[branch - 1] + 1
    steps = (replaced(choice, sizes=((word, *values),)), *rest)
    with pytest.raises(Unlike):
        same(replaced(whole, steps=(replaced(loop, steps=steps),)), concrete, {})


def test_what_is_to_blame_is_named_where_a_value_has_no_form() -> None:
    network = replaced(CONCRETE, hyperparameters={"width": 4, "deep": True})
    with pytest.raises(Unlike) as why:
        compared(network)
    assert "depth" in why.value.names
