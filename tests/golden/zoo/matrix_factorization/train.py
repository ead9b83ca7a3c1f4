"""Train Factors on ratings. Compiled from matrix_factorization.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch

from .data import ratings
from .model import Factors

EPOCHS = 200
BATCH = 32
SEED = 0


def train(run: Run) -> Factors:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = ratings.load(run.folders, run.device)
    model = Factors(users=6, films=6, rank=2).to(run.device)
    optimizer = Adam(model.parameters(), lr=0.02, weight_decay=0.001)
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for user, film, rating in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            stars = model(user, film)
            loss = F.mse_loss(stars, rating)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(user))
        run.log()

    run.finish()
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
