"""Train Mlp on houses. Compiled from houses.dl."""

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

from .data import houses
from .model import Mlp

EPOCHS = 20
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Mlp, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(features, near) for features, near, _ in split.batches(BATCH)]
    price_hat = torch.cat(outputs)
    predicted = houses.inverse("price", price_hat)
    target = houses.inverse("price", split.price)
    return {
        "loss": F.mse_loss(price_hat, split.price),
        "r2_score": r2_score(predicted, target),
        "mean_absolute_error": mean_absolute_error(predicted, target),
    }


def train(run: Run) -> Mlp:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = houses.load(run.folders, run.device)
    model = Mlp().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.001)
    schedule = Schedule(
        optimizer, cosine(), epochs=EPOCHS, batches=ceil(len(data.train) / BATCH)
    )
    run.keep(data, model=model, optimizer=optimizer, schedule=schedule)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for features, near, price in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            price_hat = model(features, near)
            loss = F.mse_loss(price_hat, price)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.track(loss, len(features))
        run.log(validation=evaluate(model, data.validation))

    run.finish(test=evaluate(model, data.test))
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
