"""The data of words.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

reviews = Dataset(
    source=Literal(
        words=[
            [1, 2, 3, 0, 0, 0],
            [4, 2, 5, 6, 0, 0],
            [7, 8, 1, 2, 3, 4],
            [5, 5, 5, 5, 0, 0],
            [6, 7, 1, 0, 0, 0],
            [8, 3, 2, 4, 6, 1],
        ],
        stars=[0, 1, 2, 1, 0, 2],
    ),
    fields={
        "words": Field("words", tokens=9, shape=(6,)),
        "stars": Field("stars", classes=3),
    },
)
