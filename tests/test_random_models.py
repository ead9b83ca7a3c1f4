"""Random whole models against torch, a sample of what tests/benchmarks/many_models.py runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import pytest
import random_faults
import random_models
import random_text
import random_tree as tree
import random_verdicts
import torch
from dlc.compiler import ir
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.dims import dim, name
from dlc.compiler.layers.record import Condition
from dlc.compiler.pipeline import check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.record import replaced
from dlc.compiler.source import Source
from random_computed import computed
from random_layers import Fault
from random_models import BINDINGS
from random_runs import SMALLER, judged
from random_torch import Machine
from random_verdicts import STRICTER, Failure, Verdict, accepted, reason, refused
from random_view import call, on
from torch import nn

PORTIONS = [range(start, start + 25) for start in range(0, 125, 25)]
SPECS = [random_models.model(seed) for seed in range(200)]


@pytest.mark.parametrize("seeds", PORTIONS, ids=str)
def test_random_models_and_their_near_misses_are_to_dlc_what_they_are_to_torch(
    seeds: range,
) -> None:
    right, wrong = judged(seeds, misses=2)
    assert not right.failures + wrong.failures, "\n\n".join(right.failures + wrong.failures)
    assert right.total == len(seeds)
    assert wrong.total == 2 * len(seeds)
    assert right.kinds["agreed"] >= 0.9 * len(seeds)
    # At most of the bindings the conditions are met, so something was compared.
    assert right.bindings >= 3 * right.kinds["agreed"]
    assert wrong.kinds["rejected"] >= 0.3 * wrong.total
    assert wrong.kinds["unsure"] <= 0.1 * wrong.total


# What is drawn


def names(kind: type) -> Counter[str]:
    return Counter(
        each.name for spec in SPECS for each in tree.nodes(spec) if isinstance(each, kind)
    )


def test_a_seed_is_one_model() -> None:
    for seed in (0, 7):
        again = random_models.model(seed)
        assert random_text.written(again) == random_text.written(SPECS[seed])
    assert len({random_text.written(spec) for spec in SPECS}) == len(SPECS)


def test_models_are_drawn_from_many_layers_and_functions() -> None:
    assert len(names(tree.Apply)) > 120


def test_every_kind_of_statement_and_expression_is_drawn() -> None:
    kinds = {type(each) for spec in SPECS for each in tree.nodes(spec)}
    every = {*get_args(tree.Expr), *get_args(tree.Statement)}
    assert every <= kinds


def test_most_models_have_an_open_size_besides_the_batch() -> None:
    def opened(spec: tree.Spec) -> bool:
        sizes = [size for port in spec.model.inputs for size in port.type.shape[1:]]
        return any(isinstance(size, tree.Name) for size in sizes)

    assert sum(map(opened, SPECS)) > len(SPECS) / 3


def test_a_third_of_the_models_use_blocks() -> None:
    assert sum(len(spec.definitions) > 1 for spec in SPECS) > len(SPECS) / 3


def test_no_two_sizes_that_are_open_are_equal_at_all_bindings() -> None:
    rows = {key: tuple(sizes[key] for sizes in BINDINGS) for key in BINDINGS[0]}
    assert len({*rows.values()}) == len(rows)
    # Sizes computed of a growing one grow, and the batch does not.
    assert rows["N"] not in (tuple(sorted(rows["N"])), tuple(sorted(rows["N"], reverse=True)))


def test_every_mutation_is_drawn_and_changes_the_text() -> None:
    kinds: Counter[str] = Counter()
    for seed, spec in enumerate(SPECS * 2):
        kind, mutated = random_faults.mutant(spec, seed)
        assert random_text.written(mutated) != random_text.written(spec)
        kinds[kind] += 1
    assert len(kinds) == 15


# The oracle can fail


def spec_of(*steps: tree.Apply) -> tree.Spec:
    """`input x: f32[N, 3, H, W]`, the steps, `output y`."""
    chain: tree.Expr = tree.Name("x")
    for step in steps:
        chain = on(step, chain)
    shape = (tree.Name("N"), tree.Const(3), tree.Name("H"), tree.Name("W"))
    port = tree.Input("x", tree.TypeOf("f32", shape))
    return tree.Spec(
        (tree.Definition("model", "Net", (), (port,), (tree.Output("y", None, chain),)),)
    )


POOLED = spec_of(call("Conv2d", 4, 3), call("relu"), call("MaxPool2d", 4))


def judge(
    spec: tree.Spec,
    network: Callable[[ir.Network], ir.Network] = lambda network: network,
    code: Callable[[str], str] = lambda code: code,
) -> Verdict:
    """The verdict on an accepted spec, of which the network or the code was changed before."""
    text = random_text.written(spec)
    found = check(Source("net.dl", text))
    assert found.program is not None
    files = compiled(found.program, found.source).files
    typed = network(found.program.models["Net"].network)
    return accepted(spec, text, typed, code(files["model.py"]), (*BINDINGS, *SMALLER))


def outputs_of(shape: Callable[[Any], Any]) -> Callable[[ir.Network], ir.Network]:
    def change(network: ir.Network) -> ir.Network:
        (value,) = network.outputs
        type = value.type.shaped(*shape(value.type.shape))
        return replaced(network, outputs=(ir.Value(type, value.span),))

    return change


def test_a_right_network_agrees_at_the_bindings_that_meet_its_conditions() -> None:
    verdict = judge(POOLED)
    assert verdict.kind == "agreed"
    assert verdict.bindings == len(BINDINGS)


def test_a_wrong_inferred_shape_is_found() -> None:
    one_more = outputs_of(lambda shape: (*shape[:-1], shape[-1] + 1))
    with pytest.raises(Failure, match="inferred"):
        judge(POOLED, network=one_more)


def test_a_shape_that_is_right_at_some_bindings_only_is_found() -> None:
    rounded = outputs_of(lambda shape: (*shape[:-1], name("W") // 4))
    with pytest.raises(Failure, match="inferred"):
        judge(POOLED, network=rounded)


def test_a_wrong_inferred_dtype_is_found() -> None:
    def change(network: ir.Network) -> ir.Network:
        (value,) = network.outputs
        type = value.type.shaped(*value.type.shape, dtype="f64")
        return replaced(network, outputs=(ir.Value(type, value.span),))

    with pytest.raises(Failure, match="inferred"):
        judge(POOLED, network=change)


def test_a_condition_that_is_missing_is_found() -> None:
    with pytest.raises(Failure, match="accepts what torch refuses"):
        judge(POOLED, network=lambda network: replaced(network, guards=()))


def test_a_condition_too_many_is_found() -> None:
    def change(network: ir.Network) -> ir.Network:
        guard = ir.Guard(network.span, Condition(name("H"), ">=", dim(1000)))
        return replaced(network, guards=(*network.guards, guard))

    with pytest.raises(Failure, match="a condition refuses what torch runs"):
        judge(POOLED, network=change)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("F.relu(", "F.silu(", "not close"),
        ("nn.Conv2d(3, 4", "nn.Conv2d(3, 5", "emitted weights"),
        ("nn.Conv2d(3, 4, kernel_size=3)", "nn.Conv2d(3, 4, kernel_size=3, bias=False)", "weights"),
        ("F.max_pool2d(x, 4)", "F.max_pool2d(x, 3)", "emitted code gives"),
        ("self.conv1(x)", "self.conv2(x)", "does not run"),
        ("class Net", "class Other", "does not load"),
        ("raise ValueError", "print", "without saying where"),
    ],
)
def test_wrong_emitted_code_is_found(old: str, new: str, says: str) -> None:
    def change(code: str) -> str:
        text = code.replace("image", "x")
        assert old in text or old == "self.conv1(x)"
        return text.replace(old, new)

    with pytest.raises(Failure, match=says):
        judge(POOLED, code=change)


def diagnostic(code: str, message: str) -> Diagnostic:
    source = Source("net.dl", random_text.written(POOLED))
    found = check(Source("net.dl", "model Net { output y = z }"))
    return Diagnostic(code, message, found.diagnostics[0].span if source else None)  # type: ignore[arg-type]


def test_refusing_what_torch_runs_is_found() -> None:
    with pytest.raises(Failure, match="torch runs what dlc refuses"):
        refused(POOLED, random_text.written(POOLED), [diagnostic("D0201", "no")], BINDINGS)


def test_refusing_by_a_promise_is_counted_under_it() -> None:
    said = diagnostic("D0201", "axis 0 is the batch")
    verdict = refused(POOLED, random_text.written(POOLED), [said], BINDINGS)
    assert verdict == Verdict("stricter", "the batch is rigid")


def test_refusing_what_torch_refuses_is_right() -> None:
    wrong = spec_of(call("Linear", 4, in_features=7))
    verdict = random_verdicts.judged(wrong, BINDINGS)
    assert verdict.kind == "rejected"


def test_weights_that_differ_from_binding_to_binding_are_no_network_in_torch_either() -> None:
    wrong = spec_of(call("flatten", 1), call("Linear", 4))
    assert len({computed(wrong, sizes).states for sizes in BINDINGS}) == len(BINDINGS)
    assert random_verdicts.judged(wrong, BINDINGS) == Verdict("rejected", "D0205")


def test_a_crash_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(source: Source) -> None:
        raise KeyError(source.path)

    monkeypatch.setattr(random_verdicts, "check", crash)
    with pytest.raises(Failure, match="crashed"):
        random_verdicts.judged(POOLED, BINDINGS)


def test_every_promise_has_a_reason_and_none_hides_another_code() -> None:
    for code, words, why in STRICTER:
        assert why, words
        assert reason(diagnostic("D9999", words)) == ""
        assert code.startswith("D0")


# What torch makes of a tree


def test_the_oracle_computes_what_torch_does() -> None:
    made = computed(spec_of(call("Conv2d", 4, 3, stride=2), call("flatten", 2)), BINDINGS[0])
    conv = nn.Conv2d(3, 4, 3, stride=2)
    assert made.states == tuple(tuple(each.shape) for each in conv.parameters())
    (output,) = made.outputs
    assert output.shape == conv(torch.zeros(5, 3, 19, 26)).flatten(2).shape


def test_a_declared_layer_has_one_set_of_weights() -> None:
    x = tree.Name("x")
    shared = tree.Shared("f", (call("Conv2d", 3, 1), call("relu")))
    twice = tree.Binary("+", on(call("f"), x), on(call("f"), x))
    model = POOLED.model
    body = (shared, tree.Output("y", None, twice))
    spec = tree.Spec((tree.Definition("model", "Net", (), model.inputs, body),))
    assert computed(spec, BINDINGS[0]).states == ((3, 3, 1, 1), (3,))
    assert random_verdicts.judged(spec, BINDINGS).kind == "agreed"


def test_the_oracle_refuses_a_stated_type_that_is_not_met() -> None:
    port = POOLED.model.inputs[0]
    stated = tree.Output("y", tree.TypeOf("f32", port.type.shape[:-1]), tree.Name("x"))
    spec = tree.Spec((tree.Definition("model", "Net", (), (port,), (stated,)),))
    with pytest.raises(Fault):
        computed(spec, BINDINGS[0])


def test_several_results_under_one_name_are_refused() -> None:
    machine = Machine(tree.Spec(()))
    scope: dict[str, Any] = {"x": torch.zeros(2, 4)}
    with pytest.raises(Fault, match="several"):
        machine.execute(tree.Bind("y", on(call("max", 1), tree.Name("x"))), scope)
