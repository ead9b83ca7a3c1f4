"""What words.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Reader


def expectations(model: Reader, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.accuracy > 0.5",
            results["train"]["accuracy"],
            operator=">",
            bound=0.5,
            place="words.dl:40",
        ),
    ]
