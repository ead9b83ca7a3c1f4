"""Train Line on line. Compiled from folds.dl."""

from argparse import ArgumentParser
from math import ceil

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import mean_absolute_error, r2_score
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from dlc.runtime.schedules import Schedule, cosine
from torch import Tensor

from .data import line
from .model import Line

EPOCHS = 60
BATCH = 32
SEED = 0
FOLDS = 4


@torch.no_grad()
def observe(model: Line, split: Split) -> dict[str, Tensor]:
    """What the model says of each record of a split, and what is true."""
    model.eval()
    outputs = [model(x) for x, _ in split.batches(BATCH)]
    y_hat = torch.cat(outputs)
    return {
        "y_hat": y_hat,
        "y": split.y,
        "predicted": line.inverse("y", y_hat),
        "target": line.inverse("y", split.y),
    }


@torch.no_grad()
def measure(observed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss and metrics of what was observed."""
    return {
        "loss": F.mse_loss(observed["y_hat"], observed["y"]),
        "mean_absolute_error": mean_absolute_error(
            observed["predicted"], observed["target"]
        ),
        "r2_score": r2_score(observed["predicted"], observed["target"]),
    }


def train(run: Run) -> Line:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = line.load(run.folders, run.device, fold=run.fold)
    model = Line().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.1)
    schedule = Schedule(
        optimizer, cosine(), epochs=EPOCHS, batches=ceil(len(data.train) / BATCH)
    )
    run.keep(data, model=model, optimizer=optimizer, schedule=schedule)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for x, y in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            y_hat = model(x)
            loss = F.mse_loss(y_hat, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.track(loss, len(x))
        run.log()

    if data.test is not None:
        run.hold_out(observe(model, data.test))
    run.finish(test=measure(run.held_out()))
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
