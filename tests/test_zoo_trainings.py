"""The zoo's trainings: the losses that a spec states are those of plain torch, to the gradient."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from packages import imported, package, written
from references import (
    dcgan,
    ddpm,
    dqn,
    matrix_factorization,
    pinn,
    two_tower,
    vae,
    wgan_gp,
)
from torch import Tensor, nn
from zoo_agreement import text
from zoo_trainings import follows, recorded

Models = Mapping[str, nn.Module]


def slope(of: Tensor, by: Tensor) -> Tensor:
    """The derivative of a sum, itself differentiable."""
    return torch.autograd.grad(of.sum(), by, create_graph=True)[0]


def bound(models: Models, _: int, image: Tensor) -> Iterator[Tensor]:
    """Kingma and Welling, equation 10: the divergence in closed form, one sample of the code."""
    mean, log_variance = models["Encoder"](image)
    z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
    p = torch.sigmoid(models["Decoder"](z))
    likelihood = (image * torch.log(p) + (1 - image) * torch.log(1 - p)).sum(1)
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)
    yield (divergence - likelihood).mean()


def adversaries(models: Models, _: int, image: Tensor) -> Iterator[Tensor]:
    """Goodfellow and others 2014, each network with the loss that does not saturate."""
    generator, discriminator = models["Generator"], models["Discriminator"]
    larger = F.interpolate(image, size=(64, 64), mode="bilinear")
    real = larger * 2 - 1
    fake = generator(torch.randn(len(image), 100)).detach()
    yield F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    yield F.softplus(-discriminator(generator(torch.randn(len(image), 100)))).mean()


def earth_mover(models: Models, number: int, place: Tensor) -> Iterator[Tensor]:
    """Gulrajani and others 2017, algorithm 1: five steps of the critic for one of the generator."""
    generator, critic = models["Generator"], models["Critic"]
    n = len(place)
    angle = place[:, 0] * (math.pi / 4)
    real = 2 * torch.stack([angle.cos(), angle.sin()], 1) + 0.02 * torch.randn(n, 2)
    fake = generator(torch.randn(n, 2)).detach()
    share = torch.rand(n, 1)
    between = ((1 - share) * real + share * fake).requires_grad_()
    penalty = (slope(critic(between), between).square().sum(1).sqrt() - 1).square().mean()
    yield critic(fake).mean() - critic(real).mean() + 10 * penalty
    if number % 5 == 0:
        yield -critic(generator(torch.randn(n, 2))).mean()


def denoised(models: Models, _: int, image: Tensor) -> Iterator[Tensor]:
    """Ho, Jain and Abbeel 2020, algorithm 1."""
    turn = torch.randint(0, 1000, (len(image),))
    noise = torch.randn(image.shape)
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)[turn].reshape(-1, 1, 1, 1)
    x = kept.sqrt() * (2 * image - 1) + (1 - kept).sqrt() * noise
    yield (models["UNet"](x, turn) - noise).square().mean()


def stars(models: Models, _: int, user: Tensor, film: Tensor, rating: Tensor) -> Iterator[Tensor]:
    yield (models["Factors"](user, film) - rating).square().mean()


def contrasted(models: Models, _: int, english: Tensor, german: Tensor) -> Iterator[Tensor]:
    """Radford and others 2021, figure 3: the right pairs stand on the diagonal."""
    alike = models["TwoTower"](english, german)
    of_rows = -alike.log_softmax(1).diagonal().mean()
    of_columns = -alike.log_softmax(0).diagonal().mean()
    yield (of_rows + of_columns) / 2


def physical(models: Models, _: int, place: Tensor) -> Iterator[Tensor]:
    """Raissi, Perdikaris and Karniadakis 2019, section 3.1.1: Burgers' equation."""
    u = models["Solution"]
    n = len(place)
    x = place / 50 - 1
    start = (u(torch.zeros(n, 1), x) + torch.sin(math.pi * x)).square().mean()
    t = torch.rand(n, 1).requires_grad_()
    left, right = (u(t, torch.full((n, 1), side)) for side in (-1.0, 1.0))
    ends = (left.square() + right.square()).mean()
    z = (2 * torch.rand(n, 1) - 1).requires_grad_()
    here = u(t, z)
    by_x = slope(here, z)
    residual = slope(here, t) + here * by_x - 0.01 / math.pi * slope(by_x, z)
    yield 10 * (start + ends) + residual.square().mean()


