"""Train Towers on pairs. Compiled from towers.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy
from dlc.runtime.optim import AdamW
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import pairs
from .model import Towers

EPOCHS = 60
BATCH = 3
SEED = 7


@torch.no_grad()
def evaluate(model: Towers, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(left, right) for left, right, _, _ in split.batches(BATCH)]
    scores, apart = (torch.cat(parts) for parts in zip(*outputs, strict=True))
    x = F.cross_entropy(scores, split.kind)
    loss = x + 0.5 * F.mse_loss(apart, split.distance)
    predicted = scores.argmax(1)
    return {
        "loss": loss,
        "accuracy": accuracy(predicted, split.kind),
    }


def train(run: Run) -> Towers:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = pairs.load(run.folders, run.device)
    model = Towers().to(run.device)
    optimizer = AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for left, right, kind, distance in run.watch(
            data.train.shuffled(BATCH, SEED, epoch, drop_last=True)
        ):
            scores, apart = model(left, right)
            loss = F.cross_entropy(scores, kind) + 0.5 * F.mse_loss(apart, distance)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(left))
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
