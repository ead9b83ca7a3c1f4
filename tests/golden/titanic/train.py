"""Train Mlp on passengers. Compiled from titanic.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy, auroc, confusion_matrix, precision, recall
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import passengers
from .model import Mlp

EPOCHS = 50
BATCH = 32
SEED = 0
FOLDS = 5


@torch.no_grad()
def observe(model: Mlp, split: Split) -> dict[str, Tensor]:
    """What the model says of each record of a split, and what is true."""
    model.eval()
    outputs = [
        model(person, sex, ticket) for person, sex, ticket, _ in split.batches(BATCH)
    ]
    survives = torch.cat(outputs)
    return {
        "survives": survives,
        "survived": split.survived,
    }


@torch.no_grad()
def measure(observed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss and metrics of what was observed."""
    predicted = (observed["survives"][:, 0] > 0).long()
    positive = observed["survives"][:, 0]
    return {
        "loss": F.binary_cross_entropy_with_logits(
            observed["survives"], observed["survived"].float().unsqueeze(1)
        ),
        "accuracy": accuracy(predicted, observed["survived"]),
        "precision": precision(predicted, observed["survived"], 2, average="binary"),
        "recall": recall(predicted, observed["survived"], 2, average="binary"),
        "auroc": auroc(positive, observed["survived"]),
        "confusion_matrix": confusion_matrix(predicted, observed["survived"], 2),
    }


def train(run: Run) -> Mlp:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = passengers.load(run.folders, run.device, fold=run.fold)
    model = Mlp().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.003, weight_decay=0.001)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for person, sex, ticket, survived in run.watch(
            data.train.shuffled(BATCH, SEED, epoch)
        ):
            survives = model(person, sex, ticket)
            loss = F.binary_cross_entropy_with_logits(
                survives, survived.float().unsqueeze(1)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(person))
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
