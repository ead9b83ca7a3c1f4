"""What vae.dl expects of the trained models."""

from dlc.runtime.expect import Expected, Models, Results, expected

from .procedures import draw


def expectations(models: Models, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "mean(draw(1000).picture) within 0.05 of 0.31",
            draw(models["D"], 1000).mean().item(),
            of=0.31,
            tolerance=0.05,
            place="vae.dl:39",
        ),
    ]
