"""The zoo's other networks: published sizes, and the same networks as references of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from zoo_agreement import Changes, agrees, counts, executed, models, starts_alike
from zoo_trainings import dropout

# Where each number is published, or how it follows from the paper's sizes; of several networks in
# a spec it is the sum.
MEMBERS = {
    # That of PyTorch's own example, 784-400-20: 330,040 of the encoder, 322,784 of the decoder.
    "vae": 652_824,
    # 3,576,704 and 2,765,568, as of PyTorch's tutorial: figure 1 of the paper with 3 channels.
    "dcgan": 6_342_272,
    # 2-512-512-512-2 and 2-512-512-512-1: 1,536 + 2 * 262,656 each, and 1,026 or 513.
    "wgan_gp": 1_055_235,
    # "35.7 million parameters" in the paper, and all of them in its checkpoints for CIFAR-10.
    "ddpm": 35_746_307,
    # Embeddings 32 * 11,100; 109-1024-512-256-1, 109 = 13 + 3 * 32: 112,640 + 524,800 + 131,328
    # + 257; and one weight for each of 100,000 crosses.
    "wide_deep": 1_224_225,
    # Tokens 192 + 2 * 8 * 192; three layers of attention 148,224, norm 384, 192-512 and 256-192
    # with 98,816 and 49,344; two norms more; and a head of 384 + 193.
    "ft_transformer": 894_913,
    # 101 for each of 943 users and 1,682 films, and a mean.
    "matrix_factorization": 265_126,
    # "about one million" an expert, 2 * 512 * 1024, of which there are 32; 512 * 32 for the gate.
    "mixture_of_experts": 33_570_816,
    # 1,433 * 16 + 16 and 16 * 7 + 7, as for Cora everywhere.
    "graph_convolution": 23_063,
    # 8,224 + 32,832 + 36,928 of the convolutions, 1,606,144, and 2,052 for four actions.
    "dqn": 1_686_180,
    # 2-20-…-20-1 with eight hidden layers: 60 + 7 * 420 + 21, as in the paper.
    "pinn": 3_021,
    # A tower: 32 * 64, 64 * 64 * 3 + 64, 64 * 64 + 64; two of them, and the temperature.
    "two_tower": 37_121,
}


@dataclass(frozen=True)
class Small:
    """A network that runs in a moment: what flows in, the spec's defaults, the reference's."""

    inputs: tuple[Tensor, ...]
    changes: Changes = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)


def drawn(*shape: int) -> Tensor:
    """Numbers around zero, the same in each test."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def chosen(below: int, *shape: int) -> Tensor:
    """Whole numbers from 0 on, the same in each test."""
    return torch.randint(0, below, shape, generator=torch.Generator().manual_seed(below))


POINTS = {"width: int = 512": "width: int = 24"}
PICTURES = {"width: int = 64": "width: int = 4"}
NEAR = (chosen(2, 2, 9, 9) > 0).float()
SMALL = {
    ("vae", "Encoder"): Small((drawn(3, 784),)),
    ("vae", "Decoder"): Small((drawn(3, 20),)),
    ("dcgan", "Generator"): Small((drawn(3, 100),), PICTURES, {"width": 4}),
    ("dcgan", "Discriminator"): Small((drawn(3, 3, 64, 64),), PICTURES, {"width": 4}),
    ("wgan_gp", "Generator"): Small((drawn(5, 2),), POINTS, {"width": 24}),
    ("wgan_gp", "Critic"): Small((drawn(5, 2),), POINTS, {"width": 24}),
    ("ddpm", "UNet"): Small(
        (drawn(2, 3, 16, 8), torch.tensor([0, 999])),
        {"[128, 256, 256, 256]": "[32, 64, 32]"},
        {"widths": (32, 64, 32)},
    ),
    ("wide_deep", "WideDeep"): Small(
        (chosen(50, 4, 6), chosen(9, 4, 2), drawn(4, 13)),
        {
            "crosses: int = 100000": "crosses: int = 50",
            "[10000, 1000, 100]": "[9, 11]",
            "[1024, 512, 256]": "[12, 8]",
        },
        {"crosses": 50, "vocabularies": (9, 11), "hidden": (12, 8)},
    ),
    ("ft_transformer", "FTTransformer"): Small(
        (drawn(4, 8),), {"width: int = 192": "width: int = 24"}, {"width": 24}
    ),
    ("matrix_factorization", "Factors"): Small(
        (chosen(7, 9), chosen(5, 9)),
        {"users: int = 943": "users: int = 7", "films: int = 1682": "films: int = 5"},
        {"users": 7, "films": 5},
    ),
    ("mixture_of_experts", "Mixture"): Small(
        (drawn(2, 7, 10),),
        {
            "width: int = 512": "width: int = 10",
            "experts: int = 32": "experts: int = 6",
            "chosen: int = 4": "chosen: int = 2",
            "hidden: int = 1024": "hidden: int = 12",
        },
        {"width": 10, "experts": 6, "chosen": 2, "hidden": 12},
    ),
    ("graph_convolution", "GCN"): Small(
        (drawn(2, 9, 30), NEAR), {"features: int = 1433": "features: int = 30"}, {"features": 30}
    ),
    ("dqn", "DQN"): Small((drawn(2, 4, 84, 84),)),
    ("pinn", "Solution"): Small((drawn(5, 1), drawn(5, 1))),
    ("two_tower", "TwoTower"): Small((chosen(32, 4, 6), chosen(31, 4, 6))),
}


def reference(stem: str, model: str, **arguments: Any) -> nn.Module:
    """The same network by hand."""
    made: nn.Module = getattr(import_module(f"references.{stem}"), model)(**arguments)
    return made


@pytest.mark.parametrize("stem", MEMBERS)
def test_the_networks_of_a_spec_have_as_many_parameters_as_published(stem: str) -> None:
    told = [counts(stem, model=name) for name in models(stem)]
    assert sum(by_summary for by_summary, _ in told) == MEMBERS[stem]
    assert sum(by_torch for _, by_torch in told) == MEMBERS[stem]
    with torch.device("meta"):
        by_hand = [reference(stem, name) for name in models(stem)]
    assert sum(each.numel() for made in by_hand for each in made.parameters()) == MEMBERS[stem]


def test_every_network_of_every_member_is_compared() -> None:
    assert list(SMALL) == [(stem, name) for stem in MEMBERS for name in models(stem)]


@pytest.mark.parametrize(("stem", "model"), SMALL)
def test_a_network_agrees_with_its_reference(
    stem: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both draw the same numbers, also where their maps lie in memory in another order.
    monkeypatch.setattr(F, "dropout", dropout)
    small = SMALL[stem, model]
    made = reference(stem, model, **small.arguments)
    agrees(stem, made, small.inputs, changes=small.changes, model=model)


@pytest.mark.parametrize(("stem", "model"), SMALL)
def test_a_network_starts_from_weights_as_its_reference(stem: str, model: str) -> None:
    small = SMALL[stem, model]
    made = reference(stem, model, **small.arguments)
    starts_alike(stem, made, small.inputs, small.changes, model)


@pytest.mark.parametrize(("stem", "model"), SMALL)
def test_a_network_learns(stem: str, model: str) -> None:
    small = SMALL[stem, model]
    executed(stem, small.inputs, small.changes, model)
