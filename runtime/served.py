"""Which of a package's modules predicts with what a training has made."""

from __future__ import annotations

from typing import Any

__all__ = ["served"]


def served(predict: Any, training: str | None) -> Any:
    """The module that predicts with the model of this training; None where there is none.

    `predict` is the package's own, `training` the name of one of several, None of the only one.
    """
    several = getattr(predict, "PREDICTIONS", None)
    modules = [predict] if several is None else list(several.values())
    found = [each for each in modules if getattr(each, "TARGETS", None) is not None]
    return next((each for each in found if getattr(each, "TRAINING", None) == training), None)
