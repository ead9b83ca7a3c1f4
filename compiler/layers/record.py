"""What one layer or function is: a record, the single place to touch."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from ..dims import Dim, decide, dim
from ..tensor import COMPLEX, FLOATS, Type

Args: TypeAlias = Mapping[str, Any]
Shape: TypeAlias = tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why an input cannot be taken; `write` is what to write instead, `notes` are facts."""

    why: str
    write: str = ""
    notes: tuple[str, ...] = ()
    code: str = "D0201"


@dataclass(frozen=True, slots=True)
class Condition:
    """`left operator right` must hold at run time; sizes only."""

    left: Dim
    operator: str
    right: Dim


@dataclass(frozen=True, slots=True)
class Given:
    """A type that holds under conditions on open sizes."""

    type: Types
    conditions: tuple[Condition, ...]


# Several results in torch's structure; None stands where torch gives None.
Types: TypeAlias = "Type | tuple[Types, ...] | None"
Result: TypeAlias = "Types | Given | Mismatch"

REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name, its kind (see `arguments.py`), and its default or `REQUIRED`."""

    name: str
    kind: str
    default: Any


@cache
def parameters(signature: str) -> tuple[Parameter, ...]:
    """The arguments in a signature such as `out_features: size, bias: bool = True`."""
    found = []
    for part in re.split(r", (?=\*?\w+:)", signature) if signature else []:
        name, _, rest = part.partition(": ")
        kind, equals, default = rest.partition(" = ")
        found.append(Parameter(name, kind, literal_eval(default) if equals else REQUIRED))
    return tuple(found)


def nothing(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """No weights."""
    return {}


def elementwise(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One operation an element of the output."""
    total = dim(1)
    for size in y.shape:
        total = total * size
    return total


def floats(x: Type, name: str, like: tuple[str, ...] = FLOATS) -> Mismatch | None:
    """What is wrong with numbers that are no floats, or not of the dtypes that weights go with."""
    if x.dtype in like:
        return None
    what = f"the weights of {name} are f32" if x.floating else f"{name} takes floats"
    if x.tokens or x.classes:
        write = "`-> Embedding(64)` before it makes floats of indices"
    else:
        write = f"declare what comes in as {Type('f32', x.shape)}"
    return Mismatch(what, write=write, code="D0202")


def axis_of(x: Type, value: Any) -> int | None:
    """An axis counted from the front, or None where there is no such axis; a scalar has one."""
    axis, rank = dim(value).value, max(len(x.shape), 1)
    return axis % rank if axis is not None and -rank <= axis < rank else None


def no_axis(x: Type, axis: Any) -> Mismatch:
    """An axis that a value does not have."""
    last = len(x.shape) - 1
    return Mismatch(f"{x} has no axis {axis}: its axes are 0 … {last}", write=f"-1 for axis {last}")


BATCH = "N"
# In a network for all hyperparameters sizes that may be equal are taken to be: each of its uses
# was checked with numbers, and is held against it.
LENIENT: ContextVar[bool] = ContextVar("LENIENT", default=False)


def equal(left: Dim, right: Dim, conditions: list[Condition]) -> bool:
    """Whether two sizes are or must be equal; what only data can tell joins `conditions`.

    Sizes of the same names are compared at run time, so is a size with a number; two different
    names do not meet, and no number is the batch.
    """
    match decide(left, "==", right):
        case True:
            return True
        case False:
            return False
    names = left.names | right.names
    if LENIENT.get() and BATCH not in names:
        return True
    if left.names != right.names and (BATCH in names or (left.names and right.names)):
        return False
    conditions.append(Condition(left, "==", right))
    return True


def under(found: Types, conditions: list[Condition]) -> Types | Given:
    """A result, with the conditions under which it holds where there are any."""
    return Given(found, tuple(conditions)) if conditions else found


