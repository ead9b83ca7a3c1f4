"""Comments stay where they are, or move on to the next good place."""

from __future__ import annotations

import pytest
from layouts import becomes, body, stays


def test_comments_of_their_own_stay_above_what_they_precede() -> None:
    stays(
        """
# about the file

# about a
param a = 1
# about b
param b = 2

# about M
# in two lines
model M {
  # first

  # about x
  x = 1
  # about y
  y = 2

  # last
}

# the end
"""
    )


def test_comments_behind_something_stay_on_its_line() -> None:
    stays(
        """
param a = 1  # a

model M(  # M
  depth: int = 1,  # depth
  # about width
  width: int,
) {  # open
  x = f(a)  # x
  for i in x {  # each
    y = i  # y
  }  # for
  if a {  # then
    y = 1
  } else {  # else
    y = 2
  }
}  # M ends

expect {
  a > 1  # one
}  # end
"""
    )


def test_comments_within_lists_and_calls_and_chains_stay_with_their_items() -> None:
    stays(
        body(
            """
a = [  # list
  1,  # one
  # about two
  2,
  # none
]
b = f(
  x=1,  # x
  # nothing more
)
c = f(
  # nothing at all
)
d = x  # input
  -> A  # first
  # about B
  -> B
e = a  # left
  + b  # right
f = if a {  # then
  1  # one
} else {
  # about two
  2
}
g = x
  -> repeat(2) {
    # about A
    A
  }
h = x[
  1,  # first
  2
]
"""
        )
    )


def test_comments_within_types_stay() -> None:
    stays(
        "data d {\n  x: f32[\n    3,  # channels\n    4\n  ]\n  y: class(\n    2,  # two\n  )\n}\n"
    )


def test_comments_in_empty_braces_stay_inside() -> None:
    stays("model M {\n  # to do\n}\n\nexpect {\n  # nothing yet\n}\n\ndata d {  # none\n}\n")


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("param # why\na = 1", "param a = 1  # why\n"),
        ("param a # why\n= # so\n1", "param a = 1  # why\n# so\n"),
        ("param a = (1 # one\n)", "param a = 1  # one\n"),
        ("param a = f # f\n(1)", "param a = f(  # f\n  1,\n)\n"),
        ("param a = x # x\n.y", "param a = x.y  # x\n"),
        ("param a = - # minus\n1", "param a = -1  # minus\n"),
        ("model # M\nM {}", "model M {}  # M\n"),
        ("model M {} # a\n# b", "model M {}  # a\n# b\n"),
        ("function f( # none\n) = 1", "function f(  # none\n) = 1\n"),
        ('from "a" # a\nimport B', 'from "a" import B  # a\n'),
        ("# one\n\n\n# two\nparam a = 1\n\n\n# three", "# one\n\n# two\nparam a = 1\n\n# three\n"),
        ("param a = 1 #x  \n#y\t\n", "param a = 1  #x\n#y\n"),
    ],
)
def test_comments_in_odd_places_move_on_to_the_next_good_one(text: str, layout: str) -> None:
    becomes(text, layout)


def test_a_comment_does_not_count_for_the_width() -> None:
    stays(f"param p = f(a, b)  # {'long ' * 30}end\n")


def test_a_blank_line_may_stand_before_and_behind_a_comment() -> None:
    stays(body("a = 1\n\n# about b\n\nb = 2\n# about c\nc = 3"))
