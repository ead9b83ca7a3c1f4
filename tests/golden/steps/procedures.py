"""The predictions that steps.dl declares."""

import torch
from torch import Tensor

from .model import Encoder, Head


@torch.no_grad()
def codes(E: Encoder, head: Head, n: int, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """code f32[N, 4], y_hat f32[N, 1] for `n` records."""
    E.eval()
    head.eval()
    x = torch.randn(n, 2, device=device)  # (N, 2)
    code = E(x)  # (N, 4)
    return code, head(code)  # (N, 4), (N, 1)
