"""Pass 6: plan → {path: text}. One render pass, then a gate that looks at every file as a tree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from .gate import inspect
from .lines import fitted

if TYPE_CHECKING:
    from .plan import Plan


def emit(plan: Plan) -> dict[str, str]:
    """The files of the package, by name below its folder."""
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
    texts = {}
    for name, part in parts.items():
        text = fitted(environment.get_template(_template(name, part)).render(file=part))
        inspect(name, text)
        texts[name] = text
    return texts


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
