"""Train G, C on circle. Compiled from wgan_gp.dl."""

from argparse import ArgumentParser

import torch
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch.nn import Module

from .data import circle
from .model import Critic, Generator

EPOCHS = 125
BATCH = 256
SEED = 0


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = circle.load(run.folders, run.device)
    G = Generator(width=128).to(run.device)
    C = Critic(width=128).to(run.device)
    optimizer_C = Adam(C.parameters(), lr=0.001, betas=(0.5, 0.9))
    optimizer_G = Adam(G.parameters(), lr=0.001, betas=(0.5, 0.9))
    run.keep(data, G=G, C=C, optimizer_C=optimizer_C, optimizer_G=optimizer_G)

    for epoch in run.epochs(EPOCHS):
        G.train()
        C.train()
        for (place,) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(place)
            # step C: updates C alone
            C.requires_grad_(True)
            G.requires_grad_(False)
            angle = place * 3.141592653589793 / 4
            x = 2 * torch.cat([torch.cos(angle), torch.sin(angle)], dim=1)
            real = x + 0.02 * torch.randn(n, 2, device=run.device)
            fake = G(torch.randn(n, 2, device=run.device)).detach()
            between = torch.lerp(real, fake, torch.rand(n, 1, device=run.device))
            between.requires_grad_()
            x = torch.sum(C(between))
            x = torch.autograd.grad(x, between, create_graph=True)[0]
            steepness = torch.norm(x, dim=1)
            x = torch.mean(C(fake))
            x = x - torch.mean(C(real))
            loss = x + 10 * torch.mean((steepness - 1) ** 2)
            optimizer_C.zero_grad()
            loss.backward()
            optimizer_C.step()
            run.track(loss, n, "C")

            # step G: updates G alone
            if run.count % 5 == 0:
                G.requires_grad_(True)
                C.requires_grad_(False)
                x = torch.mean(C(G(torch.randn(n, 2, device=run.device))))
                loss = -x
                optimizer_G.zero_grad()
                loss.backward()
                optimizer_G.step()
                run.track(loss, n, "G")
            run.count += 1
        run.log()

    run.finish()
    return {"G": G, "C": C}


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
