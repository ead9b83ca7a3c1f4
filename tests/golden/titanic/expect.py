"""What titanic.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Mlp


def expectations(model: Mlp, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.accuracy > 0.79",
            results["test"]["accuracy"],
            operator=">",
            bound=0.79,
            place="titanic.dl:32",
        ),
    ]
