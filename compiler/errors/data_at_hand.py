"""D032. and D066.: tables that are at hand against what a spec declares."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic
from ..source import Span
from .names import nearest

SHOWN = 12  # names that a note lists


def listed(names: Sequence[str]) -> str:
    """The first of many names, for a note."""
    return ", ".join(f"`{name}`" for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def quoted(names: Sequence[str]) -> str:
    """Names as they are written in a spec."""
    return ", ".join(f'"{name}"' for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _short(size: float) -> str:
    """A number with three digits that count."""
    return f"{float(f'{size:.3g}'):,.0f}" if size >= 100 else f"{size:.3g}"


def _severity(certain: bool) -> str:
    """A record that a run may leave out is no error."""
    return "error" if certain else "warning"


def column_missing(
    span: Span, name: str, path: str, names: Sequence[str], header: str = ""
) -> Diagnostic:
    """A column, or a pattern of some, that the file does not have."""
    close = nearest(name, names)
    help = [header] if header else []
    if close and not header:
        written = close if close.isidentifier() else f'column("{close}")'
        help = [f"did you mean `{written}`?"]
    what = f"column like `{name}`" if "*" in name or "?" in name else f"column `{name}`"
    return Diagnostic(
        "D0320",
        f"`{path}` has no {what}",
        span,
        notes=(f"its columns are {listed(names)}",),
        help=tuple(help),
        values={"name": name, "nearest": close, "file": path},
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def label_undeclared(
    span: Span,
    field: str,
    column: str,
    value: str,
    where: str,
    declared: str,
    every: Sequence[str],
    labels: Sequence[str] | None,
    certain: bool,
) -> Diagnostic:
    """A label in the data that the field's type does not have."""
    close = nearest(value, labels or ())
    few = 1 < len(every) <= SHOWN and not declared.startswith("token")
    help = [f"the data says `{value}` where `{close}` is declared"] if close else []
    if few and labels is None and not all(_is_number(each) for each in every):
        help.append(f"give the labels their names: `class({quoted(every)})`")
    elif few and labels is None:
        help.append(f"labels count from 0: `class({quoted(every)})` takes them as they are")
    elif not close:
        help.append("declare the label, or correct the record")
    return Diagnostic(
        "D0321",
        f"`{field}` is declared as {declared}, and the data has the label `{value}`",
        span,
        notes=(f"the column `{column}` has `{value}` in {where}",),
        help=tuple(help),
        values={"value": value, "nearest": close, "column": column, "where": where},
        severity=_severity(certain),
    )


def text_for_number(
    span: Span, field: str, column: str, value: str, where: str, rare: bool
) -> Diagnostic:
    """A text in a column that a field takes as numbers."""
    steps = "write `-> categories(…) -> one_hot`, or declare the field as `class(…)`"
    marker = f'if it stands for a missing value, write `csv(…, missing=["", "NA", "{value}"])`'
    help = (marker, f"if the column holds names, {steps}") if rare else (steps,)
    return Diagnostic(
        "D0322",
        f"`{field}` takes numbers, and the column `{column}` holds the text `{value}`",
        span,
        notes=(f"it stands in {where}",),
        help=help,
        values={"value": value, "column": column, "where": where},
    )


def holes(
    span: Span, field: str, columns: Sequence[str], first: str, where: str, fill: str
) -> Diagnostic:
    """Missing values that nothing fills."""
    what = columns[0] if len(columns) == 1 else f"{', '.join(columns[:-1])} and {columns[-1]}"
    has = "has holes" if len(columns) == 1 else "have holes"
    help = f"write `{fill}` behind them" if fill else "fill the holes, or remove the records"
    if fill and len(columns) == 1:
        help = f"write `{fill}` behind it"
    return Diagnostic(
        "D0323",
        f"{what} {has}, and nothing in `{field}` fills them",
        span,
        notes=(f"{first} is missing in {where}",),
        help=(help,),
        values={"columns": len(columns), "where": where},
    )


