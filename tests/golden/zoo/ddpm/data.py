"""The data of ddpm.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.sources import Csv
from dlc.runtime.steps import Reshape, Scale

digits = Dataset(
    source=Csv("../digits.csv.gz", header=False),
    fields={
        "image": Field(
            columns(0, 64), Scale(0.0625), Reshape(1, 8, 8), shape=(1, 8, 8)
        ),
    },
)
