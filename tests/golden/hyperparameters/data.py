"""The data of hyperparameters.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

points = Dataset(
    source=Literal(
        x=[[0, 0], [1, 0], [0, 1], [1, 1], [2, 0], [0, 2]], label=[0, 1, 2, 0, 1, 2]
    ),
    fields={
        "x": Field("x", shape=(2,)),
        "label": Field("label", classes=3),
    },
)