def category_unknown(
    span: Span, column: str, value: str, where: str, names: Sequence[str], certain: bool
) -> Diagnostic:
    """A value that is none of the categories that a step lists."""
    close = nearest(value, names)
    add = "add it to the categories, or correct the record"
    return Diagnostic(
        "D0324",
        f"the column `{column}` has `{value}`, which is none of the categories",
        span,
        notes=(f"it stands in {where}", f"the categories are {listed(names)}"),
        help=(f"is it `{close}`? Give both one spelling" if close else add,),
        values={"value": value, "nearest": close, "column": column, "where": where},
        severity=_severity(certain),
    )


def table_unreadable(span: Span, path: str, what: str, help: str) -> Diagnostic:
    """A file that cannot be read as the table that the source says."""
    return Diagnostic("D0325", f"`{path}` {what}", span, help=(help,), values={"file": path})


def other_separator(span: Span, path: str, mark: str) -> Diagnostic:
    """Cells that another character parts than the source says."""
    written = mark.encode("unicode_escape").decode()
    return Diagnostic(
        "D0326",
        f"`{path}` has a single column as it is cut here",
        span,
        notes=(f"its first line has the character `{written}` between words",),
        help=(f'write `csv(…, separator="{written}")`',),
        values={"separator": mark, "file": path},
    )


def columns_beyond(span: Span, path: str, count: int, wanted: tuple[int, int]) -> Diagnostic:
    """Places of columns that the file does not have."""
    first, last = wanted
    return Diagnostic(
        "D0327",
        f"`{path}` has {count} columns, and these are those from {first} up to {last - 1}",
        span,
        notes=("columns are counted from 0",),
        help=(f"write `columns({min(first, count)}, {count})`, or name another file",),
        values={"columns": count, "wanted": last},
    )


def infinite(span: Span, what: str, where: str) -> Diagnostic:
    """An infinite value, as of a division by zero."""
    help = "correct the record"
    if what.startswith("the formula"):
        help = "write a formula that does not divide by zero, or correct the record"
    return Diagnostic(
        "D0328", f"{what} is infinite in {where}", span, help=(help,), values={"where": where}
    )


def value_not_of_type(
    span: Span, column: str, value: str, where: str, declared: str, certain: bool
) -> Diagnostic:
    """A number that the declared type cannot hold."""
    return Diagnostic(
        "D0329",
        f"the column `{column}` has {value}, which is no value of {declared}",
        span,
        notes=(f"it stands in {where}",),
        help=("declare the field as f32, or correct the record",),
        values={"value": value, "column": column, "where": where},
        severity=_severity(certain),
    )


def split_value_absent(
    span: Span, column: str, value: str, part: str, present: Sequence[str]
) -> Diagnostic:
    """A value of `by_column` that no record has."""
    close = nearest(value, present)
    return Diagnostic(
        "D0330",
        f"no record has `{value}` in the column `{column}`, so that {part} would miss it",
        span,
        notes=(f"the column has {listed(present)}",),
        help=(f"did you mean `{close}`?",) if close else (),
        values={"value": value, "nearest": close, "column": column},
    )


def categories_too_many(
    span: Span, column: str, every: Sequence[str], count: int, certain: bool
) -> Diagnostic:
    """More names in the data than the field's type has places for."""
    return Diagnostic(
        "D0332",
        f"the column `{column}` has at least {len(every)} categories, and the type has {count}",
        span,
        notes=(f"they are {listed(every)}",),
        help=(f"declare {len(every)}, or name them: `-> categories({quoted(every)})`",),
        values={"found": len(every), "declared": count},
        severity=_severity(certain),
    )


def parts_differ(span: Span, first: str, other: str, name: str, names: Sequence[str]) -> Diagnostic:
    """Two parts of a source that do not have the same columns."""
    close = nearest(name, names)
    return Diagnostic(
        "D0333",
        f"`{first}` has the column `{name}`, and `{other}` does not",
        span,
        notes=(f"the columns of `{other}` are {listed(names)}",),
        help=(f"is it `{close}` there?" if close else "give all parts the same columns",),
        values={"name": name, "nearest": close},
    )


