"""Conditions on open sizes: derived, solved, listed once, and asserted by the emitted code."""

import pytest
import torch
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from dlc.compiler.summary import summary
from packages import imported, package, written

TWO_CONVOLUTIONS = """
model Net {
  input image: f32[N, 3, H, W]
  h = image -> Conv2d(4, 3, stride=2) -> Conv2d(4, 3, stride=2)
  output y = h -> AdaptiveAvgPool2d(1) -> flatten(1)
}
"""
RESHAPED = """
model Net {
  input x: f32[N, T]
  output y: f32[N, 4, 6] = x -> reshape(N, 4, 6)
}
"""


def conditions(text: str) -> list[str]:
    program = check(Source("net.dl", text)).program
    assert program is not None
    found = summary(program.models["Net"], "net.dl")["conditions"]
    assert isinstance(found, list)
    return found


def test_of_two_bounds_the_stricter_is_listed() -> None:
    assert conditions(TWO_CONVOLUTIONS) == ["H >= 7", "W >= 7"]


def test_a_reshape_of_an_open_size_has_one_legal_size() -> None:
    assert conditions(RESHAPED) == ["T == 24"]


def test_sizes_that_are_numbers_leave_no_condition() -> None:
    fixed = TWO_CONVOLUTIONS.replace("H, W", "32, 32")
    assert conditions(fixed) == []


@pytest.mark.parametrize("size", range(3, 12))
def test_the_condition_holds_where_torch_runs_and_only_there(size: int, tmp_path) -> None:
    home = written(package(TWO_CONVOLUTIONS, name="net.dl"), tmp_path)
    net = imported(home, "model").Net()
    image = torch.zeros(1, 3, size, 9)
    plain = torch.nn.Sequential(net.conv1, net.conv2)
    try:
        plain(image)
        runs = True
    except RuntimeError:
        runs = False
    assert runs == (size >= 7)
    if runs:
        assert net(image).shape == (1, 4)
    else:
        with pytest.raises(ValueError, match=r"net\.dl:4: H >= 7"):
            net(image)


def test_the_emitted_assertion_names_the_line_and_the_legal_size(tmp_path) -> None:
    net = imported(written(package(RESHAPED, name="net.dl"), tmp_path), "model").Net()
    assert net(torch.zeros(2, 24)).shape == (2, 4, 6)
    with pytest.raises(ValueError, match=r"net\.dl:4: T = 24|net\.dl:4: T == 24"):
        net(torch.zeros(2, 25))


def test_a_weight_needs_a_size_that_is_known() -> None:
    text = RESHAPED.replace("reshape(N, 4, 6)", "Linear(3)").replace(": f32[N, 4, 6]", "")
    found = check(Source("net.dl", text)).diagnostics
    assert [diagnostic.code for diagnostic in found] == ["D0205"]
