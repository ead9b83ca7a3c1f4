"""Layers against torch: drawn settings and inputs, the compiler's answer and torch's.

A family of layers says in `drawn_<family>.py` what an author may write and what may flow in;
`agree` holds one case of it against torch, `agree_open` the same with names for sizes.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from answers import COMPLEX, DTYPES, NAMES, Answer, answered, holds, least, leaves, number
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import Layer, Mismatch
from dlc.compiler.tensor import Type
from hypothesis import strategies as st
from torch import Tensor, nn

ERRORS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, NotImplementedError)


@dataclass(frozen=True)
class Operand:
    """A tensor that flows in or stands as an argument; whole numbers are below `below`."""

    shape: tuple[int, ...]
    dtype: str = "f32"
    below: int = 2
    is_token: bool = False

    def type(self, names: Mapping[int, str] | None = None) -> Type:
        """Its type; sizes in `names` are open."""
        opened = names or {}
        sizes = (name(opened[size]) if size in opened else dim(size) for size in self.shape)
        return Type(self.dtype, tuple(sizes), tokens=self.below if self.is_token else None)

    def tensor(self, sizes: Mapping[int, int] | None = None) -> Tensor:
        """Legal values: floats around zero, whole numbers from 0 on; `sizes` replaces some."""
        shape = tuple((sizes or {}).get(size, size) for size in self.shape)
        dtype = (DTYPES | COMPLEX)[self.dtype]
        if not dtype.is_floating_point and not dtype.is_complex:
            return torch.randint(0, self.below, shape).to(dtype)
        return torch.randn(shape).to(dtype)


@dataclass(frozen=True)
class Case:
    """A layer with what stands in its brackets (tensors as `Operand`) and what flows in."""

    layer: str
    given: Mapping[str, Any]
    inputs: tuple[Operand, ...]

    @property
    def record(self) -> Layer:
        return LAYERS[self.layer]

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Every tensor of the case."""
        return (*self.inputs, *(v for v in self.given.values() if isinstance(v, Operand)))


