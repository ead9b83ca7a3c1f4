"""Pictures: how a field decodes those of files, and what augmentations leave of their size."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from .. import ir
from ..catalog.record import Step
from ..diagnostics import Report
from ..dims import dim
from ..errors import images as errors
from ..layers.record import Mismatch
from ..tensor import Type


def is_open(x: Type) -> bool:
    """Whether it is the picture of a file, whose size is not known."""
    return any(size.value is None for size in x.shape)


def decoded(field: ir.DataField, declared: Type, x: Type) -> Type:
    """What a field's raw column gives: pictures of files are grey where it has one channel."""
    if not is_open(x):
        return x
    sizes = [size.value or 0 for size in declared.shape]
    first = field.steps[0] if field.steps else None
    if first is not None and first.record.name == "resize":
        given = first.arguments
        grey = prod(sizes) == given["height"] * given["width"]
    else:
        grey = len(sizes) == 3 and sizes[0] == 1
    return x.shaped(dim(1), *x.shape[1:]) if grey else x


def trusted(x: Type, declared: Type) -> bool:
    """Whether sizes that only the files tell may be those declared: reading them will show it."""
    return len(x.shape) == len(declared.shape) and all(
        have == want or have.value is None
        for have, want in zip(x.shape, declared.shape, strict=True)
    )


def resized(field: ir.DataField, declared: Type) -> str:
    """What to write where pictures are resized to another size than declared."""
    resizes = any(step.record.name == "resize" for step in field.steps)
    if not resizes or len(declared.shape) != 3:
        return ""
    return f"write `resize({declared.shape[1]}, {declared.shape[2]})`"


def augmented(
    block: ir.Data, fields: Mapping[str, ir.TypedField], report: Report
) -> tuple[str, ...]:
    """The fields that are augmented: those that are pictures."""
    if not block.augment:
        return ()
    pictures = {
        name: field.type
        for name, field in fields.items()
        if len(field.type.shape) == 3 and field.type.floating
    }
    if not pictures and len(fields) == len(block.fields):
        report(errors.no_picture(block.augment[0].span))
    for name, declared in pictures.items():
        _keeps_size(block.augment, name, declared, report)
    return tuple(pictures)


def _keeps_size(augment: tuple[ir.Setting, ...], name: str, declared: Type, report: Report) -> None:
    height, width = declared.shape[1:]
    size = str(height) if height == width else f"[{height}, {width}]"
    for setting in augment:
        step = setting.record
        assert isinstance(step, Step)
        assert step.gives is not None
        gives = step.gives(declared, setting.arguments)
        if isinstance(gives, Mismatch):
            report(errors.size_changed(setting.span, name, str(declared), gives.why, size))
        elif gives.shape != declared.shape:
            why = f"it gives {gives}"
            report(errors.size_changed(setting.span, name, str(declared), why, size))
