"""The data of mnist.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Mnist
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Scale

digits = Dataset(
    source=Mnist(),
    fields={
        "image": Field("image", Scale(1 / 255), shape=(1, 28, 28)),
        "label": Field("label", classes=10),
    },
    split=random_split(0.9, validation=0.1),
)