def plain_call(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """A function by its name with its arguments by theirs."""
    function = getattr(F, case.layer, None) or getattr(torch, case.layer, None)
    function = function or getattr(Tensor, case.layer)
    if case.record.listed:
        return function(list(tensors), **given)
    return function(*tensors, **given)


@dataclass(frozen=True)
class Drawn:
    """How cases of one layer are drawn and what torch is asked.

    `sizes` are the arguments of the class that a spec leaves out, read off the inputs by hand;
    `call` computes a function where its name and keywords alone do not do it. `stricter` says why a
    case that torch runs is refused ("" where there is no reason), `looser` why torch refuses it in
    vain; `opened` is False where open sizes are refused by nature; no name stands for sizes that
    are `known`, such as the 1 of an axis that grows; `closed` says why a case is refused with
    these names though torch runs it with any sizes. `together` draws what stands in the
    brackets and what flows in where one depends on the other.
    `flow` brings what flows into a layer into the form of its call, such as two tensors in
    brackets.
    """

    given: st.SearchStrategy[dict[str, Any]]
    inputs: st.SearchStrategy[tuple[Operand, ...]]
    sizes: Callable[..., dict[str, Any]] = lambda *tensors: {}
    call: Callable[[Case, Mapping[str, Any], Sequence[Tensor]], Any] = plain_call
    stricter: Callable[[Case], str] = lambda case: ""
    looser: Callable[[Case], str] = lambda case: ""
    opened: bool = True
    known: frozenset[int] = frozenset()
    flow: Callable[[Sequence[Any]], Sequence[Any]] = tuple
    closed: Callable[[Case, Mapping[int, str]], str] = lambda case, names: ""
    together: st.SearchStrategy[tuple[dict[str, Any], tuple[Operand, ...]]] | None = None


@dataclass(frozen=True)
class Theirs:
    """What torch gives, and the module that gave it."""

    results: tuple[Tensor, ...]
    module: nn.Module | None = None


def ours(case: Case, names: Mapping[int, str] | None = None) -> Answer | Mismatch:
    """The compiler's answer; sizes in `names` are open, in the inputs and in the arguments."""
    given = {k: v.type(names) if isinstance(v, Operand) else v for k, v in case.given.items()}
    return answered(case.record, given, *(each.type(names) for each in case.inputs))


Call = tuple[Callable[[], Any], nn.Module | None]


def prepared(case: Case, drawn: Drawn, tensors: Sequence[Any], given: Mapping[str, Any]) -> Call:
    """torch's own call of a case with these tensors, and the module that it calls."""
    if not case.record.is_layer or drawn.call is not plain_call:
        return lambda: drawn.call(case, given, tensors), None
    kind = getattr(nn, case.layer)
    names = inspect.signature(kind.forward).parameters
    later = {p.name for p in case.record.called_with} & {*names}
    made = {k: v for k, v in given.items() if k not in later}
    built = kind(**{**drawn.sizes(*tensors), **made})
    called = {k: v for k, v in given.items() if k in later}
    return lambda: built(*drawn.flow(tensors), **called), built


def tensors_of(
    case: Case, sizes: Mapping[int, int] | None = None
) -> tuple[list[Any], dict[str, Any]]:
    """What flows into a case and what stands in its brackets, as torch takes it."""
    flowing = [each.tensor(sizes) for each in case.inputs]
    given = {k: v.tensor(sizes) if isinstance(v, Operand) else v for k, v in case.given.items()}
    return flowing, given


def theirs(case: Case, drawn: Drawn, sizes: Mapping[int, int] | None = None) -> Theirs | Exception:
    """What torch makes of a case; a result without any value is an error here."""
    torch.manual_seed(0)
    tensors, given = tensors_of(case, sizes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call, built = prepared(case, drawn, tensors, given)
            results = tuple(leaves(call()))
    except ERRORS as error:
        return error
    if not all(each.numel() for each in results):
        return ValueError("nothing is left")
    return Theirs(results, built)


@dataclass(frozen=True)
class Verdict:
    """How a case ended, and why the two sides may differ.

    It is "gives" where both give the same, "refuses" where both refuse, "stricter" or "looser"
    where one does for the stated reason, and "closed" where open sizes were not compared.
    """

    kind: str
    reason: str = ""


def agree(case: Case, drawn: Drawn) -> bool:
    """The compiler and torch both refuse, or give the same types and state; True if both give."""
    return compared(case, drawn).kind == "gives"


def compared(case: Case, drawn: Drawn) -> Verdict:
    """How the compiler and torch go together; AssertionError where they do not."""
    mine, other = ours(case), theirs(case, drawn)
    if isinstance(other, Exception):
        smallest = 1 if isinstance(mine, Mismatch) else least(mine, {})
        if isinstance(mine, Mismatch) or smallest < 1:
            return Verdict("refuses")
        reason = drawn.looser(case)
        assert reason, f"{mine} where torch says {other}"
        return Verdict("looser", reason)
    if isinstance(mine, Mismatch):
        reason = drawn.stricter(case)
        assert reason, f"{mine.why} where torch gives {shapes(other)}"
        return Verdict("stricter", reason)
    found = [(NAMES[each.dtype], tuple(each.shape)) for each in other.results]
    assert [(t.dtype, tuple(map(number, t.shape))) for t in mine.types] == found
    assert all(holds(condition, {}) for condition in mine.conditions)
    if other.module is not None:
        state = {k: tuple(v.shape) for k, v in other.module.named_parameters()}
        assert {k: tuple(map(number, v)) for k, v in mine.weights.items()} == state
        state = {k: tuple(v.shape) for k, v in other.module.named_buffers()}
        assert {k: tuple(map(number, v)) for k, v in mine.buffers.items()} == state
    return Verdict("gives")


def shapes(found: Theirs) -> list[tuple[int, ...]]:
    return [tuple(each.shape) for each in found.results]


def agree_open(case: Case, drawn: Drawn, opened: set[int], grown: int) -> Verdict:
    """With names for the sizes `opened`: right for these sizes, and for those grown by so much.

    Equal sizes get equal names. Where the answer holds under conditions, torch runs it just where
    they are met. Cases without open sizes and those that torch refuses are not compared.
    """
    values = {size for each in case.operands for size in each.shape} & opened - drawn.known
    names = {size: f"S{size}" for size in values}
    if not names or isinstance(theirs(case, drawn), Exception) or drawn.stricter(case):
        return Verdict("closed")
    if reason := drawn.closed(case, names):
        return Verdict("stricter", reason)
    mine = ours(case, names)
    assert not isinstance(mine, Mismatch), f"{mine.why} with {names}"
    for more in (0, grown):
        sizes = {names[size]: size + more for size in names}
        other = theirs(case, drawn, {size: size + more for size in names})
        met = all(holds(condition, sizes) for condition in mine.conditions)
        met = met and least(mine, sizes) >= 1
        assert met is not isinstance(other, Exception), f"{mine} at {sizes}, and torch: {other}"
        if isinstance(other, Theirs):
            found = [tuple(s.evaluate(sizes) for s in t.shape) for t in mine.types]
            assert found == shapes(other)
    return Verdict("gives")


@st.composite
def cases(draw: st.DrawFn, layer: str, drawn: Drawn) -> Case:
    """A case of one layer."""
    if drawn.together is not None:
        return Case(layer, *draw(drawn.together))
    return Case(layer, draw(drawn.given), draw(drawn.inputs))


@st.composite
def opened_cases(draw: st.DrawFn, layer: str, drawn: Drawn) -> tuple[Case, set[int], int]:
    """A case, sizes in it that get names, and by how much these grow."""
    case = draw(cases(layer, drawn))
    found = sorted({size for each in case.operands for size in each.shape} - drawn.known)
    sizes = draw(st.sets(st.sampled_from(found), min_size=1)) if found else set()
    return case, sizes, draw(st.integers(1, 3))


def settings(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these keywords with a value drawn for it; a name ending in `_` is always there."""
    needed = {key[:-1]: values for key, values in keywords.items() if key.endswith("_")}
    optional = {key: values for key, values in keywords.items() if not key.endswith("_")}
    return st.fixed_dictionaries(needed, optional=optional)


def each(values: st.SearchStrategy[Any], rank: int) -> st.SearchStrategy[Any]:
    """One value for all axes, or one for each in brackets."""
    return values if rank == 1 else values | st.tuples(*(values,) * rank)


small = st.integers(1, 6)
sizes = st.integers(1, 9)
booleans = st.booleans()
axes = st.integers(-4, 4)
axis_lists = st.lists(axes, min_size=1, max_size=4).map(tuple)


def batched(rank: int, *dtypes: str) -> st.SearchStrategy[tuple[Operand, ...]]:
    """Mostly `[N, C, …]` with so many axes behind, sometimes one axis more or less."""
    right = st.tuples(st.integers(2, 3), small, *(sizes,) * rank)
    shape = st.one_of(
        *(right,) * 4,
        right.map(lambda found: found[1:]),
        small.map(lambda n: (2,) * (rank + 2) + (n,)),
    )
    kinds = st.sampled_from(dtypes or ("f32",))
    return st.builds(lambda found, dtype: (Operand(found, dtype),), shape, kinds)


def anything(*dtypes: str, most: int = 4) -> st.SearchStrategy[tuple[Operand, ...]]:
    """One tensor of any rank up to `most`."""
    shape = st.lists(sizes, max_size=most).map(tuple)
    kinds = st.sampled_from(dtypes or ("f32",))
    return st.builds(lambda found, dtype: (Operand(found, dtype),), shape, kinds)
