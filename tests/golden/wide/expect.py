"""What wide.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import WeatherForTheComingNight
from .predict import predict


def expectations(model: WeatherForTheComingNight, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "predict( temperature_at_noon_in_degrees=4, humidity_at_noon_in_percent_of_all=40, ).predicted_temperature_at_midnight within 1000 of 2.5",
            predict(
                model,
                [
                    {
                        "temperature_at_noon_in_degrees": 4,
                        "humidity_at_noon_in_percent_of_all": 40,
                    }
                ],
            )[0]["predicted_temperature_at_midnight"],
            of=2.5,
            tolerance=1000,
            place="wide.dl:41",
        ),
    ]
