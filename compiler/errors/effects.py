"""D0418 to D0423 and D0678 to D0690: gradients that reach nothing, and what has no effect."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span


def nothing_to_learn(span: Span, model: str, cut: Span | None) -> Diagnostic:
    """A training whose loss depends on no weight: torch would refuse its first step."""
    return Diagnostic(
        "D0418",
        f"no gradient of the loss reaches any weight of {model}: there is nothing to learn",
        span,
        others=(Label(cut, "here the gradient ends"),) if cut is not None else (),
        help=(
            "leave out the `detach`" if cut is not None else "write a loss of what its layers give",
        ),
    )


def batch_as_steps(
    span: Span, layer: str, given: str, swap: Span | None, declared: Span | None = None
) -> Diagnostic:
    """A layer over steps whose steps are the records of the batch."""
    others = (Label(swap, "here the batch leaves axis 0"),) if swap is not None else ()
    if swap is None and declared is not None:
        others = (Label(declared, given),)
    return Diagnostic(
        "D0420",
        f"{layer} would read from record to record: of {given}, axis 1 is the batch",
        span,
        others=others,
        notes=(f"{layer} takes f32[N, T, F] here, batch first, always",),
        help=(
            "leave out the permutation"
            if swap is not None
            else "write `-> permute(1, 0, 2)` before it, or declare the input as f32[N, T, F]",
        ),
    )


def other_axis(span: Span, name: str, shares: int, classes: int, at: Span) -> Diagnostic:
    """Log-probabilities over an axis that is not the classes."""
    return Diagnostic(
        "D0421",
        f"here the classes are axis {classes}, and {name} makes shares along axis {shares}",
        span,
        others=(Label(at, "takes log-probabilities over the classes, in axis 1"),),
        help=(f"write `{name}({classes})`, or `cross_entropy(…)` on the scores before it",),
    )


def nesterov_without_momentum(span: Span) -> Diagnostic:
    """Nesterov's momentum without momentum, or with dampening: torch refuses both."""
    return Diagnostic(
        "D0422",
        "Nesterov's momentum needs a momentum above 0 and no dampening",
        span,
        help=("write `momentum=0.9, nesterov=True`",),
    )


def lonely_record(span: Span, layer: str, batch: Span, count: int, size: int) -> Diagnostic:
    """A batch norm that sees a batch of one record: it has no variance."""
    label = f"{count:,} records in batches of {size:,}: the last one has 1"
    if count == 1 or size == 1:
        label = "every batch has 1 record"
    return Diagnostic(
        "D0423",
        f"{layer} needs two values a channel, and it would see a batch of one record",
        span,
        others=(Label(batch, label),),
        help=(
            "write another `batch`, or `drop_last = True`"
            if min(count, size) > 1
            else "write `LayerNorm`, or larger batches",
        ),
    )


def without_effect(span: Span, what: str, why: str, help: str) -> Diagnostic:
    """A key or an argument that changes nothing."""
    return Diagnostic(
        "D0678", f"{what} has no effect", span, notes=(why,), help=(help,), severity="warning"
    )


def never_used(span: Span, what: str, name: str, where: str) -> Diagnostic:
    """A declared thing that nothing refers to."""
    return Diagnostic(
        "D0682",
        f"the {what} `{name}` is never used{where}",
        span,
        help=("use it or remove it",),
        severity="warning",
    )


def result_unused(span: Span, name: str, weights: bool) -> Diagnostic:
    """Something computed that no output depends on."""
    return Diagnostic(
        "D0683",
        f"no output depends on `{name}`" if name else "no output depends on this",
        span,
        notes=("its weights never learn",) if weights else (),
        help=("use it or remove it",),
        severity="warning",
    )


def layer_unreached(span: Span, others: int, cut: Span | None) -> Diagnostic:
    """A layer that matters for an output, and that no loss teaches."""
    more = "" if not others else f", as those of {others} more layer{'s' if others > 1 else ''}"
    return Diagnostic(
        "D0684",
        "no gradient of the loss reaches this layer",
        span,
        f"its weights stay as they start{more}",
        others=(Label(cut, "here the gradient ends"),) if cut is not None else (),
        help=("let the loss use what it gives, or leave it out",),
        severity="warning",
    )


def never_updated(span: Span, name: str) -> Diagnostic:
    """A model of a training in steps that no step updates."""
    return Diagnostic(
        "D0685",
        f"no step updates {name}: its weights stay as they start",
        span,
        help=(f"write `step {name} {{ loss = …  optimizer = … }}`",),
        severity="warning",
    )


def two_optimizers(span: Span, first: Span, name: str, one: str, other: str) -> Diagnostic:
    """A model that two steps update, each with an optimizer of its own."""
    return Diagnostic(
        "D0686",
        f"two optimizers move the weights of {name}: in `step {one}` and in `step {other}`",
        span,
        others=(Label(first, "the other one"),),
        notes=("each keeps its own running means, and undoes what it does not know of",),
        help=("add the two losses in one step",),
        severity="warning",
    )


def stratified_by_numbers(span: Span, field: str, given: str) -> Diagnostic:
    """A stratified split by a field of measurements: nearly every value is a class of its own."""
    return Diagnostic(
        "D0689",
        f"`{field}` is {given}, and stratified splits keep the shares of classes",
        span,
        notes=("nearly every number is a class of its own, with one record",),
        help=("write `random(…)`",),
        severity="warning",
    )


def allow_idle(span: Span, code: str, why: str) -> Diagnostic:
    """A comment that allows what nothing warns of."""
    return Diagnostic(
        "D0690",
        f"`allow {code}` silences nothing: {why}",
        span,
        help=("remove it",),
        values={"code": code},
        severity="warning",
    )
