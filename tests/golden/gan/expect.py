"""What gan.dl expects of the trained models."""

from dlc.runtime.expect import Expected, Models, Results, expected

from .procedures import draw


def expectations(models: Models, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "train.D.loss within 0.5 of 1.1",
            results["train"]["D"]["loss"],
            of=1.1,
            tolerance=0.5,
            place="gan.dl:48",
        ),
        expected(
            "train.G.loss within 0.8 of 1.2",
            results["train"]["G"]["loss"],
            of=1.2,
            tolerance=0.8,
            place="gan.dl:49",
        ),
        expected(
            "mean(draw(1000).picture) within 0.05 of 0.13",
            draw(models["G"], 1000).mean().item(),
            of=0.13,
            tolerance=0.05,
            place="gan.dl:50",
        ),
        expected(
            "std(draw(1000).picture) within 0.05 of 0.31",
            draw(models["G"], 1000).std().item(),
            of=0.31,
            tolerance=0.05,
            place="gan.dl:51",
        ),
    ]
