"""The data of folds.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal
from dlc.runtime.splits import k_fold
from dlc.runtime.steps import Standardize

line = Dataset(
    source=Literal(x=range(20), y=range(1, 40, 2)),
    fields={
        "x": Field("x", Standardize(), shape=(1,)),
        "y": Field("y", Standardize(), shape=(1,)),
    },
    split=k_fold(4),
)
