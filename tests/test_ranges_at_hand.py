"""Warnings of values that are legal and hurt: where they are given, and where not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hands import TRAINED, codes, diagnostics

FIELD = "x: f32[2] = [a, b]"
STEPPED = """
model Net {
  input x: f32[N, 2]
  output scores: f32[N, 1] = x -> Linear(1)
}

train D = Net() on rows {
  step D {
    loss = mean(D(x) ** 2)
    optimizer = Adam(lr=1e-3)
  }
  epochs = 1
}
"""


def written(folder: Path, **columns: list[object]) -> None:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")


def table(folder: Path, a: float = 1.0, b: float = 1.0, count: int = 30) -> None:
    numbers = range(count)
    written(
        folder,
        a=[a * (1 + i % 5) / 3 for i in numbers],
        b=[b * (1 + i % 7) / 4 for i in numbers],
        c=[5 for _ in numbers],
        label=[i % 3 for i in numbers],
    )


def spec(field: str = FIELD, body: str = "x -> Linear(3)", split: str = "") -> str:
    width = field.split("[")[1].split("]")[0]
    data = f'data rows from csv("rows.csv") {{\n  {field}\n  label: class(3)\n{split}}}\n'
    return data + TRAINED.replace("WIDTH", width).replace("x -> Linear(3)", body)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1, 1, []),
        (1, 50, []),  # ages beside counts
        (1, 300, ["D0661"]),
        (0.001, 3, []),  # apart, and small enough
        (300, 300, []),
        (5000, 5000, ["D0661"]),
    ],
)
def test_features_far_apart_or_far_from_one_are_told(
    a: float, b: float, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, a, b)
    assert codes(spec(), tmp_path, monkeypatch) == expected


@pytest.mark.parametrize(
    ("field", "body"),
    [
        (f"{FIELD} -> standardize", "x -> Linear(3)"),
        (f"{FIELD} -> normalize", "x -> Linear(3)"),
        (f"{FIELD} -> scale(1 / 300)", "x -> Linear(3)"),
        (FIELD, "x -> BatchNorm1d -> Linear(3)"),
        (FIELD, "x / 300 -> Linear(3)"),
        (FIELD, "log(x) -> Linear(3)"),
        ("x: f32[2] = [a, b / 300]", "x -> Linear(3)"),
    ],
)
def test_features_that_are_scaled_somewhere_are_not(
    field: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, 1, 300)
    assert codes(spec(), tmp_path, monkeypatch) == ["D0661"]
    assert codes(spec(field, body), tmp_path, monkeypatch) == []


def test_a_raw_feature_beside_a_standardized_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, 1, 300)
    text = spec("x: f32[1] = a -> standardize\n  z: f32[1] = b", "cat([x, z], 1) -> Linear(3)")
    text = text.replace("input x: f32[N, 1]\n", "input x: f32[N, 1]\n  input z: f32[N, 1]\n")
    (found,) = diagnostics(text, tmp_path, monkeypatch)
    assert found.code == "D0661"
    assert found.span.text == "b"


def test_blocks_are_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path, 1, 300)
    block = "block Head = Dropout(0.1) -> Linear(3)\n"
    normed = "block Head = BatchNorm1d -> Linear(3)\n"
    text = spec(body="x -> Head")
    assert codes(block + text, tmp_path, monkeypatch) == ["D0661"]
    assert codes(normed + text, tmp_path, monkeypatch) == []


def test_a_training_in_steps_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, 1, 300)
    data = spec().partition("\n\n")[0].partition("model")[0]
    assert codes(data + STEPPED, tmp_path, monkeypatch) == ["D0661"]
    table(tmp_path)
    assert codes(data + STEPPED, tmp_path, monkeypatch) == []


def test_data_that_nothing_trains_on_and_a_handful_of_records_get_no_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, 1, 300)
    assert codes(spec().partition("model")[0], tmp_path, monkeypatch) == []
    table(tmp_path, 1, 300, count=9)
    assert codes(spec(), tmp_path, monkeypatch) == []


def test_a_constant_feature_is_told_and_a_constant_label_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path)
    (found,) = diagnostics(spec("x: f32[2] = [a, c]"), tmp_path, monkeypatch)
    assert found.code == "D0660"
    assert found.span.text == "c"
    text = spec().replace("label: class(3)", "label: class(3) = one")
    written(tmp_path, a=[*range(20)], b=[*range(20)], one=[1] * 20)
    assert codes(text, tmp_path, monkeypatch) == []


def test_a_column_that_is_constant_in_the_beginning_alone_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 30_000
    numbers = range(count)
    sometimes = [1 if i > 0.8 * count else 0 for i in numbers]
    written(tmp_path, a=[i % 5 for i in numbers], b=sometimes, label=[i % 3 for i in numbers])
    assert codes(spec(), tmp_path, monkeypatch) == []
    written(tmp_path, a=[i % 5 for i in numbers], b=[1] * count, label=[i % 3 for i in numbers])
    assert codes(spec(), tmp_path, monkeypatch) == ["D0660"]


@pytest.mark.parametrize(
    ("most", "step", "expected"),
    [
        (255, "", ["D0662"]),
        (255, " -> scale(1 / 255)", []),
        (255, " -> standardize", []),
        (16, "", []),
        (90, "", []),
    ],
)
def test_columns_of_bytes_that_reach_a_layer_are_told(
    most: int, step: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = {f"p{n}": [(41 * n + 7 * i) % (most + 1) for i in range(40)] for n in range(16)}
    written(tmp_path, **pixels, label=[i % 3 for i in range(40)])
    text = spec(f"x: f32[16] = columns(0, 16){step}")
    assert codes(text, tmp_path, monkeypatch) == expected


DIGITS = """data rows from mnist() {
  x: f32[1, 28, 28] = image STEPS
  label: class(10)
}
"""


@pytest.mark.parametrize(
    ("steps", "body", "expected"),
    [
        ("", "x -> flatten(1) -> Linear(10)", ["D0662"]),
        ("", "x -> Conv2d(4, 3) -> flatten(1) -> Linear(10)", ["D0662"]),
        ("-> scale(1 / 255)", "x -> flatten(1) -> Linear(10)", []),
        ("-> standardize", "x -> flatten(1) -> Linear(10)", []),
        ("", "x / 255 -> flatten(1) -> Linear(10)", []),
        ("", "x -> BatchNorm2d -> flatten(1) -> Linear(10)", []),
    ],
)
def test_pictures_of_a_source_are_told_without_a_file(
    steps: str, body: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = DIGITS.replace("STEPS", steps) + TRAINED.replace("WIDTH", "1, 28, 28")
    text = text.replace("[N, 3]", "[N, 10]").replace("x -> Linear(3)", body)
    assert codes(text, tmp_path, monkeypatch) == expected


def test_a_target_in_thousands_is_told_and_a_standardized_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(tmp_path, 1, 9000)
    text = spec("x: f32[1] = a").replace("label: class(3)", "y: f32[1] = b STEP")
    text = text.replace("[N, 3]", "[N, 1]").replace("Linear(3)", "Linear(1)")
    text = text.replace("cross_entropy(scores, label)", "mse_loss(scores, y)")
    assert codes(text.replace("STEP", ""), tmp_path, monkeypatch) == ["D0665"]
    assert codes(text.replace("STEP", "-> standardize"), tmp_path, monkeypatch) == []


SORTED = {"a": [*range(30)], "b": [*range(30)], "part": [i // 10 for i in range(30)]}


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("  split = by_column(part, train=[0, 1], test=2)\n", ["D0664"]),
        ("  split = by_column(part, train=[0, 2], validation=1)\n", ["D0664"]),
        ("  split = random(train=0.7, test=0.3)\n", []),
        ("  split = stratified(label, train=0.7, test=0.3)\n", []),
        ("  split = k_fold(3)\n", []),
        ("", []),
    ],
)
def test_sorted_labels_are_told_where_a_split_keeps_their_order(
    split: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, **SORTED, label=[i // 10 for i in range(30)])
    assert codes(spec(split=split), tmp_path, monkeypatch) == expected
    written(tmp_path, **SORTED, label=[i % 3 for i in range(30)])
    assert codes(spec(split=split), tmp_path, monkeypatch) == []
