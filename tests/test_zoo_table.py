"""The zoo's table: measured, up to date, and short specs that become short PyTorch."""

from __future__ import annotations

import pytest
from zoo_table import BEGIN, README, ROWS, ZOO, Lengths, lengths, python_lines, spec_lines
from zoo_table import written as page

PYTHON = '''\
"""A file's docstring,
of two lines."""

import torch  # a comment behind code does not count


class Net(torch.nn.Module):
    """A docstring."""

    # A comment.
    def forward(self, x):
        """Another."""
        text = """a string
        of two lines"""
        return torch.cat(
            [x, text],
            dim=1,
        )
'''
SPEC = """\
# A comment.

param lr = 1

data points {
  x: f32[1] = [1, 2]
}

function twice(v: int) = 2 * v

block Two(out: int) =
  Linear(out)
    -> Linear(out)

model Net {
  # another
  input x: f32[N, 1]
  output y: f32[N, 1] = x -> Two(twice(2))
}

train Net on points {
  loss = mse_loss(y, x)  # allow D0000
  optimizer = Adam(lr=lr)
  epochs = 1
}
"""

# By how many lines an emitted model is longer than its reference, and why. This list may shrink.
LONGER = {
    # A choice of modules is one expression over five lines, not an `if` of two.
    "resnet50": 1,
    # Channels behind an `if` are counted twice.
    "densenet121": 1,
    # A name bound in a loop (`out = eights(…)`) is written out each time; own fields for a choice.
    "mobilenet_v2": 8,
    # The same, functions of one expression each, and a sum over a table as a loop.
    "efficientnet_b0": 15,
    # Channels behind an `if` are counted twice, and asked for height and width.
    "convnext_tiny": 8,
    # A sum with a chain behind it has two lines; the comprehension is broken.
    "mixer_b_16": 3,
    # The constructor counts the channels of the skips, which its owner knows.
    "unet": 2,
    # The same, and sizes are read off axis by axis.
    "unet_odd": 6,
    # A list is filled by a loop, not comprehended.
    "text_cnn": 2,
    # An initialisation for all embeddings, padded or not; attention's dropout is broken up.
    "bert_base": 5,
    # Initialisation layer by layer instead of by the parameters' names.
    "gpt2": 3,
    # A function a size of a stack's buckets; initialisation layer by layer; two masks.
    "t5": 25,
    # Each output has a line of its own, with its shape.
    "vae": 2,
    # Sizes of skips are counted, repeated stages have a list each, sines and cosines lines.
    "ddpm": 45,
    # Embeddings fill a list by a loop, and the constructor counts the features.
    "wide_deep": 2,
    # Dropout of what flows into a block of two inputs has a line.
    "graph_convolution": 3,
}


def test_lines_of_python_are_those_with_code() -> None:
    # import, class, def, a string over two lines, a call over four.
    assert python_lines(PYTHON) == 1 + 1 + 1 + 2 + 4


def test_lines_of_a_spec_are_counted_as_a_whole_and_without_its_training() -> None:
    # param; data of three; function; block of three; model of four; train of five.
    assert spec_lines(SPEC) == (1 + 3 + 1 + 3 + 4 + 5, 1 + 1 + 3 + 4)


def test_every_member_has_a_row() -> None:
    assert set(ROWS) == set(ZOO)


@pytest.fixture(scope="module")
def measured() -> dict[str, Lengths]:
    return {stem: lengths(stem) for stem in ZOO}


def test_each_spec_is_shorter_than_its_reference(measured: dict[str, Lengths]) -> None:
    longer = {stem: each for stem, each in measured.items() if each.spec >= each.reference}
    assert not longer, "\n".join(f"{stem}: {each}" for stem, each in longer.items())


def test_no_emitted_model_is_longer_than_its_reference_but_for_those_named(
    measured: dict[str, Lengths],
) -> None:
    longer = {stem: each.emitted - each.reference for stem, each in measured.items()}
    assert {stem: more for stem, more in longer.items() if more > 0} == LONGER


def test_the_table_is_up_to_date() -> None:
    assert BEGIN in README.read_text(encoding="utf-8")
    assert README.read_text(encoding="utf-8") == page(), "make zoo-table"
