"""What hello_longer.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Line
from .predict import predict


def expectations(model: Line, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "predict(x=6).y_hat within 0.2 of 12",
            predict(model, [{"x": 6}])[0]["y_hat"],
            of=12,
            tolerance=0.2,
            place="hello_longer.dl:19",
        ),
    ]
