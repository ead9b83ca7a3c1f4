"""The data of wide.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

measurements_of_the_old_weather_station = Dataset(
    source=Literal(
        temperature_at_noon_in_degrees=[1, 2, 3, 4, 5, 6],
        humidity_at_noon_in_percent_of_all=[10, 30, 20, 50, 40, 60],
        temperature_at_midnight_in_degrees=[0, 1, 2, 2, 3, 4],
        humidity_at_midnight_in_percent=[20, 30, 30, 50, 50, 60],
    ),
    fields={
        "temperature_at_noon_in_degrees": Field(
            "temperature_at_noon_in_degrees", shape=(1,)
        ),
        "humidity_at_noon_in_percent_of_all": Field(
            "humidity_at_noon_in_percent_of_all", shape=(1,)
        ),
        "temperature_at_midnight_in_degrees": Field(
            "temperature_at_midnight_in_degrees", shape=(1,)
        ),
        "humidity_at_midnight_in_percent": Field(
            "humidity_at_midnight_in_percent", shape=(1,)
        ),
    },
)
