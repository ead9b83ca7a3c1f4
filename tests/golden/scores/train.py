"""Train Coin on coins. Compiled from scores.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import (
    accuracy,
    auroc,
    average_precision,
    confusion_matrix,
    f1_score,
    precision,
    recall,
    specificity,
)
from dlc.runtime.optim import SGD
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import coins
from .model import Coin

EPOCHS = 20
BATCH = 2
SEED = 0


@torch.no_grad()
def evaluate(model: Coin, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(x) for x, _ in split.batches(BATCH)]
    score = torch.cat(outputs)
    predicted = (score[:, 0] > 0).long()
    positive = score[:, 0]
    return {
        "loss": F.binary_cross_entropy_with_logits(
            score, split.heated.float().unsqueeze(1)
        ),
        "accuracy": accuracy(predicted, split.heated),
        "precision": precision(predicted, split.heated, 2, average="binary"),
        "recall": recall(predicted, split.heated, 2, average="binary"),
        "specificity": specificity(predicted, split.heated, 2, average="binary"),
        "f1_score": f1_score(predicted, split.heated, 2),
        "confusion_matrix": confusion_matrix(predicted, split.heated, 2),
        "auroc": auroc(positive, split.heated),
        "average_precision": average_precision(positive, split.heated),
    }


def train(run: Run) -> Coin:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = coins.load(run.folders, run.device)
    model = Coin().to(run.device)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for x, heated in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            score = model(x)
            loss = F.binary_cross_entropy_with_logits(
                score, heated.float().unsqueeze(1)
            )
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
