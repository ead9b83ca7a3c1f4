"""What picks, moves, joins and orders values: batches stay whole, meanings and bounds true."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import REQUIRED, Condition, Given, Mismatch
from dlc.compiler.tensor import Type

N, T = name("N"), name("T")


def of(dtype: str, *shape: Any, **more: Any) -> Type:
    sizes = (name(size) if isinstance(size, str) else dim(size) for size in shape)
    return Type(dtype, tuple(sizes), **more)


def given(layer: str, *x: Type, **stated: Any) -> Any:
    """The answer of a record, defaults filled in: a result, results, `Given` or `Mismatch`."""
    record = LAYERS[layer]
    arguments = {p.name.lstrip("*"): p.default for p in record.parameters}
    arguments |= dict.fromkeys(record.infers) | stated
    assert REQUIRED not in arguments.values()
    return record.gives(x, arguments)


RECORDS = of("f32", "N", 4)
PAIRS = of("f32", "N", 4, 4)


@pytest.mark.parametrize(
    ("layer", "x", "stated"),
    [
        ("expand", (RECORDS,), {"size": (8, 4)}),
        ("expand", (RECORDS,), {"size": (N * 2, dim(4))}),
        ("repeat", (RECORDS,), {"repeats": (2, 1)}),
        ("tile", (RECORDS,), {"dims": (2, 1)}),
        ("repeat_interleave", (RECORDS,), {"repeats": 2, "dim": 0}),
        ("repeat_interleave", (RECORDS,), {"repeats": 2}),
        ("ravel", (RECORDS,), {}),
        ("view", (RECORDS,), {"shape": (4, -1)}),
        ("unflatten", (RECORDS,), {"dim": 0, "sizes": (2, -1)}),
        ("roll", (RECORDS,), {"shifts": 1}),
        ("narrow", (RECORDS,), {"dim": 0, "start": 0, "length": 2}),
        ("tensor_split", (RECORDS,), {"indices_or_sections": 2}),
        ("vsplit", (RECORDS,), {"indices_or_sections": 2}),
        ("hsplit", (of("f32", "N"),), {"indices_or_sections": 2}),
        ("vstack", (RECORDS, RECORDS), {}),
        ("hstack", (of("f32", "N"), of("f32", "N")), {}),
        ("index_select", (RECORDS,), {"dim": 0, "index": of("i64", 3)}),
        ("gather", (RECORDS,), {"dim": 1, "index": of("i64", 1, 4)}),
        ("gather", (RECORDS,), {"dim": 0, "index": of("i64", 2, 4)}),
        ("take_along_dim", (RECORDS,), {"indices": of("i64", 3)}),
        ("scatter", (RECORDS,), {"dim": 1, "index": of("i64", 1, 4), "src": 0.0}),
        ("topk", (RECORDS,), {"k": 3, "dim": 0}),
        ("diagonal", (RECORDS,), {}),
    ],
)
def test_the_number_of_records_is_never_another(
    layer: str, x: tuple[Type, ...], stated: dict[str, Any]
) -> None:
    assert isinstance(given(layer, *x, **stated), Mismatch)
    fixed = tuple(each.shaped(*(dim(2) if s == N else s for s in each.shape)) for each in x)
    accepts_numbers = layer not in ("expand", "narrow", "topk", "view", "gather", "scatter")
    assert not accepts_numbers or not isinstance(given(layer, *fixed, **stated), Mismatch)


@pytest.mark.parametrize(
    ("layer", "x", "stated", "expected"),
    [
        ("expand", of("f32", 1, 4), {"size": (N, -1)}, ("N", 4)),
        ("expand", RECORDS, {"size": (3, -1, -1)}, (3, "N", 4)),
        ("repeat", RECORDS, {"repeats": (1, 2)}, ("N", 8)),
        ("repeat", of("f32", 1, 4), {"repeats": (N, 1)}, ("N", 4)),
        ("tile", RECORDS, {"dims": (2,)}, ("N", 8)),
        ("flip", RECORDS, {"dims": (0,)}, ("N", 4)),
        ("roll", RECORDS, {"shifts": 1, "dims": 0}, ("N", 4)),
        ("movedim", RECORDS, {"source": 0, "destination": -1}, (4, "N")),
        ("index_select", RECORDS, {"dim": 0, "index": of("i64", "N")}, ("N", 4)),
        ("gather", RECORDS, {"dim": 1, "index": of("i64", "N", 2)}, ("N", 2)),
        ("select", RECORDS, {"dim": 0, "index": 0}, (4,)),
        ("argsort", RECORDS, {"dim": 0}, ("N", 4)),
        ("argmax", RECORDS, {"dim": 0}, (4,)),
        ("view", of("f32", "N", 12), {"shape": (-1, 3, 4)}, ("N", 3, 4)),
        ("unflatten", of("f32", "N", 12), {"dim": 1, "sizes": (3, -1)}, ("N", 3, 4)),
        ("diagonal", PAIRS, {"dim1": -2, "dim2": -1}, ("N", 4)),
        ("tril", of("f32", "T", "T"), {}, ("T", "T")),
    ],
)
def test_records_may_be_moved_and_read(
    layer: str, x: Type, stated: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    found = given(layer, x, **stated)
    assert isinstance(found, Type), found
    assert found.shape == of("f32", *expected).shape


def test_a_batch_that_was_made_larger_is_divided_where_it_is_written() -> None:
    windows = Type("f32", (N * 12, dim(5)))
    found = given("unflatten", windows, dim=0, sizes=(-1, 12))
    assert found == of("f32", "N", 12, 5)
    assert given("view", windows, shape=(N, 12, 5)) == of("f32", "N", 12, 5)


def test_sizes_of_new_tensors_may_be_open() -> None:
    assert given("arange", start=T) == of("i64", "T")
    assert given("arange", start=2, end=T) == Type("i64", (T - 2,))
    assert given("arange", start=0, end=T, step=2) == Type("i64", ((T + 1) // 2,))
    assert given("eye", n=T) == of("f32", "T", "T")
    assert given("ones", size=(T, T), dtype="bool") == of("bool", "T", "T")
    assert given("randperm", n=N) == of("i64", "N")


@pytest.mark.parametrize(("start", "end", "step"), [(0, 7, 1), (3, 9, 4), (9, 2, -3), (5, None, 1)])
def test_numbers_that_are_counted_are_indices_below_their_bound(
    start: int, end: int | None, step: int
) -> None:
    found = given("arange", start=start, end=end, step=step)
    theirs = (
        torch.arange(*(each for each in (start, end) if each is not None), step=step)
        if (end is not None)
        else torch.arange(start)
    )
    assert found.tokens == int(theirs.max()) + 1


def test_negative_numbers_are_no_indices() -> None:
    assert given("arange", start=-2, end=5).tokens is None
    assert given("arange", start=1, end=-3, step=-1).tokens is None


@pytest.mark.parametrize("layer", ["topk", "sort"])
def test_places_along_a_known_axis_are_classes_and_values_stay_what_they_are(layer: str) -> None:
    shares = of("f32", "N", 10, meaning="probabilities")
    values, indices = given(layer, shares, **({"k": 3} if layer == "topk" else {}))
    assert values.meaning == "probabilities"
    assert (indices.dtype, indices.classes) == ("i64", 10)


def test_a_place_of_the_largest_is_a_class_where_the_axis_is_known() -> None:
    assert given("argmax", of("f32", "N", 10), dim=1) == of("i64", "N", classes=10)
    assert given("argmin", of("f32", "N", "T"), dim=1) == of("i64", "N")
    assert given("argmax", of("f32", 3, 4)).classes == 12


def test_one_hot_reads_its_classes_off_the_type() -> None:
    assert given("one_hot", of("i64", "N", classes=10)) == of("i64", "N", 10)
    assert given("one_hot", of("i64", "N", tokens=7), num_classes=9) == of("i64", "N", 9)
    few = given("one_hot", of("i64", "N", tokens=7), num_classes=6)
    assert isinstance(few, Mismatch) and "too few" in few.why
    assert isinstance(given("one_hot", of("i64", "N")), Mismatch)


@pytest.mark.parametrize(
    ("value", "tokens"), [(3, 1000), (999, 1000), (1000, 1001), (-1, None), (2.5, None)]
)
def test_masked_tokens_stay_tokens_where_the_number_is_one(
    value: float, tokens: int | None
) -> None:
    words = of("i64", "N", "T", tokens=1000)
    found = given("masked_fill", words, of("bool", "N", "T"), value=value)
    assert found.tokens == tokens


@pytest.mark.parametrize(
    ("meaning", "other", "kept"),
    [
        ("probabilities", 0.0, "probabilities"),
        ("probabilities", 2.0, ""),
        ("log_probabilities", float("-inf"), "log_probabilities"),
        ("log_probabilities", 1.0, ""),
        ("activations", 1.0, ""),
        ("", float("-inf"), ""),
    ],
)
def test_a_choice_means_what_all_it_chooses_from_mean(
    meaning: str, other: float, kept: str
) -> None:
    x = of("f32", "N", 4, meaning=meaning)
    found = given("where", of("bool", "N", 4), input=x, other=other)
    assert found.meaning == kept
    both = given("where", of("bool", "N", 4), input=x, other=x)
    assert both.meaning == meaning


def test_rows_put_together_are_tokens_below_the_larger_bound() -> None:
    short, long = of("i64", "N", 2, tokens=5), of("i64", "N", 3, tokens=9)
    assert given("cat", short, long, dim=1) == of("i64", "N", 5, tokens=9)
    assert given("cat", short, of("i64", "N", 3), dim=1) == of("i64", "N", 5)


@pytest.mark.parametrize("layer", ["index_select", "gather", "take_along_dim", "scatter"])
def test_indices_that_may_lie_behind_the_end_are_refused(layer: str) -> None:
    shape = (3,) if layer == "index_select" else (2, 3)
    argument = "indices" if layer == "take_along_dim" else "index"
    more = {"src": 0.0} if layer == "scatter" else {}

    def with_bound(bound: int, size: int | str = 5) -> Any:
        index = of("i64", *shape, tokens=bound)
        return given(layer, of("f32", 2, size), **{"dim": 1, argument: index}, **more)

    found = with_bound(6)
    assert isinstance(found, Mismatch) and found.code == "D0225"
    assert isinstance(with_bound(5), Type)
    later = with_bound(5, "T")
    assert isinstance(later, Given)
    assert later.conditions == (Condition(T, ">=", dim(5)),)


@pytest.mark.parametrize(
    ("layer", "x", "stated"),
    [
        ("masked_fill", (of("f32", "N", 1, "T"), of("bool", "T", 1)), {"value": 0.0}),
        ("where", (of("bool", "N", 1),), {"input": of("f32", 4), "other": 0.0}),
        ("masked_fill", (of("f32", "N", "T", "S"), of("bool", "N", "T")), {"value": 0.0}),
    ],
)
def test_two_sides_that_would_grow_or_two_names_are_refused(
    layer: str, x: tuple[Type, ...], stated: dict[str, Any]
) -> None:
    assert isinstance(given(layer, *x, **stated), Mismatch)


def test_a_mask_of_an_attention_grows_over_batch_and_heads() -> None:
    scores = of("f32", "N", 8, "T", "T")
    mask = of("bool", "T", "T")
    assert given("masked_fill", scores, mask, value=float("-inf")) == scores


def test_parts_of_an_open_axis_are_as_many_as_are_asked_for() -> None:
    halves = given("chunk", of("f32", "N", "T"), chunks=2, dim=1)
    assert isinstance(halves, Given)
    assert halves.conditions == (Condition(T // 2 * 2, "==", T),)
    sizes = [[part.shape[1] for part in torch.empty(1, t).tensor_split(3, 1)] for t in (5, 6, 7)]
    thirds = given("tensor_split", of("f32", "N", "T"), indices_or_sections=3, dim=1)
    for t, expected in zip((5, 6, 7), sizes, strict=True):
        assert [part.shape[1].evaluate({"T": t}) for part in thirds] == expected


def test_bernoulli_draws_ones_as_often_as_is_asked_for() -> None:
    """Its code runs; what is drawn has the dtype of the probabilities."""
    shares = of("f32", 4, 5000, meaning="probabilities")
    assert given("bernoulli", shares) == of("f32", 4, 5000)
    torch.manual_seed(0)
    drawn = eval(LAYERS["bernoulli"].code, {"torch": torch})(torch.full((4, 5000), 0.3))
    assert drawn.dtype == torch.float32
    assert abs(drawn.mean() - 0.3) < 0.02
    logarithms = of("f32", 4, meaning="log_probabilities")
    assert isinstance(given("bernoulli", logarithms), Mismatch)


@pytest.mark.parametrize("moved", [False, True])
def test_a_view_is_code_that_also_takes_what_was_moved(moved: bool) -> None:
    x = torch.arange(24).reshape(2, 3, 4)
    value = x.permute(0, 2, 1) if moved else x
    assert LAYERS["view"].code == ".reshape"
    assert getattr(value, LAYERS["view"].code[1:])((2, 12)).shape == (2, 12)
    if moved:
        with pytest.raises(RuntimeError, match="view size is not compatible"):
            value.view(2, 12)
