"""Train E, D on digits. Compiled from vae.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.grid import make_grid
from dlc.runtime.optim import Adam
from dlc.runtime.random_state import seeded
from dlc.runtime.run import Run, launch
from torch import Tensor
from torch.nn import Module

from .data import digits
from .model import Decoder, Encoder

EPOCHS = 30
BATCH = 32
SEED = 0


@torch.no_grad()
def sample(D: Decoder, run: Run) -> Tensor:
    """A picture of what the models make of the same random numbers each time."""
    D.eval()
    with seeded(SEED):
        x = torch.sigmoid(D(torch.randn(64, 20, device=run.device)))
        return make_grid(x.reshape(64, 1, 8, 8))


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = digits.load(run.folders, run.device)
    E = Encoder(pixels=64).to(run.device)
    D = Decoder(pixels=64).to(run.device)
    optimizer_bound = Adam([*E.parameters(), *D.parameters()], lr=0.001)
    run.keep(data, E=E, D=D, optimizer_bound=optimizer_bound)

    for epoch in run.epochs(EPOCHS):
        E.train()
        D.train()
        for (image,) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(image)
            # step bound: updates E and D alone
            E.requires_grad_(True)
            D.requires_grad_(True)
            mean, log_variance = E(image)
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
            likelihood = F.binary_cross_entropy_with_logits(
                D(z), image, reduction="sum"
            )
            x = torch.sum(mean**2 + torch.exp(log_variance) - 1 - log_variance)
            divergence = x / 2
            loss = (likelihood + divergence) / n
            optimizer_bound.zero_grad()
            loss.backward()
            optimizer_bound.step()
            run.track(loss, n, "bound")
        run.log()
        run.sample(sample(D, run))

    run.finish()
    return {"E": E, "D": D}


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "--epochs", type=int, default=EPOCHS, help="passes over the data"
    )
    parser.add_argument("--batch", type=int, default=BATCH, help="records of a batch")
    parser.add_argument("--seed", type=int, default=SEED, help="of weights and order")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 or mps")
    parser.add_argument("--data", nargs="*", default=[], help="folders that have data")
    parser.add_argument("--out", default="runs", help="where the run gets a folder")
    parser.add_argument("--resume", default="", help="folder of a run to go on with")
    given = vars(parser.parse_args())
    EPOCHS, BATCH, SEED = given.pop("epochs"), given.pop("batch"), given.pop("seed")
    raise SystemExit(launch(train, **given))
