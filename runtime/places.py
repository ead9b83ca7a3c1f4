"""Where in its spec generated code failed, by the places that the compiler wrote down."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import DataError

HERE = os.path.dirname(os.path.abspath(__file__))
# File of a package → line → place; line 0 stands for all lines of which nothing is said.
Places = Mapping[str, Mapping[int, str]]


def place(error: BaseException, package: str, places: Places) -> str | None:
    """The place of the innermost line below the folder `package` that an error went through.

    None where no place is known, and where the error arose in this runtime.
    """
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if os.path.dirname(file) == package:
            known = places.get(os.path.basename(file), {})
            return known.get(line, known.get(0))
        if file.startswith(HERE + os.sep) and file != __file__:
            return None
    return None


@contextmanager
def named(run: Path, debug: bool = False) -> Iterator[None]:
    """What the generated code of a run folder raises becomes a DataError that names the spec.

    With `debug`, and where the code is not as the compiler left it, the error stays as it is.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        found = None if debug else _found(error, run)
        if found is None:
            raise
        says = next((each for each in str(error).splitlines() if each.strip()), "")
        raise DataError(
            f"{type(error).__name__}: {says.strip()}" if says else type(error).__name__,
            f"`--debug` shows the traceback. The place in the spec is {found}",
            found,
        ) from error


def _found(error: BaseException, run: Path) -> str | None:
    try:
        known = json.loads((run / "places.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    places = {
        file: {int(line): place for line, place in lines.items()} for file, lines in known.items()
    }
    generated = os.path.abspath(run / "generated")
    packages = os.listdir(generated) if os.path.isdir(generated) else []
    found = (place(error, os.path.join(generated, each), places) for each in packages)
    return next(filter(None, found), None)
