"""The data of flats.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Csv
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Normalize, Reshape, Scale, Standardize

flats = Dataset(
    source=Csv("flats.csv", missing=("?", "NA")),
    fields={
        "features": Field(
            ["rooms", "area m²", "year", lambda row: row["area m²"] / row["rooms"]],
            Impute("median"),
            Standardize(),
            shape=(4,),
        ),
        "heated": Field("heating", Impute(0), Normalize(), shape=(1,)),
        "grid": Field(
            [
                "rooms",
                lambda row: 2 * row["rooms"] - 1,
                lambda row: -1 * row["year"],
                lambda row: (row["rooms"] + row["year"]) * 0.5,
            ],
            Impute("most_frequent"),
            Scale(0.001),
            Reshape(2, 2),
            shape=(2, 2),
        ),
        "floor_count": Field("rooms", dtype="int64"),
        "zone": Field("zone", labels=("north", "south", "west")),
        "rent": Field("rent", Impute("mean"), Standardize(), shape=(1,)),
    },
    split=random_split(0.5, validation=0.25, test=0.25, seed=3),
)
