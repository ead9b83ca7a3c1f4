"""Train TwoTower on numbers. Compiled from two_tower.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import numbers_
from .model import TwoTower

EPOCHS = 100
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: TwoTower, split: Split) -> dict[str, Tensor]:
    """The loss of one split."""
    model.eval()
    outputs = [model(english, german) for english, german in split.batches(BATCH)]
    alike = torch.cat(outputs)
    n = alike.shape[0]
    x = F.cross_entropy(alike, torch.arange(n, device=alike.device))
    x = x + F.cross_entropy(alike.T, torch.arange(n, device=alike.device))
    loss = x / 2
    return {
        "loss": loss,
    }


def train(run: Run) -> TwoTower:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = numbers_.load(run.folders, run.device)
    model = TwoTower().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.003)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for english, german in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            alike = model(english, german)
            n = alike.shape[0]
            x = F.cross_entropy(alike, torch.arange(n, device=alike.device))
            x = x + F.cross_entropy(alike.T, torch.arange(n, device=alike.device))
            loss = x / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(english))
        run.log()

    run.finish(train=evaluate(model, data.train))
    return model


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
