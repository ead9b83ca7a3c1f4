"""What torch keeps of a layer or function until the backward pass has used it.

The rules are those of autograd on a processor, as `torch.autograd.graph.saved_tensors_hooks` shows
them; kernels of a graphics card may keep less (dropout a mask of bytes instead of floats).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..dims import Dim, dim
from ..tensor import COMPLEX, Type
from .kept_within import INDEXING, WITHIN, in_one_kernel
from .record import Args
from .shape import product

BYTES = {
    **dict.fromkeys(("f64", "i64", "c64"), 8),
    **dict.fromkeys(("f32", "i32"), 4),
    **dict.fromkeys(("f16", "bf16"), 2),
    **dict.fromkeys(("u8", "bool"), 1),
    "c128": 16,
}


def _rule(names: str) -> frozenset[str]:
    return frozenset(names.split())


# A layer and its function have one rule: names are looked up in small letters, without `_`.
VIEWS = _rule(
    "broadcastto chunk contiguous detach diagonal dsplit expand expandas flatten hsplit identity "
    "meshgrid moveaxis movedim mt narrow permute ravel reshape reshapeas select split squeeze "
    "swapaxes swapdims t tensorsplit transpose unbind unflatten unsqueeze view viewas "
    "viewascomplex viewasreal vsplit real imag conj"
)
NOTHING = _rule(
    "adaptiveavgpool1d adaptiveavgpool2d adaptiveavgpool3d add all any argmax argmin argsort "
    "bernoulli cat ceil channelshuffle circularpad1d circularpad2d circularpad3d clone columnstack "
    "concat constantpad1d constantpad2d constantpad3d countnonzero cumsum deg2rad diag diagembed "
    "diff dstack fft2 fftn fftshift flip fliplr flipud floor floordivide fmod fold frac "
    "hstack ifft2 ifftn ifftshift interpolate irfft irfft2 irfftn lerp max mean median "
    "min nanmedian neg onehot pad pixelshuffle pixelunshuffle rad2deg remainder repeat "
    "repeatinterleave roll rot90 round sign sort stack sub sum tile to topk trace "
    "tril triu trunc unfold upsample upsamplingbilinear2d upsamplingnearest2d vstack zeropad1d "
    "zeropad2d zeropad3d dropout dropout1d dropout2d dropout3d alphadropout featurealphadropout "
    "eq ne lt le gt ge fftfreq rfftfreq gru rnn multiheadattention transformerencoderlayer "
    "transformerdecoderlayer transformer quantile nanquantile tanhshrink affinegrid"
)
RESULT = _rule(
    "exp exp2 expm1 gumbelsoftmax inverse logsoftmax pairwisedistance polar reciprocal relu "
    "rsqrt sigmoid softmax softmax2d softmin sqrt tan tanh"
)
BOTH = _rule(
    "amax amin aminmax cdist copysign cumprod det hypot logcumsumexp logdet logsumexp norm "
    "prod sgn std stdmean"
)
# Of these each operand is kept where another one has a gradient, as the product rule says.
PRODUCTS = _rule(
    "addbmm addmm addmv baddbmm bmm dot einsum inner kron linear matmul mm mul mv outer tensordot"
)
SUMS = _rule("addbmm addmm addmv baddbmm")
# Of these what is no float is kept: indices and masks.
INDICES = _rule(
    "embedding embeddingbag index indexselect maskedfill scatter scatteradd where "
    "packpaddedsequence maxunpool1d maxunpool2d maxunpool3d padpackedsequence"
)
# Of these the gradient ends.
CONSTANT = _rule("detach bernoulli fulllike oneslike randlike randnlike zeroslike")


NONE = dim(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one call keeps: places of the tensors read and of those made, and bytes besides.

    `view` says that the results share the numbers of what is read.
    """

    reads: tuple[int, ...] = ()
    made: tuple[int, ...] = ()
    besides: Dim = NONE
    view: bool = False


def size(type: Type) -> Dim:
    """The bytes of a tensor."""
    return product(type.shape) * BYTES[type.dtype]


def plain(name: str) -> str:
    """The name by which a layer and its function are looked up."""
    return name.lower().replace("_", "")


def has_gradient(type: Type) -> bool:
    """Whether numbers of this dtype can have a gradient."""
    return type.floating or type.dtype in COMPLEX


def kept(
    name: str,
    reads: Sequence[Type],
    gradients: Sequence[bool],
    made: Sequence[Type],
    arguments: Args,
    weighted: bool = False,
) -> Kept:
    """What a call of a layer or function keeps; `gradients` says which of its tensors have one.

    What is `weighted` has trained weights of its own.
    """
    word = plain(name)
    every = tuple(range(len(reads)))
    if word in INDEXING and len(made) > 1:
        # The indices are a result of their own.
        return Kept(() if word in NOTHING else every, (1,))
    besides = dim(WITHIN[word](reads, made, arguments)) if word in WITHIN else NONE
    if word in VIEWS:
        return Kept(view=True)
    if word == "to":
        return Kept(view=reads[0].dtype == made[0].dtype)
    if word == "index" and not any(isinstance(each, Type) for each in reads[1:]):
        return Kept(view=not _picks(arguments))
    if word in NOTHING:
        return Kept(besides=besides)
    if word in RESULT:
        return Kept(made=(0,), besides=besides)
    if word in BOTH:
        return Kept(every, (0,), besides)
    if word in PRODUCTS and not weighted:
        first = word in SUMS  # what is added is not kept
        return Kept(tuple(place + first for place in _partners(gradients[first:])), besides=besides)
    if word in INDICES:
        chosen = tuple(place for place in every if not has_gradient(reads[place]))
        return Kept(chosen, besides=besides)
    if word == "div":
        return Kept(_divided(gradients), besides=besides)
    if word == "lstm":
        return Kept((), () if arguments["bidirectional"] else (0,), besides)
    if word == "scaleddotproductattention":
        return Kept(every, (0,) if in_one_kernel(reads, arguments) else (), besides)
    if word == "pow":
        return Kept(every, (0,) if any(gradients[1:]) else ())
    return Kept(every, besides=besides)


def operated(operator: str, gradients: Sequence[bool]) -> Kept:
    """What an operator keeps; its operands are tensors, numbers are left out."""
    match operator:
        case "*" | "@":
            return Kept(_partners(gradients))
        case "/":
            return Kept(_divided(gradients))
        case "**":
            return Kept(tuple(range(len(gradients))), (0,) if len(gradients) > 1 else ())
    return Kept()


def _partners(gradients: Sequence[bool]) -> tuple[int, ...]:
    """The places of which another one has a gradient."""
    places = range(len(gradients))
    return tuple(i for i in places if any(gradients[j] for j in places if j != i))


def _divided(gradients: Sequence[bool]) -> tuple[int, ...]:
    """a / b: the divisor is kept, and what is divided where the divisor has a gradient."""
    if len(gradients) < 2:
        return ()
    return (0, 1) if gradients[1] else (1,)


def _picks(arguments: Any) -> bool:
    """Whether an index picks by a list of places, which copies."""
    return any(isinstance(each, tuple) for each in arguments["items"])
