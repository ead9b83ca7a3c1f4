"""Functions that pick values by tensors: by a mask, or by the places that whole numbers name."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .broadcasting import broadcast, overflows, result_type, spatial, together
from .meaning import bound_of, in_common
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    axis_of,
    elementwise,
    free,
    no_axis,
    under,
)
from .shape import product

INDICES = ("i64", "i32")
HALVES = ("f16", "bf16")


def where(x: tuple[Type, ...], a: Args) -> Result:
    """`input` where the condition holds, `other` elsewhere."""
    (condition,) = x
    if wrong := _no_mask(condition, "where"):
        return wrong
    chosen = (a["input"], a["other"])
    shape = together(condition, *chosen)
    if isinstance(shape, Mismatch):
        return shape
    dtype = result_type(*chosen)
    for each in chosen:
        # In half floats what is too large is infinite.
        if dtype in HALVES or isinstance(each, Type):
            continue
        if overflows(dtype, each):
            return Mismatch(f"{dtype} has no {each}", write="x -> to(f32)", code="D0202")
    given = in_common(chosen, dtype, shape)
    return given.shaped(*shape, spatial=spatial(*chosen))


def _no_mask(mask: Type, name: str) -> Mismatch | None:
    if mask.dtype == "bool":
        return None
    write = f"`!= 0`, or `== 0`, behind {mask} makes truths of it"
    return Mismatch(f"{name} takes a condition of bool first", write=write, code="D0202")


def masked_fill(x: tuple[Type, ...], a: Args) -> Result:
    """One number where the mask holds, what was there elsewhere."""
    value, mask = x
    fill = a["value"]
    if wrong := _no_mask(mask, "masked_fill"):
        return wrong
    if isinstance(fill, Type) and fill.shape:
        return Mismatch(
            f"masked_fill takes one number, and here is {fill}", write="where(mask, values, x)"
        )
    if not isinstance(fill, Type) and overflows(value.dtype, fill):
        return Mismatch(f"{value.dtype} has no {fill}", write="x -> to(f32)", code="D0202")
    shape = together(value, mask)
    if isinstance(shape, Mismatch):
        return shape
    return in_common((value, fill), value.dtype, shape).shaped(*shape, spatial=spatial(value))


def one_hot(x: tuple[Type, ...], a: Args) -> Result:
    """`[...]` of indices becomes i64 `[..., num_classes]`: 1 at the index, 0 elsewhere."""
    (value,) = x
    if value.dtype != "i64":
        write = "x -> to(i64)" if value.dtype in ("i32", "u8") else ""
        return Mismatch("one_hot takes indices, which are i64", write=write, code="D0202")
    bound, stated = bound_of(value), a["num_classes"]
    if bound is None and stated is None:
        return Mismatch(
            "one_hot must know how many classes there are, and the type does not tell",
            write="one_hot(num_classes=10)",
        )
    size = dim(bound or 0) if stated is None else dim(stated)
    if bound is not None and not decide(size, ">=", bound):
        return Mismatch(f"num_classes={text(size)} are too few for {value}", write="one_hot()")
    return Type("i64", (*value.shape, size))


def classes(x: tuple[Type, ...]) -> Dim | None:
    """How many classes the type tells."""
    bound = bound_of(x[0])
    return None if bound is None else dim(bound)


def _indices(index: Type, name: str, kinds: tuple[str, ...] = INDICES) -> Mismatch | None:
    if index.dtype in kinds:
        return None
    mask = "where or masked_fill picks by a mask" if index.dtype == "bool" else "x -> to(i64)"
    return Mismatch(f"{name} takes whole numbers as index, here {index}", write=mask, code="D0202")


def _inside(index: Type, size: Dim, axis: int, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with indices that may lie outside their axis."""
    bound = bound_of(index)
    if bound is None:
        return None
    match decide(size, ">=", bound):
        case None:
            conditions.append(Condition(size, ">=", dim(bound)))
        case False:
            return Mismatch(
                f"the indices go up to {bound - 1}, and axis {axis} has {text(size)}",
                code="D0225",
            )
    return None


