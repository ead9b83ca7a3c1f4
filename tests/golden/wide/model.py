"""The network of wide.dl."""

import torch
from torch import Tensor, nn


class WeatherForTheComingNight(nn.Module):
    """temperature_at_noon_in_degrees f32[N, 1], humidity_at_noon_in_percent_of_all
    f32[N, 1] -> predicted_temperature_at_midnight f32[N, 1],
    predicted_humidity_at_midnight f32[N, 1]

    wide.dl:10
    """

    def __init__(self, hidden_units_of_the_first_layer: int = 8) -> None:
        super().__init__()
        self.linear1 = nn.Linear(1, hidden_units_of_the_first_layer)
        self.linear2 = nn.Linear(hidden_units_of_the_first_layer, 1)
        self.linear3 = nn.Linear(hidden_units_of_the_first_layer, 1)

    def forward(
        self,
        temperature_at_noon_in_degrees: Tensor,
        humidity_at_noon_in_percent_of_all: Tensor,
    ) -> tuple[Tensor, Tensor]:
        x = temperature_at_noon_in_degrees * 0.5  # (N, 1)
        x = x + humidity_at_noon_in_percent_of_all * 0.01  # (N, 1)
        # (N, 1)
        both = x - temperature_at_noon_in_degrees * humidity_at_noon_in_percent_of_all
        # (N, hidden_units_of_the_first_layer)
        hidden = torch.tanh(self.linear1(both))  # wide.dl:19
        # predicted_temperature_at_midnight (N, 1), predicted_humidity_at_midnight (N, 1)
        return self.linear2(hidden), self.linear3(hidden)
