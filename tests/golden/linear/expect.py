"""What linear.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Line
from .predict import predict


def expectations(model: Line, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "predict(x=150).y_hat within 0.5 of 301",
            predict(model, [{"x": 150}])[0]["y_hat"],
            of=301,
            tolerance=0.5,
            place="linear.dl:26",
        ),
        expected(
            "train.mean_absolute_error < 0.1",
            results["train"]["mean_absolute_error"],
            operator="<",
            bound=0.1,
            place="linear.dl:27",
        ),
    ]
