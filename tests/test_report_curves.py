"""The pictures of a training: each line, fold and model, from files that may be damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlc.runtime.report.curves import course
from reported import SVG, Made, Page, epochs, lines, report


def legend(page: Page) -> list[str]:
    """What stands below the pictures of the training."""
    return [
        "".join(each.itertext())
        for paragraph in page.section("Training").iter("p")
        if paragraph.get("class") == "legend"
        for each in paragraph
    ]


def test_the_best_epoch_and_that_of_the_weights_are_told(tmp_path: Path) -> None:
    lines(tmp_path, epochs(20))
    best = {"epoch": 10, "on": "validation.loss", "value": 1.0}
    page = report(Made(tmp_path), status={"status": "done", "best": best, "epoch": 20})
    assert (
        "20 epochs; the best by validation.loss is epoch 10; the weights are of epoch 20."
        in page.words
    )
    assert legend(page) == [
        "train 9.54e−7, 0.0009766 in epoch 10",  # noqa: RUF001
        "validation 11, 1 in epoch 10",
        "validation 1, 0.5 in epoch 10",
    ]
    titles = [each.findtext(f"{SVG}title") for each in page.section("Training").iter(f"{SVG}svg")]
    assert titles == ["loss by epoch", "accuracy by epoch"]


def test_a_loss_over_decades_is_on_a_log_scale_and_an_accuracy_never(tmp_path: Path) -> None:
    lines(
        tmp_path,
        [{"epoch": n, "train": {"loss": 10.0**-n, "accuracy": 10.0**-n}} for n in range(1, 5)],
    )
    captions = [
        "".join(each.itertext())
        for each in report(Made(tmp_path)).section("Training").iter("figcaption")
    ]
    assert captions == ["losslog scale", "accuracy"]


def test_each_model_has_a_line_of_its_own(tmp_path: Path) -> None:
    entry = {"epoch": 1, "train": {"D": {"loss": 1.25}, "G": {"loss": 0.75}}}
    lines(tmp_path, [entry, entry | {"epoch": 2}])
    assert legend(report(Made(tmp_path))) == ["train D 1.25", "train G 0.75"]


def test_folds_are_thin_lines_of_one_colour_and_the_last_training_a_full_one(
    tmp_path: Path,
) -> None:
    folds = [each for fold in (1, 2, 3) for each in epochs(3, fold=fold)]
    lines(tmp_path, [*folds, *epochs(3)])
    page = report(Made(tmp_path))
    loss = next(page.section("Training").iter(f"{SVG}svg"))
    styles = [each.get("class") for each in loss.iter(f"{SVG}path")]
    assert sorted(map(str, styles)) == ["line c1"] + 3 * ["line c1 faint"] + ["line c2"] + 3 * [
        "line c2 faint"
    ]
    assert "3 folds, drawn thin" in page.words
    assert course(tmp_path / "metrics.jsonl").epochs == 3


def test_a_line_that_was_cut_off_and_what_is_no_epoch_are_left_out(tmp_path: Path) -> None:
    text = '{"epoch": 1, "train": {"loss": 1.0}}\n[3]\n{"train": {}}\n{"epoch": 2, "train": {"lo'
    (tmp_path / "metrics.jsonl").write_text(text)
    found = course(tmp_path / "metrics.jsonl")
    assert found.values == {"loss": {("train", None): {1: 1.0}}}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_epochs_or_none_still_make_a_page(tmp_path: Path, count: int) -> None:
    lines(tmp_path, epochs(count) if count != 1 else [{"epoch": 1, "train": {"loss": None}}])
    page = report(Made(tmp_path), status={"status": "interrupted"})
    assert ("Training" in page.sections) == (count > 0)


def test_thousands_of_epochs_make_no_large_page(tmp_path: Path) -> None:
    lines(tmp_path, epochs(5000))
    report(Made(tmp_path))
    assert (tmp_path / "report.html").stat().st_size < 60_000
