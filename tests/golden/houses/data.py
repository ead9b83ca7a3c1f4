"""The data of houses.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Csv
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Standardize

houses = Dataset(
    source=Csv("houses/california_housing.csv"),
    fields={
        "features": Field(
            [
                "longitude",
                "latitude",
                "housing_median_age",
                "total_rooms",
                "total_bedrooms",
                "population",
                "households",
                "median_income",
                lambda row: row["total_rooms"] / row["households"],
                lambda row: row["total_bedrooms"] / row["total_rooms"],
                lambda row: row["population"] / row["households"],
            ],
            Impute("median"),
            Standardize(),
            shape=(11,),
        ),
        "near": Field(
            "ocean_proximity",
            Categories("<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"),
            OneHot(5),
            shape=(5,),
        ),
        "price": Field("median_house_value", Standardize(), shape=(1,)),
    },
    split=random_split(0.8, validation=0.1, test=0.1),
)
