"""Variational autoencoder, as in Kingma and Welling 2013, section 3 and appendix C."""

import torch.nn.functional as F
from torch import Tensor, nn


class Encoder(nn.Module):
    """A picture of so many pixels as mean and log variance of its code."""

    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.hidden = nn.Linear(pixels, hidden)
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        h = F.relu(self.hidden(image))
        return self.mean(h), self.log_variance(h)


class Decoder(nn.Module):
    """A code as the logits of a picture's pixels."""

    def __init__(self, pixels: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.hidden = nn.Linear(latent, hidden)
        self.logits = nn.Linear(hidden, pixels)

    def forward(self, z: Tensor) -> Tensor:
        h = F.relu(self.hidden(z))
        return self.logits(h)