def pattern_miscounts(
    span: Span, pattern: str, count: int, declared: str, wanted: int
) -> Diagnostic:
    """A pattern that other many columns match than the type has values."""
    return Diagnostic(
        "D0334",
        f"{count} columns are named like `{pattern}`, and {declared} has {wanted} values",
        span,
        help=("declare another shape, or write another pattern",),
        values={"columns": count, "wanted": wanted},
    )


def nothing_to_learn(span: Span, column: str, path: str) -> Diagnostic:
    """A column without a single value, of which `impute` is to learn one."""
    return Diagnostic(
        "D0335",
        f"{column} has no value in all of `{path}`, so that there is none to fill it with",
        span,
        help=("leave the column out, or fill it with a constant: `-> impute(0)`",),
    )


def constant_column(
    span: Span, column: str, value: str | None, count: int, whole: bool, path: str
) -> Diagnostic:
    """A feature that is the same in each record."""
    what = f"`{value}`" if value is not None else "empty"
    of = f"all {count:,} records" if whole else f"all {count:,} records looked at, from all over"
    return Diagnostic(
        "D0660",
        f"the column `{column}` is {what} in each record, which tells a network nothing",
        span,
        notes=(f"so it is in {of} of {path}",),
        help=("leave the column out",),
        values={"column": column, "value": value},
        severity="warning",
    )


def sizes_apart(span: Span, name: str, size: float, other: tuple[str, float] | None) -> Diagnostic:
    """A feature that is much larger than the others, or than weights can follow."""
    if other is not None:
        message = f"`{name}` is about {_short(size / other[1])} times as large as `{other[0]}`"
        notes = [f"the root of the mean square is {_short(size)} against {_short(other[1])}"]
    else:
        message = f"the values of `{name}` are about {_short(size)}, far from 1"
        notes = []
    notes.append("weights start alike and move in like steps: what is large drowns the rest")
    return Diagnostic(
        "D0661",
        message,
        span,
        notes=tuple(notes),
        help=("write `-> standardize` behind the columns",),
        values={"size": size, "other": other[1] if other else None},
        severity="warning",
    )


def pixels_unscaled(span: Span, field: str, raw: str, most: int) -> Diagnostic:
    """Bytes of a picture that no step makes small."""
    return Diagnostic(
        "D0662",
        f"the pixels of `{field}` go up to {most}, and reach the network as they are",
        span,
        notes=("layers start with weights that suit values around 1",),
        help=(f"write `{raw} -> scale(1 / 255)`",),
        values={"most": most},
        severity="warning",
    )


def label_never_trained(
    span: Span, field: str, labels: Sequence[str], part: str, where: str
) -> Diagnostic:
    """Labels that a split made by hand has and the training split has not."""
    what = f"the label `{labels[0]}`" if len(labels) == 1 else f"the labels {listed(labels)}"
    return Diagnostic(
        "D0664",
        f"{part} has {what} of `{field}`, and no record that trains has",
        span,
        notes=(
            f"the first is in {where}",
            "so it happens where a sorted file is cut: nothing can learn what it never sees",
        ),
        help=("split all records anew: `split = stratified(…, train=0.8, test=0.2, seed=0)`",),
        values={"labels": len(labels), "split": part},
        severity="warning",
    )


def target_large(span: Span, field: str, name: str, size: float) -> Diagnostic:
    """A target in units in which predictions start far off."""
    return Diagnostic(
        "D0665",
        f"the target `{field}` has values of about {_short(size)}, and predictions start around 0",
        span,
        notes=("`standardize` is undone for predictions and metrics: they stay in these units",),
        help=(f"write `{name} -> standardize`",),
        values={"size": size},
        severity="warning",
    )
