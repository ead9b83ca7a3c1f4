"""D03..: names and arguments; D08..: what a package would have to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .habits import ARGUMENTS, LAYERS, without_library

# What torch, Keras and others call otherwise than it is called here, or what is meant by it.
OTHERWISE = {
    "CosineAnnealingLR": "cosine",
    "ConstantLR": "constant",
    "ExponentialLR": "exponential",
    "LinearLR": "linear",
    "MultiStepLR": "multi_step",
    "OneCycleLR": "one_cycle",
    "PolynomialLR": "polynomial",
    "ReduceLROnPlateau": "plateau",
    "StepLR": "step",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "accuracy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "mean_absolute_error": "l1_loss",
    "mean_squared_error": "mse_loss",
    "mse": "mse_loss",
    "sparse_categorical_crossentropy": "cross_entropy",
}


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant: the same but for case or `_`, or a few letters off."""
    from difflib import get_close_matches

    known = sorted(set(candidates))
    if OTHERWISE.get(name) in known:
        return OTHERWISE[name]
    folded = {each.lower().replace("_", ""): each for each in reversed(known)}
    same = folded.get(name.lower().replace("_", ""))
    if same:
        return same
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return shown + (", …" if len(names) > 12 else "")


def unknown(span: Span, name: str, what: str, candidates: Iterable[str]) -> Diagnostic:
    """A name that nothing has; `what` is what it should be, with its article."""
    known = sorted(set(candidates))
    close = nearest(name, known)
    help = (f"did you mean `{close}`?",) if close else ()
    if LAYERS.get(name, close) != close and LAYERS[name].split("(")[0] in known:
        close, help = LAYERS[name], (f"write `{LAYERS[name]}`: names are those of torch",)
    notes = () if close or not known else (f"there is: {_listed(known)}",)
    return Diagnostic(
        "D0301",
        f"`{name}` is not {what}",
        span,
        label="unknown",
        notes=notes,
        help=help,
        values={"name": name, "nearest": close},
    )


def defined_twice(span: Span, name: str, first: Span) -> Diagnostic:
    """Two declarations of one name."""
    return Diagnostic(
        "D0302",
        f"`{name}` is declared twice",
        span,
        label="again here",
        others=(Label(first, "first declared here"),),
        help=("choose another name for one of them",),
    )


def reserved(span: Span, name: str) -> Diagnostic:
    """A word of the language as the name of a value."""
    return Diagnostic(
        "D0303",
        f"`{name}` is a word of the language and cannot be the name of a value",
        span,
        help=(f"choose another name, for example `{name}_`",),
    )


# What is called otherwise here, or stands elsewhere: by the argument, then what it is called.
ELSEWHERE = {
    ("learning_rate", "lr"): "write `lr`, as torch does",
    ("val", "validation"): "write `validation`",
    ("valid", "validation"): "write `validation`",
    ("momentum", "betas"): "write `betas=(0.9, 0.999)`: the first of them is its momentum",
    ("weight", "label_smoothing"): "write `class_weights = […]` in the train block",
    ("weight", "reduction"): "write `class_weights = […]` in the train block",
    ("pos_weight", "reduction"): "write `class_weights = […]` in the train block, for both labels",
}


def unknown_argument(span: Span, name: str, owner: str, known: Sequence[str]) -> Diagnostic:
    """A keyword that the callee does not take."""
    close = nearest(name, known)
    elsewhere = ELSEWHERE | ARGUMENTS
    there = next((elsewhere[name, each] for each in known if (name, each) in elsewhere), "")
    if there:
        close = None
    takes = f"{owner} takes {_listed(known)}" if known else f"{owner} takes no arguments"
    return Diagnostic(
        "D0304",
        f"{owner} has no argument `{name}`",
        span,
        notes=(takes,),
        help=(f"did you mean `{close}`?" if close else there or "leave it out",),
        values={"name": name, "nearest": close},
    )


def too_many_arguments(span: Span, owner: str, most: int, given: int) -> Diagnostic:
    """More positional arguments than the callee has."""
    takes = "no positional arguments" if most == 0 else f"at most {most} positional argument"
    takes += "s" if most > 1 else ""
    return Diagnostic("D0305", f"{owner} takes {takes}, and here are {given}", span)


def argument_twice(span: Span, name: str, owner: str, read: Sequence[str] = ()) -> Diagnostic:
    """A value for a parameter that has one already; `read` are sizes that are not written."""
    notes = (f"`{read[0]}` is read off what flows in, and not written first",) if read else ()
    help = "remove the number that is too many" if read else "remove one of them"
    return Diagnostic("D0306", f"{owner} gets `{name}` twice", span, notes=notes, help=(help,))


def missing_argument(span: Span, name: str, owner: str, example: str) -> Diagnostic:
    """A parameter without a default that got no value."""
    return Diagnostic(
        "D0307",
        f"{owner} needs `{name}`",
        span,
        help=(f"for example `{example}`",) if example else (f"write `{name}=…`",),
        values={"argument": name},
    )


