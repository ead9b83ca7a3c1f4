"""Train U on places. Compiled from pinn.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch.nn import Module

from .data import places
from .model import Solution

EPOCHS = 4000
BATCH = 101
SEED = 0


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = places.load(run.folders, run.device)
    U = Solution().to(run.device)
    optimizer_U = Adam(U.parameters(), lr=0.002)
    run.keep(data, U=U, optimizer_U=optimizer_U)

    for epoch in run.epochs(EPOCHS):
        U.train()
        for (place,) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(place)
            # step U: updates U alone
            x = place / 50 - 1
            x1 = U(torch.zeros(n, 1, device=run.device), x)
            start = F.mse_loss(x1, -torch.sin(3.141592653589793 * x))
            t = torch.rand(n, 1, device=run.device)
            t.requires_grad_()
            x = U(t, -torch.ones(n, 1, device=run.device)) ** 2
            x = x + U(t, torch.ones(n, 1, device=run.device)) ** 2
            ends = torch.mean(x)
            z = 2 * torch.rand(n, 1, device=run.device) - 1
            z.requires_grad_()
            u = U(t, z)
            u_t = torch.autograd.grad(torch.sum(u), t, create_graph=True)[0]
            u_x = torch.autograd.grad(torch.sum(u), z, create_graph=True)[0]
            u_xx = torch.autograd.grad(torch.sum(u_x), z, create_graph=True)[0]
            x = 10 * (start + ends)
            loss = x + torch.mean((u_t + u * u_x - 0.003183098861837907 * u_xx) ** 2)
            optimizer_U.zero_grad()
            loss.backward()
            optimizer_U.step()
            run.track(loss, n, "U")
        run.log()

    run.finish()
    return {"U": U}


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
