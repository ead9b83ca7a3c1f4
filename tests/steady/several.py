"""Two models that train in steps, as compiled code of several models does it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run
from torch import Tensor, nn

from . import train as one
from .data import plane

EPOCHS = 3
BATCH = 8
SEED = 2


def train(run: Run) -> dict[str, nn.Module]:
    """D learns at every step; G every second one, over gradients of two batches."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    data = plane.load(run.folders, run.device)
    D = one.build().to(run.device)
    G = nn.Linear(4, 4).to(run.device)
    optimizer_D, optimizer_G = Adam(D.parameters(), lr=0.01), Adam(G.parameters(), lr=0.01)
    run.keep(data, D=D, G=G, optimizer_D=optimizer_D, optimizer_G=optimizer_G)

    for epoch in run.epochs(EPOCHS):
        D.train()
        for x, y in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            loss = F.mse_loss(D(G(x).detach()), y)
            optimizer_D.zero_grad()
            loss.backward()
            optimizer_D.step()
            run.track(loss, len(x), "D")
            loss = -D(G(x)).mean()
            loss.backward()
            run.count += 1
            if run.count % 2 == 0:
                optimizer_G.step()
                optimizer_G.zero_grad()
                run.track(loss, len(x), "G")
            one.behind(run, G)
        run.log()
        run.sample(picture(G))

    run.finish()
    return {"D": D, "G": G}


@torch.no_grad()
def picture(G: nn.Module) -> Tensor:
    """[3, 4, 4] of what G makes of chance."""
    return G(torch.rand(3, 4, 4))
