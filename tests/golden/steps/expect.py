# -*- coding: utf-8 -*-
"""What steps.dl expects of the trained models."""

from collections.abc import Mapping

from dlc.runtime.expect import Expected, Results, expected
from torch.nn import Module

from .procedures import codes


def expectations(models: Mapping[str, Module], results: Results) -> list[Expected]:
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
