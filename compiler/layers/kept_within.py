"""What torch keeps within a layer until the backward pass: indices, masks, statistics, gates.

Each rule gives bytes besides the tensors that flow in and out. Recurrent layers and attention are
sums of what their kernels keep, measured with `saved_tensors_hooks`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..dims import Dim, dim, maximum
from ..tensor import Type
from .record import Args
from .recurrent import directions
from .shape import product

Within = Callable[[Sequence[Type], Sequence[Type], Args], Dim]
FLOAT, INDEX = 4, 8  # bytes
WIDTHS = {"f64": 8, "f16": 2, "bf16": 2}


def _count(value: Type) -> Dim:
    return product(value.shape)


def places(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """An index for each maximum."""
    return _count(y[0]) * INDEX


def of_axis(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """An index for each value taken along an axis; without an axis nothing."""
    return dim(0) if len(y) == 1 and not y[0].shape else _count(y[0]) * INDEX


def values(times: int) -> Within:
    """So many numbers for each value of the result."""
    return lambda x, y, a: _count(y[0]) * times * FLOAT


def noise(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """The factors of dropout, one for each value."""
    return _count(y[0]) * _width(y[0]) if a["p"] else dim(0)


def channel_noise(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """The factors of dropout, one for each channel of a record."""
    return product(y[0].shape[:2]) * _width(y[0]) if a["p"] else dim(0)


def _width(value: Type) -> int:
    return WIDTHS.get(value.dtype, FLOAT)


def of_channels(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Mean and variance of each channel."""
    return y[0].shape[1] * 2 * FLOAT


