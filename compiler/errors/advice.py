"""D0670 to D0681, and D0688: what a good teacher would point out in a network."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span
from ..tensor import Type

ENDS = {0.0: "0", 1.0: "1", 6.0: "6", -1.0: "-1"}


def out_of_reach(
    span: Span,
    name: str,
    limits: tuple[float, float],
    field: str,
    reach: tuple[float, float],
    exact: bool,
) -> Diagnostic:
    """An activation as the output of a regression whose targets lie outside of it."""
    low, high = limits
    below = f"nothing below {ENDS[low]}"
    gives = f"{below} and nothing above {ENDS[high]}" if high in ENDS else below
    has = f"`{field}` goes from {reach[0]:.3g} to {reach[1]:.3g}"
    if not exact:
        has = f"`{field}` is standardized: its mean is 0, its deviation 1"
    return Diagnostic(
        "D0670",
        f"{name} gives {gives}, and {has}",
        span,
        "some targets cannot be reached, whatever is learned",
        help=(f"leave out the {name}: a regression ends with its last linear layer",),
        severity="warning",
    )


def squashed_twice(span: Span, name: str, first: Span, before: str) -> Diagnostic:
    """A sigmoid or softmax of probabilities."""
    note = "sigmoid of numbers between 0 and 1 lies between 0.5 and 0.73"
    if "max" in name.lower():
        note = "numbers between 0 and 1 are at most 1 apart: their shares are nearly even"
    return Diagnostic(
        "D0671",
        f"{name} of what {before} has made: squashed twice",
        span,
        others=(Label(first, "here it is squashed already"),),
        notes=(note,),
        help=("leave out one of the two",),
        severity="warning",
    )


def limited_scores(
    span: Span, name: str, at: Span, loss: str, limits: tuple[float, float]
) -> Diagnostic:
    """A rectifier or squasher right before a loss that wants scores."""
    if limits[1] == 1:
        why = "scores between -1 and 1 are at most 2 apart: no answer can become certain"
    else:
        why = "scores are never below 0: with one score no probability falls below a half"
        if loss in ("cross_entropy", "nll_loss"):
            why = "a score that is 0 for all records has no gradient: its class is never learned"
    return Diagnostic(
        "D0672",
        f"{name} on the scores of {loss}",
        span,
        others=(Label(at, "takes scores of any size"),) if at.line != span.line else (),
        notes=(why,),
        help=(f"leave out the {name}: the last layer is a linear one",),
        severity="warning",
    )


def changes_nothing(span: Span, name: str, first: Span, before: str, surely: bool) -> Diagnostic:
    """An activation of what has been activated already."""
    message = f"{name} changes nothing: {before} gives nothing below 0"
    if not surely:
        message = f"{name} twice in a row, with no layer between"
    return Diagnostic(
        "D0673",
        message,
        span,
        others=(Label(first, "the first one"),),
        help=("leave out one of the two, or write the layer that is missing between",),
        severity="warning",
    )


def linear_stack(span: Span, name: str, first: Span) -> Diagnostic:
    """Two linear layers without an activation between them."""
    return Diagnostic(
        "D0674",
        f"two {name} layers without an activation between them can do no more than one",
        span,
        others=(Label(first, "the first one"),),
        notes=("a linear map of a linear map is a linear map",),
        help=("write `-> relu` between them, or leave one out",),
        severity="warning",
    )


def idle_bias(span: Span, name: str, norm: Span, norm_name: str) -> Diagnostic:
    """A bias right before a normalisation that subtracts the mean."""
    return Diagnostic(
        "D0675",
        f"the bias of this {name} has no effect: {norm_name} subtracts it with the mean",
        span,
        others=(Label(norm, "has a bias of its own"),) if norm.line != span.line else (),
        help=(f"write `{name}(…, bias=False)`",),
        severity="warning",
    )


def vanishing(span: Span, name: str, count: int) -> Diagnostic:
    """Many sigmoids in a row in hidden layers."""
    return Diagnostic(
        "D0676",
        f"{count} hidden layers with {name} in a row: the first ones hardly learn",
        span,
        f"number {count}",
        notes=(f"{name} has a slope of at most 1/4: behind {count} of them 1/{4**count} is left",),
        help=("write `relu` or `tanh` in hidden layers, or a normalisation before each",),
        severity="warning",
    )


def rate_out_of_range(span: Span, name: str, rate: float, usual: str) -> Diagnostic:
    """A learning rate far above what trains such a network."""
    return Diagnostic(
        "D0677",
        f"a rate of {rate:g} is far above what {name} mostly learns with",
        span,
        notes=(f"usual are {usual}",),
        help=(f"write `{name}(lr={usual.split()[0].rstrip(',')})`",),
        severity="warning",
    )


def channels_last(span: Span, layer: str, given: Type, at: Span) -> Diagnostic:
    """A picture whose channels seem to be the last axis."""
    sizes = given.shape
    return Diagnostic(
        "D0679",
        f"{layer} takes axis 1 for the channels, and here that is {sizes[1]}",
        span,
        others=(Label(at, f"{given}: are the channels the last axis?"),),
        notes=("pictures are f32[N, channels, height, width]",),
        help=("write `-> permute(0, 3, 1, 2)` before it",),
        severity="warning",
    )


def steps_as_channels(span: Span, layer: str, first: Span, before: str, given: Type) -> Diagnostic:
    """A layer of axis 1 on what has its features in the last axis."""
    what = "normalises each step" if layer == "BatchNorm1d" else "runs over the features"
    return Diagnostic(
        "D0680",
        f"{layer} {what}: it takes the {given.shape[1]} steps for channels",
        span,
        others=(Label(first, f"{before} gives {given}: records, steps, features"),),
        help=(f"write `-> permute(0, 2, 1) -> {layer}(…)`",),
        severity="warning",
    )


def last_of_both(span: Span, first: Span, layer: str, state: bool = False) -> Diagnostic:
    """The last step of a bidirectional layer, or the `state` of one of its ways."""
    why = f"at the last step the way back of this {layer} has seen one step alone"
    if state:
        why = f"this is the state of the way back of this {layer} alone"
    take = "_, (h, _)" if layer == "LSTM" else "_, h"
    return Diagnostic(
        "D0681",
        why,
        span,
        others=(Label(first, "reads both ways: half of each result comes from the end"),),
        help=(f"take the state behind both ways: `{take} = …`, then `cat([h[-2], h[-1]], 1)`",),
        severity="warning",
    )


def bulk(span: Span, count: int, total: int, given: Type) -> Diagnostic:
    """One Linear behind a large feature map."""
    return Diagnostic(
        "D0688",
        f"{count:,} of the model's {total:,} parameters are in this one Linear",
        span,
        notes=(f"it sees every number of {given} with weights of its own",),
        help=("write `-> AdaptiveAvgPool2d(1) -> flatten(1)` before it, or pool more",),
        severity="warning",
    )
