"""D063..: trainings in steps, predictions of one's own, and what is watched."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest

EXAMPLES = {"loss": "loss = mse_loss(D(image), target)", "optimizer": "optimizer = Adam(lr=2e-4)"}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def no_steps(span: Span, models: Sequence[str]) -> Diagnostic:
    """Several models, and nothing says how they are trained."""
    return Diagnostic(
        "D0630",
        "several models are trained in steps, and there is none",
        span,
        help=(f"write `step {models[0]} {{ loss = …  optimizer = … }}`, and one for each model",),
    )


def key_misplaced(span: Span, key: str, why: str, help: str) -> Diagnostic:
    """A key of trainings in steps in one without, or the other way round."""
    return Diagnostic("D0631", why, span, help=(help,), values={"key": key})


def updates_unknown(span: Span, name: str, models: Sequence[str], stated: bool) -> Diagnostic:
    """A step named after no model, or one that updates none."""
    close = models[0] if len(models) == 1 else nearest(name, models)
    help = f"did you mean `{close}`?" if close else ""
    if not help and not stated:
        help = f"write `step {name} updates {models[0]}`"
    return Diagnostic(
        "D0632",
        f"`{name}` is no model of this training",
        span,
        notes=(f"it trains {_listed(models)}",),
        help=(help,) if help else (),
        values={"name": name, "nearest": close},
    )


def every_below_one(span: Span) -> Diagnostic:
    """`every 0`."""
    return Diagnostic(
        "D0633",
        "`every` is a whole number above 0",
        span,
        help=("write `every 5` for a step at each fifth batch",),
    )


def no_statement_of_steps(span: Span) -> Diagnostic:
    """A statement that has no meaning in a step or a prediction."""
    return Diagnostic(
        "D0634",
        "this has no place here",
        span,
        notes=("a step binds names, its `loss` and its `optimizer`",),
        help=("write `name = …`; layers and weights belong to a model",),
    )


def missing_in_step(span: Span, name: str, key: str) -> Diagnostic:
    """A step without loss or optimizer."""
    return Diagnostic(
        "D0635", f"`step {name}` has no `{key}`", span, help=(f"write `{EXAMPLES[key]}`",)
    )


def layer_in_step(span: Span, layer: str) -> Diagnostic:
    """A layer with weights in a step: no model would own them."""
    return Diagnostic(
        "D0636",
        f"{layer} stands in a training, where no model holds its weights",
        span,
        help=("move it into the model, or into a block that the model uses",),
    )


def loss_misses(span: Span, step: str, model: str, cut: Span | None) -> Diagnostic:
    """A step whose loss does not depend on the weights that it updates."""
    others = (Label(cut, "here the gradient ends"),) if cut is not None else ()
    help = (
        "leave out the `detach`" if cut is not None else f"let the loss use what {model}(…) gives"
    )
    return Diagnostic(
        "D0637",
        f"`step {step}` updates {model}, and no gradient of its loss reaches {model}",
        span,
        others=others,
        help=(help,),
    )


def detach_missing(span: Span, step: str, model: str) -> Diagnostic:
    """A gradient that would flow into a model that this step does not update."""
    return Diagnostic(
        "D0638",
        f"`step {step}` does not update {model}, so no gradient needs to flow into it",
        span,
        severity="warning",
        help=(f"write `detach({span.text})`: it says so, and nothing is computed in vain",),
    )


def detach_useless(span: Span) -> Diagnostic:
    """A detach of what has no gradient."""
    return Diagnostic(
        "D0639",
        "this `detach` changes nothing: no gradient comes through here",
        span,
        severity="warning",
        help=("leave it out",),
    )


def no_picture(span: Span, given: str) -> Diagnostic:
    """A sample that is no picture."""
    return Diagnostic(
        "D0640",
        f"a sample is one picture, f32[1, H, W] or f32[3, H, W], and this is {given}",
        span,
        help=("make one of several: `make_grid(images)` takes f32[N, C, H, W]",),
    )


def predict_untrained(span: Span, name: str) -> Diagnostic:
    """A predict block in a spec that trains nothing before it."""
    return Diagnostic(
        "D0641",
        f"`predict {name}` uses trained models, and no `train` block stands before it",
        span,
        help=("write the `train` block above it",),
    )


def watched_unknown(
    span: Span, name: str, known: Sequence[str], why: str, at: Span | None = None
) -> Diagnostic:
    """Early stopping, or a schedule, on what is not measured."""
    # Another split's measure is near in letters alone.
    alike = [each for each in known if each.split(".")[0] == name.split(".")[0]]
    close = nearest(name, alike)
    help = f"did you mean `{close}`?" if close else why
    return Diagnostic(
        "D0642",
        f"`{name}` is not measured after each epoch",
        span,
        others=(Label(at, "leaves no records for it"),) if at is not None else (),
        notes=(f"there is {_listed(known)}",) if known else (),
        help=(help,),
        values={"name": name, "nearest": close},
    )


def weights_unfit(span: Span, why: str, help: str) -> Diagnostic:
    """Class weights for a loss that has no classes, or not as many."""
    return Diagnostic("D0643", why, span, help=(help,))


def no_procedure(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """An expectation of a prediction that no `predict` block declares."""
    close = nearest(name, known)
    return Diagnostic(
        "D0644",
        f"no `predict` block is called `{name}`",
        span,
        notes=(f"there is {_listed(known)}",) if known else (),
        help=(f"did you mean `{close}`?" if close else f"declare `predict {name} {{ … }}`",),
    )


def step_unknown(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """An expectation of a step that there is not."""
    close = nearest(name, known)
    return Diagnostic(
        "D0645",
        f"this training has no measure `{name}`",
        span,
        notes=(f"there is {_listed(known)}",),
        help=(f"did you mean `{close}`?",) if close else (),
    )


def of_steps(span: Span, step: str) -> Diagnostic:
    """An expectation that only a training without steps can meet."""
    return Diagnostic(
        "D0646",
        "a training in steps measures the loss of each step, and nothing else",
        span,
        help=(
            f"write `train.{step}.loss < 1`, or declare a `predict` block and expect "
            "`mean(draw(1000).picture) < 1`",
        ),
    )


def model_unused(span: Span, name: str) -> Diagnostic:
    """A model of a training in steps that no step calls."""
    return Diagnostic(
        "D0647",
        f"no step uses `{name}`",
        span,
        help=(f"call `{name}(…)` in a step, or leave it out of the training",),
    )
