"""The conditions of a network hold where torch runs it with the declared shapes, and only there."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.compiler.summary import summary
from packages import checked, imported, package, written

UNET = """
model Net {
  input image: f32[N, 1, H, W]
  h = image -> Conv2d(2, 3, padding=1)
  skips = []
  for level in range(3) {
    skips.append(h)
    h = h -> MaxPool2d(2) -> Conv2d(2, 3, padding=1)
  }
  for level in range(3) {
    h = cat([skips.pop(), h -> ConvTranspose2d(2, 2, stride=2)], 1) -> Conv2d(2, 3, padding=1)
  }
  output y: f32[N, 2, H, W] = h
}
"""
ADDED = """
block Halved {
  input x: f32[N, C, A, B]
  output y: f32[N, C, A // 2, B // 2] = x -> MaxPool2d(2)
}
model Net {
  input image: f32[N, 1, H, W]
  small = image -> Halved -> Halved
  up = small -> Upsample(scale_factor=4)
  output y: f32[N, 1, H, W] = up + image
}
"""
POOLED = """
block Stage(out: int) = Conv2d(out, 3, stride=2) -> relu -> MaxPool2d(2)
model Net(width: int = 2) {
  input image: f32[N, 1, H, W]
  h = image -> Stage(width) -> Stage(width)
  output y: f32[N, 3] = h -> AdaptiveAvgPool2d(1) -> flatten(1) -> Linear(3)
}
"""
FLAT = """
model Net {
  input image: f32[N, 1, H, 28]
  h = image -> Conv2d(2, 5) -> MaxPool2d(2)
  output y: f32[N, 3] = h -> reshape(N, 288) -> Linear(3)
}
"""
PLACES = """
model Net {
  input x: f32[N, T, 4]
  weight places: f32[30, 4] = 0.0
  h = x + places[:T]
  output y: f32[N, 4] = (h -> permute(0, 2, 1) -> Conv1d(4, 3, stride=3))[:, :, 4]
}
"""
PATCHES = """
model Net {
  input image: f32[N, 1, H, W]
  h = image -> Conv2d(2, 4, stride=4) -> flatten(2)
  output y: f32[N, 2, 6, 2] = h -> reshape(N, 2, 6, 2)
}
"""
HALVES = """
model Net {
  input x: f32[N, T, S]
  left, right = chunk(x, 2, 1)
  a, b = chunk(left + right, 2, 2)
  output y: f32[N, T // 2 * (S // 2)] = (a * b) -> flatten(1)
}
"""
NETWORKS = {
    "unet": (UNET, {"H": range(1, 90), "W": (8, 24)}),
    "unet, wide": (UNET, {"H": (16,), "W": range(1, 90)}),
    "added": (ADDED, {"H": range(2, 60), "W": (4, 12)}),
    "pooled": (POOLED, {"H": range(1, 60), "W": (40,)}),
    "flat": (FLAT, {"H": range(1, 200)}),
    "places": (PLACES, {"T": range(2, 60)}),
    "patches": (PATCHES, {"H": range(1, 40), "W": range(1, 40)}),
    "halves": (HALVES, {"T": range(1, 20), "S": range(1, 20)}),
}


def without_assertions(file: Path) -> None:
    """Take out of an emitted file what refuses sizes, so that torch alone decides."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [each for each in node.body if not refuses(each)]
    file.write_text(ast.unparse(tree), encoding="utf-8")


def refuses(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)


def runs(model: Any, shape: list[int], wanted: list[int]) -> bool:
    """Whether torch takes an input of this shape and gives the declared one."""
    try:
        with torch.no_grad():
            return list(model(torch.zeros(shape)).shape) == wanted
    except (RuntimeError, IndexError, ValueError):  # a chunk too few is a ValueError
        return False


@pytest.mark.parametrize("name", NETWORKS)
def test_the_conditions_hold_where_torch_runs_and_only_there(name: str, tmp_path: Path) -> None:
    text, sizes = NETWORKS[name]
    program = checked(text, name="net.dl").program
    assert program is not None
    network = program.models["Net"].network
    conditions = summary(program.models["Net"], "net.dl")["conditions"]
    holds = eval(f"lambda {', '.join(sizes)}: {' and '.join(f'({c})' for c in conditions)}")
    made = package(text, name="net.dl")
    home = written(made, tmp_path / "asserted")
    guarded = imported(home, "model").Net()
    bare_home = written(made, tmp_path / "bare")
    without_assertions(bare_home / "model.py")
    bare = imported(bare_home, "model").Net()
    seen = set()
    for chosen in product(*sizes.values()):
        values = {"N": 2, **dict(zip(sizes, chosen, strict=True))}
        shape = [each.evaluate(values) for each in network.inputs[0].type.shape]
        wanted = [each.evaluate(values) for each in network.outputs[0].type.shape]
        legal = bool(holds(*chosen))
        seen.add(legal)
        assert runs(bare, shape, wanted) == legal, (conditions, values)
        if legal:
            assert runs(guarded, shape, wanted)
        else:
            with pytest.raises(ValueError, match=r"^net\.dl:\d+: "):
                guarded(torch.zeros(shape))
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("unet", ["H % 8 == 0", "W % 8 == 0"]),
        ("added", ["H % 4 == 0", "W % 4 == 0"]),
        ("pooled", ["H >= 21", "W >= 21"]),
        ("flat", ["H in (28, 29)"]),
        ("patches", ["(H // 4)*(W // 4) == 12"]),
        ("halves", ["T % 2 == 0", "S % 2 == 0"]),
    ],
)
def test_the_conditions_are_solved(name: str, conditions: list[str]) -> None:
    program = checked(NETWORKS[name][0], name="net.dl").program
    assert program is not None
    assert sorted(summary(program.models["Net"], "net.dl")["conditions"]) == sorted(conditions)


