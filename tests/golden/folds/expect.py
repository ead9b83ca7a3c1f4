"""What folds.dl expects of the trained model."""

from dlc.runtime.expect import Expected, Results, expected

from .model import Line


def expectations(model: Line, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "test.r2_score > -100",
            results["test"]["r2_score"],
            operator=">",
            bound=-100,
            place="folds.dl:22",
        ),
    ]
