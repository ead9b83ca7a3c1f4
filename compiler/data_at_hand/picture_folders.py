"""Folders of pictures: their class folders against the declared labels, and a few pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from math import prod

from .. import ir
from ..diagnostics import Report
from ..errors import pictures_at_hand as errors
from .cells import label, number
from .files import find, named
from .headers import Header, NoPicture, header

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
ENTRIES = 20_000  # names that are read at most of a source
LOOKED_AT = 48  # pictures whose headers are read
GREY = 8  # so many grey pictures are no accident
KEEPING = ("scale", "standardize", "normalize", "reshape")


def picture_folders(data: ir.TypedData, report: Report) -> None:
    """What a run would refuse in the folders that are at hand."""
    source = data.data.source
    assert source is not None
    found: dict[str, dict[str, list[str]]] = {}
    told: set[str] = set()
    for part, given in named(data.data).items():
        path = find(given, data.data.span.source.path, os.path.isdir)
        if path is None:
            continue
        try:
            classes = _classes(path)
            if not classes:
                what = "has no folders below it, one a class"
                help = f"put the pictures into folders named after their classes: `{path}/cats`, …"
                report(errors.folder_unusable(source.span, path, what, help))
                return
            allowed = max(20, ENTRIES // len(classes))
            found[path] = {name: _pictures(os.path.join(path, name), allowed) for name in classes}
        except OSError as why:
            what = f"cannot be read: {why.strerror or why}"
            help = "look at the permissions of the folder"
            report(errors.folder_unusable(source.span, path, what, help))
            return
        empty = [name for name, pictures in found[path].items() if not pictures]
        if empty:
            what = f"holds no pictures ({', '.join(SUFFIXES)})"
            help = "put its pictures there, or take the folder away"
            folder = os.path.join(path, empty[0])
            report(errors.folder_unusable(source.span, folder, what, help))
        for name, field in data.fields.items():
            # The same labels are wrong for each part: one cause, one message.
            if name not in told and _labels(field, part, path, classes, report):
                told.add(name)
    paths = list(_some([each for classes in found.values() for each in classes.values()]))
    for field in data.fields.values():
        if isinstance(field.field.raw, ir.Column) and field.field.raw.name == "image":
            _headers(field, paths, data.data, report)


def _classes(path: str) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(each.name for each in entries if each.name[0] != "." and each.is_dir())


def _pictures(path: str, allowed: int) -> list[str]:
    """The pictures below a class folder, sorted, of so many of its entries."""
    found: list[str] = []
    folders = [path]
    while folders and allowed > 0:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                allowed -= 1
                if entry.name.startswith("."):
                    continue
                if entry.name.lower().endswith(SUFFIXES) and entry.is_file():
                    found.append(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                # What is not looked at may be a picture.
                if allowed <= 0:
                    return sorted(found) or [""]
    return sorted(found) or ([""] if folders else [])


def _labels(
    field: ir.TypedField, part: str, path: str, classes: Sequence[str], report: Report
) -> bool:
    """Whether class folders are not the labels of a field, or the names of its categories."""
    raw, declared = field.field.raw, field.type
    if not isinstance(raw, ir.Column) or raw.name != "label":
        return False
    steps = field.field.steps
    names = declared.labels or tuple(map(str, range(declared.classes or 0)))
    span = field.field.type.span
    if steps and steps[0].record.name == "categories":
        names, span = steps[0].arguments["names"], steps[0].span
    elif steps or declared.classes is None:
        return False
    if not names:
        return False
    known = {label(name): name for name in names}
    if part != "train" and not steps and all(number(name) is None for name in names):
        known |= {str(place): name for place, name in enumerate(names)}
    there = {label(name): name for name in classes}
    missing = [name for key, name in known.items() if key not in there]
    extra = [name for key, name in there.items() if key not in known]
    # Only the folders that train must have all labels.
    if extra or (missing and part == "train" and not steps):
        wrong = (missing if part == "train" and not steps else [], extra)
        report(errors.class_folders_differ(span, field.field.name, path, names, classes, *wrong))
        return True
    return False


def _some(folders: Sequence[Sequence[str]]) -> Iterator[str]:
    """A few pictures of each folder, from its first to its last."""
    for paths in folders:
        count = min(len(paths), max(1, LOOKED_AT // len(folders)))
        for place in range(count):
            path = paths[place * (len(paths) - 1) // max(1, count - 1)]
            if path:
                yield path


def _headers(field: ir.TypedField, paths: Sequence[str], data: ir.Data, report: Report) -> None:
    """Pictures against a field: whether they can be read, their sizes, and their channels."""
    found: dict[str, Header] = {}
    for path in paths[: 4 * LOOKED_AT]:
        try:
            head = header(path)
        except NoPicture as why:
            if not data.skips:
                report(errors.picture_unreadable(field.field.raw.span, path, str(why)))
                return
            continue
        if head is not None:
            found[path] = head
    steps = [step.record.name for step in field.field.steps]
    sizes = [size.value or 0 for size in field.type.shape]
    if "resize" not in steps and all(step in KEEPING for step in steps):
        _sizes(field, found, sizes, report)
    channels = 1 if len(sizes) == 3 and sizes[0] == 1 else 3
    grey = sum(head.channels == 1 for head in found.values())
    if len(sizes) == 3 and channels == 3 and grey == len(found) >= GREY:
        report(errors.grey_pictures(field.field.type.span, field.field.name, grey, sizes))


def _sizes(
    field: ir.TypedField, found: dict[str, Header], sizes: Sequence[int], report: Report
) -> None:
    """Pictures that keep their size have one, and it is the one that is declared."""
    channels = 1 if len(sizes) == 3 and sizes[0] == 1 else 3
    first: tuple[str, Header] | None = None
    for path, head in found.items():
        count = channels * head.height * head.width
        if first is None:
            first = path, head
        if count != prod(sizes) or _differ(first[1], head):
            differ = first if _differ(first[1], head) else None
            told = (path, (head.height, head.width), differ and differ[0])
            report(errors.picture_sizes(field.field.span, field.field.name, sizes, *told))
            return


def _differ(one: Header, two: Header) -> bool:
    """Whether two pictures have different sizes, however they are to be turned."""
    if one.turned or two.turned:
        return sorted(one[:2]) != sorted(two[:2])
    return one[:2] != two[:2]