class Learning:
    """Mnih and others 2015, algorithm 1, with the copy of the network as it was at first."""

    def __init__(self) -> None:
        self.copied: nn.Module | None = None

    def __call__(self, models: Models, _: int, place: Tensor, action: Tensor) -> Iterator[Tensor]:
        network = models["DQN"]
        if self.copied is None:
            self.copied = copy.deepcopy(network)
        after = (place + 2 * action - 1).clamp(0, 20)
        with torch.no_grad():
            best = self.copied(self.frames(after)).amax(1)
        is_last = after == 20
        wanted = torch.where(is_last, torch.ones_like(best), 0.9 * best)
        taken = network(self.frames(place)).gather(1, action[:, None])[:, 0]
        yield F.huber_loss(taken, wanted)

    @staticmethod
    def frames(place: Tensor) -> Tensor:
        """Four equal pictures of 84x84 with one column lit."""
        frames = torch.zeros(len(place), 4, 84, 84)
        for record, column in enumerate((4 * place).tolist()):
            frames[record, :, :, column] = 1
        return frames


Z = torch.randn(2, 100)
PICTURE = torch.randn(2, 1, 64, 64)
TRAININGS = {
    "vae": (
        {"Encoder": vae.Encoder(pixels=64), "Decoder": vae.Decoder(pixels=64)},
        {"Encoder": [torch.rand(2, 64)], "Decoder": [torch.randn(2, 20)]},
        bound,
    ),
    "dcgan": (
        {
            "Generator": dcgan.Generator(width=16, channels=1),
            "Discriminator": dcgan.Discriminator(width=16, channels=1),
        },
        {"Generator": [Z], "Discriminator": [PICTURE]},
        adversaries,
    ),
    "wgan_gp": (
        {"Generator": wgan_gp.Generator(width=128), "Critic": wgan_gp.Critic(width=128)},
        {"Generator": [Z[:, :2]], "Critic": [Z[:, :2]]},
        earth_mover,
    ),
    "ddpm": (
        {"UNet": ddpm.UNet(channels=1, widths=(32, 64))},
        {"UNet": [PICTURE[..., :8, :8], torch.tensor([3, 990])]},
        denoised,
    ),
    "matrix_factorization": (
        {"Factors": matrix_factorization.Factors(users=6, films=6, rank=2)},
        {"Factors": [torch.tensor([0, 5]), torch.tensor([5, 1])]},
        stars,
    ),
    "two_tower": (
        {"TwoTower": two_tower.TwoTower()},
        {"TwoTower": [torch.randint(0, 32, (3, 6)), torch.randint(0, 32, (3, 6))]},
        contrasted,
    ),
    "pinn": (
        {"Solution": pinn.Solution()},
        {"Solution": [torch.rand(3, 1), torch.rand(3, 1)]},
        physical,
    ),
    "dqn": (
        {"DQN": dqn.DQN(actions=2)},
        {"DQN": [torch.rand(2, 4, 84, 84)]},
        Learning(),
    ),
}


@pytest.mark.parametrize("stem", TRAININGS)
def test_the_losses_of_a_training_are_those_by_hand(
    stem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    references, inputs, losses = TRAININGS[stem]
    # The generator of WGAN-GP learns at the first batch and at the sixth.
    batches = 6 if stem == "wgan_gp" else 2
    # The frames of DQN are made f32 by name.
    dtype = torch.float32 if stem == "dqn" else torch.float64
    seen = recorded(stem, tmp_path, monkeypatch, batches, dtype)
    follows(seen, references, inputs, losses)


def test_ddpm_draws_pictures_turn_by_turn(tmp_path: Path) -> None:
    home = written(package(text("ddpm"), ["turns=12"], name="ddpm.dl"), tmp_path)
    network = ddpm.UNet(channels=1, widths=(32, 64))
    torch.nn.init.normal_(network.noise.weight, std=0.1)
    torch.manual_seed(4)
    found = imported(home, "procedures").draw(network, 3)
    assert not network.training
    torch.manual_seed(4)
    # Ho, Jain and Abbeel 2020, algorithm 2, with the variance of equation 7: the last turn, from
    # the first level of noise to none, is not disturbed.
    with torch.no_grad():
        x = torch.randn(3, 1, 8, 8)
        beta = torch.linspace(1e-4, 0.02, 12).tolist()
        kept = [math.prod(1 - each for each in beta[: turn + 1]) for turn in range(12)]
        for turn in reversed(range(12)):
            noise = network(x, torch.full((3,), turn))
            x = (x - beta[turn] / math.sqrt(1 - kept[turn]) * noise) / math.sqrt(1 - beta[turn])
            disturbed = torch.randn(x.shape)
            if turn > 0:
                share = (1 - kept[turn - 1]) / (1 - kept[turn])
                x = x + math.sqrt(share * beta[turn]) * disturbed
    torch.testing.assert_close(found, (x + 1) / 2, rtol=1e-4, atol=1e-4)
