"""Train Mlp on points. Compiled from hyperparameters.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import (
    accuracy,
    cohen_kappa,
    matthews_corrcoef,
    precision,
    recall,
    specificity,
)
from dlc.runtime.optim import NAdam
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import points
from .model import Mlp

EPOCHS = 30
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Mlp, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(x) for x, _ in split.batches(BATCH)]
    logits = torch.cat(outputs)
    predicted = logits.argmax(1)
    return {
        "loss": F.cross_entropy(logits, split.label, label_smoothing=0.1),
        "accuracy": accuracy(predicted, split.label),
        "precision": precision(predicted, split.label, 3),
        "recall": recall(predicted, split.label, 3),
        "specificity": specificity(predicted, split.label, 3),
        "cohen_kappa": cohen_kappa(predicted, split.label, 3),
        "matthews_corrcoef": matthews_corrcoef(predicted, split.label, 3),
    }


def train(run: Run) -> Mlp:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = points.load(run.folders, run.device)
    model = Mlp(width=8, scale=0.5).to(run.device)
    optimizer = NAdam(model.parameters(), lr=0.002, betas=(0.8, 0.99))
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for x, label in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            logits = model(x)
            loss = F.cross_entropy(logits, label, label_smoothing=0.1)
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
