"""The parameters of a network by their paths: what is frozen, and which group updates what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .. import ir
from ..diagnostics import Diagnostic, Report
from ..errors import parts as errors
from ..errors import trainings as trainings_errors
from ..parts import Weight, reach, weights
from ..source import Span

__all__ = ["frozen", "grouped", "learns", "weights"]


def frozen(
    parts: Iterable[ir.Part], networks: Mapping[str, ir.Network], owner: str, report: Report
) -> dict[str, ir.Part] | None:
    """What each part holds fast, by path; None after a report.

    `networks` are the models by name; of a training in steps a path begins with the model's.
    """
    every = _every(networks)
    found: dict[str, ir.Part] = {}
    for part in parts:
        held = [each for each in every if reach(part, each.path)]
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
            mine = [each for each in every if reach(part, each.path)]
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
