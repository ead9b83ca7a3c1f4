"""Nodes of the tree are frozen values."""

from __future__ import annotations

import copy
import pickle

import pytest
from dlc.compiler import tree
from dlc.compiler.record import Single
from dlc.compiler.source import Source, Span
from reading import EVERYTHING, expression, read


def span_of(text: str) -> Span:
    return Span(Source("s", text), 0, len(text))


def test_nodes_are_equal_by_value_and_not_by_place_or_spelling() -> None:
    assert expression("1_000") == expression("1000") == expression("\n 1000")
    assert expression("1") != expression("2")
    assert expression("a") != expression('"a"')
    assert hash(expression("f(1)")) == hash(expression("f( 1 )"))
    assert tree.Reference(span_of("a"), "a") == tree.Reference(span_of("b"), "a")


def test_nodes_are_frozen_and_have_no_other_fields() -> None:
    node = expression("a")
    with pytest.raises(AttributeError, match="frozen"):
        node.name = "b"  # type: ignore[misc, union-attr]
    with pytest.raises(AttributeError, match="frozen"):
        del node.span  # type: ignore[misc]
    assert not hasattr(node, "__dict__")


def test_nodes_are_made_by_position_or_by_name_and_completely() -> None:
    span = span_of("a")
    made = tree.Attribute(span, value=tree.Reference(span, name="x"), name="y")
    assert made == expression("x.y")
    assert tree.Spec(span.source, ()).comments == ()
    for wrong in (
        lambda: tree.Reference(span),  # type: ignore[call-arg]
        lambda: tree.Reference(span, "a", "b"),  # type: ignore[call-arg]
        lambda: tree.Reference(span, "a", name="b"),  # type: ignore[misc]
        lambda: tree.Reference(span, label="b"),  # type: ignore[call-arg]
    ):
        with pytest.raises(TypeError, match="Reference takes span, name"):
            wrong()


def test_nodes_match_by_position_and_print_without_places() -> None:
    match expression("x.y"):
        case tree.Attribute(_, tree.Reference(_, name), attribute):
            assert (name, attribute) == ("x", "y")
        case other:
            pytest.fail(repr(other))
    assert repr(expression("x.y")) == "Attribute(value=Reference(name='x'), name='y')"


def test_nodes_survive_copying_and_pickling() -> None:
    spec = read(EVERYTHING)
    assert copy.copy(spec) == copy.deepcopy(spec) == pickle.loads(pickle.dumps(spec)) == spec


class Tensor(Single):
    """A value whose identity counts."""

    name: str


def test_a_single_equals_itself_alone() -> None:
    first, second = Tensor("x"), Tensor("x")
    assert first == first
    assert first != second
    assert len({first, second}) == 2
    assert second not in (first,)


def test_a_single_is_frozen_like_any_record() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Tensor("x").name = "y"  # type: ignore[misc]
