# -*- coding: utf-8 -*-
"""Train Line on points. Compiled from hello.dl."""

import torch
import torch.nn.functional as F
from dlc.runtime.optim import SGD
from dlc.runtime.run import Run, launch

from .data import points
from .model import Line

EPOCHS = 500
BATCH = 32
SEED = 0


def train(run: Run) -> Line:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = points.load(run.folders, run.device)
    model = Line().to(run.device)
    optimizer = SGD(model.parameters(), lr=0.01)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for x, y in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            y_hat = model(x)
            loss = F.mse_loss(y_hat, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(x))
        run.log()

    run.finish()
    return model


if __name__ == "__main__":
    raise SystemExit(launch(train))
