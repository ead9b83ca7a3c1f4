"""D052.: pictures, and records that cannot be read."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..source import Span


def which_folder(span: Span, both: bool, name: str) -> Diagnostic:
    """A source with a path and parts, with neither, or with parts but none that trains."""
    what = "a folder and parts" if both else "no folder to train on"
    return Diagnostic(
        "D0520",
        f"this source names {what}",
        span,
        help=(f'write `{name}("pets")`, or `{name}(train="a", test="b")`',),
    )


def on_error_unknown(span: Span) -> Diagnostic:
    """`on_error` with another word than `skip`."""
    return Diagnostic(
        "D0521",
        "`on_error` takes `skip`: records that cannot be read are left out and counted",
        span,
        help=("write `on_error = skip`, or leave it out: then the first of them is an error",),
    )


def nothing_to_skip(span: Span, source: str) -> Diagnostic:
    """`on_error` where all records can be read."""
    where = f"`{source}` has" if source else "data in the spec has"
    return Diagnostic(
        "D0527", f"{where} no records that cannot be read", span, help=("take `on_error` away",)
    )


def no_picture(span: Span) -> Diagnostic:
    """`augment` where no field is a picture."""
    return Diagnostic(
        "D0523",
        "`augment` changes pictures, and no field of this block is one",
        span,
        notes=("a picture is a field of numbers with three axes: f32[C, H, W]",),
        help=("declare `image: f32[3, 64, 64] = …`, or take `augment` away",),
    )


def size_changed(span: Span, field: str, declared: str, why: str, size: str) -> Diagnostic:
    """An augmentation that does not give the size of the field back; `size` is that size."""
    return Diagnostic(
        "D0524",
        f"this does not give the size of `{field}`, which is {declared}: {why}",
        span,
        help=(f"write `random_crop({size}, padding=4)`",),
        values={"field": field, "declared": declared},
    )


def pictures_alone(span: Span, name: str, sound: bool = False) -> Diagnostic:
    """Pictures or sounds of files among other columns, or in arithmetic."""
    what, steps = (
        ("sound", "pad(8000)") if sound else ("picture", "resize(64, 64) -> scale(1 / 255)")
    )
    return Diagnostic(
        "D0525",
        f"`{name}` is a file's {what}, which stands alone and is no number yet",
        span,
        help=(f"write `{name} -> {steps}`",),
        values={"name": name},
    )


def augment_no_list(span: Span) -> Diagnostic:
    """`augment` that is no list."""
    return Diagnostic(
        "D0526",
        "`augment` takes a list, done in its order",
        span,
        help=(f"write `augment = [{span.text}]`",),
    )
