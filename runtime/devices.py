"""Which device a run uses, and what it ran on."""

from __future__ import annotations

import os
import platform
from typing import Any

import torch

from .errors import DataError


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes a GPU where there is one.

    Raises `DataError` for a device that this machine or this build of torch does not have.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DataError(
            f"`{name}` is no device.", "Use --device auto, cpu, cuda, cuda:1 or mps."
        ) from None
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }.get(device.type, False)
    if not here:
        raise DataError(
            f"The device `{name}` is not there: this build of torch on this machine has none.",
            "Use --device auto, which takes what is there.",
        )
    return device


def environment(device: torch.device) -> dict[str, Any]:
    """What a result may depend on: versions, device and threads."""
    found = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": str(device),
    }
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found