def instead(
    name: str,
    given: object,
    default: object,
    fits: Callable[[object], bool],
    choices: Sequence[str] = (),
) -> str:
    """What to write for a value of the wrong kind: what was probably meant, or the default."""
    close = nearest(given, choices) if isinstance(given, str) else None
    if close is not None:
        return f'write `{name}="{close}"`'
    meant = given
    if isinstance(given, str):
        try:
            meant = float(given) if "." in given or "e" in given else int(given)
        except ValueError:
            meant = None
    elif isinstance(given, int | float) and not isinstance(given, bool):
        meant = given / 100 if 1 < given <= 100 and given == int(given) else -given
    if meant is not None and meant is not given and fits(meant):
        return f"write `{name}={meant:g}`"
    if default is None or not fits(default):
        return ""
    shown = f'"{default}"' if isinstance(default, str) else str(default)
    return f"write `{name}={shown}`, which is also the default"


def wrong_argument(
    span: Span, name: str, owner: str, wanted: str, got: str, help: str = ""
) -> Diagnostic:
    """A value of the wrong kind."""
    return Diagnostic(
        "D0308",
        f"`{name}` of {owner} is {wanted}",
        span,
        label=f"here it is {got}",
        help=(help,) if help else (),
        values={"argument": name},
    )


def no_value(span: Span, why: str) -> Diagnostic:
    """Compile-time arithmetic without a result."""
    return Diagnostic("D0309", why, span)


def not_constant(span: Span, what: str) -> Diagnostic:
    """Something that must be known at compile time and is not."""
    return Diagnostic(
        "D0310",
        f"{what} must be a value that is known here: a number, a string, True, False, None, a list "
        "of these, or a `param`",
        span,
    )


def operator_after_arrow(span: Span, start: str, rest: str) -> Diagnostic:
    """`x -> A + y`."""
    return Diagnostic(
        "D0311",
        "after an arrow comes a call, not an operator",
        span,
        help=(f"write `({start}) {rest}`",),
    )


def not_applied(span: Span, name: str, empty: bool = False) -> Diagnostic:
    """A layer that stands alone, where a tensor is wanted; `empty` where brackets hold nothing."""
    alone = f"; as a hyperparameter the name alone: `{name}`" if empty else ""
    return Diagnostic(
        "D0312",
        f"`{name}` is a layer that gets no input",
        span,
        help=(f"let something flow into it: `x -> {name}(…)`{alone}",),
    )


def not_callable(span: Span, text: str) -> Diagnostic:
    """Something after an arrow, or before brackets, that is no layer, function or block."""
    plain = without_library(text)
    help = f"write `{plain}`: torch's names stand alone" if plain else "write a call: `-> relu`"
    return Diagnostic("D0313", f"`{text}` is no layer, function or block", span, help=(help,))


def wrong_inputs(span: Span, owner: str, wanted: Sequence[str], given: int) -> Diagnostic:
    """Too few or too many tensors flow in."""
    if not wanted:
        return Diagnostic(
            "D0314",
            f"{owner} takes no input: it makes a tensor of sizes alone",
            span,
            help=(f"write `{owner}(…)` by itself, without an arrow before it",),
        )
    names = _listed(wanted)
    number = "one input" if len(wanted) == 1 else f"{len(wanted)} inputs"
    flowing = f"({', '.join(wanted)})" if len(wanted) > 1 else "x"
    return Diagnostic(
        "D0314",
        f"{owner} takes {number} ({names}), and here {'comes' if given == 1 else 'come'} {given}",
        span,
        notes=("indices are what a pool gives besides: `MaxPool2d(2, return_indices=True)`",)
        if "indices" in wanted
        else (),
        help=(f"write `{flowing} -> {owner}(…)`",),
    )


def unwritable(span: Span, sizes: str) -> Diagnostic:
    """A block whose code would have to know a size that only its caller has."""
    return Diagnostic(
        "D0801",
        f"this block counts with {sizes}, which only its caller knows",
        span,
        label="no axis of what flows in is as long",
        help=("make it a hyperparameter of the block",),
    )


def model_without_default(span: Span, name: str) -> Diagnostic:
    """A model's hyperparameter without a default: a model is checked with its defaults."""
    return Diagnostic(
        "D0316",
        f"the hyperparameter `{name}` has no default, and a model is checked with its defaults",
        span,
        help=(f"write `{name}: int = 64`",),
    )


def no_argument_name(span: Span, name: str) -> Diagnostic:
    """A hyperparameter or size whose name Python or the emitted class needs."""
    return Diagnostic(
        "D0315",
        f"`{name}` cannot be the name of a hyperparameter or a size: the emitted class takes it as "
        "an argument, and there the name has another meaning",
        span,
        help=(f"choose another name, for example `{name.strip('_') or 'size'}_`",),
    )
