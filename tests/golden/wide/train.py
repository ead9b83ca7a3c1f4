"""Train WeatherForTheComingNight on measurements_of_the_old_weather_station. Compiled from wide.dl."""

from argparse import ArgumentParser

import torch
import torch.nn.functional as F
from dlc.runtime.dataset import Split
from dlc.runtime.metrics import mean_absolute_error
from dlc.runtime.optim import Adamax
from dlc.runtime.run import Run, launch
from torch import Tensor

from .data import measurements_of_the_old_weather_station
from .model import WeatherForTheComingNight

EPOCHS = 3
BATCH = 32
SEED = 0


@torch.no_grad()
def evaluate(model: WeatherForTheComingNight, split: Split) -> dict[str, Tensor]:
    """The loss and metrics of one split."""
    model.eval()
    outputs = [
        model(temperature_at_noon_in_degrees, humidity_at_noon_in_percent_of_all)
        for (
            temperature_at_noon_in_degrees,
            humidity_at_noon_in_percent_of_all,
            _,
            _,
        ) in split.batches(BATCH)
    ]
    predicted_temperature_at_midnight, predicted_humidity_at_midnight = (
        torch.cat(parts) for parts in zip(*outputs, strict=True)
    )
    x = F.smooth_l1_loss(
        predicted_temperature_at_midnight,
        split.temperature_at_midnight_in_degrees,
        beta=0.25,
    )
    x = 0.5 * x
    x1 = F.l1_loss(
        predicted_humidity_at_midnight, split.humidity_at_midnight_in_percent
    )
    loss = x + 0.01 * x1 + 0.001
    predicted = predicted_temperature_at_midnight
    target = split.temperature_at_midnight_in_degrees
    return {
        "loss": loss,
        "mean_absolute_error": mean_absolute_error(predicted, target),
    }


def train(run: Run) -> WeatherForTheComingNight:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)  # tensors this small are faster on one thread
    torch.manual_seed(SEED)
    data = measurements_of_the_old_weather_station.load(run.folders, run.device)
    model = WeatherForTheComingNight(hidden_units_of_the_first_layer=4).to(run.device)
    optimizer = Adamax(
        model.parameters(), lr=0.004, betas=(0.85, 0.995), eps=1e-7, weight_decay=0.0125
    )
    run.keep(data, model=model, optimizer=optimizer)

    for epoch in run.epochs(EPOCHS):
        model.train()
        for (
            temperature_at_noon_in_degrees,
            humidity_at_noon_in_percent_of_all,
            temperature_at_midnight_in_degrees,
            humidity_at_midnight_in_percent,
        ) in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            predicted_temperature_at_midnight, predicted_humidity_at_midnight = model(
                temperature_at_noon_in_degrees, humidity_at_noon_in_percent_of_all
            )
            x = F.smooth_l1_loss(
                predicted_temperature_at_midnight,
                temperature_at_midnight_in_degrees,
                beta=0.25,
            )
            x = 0.5 * x
            x1 = F.l1_loss(
                predicted_humidity_at_midnight, humidity_at_midnight_in_percent
            )
            loss = x + 0.01 * x1 + 0.001
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.track(loss, len(temperature_at_noon_in_degrees))
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
