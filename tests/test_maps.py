"""What is said of maps and stacks of layers: where it is meant well nothing, and what to type."""

from __future__ import annotations

import pytest
import torch
from dlc.compiler.diagnostics import Diagnostic
from packages import checked
from torch import nn

LOOP = """model Net {{
  input x: f32[N, 16]
  h = x
  outs = []
  for i in range(3) {{
    {turn}
  }}
  output y: f32[N, 10] = {last} -> Linear(10)
}}
"""
SHARED = """model Net {
  input x: f32[N, 16]
  layer same = Linear(16)
  h = x
  for i in range(3) {
    h = x -> same -> relu
  }
  output y: f32[N, 10] = h -> Linear(10)
}
"""


def model(body: str, comes: str = "f32[N, 3, 32, 32]", gives: str = "") -> str:
    """A model of one expression."""
    stated = f": {gives}" if gives else ""
    return f"model Net {{\n  input x: {comes}\n  output y{stated} = {body}\n}}\n"


def said(text: str) -> list[Diagnostic]:
    return list(checked(text).diagnostics)


def codes(text: str) -> list[str]:
    return [each.code for each in said(text)]


def only(text: str) -> Diagnostic:
    (found,) = said(text)
    return found


def with_batch(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.zeros(2, *shape)


@pytest.mark.parametrize(
    ("call", "write"),
    [
        ("Conv2d(3, 64, 3)", "Conv2d(64, 3)"),
        ("Conv2d(3, 16, 5, padding=2)", "Conv2d(16, 5, padding=2)"),
        ("Conv2d(3, 8, 3, 1, 1)", "Conv2d(8, 3, 1, 1)"),
    ],
)
def test_a_convolution_in_torchs_order_is_rewritten(call: str, write: str) -> None:
    found = only(model(f"x -> {call}", "f32[N, 3, 224, 224]"))
    assert found.code == "D0260"
    assert f"`{write}`" in found.help[0]
    assert codes(model(f"x -> {write}")) == []


def test_the_same_is_said_where_the_window_does_not_even_fit() -> None:
    found = only(model("x -> Conv2d(3, 64, 3)"))
    assert found.code == "D0201"
    assert found.help == ("Conv2d(64, 3)",)


@pytest.mark.parametrize(
    "call",
    [
        "Conv2d(3, 8, stride=8)",  # the stride by its name: it is meant
        "Conv2d(3, 3, 1)",
        "Conv2d(4, 16, 8)",  # other channels than come in
        "Conv2d(3, 8, 8)",  # patches: the stride is the window
    ],
)
def test_large_windows_that_are_meant_are_not_spoken_of(call: str) -> None:
    assert codes(model(f"x -> {call}")) == []


@pytest.mark.parametrize(
    ("reduced", "warned"),
    [
        ("mean([1, 2])", True),
        ("amax([1, 3])", True),
        ("mean([2, 3])", False),
        ("mean([1, 2], keepdim=True) -> flatten(1)", False),
    ],
)
def test_channels_averaged_away_before_a_linear_are_a_warning(reduced: str, warned: bool) -> None:
    text = model(f"x -> Conv2d(8, 3) -> relu -> {reduced} -> Linear(10)")
    assert codes(text) == ["D0261"] * warned


@pytest.mark.parametrize(
    ("turn", "last", "found"),
    [
        ("h = x -> Linear(16) -> relu", "h", ["D0262"]),
        ("h = h -> Linear(16) -> relu", "h", []),
        ("outs.append(x -> Linear(16) -> relu)", "cat(outs, 1)", []),
        ("outs.append(x -> Linear(16) -> relu)", "h", ["D0263"]),
        ("h = h + (x -> Linear(16) -> relu)", "h", []),
    ],
)
def test_a_loop_that_carries_nothing_on_is_a_warning(
    turn: str, last: str, found: list[str]
) -> None:
    text = LOOP.format(turn=turn, last=last)
    if "outs" not in turn:
        text = text.replace("  outs = []\n", "")
    assert codes(text) == found


def test_a_shared_layer_in_a_loop_has_no_weights_that_are_lost() -> None:
    assert "D0262" not in codes(SHARED)


@pytest.mark.parametrize(("asked", "warned"), [("7", True), ("1", False), ("(7, 1)", False)])
def test_an_adaptive_pool_that_only_copies_is_a_warning(asked: str, warned: bool) -> None:
    text = model(f"x -> Conv2d(8, 3, stride=16, padding=1) -> AdaptiveAvgPool2d({asked})")
    assert codes(text) == ["D0264"] * warned


@pytest.mark.parametrize(
    ("comes", "warned"),
    [
        ("f32[N, 8, 3, 32, 32]", True),
        ("f32[N, T, 3, 32, 32]", True),
        ("f32[N, 3, 3, 32, 32]", False),
        ("f32[N, 8, 3, 4, 4]", False),
    ],
)
def test_films_with_their_frames_first_are_a_warning(comes: str, warned: bool) -> None:
    layer = "MaxPool3d(1) -> relu" if "T" in comes else "Conv3d(16, 3, padding=1)"
    expected = warned and "Conv3d" in layer
    assert codes(model(f"x -> {layer}", comes)) == ["D0265"] * expected


def test_a_picture_with_channels_last_is_named_where_it_enters_a_block() -> None:
    block = "block Stem {\n  input x: f32[N, C, H, W]\n  output y = x -> Conv2d(8, 3)\n}\n"
    found = only(block + model("x -> Stem", "f32[N, 32, 32, 3]"))
    assert found.code == "D0679"
    assert found.span.text == "Stem"


@pytest.mark.parametrize("wanted", [27, 28, 29, 30])
@pytest.mark.parametrize("kernel", [3, 4])
def test_the_padding_that_is_named_gives_the_declared_size_in_torch(
    kernel: int, wanted: int
) -> None:
    text = model(
        f"x -> ConvTranspose2d(1, {kernel}, stride=2)",
        "f32[N, 8, 14, 14]",
        f"f32[N, 1, {wanted}, {wanted}]",
    )
    natural = nn.ConvTranspose2d(8, 1, kernel, stride=2)(with_batch((8, 14, 14))).shape[-1]
    found = said(text)
    if natural == wanted:
        assert found == []
        return
    settings = found[0].help[0].split("`")[1]
    named = dict(each.split("=") for each in settings.split(", "))
    layer = nn.ConvTranspose2d(8, 1, kernel, stride=2, **{k: int(v) for k, v in named.items()})
    assert layer(with_batch((8, 14, 14))).shape[-1] == wanted


@pytest.mark.parametrize(("size", "depth"), [(100, 3), (50, 2), (36, 3), (33, 1)])
def test_the_input_sizes_that_are_named_make_the_levels_meet(size: int, depth: int) -> None:
    def unet(side: int) -> str:
        return f"""model Net {{
  input x: f32[N, 3, {side}, {side}]
  skips = []
  h = x
  for i in range({depth}) {{
    h = h -> Conv2d(8, 3, padding=1) -> relu
    skips.append(h)
    h = h -> MaxPool2d(2)
  }}
  for i in range({depth}) {{
    h = cat([h -> ConvTranspose2d(8, 2, stride=2), skips.pop()], 1) -> Conv2d(8, 1) -> relu
  }}
  output y = h
}}
"""

    (found,) = said(unet(size))
    words = found.help[0].split()
    below, above = int(words[words.index("with") + 1]), int(words[words.index("or") + 1])
    assert below < size < above
    assert above - below == 2**depth
    assert codes(unet(below)) == codes(unet(above)) == []


def test_a_trail_shows_each_place_once_however_many_turns_there_are() -> None:
    text = """model Net {
  input x: f32[N, 1, 28, 28]
  for i in range(6) {
    x = x -> MaxPool2d(2)
  }
  output y = x
}
"""
    found = only(text)
    texts = [label.text for label in found.others]
    assert "this is turn 5 of 6" in texts
    assert len({label.span for label in found.others}) == len(found.others)
    passed = next(each for each in texts if "then" in each)
    assert passed.index("14, 14") < passed.index("7, 7") < passed.index("1, 1]")


@pytest.mark.parametrize(
    ("written", "here"),
    [
        ("nn.Linear(8)", "Linear(8)"),
        ("torch.nn.Linear(8)", "Linear(8)"),
        ("tf.keras.layers.Dense(8)", "Dense(8)"),
    ],
)
def test_names_of_libraries_are_left_out(written: str, here: str) -> None:
    found = only(model(f"x -> {written}", "f32[N, 4]"))
    assert found.code == "D0313"
    assert f"`{here}`" in found.help[0]


@pytest.mark.parametrize(
    "faulty",
    [
        'from "nowhere.dl" import Head\n',
        "extern Head(width: int) = package.Head { input x: f32[N, 4] output y: f32[N, 8] }\n",
    ],
)
def test_what_could_not_be_had_is_said_once_and_its_uses_are_silent(faulty: str) -> None:
    assert len(said(faulty + model("x -> Head(8) -> Linear(2)", "f32[N, 4]"))) == 1
