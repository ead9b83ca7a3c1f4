"""What sentences.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Sentiment
from .predict import predict


def expectations(model: Sentiment, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.accuracy == 1",
            results["train"]["accuracy"],
            operator="==",
            bound=1,
            place="sentences.dl:28",
        ),
        expected(
            'predict(tokens="I love this movie").p.label == "positive"',
            predict(model, [{"tokens": "I love this movie"}])[0]["p"],
            operator="==",
            bound="positive",
            place="sentences.dl:29",
        ),
    ]
