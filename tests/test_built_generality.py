"""A class called with other hyperparameters is the network of a spec that has them as defaults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import other_values
import pytest
import random_built
import random_models
import random_text
import torch
from other_values import Different, Wrong, checked_in, general, named, networks_of, with_defaults
from torch import nn
from zoo_agreement import text

SIZES = {"N": 2, "H": 32, "W": 32, "T": 6, "S": 5}
Values = dict[str, Any]

# A spec's model, small defaults, and what its class is called with.
ZOO: list[tuple[str, str, Values, list[Values]]] = [
    ("bert_base", "BERT", {"vocabulary": 11, "width": 8, "depth": 2, "heads": 2, "longest": 9},
     [{"depth": 3, "width": 12, "heads": 3}, {"vocabulary": 7, "longest": 20}]),
    ("convnext_tiny", "ConvNeXt", {"width": 4, "classes": 5, "depths": [1, 2, 1]},
     [{"depths": (2, 1)}, {"width": 6, "dropped": 0.3}, {"depths": (1, 1, 3, 2)}]),
    ("dcgan", "Generator", {"width": 2}, [{"width": 3, "channels": 1}]),
    ("densenet121", "DenseNet", {"depths": [1, 2], "growth": 4, "classes": 5},
     [{"depths": (2, 1, 2)}, {"growth": 6, "depths": (1,)}]),
    ("dqn", "DQN", {}, [{"actions": 3}]),
    ("ft_transformer", "FTTransformer", {"numbers": 3, "width": 16, "depth": 2},
     [{"numbers": 5, "depth": 1}, {"heads": 2, "width": 6, "outputs": 3}]),
    ("gpt2", "GPT2", {"vocabulary": 11, "width": 8, "depth": 2, "heads": 2, "longest": 9},
     [{"depth": 5, "width": 24, "heads": 3}, {"dropout": 0.3}]),
    ("graph_convolution", "GCN", {"features": 6}, [{"features": 3, "hidden": 5, "classes": 2}]),
    ("lenet5", "LeNet5", {}, [{"classes": 3}]),
    ("matrix_factorization", "Factors", {}, [{"users": 4, "films": 5, "rank": 3}]),
    ("mixer_b_16", "MlpMixer", {"size": 32, "width": 8, "depth": 2},
     [{"size": 64, "patch": 32}, {"width": 12, "depth": 4, "classes": 3}]),
    ("mixture_of_experts", "Mixture", {"width": 6, "experts": 5, "hidden": 7},
     [{"width": 4, "experts": 3, "chosen": 2}]),
    ("mobilenet_v2", "MobileNetV2", {}, [{"width": 0.35, "classes": 3}]),
    ("pinn", "Solution", {}, [{"width": 5, "depth": 3}, {"depth": 0}, {"depth": 1}]),
    ("resnet18", "ResNet", {"depths": [1, 2, 1, 1]}, [{"depths": (3, 4, 6, 3)}, {"classes": 3}]),
    ("t5", "T5", {"vocabulary": 11, "width": 8, "depth": 2, "heads": 2, "size": 3, "hidden": 7},
     [{"depth": 3, "heads": 3}, {"size": 5, "width": 6}]),
    ("text_cnn", "TextCNN", {"vocabulary": 11, "width": 4, "windows": [2, 3, 4], "maps": 3},
     [{"windows": (2, 5)}, {"windows": (1, 2, 3, 4), "maps": 5, "classes": 4}]),
    ("transformer", "Transformer", {"vocabulary": 11, "width": 8, "depth": 2, "hidden": 5},
     [{"depth": 3, "heads": 4}, {"width": 16, "hidden": 4, "vocabulary": 9}]),
    ("two_tower", "TwoTower", {}, [{"width": 5}]),
    ("unet", "UNet", {"depth": 2, "width": 3}, [{"width": 4, "classes": 3, "channels": 1}]),
    ("unet_odd", "UNet", {"depth": 2, "width": 3},
     [{"depth": 1, "width": 4, "classes": 3, "channels": 1}]),
    ("vae", "Encoder", {}, [{"pixels": 5, "hidden": 4, "latent": 3}]),
    ("vgg16", "VGG", {"hidden": 6, "depths": [1, 1, 1, 1, 1]},
     [{"depths": (1, 1, 2, 1, 2), "classes": 3}]),
    ("vit_b_16", "ViT", {"size": 32, "width": 8, "depth": 2, "heads": 2},
     [{"size": 64, "patch": 8}, {"depth": 3, "heads": 4, "classes": 2}]),
    ("wgan_gp", "Critic", {}, [{"width": 4}]),
]  # fmt: skip


@pytest.mark.parametrize(("stem", "model", "small", "others"), ZOO, ids=[each[0] for each in ZOO])
def test_a_class_of_the_zoo_is_its_network_for_other_hyperparameters(
    stem: str, model: str, small: Values, others: list[Values]
) -> None:
    spec = with_defaults(networks_of(text(stem)), model, small)
    for values in others:
        general(spec, model, values, SIZES)


def numbers(spec: Any, random: Random) -> Values:
    """Other hyperparameters for a model of tests/random_models.py."""
    found: Values = {}
    for each in spec.model.parameters:
        match each.kind:
            case "int":
                found[each.name] = random.choice([1, 2, 3, 4, 5, 6, 8])
            case "list":
                entries = range(random.randint(1, 4))
                found[each.name] = tuple(random.choice([1, 2, 3, 4, 6]) for _ in entries)
            case "bool":
                found[each.name] = random.random() < 0.5
    return found


def judged(
    spec: str, values: Mapping[str, Any], counts: Counter[str], sizes: Mapping[str, int]
) -> None:
    """One spec with other values; those that its class is not given are left out."""
    code = other_values.code_of(other_values.program_of(spec))
    taken = other_values.takes(other_values.module_of(code).Net)
    values = {name: value for name, value in values.items() if name in taken}
    counts["taken"] += len(values)
    try:
        other = other_values.program_of(with_defaults(spec, "Net", values))
    except Wrong:
        counts["no network"] += 1
        return
    checked_in(code, other, "Net", values, sizes)
    counts["alike"] += 1


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, 80, 20)], ids=str)
def test_classes_of_random_models_are_their_networks_for_other_hyperparameters(
    seeds: range,
) -> None:
    counts: Counter[str] = Counter()
    for seed in seeds:
        spec = random_models.model(seed)
        if spec.model.parameters and seed not in (52, 74):  # what no check lets pass
            values = numbers(spec, Random(seed))
            judged(random_text.written(spec), values, counts, random_models.BINDINGS[0])
    assert counts["alike"] >= len(seeds) // 2
    assert counts["taken"] >= len(seeds) // 2


@pytest.mark.parametrize("seeds", [range(start, start + 24) for start in range(0, 48, 24)], ids=str)
def test_random_loops_branches_and_lists_of_constructors_are_their_networks(seeds: range) -> None:
    counts: Counter[str] = Counter()
    for seed in seeds:
        texts = random_built.Texts(seed)
        spec = texts.spec()
        try:
            for values in ({}, texts.values()):
                judged(spec, values, counts, {"N": 3})
        except Wrong:
            counts["refused"] += 1
    assert counts["alike"] >= len(seeds)
    assert counts["taken"] >= len(seeds)
    assert counts["refused"] < len(seeds) / 2


# The oracle can fail

SPEC = """
model Net(depth: int = 2, width: int = 4) {
  input x: f32[N, 3]
  output y = x -> repeat(depth) { Linear(width) -> tanh }
}
"""


def test_other_defaults_are_written_where_a_header_has_them() -> None:
    changed = with_defaults(SPEC, "Net", {"width": 7, "depth": 0})
    assert "model Net(depth: int = 0, width: int = 7) {" in changed
    listed = 'model Net(a: list = [1, [2, 3]], mode: str = "b") {\n}\n'
    assert with_defaults(listed, "Net", {"a": (5,), "mode": "c"}) == (
        'model Net(a: list = [5], mode: str = "c") {\n}\n'
    )


def test_a_spec_is_left_with_its_networks() -> None:
    kept = networks_of(
        "data d {\n  x: f32[1] = [1]\n}\nblock B = relu\ntrain N on d { epochs = 1 }\n"
    )
    assert kept == "block B = relu\n"


def test_the_hyperparameters_of_a_class_are_those_of_its_constructor() -> None:
    assert list(named(SPEC, "Net")) == ["depth", "width"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(depth)", "range(2)"),
        ("features = width", "features = 4"),
        ("torch.tanh", "torch.sigmoid"),
        ("nn.Linear(features, width)", "nn.Linear(features, width, bias=False)"),
    ],
)
def test_a_constructor_that_counts_wrong_is_noticed(old: str, new: str) -> None:
    code = other_values.code_of(other_values.program_of(SPEC))
    assert old in code
    values = {"depth": 3, "width": 5}
    other = other_values.program_of(with_defaults(SPEC, "Net", values))
    checked_in(code, other, "Net", values)
    with pytest.raises(Different):
        checked_in(code.replace(old, new), other, "Net", values)


def test_weights_are_paired_in_the_order_of_their_use() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(2, 2, dtype=torch.float64)
            self.second = nn.Linear(2, 2, dtype=torch.float64)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.first(self.second(x))

    inputs = [torch.ones(1, 2, dtype=torch.float64)]
    assert other_values.used(Late(), inputs)[0] == "second.weight"
