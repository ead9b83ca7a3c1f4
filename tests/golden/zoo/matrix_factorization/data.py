"""The data of matrix_factorization.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.sources import Literal

ratings = Dataset(
    source=Literal(
        user=[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5],
        film=[0, 1, 3, 4, 0, 2, 3, 5, 1, 2, 4, 5, 0, 1, 3, 4, 0, 2, 3, 5, 1, 2, 4, 5],
        rating=[5, 4, 1, 2, 4, 5, 1, 1, 5, 5, 2, 1, 1, 1, 5, 4, 2, 1, 5, 5, 1, 2, 4, 5],
    ),
    fields={
        "user": Field("user", tokens=6),
        "film": Field("film", tokens=6),
        "rating": Field("rating"),
    },
)
