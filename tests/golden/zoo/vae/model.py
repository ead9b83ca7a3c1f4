"""The network of vae.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class Encoder(nn.Module):
    """image f32[N, pixels] -> mean f32[N, latent], log_variance f32[N, latent]

    vae.dl:8
    """

    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.linear1 = nn.Linear(pixels, hidden)
        self.linear2 = nn.Linear(hidden, latent)
        self.linear3 = nn.Linear(hidden, latent)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        h = F.relu(self.linear1(image))  # (N, hidden)  vae.dl:10
        # mean (N, latent), log_variance (N, latent)
        return self.linear2(h), self.linear3(h)


class Decoder(nn.Module):
    """z f32[N, latent] -> logits f32[N, pixels]

    vae.dl:15
    """

    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.linear1 = nn.Linear(latent, hidden)
        self.linear2 = nn.Linear(hidden, pixels)

    def forward(self, z: Tensor) -> Tensor:
        x = F.relu(self.linear1(z))  # (N, hidden)  vae.dl:17
        return self.linear2(x)  # (N, pixels)
