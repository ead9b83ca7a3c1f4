"""Pass 6: plan → {path: text}. One render pass, then a gate that looks at every file as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from .gate import Strings, inspect
from .lines import placed

if TYPE_CHECKING:
    from .plan import Plan


@dataclass(frozen=True, slots=True)
class Emitted:
    """The text of each file, and by file where in the spec its lines come from.

    Of a line that is in none of `places`, line 0 of its file tells, where it has one.
    """

    files: dict[str, str]
    places: dict[str, dict[int, str]]


def emit(
    plan: Plan,
    starts: Mapping[str, str],
    outside: Mapping[str, frozenset[str]],
    strings: Strings,
) -> Emitted:
    """The files of the package, by name in its folder; `starts` are the places of whole files.

    `outside` is what a file may import besides what every such file may, `strings` what it may
    have for strings.
    """
    environment = _templates()
    files = {"__init__.py": plan, "model.py": plan.model}
    optional = {
        "data.py": plan.data,
        "train.py": plan.train,
        "predict.py": plan.predict,
        "expect.py": plan.expect,
        "procedures.py": plan.procedures,
    }
    parts: dict[str, object] = {**files, **{k: v for k, v in optional.items() if v is not None}}
    parts |= plan.more
    emitted = Emitted({}, {})
    for name, part in parts.items():
        text, places = placed(environment.get_template(_template(name, part)).render(file=part))
        inspect(name, text, outside.get(name, frozenset()), strings)
        emitted.files[name] = text
        whole = {0: starts[name]} if name in starts else {}
        if whole or places:
            emitted.places[name] = whole | places
    return emitted


def _template(name: str, part: object) -> str:
    return str(getattr(part, "template", f"{name}.j2"))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("dlc.compiler"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
