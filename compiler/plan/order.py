"""Several trainings: a file for each, and a `train.py` that runs them one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .. import ir
from ..splits import folds
from .names import imported, instance, variable
from .text import call, quote
from .trainfile import import_lines, main_lines, run_imports

Training = ir.TypedTraining | ir.TypedStepped

LONGEST = 60  # letters of a training's name, which is that of a file


@dataclass(frozen=True, slots=True)
class Part:
    """One of several trainings: its name, and the models that those before it have made.

    `held` are those of them whose weights a training before may have held fast.
    """

    name: str
    given: frozenset[str]
    held: frozenset[str]

    @property
    def module(self) -> str:
        """The module that trains it."""
        return f"train_{self.name}"


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What the template of a `train.py` sees that runs several trainings."""

    title: str
    summary: str
    imports: tuple[str, ...]
    modules: str
    steps: tuple[tuple[str, ...], ...]
    returned: str
    main: tuple[str, ...] = tuple(main_lines(()))
    template: str = "train_in_order.py.j2"


def trained(training: Training) -> dict[str, str]:
    """The models of a training by their names there, and the definition of each."""
    if isinstance(training, ir.TypedTraining):
        return {training.training.name: training.training.model}
    return {each.name: each.definition for each in training.training.models}


def copied(training: Training) -> dict[str, str]:
    """The copies of a training by their names, and the definition of each."""
    if isinstance(training, ir.TypedTraining):
        return {}
    models = trained(training)
    return {each.name: models[each.original] for each in training.training.copies}


def called(trainings: Iterable[Training]) -> dict[str, str]:
    """All models and copies by the names of the trainings, and the definition of each."""
    found: dict[str, str] = {}
    for training in trainings:
        found |= trained(training) | copied(training)
    return found


def keys(names: Iterable[str]) -> dict[str, str]:
    """What the weights of models go by in checkpoints, by the names of the spec."""
    found: dict[str, str] = {}
    for name in names:
        # Optimizers lie beside them, under names of their own.
        apart = f"model_{name}" if name.startswith("optimizer") else name
        found[name] = variable(apart, set(found.values()))
    return found


def variables(models: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """A variable for each model: unlike the others, the classes, and what is `taken`."""
    others = {*taken, *map(variable, models.values())}
    found: dict[str, str] = {}
    for name, definition in models.items():
        held = instance(name, definition)
        while held in others:
            held += "_"
        others.add(held)
        found[name] = held
    return found


def in_order(trainings: Iterable[Training]) -> list[Part]:
    """The trainings by name, each with what it goes on from."""
    of_all = list(trainings)
    plain = [short("_".join(trained(each))) for each in of_all]
    on_data = [
        short(f"{name}_on_{each.data.data.name}") if plain.count(name) > 1 else name
        for name, each in zip(plain, of_all, strict=True)
    ]
    found: list[Part] = []
    given: set[str] = set()
    held: set[str] = set()
    names: set[str] = set()
    for training, name in zip(of_all, on_data, strict=True):
        number, unlike = 1, name
        while unlike in names:
            number += 1
            unlike = f"{name}_{number}"
        names.add(unlike)
        own = set(trained(training))
        found.append(Part(unlike, frozenset(given & own), frozenset(held & own)))
        given = (given | own) - set(copied(training))
        held = (held - own) | (own if _holds(training) else set())
    return found


def short(name: str) -> str:
    """A name for a file: no two differ in the size of letters alone."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()[:LONGEST].strip("_") or "models"


def _holds(training: Training) -> bool:
    """Whether a training leaves weights behind that get no gradient."""
    options = training.training.options
    return len(trained(training)) > 1 or bool(options.get("freeze"))


def order_file(
    trainings: Iterable[Training], found: Iterable[Part], title: str, names: Mapping[str, str]
) -> OrderFile:
    """Everything that such a `train.py` holds; `names` are the variables of data blocks."""
    of_all = list(zip(trainings, found, strict=True))
    modules = [part.module for _, part in of_all]
    held = variables(called(each for each, _ in of_all), {*modules, *names.values()})
    steps = tuple(_step(training, part, held) for training, part in of_all)
    mapping = ", ".join(f"{quote(name)}: {variable}" for name, variable in held.items())
    told = [f"{', '.join(trained(each))} on {each.data.data.name}" for each, _ in of_all]
    return OrderFile(
        title,
        f"Train {', then '.join(told)}.",
        import_lines({**run_imports(), "torch.nn": {"Module"}}, ()),
        imported({".": set(modules)})[0],
        steps,
        f"{{{mapping}}}",
    )


def _step(training: Training, part: Part, held: Mapping[str, str]) -> tuple[str, ...]:
    """The statements that run one training."""
    begin = f"run.begin({quote(part.name)})"
    given = [held[name] for name in trained(training) if name in part.given]
    made = ", ".join(held[name] for name in new_in(training, part))
    run = call(f"{part.module}.train", ["run", *given], before=f"{made} = " if made else "")
    if folds(training.data.data) is None:
        return (begin, run)
    over = call("run.folds", [f"{part.module}.FOLDS", *given])
    return (begin, f"for _ in {over}:\n    {run}")


def new_in(training: Training, part: Part) -> list[str]:
    """The models and copies that a training makes."""
    return [*(name for name in trained(training) if name not in part.given), *copied(training)]
