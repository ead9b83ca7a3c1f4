"""The data of gan.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Mnist
from dlc.runtime.steps import Reshape, Scale

digits = Dataset(
    source=Mnist(),
    fields={
        "image": Field("image", Scale(1 / 255), Reshape(784), shape=(784,)),
    },
)