def of_records(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Mean and variance of each channel of each record."""
    return product(y[0].shape[:2]) * 2 * FLOAT


def of_groups(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Mean and variance of each group of each record."""
    return y[0].shape[0] * dim(a["num_groups"]) * 2 * FLOAT


def _rows(value: Type, a: Args) -> Dim:
    shape = a["normalized_shape"]
    return product(value.shape[: -len(shape)] if isinstance(shape, tuple) else value.shape[:-1])


def of_rows(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Mean and variance of what is normalized together."""
    return _rows(y[0], a) * 2 * FLOAT


def roots(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """A root for what is normalized together; with weights, the values divided by it."""
    scaled = _count(y[0]) if a.get("elementwise_affine", False) else dim(0)
    return (_rows(y[0], a) + scaled) * FLOAT


def length(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """The lengths along an axis, before and after they are kept away from zero."""
    shape, axis = y[0].shape, dim(a["dim"]).value or 0
    others = (size for place, size in enumerate(shape) if place != axis % len(shape))
    return product(tuple(others)) * 2 * FLOAT


def angle(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Both sides divided by their lengths, and the lengths before and after a lower bound."""
    return (_count(x[0]) + _count(x[1]) + _count(y[0]) * 4) * FLOAT


def pooled_power(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """The powers of what comes in, and four steps of the root of their mean."""
    return (_count(x[0]) + _count(y[0]) * 4) * FLOAT


def recurrent(units: int) -> Within:
    """So many numbers a unit and step in each layer and direction, and what comes into them.

    Each direction copies what comes into the first layer.
    """

    def within(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
        every = directions(tuple(x), a)
        ways = 2 if a["bidirectional"] else 1
        total = dim(a["hidden_size"]) * units * len(every) + every[0][1] * ways
        total = sum((width for _, width in every[ways::ways]), total)
        return product(x[0].shape[:2]) * total * FLOAT

    return within


def long_memory(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Gates and cells of each unit and step, what comes in, and the room that the kernel takes.

    What the last layer gives is its result, unless that is put together from two directions.
    """
    every = directions(tuple(x), a)
    ways = 2 if a["bidirectional"] else 1
    hidden = dim(a["hidden_size"])
    total = hidden * (len(every) * 11 - (2 - ways))
    total = sum((maximum(width, hidden) * 6 for _, width in every), total)
    total = sum((width for _, width in every[::ways]), total)
    return product(x[0].shape[:2]) * total * FLOAT


def cell(units: int) -> Within:
    """So many numbers a unit."""
    return lambda x, y, a: x[0].shape[0] * a["hidden_size"] * units * FLOAT


def multihead(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """Copies of what comes in, query, key, value and what was read; the shares, where asked for."""
    query, key, value = x[:3]
    records, steps = query.shape[0], key.shape[1]
    width = query.shape[-1]
    total = _count(query) * 3 + records * steps * width * 2
    total = total + sum((_count(each) for each in (key, value) if each != query), dim(0))
    looks = records * dim(a["num_heads"]) * query.shape[1]
    if not a["need_weights"] and not a["dropout"]:
        return (total + looks) * FLOAT
    shares = looks * steps * (3 if a["dropout"] else 1)
    return (total + _count(query) + shares) * FLOAT


def in_one_kernel(x: Sequence[Type], a: Args) -> bool:
    """Whether attention runs without its shares ever being there as a whole."""
    return len(x[0].shape) == 4 and not a["dropout_p"]


def dot_product(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """A sum for each step of the result; the shares where no single kernel does it."""
    query, key = x[:2]
    looks = product(y[0].shape[:-1])
    masked = _count(a["attn_mask"]) if a["attn_mask"] and a["attn_mask"].dtype == "bool" else dim(0)
    if in_one_kernel(x, a):
        return (looks + masked) * FLOAT
    shares = looks * key.shape[-2] * (3 if a["dropout_p"] else 1)
    return (_count(query) + _count(key) + shares + masked) * FLOAT


def _forward(value: Type, a: Args) -> Dim:
    """The hidden units of the two linear layers, with what dropout and GELU keep of them."""
    units = (1 if a["activation"] == "relu" else 2) + (2 if a["dropout"] else 0)
    return product(value.shape[:2]) * dim(a["dim_feedforward"]) * units


def _looks(query: Type, key: Type, a: Args) -> Dim:
    looks = query.shape[0] * dim(a["nhead"]) * query.shape[1]
    return looks * key.shape[1] * 3 if a["dropout"] else looks


def _encoder(source: Type, a: Args) -> Dim:
    copies = 12 if a["dropout"] else 8
    norms = product(source.shape[:2]) * 4
    return _count(source) * copies + norms + _looks(source, source, a) + _forward(source, a)


def _decoder(target: Type, memory: Type, a: Args) -> Dim:
    own, others = (17, 4) if a["dropout"] else (12, 3)
    norms = product(target.shape[:2]) * 6
    looks = _looks(target, target, a) + _looks(target, memory, a)
    return _count(target) * own + _count(memory) * others + norms + looks + _forward(target, a)


def transformer(x: Sequence[Type], y: Sequence[Type], a: Args) -> Dim:
    """All layers, and a norm behind the last of each side."""
    source, target = x[:2]
    total = _encoder(source, a) * dim(a["num_encoder_layers"])
    total = total + _decoder(target, source, a) * dim(a["num_decoder_layers"])
    norms = sum((_count(each) + product(each.shape[:2]) * 2 for each in (source, target)), dim(0))
    return (total + norms) * FLOAT


# Of a maximum the index is kept, which may be a result as well.
INDEXING = frozenset(
    [f"{kind}pool{rank}d" for kind in ("max", "adaptivemax") for rank in (1, 2, 3)]
    + ["fractionalmaxpool2d", "fractionalmaxpool3d", "cummax", "cummin", "topk", "sort"]
    + ["max", "min", "median", "nanmedian"]
)
WITHIN: dict[str, Within] = {
    **{f"{kind}pool{rank}d": places for kind in ("max", "adaptivemax") for rank in (1, 2, 3)},
    **{f"fractionalmaxpool{rank}d": places for rank in (2, 3)},
    **{f"lppool{rank}d": pooled_power for rank in (1, 2, 3)},
    **dict.fromkeys(("cummax", "cummin", "topk", "sort"), places),
    **dict.fromkeys(("max", "min", "median", "nanmedian"), of_axis),
    **dict.fromkeys(("quantile", "nanquantile"), lambda x, y, a: _count(x[0]) * (INDEX + FLOAT)),
    **dict.fromkeys(("cosinesimilarity",), angle),
    "pairwisedistance": lambda x, y, a: _count(x[0]) * FLOAT,
    **dict.fromkeys(("softsign", "logsigmoid", "rrelu", "tanhshrink"), values(1)),
    **dict.fromkeys(("localresponsenorm",), values(3)),
    **dict.fromkeys(("dropout", "alphadropout"), noise),
    **dict.fromkeys(("dropout1d", "dropout2d", "dropout3d", "featurealphadropout"), channel_noise),
    **dict.fromkeys(("batchnorm1d", "batchnorm2d", "batchnorm3d", "batchnorm"), of_channels),
    **dict.fromkeys(
        ("instancenorm1d", "instancenorm2d", "instancenorm3d", "instancenorm"), of_records
    ),
    "groupnorm": of_groups,
    "layernorm": of_rows,
    "rmsnorm": roots,
    "normalize": length,
    "takealongdim": lambda x, y, a: _count(y[0]) * INDEX,
    "lstm": long_memory,
    "gru": recurrent(7),
    "rnn": recurrent(1),
    "lstmcell": cell(6),
    "grucell": cell(7),
    "rnncell": cell(2),
    "multiheadattention": multihead,
    "scaleddotproductattention": dot_product,
    "transformerencoderlayer": lambda x, y, a: _encoder(x[0], a) * FLOAT,
    "transformerdecoderlayer": lambda x, y, a: _decoder(x[0], x[1], a) * FLOAT,
    "transformer": transformer,
}
