"""Train Net on points. Compiled from tuned.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy, confusion_matrix
from dlc.runtime.optim import SGD
from dlc.runtime.run import Run, launch
from dlc.runtime.schedules import Schedule, plateau, warmup
from dlc.runtime.stopping import patience
from dlc.runtime.weights import balanced
from torch import Tensor

from .data import points
from .model import Net

EPOCHS = 20
BATCH = 4
SEED = 3


@torch.no_grad()
def evaluate(model: Net, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(x) for x, _ in split.batches(BATCH)]
    score = torch.cat(outputs)
    predicted = (score[:, 0] > 0).long()
    return {
        "loss": F.binary_cross_entropy_with_logits(
            score, split.kind.float().unsqueeze(1)
        ),
        "accuracy": accuracy(predicted, split.kind),
        "confusion_matrix": confusion_matrix(predicted, split.kind, 2),
    }


def train(run: Run) -> Net:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = points.load(run.folders, run.device)
    weights = balanced(data.train["kind"], 2)
    model = Net().to(run.device)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    schedule = Schedule(
        optimizer,
        warmup(0.2),
        plateau(patience=2, on="validation.accuracy", better="higher"),
        epochs=EPOCHS,
        batches=max(1, len(data.train) // BATCH),
    )
    stopping = patience(5, on="validation.accuracy", better="higher")
    run.keep(data, model=model, optimizer=optimizer, schedule=schedule)

    for epoch in run.epochs(EPOCHS, stopping):
        model.train()
        for x, kind in run.watch(
            data.train.shuffled(BATCH, SEED, epoch, drop_last=True)
        ):
            score = model(x)
            loss = F.binary_cross_entropy_with_logits(
                score, kind.float().unsqueeze(1), weight=weights[kind].unsqueeze(1)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.track(loss, len(x))
        measured = evaluate(model, data.validation)
        run.log(validation=measured)
        schedule.epoch(measured["accuracy"])

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
