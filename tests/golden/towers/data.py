"""The data of towers.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

pairs = Dataset(
    source=Literal(
        left=[
            [1, 0, 0, 2],
            [0, 1, 0, 1],
            [0, 0, 1, 0],
            [1, 1, 0, 3],
            [0, 1, 1, 2],
            [1, 0, 1, 1],
        ],
        right=[
            [0, 0, 1, 2],
            [0, 1, 0, 1],
            [1, 0, 0, 0],
            [0, 1, 1, 3],
            [1, 1, 0, 2],
            [1, 0, 1, 2],
        ],
        kind=["other", "same", "other", "other", "other", "same"],
        distance=[1.5, 0, 2.5, 1, 1.25, 0.5],
    ),
    fields={
        "left": Field("left", shape=(4,)),
        "right": Field("right", shape=(4,)),
        "kind": Field("kind", labels=("same", "other")),
        "distance": Field("distance"),
    },
)
