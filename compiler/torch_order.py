"""Convolutions in torch's order: `Conv2d(3, 64, 3)`, whose first number is read off here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .ir import Value
from .layers.record import Layer

# A window that no layer in the middle of a network has.
LARGE = 8
CALL = re.compile(r"(Conv\w*)\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*([,)].*)", re.DOTALL)


def rewritten(
    text: str, layer: Layer, inputs: Sequence[Value], arguments: Mapping[str, Any]
) -> str:
    """The call without the channels that come in, where they surely stand first; else "".

    They do where the first of three numbers is as many channels as flow in, and the second would
    be a window too large to be meant.
    """
    found = CALL.match(text)
    if found is None or "in_channels" not in layer.infers or not inputs:
        return ""
    name, *numbers, rest = found.groups()
    first, second, third = map(int, numbers)
    shape = inputs[0].type.shape
    if len(shape) < 2 or shape[1].value != first or second < LARGE or third >= second:
        return ""
    return f"{name}({second}, {third}{rest}"
