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


def test_no_emitted_model_is_longer_than_its_reference(measured: dict[str, Lengths]) -> None:
    longer = {stem: each for stem, each in measured.items() if each.emitted > each.reference}
    assert not longer, "\n".join(f"{stem}: {each}" for stem, each in longer.items())


def test_the_table_is_up_to_date() -> None:
    assert BEGIN in README.read_text(encoding="utf-8")
    assert README.read_text(encoding="utf-8") == page(), "make zoo-table"
