"""The parameters of a network by their paths: what is frozen, and which group updates what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import ir
from ..diagnostics import Diagnostic, Report
from ..errors import parts as errors
from ..errors import trainings as trainings_errors
from ..layers.record import Shape
from ..source import Span

Level = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter; each level of its path has an attribute, and a layer or block of a kind."""

    path: tuple[Level, ...]
    shape: Shape
    span: Span

    @property
    def name(self) -> str:
        """Its path as torch writes it, below the model."""
        return ".".join(level[0] for level in self.path)


def weights(network: ir.Network) -> list[Weight]:
    """Every parameter of a network, a shared one once."""
    return list({each.name: each for each in _weights(network.steps, ())}.values())


def _weights(steps: Sequence[ir.TypedStep], above: tuple[Level, ...]) -> Iterator[Weight]:
    for step in steps:
        match step:
            case ir.LayerStep(layer=layer, attribute=attribute) if attribute:
                given = layer.weights(step.types, step.output.type, step.known)
                for name, shape in given.items():
                    yield Weight((*above, (attribute, layer.name), (name,)), shape, step.span)
            case ir.BlockStep(attribute=attribute, block=block, body=body):
                yield from _weights(body.steps, (*above, (attribute, block)))
            case ir.LoopStep(steps=inner):
                yield from _weights(inner, above)
            case ir.StateStep(kind="weight", attribute=attribute, output=output):
                yield Weight((*above, (attribute,)), output.type.shape, step.span)


def _holds(part: ir.Part, weight: Weight) -> bool:
    """Whether a weight belongs to a part: one from the root, or one of a kind at any depth."""
    length = len(part.path)
    for start in range(len(weight.path) - length + 1):
        levels = weight.path[start : start + length]
        from_here = start == 0 or part.path[0] in levels[0][1:]
        if from_here and all(map(_is_level, part.path, levels)):
            return True
    return False


def _is_level(name: str, level: Level) -> bool:
    return name in level


def frozen(
    parts: Iterable[ir.Part], networks: Mapping[str, ir.Network], owner: str, report: Report
) -> dict[str, ir.Part] | None:
    """What each part holds fast, by path; None after a report.

    `networks` are the models by name; of a training in steps a path begins with the model's.
    """
    every = _every(networks)
    found: dict[str, ir.Part] = {}
    for part in parts:
        held = [each for each in every if _holds(part, each)]
        if not held:
            report(_unknown(part, every, owner))
            return None
        if all(each.name in found for each in held):
            text = part.span.text
            why = f"`{text}` is frozen already"
            other = found[held[0].name].span
            together = trainings_errors.no_effect_together
            report(together(part.span, why, other, "with this", f"leave `{text}` out"))
            return None
        found |= {each.name: part for each in held if each.name not in found}
    return found


def learns(network: ir.Network, prefix: str, held: Mapping[str, ir.Part], report: Report) -> bool:
    """Whether something of a model that is trained is left to learn."""
    names = [prefix + each.name for each in weights(network)]
    if names and all(name in held for name in names):
        report(errors.nothing_learns(held[names[0]].span, prefix.rstrip(".") or network.name))
        return False
    return True


def grouped(
    groups: Sequence[ir.Group],
    network: ir.Network,
    held: Mapping[str, ir.Part],
    report: Report,
) -> None:
    """Report parameters in no group of an optimizer, and those in two."""
    every = weights(network)
    first: dict[str, Span] = {}
    for group in groups:
        for part in group.parts:
            mine = [each for each in every if _holds(part, each)]
            if not mine:
                report(_unknown(part, every, network.name))
                return
            for each in mine:
                place = first.get(each.name)
                fast = held.get(each.name)
                if place is not None or fast is not None:
                    other = place if place is not None else fast.span if fast else None
                    report(
                        errors.groups_apart(part.span, each.span, each.name, other, place is None)
                    )
                    return
                first[each.name] = part.span
    for each in every:
        if each.name not in first and each.name not in held:
            span = groups[0].span + groups[-1].span
            report(errors.groups_apart(span, each.span, each.name, None, False))
            return


def _every(networks: Mapping[str, ir.Network]) -> list[Weight]:
    """The parameters of all models; a model without a name is the only one."""
    found = []
    for name, network in networks.items():
        level = ((name, network.name),) if name else ()
        found += [Weight((*level, *each.path), each.shape, each.span) for each in weights(network)]
    return found


def _unknown(part: ir.Part, every: Sequence[Weight], owner: str) -> Diagnostic:
    known = dict.fromkeys(each.path[0][0] for each in every)
    known |= dict.fromkeys(name for each in every for level in each.path for name in level[1:])
    return errors.part_unknown(part.span, part.span.text, owner, list(known))
