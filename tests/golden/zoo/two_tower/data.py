"""The data of two_tower.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal
from dlc.runtime.texts import Characters, Pad, Vocabulary

numbers_ = Dataset(
    source=Literal(
        english=[
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
        ],
        german=[
            "eins",
            "zwei",
            "drei",
            "vier",
            "fünf",
            "sechs",
            "sieben",
            "acht",
            "neun",
        ],
    ),
    fields={
        "english": Field(
            "english", Characters(), Vocabulary(32), Pad(6), tokens=32, shape=(6,)
        ),
        "german": Field(
            "german", Characters(), Vocabulary(32), Pad(6), tokens=32, shape=(6,)
        ),
    },
)
