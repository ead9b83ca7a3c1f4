"""D04.. and D06..: losses against heads and targets, keys of training, expectations."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .names import nearest

# Arguments of optimizers, which people look for among the keys of a training.
OF_OPTIMIZER = {
    "lr": "SGD(lr=0.01)",
    "learning_rate": "SGD(lr=0.01)",
    "momentum": "SGD(lr=0.01, momentum=0.9)",
    "weight_decay": "AdamW(lr=1e-3, weight_decay=0.01)",
    "betas": "Adam(lr=1e-3, betas=(0.9, 0.999))",
}
# What a key may be, for messages about a value that it cannot be.
EXAMPLES = {
    "accumulate": "4",
    "batch": "32",
    "class_weights": "balanced",
    "clip_norm": "1.0",
    "ema": "0.999",
    "epochs": "5",
    "precision": "bf16",
    "seed": "0",
    "steps": "1000",
}


def unknown_key(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """A key that a train block does not have."""
    if name in OF_OPTIMIZER:
        return Diagnostic(
            "D0601",
            f"a train block has no key `{name}`: it is an argument of the optimizer",
            span,
            help=(f"write `optimizer = {OF_OPTIMIZER[name]}`",),
            values={"name": name, "nearest": None},
        )
    close = nearest(name, known)
    return Diagnostic(
        "D0601",
        f"a train block has no key `{name}`",
        span,
        notes=() if close else (f"there is: {', '.join(f'`{key}`' for key in known[:8])}, …",),
        help=(f"did you mean `{close}`?",) if close else (),
        values={"name": name, "nearest": close},
    )


def missing_key(span: Span, model: str, key: str, example: str) -> Diagnostic:
    """A train block without something it cannot do without."""
    return Diagnostic(
        "D0602",
        f"the training of {model} has no `{key}`",
        Span(span.source, span.start, span.start + len("train")),
        help=(f"write `{example}`",),
        values={"key": key},
    )


def wrong_option(span: Span, key: str, wanted: str) -> Diagnostic:
    """A value of the wrong kind."""
    bare = span.text.strip("\"'")
    meant = bare if bare != span.text and bare.isdecimal() else EXAMPLES.get(key)
    help = (f"write `{key} = {meant}`",) if meant else ()
    return Diagnostic("D0603", f"`{key}` is {wanted}", span, label="and this is not", help=help)


def metrics_no_list(span: Span) -> Diagnostic:
    """`metrics = accuracy`."""
    help = f"write `metrics = [{span.text}]`"
    return Diagnostic("D0604", "`metrics` is a list", span, help=(help,))


def output_and_field(span: Span, name: str, output: Span) -> Diagnostic:
    """A name that would be both in a loss."""
    return Diagnostic(
        "D0605",
        f"`{name}` is a field of the data and an output of the model: a loss cannot tell which",
        span,
        others=(Label(output, "the output"),),
        help=(f"rename the output, for example `{name}_hat`",),
    )


def input_without_field(
    span: Span, model: str, name: str, data: str, fields: Sequence[str]
) -> Diagnostic:
    """An input of the model that no field is bound to."""
    close = nearest(name, fields)
    suggestion = close or (fields[0] if fields else "field")
    return Diagnostic(
        "D0606",
        f"{model} takes `{name}`, and `{data}` has no field of that name",
        span,
        notes=(f"its fields are {', '.join(f'`{field}`' for field in fields)}",),
        help=(f"bind it by hand: `train {model}({name}={suggestion}) on {data}`",),
        values={"input": name, "nearest": close},
    )


def input_type(span: Span, name: str, wanted: Span, field: str, given: str, at: Span) -> Diagnostic:
    """A field that is not what the model's input takes."""
    words = f"declare the input as {given}, or the field with the sizes behind the batch"
    return Diagnostic(
        "D0607",
        f"the input `{name}` is {wanted.text}, and the field `{field}` gives {given}",
        span,
        others=(Label(at, f"gives {given} for a batch"), Label(wanted, "what goes in")),
        help=(words,),
        values={"wanted": wanted.text, "given": given},
    )


def loss_mismatch(
    code: str, span: Span, why: str, write: str, notes: tuple[str, ...], trail: tuple[Label, ...]
) -> Diagnostic:
    """A loss that does not fit what it compares."""
    return Diagnostic(code, why, span, others=trail, notes=notes, help=(write,) if write else ())


def loss_no_scalar(span: Span, given: str) -> Diagnostic:
    """A loss that is not one number."""
    return Diagnostic(
        "D0406",
        f"a loss is one number, and this is {given}",
        span,
        help=("take its mean: `mean(…)`",),
    )


def metric_unfit(span: Span, name: str, compares: str, given: str) -> Diagnostic:
    """A metric that has no meaning for what the loss compares."""
    wanted = {
        "labels": "compares labels, and the target holds numbers",
        "scores": "ranks the scores of two classes, and the target has no two classes",
        "numbers": "compares numbers, and the target holds labels",
    }[compares]
    instead = {
        "labels": "mean_absolute_error, r2_score",
        "scores": "accuracy, f1_score" if "class" in given else "mean_absolute_error",
        "numbers": "accuracy, f1_score",
    }[compares]
    return Diagnostic(
        "D0407",
        f"{name} {wanted}",
        span,
        notes=(f"the target is {given}",),
        help=(f"write `metrics = [{instead}]`",),
    )


