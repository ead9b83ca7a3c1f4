"""The data of linear.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal
from dlc.runtime.steps import Standardize

line = Dataset(
    source=Literal(x=range(100), y=range(1, 200, 2)),
    fields={
        "x": Field("x", Standardize(), shape=(1,)),
        "y": Field("y", Standardize(), shape=(1,)),
    },
)
