"""What hello.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Line
from .predict import predict


def expectations(model: Line, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "predict(x=7).y_hat within 0.5 of 14",
            predict(model, [{"x": 7}])[0]["y_hat"],
            of=14,
            tolerance=0.5,
            place="hello.dl:19",
        ),
    ]
