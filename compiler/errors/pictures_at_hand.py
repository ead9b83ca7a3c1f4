"""D0331, D0336 … D0339 and D0663: pictures that are at hand against what a spec declares."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic
from ..source import Span
from .data_at_hand import listed, quoted
from .names import nearest

# What people call the folders of their splits.
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def folder_unusable(span: Span, path: str, what: str, help: str) -> Diagnostic:
    """A folder that gives no pictures."""
    return Diagnostic(
        "D0336", f"the folder `{path}` {what}", span, help=(help,), values={"folder": path}
    )


def class_folders_differ(
    span: Span,
    field: str,
    path: str,
    labels: Sequence[str],
    folders: Sequence[str],
    missing: Sequence[str],
    extra: Sequence[str],
) -> Diagnostic:
    """Class folders that are not the declared labels."""
    if missing:
        message = f"`{field}` has the label `{missing[0]}`, and `{path}` no folder of that name"
        close = nearest(missing[0], extra)
        meant = f"did you mean `{close}`?" if close else ""
    else:
        message = f"`{path}` has the folder `{extra[0]}`, which is no label of `{field}`"
        close = nearest(extra[0], labels)
        meant = f"is it `{close}`? Rename the folder" if close else ""
    write = f"declare the folders: `class({quoted(folders)})`"
    splits = {SPLITS[folder]: folder for folder in folders if folder in SPLITS}
    if "train" in splits:
        named = ", ".join(f'{split}="{path}/{folder}"' for split, folder in splits.items())
        meant, write = "", f"if these are the splits, name them: `image_folder({named})`"
    return Diagnostic(
        "D0337",
        message,
        span,
        notes=(f"its folders are {listed(folders)}",),
        help=tuple(filter(None, (meant, write))),
        values={"missing": len(missing), "extra": len(extra), "nearest": close},
    )


def picture_unreadable(span: Span, path: str, why: str) -> Diagnostic:
    """A file with a picture's name and another content."""
    return Diagnostic(
        "D0338",
        f"the file `{path}` cannot be read as a picture: {why}",
        span,
        help=("replace it, or leave such files out: `on_error = skip`",),
        values={"file": path},
    )


def picture_sizes(
    span: Span,
    field: str,
    sizes: Sequence[int],
    path: str,
    found: tuple[int, int],
    other: str | None,
) -> Diagnostic:
    """Pictures whose sizes differ, or are not those declared, without a step that resizes them."""
    height, width = found
    message = f"`{path}` is {height} x {width} pixels, and `{field}` takes another size"
    if other:
        message = (
            f"the pictures have different sizes: `{other}`, and {height} x {width} in `{path}`"
        )
    wanted = f"{sizes[1]}, {sizes[2]}" if len(sizes) == 3 else "64, 64"
    return Diagnostic(
        "D0339",
        message,
        span,
        notes=(f"`{field}` is declared as [{', '.join(map(str, sizes))}]",),
        help=(f"give them one size: `image -> resize({wanted}) -> …`",),
        values={"height": height, "width": width},
    )


def collection_damaged(span: Span, name: str, folder: str, why: str) -> Diagnostic:
    """Files in the place of a collection that are not those of it."""
    return Diagnostic(
        "D0331",
        f"the files in `{folder}` are not those of {name}: {why}",
        span,
        help=("replace them with files that belong together, or move them away",),
        values={"folder": folder},
    )


def grey_pictures(span: Span, field: str, count: int, sizes: Sequence[int]) -> Diagnostic:
    """Pictures of one channel that are declared with three."""
    return Diagnostic(
        "D0663",
        f"`{field}` is declared with three channels, and its pictures are grey",
        span,
        notes=(f"all {count} that were looked at: the three channels would be equal",),
        help=(f"declare `f32[1, {sizes[1]}, {sizes[2]}]`: a third of the memory and of the work",),
        values={"pictures": count},
        severity="warning",
    )