def free(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Views cost nothing."""
    return dim(0)


def _of_tensors(
    name: str, gives: Callable[[tuple[Type, ...], Args], Result], packed: bool, complex: bool
) -> Callable[[tuple[Type, ...], Args], Result]:
    """The type rule of a layer that takes no packed sequences, or no complex numbers."""

    def guarded(x: tuple[Type, ...], a: Args) -> Result:
        tensors = [each for each in (*x, *a.values()) if isinstance(each, Type)]
        if not packed and any(each.packed for each in tensors):
            return still_packed(name)
        if not complex and any(each.dtype in COMPLEX for each in tensors):
            return still_complex(name)
        return gives(x, a)

    return guarded


def still_packed(name: str) -> Mismatch:
    """A packed sequence where a tensor is wanted."""
    return Mismatch(
        f"{name} takes tensors, and a packed sequence has no axes: only LSTM, GRU and RNN read it",
        write="y, _ = pad_packed_sequence(packed, total_length=T) before it",
        code="D0202",
    )


def still_complex(name: str) -> Mismatch:
    """Complex numbers where real ones are wanted."""
    return Mismatch(
        f"{name} takes real numbers, and here come complex ones",
        write="`-> abs`, `-> real`, or `-> view_as_real` before it",
        code="D0202",
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer (`Conv2d`) or function (`relu`) with torch's name.

    `signature` has what remains when the types of the inputs have told the rest: `infers` names
    those sizes and reads them off, None where torch's default will do; `keywords` of them are
    emitted by name. `forward` has the arguments of a layer's call: `attn_mask: tensor? = None`.
    `gives` is the type rule; it sees all arguments in one mapping, a tensor among them as its
    `Type`. `code` is the callable emitted: a class of `nn` for what has a state, a function
    otherwise; `positional` of its arguments go without their name, `leading` of them before the
    inputs. `weights` and `buffers` give the shapes of the state, `flops` the operations of a
    forward pass (a multiply-add counts 2). `stem` begins attribute names. A stated size must be the
    `exact` one inferred, or may be larger. `adapt` says how inputs of some types are written where
    torch wants others. What is made `on_device` is told where: torch would choose the processor.
    A layer of several results gives them in torch's structure; `weights`, `buffers` and `flops`
    see the first; `results` are names for them. A `listed` function takes a list of tensors, a
    `variadic` one any number; `optional` inputs may follow the others. `fixed` arguments are
    emitted as they stand. `mode` names the argument that acts in training alone, or is "training"
    where torch's function takes that. `stated` has the kinds of inferred sizes that an author may
    also state as several, which `gives` then checks. `of_number` is the same function of a number
    known now. What is packed is refused unless the layer `unpacks`, and complex
    numbers unless it says so (`complex`): an internal dtype, which Fourier transforms give.
    """

    name: str
    signature: str
    gives: Callable[[tuple[Type, ...], Args], Result]
    code: str
    summary: str
    example: str
    infers: Mapping[str, Callable[[tuple[Type, ...]], Dim | None]] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("input",)
    positional: int = 1
    stem: str = ""
    weights: Callable[[tuple[Type, ...], Type, Args], dict[str, Shape]] = nothing
    buffers: Callable[[tuple[Type, ...], Type, Args], dict[str, Shape]] = nothing
    flops: Callable[[tuple[Type, ...], Type, Args], Dim] = elementwise
    exact: bool = True
    adapt: Callable[[tuple[Type, ...]], tuple[str, ...]] | None = None
    on_device: bool = False
    results: str = ""
    listed: bool = False
    optional: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    of_number: Callable[[float], float] | None = None
    forward: str = ""
    keywords: tuple[str, ...] = ()
    leading: int = 0
    variadic: bool = False
    mode: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    unpacks: bool = False
    complex: bool = False

    def __post_init__(self) -> None:
        guarded = _of_tensors(self.name, self.gives, self.unpacks, self.complex)
        object.__setattr__(self, "gives", guarded)

    @property
    def is_layer(self) -> bool:
        """Layers are CamelCase as in `torch.nn`, functions snake_case."""
        return self.name[0].isupper()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments that a spec may state."""
        return parameters(self.signature)

    @property
    def called_with(self) -> tuple[Parameter, ...]:
        """The arguments of a layer's call, besides what flows in."""
        return parameters(self.forward)
