"""What steps.dl expects of the trained models."""

from dlc.runtime.expect import Expected, Models, Results, expected

from .procedures import codes


def expectations(models: Models, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.both.loss < 1000",
            results["train"]["both"]["loss"],
            operator="<",
            bound=1000,
            place="steps.dl:43",
        ),
        expected(
            "max(codes(10).code) <= 1",
            codes(models["E"], models["Head"], 10)[0].max().item(),
            operator="<=",
            bound=1,
            place="steps.dl:44",
        ),
    ]
