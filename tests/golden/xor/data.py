"""The data of xor.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

points = Dataset(
    source=Literal(x=[[0, 0], [0, 1], [1, 0], [1, 1]], y=[0, 1, 1, 0]),
    fields={
        "x": Field("x", shape=(2,)),
        "y": Field("y", classes=2),
    },
)
