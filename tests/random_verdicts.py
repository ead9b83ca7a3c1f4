"""`dlc` held against torch: what it says of a spec, and what torch makes of it.

`judged` computes one spec both ways at several bindings. A disagreement is a `Failure`; a spec
that `dlc` refuses though torch runs it is none where `STRICTER` has the reason.
"""

from __future__ import annotations

import re
import types
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import random_text
import random_tree as tree
import torch
from dlc.compiler import ir
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.pipeline import check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from random_computed import Computed, computed, inputs_of
from random_draft import leaves
from random_layers import DTYPES, Fault, Unsure, fill
from torch import nn

# Why `dlc` may refuse what torch runs: a code, words of its message or label, and the promise.
STRICTER: tuple[tuple[str, str, str], ...] = (
    (
        "D0201",
        "is the batch|the batch (would|has)|mix the records|values a record|records",
        "the batch is rigid",
    ),
    ("D0420", "from record to record", "the batch comes first"),
    ("D0201", r"takes [a-z0-9]+\[N", "the rank is a batch's; torch also takes a single record"),
    (
        "D0208",
        "both sides would grow|are different sizes",
        "an operator lets one side grow, not both",
    ),
    ("D0201", "feature map", "features of a map stand on its first axis: permute or flatten it"),
    ("D0201", "a single value|divides by the number", "what would give a constant is refused"),
    ("D0203", "over a single unit", "what would give a constant is refused"),
    ("D0201", "only 1 can be dropped", "squeeze names an axis of one"),
    ("D0202", r"cannot take (class|token)", "a label or a token is no number"),
    (
        "D0205",
        "open until data arrives",
        "what a weight is made of is known when the model is built",
    ),
    ("D0216", "must be known", "what a network is made of is known when it is built"),
    ("D0214", "below 1", "a size is at least 1"),
    ("D0121", "0 or above", "a count is at least 0"),
    ("D0305", "positional argument", "inplace, out, dtype and device are left out"),
    ("D0304", "", "inplace, out, dtype and device are left out"),
    ("D0307", "needs", "what torch has no default for is written, in code that is not run too"),
    ("D0308", "", "an argument is of its own kind: True is no number, a share is below 1"),
    ("D0306", "twice", "names are known in code that is not run too"),
    ("D0302", "declared twice", "a name is declared once"),
    ("D0301", "unknown", "names are known in code that is not run too"),
    ("D0309", "size", "sizes are whole numbers"),
    ("D0309", "no value for", "True and False are no numbers"),
    ("D0215", "a tensor is wanted", "a size is no tensor"),
    ("D0123", "open until data come", "what a network is made of is known when it is built"),
    ("D0202", "condition of bool", "a condition is bool"),
    ("D0223", "several results", "an output is one value"),
    ("D0226", "`...`", "`...` stands once in an index"),
)


class Failure(AssertionError):
    """The two disagree."""


@dataclass(frozen=True)
class Verdict:
    """`kind`: "agreed", "rejected" (torch refuses too), "stricter" (`why` says it) or "unsure"."""

    kind: str
    why: str = ""
    bindings: int = 0


def judged(
    spec: tree.Spec,
    bindings: Sequence[Mapping[str, int]],
    smaller: Sequence[Mapping[str, int]] = (),
) -> Verdict:
    """One spec by both; raises `Failure`.

    What is refused must fail in torch at the `bindings`; at `smaller` ones torch may fail where the
    conditions that `dlc` found are not met, and only there.
    """
    text = random_text.written(spec)
    bindings, smaller = opened(spec, bindings), opened(spec, smaller)
    try:
        found = check(Source("net.dl", text))
    except Exception as why:
        raise Failure(f"dlc crashed: {type(why).__name__}: {why}\n{text}") from why
    if found.program is None:
        errors = [each for each in found.diagnostics if each.severity == "error"]
        return refused(spec, text, errors, bindings)
    network = found.program.models[spec.model.name].network
    try:
        code = compiled(found.program, found.source).files["model.py"]
    except Exception as why:
        raise Failure(f"dlc crashed: {type(why).__name__}: {why}\n{text}") from why
    return accepted(spec, text, network, code, (*bindings, *smaller))


def opened(spec: tree.Spec, bindings: Sequence[Mapping[str, int]]) -> list[Mapping[str, int]]:
    """The bindings, with a size for names that a mutation made sizes of an input."""
    found = tree.nodes(tuple(each.type.shape for each in spec.model.inputs))
    names = sorted({each.name for each in found if isinstance(each, tree.Name)})
    return [
        {**{name: 6 + 5 * place + where for where, name in enumerate(names)}, **sizes}
        for place, sizes in enumerate(bindings)
    ]


def refused(
    spec: tree.Spec, text: str, errors: Sequence[Diagnostic], bindings: Sequence[Mapping[str, int]]
) -> Verdict:
    """What `dlc` refuses: torch refuses it at some binding, or it is one network for each."""
    states = set()
    try:
        for sizes in bindings:
            found = computed(spec, sizes)
            states.add(found.states)
            if found.is_empty:
                return Verdict("rejected", errors[0].code)
        computed(spec, bindings[0], training=True)
    except Fault:
        return Verdict("rejected", errors[0].code)
    except Unsure:
        return Verdict("unsure")
    if len(states) > 1:
        return Verdict("rejected", errors[0].code)
    reasons = [reason(each) for each in errors]
    for why, each in zip(reasons, errors, strict=True):
        if not why:
            said = f"{each.code} {each.message}: {each.label} {each.notes}"
            raise Failure(f"torch runs what dlc refuses: {said}\n{text}")
    return Verdict("stricter", reasons[0])


