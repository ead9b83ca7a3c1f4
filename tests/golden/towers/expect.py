"""What towers.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Towers
from .predict import predict


def expectations(model: Towers, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.loss < 2",
            results["train"]["loss"],
            operator="<",
            bound=2,
            place="towers.dl:50",
        ),
        expected(
            "predict(left=[0, 1, 0, 1], right=[0, 1, 0, 1]).apart within 2 of 0",
            predict(model, [{"left": [0, 1, 0, 1], "right": [0, 1, 0, 1]}])[0]["apart"],
            of=0,
            tolerance=2,
            place="towers.dl:51",
        ),
    ]
