"""The data of memory.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

sums = Dataset(
    source=Literal(
        steps=[
            [0, 0, 0, 1],
            [1, 0, 0, 0],
            [0, 1, 1, 0],
            [1, 1, 1, 0],
            [0, 1, 0, 1],
            [1, 1, 1, 1],
        ],
        total=[1, 1, 2, 3, 2, 4],
    ),
    fields={
        "steps": Field("steps", shape=(4,)),
        "total": Field("total", shape=(1,)),
    },
)
