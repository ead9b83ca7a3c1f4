"""The data of pinn.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

places = Dataset(
    source=Literal(place=range(101)),
    fields={
        "place": Field("place", shape=(1,)),
    },
)
