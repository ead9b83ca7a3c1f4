"""What sentiment.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Sentiment


def expectations(model: Sentiment, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.accuracy >= 0.7",
            results["test"]["accuracy"],
            operator=">=",
            bound=0.7,
            place="sentiment.dl:27",
        ),
    ]