def test_what_a_block_asks_is_asserted_once_in_the_names_of_the_model() -> None:
    code = package(POOLED, name="net.dl").files["model.py"]
    assert code.count("raise ValueError") == 1
    assert 'raise ValueError("net.dl:2: H >= 21 and W >= 21")' in code


def test_conditions_from_several_lines_are_one_assertion_that_names_them() -> None:
    text = """
model Net {
  input x: f32[N, 1, T]
  h = x -> MaxPool1d(2) -> Upsample(scale_factor=2)
  y = cat([x, h], 1) -> Conv1d(1, 13)
  output z = y -> mean(2)
}
"""
    code = package(text, name="net.dl").files["model.py"]
    assert code.count("raise ValueError") == 1
    assert "if not (T % 2 == 0 and T >= 14):" in code
    assert "net.dl:5: T must be a multiple of 2, 14 at least" in code


def test_sizes_that_contradict_each_other_are_an_error_that_shows_both_lines() -> None:
    text = """
model Net {
  input x: f32[N, T]
  a = x -> reshape(N, 4, 6)
  b = x -> reshape(N, 5, 5)
  output z = mean(a, 2) -> Linear(1)
  output y = mean(b, 2) -> Linear(1)
}
"""
    (found,) = checked(text, name="net.dl").diagnostics
    assert (found.code, found.span.line, found.label) == ("D0232", 5, "T = 25")
    assert [(each.span.line, each.text) for each in found.others] == [(4, "T = 24")]


@pytest.mark.parametrize(("height", "notes"), [(32, 0), (30, 1), (7, 1)])
def test_data_of_an_illegal_size_are_told_the_nearest_legal_ones(height: int, notes: int) -> None:
    data = f"""
data cells from image_folder("nowhere") {{
  image: f32[1, {height}, 16] = image -> resize({height}, 16) -> scale(1 / 255)
}}
train Net on cells {{
  loss = mse_loss(y[:, :1], image)
  optimizer = Adam(lr=1e-3)
  epochs = 1
}}
"""
    said = [each for each in checked(UNET + data).diagnostics if each.severity == "error"]
    assert len(said) == notes
    nearest = {30: "24 and 32", 7: "8"}
    for each in said:
        assert (
            f"H must be a multiple of 8, and the data give H = {height}; the nearest legal "
            f"{'size is' if height < 8 else 'sizes are'} {nearest[height]}"
        ) in each.notes


@pytest.mark.parametrize("shape", ["W", "H + 1", "2 * H", "H + H // 2 + 1"])
def test_sizes_that_are_never_equal_or_of_two_names_do_not_meet(shape: str) -> None:
    text = f"""
model Net {{
  input x: f32[N, H]
  input z: f32[N, {shape}]
  input w: f32[W]
  output y = x + z
  output v = w * 2
}}
"""
    codes = [each.code for each in checked(text).diagnostics if each.severity == "error"]
    assert codes == ["D0208"]
