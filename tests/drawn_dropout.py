"""Dropout of values and channels, always as in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agreement import Case, Drawn, anything, batched, settings
from drawn_normalization import EVERY, FLOATS
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

shares = settings(
    p=st.sampled_from([0.0, 0.25, 1.0, 0, 1]) | st.floats(0, 1) | st.sampled_from([-0.1, 1.5])
)


def training(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    return getattr(functional, case.layer)(*tensors, **given, training=True)


def stricter(case: Case) -> str:
    rank = len(case.inputs[0].shape)
    if case.inputs[0].dtype not in FLOATS:
        return "nothing is dropped of whole numbers but all or none"
    name = case.layer.lower().replace("_", "")
    if name == "featurealphadropout" and rank < 2:
        return "channels are axis 1, whatever the share"
    if name == "dropout1d" and rank == 2:
        return "the batch dimension is written"
    if name in ("dropout2d", "dropout3d") and rank != int(name[-2]) + 2:
        return "torch warns of other ranks"
    return ""


VALUES = Drawn(shares, anything(*EVERY), stricter=stricter)
FEATURES = Drawn(shares, anything(*EVERY, most=5), stricter=stricter)
CHANNELS = {rank: Drawn(shares, batched(rank, *EVERY), stricter=stricter) for rank in (1, 2, 3)}

DRAWN = {
    "Dropout": VALUES,
    "AlphaDropout": VALUES,
    "FeatureAlphaDropout": FEATURES,
    "dropout": replace(VALUES, call=training),
    "alpha_dropout": replace(VALUES, call=training),
    "feature_alpha_dropout": replace(FEATURES, call=training),
    **{f"Dropout{rank}d": drawn for rank, drawn in CHANNELS.items()},
    **{f"dropout{rank}d": replace(drawn, call=training) for rank, drawn in CHANNELS.items()},
}
