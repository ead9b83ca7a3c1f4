"""Well-known networks, each a short spec: published sizes, and PyTorch that runs."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import dlc
from dlc.compiler.pipeline import Package
from dlc.compiler.summary import summary
from packages import GOLDEN, HOME, checked, imported, package, written

ZOO = sorted((HOME / "specs" / "zoo").glob("*.dl"))

# Where each number is published: torchvision's table of weights ("num_params") for the networks of
# images; for GPT-2 and BERT the checkpoints `gpt2` and `bert-base-uncased` (the bare model with its
# pooler); for U-Net the PyTorch program that most tutorials follow (3 channels, 2 classes,
# transposed convolutions).
PUBLISHED = {
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "vgg16": 138_357_544,
    "mobilenet_v2": 3_504_872,
    "densenet121": 7_978_856,
    "vit_b_16": 86_567_656,
    "gpt2": 124_439_808,
    "bert_base": 109_482_240,
    "unet": 31_037_698,
}

# The same specs with other hyperparameters are other published networks: ResNet-34, ResNet-101,
# VGG-19, DenseNet-169 and ViT-L/16 of torchvision, `gpt2-medium`, `bert-large-uncased`, and the
# U-Net of one class.
LARGE = {"width: int = 768": "width: int = 1024", "depth: int = 12": "depth: int = 24"}
LARGE |= {"heads: int = 12": "heads: int = 16"}
RELATIVES: list[tuple[str, Mapping[str, str], int]] = [
    ("resnet18", {"depths: list = [2, 2, 2, 2]": "depths: list = [3, 4, 6, 3]"}, 21_797_672),
    ("resnet50", {"depths: list = [3, 4, 6, 3]": "depths: list = [3, 4, 23, 3]"}, 44_549_160),
    ("vgg16", {"[2, 2, 3, 3, 3]": "[2, 2, 4, 4, 4]"}, 143_667_240),
    ("densenet121", {"[6, 12, 24, 16]": "[6, 12, 32, 32]"}, 14_149_480),
    ("vit_b_16", LARGE, 304_326_632),
    ("gpt2", LARGE, 354_823_168),
    ("bert_base", LARGE, 335_141_888),
    ("unet", {"classes: int = 2": "classes: int = 1"}, 31_037_633),
]

# Smaller ones that run in a moment: hyperparameters, and sizes of what flows in.
TINY = {"width: int = 768": "width: int = 24", "depth: int = 12": "depth: int = 2"}
TINY |= {"heads: int = 12": "heads: int = 3", "size: int = 224": "size: int = 32"}
TINY |= {"vocabulary: int = 50257": "vocabulary: int = 50"}
TINY |= {"vocabulary: int = 30522": "vocabulary: int = 50"}
SMALLER: dict[str, Mapping[str, str]] = {
    "vgg16": {"4096": "32"},
    "vit_b_16": TINY,
    "gpt2": TINY,
    "bert_base": TINY,
    "unet": {"width: int = 64": "width: int = 4"},
}
SIZES = {"N": 2, "H": 64, "W": 32, "T": 7}


def by_name(path: Path) -> str:
    return path.stem


def text(spec: Path, changes: Mapping[str, str] | None = None) -> str:
    """The spec, with other defaults; those that it does not have are left out."""
    found = spec.read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        found = found.replace(old, new)
    return found


@cache
def package_of(spec: Path) -> Package:
    return package(text(spec), name=spec.name)


def summed(found: str, name: str) -> dict[str, Any]:
    program = checked(found, name=name).program
    assert program is not None
    (model,) = program.models.values()
    return summary(model, name)


def built(found: str, name: str, folder: Path, device: str = "cpu") -> torch.nn.Module:
    """The emitted model; on the device `meta` it has shapes, and takes neither time nor memory."""
    module = imported(written(package(found, name=name), folder), "model")
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    last = [each for each in classes if each.__module__ == module.__name__][-1]
    with torch.device(device):
        model: torch.nn.Module = last()
    return model.eval()


def inputs(found: str, name: str, device: str = "cpu") -> list[torch.Tensor]:
    """What flows in, open sizes as `SIZES` says."""
    program = checked(found, name=name).program
    assert program is not None
    (model,) = program.models.values()
    tensors = []
    for value in model.network.inputs:
        shape = [size.evaluate(SIZES) for size in value.type.shape]
        limit = value.type.tokens
        made = torch.randint(1, limit, shape) if limit else torch.randn(shape)
        tensors.append(made.to(device))
    return tensors


def test_the_zoo_has_the_nine_networks() -> None:
    assert {spec.stem for spec in ZOO} == set(PUBLISHED)


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
def test_a_network_checks_without_a_word_and_is_in_the_one_layout(spec: Path) -> None:
    said = dlc("check", "--json", spec)
    assert said.lines == [{"file": str(spec), "ok": True, "diagnostics": []}]
    assert dlc("fmt", "--check", spec).code == 0
    assert files("dlc.specs").joinpath("zoo", spec.name).read_text("utf-8") == text(spec)


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
def test_the_count_of_parameters_is_the_published_one(spec: Path, tmp_path: Path) -> None:
    assert summed(text(spec), spec.name)["parameters"]["trainable"] == PUBLISHED[spec.stem]
    model = built(text(spec), spec.name, tmp_path, device="meta")
    assert sum(each.numel() for each in model.parameters()) == PUBLISHED[spec.stem]


@pytest.mark.parametrize(("name", "changes", "count"), RELATIVES, ids=lambda each: str(each)[:12])
def test_other_hyperparameters_are_other_published_networks(
    name: str, changes: Mapping[str, str], count: int, tmp_path: Path
) -> None:
    spec = HOME / "specs" / "zoo" / f"{name}.dl"
    other = text(spec, changes)
    assert other != text(spec)
    assert summed(other, spec.name)["parameters"]["trainable"] == count
    model = built(other, spec.name, tmp_path, device="meta")
    assert sum(each.numel() for each in model.parameters()) == count


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "small"])
def test_what_comes_out_has_the_shapes_of_the_summary(
    spec: Path, is_whole: bool, tmp_path: Path
) -> None:
    found = text(spec, {} if is_whole else SMALLER.get(spec.stem))
    device = "meta" if is_whole else "cpu"
    model = built(found, spec.name, tmp_path, device)
    with torch.no_grad():
        results = model(*inputs(found, spec.name, device))
    results = results if isinstance(results, tuple) else (results,)
    expected = summed(found, spec.name)["outputs"]
    assert len(results) == len(expected)
    for result, (name, output) in zip(results, expected.items(), strict=True):
        shape = [each if isinstance(each, int) else SIZES[each] for each in output["shape"]]
        assert list(result.shape) == shape, name
        if not is_whole:
            assert bool(result.isfinite().all())


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("resnet18", []),
        ("resnet50", []),
        ("mobilenet_v2", []),
        ("vit_b_16", []),
        ("vgg16", ["H >= 32", "W >= 32"]),
        ("densenet121", ["H >= 29", "W >= 29"]),
        ("gpt2", ["T <= 1024"]),
        ("bert_base", ["T <= 512"]),
        ("unet", ["H % 16 == 0", "W % 16 == 0"]),
    ],
)
def test_what_a_network_asks_of_its_open_sizes(name: str, conditions: list[str]) -> None:
    spec = HOME / "specs" / "zoo" / f"{name}.dl"
    assert summed(text(spec), spec.name)["conditions"] == conditions


def test_the_table_of_the_zoo_says_how_long_a_spec_is_and_how_many_parameters_it_has() -> None:
    table = (HOME / "specs" / "README.md").read_text(encoding="utf-8")
    for spec in ZOO:
        lines = [line for line in text(spec).splitlines() if line and not line.startswith("#")]
        row = next(line for line in table.splitlines() if f"(zoo/{spec.name})" in line)
        assert f"| {len(lines)} | {PUBLISHED[spec.stem]:,} |" in row


def test_what_gpt_says_of_a_word_does_not_depend_on_later_ones(tmp_path: Path) -> None:
    spec = HOME / "specs" / "zoo" / "gpt2.dl"
    model = built(text(spec, TINY), spec.name, tmp_path)
    words = torch.randint(0, 50, (3, 7))
    later = words.clone()
    later[:, 4:] = (later[:, 4:] + 1) % 50
    with torch.no_grad():
        first, second = model(words), model(later)
    torch.testing.assert_close(first[:, :4], second[:, :4])
    assert not torch.allclose(first[:, 4], second[:, 4])


def test_bert_does_not_see_what_only_fills_up(tmp_path: Path) -> None:
    spec = HOME / "specs" / "zoo" / "bert_base.dl"
    model = built(text(spec, TINY), spec.name, tmp_path)
    words, parts = torch.randint(1, 50, (3, 7)), torch.randint(0, 2, (3, 7))
    longer = torch.nn.functional.pad(words, (0, 2))
    with torch.no_grad():
        states, pooled = model(words, parts)
        padded, pooled_of_padded = model(longer, torch.nn.functional.pad(parts, (0, 2)))
    torch.testing.assert_close(states, padded[:, :7], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(pooled, pooled_of_padded, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec", ZOO, ids=by_name)
def test_a_network_compiles_to_its_golden_package(spec: Path, update_golden: bool) -> None:
    made = package_of(spec)
    if update_golden:
        written(made, GOLDEN / "zoo")
    for file, expected in made.files.items():
        found = (GOLDEN / "zoo" / spec.stem / file).read_bytes()
        assert expected.encode() == found, f"{spec.stem}/{file}"
        ast.parse(found)


def test_each_golden_package_of_the_zoo_has_its_spec() -> None:
    assert {each.name for each in (GOLDEN / "zoo").iterdir()} == set(PUBLISHED)
