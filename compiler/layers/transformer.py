"""`TransformerEncoderLayer`, `TransformerDecoderLayer`, and the `Transformer` made of them."""

from __future__ import annotations

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .attention import (
    divided,
    hinted,
    looked_at,
    masked,
    padded,
    projections,
    sequences,
)
from .record import Args, Condition, Layer, Mismatch, Result, Shape, under

NORM = 7  # operations an element of a layer norm, and one more for its bias

# For each attention: the arguments of its mask, of its padding and of its hint.
Names = tuple[str, str, str]
SOURCE: Names = ("src_mask", "src_key_padding_mask", "is_causal")
TARGET: Names = ("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal")
MEMORY: Names = ("memory_mask", "memory_key_padding_mask", "memory_is_causal")


def _attends(
    name: str, query: Type, key: Type, a: Args, names: Names, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the masks of one attention."""
    mask, padding, hint = names
    records, length, _ = query.shape
    steps, heads = key.shape[1], dim(a["nhead"])
    return (
        masked(name, a, mask, (length, steps), records, heads, conditions)
        or padded(name, a, padding, (records, steps), conditions)
        or hinted(a, hint, mask)
    )


def _starts(
    name: str, x: tuple[Type, ...], roles: tuple[str, ...], a: Args, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the sequences and the width."""
    if wrong := sequences(name, x, roles, conditions):
        return wrong
    width = x[0].shape[-1]
    for value, role in zip(x, roles, strict=True):
        if decide(value.shape[-1], "==", width) is not True:
            sizes = f"{text(width)} and {text(value.shape[-1])}"
            return Mismatch(
                f"{roles[0]} and {role} have equally many features, and here are {sizes}",
                write=f"-> Linear({text(width)}) for the {role} before it",
            )
    if not a["batch_first"]:
        return Mismatch(f"{name} has the batch first here, always", "leave out batch_first")
    return divided(name, width, dim(a["nhead"]), "nhead", conditions)


def encoder_layer(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, S, E]` stays: each step looks at all, then passes through two layers of its own."""
    (source,) = x
    name = "TransformerEncoderLayer"
    conditions: list[Condition] = []
    wrong = _starts(name, x, ("src",), a, conditions)
    if wrong := wrong or _attends(name, source, source, a, SOURCE, conditions):
        return wrong
    return under(Type("f32", source.shape), conditions)


def decoder_layer(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, T, E]` stays: each step looks at all of its own, then at the memory `[N, S, E]`."""
    target, memory = x
    name = "TransformerDecoderLayer"
    conditions: list[Condition] = []
    wrong = _starts(name, x, ("tgt", "memory"), a, conditions)
    wrong = wrong or _attends(name, target, target, a, TARGET, conditions)
    if wrong := wrong or _attends(name, target, memory, a, MEMORY, conditions):
        return wrong
    return under(Type("f32", target.shape), conditions)


def transformer(x: tuple[Type, ...], a: Args) -> Result:
    """A source `[N, S, E]` is read, a target `[N, T, E]` stays: its steps look at both."""
    source, target = x
    name = "Transformer"
    conditions: list[Condition] = []
    wrong = _starts(name, x, ("src", "tgt"), a, conditions)
    encoded = (*SOURCE[:2], "src_is_causal")
    wrong = wrong or _attends(name, source, source, a, encoded, conditions)
    wrong = wrong or _attends(name, target, target, a, TARGET, conditions)
    if wrong := wrong or _attends(name, target, source, a, MEMORY, conditions):
        return wrong
    return under(Type("f32", target.shape), conditions)


def _state(width: Dim, attentions: tuple[str, ...], a: Args) -> dict[str, Shape]:
    """The weights of one layer of a transformer, by torch's names."""
    hidden = dim(a["dim_feedforward"])
    shapes: dict[str, Shape] = {}
    for each in attentions:
        shapes[f"{each}.in_proj_weight"] = (width * 3, width)
        shapes[f"{each}.out_proj.weight"] = (width, width)
    shapes |= {"linear1.weight": (hidden, width), "linear2.weight": (width, hidden)}
    shapes |= {f"norm{place + 1}.weight": (width,) for place in range(len(attentions) + 1)}
    if a["bias"]:
        shapes |= {f"{each}.in_proj_bias": (width * 3,) for each in attentions}
        layers = [name.removesuffix(".weight") for name in shapes if name.endswith(".weight")]
        shapes |= {f"{each}.bias": shapes[f"{each}.weight"][:1] for each in layers}
    return shapes


ENCODER, DECODER = ("self_attn",), ("self_attn", "multihead_attn")


def encoder_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """One attention, two linear layers, two norms."""
    return _state(y.shape[-1], ENCODER, a)


def decoder_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Two attentions, two linear layers, three norms."""
    return _state(y.shape[-1], DECODER, a)


def transformer_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """All layers, and a norm behind the last of each side."""
    width = y.shape[-1]
    shapes: dict[str, Shape] = {}
    for side, attentions in (("encoder", ENCODER), ("decoder", DECODER)):
        one = _state(width, attentions, a)
        for place in range(dim(a[f"num_{side}_layers"]).value or 1):
            shapes |= {f"{side}.layers.{place}.{key}": shape for key, shape in one.items()}
        shapes[f"{side}.norm.weight"] = (width,)
        if a["bias"]:
            shapes[f"{side}.norm.bias"] = (width,)
    return shapes


def _attention_flops(query: Type, key: Type, a: Args, names: Names) -> Dim:
    """One attention, what is added to its result, and a norm."""
    masks = (a[names[0]], a[names[1]])
    width = query.shape[-1]
    total = projections(query, key.shape[1], (width, width), a["bias"])
    return total + looked_at(query, key.shape[1], dim(a["nhead"]), masks) + _normed(query, a, 1)


def _normed(value: Type, a: Args, added: int) -> Dim:
    """A layer norm, and so many additions an element."""
    records, steps, width = value.shape
    each = NORM + bool(a["bias"]) + added
    return records * steps * width * each


def _forward_flops(value: Type, a: Args) -> Dim:
    """Two linear layers with an activation (GELU 8 operations, ReLU 1), the addition, the norm."""
    records, steps, width = value.shape
    hidden = dim(a["dim_feedforward"])
    activation = 8 if a["activation"] == "gelu" else 1
    each = width * hidden * 4 + hidden * activation + (hidden + width if a["bias"] else 0)
    return records * steps * each + _normed(value, a, 1)


def encoder_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """The attention, then the layers of each step; dropout counts nothing."""
    return _attention_flops(x[0], x[0], a, SOURCE) + _forward_flops(x[0], a)


def decoder_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Both attentions, then the layers of each step; dropout counts nothing."""
    looks = _attention_flops(y, y, a, TARGET) + _attention_flops(y, x[1], a, MEMORY)
    return looks + _forward_flops(y, a)


def transformer_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """All layers, and the norm behind the last of each side."""
    read = encoder_flops(x[:1], x[0], a) * dim(a["num_encoder_layers"])
    written = decoder_flops((y, x[0]), y, a) * dim(a["num_decoder_layers"])
    return read + written + _normed(x[0], a, 0) + _normed(y, a, 0)


LAYER = (
    "dim_feedforward: size = 2048, dropout: probability = 0.1, activation: relu|gelu = 'relu', "
    "layer_norm_eps: positive = 1e-05, batch_first: bool = True, norm_first: bool = False, "
    "bias: bool = True"
)


def _masks(*names: str) -> str:
    return ", ".join(f"{name}: tensor? = None" for name in names)


TRANSFORMERS = (
    Layer(
        "TransformerEncoderLayer",
        f"nhead: size, {LAYER}",
        encoder_layer,
        "nn.TransformerEncoderLayer",
        "each step looks at all steps, then passes through two linear layers",
        "sequence -> TransformerEncoderLayer(2)",
        inputs=("src",),
        infers={"d_model": lambda x: x[0].shape[-1]},
        forward=f"{_masks(*SOURCE[:2])}, is_causal: bool = False",
        fixed={"batch_first": "True"},
        positional=2,
        stem="encoder",
        weights=encoder_weights,
        flops=encoder_flops,
    ),
    Layer(
        "TransformerDecoderLayer",
        f"nhead: size, {LAYER}",
        decoder_layer,
        "nn.TransformerDecoderLayer",
        "each step looks at its own steps and at a memory, then passes through two linear layers",
        "(sequence, sequence) -> TransformerDecoderLayer(2)",
        inputs=("tgt", "memory"),
        infers={"d_model": lambda x: x[0].shape[-1]},
        forward=f"{_masks(TARGET[0], MEMORY[0], TARGET[1], MEMORY[1])}, "
        "tgt_is_causal: bool = False, memory_is_causal: bool = False",
        fixed={"batch_first": "True"},
        positional=2,
        stem="decoder",
        weights=decoder_weights,
        flops=decoder_flops,
    ),
    Layer(
        "Transformer",
        f"nhead: size = 8, num_encoder_layers: size = 6, num_decoder_layers: size = 6, {LAYER}",
        transformer,
        "nn.Transformer",
        "encoder layers read a source, decoder layers a target and what was read",
        "(sequence, sequence) -> Transformer(2)",
        inputs=("src", "tgt"),
        infers={"d_model": lambda x: x[0].shape[-1]},
        forward=f"{_masks(SOURCE[0], TARGET[0], MEMORY[0], SOURCE[1], TARGET[1], MEMORY[1])}, "
        "src_is_causal: bool? = None, tgt_is_causal: bool? = None, memory_is_causal: bool = False",
        fixed={"batch_first": "True"},
        positional=2,
        stem="transformer",
        weights=transformer_weights,
        flops=transformer_flops,
    ),
)
