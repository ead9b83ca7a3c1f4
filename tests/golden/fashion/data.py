"""The data of fashion.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import FashionMnist
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Scale

clothes = Dataset(
    source=FashionMnist(),
    fields={
        "image": Field("image", Scale(1 / 255), shape=(1, 28, 28)),
        "label": Field(
            "label",
            labels=(
                "T-shirt",
                "trouser",
                "pullover",
                "dress",
                "coat",
                "sandal",
                "shirt",
                "sneaker",
                "bag",
                "boot",
            ),
        ),
    },
    split=random_split(0.9, validation=0.1),
)
