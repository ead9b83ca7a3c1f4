"""Pages about layers and functions: what they say of the example is what torch makes of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest
import torch
from commands import dlc
from dlc.compiler import ir
from dlc.compiler.catalog.losses import LOSSES
from dlc.compiler.explain import LISTS, explain, known_words, nearest_word
from dlc.compiler.explain.examples import example
from dlc.compiler.explain.layers import families, shown_example, step_of
from dlc.compiler.layers import LAYERS
from dlc.compiler.pipeline import check
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.source import Source
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

PAGED = [name for name in LAYERS if name not in LOSSES]


def page(word: str) -> str:
    """The page about a word, which there must be."""
    found = explain(word)
    assert found is not None
    return found


def flat(text: str) -> str:
    """A page on one line."""
    return re.sub(r"\s+", " ", text)


@cache
def every_example() -> tuple[ir.TypedProgram, str, ModuleType]:
    """The examples of all layers as the models of one file: checked, emitted and imported."""
    texts = (example(each).replace("Net", f"Net{i}", 1) for i, each in enumerate(LAYERS.values()))
    found = check(Source("examples.dl", "".join(texts)))
    assert found.program is not None, [each.message for each in found.diagnostics]
    emitted = compiled(found.program, found.source).files["model.py"]
    module = ModuleType("explained_models")
    sys.modules[module.__name__] = module
    exec(emitted, module.__dict__)
    return found.program, emitted, module


def run(name: str) -> tuple[nn.Module, Any, ir.Network]:
    """The example of a layer in torch: its module, and what that gives for two records."""
    program, _, module = every_example()
    place = [*LAYERS].index(name)
    network = program.models[f"Net{place}"].network
    net = getattr(module, f"Net{place}")()
    return net, net(*map(drawn, network.inputs)), network


def drawn(value: ir.Value) -> Tensor:
    """Numbers for an input, whole ones within their range."""
    shape = [size.evaluate({"N": 2}) for size in value.type.shape]
    if value.type.dtype == "i64":
        return torch.randint(1, value.type.tokens or 15, shape)
    return torch.rand(shape)


@pytest.mark.parametrize("name", PAGED)
def test_the_example_of_a_layer_runs_in_torch_and_gives_the_type_of_its_page(name: str) -> None:
    torch.manual_seed(0)
    _, found, network = run(name)
    (output,) = network.outputs
    if isinstance(found, PackedSequence):
        assert output.type.packed
        return
    assert list(found.shape) == [size.evaluate({"N": 2}) for size in output.type.shape]
    step, _ = step_of(LAYERS[name])
    said = flat(page(name))
    for value in (*step.reads, *step.outputs):
        assert str(value.type) in said


@pytest.mark.parametrize("name", PAGED)
def test_a_page_names_weights_and_buffers_as_torch_does(name: str) -> None:
    net, _, _ = run(name)
    said = flat(page(name))
    holds = {"weights": dict(net.named_parameters()), "buffers": dict(net.named_buffers())}
    # What stands before a layer may have weights too: its own are below its attribute.
    own = f"{step_of(LAYERS[name])[0].attribute}."
    for kind, tensors in holds.items():
        found = re.search(rf"Its {kind} there: (.*?)\. (?:`init|Its|It takes)", said)
        shown = re.findall(r"([\w.]+) \[([\d, ]*)\]", found[1]) if found else []
        assert {key: [int(each) for each in sizes.split(",") if each] for key, sizes in shown} == {
            key.removeprefix(own): list(tensor.shape)
            for key, tensor in tensors.items()
            if key.startswith(own)
        }
    count = sum(each.numel() for key, each in net.named_parameters() if key.startswith(own))
    assert (f"It takes {count:,} parameters and" in said) is bool(count)


@pytest.mark.parametrize("name", PAGED)
def test_the_pytorch_of_a_page_is_what_is_emitted(name: str) -> None:
    _, emitted, _ = every_example()
    place = [*LAYERS].index(name)
    made = emitted.split(f"class Net{place}(")[1].split("\nclass ")[0]
    said = page(name).split("In PyTorch:\n")[1].split("\n\n")[0]
    lines = [line.strip() for line in said.split("\n")]
    assert lines
    # Long lines are broken as the formatter would; what is left without spaces is the same.
    bare = re.sub(r"\s|,(?=\s*\))", "", made)
    for line in lines:
        if line.startswith("raise "):  # it names the spec's file
            continue
        code = re.sub(r"\s|,(?=\s*\))", "", line.partition("  # ")[0]).removesuffix(",")
        assert code in bare, line


def test_a_layer_and_its_function_name_each_other() -> None:
    assert "As a function it is `conv2d`" in page("Conv2d")
    assert "As a layer it is `Conv2d`" in page("conv2d")
    assert "As a layer it is `LeakyReLU`" in page("leaky_relu")
    assert " it is `" not in page("LSTM")


def test_the_arguments_of_a_call_have_their_own_list() -> None:
    said = page("MultiheadAttention")
    called = said.split("Arguments of a call")[1].split("\n\n")[0]
    assert "    need_weights: True or False; True if left out" in called
    assert "attn_mask" in called
    assert "num_heads" not in called
    assert "Arguments of a call" not in page("Linear")


def test_what_an_example_needs_before_it_is_shown() -> None:
    assert shown_example(LAYERS["max_unpool2d"]).split("\n") == [
        "pooled, indices = image -> max_pool2d(2, return_indices=True)",
        "(pooled, indices) -> max_unpool2d(2)",
    ]
    assert shown_example(LAYERS["LSTM"]) == "y, (h, c) = sequence -> LSTM(64)"
    assert shown_example(LAYERS["relu"]) == LAYERS["relu"].example


def test_several_inputs_and_tensor_arguments_are_told() -> None:
    assert "There bool[N, 784] and f32[N, 784] become f32[N, 784]." in page("where")
    attention = flat(page("MultiheadAttention"))
    assert "It takes the query, the key and the value, in this order." in attention
    assert "embed_dim, kdim and vdim are read off what flows in" in attention
    assert "It gives f32[N, 100]." in page("randn")


def listed() -> Iterator[str]:
    """Every name on the page of all layers."""
    for line in page("layers").split("\n"):
        if line.startswith("    "):
            yield from (each.strip() for each in line.split(",") if each.strip())


def test_the_page_of_all_layers_has_each_once_in_its_family() -> None:
    assert sorted(listed()) == sorted(LAYERS)
    assert [*families()["`LSTM`, `GRU` and `RNN`: layers over time, batch first"]] == [
        "LSTM",
        "GRU",
        "RNN",
    ]


@pytest.mark.parametrize("word", sorted({*LISTS} - {"layers"}))
def test_a_page_of_a_kind_lists_words_that_have_pages(word: str) -> None:
    names = [line.split()[0] for line in page(word).split("\n")[2:]]
    assert names
    assert {*names} <= known_words()


@pytest.mark.parametrize(
    ("word", "near"), [("Conv2D", "Conv2d"), ("maxpool2d", "MaxPool2d"), ("layer", "layers")]
)
def test_near_words_are_offered(word: str, near: str) -> None:
    assert nearest_word(word) == near
    said = dlc("explain", word)
    assert said.code == 2
    assert f"did you mean `{near}`?" in said.err
