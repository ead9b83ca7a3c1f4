"""What houses.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Mlp


def expectations(model: Mlp, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.r2_score >= 0.75",
            results["test"]["r2_score"],
            operator=">=",
            bound=0.75,
            place="houses.dl:46",
        ),
        expected(
            "test.mean_absolute_error < 45_000",
            results["test"]["mean_absolute_error"],
            operator="<",
            bound=45000,
            place="houses.dl:47",
        ),
    ]
