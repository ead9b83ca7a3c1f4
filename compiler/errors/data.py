"""D05..: data blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..diagnostics import Diagnostic
from ..layers.record import Mismatch
from ..source import Span
from .names import nearest


def unknown_key(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """A key that a data block does not have."""
    close = nearest(name, known)
    help = f"did you mean `{close}`?" if close else f"a field has a type: `{name}: f32[1] = …`"
    return Diagnostic(
        "D0501",
        f"a data block has no key `{name}`",
        span,
        notes=(f"there is: {', '.join(f'`{key}`' for key in known)}",),
        help=(help,),
        values={"name": name, "nearest": close},
    )


def no_fields(span: Span, name: str) -> Diagnostic:
    """A data block without a field."""
    return Diagnostic("D0502", f"`{name}` has no field", span, help=("write one: `x: f32[1] = …`",))


def no_value(span: Span, name: str) -> Diagnostic:
    """A field without a value in a block without a source."""
    return Diagnostic(
        "D0503",
        f"`{name}` has no values, and this data block has no source to take them from",
        span,
        help=(f"write them: `{name}: f32[1] = [1, 2, 3]`, or name a source: `data … from csv(…)`",),
    )


def no_column(span: Span) -> Diagnostic:
    """Something on the right of a field that is no raw column."""
    bare = span.text.strip('"')
    if bare != span.text:
        help = f"write `{bare}`" if bare.isidentifier() else f'write `column("{bare}")`'
        return Diagnostic("D0504", f"{span.text} is text, and no raw column", span, help=(help,))
    return Diagnostic(
        "D0504",
        f"`{span.text}` is no raw column",
        span,
        help=(
            'write a column\'s name, `column("Median Income")`, `columns(0, 64)`, a list of '
            "columns, or arithmetic on them",
        ),
    )


def not_a_list(span: Span) -> Diagnostic:
    """A field of a literal data block that is no list."""
    return Diagnostic(
        "D0505",
        "data in a spec is a list with one entry a record",
        span,
        help=("write `[1, 2, 3]` or `range(100)`",),
    )


def wrong_range(span: Span) -> Diagnostic:
    """`range` with arguments it does not take."""
    return Diagnostic(
        "D0506",
        "`range` takes one to three whole numbers, the third not 0",
        span,
        help=("write `range(100)` for 0 … 99",),
    )


def unequal_lists(span: Span, first: int, second: int) -> Diagnostic:
    """Elementwise arithmetic on lists of different lengths."""
    return Diagnostic(
        "D0507",
        f"these lists have {first} and {second} entries",
        span,
        help=("lists are computed entry by entry: give both as many",),
    )


def unequal_fields(span: Span, name: str, count: int, other: str, wanted: int) -> Diagnostic:
    """Fields with different numbers of records."""
    return Diagnostic(
        "D0508",
        f"`{name}` has {count} records, and `{other}` has {wanted}",
        span,
        help=(f"a record is one entry of every field: write {wanted} entries",),
        values={"records": count, "wanted": wanted},
    )


def ragged(span: Span, index: int) -> Diagnostic:
    """A list whose entries have different shapes."""
    return Diagnostic(
        "D0509",
        f"entry {index} of this list (counted from 0) has another shape than the first",
        span,
        help=("give every entry as many numbers",),
    )


def wrong_shape(span: Span, name: str, declared: str, comes: str, help: str) -> Diagnostic:
    """Declared type against what the columns and steps make."""
    return Diagnostic(
        "D0510",
        f"`{name}` is declared as {declared}, and its columns and steps give {comes}",
        span,
        help=(help,) if help else (),
        values={"declared": declared, "given": comes},
    )


def step_mismatch(span: Span, step: str, why: Mismatch) -> Diagnostic:
    """A step that cannot take what comes."""
    return Diagnostic(
        why.code if why.code.startswith("D05") else "D0511",
        f"{step} cannot take this: {why.why}",
        span,
        help=(f"write `{why.write}`",) if why.write else (),
    )


def label_outside(
    span: Span, value: object, declared: str, labels: Sequence[str] | None, from_one: bool
) -> Diagnostic:
    """A value in the spec's data that is not among the declared labels.

    `from_one` says that they are all there once 1 is taken off each.
    """
    close = nearest(str(value), labels or ())
    help = f'did you mean `"{close}"`?' if close else "declare it too, or correct the data"
    if not labels:
        help = "labels count from 0: declare more of them, or correct the data"
    if from_one:
        help = f"labels count from 0: take 1 off each, so that they end before {value}"
    return Diagnostic("D0512", f"{value!r} is not a value of {declared}", span, help=(help,))


def split_without_train(span: Span, values: bool) -> Diagnostic:
    """A split that leaves nothing to learn from."""
    return Diagnostic(
        "D0513",
        "a split needs values for training" if values else "a split needs a share for training",
        span,
        help=(f"write `{'train=[…]' if values else 'train=0.8'}` among its parts",),
    )


def split_too_large(span: Span, shares: Mapping[str, float]) -> Diagnostic:
    """Shares that make more than the whole."""
    sum_ = " + ".join(f"{share:g}" for share in shares.values())
    return Diagnostic(
        "D0514",
        f"the shares of this split make more than 1: {sum_}",
        span,
        help=("write shares that make 1, or less: what is left over goes to no split",),
        values={"total": sum(shares.values())},
    )


def unknown_column(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """A column that the source is known not to have."""
    close = nearest(name, known)
    return Diagnostic(
        "D0515",
        f"the source has no column `{name}`",
        span,
        notes=(f"it has: {', '.join(f'`{column}`' for column in known)}",),
        help=(f"did you mean `{close}`?" if close else f"write one of them: `{known[0]}`",),
        values={"name": name, "nearest": close},
    )


def size_not_stated(span: Span) -> Diagnostic:
    """A field's type with an open size."""
    return Diagnostic(
        "D0516",
        "sizes of a field are numbers: a field's type has no batch dimension and no open size",
        span,
        help=("write `f32[1]` for one number a record, `f32[1, 28, 28]` for a picture",),
    )


def missing_file(span: Span, path: str, what: str = "columns") -> Diagnostic:
    """A note: the file or folder is not there, so nothing of it could be checked."""
    return Diagnostic(
        "D0517",
        f"`{path}` is not there, so its {what} could not be checked",
        span,
        notes=("looked in the spec's folder, the working directory and DLC_DATA_DIR",),
        help=("put it there, or name its folder: `dlc run … --data DIR`",),
        severity="note",
    )
