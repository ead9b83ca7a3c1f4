"""Train Sentiment on sentences. Compiled from sentences.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import sentences
from .model import Sentiment

EPOCHS = 10
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Sentiment, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(tokens) for tokens, _ in split.batches(BATCH)]
    p = torch.cat(outputs)
    predicted = (p[:, 0] > 0.5).long()
    return {
        "loss": F.binary_cross_entropy(p, split.label.float().unsqueeze(1)),
        "accuracy": accuracy(predicted, split.label),
    }


def train(run: Run) -> Sentiment:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = sentences.load(run.folders, run.device)
    model = Sentiment().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.001)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for tokens, label in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            p = model(tokens)
            loss = F.binary_cross_entropy(p, label.float().unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(tokens))
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
