"""What `dlc explain CODE` shows: a page is a title, what it means, and a pair of examples."""

from __future__ import annotations

from dataclasses import dataclass

POINTS = """data points {
  x: f32[1] = [1, 2, 3]
  y: f32[1] = [2, 4, 6]
}
"""
LINE = """model Line {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(1)
}
"""
TRAIN = """train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.01)
  epochs = 100
}
"""
LEARNED = f"{POINTS}\n{LINE}\n{TRAIN}"
DIGITS = """data digits from mnist() {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
}
"""


@dataclass(frozen=True, slots=True)
class Page:
    """The page behind a code.

    `wrong` is a spec that gets this code and no other, or a command line where the fault stands
    there; `right` is the same made right.
    """

    code: str
    title: str
    text: str
    wrong: str
    right: str


def page(code: str, title: str, text: str, wrong: str, *changes: tuple[str, str]) -> Page:
    """A page whose right example is the wrong one with these changes."""
    right = wrong
    for old, new in changes:
        assert old in right, (code, old)
        right = right.replace(old, new)
    return Page(code, title, " ".join(text.split()), wrong, right)


def linear(body: str, types: tuple[str, str] = ("f32[N, 4]", "f32[N, 4]")) -> str:
    """A model from `x` to `y` of these types, whose output is `body`."""
    return f"model Net {{\n  input x: {types[0]}\n  output y: {types[1]} = {body}\n}}\n"


def learned(old: str, new: str) -> str:
    """The smallest whole spec with one thing otherwise."""
    assert old in LEARNED, old
    return LEARNED.replace(old, new)


def classified(body: str, loss: str, output: str = "f32[N, 10]") -> str:
    """A spec that learns digits with this model and this loss."""
    return f"""{DIGITS}
model Net {{
  input image: f32[N, 1, 28, 28]
  output scores: {output} = image -> flatten(1) -> {body}
}}

train Net on digits {{
  loss = {loss}
  optimizer = Adam(lr=1e-3)
  epochs = 5
}}
"""
