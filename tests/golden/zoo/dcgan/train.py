"""Train G, D on digits. Compiled from dcgan.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.grid import make_grid
from dlc.runtime.optim import Adam
from dlc.runtime.random_state import seeded
from dlc.runtime.run import Run, launch
from torch import Tensor, nn
from torch.nn import Module

from .data import digits
from .model import Discriminator, Generator

EPOCHS = 10
BATCH = 128
SEED = 0


@torch.no_grad()
def sample(G: Generator, run: Run) -> Tensor:
    """A picture of what the models make of the same random numbers each time."""
    G.eval()
    with seeded(SEED):
        x = (G(torch.randn(64, 100, device=run.device)) + 1) / 2
        return make_grid(x)


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = digits.load(run.folders, run.device)
    G = Generator(width=16, channels=1).to(run.device)
    D = Discriminator(width=16, channels=1).to(run.device)
    nn.utils.convert_conv2d_weight_memory_format(D, torch.channels_last)
    optimizer_D = Adam(D.parameters(), lr=0.0002, betas=(0.5, 0.999))
    optimizer_G = Adam(G.parameters(), lr=0.0002, betas=(0.5, 0.999))
    run.keep(data, G=G, D=D, optimizer_D=optimizer_D, optimizer_G=optimizer_G)

    for epoch in run.epochs(EPOCHS):
        G.train()
        D.train()
        for (image,) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(image)
            # step D: updates D alone
            D.requires_grad_(True)
            G.requires_grad_(False)
            real = 2 * F.interpolate(image, scale_factor=8, mode="bilinear") - 1
            fake = G(torch.randn(n, 100, device=run.device)).detach()
            x = F.binary_cross_entropy_with_logits(
                D(real), torch.ones(n, 1, device=run.device)
            )
            x1 = F.binary_cross_entropy_with_logits(
                D(fake), torch.zeros(n, 1, device=run.device)
            )
            loss = x + x1
            optimizer_D.zero_grad()
            loss.backward()
            optimizer_D.step()
            run.track(loss, n, "D")

            # step G: updates G alone
            G.requires_grad_(True)
            D.requires_grad_(False)
            loss = F.binary_cross_entropy_with_logits(
                D(G(torch.randn(n, 100, device=run.device))),
                torch.ones(n, 1, device=run.device),
            )
            optimizer_G.zero_grad()
            loss.backward()
            optimizer_G.step()
            run.track(loss, n, "G")
        run.log()
        run.sample(sample(G, run))

    run.finish()
    return {"G": G, "D": D}


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
