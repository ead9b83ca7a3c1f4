"""The data of scores.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Csv
from dlc.runtime.steps import Standardize

coins = Dataset(
    source=Csv("flats.csv"),
    fields={
        "x": Field(["area m²", "rent"], Standardize(), shape=(2,)),
        "heated": Field("heating", classes=2),
    },
)
