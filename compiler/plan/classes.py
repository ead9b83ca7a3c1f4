"""Which class a model is: one for all its hyperparameters, or one for what it is made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .. import ir, opened
from .names import variable
from .text import call, quote

# The program that is planned: a training knows its network, and not the classes of the others.
PROGRAM: ContextVar[ir.TypedProgram] = ContextVar("PROGRAM")


@dataclass(frozen=True, slots=True)
class Variant:
    """A class of a model: its name, and the network that it is written from."""

    name: str
    model: str
    network: ir.Network


def variants(program: ir.TypedProgram) -> list[Variant]:
    """Every class that the models of a program need, in the order of the spec."""
    found: list[Variant] = []
    for model, network in _wanted(program):
        if suits(found, model, network) is not None:
            continue
        known = [each for each in found if each.model == model]
        name, count = variable(model), len(known) + 1
        taken = {variable(each) for each in program.models} | {each.name for each in found}
        while known and name in taken:
            name, count = variable(f"{model}{count}"), count + 1
        found.append(Variant(name, model, program.whole.model(model, network) or network))
    return found


def _wanted(program: ir.TypedProgram) -> Iterator[tuple[str, ir.Network]]:
    """Models as they are trained; with their defaults where nothing trains them."""
    trained = list(_trained(program))
    for name, model in program.models.items():
        own = [(other, network) for other, network in trained if other == name]
        yield from own or [(name, model.network)]


def _trained(program: ir.TypedProgram) -> Iterator[tuple[str, ir.Network]]:
    for training in program.trainings:
        match training:
            case ir.TypedTraining(training=node, network=network):
                yield node.model, network
            case ir.TypedStepped(training=steps, models=models):
                yield from ((each.definition, models[each.name]) for each in steps.models)


def suits(found: list[Variant], model: str, network: ir.Network) -> Variant | None:
    """The class that is this network for its hyperparameters."""
    for each in found:
        values = each.network.hyperparameters
        if each.model == model and all(
            opened.is_open(value) or value == network.hyperparameters[name]
            for name, value in values.items()
        ):
            return each
    return None


def variant(model: str, network: ir.Network) -> Variant:
    """The class of a model that is trained with these hyperparameters."""
    program = PROGRAM.get()
    found = suits(variants(program), model, network)
    return found or Variant(variable(model), model, network)


def class_name(model: str, network: ir.Network) -> str:
    """What the class of a model with these hyperparameters is called."""
    return variant(model, network).name


def made(model: str, network: ir.Network, stated: Mapping[str, Any]) -> str:
    """`Cnn(width=8)`: a model as its class makes it, with what the spec states."""
    found = variant(model, network)
    named = {
        opened.safe(name): quote(network.hyperparameters[name])
        for name in stated
        if opened.is_open(found.network.hyperparameters[name])
    }
    return call(found.name, named=named)
