"""What flats.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Rent


def expectations(model: Rent, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.mean_absolute_error < 1e6",
            results["test"]["mean_absolute_error"],
            operator="<",
            bound=1000000.0,
            place="flats.dl:42",
        ),
    ]
