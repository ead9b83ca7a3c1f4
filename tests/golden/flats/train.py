"""Train Rent on flats. Compiled from flats.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import (
    explained_variance,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    pearson_corrcoef,
    r2_score,
)
from dlc.runtime.optim import RMSprop
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import flats
from .model import Rent

EPOCHS = 5
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Rent, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [
        model(features, heated, grid)
        for features, heated, grid, _, _, _ in split.batches(BATCH)
    ]
    euro = torch.cat(outputs)
    predicted = flats.inverse("rent", euro)
    target = flats.inverse("rent", split.rent)
    return {
        "loss": F.huber_loss(euro, split.rent, delta=0.5),
        "mean_absolute_error": mean_absolute_error(predicted, target),
        "mean_squared_error": mean_squared_error(predicted, target, squared=False),
        "r2_score": r2_score(predicted, target),
        "mean_absolute_percentage_error": mean_absolute_percentage_error(
            predicted, target
        ),
        "explained_variance": explained_variance(predicted, target),
        "pearson_corrcoef": pearson_corrcoef(predicted, target),
    }


def train(run: Run) -> Rent:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = flats.load(run.folders, run.device)
    model = Rent().to(run.device)
    optimizer = RMSprop(model.parameters(), lr=0.001, momentum=0.9)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for features, heated, grid, _, _, rent in run.watch(
            data.train.shuffled(BATCH, SEED, epoch)
        ):
            euro = model(features, heated, grid)
            loss = F.huber_loss(euro, rent, delta=0.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
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
