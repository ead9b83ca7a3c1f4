"""The data of digits.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.sources import Csv
from dlc.runtime.splits import stratified_split
from dlc.runtime.steps import Reshape, Scale

digits = Dataset(
    source=Csv("digits.csv.gz", header=False),
    fields={
        "image": Field(
            columns(0, 64), Scale(0.0625), Reshape(1, 8, 8), shape=(1, 8, 8)
        ),
        "label": Field("64", classes=10),
    },
    split=stratified_split("label", train=0.7, validation=0.1, test=0.2),
)
