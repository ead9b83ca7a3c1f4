"""What matrix_factorization.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Factors
from .predict import predict


def expectations(model: Factors, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "predict(user=0, film=2).stars > 3.5",
            predict(model, [{"user": 0, "film": 2}])[0]["stars"],
            operator=">",
            bound=3.5,
            place="matrix_factorization.dl:29",
        ),
        expected(
            "predict(user=0, film=5).stars < 2.5",
            predict(model, [{"user": 0, "film": 5}])[0]["stars"],
            operator="<",
            bound=2.5,
            place="matrix_factorization.dl:30",
        ),
    ]
