"""The data of names.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

data_ = Dataset(
    source=Literal(
        x=[[0, 0], [0, 1], [1, 0], [1, 1]],
        label=["it's", "it's", 'a "quote"\n{{ line }} \\', "it's"],
    ),
    fields={
        "x": Field("x", shape=(2,)),
        "label": Field("label", labels=("it's", 'a "quote"\n{{ line }} \\')),
    },
)
