"""Train Reader on reviews. Compiled from words.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy, f1_score
from dlc.runtime.optim import Adagrad
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import reviews
from .model import Reader

EPOCHS = 20
BATCH = 2
SEED = 0


@torch.no_grad()
def evaluate(model: Reader, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(words) for words, _ in split.batches(BATCH)]
    chances = torch.cat(outputs)
    predicted = chances.argmax(1)
    return {
        "loss": F.nll_loss(chances, split.stars),
        "accuracy": accuracy(predicted, split.stars),
        "f1_score": f1_score(predicted, split.stars, 3),
    }


def train(run: Run) -> Reader:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = reviews.load(run.folders, run.device)
    model = Reader().to(run.device)
    optimizer = Adagrad(model.parameters(), lr=0.1)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for words, stars in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            chances = model(words)
            loss = F.nll_loss(chances, stars)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(words))
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
