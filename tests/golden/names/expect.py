"""What names.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import F_
from .predict import predict


def expectations(model: F_, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            'predict(x=[0, 0]).loss.label == "it\'s"',
            predict(model, [{"x": [0, 0]}])[0]["loss"],
            operator="==",
            bound="it's",
            place="names.dl:32",
        ),
    ]
