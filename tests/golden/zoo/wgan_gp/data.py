"""The data of wgan_gp.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

circle = Dataset(
    source=Literal(place=range(2048)),
    fields={
        "place": Field("place", shape=(1,)),
    },
)
