"""The data of steps.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

pairs = Dataset(
    source=Literal(x=[[0, 1], [1, 0], [2, 1], [1, 3], [0.5, 0.5]], y=[1, 2, 3, 4, 5]),
    fields={
        "x": Field("x", shape=(2,)),
        "y": Field("y", shape=(1,)),
    },
)
