"""`report.html`: what a run showed, as one page without scripts that needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from ..artifacts import write_atomic
from .page import Reported, report


def write_report(
    run: Reported, models: Mapping[str, nn.Module], package: str, status: Mapping[str, Any]
) -> None:
    """Write `report.html` into the run's folder, whole or, with an ArtifactError, not at all.

    `models` are the trained networks by name, none where training did not come to it, `package`
    is the name of the generated package, and `status` what `status.json` holds. The models are
    left in evaluation mode.
    """
    write_atomic(run.path / "report.html", report(run, models, package, status).encode())
