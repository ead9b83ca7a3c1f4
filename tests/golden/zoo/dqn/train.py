"""Train Q on memory. Compiled from dqn.dl."""

from argparse import ArgumentParser
from copy import deepcopy

import torch
import torch.nn.functional as F
from dlc.runtime.optim import RMSprop
from dlc.runtime.run import Run, launch
from torch import nn
from torch.nn import Module

from .data import memory
from .model import DQN

EPOCHS = 200
BATCH = 32
SEED = 0


def train(run: Run) -> dict[str, Module]:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.manual_seed(SEED)
    data = memory.load(run.folders, run.device)
    Q = DQN(actions=2).to(run.device)
    nn.utils.convert_conv2d_weight_memory_format(Q, torch.channels_last)
    Target = deepcopy(Q).requires_grad_(False)
    optimizer_Q = RMSprop(Q.parameters(), lr=0.00025, alpha=0.95, eps=0.01)
    run.keep(data, Q=Q, Target=Target, optimizer_Q=optimizer_Q)

    for epoch in run.epochs(EPOCHS):
        Q.train()
        Target.train()
        for place, action in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            n = len(place)
            # step Q: updates Q alone
            then = torch.clamp(place + 2 * action - 1, min=0, max=20)
            reward = (then == 20).to(torch.float32)
            x = F.one_hot(4 * place, num_classes=84)[:, None, None]
            now = x.to(torch.float32).expand((n, 4, 84, 84))
            x = F.one_hot(4 * then, num_classes=84)[:, None, None].to(torch.float32)
            after = x.expand((n, 4, 84, 84))
            best, _ = torch.max(Target(after), dim=1)
            wanted = reward + 0.9 * (1 - reward) * best
            x = Q(now)[torch.arange(n, device=run.device), action]
            loss = F.smooth_l1_loss(x, wanted)
            optimizer_Q.zero_grad()
            loss.backward()
            optimizer_Q.step()
            run.track(loss, n, "Q")
            run.count += 1
            if run.count % 50 == 0:
                Target.load_state_dict(Q.state_dict())
        run.log()

    run.finish()
    return {"Q": Q, "Target": Target}


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
