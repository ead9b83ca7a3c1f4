"""Train Cnn on pets. Compiled from cats_dogs.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import accuracy, auroc, confusion_matrix
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from torch import Tensor, nn

from .data import pets
from .model import Cnn

EPOCHS = 25
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: Cnn, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [model(image) for image, _ in split.batches(BATCH)]
    p = torch.cat(outputs)
    predicted = (p[:, 0] > 0.5).long()
    positive = p[:, 0]
    return {
        "loss": F.binary_cross_entropy(p, split.label.float().unsqueeze(1)),
        "accuracy": accuracy(predicted, split.label),
        "auroc": auroc(positive, split.label),
        "confusion_matrix": confusion_matrix(predicted, split.label, 2),
    }


def train(run: Run) -> Cnn:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = pets.load(run.folders, run.device, run.downloading)
    model = Cnn().to(run.device)
    nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    optimizer = Adam(model.parameters(), lr=0.001)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for image, label in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            p = model(image)
            loss = F.binary_cross_entropy(p, label.float().unsqueeze(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(image))
        run.log()

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
