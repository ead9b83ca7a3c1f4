"""What tuned.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Net


def expectations(model: Net, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.loss < 100",
            results["test"]["loss"],
            operator="<",
            bound=100,
            place="tuned.dl:38",
        ),
    ]
