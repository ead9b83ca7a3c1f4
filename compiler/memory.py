"""How much memory a training step takes: weights, gradients, optimizer, and kept activations.

Activations are what autograd keeps between the forward and the backward pass: each tensor once,
however many layers keep it, and however many views of it there are. What the loss keeps, buffers
of kernels at work, and what the allocator rounds up come on top.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import ir
from .dims import Dim, dim
from .layers.kept import CONSTANT, Kept, has_gradient, kept, operated, plain, size
from .plan.network import ordered


def activations(network: ir.Network, inputs_have_gradients: bool = False) -> Dim:
    """The bytes that autograd keeps of a forward pass in training; open sizes stay open."""
    tape = _Tape()
    for value in network.inputs:
        tape.enter(value, inputs_have_gradients and has_gradient(value.type))
    tape.walk(network)
    return tape.total()


@dataclass(slots=True)
class _Tape:
    """What is kept so far. Values that share their numbers have one root."""

    roots: dict[int, int] = field(default_factory=dict)
    gradients: dict[int, bool] = field(default_factory=dict)
    sizes: list[Dim] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    besides: Dim = field(default_factory=lambda: dim(0))

    def total(self) -> Dim:
        """All bytes kept."""
        return sum((self.sizes[root] for root in sorted(self.kept)), self.besides)

    def enter(self, value: ir.Value, gradient: bool, bytes: Dim | None = None) -> None:
        """A tensor of its own."""
        self.roots[id(value)] = len(self.sizes)
        self.gradients[id(value)] = gradient
        self.sizes.append(size(value.type) if bytes is None else bytes)

    def same(self, value: ir.Value, other: ir.Value) -> None:
        """A tensor that shares its numbers with another."""
        self.roots[id(value)] = self.roots[id(other)]
        self.gradients[id(value)] = self.gradients[id(other)]

    def walk(self, network: ir.Network) -> None:
        """Every step of a body whose inputs have entered, in the order of the emitted code."""
        for step in ordered(network):
            self._step(step)

    def _step(self, step: ir.TypedStep) -> None:
        match step:
            case ir.LayerStep():
                self._call(step)
            case ir.ArithmeticStep():
                found = [self.gradients[id(value)] for value in step.reads]
                self._keep(step, operated(step.operator, found), any(found))
            case ir.BlockStep():
                for inside, outside in zip(step.body.inputs, step.inputs, strict=False):
                    self.same(inside, outside)
                for value in step.body.inputs[len(step.inputs) :]:
                    self.enter(value, False)
                self.walk(step.body)
                for outside, inside in zip(step.outputs, step.body.outputs, strict=True):
                    self.same(outside, inside)
            case ir.LoopStep():
                self._turns(step)
            case ir.StateStep(kind="buffer", output=output) if size(output.type).value is None:
                self.enter(output, False)
            case ir.StateStep() | ir.ReadStep():
                # Weights and buffers are there anyway.
                self.enter(
                    step.output, isinstance(step, ir.ReadStep) or step.kind == "weight", dim(0)
                )

    def _call(self, step: ir.LayerStep) -> None:
        types = [value.type for value in step.reads]
        found = [self.gradients[id(value)] for value in step.reads]
        arguments = step.known
        weighted = bool(step.layer.weights(step.types, step.output.type, arguments))
        made = [value.type for value in step.outputs]
        rule = kept(step.layer.name, types, found, made, arguments, weighted)
        constant = plain(step.layer.name) in CONSTANT
        self._keep(step, rule, (weighted or any(found)) and not constant)

    def _keep(self, step: ir.LayerStep | ir.ArithmeticStep, rule: Kept, gradient: bool) -> None:
        for value in step.outputs:
            if rule.view and step.reads:
                self.same(value, step.reads[0])
                self.gradients[id(value)] = gradient
            else:
                self.enter(value, gradient and has_gradient(value.type))
        if not gradient or not any(has_gradient(value.type) for value in step.outputs):
            return
        self.kept |= {self.roots[id(step.reads[place])] for place in rule.reads}
        self.kept |= {self.roots[id(step.outputs[place])] for place in rule.made}
        self.besides = self.besides + rule.besides

    def _turns(self, step: ir.LoopStep) -> None:
        """One turn is walked; what it keeps of its own, all turns keep."""
        first, before, besides = len(self.sizes), set(self.kept), self.besides
        for _, inside, _ in step.carried:
            self.enter(inside, has_gradient(inside.type))
        for each in step.steps:
            self._step(each)
        for place in range(first, len(self.sizes)):
            self.sizes[place] = self._of_all(self.sizes[place], step)
        self.besides = besides + self._of_all(self.besides - besides, step)
        for _, inside, after in step.carried:
            # What one turn makes is what the next one reads.
            if self.roots[id(inside)] in self.kept - before:
                self.kept.discard(self.roots[id(inside)])
                self.kept.add(self.roots[id(after)])
        values = [after for _, _, after in step.carried] + [value for _, value in step.gathered]
        for made, value in zip(step.outputs, values, strict=True):
            self.same(made, value)

    def _of_all(self, bytes: Dim, step: ir.LoopStep) -> Dim:
        return bytes.substitute({step.turn: step.count}) * step.count
