"""The data of tuned.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal
from dlc.runtime.splits import random_split

points = Dataset(
    source=Literal(
        x=[
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
            [2, 1],
            [1, 2],
            [2, 2],
            [3, 1],
            [0, 3],
            [2, 0],
        ],
        kind=[
            "low",
            "low",
            "low",
            "high",
            "high",
            "high",
            "high",
            "high",
            "low",
            "low",
        ],
    ),
    fields={
        "x": Field("x", shape=(2,)),
        "kind": Field("kind", labels=("low", "high")),
    },
    split=random_split(0.6, validation=0.2, test=0.2, seed=1),
)
