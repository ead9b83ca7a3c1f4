"""Train Line on line. Compiled from linear.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import mean_absolute_error, r2_score
from dlc.runtime.optim import SGD
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import line
from .model import Line

EPOCHS = 100
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Line, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(x) for x, _ in split.batches(BATCH)]
    y_hat = torch.cat(outputs)
    predicted = line.inverse("y", y_hat)
    target = line.inverse("y", split.y)
    return {
        "loss": F.mse_loss(y_hat, split.y),
        "mean_absolute_error": mean_absolute_error(predicted, target),
        "r2_score": r2_score(predicted, target),
    }


def train(run: Run) -> Line:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = line.load(run.folders, run.device)
    model = Line().to(run.device)
    optimizer = SGD(model.parameters(), lr=0.1)
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
