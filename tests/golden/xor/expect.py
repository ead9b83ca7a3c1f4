"""What xor.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Xor
from .predict import predict


def expectations(model: Xor, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.accuracy == 1",
            results["train"]["accuracy"],
            operator="==",
            bound=1,
            place="xor.dl:26",
        ),
        expected(
            "predict(x=[0, 0]).p within 0.1 of 0",
            predict(model, [{"x": [0, 0]}])[0]["p.probabilities"]["1"],
            of=0,
            tolerance=0.1,
            place="xor.dl:27",
        ),
        expected(
            "predict(x=[0, 1]).p within 0.1 of 1",
            predict(model, [{"x": [0, 1]}])[0]["p.probabilities"]["1"],
            of=1,
            tolerance=0.1,
            place="xor.dl:28",
        ),
        expected(
            "predict(x=[1, 0]).p within 0.1 of 1",
            predict(model, [{"x": [1, 0]}])[0]["p.probabilities"]["1"],
            of=1,
            tolerance=0.1,
            place="xor.dl:29",
        ),
        expected(
            "predict(x=[1, 1]).p within 0.1 of 0",
            predict(model, [{"x": [1, 1]}])[0]["p.probabilities"]["1"],
            of=0,
            tolerance=0.1,
            place="xor.dl:30",
        ),
    ]
