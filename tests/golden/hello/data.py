"""The data of hello.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

points = Dataset(
    source=Literal(x=[1, 2, 3, 4, 5], y=[2, 4, 6, 8, 10]),
    fields={
        "x": Field("x", shape=(1,)),
        "y": Field("y", shape=(1,)),
    },
)
