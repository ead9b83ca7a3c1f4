"""Train Cnn on digits. Compiled from digits.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy, confusion_matrix, f1_score
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import Tensor, nn

from .data import digits
from .model import Cnn

EPOCHS = 20
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Cnn, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(image) for image, _ in split.batches(BATCH)]
    logits = torch.cat(outputs)
    predicted = logits.argmax(1)
    return {
        "loss": F.cross_entropy(logits, split.label),
        "accuracy": accuracy(predicted, split.label),
        "f1_score": f1_score(predicted, split.label, 10),
        "confusion_matrix": confusion_matrix(predicted, split.label, 10),
    }


def train(run: Run) -> Cnn:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = digits.load(run.folders, run.device)
    model = Cnn().to(run.device)
    nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    optimizer = Adam(model.parameters(), lr=0.002)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for image, label in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            logits = model(image)
            loss = F.cross_entropy(logits, label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(image))
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
