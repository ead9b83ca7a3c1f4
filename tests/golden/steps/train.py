"""Train E, Head on pairs. Compiled from steps.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.grid import make_grid
from dlc.runtime.optim import SGD, Adam
from dlc.runtime.random_state import seeded
from dlc.runtime.run import Run, launch
from torch import Tensor
from torch.nn import Module

from .data import pairs
from .model import Encoder, Head

EPOCHS = 4
BATCH = 2
SEED = 0


@torch.no_grad()
def sample(E: Encoder, run: Run) -> Tensor:
    """A picture of what the models make of the same random numbers each time."""
    E.eval()
    with seeded(SEED):
        x = E(torch.randn(4, 2, device=run.device)).reshape(4, 1, 2, 2)
        return make_grid(x, nrow=2, padding=1)


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = pairs.load(run.folders, run.device)
    E = Encoder(width=4).to(run.device)
    head = Head().to(run.device)
    optimizer_both = Adam([*E.parameters(), *head.parameters()], lr=0.01)
    optimizer_Head = SGD(head.parameters(), lr=0.01)
    run.keep(
        data,
        E=E,
        Head=head,
        optimizer_both=optimizer_both,
        optimizer_Head=optimizer_Head,
    )

    for epoch in run.epochs(EPOCHS):
        E.train()
        head.train()
        for x, y in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(x)
            # step both: updates E and Head alone
            E.requires_grad_(True)
            head.requires_grad_(True)
            loss = F.mse_loss(head(E(x)), y)
            optimizer_both.zero_grad()
            loss.backward()
            optimizer_both.step()
            run.track(loss, n, "both")

            # step Head: updates Head alone
            if run.count % 2 == 0:
                head.requires_grad_(True)
                E.requires_grad_(False)
                code = E(x + 0.1 * torch.randn(n, 2, device=run.device)).detach()
                loss = F.mse_loss(head(code), y)
                optimizer_Head.zero_grad()
                loss.backward()
                optimizer_Head.step()
                run.track(loss, n, "Head")
            run.count += 1
        run.log()
        run.sample(sample(E, run))

    run.finish()
    return {"E": E, "Head": head}


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
