"""The zoo beside the package `transformers`: small random models of its own, the same weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from test_zoo_language import PARTS, SOURCE, numbers, padded
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization
from zoo_agreement import Changes, Order, agrees, starts_alike

os.environ["HF_HUB_OFFLINE"] = "1"
transformers = pytest.importorskip("transformers", reason="transformers is not installed")


class Called(nn.Module):
    """A model of transformers behind the inputs and outputs of the zoo's."""

    def __init__(self, model: nn.Module, call: Callable[..., Any]) -> None:
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs: Tensor) -> Any:
        return self.call(self.model, *inputs)


class Turned(nn.Module):
    """A weight that is kept as `nn.Linear` keeps it, and used as its transpose."""

    def forward(self, weight: Tensor) -> Tensor:
        return weight.T

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight.T


class Batched(nn.Module):
    """A weight that is kept without the axis of the batch."""

    def forward(self, weight: Tensor) -> Tensor:
        return weight[None]

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight[0]


class Third(nn.Module):
    """One of the three layers that `nn.MultiheadAttention` keeps in one."""

    def __init__(self, packed: nn.Linear, place: int) -> None:
        super().__init__()
        self.packed, self.place = packed, place

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.packed.weight.chunk(3), self.packed.bias.chunk(3)
        return F.linear(x, weight[self.place], bias[self.place])


def made(model: str, **settings: Any) -> nn.Module:
    """A model of transformers with random weights; attention is written out there."""
    torch.manual_seed(0)
    kind = getattr(transformers, model)
    found: nn.Module = kind(kind.config_class(attn_implementation="eager", **settings))
    return found


def bert() -> nn.Module:
    model = made(
        "BertModel",
        vocab_size=23,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=48,
        max_position_embeddings=11,
    )

    def call(model: nn.Module, words: Tensor, parts: Tensor) -> Any:
        found = model(words, attention_mask=(words != 0).long(), token_type_ids=parts)
        return found.last_hidden_state, found.pooler_output

    return Called(model, call)


def gpt2() -> nn.Module:
    model = made("GPT2LMHeadModel", vocab_size=23, n_embd=12, n_layer=2, n_head=3, n_positions=11)
    for each in list(model.modules()):
        if type(each).__name__ == "Conv1D":
            register_parametrization(each, "weight", Turned())
    return Called(model, lambda model, words: model(words).logits)


def llama() -> nn.Module:
    model = made(
        "LlamaForCausalLM",
        vocab_size=23,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        intermediate_size=20,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 100.0},
    )
    return Called(model, lambda model, words: model(words).logits)


def t5() -> nn.Module:
    model = made(
        "T5ForConditionalGeneration",
        vocab_size=23,
        d_model=12,
        num_layers=2,
        num_heads=3,
        d_kv=5,
        d_ff=20,
    )

    def call(model: nn.Module, source: Tensor, target: Tensor) -> Any:
        mask = (source != 0).long()
        return model(source, attention_mask=mask, decoder_input_ids=target).logits

    return Called(model, call)


def vit() -> nn.Module:
    model = made(
        "ViTForImageClassification",
        image_size=24,
        patch_size=8,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=48,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-6,
        num_labels=7,
    )
    for each in list(model.modules()):
        if hasattr(each, "position_embeddings"):
            register_parametrization(each, "position_embeddings", Batched())
        if hasattr(each, "q_proj"):
            places = (each.q_proj, each.k_proj, each.v_proj)
            packed = nn.Linear(12, 36)
            with torch.no_grad():
                packed.weight.copy_(torch.cat([place.weight for place in places]))
                packed.bias.copy_(torch.cat([place.bias for place in places]))
            each.q_proj, each.k_proj, each.v_proj = (Third(packed, place) for place in range(3))
    return Called(model, lambda model, image: model(image).logits)


def resnet(kind: str, depths: Sequence[int], widths: Sequence[int]) -> nn.Module:
    model = made(
        "ResNetForImageClassification",
        layer_type=kind,
        depths=list(depths),
        hidden_sizes=list(widths),
        num_labels=7,
    )
    return Called(model, lambda model, image: model(image).logits)


