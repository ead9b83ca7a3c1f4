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
    """x f32[N, T, D], waves f32[2, T, D // (2*heads)] -> y f32[N, T, D]

    llama.dl:13
    """

    def __init__(self, D: int, heads: int, groups: int) -> None:
        super().__init__()
        self.heads = heads
        self.groups = groups
        if D % heads != 0:
            raise ValueError("llama.dl:16: heads must divide the width")
        self.linear1 = nn.Linear(D, D, bias=False)
        self.linear2 = nn.Linear(D, D * groups // heads, bias=False)
        self.linear3 = nn.Linear(D, D * groups // heads, bias=False)
        self.linear4 = nn.Linear(D, D, bias=False)

    def forward(self, x: Tensor, waves: Tensor) -> Tensor:
        # (N, heads, T, D // heads)
        q = self.linear1(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, groups, T, D // heads)
        k = self.linear2(x).unflatten(2, (self.groups, -1)).transpose(1, 2)
        # (N, groups, T, D // heads)
        v = self.linear3(x).unflatten(2, (self.groups, -1)).transpose(1, 2)
        q = turn(q, waves)  # (N, heads, T, D // heads)  llama.dl:21
        k = turn(k, waves)  # (N, groups, T, D // heads)
        # (N, heads, T, D // heads)
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return self.linear4(h.transpose(1, 2).reshape(x.shape))  # (N, T, D)


class SwiGLU(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    llama.dl:27
    """

    def __init__(self, D: int, hidden: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(D, hidden, bias=False)
        self.linear2 = nn.Linear(D, hidden, bias=False)
        self.linear3 = nn.Linear(hidden, D, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = F.silu(self.linear1(x)) * self.linear2(x)  # (N, T, hidden)  llama.dl:29
        return self.linear3(h)  # (N, T, D)


class Layer(nn.Module):
    """x f32[N, T, D], waves f32[2, T, D // (2*heads)] -> y f32[N, T, D]

    llama.dl:33
    """

    def __init__(self, D: int, heads: int, groups: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-5)
        self.attention1 = Attention(D, heads, groups)
        self.norm2 = nn.RMSNorm(D, eps=1e-5)
        self.swi_glu1 = SwiGLU(D, hidden)

    def forward(self, x: Tensor, waves: Tensor) -> Tensor:
        h = x + self.attention1(self.norm1(x), waves)  # (N, T, D)  llama.dl:36
        return h + self.swi_glu1(self.norm2(h))  # (N, T, D)


class Llama(nn.Module):
    """words token(vocabulary)[N, T] -> scores f32[N, T, vocabulary]

    llama.dl:40
    """

    def __init__(
        self,
        vocabulary: int = 32000,
        width: int = 2048,
        depth: int = 22,
        heads: int = 32,
        groups: int = 4,
        hidden: int = 5632,
        base: float = 10000.0,
    ) -> None:
        super().__init__()
        self.base = base
        self.size = width // heads
        self.embedding1 = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(
            Layer(width, heads, groups, hidden) for _ in range(depth)
        )
        self.norm1 = nn.RMSNorm(width, eps=1e-5)
        self.linear1 = nn.Linear(width, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, words: Tensor) -> Tensor:
        x = torch.arange(words.shape[1], device=words.device)  # (T,)
        # ((heads + width) // (2*heads),)
        x1 = -torch.arange(0, self.size, 2, device=words.device) / self.size
        angles = torch.outer(x, self.base**x1)  # (T, (heads + width) // (2*heads))
        # (2, T, (heads + width) // (2*heads))
        waves = torch.stack([torch.cos(angles), torch.sin(angles)])
        h = self.embedding1(words)  # (N, T, width)  llama.dl:54
        for layer in self.layers:
            h = layer(h, waves)  # (N, T, width)  llama.dl:56
        return self.linear1(self.norm1(h))  # (N, T, vocabulary)
