"""Names in emitted code: what a spec calls a thing, where Python or torch does not forbid it."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping

from ..catalog.data import SOURCES, SPLITS, STEPS
from ..catalog.images import AUGMENTATIONS
from ..catalog.schedules import SCHEDULES
from ..catalog.stopping import STOPPINGS
from ..catalog.training import METRICS, OPTIMIZERS
from ..opened import TAKEN, apart
from .text import quote

# What `nn.Module` has: a layer of such a name would break the model. Compared with torch in tests.
MODULE = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()
)
# What a `Split` of the runtime has besides its fields. Compared with it in tests.
SPLIT = frozenset("at batches order shuffled tensors".split())
# Names that the files use themselves.
OURS = TAKEN | frozenset(
    """
    list dict len range zip model optimizer loss total seen epoch data run split evaluate train
    predict device records outputs launch Run Split predicted positive target results rows
    classes numbers parts build Sequence Record Dataset Field Literal columns row expected
    Expected Results expectations EPOCHS BATCH SEED FOLDS observe measure observed sample
    models weights schedule measured ceil balanced seeded make_grid Module n INPUTS TARGETS build
    decode stopping
    ArgumentParser parser given launch STEPS ACCUMULATE WeightMean ema Frozen freeze frozen
    group autocast half GradScaler scaler deterministic compile_model
    load_pretrained load_checkpoint binary_cross_entropy
    binary deepcopy blend Models asked
    """.split()
)
CATALOGUE = frozenset(
    record.callable
    for records in (
        *(OPTIMIZERS, METRICS, SCHEDULES, STOPPINGS),
        *(SOURCES, SPLITS, STEPS, AUGMENTATIONS),
    )
    for record in records.values()
    if record.module
)

RESERVED = OURS | CATALOGUE


def variable(name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """A name for a variable, a parameter or a class; what is forbidden gets a `_`."""
    name = apart(name, RESERVED)
    while name in taken:
        name += "_"
    return name


def instance(name: str, definition: str) -> str:
    """A variable for a model: the author's name, in small letters where it is its class's."""
    if name != definition:
        return variable(name)
    return variable(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower(), {variable(definition)})


def held(field: str) -> str:
    """A field of a split: an attribute, or an item where a `Split` has another meaning for it."""
    plain = field not in SPLIT and not keyword.iskeyword(field) and not field.startswith("_")
    return f"split.{field}" if plain else f"split[{quote(field)}]"


def local(name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """A name for a class, a variable or a parameter in `model.py`."""
    name = apart(name, TAKEN)
    while name in taken:
        name += "_"
    return name


def attribute(name: str, taken: set[str]) -> str:
    """A name for an attribute of a module."""
    name = f"layer{name}" if name.startswith("_") else name
    while keyword.iskeyword(name) or name in MODULE or name in taken:
        name += "_"
    return name


def folder(stem: str) -> str:
    """A name for the package of a spec: a module name that hides no module of Python or torch."""
    plain = re.sub(r"[^0-9a-zA-Z_]", "_", stem.encode("ascii", "replace").decode())
    if not plain or plain[0].isdigit():
        plain = f"spec_{plain}"
    hidden = {*sys.stdlib_module_names, "torch", "numpy", "PIL", "dlc", "functorch", "torchgen"}
    if keyword.iskeyword(plain) or plain.lower() in {each.lower() for each in hidden}:
        plain += "_spec"
    return plain


def imported(names: Mapping[str, set[str]]) -> tuple[str, ...]:
    """`from … import …` lines as an import sorter leaves them: constants, classes, functions."""

    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    return tuple(
        _import_line(module, sorted(each, key=order))
        for module, each in sorted(names.items(), key=lambda found: found[0].lower())
    )


def _import_line(module: str, names: list[str]) -> str:
    """One import line, broken where it is too long."""
    one = f"from {module} import {', '.join(names)}"
    if len(one) <= 88:
        return one
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