def table_first(names: list[str]) -> list[str]:
    """The zoo's T5 reads the table of distances before a stack; theirs in its first layer."""
    found = [each for each in names if "relative_attention_bias" not in each]
    for table in (each for each in names if "relative_attention_bias" in each):
        stack = "encoder" if "encoder" in table else "decoder"
        first = next(place for place, each in enumerate(found) if f".{stack}.block" in each)
        # The words are looked up between the table and the encoder's first layer.
        found.insert(0 if stack == "encoder" else first, table)
    return found


@dataclass(frozen=True)
class Case:
    """A member of the zoo, made small, and a model of transformers of the same size."""

    theirs: Callable[[], nn.Module]
    inputs: Sequence[Tensor]
    changes: Changes
    order: Order | None = None
    tolerance: float = 1e-8


# Some of its models compute RMSNorm, or softmax, in float32 always, and come no closer than this.
SINGLE = 1e-5
STACK = {"width: int = 768": "width: int = 12", "depth: int = 12": "depth: int = 2"}
STACK |= {"heads: int = 12": "heads: int = 3"}
READ = STACK | {"longest: int = 512": "longest: int = 11"}
IMAGE = (torch.randn(2, 3, 37, 46, generator=torch.Generator().manual_seed(0)),)
CASES = {
    "bert_base": Case(bert, (SOURCE, PARTS), READ | {"30_522": "23"}),
    "gpt2": Case(
        gpt2,
        (numbers(23, 3, 9),),
        STACK | {"longest: int = 1024": "longest: int = 11", "50_257": "23"},
    ),
    "llama": Case(
        llama,
        (numbers(23, 3, 9),),
        {
            "32_000": "23",
            "width: int = 2048": "width: int = 24",
            "depth: int = 22": "depth: int = 2",
            "heads: int = 32": "heads: int = 6",
            "groups: int = 4": "groups: int = 2",
            "hidden: int = 5632": "hidden: int = 20",
            "base: float = 10_000.0": "base: float = 100.0",
        },
        tolerance=SINGLE,
    ),
    "t5": Case(
        t5,
        (padded(numbers(23, 2, 140), 140, 90), numbers(23, 2, 135)),
        {
            "32_128": "23",
            "width: int = 512": "width: int = 12",
            "depth: int = 6": "depth: int = 2",
            "heads: int = 8": "heads: int = 3",
            " size: int = 64": " size: int = 5",
            "hidden: int = 2048": "hidden: int = 20",
        },
        table_first,
        SINGLE,
    ),
    "vit_b_16": Case(
        vit,
        (IMAGE[0][..., :24, :24],),
        STACK
        | {"size: int = 224": "size: int = 24", "patch: int = 16": "patch: int = 8"}
        | {"classes: int = 1000": "classes: int = 7"},
        tolerance=SINGLE,
    ),
    "resnet18": Case(
        lambda: resnet("basic", (2, 1, 2, 1), (64, 128, 256, 512)),
        IMAGE,
        {"[2, 2, 2, 2]": "[2, 1, 2, 1]", "classes: int = 1000": "classes: int = 7"},
    ),
    "resnet50": Case(
        lambda: resnet("bottleneck", (2, 1, 2, 1), (256, 512, 1024, 2048)),
        IMAGE,
        {"[3, 4, 6, 3]": "[2, 1, 2, 1]", "classes: int = 1000": "classes: int = 7"},
    ),
}


@pytest.mark.parametrize("stem", CASES)
def test_a_network_is_that_of_transformers(stem: str) -> None:
    case = CASES[stem]
    agrees(
        stem,
        case.theirs(),
        case.inputs,
        changes=case.changes,
        order=case.order,
        tolerance=case.tolerance,
    )


@pytest.mark.parametrize("stem", ["llama", "t5"])
def test_a_network_starts_as_that_of_transformers(stem: str) -> None:
    case = CASES[stem]
    starts_alike(stem, case.theirs(), case.inputs, case.changes, order=case.order)
