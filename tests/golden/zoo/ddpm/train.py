"""Train U on digits. Compiled from ddpm.dl."""

from argparse import ArgumentParser
from copy import deepcopy

import torch
import torch.nn.functional as F
from dlc.runtime.copies import blend
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import nn
from torch.nn import Module

from .data import digits
from .model import UNet

EPOCHS = 30
BATCH = 64
SEED = 0


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = digits.load(run.folders, run.device)
    U = UNet(channels=1, widths=(32, 64)).to(run.device)
    nn.utils.convert_conv2d_weight_memory_format(U, torch.channels_last)
    Mean = deepcopy(U).requires_grad_(False)
    optimizer_U = Adam(U.parameters(), lr=0.0002)
    run.keep(data, U=U, Mean=Mean, optimizer_U=optimizer_U)

    for epoch in run.epochs(EPOCHS):
        U.train()
        Mean.train()
        for (image,) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(image)
            # step U: updates U alone
            turn = torch.randint(0, 1000, (n,), device=run.device)
            noise = torch.randn_like(image)
            x = 1 - torch.linspace(0.0001, 0.02, 1000, device=run.device)
            kept = torch.cumprod(x, dim=0)[turn][:, None, None, None]
            x = torch.sqrt(kept) * (2 * image - 1) + torch.sqrt(1 - kept) * noise
            loss = F.mse_loss(U(x, turn), noise)
            optimizer_U.zero_grad()
            loss.backward()
            optimizer_U.step()
            run.track(loss, n, "U")
            blend(Mean, U, keep=0.995)
        run.log()

    run.finish()
    return {"U": U, "Mean": Mean}


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
