"""The zoo's Transformer and BERT beside torch's own layers, with the same weights."""

from __future__ import annotations

import math

import pytest
import torch
from test_zoo_language import SMALL
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization
from zoo_agreement import agrees


class Packed(nn.Module):
    """The weights of query, key and value, which torch keeps in one."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return torch.cat([query, key, value])

    def right_inverse(self, packed: Tensor) -> tuple[Tensor, ...]:
        return tuple(each.clone() for each in packed.chunk(3))


def parted(layers: nn.Module) -> nn.Module:
    """The same layers of torch, each with query, key and value of its own."""
    for each in list(layers.modules()):
        if isinstance(each, nn.MultiheadAttention):
            register_parametrization(each, "in_proj_weight", Packed())
            register_parametrization(each, "in_proj_bias", Packed())
    return layers


def biases_behind_weights(names: list[str]) -> list[str]:
    """torch reads three weights and then three biases; the zoo each weight with its bias."""
    found = []
    for each in names:
        if "in_proj_bias" not in each:
            found.append(each)
        if "in_proj_weight" in each:
            found.append(each.replace("in_proj_weight", "in_proj_bias"))
    return found


class TorchTransformer(nn.Module):
    """The Transformer out of torch's own stacks, without the norm that may stand behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(23, 12)
        sizes = {"dim_feedforward": 20, "dropout": 0.0, "batch_first": True}
        encoder = nn.TransformerEncoderLayer(12, 3, **sizes)
        decoder = nn.TransformerDecoderLayer(12, 3, **sizes)
        self.encoder = parted(nn.TransformerEncoder(encoder, 2, enable_nested_tensor=False))
        self.decoder = parted(nn.TransformerDecoder(decoder, 2))

    def placed(self, words: Tensor) -> Tensor:
        waves = [
            [(math.sin, math.cos)[i % 2](t / 10_000 ** (i // 2 * 2 / 12)) for i in range(12)]
            for t in range(words.shape[1])
        ]
        return self.embed(words) * 12**0.5 + torch.tensor(waves)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        later = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
        memory = self.encoder(self.placed(source), src_key_padding_mask=source == 0)
        h = self.decoder(
            self.placed(target), memory, tgt_mask=later, memory_key_padding_mask=source == 0
        )
        return h @ self.embed.weight.T


class TorchBERT(nn.Module):
    """BERT out of torch's own encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(23, 12, padding_idx=0)
        self.parts = nn.Embedding(2, 12)
        self.places = nn.Embedding(11, 12)
        self.norm = nn.LayerNorm(12, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            12, 3, 48, dropout=0.0, activation="gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.encoder = parted(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False))
        self.pool = nn.Linear(12, 12)

    def forward(self, words: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        h = self.words(words) + self.parts(parts)
        h = self.norm(h + self.places(torch.arange(words.shape[1])))
        h = self.encoder(h, src_key_padding_mask=words == 0)
        return h, self.pool(h[:, 0]).tanh()


@pytest.mark.parametrize(
    ("stem", "torchs"), [("transformer", TorchTransformer), ("bert_base", TorchBERT)]
)
def test_a_network_is_that_of_torchs_own_layers(stem: str, torchs: type[nn.Module]) -> None:
    small = SMALL[stem]
    changes = {**small.changes(stem), "dropout: float = 0.1": "dropout: float = 0.0"}
    agrees(stem, torchs(), small.inputs, changes=changes, order=biases_behind_weights)