def reason(diagnostic: Diagnostic) -> str:
    """The promise of the language by which this is refused; "" where there is none."""
    said = " ".join((diagnostic.message, diagnostic.label or "", *diagnostic.notes))
    for code, words, why in STRICTER:
        if diagnostic.code == code and re.search(words, said):
            return why
    return ""


def accepted(
    spec: tree.Spec,
    text: str,
    network: ir.Network,
    code: str,
    bindings: Iterable[Mapping[str, int]],
) -> Verdict:
    """What `dlc` accepts: at each binding the two agree, and what is emitted runs."""
    module = types.ModuleType("emitted")
    try:
        exec(compile(code, "model.py", "exec"), module.__dict__)
        net: nn.Module = getattr(module, spec.model.name)()
    except Exception as why:
        raise Failure(f"emitted code does not load: {why}\n{text}\n{code}") from why
    fill(net)
    met = 0
    for sizes in bindings:
        try:
            met += agrees(spec, network, net.eval(), sizes)
        except Unsure:
            return Verdict("unsure")
        except Failure as why:
            raise Failure(f"{why}\nat {dict(sizes)}\n{text}\n{code}") from why
    return Verdict("agreed", bindings=met)


def agrees(spec: tree.Spec, network: ir.Network, net: nn.Module, sizes: Mapping[str, int]) -> bool:
    """Whether the conditions are met here; raises `Failure` where torch says otherwise."""
    met = all(holds(guard.condition, sizes) for guard in network.guards)
    try:
        expected = computed(spec, sizes)
    except Fault as why:
        if met:
            raise Failure(f"dlc accepts what torch refuses: {why}") from why
        refuses(net, spec, sizes)
        return False
    if not met:
        if not expected.is_empty:
            said = [
                str(each.condition) for each in network.guards if not holds(each.condition, sizes)
            ]
            raise Failure(f"a condition refuses what torch runs: {said}")
        return False
    if expected.is_empty:
        raise Failure("dlc accepts what is empty in torch")
    shapes = [tuple(s.evaluate(sizes) for s in value.type.shape) for value in network.outputs]
    dtypes = [DTYPES.get(value.type.dtype) for value in network.outputs]
    inferred = list(zip(shapes, dtypes, strict=True))
    if inferred != described(expected.outputs):
        raise Failure(f"inferred {inferred}, and torch: {described(expected.outputs)}")
    runs(spec, net, sizes, expected)
    return True


def described(tensors: Iterable[torch.Tensor]) -> list[tuple[tuple[int, ...], torch.dtype]]:
    return [(tuple(each.shape), each.dtype) for each in tensors]


def holds(condition: Any, sizes: Mapping[str, int]) -> bool:
    """Whether a condition is met by these numbers."""
    left, right = condition.left.evaluate(sizes), condition.right.evaluate(sizes)
    match condition.operator:
        case "==":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case ">=":
            return bool(left >= right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case "<":
            return bool(left < right)
    raise AssertionError(condition)


def refuses(net: nn.Module, spec: tree.Spec, sizes: Mapping[str, int]) -> None:
    """Where a condition is not met the emitted network says so, and says nothing else."""
    try:
        net(*inputs_of(spec, sizes))
    except ValueError as why:
        if "net.dl:" in str(why):
            return
        raise Failure(f"emitted code fails without saying where: {why}") from why
    except Exception as why:
        raise Failure(f"emitted code fails without saying where: {why}") from why
    raise Failure("emitted code runs where a condition is not met")


def runs(spec: tree.Spec, net: nn.Module, sizes: Mapping[str, int], expected: Computed) -> None:
    """The emitted network has the same weights and gives the same values; gradients flow."""
    made = sorted(tuple(each.shape) for each in net.parameters())
    if made != sorted(expected.states):
        raise Failure(f"emitted weights {made}, and torch: {sorted(expected.states)}")
    tensors = leaf_inputs(spec, sizes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outputs = tuple(leaves(net(*tensors)))
    except Exception as why:
        raise Failure(f"emitted code does not run: {type(why).__name__}: {why}") from why
    if described(outputs) != described(expected.outputs):
        raise Failure(f"emitted code gives {described(outputs)}")
    if not expected.is_random:
        try:
            torch.testing.assert_close(
                outputs, expected.outputs, rtol=1e-3, atol=1e-3, equal_nan=True
            )
        except AssertionError as why:
            raise Failure(f"emitted code gives other values: {why}") from why
    if not has_gradients(outputs):
        again = computed(spec, sizes, tensors=leaf_inputs(spec, sizes))
        if has_gradients(again.outputs):
            raise Failure("gradients flow in torch, and not in emitted code")


def leaf_inputs(spec: tree.Spec, sizes: Mapping[str, int]) -> list[torch.Tensor]:
    """Inputs that gradients are asked of."""
    tensors = inputs_of(spec, sizes)
    return [each.requires_grad_(each.is_floating_point()) for each in tensors]


def has_gradients(outputs: Sequence[torch.Tensor]) -> bool:
    """Whether torch differentiates this; not all that it computes can be."""
    tracked = [each.sum() for each in outputs if each.requires_grad]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if tracked:
                sum(tracked).backward()  # type: ignore[union-attr]
    except (RuntimeError, NotImplementedError):
        return False
    return True
