"""What two_tower.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import TwoTower


def expectations(model: TwoTower, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.loss < 0.1",
            results["train"]["loss"],
            operator="<",
            bound=0.1,
            place="two_tower.dl:40",
        ),
    ]
