"""Predict with the trained WeatherForTheComingNight of wide.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import measurements_of_the_old_weather_station
from .model import WeatherForTheComingNight

INPUTS = (
    "temperature_at_noon_in_degrees",
    "humidity_at_noon_in_percent_of_all",
)  # the fields that feed the model
TARGETS = {
    "predicted_temperature_at_midnight": "temperature_at_midnight_in_degrees",
    "predicted_humidity_at_midnight": "humidity_at_midnight_in_percent",
}  # the field that each output predicts


def build() -> WeatherForTheComingNight:
    """The model as it is trained, with fresh weights."""
    return WeatherForTheComingNight(hidden_units_of_the_first_layer=4)


def decode(
    predicted_temperature_at_midnight: Tensor, predicted_humidity_at_midnight: Tensor
) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows(
        {
            "predicted_temperature_at_midnight": numbers(
                predicted_temperature_at_midnight
            ),
            "predicted_humidity_at_midnight": numbers(predicted_humidity_at_midnight),
        }
    )


@torch.no_grad()
def predict(
    model: WeatherForTheComingNight, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    temperature_at_noon_in_degrees = measurements_of_the_old_weather_station.encode(
        "temperature_at_noon_in_degrees", records
    ).to(device)
    humidity_at_noon_in_percent_of_all = measurements_of_the_old_weather_station.encode(
        "humidity_at_noon_in_percent_of_all", records
    ).to(device)
    return decode(
        *model(temperature_at_noon_in_degrees, humidity_at_noon_in_percent_of_all)
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