def _covers(
    whole: Shape, part: Shape, but: int | None, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong where a part is longer than the whole on an axis, `but` one.

    Of the batch there are never fewer: only the first records would be meant.
    """
    for axis, (large, small) in enumerate(zip(whole, part, strict=True)):
        if axis == but or decide(large, "==", small):
            continue
        enough = decide(large, ">=", small)
        if enough is False or BATCH in large.names | small.names:
            return Mismatch(
                f"the index has {text(small)} on axis {axis}, and there are {text(large)}"
            )
        if enough is None:
            conditions.append(Condition(large, ">=", small))
    return None


def _ranks(value: Type, **others: Type) -> Mismatch | None:
    rank = max(len(value.shape), 1)
    for name, other in others.items():
        if max(len(other.shape), 1) != rank:
            return Mismatch(
                f"the {name} has {len(other.shape)} axes, and {value} has {len(value.shape)}",
                write="index_select, or `x[index]`, for one index for all",
            )
    return None


def _flat(value: Type) -> Shape:
    """The shape, in which a scalar has one axis."""
    return value.shape or (dim(1),)


def index_select(x: tuple[Type, ...], a: Args) -> Result:
    """The places of an axis that a row of indices names, in its order."""
    (value,) = x
    index: Type = a["index"]
    axis = axis_of(value, a["dim"])
    if axis is None:
        return no_axis(value, a["dim"])
    if wrong := _indices(index, "index_select"):
        return wrong
    if len(index.shape) > 1:
        return Mismatch(
            f"index_select takes one row of indices, here {index}", write="gather, or `x[:, index]`"
        )
    size, count = _flat(value)[axis], product(index.shape)
    if wrong := _records(size, count, axis):
        return wrong
    if not value.shape:
        if count != 1:
            return Mismatch("a scalar has one place")
        return value
    conditions: list[Condition] = []
    if wrong := _inside(index, size, axis, conditions):
        return wrong
    shape = (*value.shape[:axis], count, *value.shape[axis + 1 :])
    return under(value.shaped(*shape), conditions)


def _records(size: Dim, count: Dim, axis: int) -> Mismatch | None:
    """What is wrong with taking so many records out of a batch."""
    if BATCH not in size.names or decide(size, "==", count):
        return None
    return Mismatch(
        f"axis {axis} is the batch, and there would be {text(count)} records in the place "
        f"of {text(size)}",
        write="another axis, or one index for each record",
    )


def gather(x: tuple[Type, ...], a: Args) -> Result:
    """For every place of the index the value that it names along an axis."""
    (value,) = x
    index: Type = a["index"]
    axis = axis_of(value, a["dim"])
    if axis is None:
        return no_axis(value, a["dim"])
    if wrong := _indices(index, "gather") or _ranks(value, index=index):
        return wrong
    conditions: list[Condition] = []
    size, count = _flat(value)[axis], _flat(index)[axis]
    wrong = _covers(_flat(value), _flat(index), axis, conditions) or _records(size, count, axis)
    if wrong := wrong or _inside(index, size, axis, conditions):
        return wrong
    return under(value.shaped(*index.shape, spatial=0), conditions)


def take_along_dim(x: tuple[Type, ...], a: Args) -> Result:
    """As gather; axes of 1 grow. Without `dim` among all values in a row."""
    (value,) = x
    index: Type = a["indices"]
    kinds = INDICES if a["dim"] is None else ("i64",)
    if wrong := _indices(index, "take_along_dim", kinds):
        return wrong
    conditions: list[Condition] = []
    if a["dim"] is None:
        if any(BATCH in size.names for size in (*value.shape, *index.shape)):
            return Mismatch(
                "without an axis the records would be mixed", write="take_along_dim(index, -1)"
            )
        if wrong := _inside(index, product(value.shape), 0, conditions):
            return wrong
        return under(value.shaped(product(index.shape), spatial=0), conditions)
    axis = axis_of(value, a["dim"])
    if axis is None:
        return no_axis(value, a["dim"])
    if len(value.shape) != len(index.shape):
        return _ranks(value, index=index) or Mismatch(f"{index} has other axes than {value}")
    if not value.shape:
        return Mismatch("a scalar has no axis", write="take_along_dim(index)")
    size, count = value.shape[axis], index.shape[axis]
    if wrong := _records(size, count, axis) or _inside(index, size, axis, conditions):
        return wrong
    outer = [(*s[:axis], dim(1), *s[axis + 1 :]) for s in (value.shape, index.shape)]
    free_to_grow = frozenset(range(1, len(value.shape) + 1))
    shape = broadcast(outer, (free_to_grow, free_to_grow))
    if isinstance(shape, str):
        return Mismatch(shape.partition("|")[0])
    return under(value.shaped(*shape[:axis], count, *shape[axis + 1 :], spatial=0), conditions)


def scatters(name: str) -> Any:
    """The type rule of `scatter` and its kin: values of `src` put where the index says."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        index: Type = a["index"]
        source: Any = a["src"]
        axis = axis_of(value, a["dim"])
        if axis is None:
            return no_axis(value, a["dim"])
        if wrong := _indices(index, name) or _ranks(value, index=index):
            return wrong
        conditions: list[Condition] = []
        if wrong := _covers(_flat(value), _flat(index), axis, conditions):
            return wrong
        if isinstance(source, Type):
            if source.dtype != value.dtype:
                return Mismatch(
                    f"{name} puts {source.dtype} into {value.dtype}",
                    write=f"src -> to({value.dtype})",
                    code="D0202",
                )
            if wrong := _ranks(value, src=source):
                return wrong
            if wrong := _covers(_flat(source), _flat(index), None, conditions):
                return wrong
        elif overflows(value.dtype, source):
            return Mismatch(f"{value.dtype} has no {source}", code="D0202")
        if wrong := _inside(index, _flat(value)[axis], axis, conditions):
            return wrong
        given = in_common((value, source), value.dtype, value.shape)
        return under(given if name == "scatter" else value.plain, conditions)

    return gives


def _picks(
    name: str,
    signature: str,
    gives: Any,
    summary: str,
    example: str,
    positional: int = 3,
    **more: Any,
) -> Layer:
    code = "F.one_hot" if name == "one_hot" else f"torch.{name}"
    more = {"flops": free} | more
    return Layer(name, signature, gives, code, summary, example, positional=positional, **more)


SELECTING = (
    _picks(
        "where",
        "input: operand, other: operand",
        where,
        "one value where a condition holds, another elsewhere",
        "where(x > 0, x, 0.0)",
        inputs=("condition",),
        flops=elementwise,
    ),
    _picks(
        "masked_fill",
        "value: operand",
        masked_fill,
        "one number where a mask holds",
        "masked_fill(x, x < 0, 0.0)",
        inputs=("input", "mask"),
        flops=elementwise,
    ),
    _picks(
        "one_hot",
        "",
        one_hot,
        "an index as a row of zeros with a 1 at its place",
        "tokens -> one_hot()",
        infers={"num_classes": classes},
        keywords=("num_classes",),
        exact=False,
    ),
    _picks(
        "index_select",
        "dim: axis, index: tensor",
        index_select,
        "the places of an axis that a row of indices names",
        "signal -> index_select(-1, arange(0, 100, 2))",
    ),
    _picks(
        "gather",
        "dim: axis, index: tensor",
        gather,
        "for every place of an index the value that it names along an axis",
        "x -> gather(-1, x -> argsort(-1))",
    ),
    _picks(
        "take_along_dim",
        "indices: tensor, dim: axis? = None",
        take_along_dim,
        "as gather, where axes of 1 grow",
        "x -> take_along_dim(x -> argsort(-1), -1)",
    ),
    _picks(
        "scatter",
        "dim: axis, index: tensor, src: operand",
        scatters("scatter"),
        "values put where an index says along an axis",
        "x -> scatter(-1, x -> argmax(-1, keepdim=True), 0.0)",
    ),
    _picks(
        "scatter_add",
        "dim: axis, index: tensor, src: tensor",
        scatters("scatter_add"),
        "values added where an index says along an axis",
        "x -> scatter_add(-1, x -> argsort(-1), x)",
        flops=elementwise,
    ),
)
