"""Resampling as drawn: sizes, scales, modes, channels that become pixels; bytes and floats."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, anything, batched, booleans, settings, small
from hypothesis import strategies as st

MODES = ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"]
# Fractions over a power of two: others are refused for open sizes, and tested by hand.
scales = st.sampled_from([0.25, 0.5, 1, 1.0, 1.5, 2, 2.5, 3, 0.0625])


def lists(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """One value, or some in brackets, of which the count may be wrong."""
    return values | st.lists(values, min_size=1, max_size=4).map(tuple)


def images(case: Case) -> str:
    """Why a layer of images refuses what torch runs."""
    rank = len(case.inputs[0].shape)
    return "it is documented for images with a batch" if rank != 4 else ""


def byte_kernel(case: Case) -> str:
    """Why torch refuses what it should take."""
    bytes_between = case.inputs[0].dtype == "u8" and case.given.get("mode") in (
        "bilinear",
        "bicubic",
    )
    return "an internal assertion of torch's kernel fails on some pictures" * bytes_between


def half_floats(case: Case) -> str:
    """Why antialias is refused where torch runs it: the size stays, so that nothing is done."""
    half = case.given.get("antialias") and case.inputs[0].dtype in ("f16", "bf16")
    return "half floats go through only where nothing changes" if half else ""


sized = {"size": lists(small), "scale_factor": lists(scales)}
one_way = settings(size_=lists(small)) | settings(scale_factor_=lists(scales)) | settings(**sized)
more = {
    "mode": st.sampled_from(MODES),
    "align_corners": booleans | st.none(),
    "recompute_scale_factor": booleans | st.none(),
}
pictures = st.one_of(*(batched(rank) for rank in (1, 2, 2, 3))) | st.one_of(
    *(batched(rank, *DTYPES) for rank in (0, 1, 2, 2, 3))
)


def joined(*parts: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.tuples(*parts).map(lambda found: {k: v for part in found for k, v in part.items()})


def channels(divisor: int) -> st.SearchStrategy[tuple[Operand, ...]]:
    """Pictures whose sizes are often multiples."""
    size = st.sampled_from([1, 2, 3, 4, 6, divisor, divisor * 2])
    shape = st.lists(size, min_size=3, max_size=5).map(tuple)
    return st.builds(lambda s, dtype: (Operand(s, dtype),), shape, st.sampled_from([*DTYPES]))


DRAWN = {
    "Upsample": Drawn(joined(one_way, settings(**more)), pictures, looser=byte_kernel),
    "interpolate": Drawn(
        joined(one_way, settings(**more, antialias=booleans)),
        pictures,
        stricter=half_floats,
        looser=byte_kernel,
    ),
    "UpsamplingNearest2d": Drawn(one_way, pictures, stricter=images),
    "UpsamplingBilinear2d": Drawn(one_way, pictures),
    **{
        name: Drawn(
            settings(**{f"{argument}_": st.integers(-1, 4)}),
            channels(4) | channels(9) | anything(),
        )
        for argument, names in (
            ("upscale_factor", ("PixelShuffle", "pixel_shuffle")),
            ("downscale_factor", ("PixelUnshuffle", "pixel_unshuffle")),
            ("groups", ("ChannelShuffle", "channel_shuffle")),
        )
        for name in names
    },
}
