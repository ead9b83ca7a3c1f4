"""The zoo's networks of images: published sizes, and the same networks as references of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
import torch
from dlc.compiler.summary import summary
from torch import Tensor, nn
from zoo_agreement import (
    Changes,
    agrees,
    built,
    counts,
    executed,
    models,
    published,
    starts_alike,
)

# Where each number is published: torchvision's table of weights ("num_params") for most; for the
# Mixer the checkpoint `mixer_b16_224`, 59.9 million in the paper; for the U-Nets the PyTorch
# program that most tutorials follow (3 channels, 2 classes, transposed convolutions). Those of
# LeNet-5 are the sum that each course does on the board: 156 + 2,416 + 48,120 + 10,164 + 850.
MEMBERS = {
    "lenet5": 61_706,
    "vgg16": 138_357_544,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "densenet121": 7_978_856,
    "mobilenet_v2": 3_504_872,
    "efficientnet_b0": 5_288_548,
    "convnext_tiny": 28_589_128,
    "vit_b_16": 86_567_656,
    "mixer_b_16": 59_880_472,
    "unet": 31_037_698,
    "unet_odd": 31_037_698,
}

# The same specs with other hyperparameters are other published networks: ResNet-34, ResNet-101,
# VGG-19, DenseNet-169, EfficientNet-B1 and -B2, ConvNeXt-S and -B and ViT-L/16 of torchvision,
# Mixer-L/16 (208.2 million in the paper, here in full), and the U-Net of one class.
RELATIVES: list[tuple[str, Changes, int]] = [
    ("resnet18", {"[2, 2, 2, 2]": "[3, 4, 6, 3]"}, 21_797_672),
    ("resnet50", {"[3, 4, 6, 3]": "[3, 4, 23, 3]"}, 44_549_160),
    ("vgg16", {"[2, 2, 3, 3, 3]": "[2, 2, 4, 4, 4]"}, 143_667_240),
    ("densenet121", {"[6, 12, 24, 16]": "[6, 12, 32, 32]"}, 14_149_480),
    ("efficientnet_b0", {"deep: float = 1.0": "deep: float = 1.1"}, 7_794_184),
    (
        "efficientnet_b0",
        {"wide: float = 1.0": "wide: float = 1.1", "deep: float = 1.0": "deep: float = 1.2"},
        9_109_994,
    ),
    ("convnext_tiny", {"[3, 3, 9, 3]": "[3, 3, 27, 3]"}, 50_223_688),
    (
        "convnext_tiny",
        {"[3, 3, 9, 3]": "[3, 3, 27, 3]", "width: int = 96": "width: int = 128"},
        88_591_464,
    ),
    (
        "vit_b_16",
        {
            "width: int = 768": "width: int = 1024",
            "depth: int = 12": "depth: int = 24",
            "heads: int = 12": "heads: int = 16",
        },
        304_326_632,
    ),
    (
        "mixer_b_16",
        {"width: int = 768": "width: int = 1024", "depth: int = 12": "depth: int = 24"},
        208_196_168,
    ),
    ("unet", {"classes: int = 2": "classes: int = 1"}, 31_037_633),
]


@dataclass(frozen=True)
class Small:
    """A network that runs in a moment: the model, the spec's defaults, the reference's."""

    model: str
    image: tuple[int, ...]
    changes: Changes = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Tensor]:
        """One small batch."""
        return [torch.randn(self.image, generator=torch.Generator().manual_seed(0))]


FEW = {"classes: int = 1000": "classes: int = 7"}
PATCHES = FEW | {"size: int = 224": "size: int = 24", "patch: int = 16": "patch: int = 8"}
PATCHES |= {"width: int = 768": "width: int = 12", "depth: int = 12": "depth: int = 2"}
SEEN = {"size": 24, "patch": 8, "width": 12, "depth": 2, "classes": 7}
SMALL = {
    "lenet5": Small("LeNet5", (3, 1, 32, 32)),
    "vgg16": Small(
        "VGG",
        (2, 3, 37, 33),
        FEW | {"hidden: int = 4096": "hidden: int = 16", "[2, 2, 3, 3, 3]": "[1, 1, 2, 1, 1]"},
        {"classes": 7, "hidden": 16, "depths": (1, 1, 2, 1, 1)},
    ),
    "resnet18": Small(
        "ResNet",
        (2, 3, 33, 38),
        FEW | {"[2, 2, 2, 2]": "[2, 1, 2, 1]"},
        {"classes": 7, "depths": (2, 1, 2, 1)},
    ),
    "resnet50": Small(
        "ResNet",
        (2, 3, 33, 38),
        FEW | {"[3, 4, 6, 3]": "[2, 1, 2, 1]"},
        {"classes": 7, "depths": (2, 1, 2, 1)},
    ),
    "densenet121": Small(
        "DenseNet",
        (2, 3, 37, 46),
        FEW | {"[6, 12, 24, 16]": "[2, 3, 1]", "growth: int = 32": "growth: int = 4"},
        {"classes": 7, "depths": (2, 3, 1), "growth": 4},
    ),
    "mobilenet_v2": Small(
        "MobileNetV2",
        (3, 3, 39, 64),
        FEW | {"width: float = 1.0": "width: float = 0.35"},
        {"classes": 7, "width": 0.35},
    ),
    "efficientnet_b0": Small(
        "EfficientNet",
        (3, 3, 39, 64),
        FEW | {"wide: float = 1.0": "wide: float = 0.35", "deep: float = 1.0": "deep: float = 0.6"},
        {"classes": 7, "wide": 0.35, "deep": 0.6},
    ),
    "convnext_tiny": Small(
        "ConvNeXt",
        (3, 3, 39, 64),
        FEW | {"width: int = 96": "width: int = 4", "[3, 3, 9, 3]": "[2, 1, 3]"},
        {"classes": 7, "width": 4, "depths": (2, 1, 3)},
    ),
    "vit_b_16": Small(
        "ViT",
        (2, 3, 24, 24),
        PATCHES | {"heads: int = 12": "heads: int = 3"},
        SEEN | {"heads": 3},
    ),
    "mixer_b_16": Small("MlpMixer", (2, 3, 24, 24), PATCHES, SEEN),
    "unet": Small("UNet", (2, 3, 32, 48), {"width: int = 64": "width: int = 4"}, {"width": 4}),
    "unet_odd": Small("UNet", (2, 3, 37, 51), {"width: int = 64": "width: int = 4"}, {"width": 4}),
}


def reference(stem: str, **arguments: Any) -> nn.Module:
    """The same network by hand."""
    made: nn.Module = getattr(import_module(f"references.{stem}"), SMALL[stem].model)(**arguments)
    return made


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_has_as_many_parameters_as_published(stem: str) -> None:
    published(stem, MEMBERS[stem])
    with torch.device("meta"):
        by_hand = reference(stem)
    assert sum(each.numel() for each in by_hand.parameters()) == MEMBERS[stem]


@pytest.mark.parametrize(("stem", "changes", "count"), RELATIVES, ids=lambda each: str(each)[:12])
def test_other_hyperparameters_are_other_published_networks(
    stem: str, changes: Changes, count: int
) -> None:
    assert counts(stem, changes) == (count, count)


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_agrees_with_its_reference(stem: str) -> None:
    small = SMALL[stem]
    agrees(stem, reference(stem, **small.arguments), small.inputs, changes=small.changes)


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_starts_from_weights_as_published(stem: str) -> None:
    small = SMALL[stem]
    starts_alike(stem, reference(stem, **small.arguments), small.inputs, small.changes)


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_learns(stem: str) -> None:
    executed(stem, SMALL[stem].inputs, SMALL[stem].changes)


@pytest.mark.parametrize("stem", MEMBERS)
def test_at_full_size_scores_have_the_shape_of_the_summary(stem: str) -> None:
    (network,) = (each.network for each in models(stem).values())
    sizes = {"N": 2, "H": 64, "W": 48}
    (image,) = ([size.evaluate(sizes) for size in each.type.shape] for each in network.inputs)
    with torch.device("meta"):
        scores = built(stem).eval()(torch.empty(image))
    ((_, said),) = summary(next(iter(models(stem).values())), stem)["outputs"].items()
    assert list(scores.shape) == [sizes.get(each, each) for each in said["shape"]]


@pytest.mark.parametrize("stem", MEMBERS)
def test_what_a_network_asks_of_its_open_sizes_is_derived(stem: str) -> None:
    asked = {
        "vgg16": ["H >= 32", "W >= 32"],
        "densenet121": ["H >= 29", "W >= 29"],
        "convnext_tiny": ["H >= 32", "W >= 32"],
        "unet": ["H % 16 == 0", "W % 16 == 0"],
        "unet_odd": ["H >= 16", "W >= 16"],
    }
    (model,) = models(stem).values()
    assert summary(model, stem)["conditions"] == asked.get(stem, [])


@pytest.mark.parametrize(
    ("stem", "size", "fits"),
    [
        ("vgg16", 31, 32),
        ("densenet121", 28, 29),
        ("convnext_tiny", 31, 32),
        ("unet", 24, 32),
        ("unet_odd", 15, 16),
    ],
)
def test_a_picture_that_does_not_fit_is_refused_and_the_next_one_is_taken(
    stem: str, size: int, fits: int
) -> None:
    with torch.device("meta"):
        model = built(stem).eval()
        assert len(model(torch.empty(2, 3, fits, fits))) == 2
        with pytest.raises((ValueError, RuntimeError)):
            model(torch.empty(2, 3, size, size))
