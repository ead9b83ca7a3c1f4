"""What cats_dogs.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Cnn


def expectations(model: Cnn, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.accuracy > 0.5",
            results["test"]["accuracy"],
            operator=">",
            bound=0.5,
            place="cats_dogs.dl:35",
        ),
    ]
