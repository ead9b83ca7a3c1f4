"""The network of llama.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def turn(x: Tensor, waves: Tensor) -> Tensor:
    """x f32[N, H, T, D], waves f32[2, T, D // 2] -> y f32[N, H, T, D]

    llama.dl:5
    """
    a, b = x.chunk(2, -1)  # (N, H, T, D // 2), (N, H, T, D // 2)
    cosine, sine = waves.unbind()  # (T, D // 2), (T, D // 2)
    # (N, H, T, D)
    return torch.cat([a * cosine - b * sine, b * cosine + a * sine], dim=-1)


class Attention(nn.Module):
    """x f32[N, T, 2048], waves f32[2, T, 32] -> y f32[N, T, 2048]

    llama.dl:13
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2048, 2048, bias=False)
        self.linear2 = nn.Linear(2048, 256, bias=False)
        self.linear3 = nn.Linear(2048, 256, bias=False)
        self.linear4 = nn.Linear(2048, 2048, bias=False)

    def forward(self, x: Tensor, waves: Tensor) -> Tensor:
        # (N, 32, T, 64)
        q = self.linear1(x).unflatten(2, (-1, 64)).transpose(1, 2)  # llama.dl:19
        k = self.linear2(x).unflatten(2, (-1, 64)).transpose(1, 2)  # (N, 4, T, 64)
        v = self.linear3(x).unflatten(2, (-1, 64)).transpose(1, 2)  # (N, 4, T, 64)
        q = turn(q, waves)  # (N, 32, T, 64)  llama.dl:22
        k = turn(k, waves)  # (N, 4, T, 64)
        # (N, 32, T, 64)
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        # (N, T, 2048)
        return self.linear4(h.transpose(1, 2).reshape(x.shape))  # llama.dl:25


class SwiGLU(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    llama.dl:28
    """

    def __init__(self, D: int, hidden: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(D, hidden, bias=False)
        self.linear2 = nn.Linear(D, hidden, bias=False)
        self.linear3 = nn.Linear(hidden, D, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate = F.silu(self.linear1(x))  # (N, T, hidden)  llama.dl:30
        x = gate * self.linear2(x)  # (N, T, hidden)
        return self.linear3(x)  # (N, T, D)


class Layer(nn.Module):
    """x f32[N, T, 2048], waves f32[2, T, 32] -> y f32[N, T, 2048]

    llama.dl:34
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(2048, eps=1e-5)
        self.attention1 = Attention()
        self.norm2 = nn.RMSNorm(2048, eps=1e-5)
        self.swi_glu1 = SwiGLU(2048, hidden=5632)

    def forward(self, x: Tensor, waves: Tensor) -> Tensor:
        h = x + self.attention1(self.norm1(x), waves)  # (N, T, 2048)  llama.dl:37
        return h + self.swi_glu1(self.norm2(h))  # (N, T, 2048)


class Llama(nn.Module):
    """words token(vocabulary)[N, T] -> scores f32[N, T, vocabulary]

    llama.dl:41
    """

    def __init__(
        self, vocabulary: int = 32000, depth: int = 22, base: float = 10000.0
    ) -> None:
        super().__init__()
        self.base = base
        self.embedding1 = nn.Embedding(vocabulary, 2048)
        self.layers = nn.ModuleList(Layer() for _ in range(depth))
        self.norm1 = nn.RMSNorm(2048, eps=1e-5)
        self.linear1 = nn.Linear(2048, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, words: Tensor) -> Tensor:
        x = torch.arange(words.shape[1], device=words.device)  # (T,)
        x1 = self.base ** (-torch.arange(0, 64, 2, device=words.device) / 64)  # (32,)
        angles = torch.outer(x, x1)  # (T, 32)
        waves = torch.stack([torch.cos(angles), torch.sin(angles)])  # (2, T, 32)
        h = self.embedding1(words)  # (N, T, 2048)  llama.dl:55
        for layer in self.layers:
            h = layer(h, waves)  # (N, T, 2048)  llama.dl:57
        return self.linear1(self.norm1(h))  # (N, T, vocabulary)