def metric_without_pair(span: Span, name: str, loss: Span) -> Diagnostic:
    """A metric where the loss does not say which output predicts which field."""
    return Diagnostic(
        "D0408",
        f"{name} needs a prediction and a target, and this loss compares no output with a field",
        span,
        others=(Label(loss, "this loss"),),
        help=("write a loss such as `mse_loss(y_hat, y)`",),
    )


def ambiguous_pair(span: Span, output: str, first: str, second: str) -> Diagnostic:
    """An output that is compared with two fields."""
    return Diagnostic(
        "D0409",
        f"`{output}` is compared with `{first}` and with `{second}`, so what it predicts is open",
        span,
        help=("give each target an output of its own",),
    )


def predict_positional(span: Span) -> Diagnostic:
    """`predict(7)`."""
    return Diagnostic(
        "D0611",
        "`predict` takes raw columns by name",
        span,
        help=(f"write `predict(x={span.text})`",),
    )


def no_subject(span: Span) -> Diagnostic:
    """An expectation that starts with nothing that can be measured."""
    return Diagnostic(
        "D0612",
        f"`{span.text}` is nothing that a trained model shows",
        span,
        help=(
            "write `test.accuracy`, `validation.loss`, `predict(x=7).y_hat` or `parameters(Model)`",
        ),
    )


def split_missing(span: Span, split: str, data: str, has: Sequence[str], at: Span) -> Diagnostic:
    """An expectation of a split that the data does not have."""
    return Diagnostic(
        "D0613",
        f"`{data}` has no {split} split",
        span,
        others=(Label(at, "has: " + ", ".join(has)),),
        help=(f"write `split = random(train=0.8, {split}=0.2, seed=0)` in `{data}`",),
    )


def metric_missing(
    span: Span, name: str, known: Sequence[str], is_metric: bool, at: Span
) -> Diagnostic:
    """An expectation of a metric that is not computed."""
    close = nearest(name, known)
    help = f"add it: `metrics = [{name}]`" if is_metric else f"did you mean `{close}`?"
    return Diagnostic(
        "D0614",
        f"`{name}` is not among the metrics of this training",
        span,
        others=(Label(at, f"measured: {', '.join(f'`{each}`' for each in known)}"),),
        help=(help,) if is_metric or close else (),
    )


def without_training(span: Span) -> Diagnostic:
    """An expectation where nothing is trained."""
    return Diagnostic(
        "D0615",
        "this spec trains nothing, so there is nothing to expect",
        span,
        help=("write a `train` block, or expect `parameters(Model)`",),
    )


def expected_parameters(
    span: Span, model: str, count: int, operator: str, bound: object
) -> Diagnostic:
    """`parameters(…)` does not hold: known before training."""
    return Diagnostic(
        "D0616",
        f"{model} has {count:,} parameters, and expected is {operator} {bound:,}",
        span,
        help=("make layers narrower or wider, or correct the bound",),
        values={"parameters": count},
    )


def expected_kind(span: Span, name: str, what: str) -> Diagnostic:
    """A bound that cannot be compared with its subject."""
    help = f"write {what}: `{span.text.split()[0]} < 100`"
    return Diagnostic("D0617", f"`{name}` is {what}, and this bound is not", span, help=(help,))


def unknown_override(span: Span, key: str, known: Sequence[str]) -> Diagnostic:
    """`--set` of something that is neither a param nor a key."""
    close = nearest(key, known)
    return Diagnostic(
        "D0618",
        f"`{key}` is neither a `param` of this spec nor a key of its train block",
        span,
        notes=(f"there is: {', '.join(f'`{each}`' for each in known)}",) if not close else (),
        help=(f"did you mean `{close}`?",) if close else (),
    )


def bad_override(span: Span) -> Diagnostic:
    """`--set` without a value."""
    return Diagnostic("D0619", "`--set` takes `key=value`", span, help=("write `--set epochs=1`",))


def schedule_fault(span: Span, why: str, help: str) -> Diagnostic:
    """Phases of a schedule that do not fit together."""
    return Diagnostic("D0620", why, span, help=(help,))


def optimizer_refused(span: Span, name: str, why: str, instead: str) -> Diagnostic:
    """An optimizer of torch's that no training here can use."""
    return Diagnostic("D0621", f"{name} {why}", span, help=(f"write `{instead}`",))


def matrices_only(span: Span, name: str, weight: Span, shape: str) -> Diagnostic:
    """Muon for a model whose weights are not all matrices."""
    return Diagnostic(
        "D0622",
        f"{name} updates weights with two axes alone, and this model has others",
        span,
        others=(Label(weight, f"has a weight f32{shape}"),),
        help=("leave biases out (`bias=False`), or write `AdamW(lr=1e-3)`",),
    )
