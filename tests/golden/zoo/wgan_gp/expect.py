"""What wgan_gp.dl expects of the trained models."""

from dlc.runtime.expect import Expected, Models, Results, expected

from .procedures import draw


def expectations(models: Models, results: Results) -> list[Expected]:
    """Each expectation with what was measured."""
    return [
        expected(
            "std(draw(1000).point) within 0.2 of 1.41",
            draw(models["G"], 1000).std().item(),
            of=1.41,
            tolerance=0.2,
            place="wgan_gp.dl:46",
        ),
    ]
