"""The zoo's networks of text: published sizes, and the same networks as references of torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from zoo_agreement import Changes, agrees, built, counts, executed, published, starts_alike, text

# Where each number is published: the checkpoints `bert-base-uncased` (with its pooler), `gpt2`,
# `TinyLlama-1.1B` and `t5-small`. The others' papers give no sum, or a rounded one ("65 million"
# for the Transformer), so theirs are derived from the sizes that the papers state:
# `test_sizes_that_a_paper_does_not_add_up`.
MEMBERS = {
    "lstm_tagger": 7_371_845,
    "seq2seq": 80_452_000,
    "text_cnn": 5_990_402,
    "transformer": 63_082_496,
    "bert_base": 109_482_240,
    "gpt2": 124_439_808,
    "llama": 1_100_048_384,
    "t5": 60_506_624,
}

# The same specs with other hyperparameters are `bert-large-uncased`, `gpt2-medium`,
# `Llama-2-7b-hf`, `Meta-Llama-3-8B` and `t5-base`.
LARGE = {
    "width: int = 768": "width: int = 1024",
    "depth: int = 12": "depth: int = 24",
    "heads: int = 12": "heads: int = 16",
}
LLAMA_2 = {
    "width: int = 2048": "width: int = 4096",
    "depth: int = 22": "depth: int = 32",
    "groups: int = 4": "groups: int = 32",
    "hidden: int = 5632": "hidden: int = 11_008",
}
LLAMA_3 = LLAMA_2 | {
    "vocabulary: int = 32_000": "vocabulary: int = 128_256",
    "groups: int = 4": "groups: int = 8",
    "hidden: int = 5632": "hidden: int = 14_336",
    "base: float = 10_000.0": "base: float = 500_000.0",
}
T5_BASE = {
    "width: int = 512": "width: int = 768",
    "depth: int = 6": "depth: int = 12",
    "heads: int = 8": "heads: int = 12",
    "hidden: int = 2048": "hidden: int = 3072",
}
RELATIVES: list[tuple[str, Changes, int]] = [
    ("bert_base", LARGE, 335_141_888),
    ("gpt2", LARGE, 354_823_168),
    ("llama", LLAMA_2, 6_738_415_616),
    ("llama", LLAMA_3, 8_030_261_248),
    ("t5", T5_BASE, 222_903_552),
]


def numbers(below: int, *shape: int, least: int = 1) -> Tensor:
    """Words that are not padding."""
    random = torch.Generator().manual_seed(sum(shape))
    return torch.randint(least, below, shape, generator=random)


def padded(words: Tensor, *lengths: int) -> Tensor:
    """The first words of each sentence; behind them only zeros fill up."""
    steps = torch.arange(words.shape[1])
    return words * (steps < torch.tensor(lengths)[:, None])


@dataclass(frozen=True)
class Small:
    """A network that runs in a moment: the model, its hyperparameters, what flows in."""

    model: str
    inputs: tuple[Tensor, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def changes(self, stem: str) -> Changes:
        """The spec's defaults of these hyperparameters, and what stands there instead."""
        changes = {}
        for name, value in self.arguments.items():
            default = re.search(rf"\b{name}: \w+ = (?:\[.*?\]|[\d._]+)", text(stem))
            assert default is not None, f"{stem}.dl has no {name}"
            head, _, _ = default[0].rpartition(" = ")
            changes[default[0]] = f"{head} = {value}"
        return changes


SOURCE = padded(numbers(23, 3, 9), 9, 4, 6)
LENGTHS = torch.tensor([9, 4, 6])
TARGET = padded(numbers(23, 3, 7), 7, 7, 2)
PARTS = numbers(2, 3, 9, least=0)
STACK = {"vocabulary": 23, "width": 12, "depth": 2, "heads": 3}
SMALL = {
    "lstm_tagger": Small(
        "Tagger", (SOURCE, LENGTHS), {"vocabulary": 23, "width": 5, "hidden": 6, "tags": 7}
    ),
    "seq2seq": Small(
        "RNNsearch",
        (SOURCE, LENGTHS, TARGET),
        {"vocabulary": 23, "width": 5, "hidden": 6, "maxout": 4},
    ),
    "text_cnn": Small(
        "TextCNN",
        (SOURCE,),
        {"vocabulary": 23, "width": 6, "windows": [2, 3], "maps": 4, "classes": 3},
    ),
    "transformer": Small("Transformer", (SOURCE, TARGET), STACK | {"hidden": 20}),
    "bert_base": Small("BERT", (SOURCE, PARTS), STACK | {"longest": 11}),
    "gpt2": Small("GPT2", (SOURCE,), STACK | {"longest": 11}),
    "llama": Small(
        "Llama",
        (numbers(23, 3, 9),),
        STACK | {"width": 24, "heads": 6, "groups": 2, "hidden": 20, "base": 100.0},
    ),
    # Long enough for the distances that share a bucket, and for those behind the last one.
    "t5": Small(
        "T5",
        (padded(numbers(23, 2, 140), 140, 90), numbers(23, 2, 135)),
        STACK | {"size": 5, "hidden": 20},
    ),
}


def reference(stem: str, **arguments: Any) -> nn.Module:
    """The same network by hand."""
    torch.manual_seed(0)
    made: nn.Module = getattr(import_module(f"references.{stem}"), SMALL[stem].model)(**arguments)
    return made


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_has_as_many_parameters_as_published(stem: str) -> None:
    published(stem, MEMBERS[stem])
    with torch.device("meta"):
        by_hand = reference(stem)
    assert sum(each.numel() for each in by_hand.parameters()) == MEMBERS[stem]


def test_sizes_that_a_paper_does_not_add_up() -> None:
    words, width, hidden, tags = 130_000, 50, 300, 45
    lstm = 2 * 4 * hidden * (width + hidden + 2)
    assert MEMBERS["lstm_tagger"] == words * width + lstm + (2 * hidden + 1) * tags

    words, width, hidden, maxout = 30_000, 620, 1000, 500
    reading = 2 * 3 * hidden * (width + hidden + 2)
    attention = 2 * hidden * hidden + (hidden + 1) * hidden + hidden
    writing = (hidden + 1) * hidden + 3 * hidden * (width + 2 * hidden + hidden + 2)
    deep = (3 * hidden + width + 1) * 2 * maxout + (maxout + 1) * words
    assert MEMBERS["seq2seq"] == 2 * words * width + reading + attention + writing + deep

    words, width, maps = 18_765, 300, 100
    convolutions = sum((window * width + 1) * maps for window in (3, 4, 5))
    assert MEMBERS["text_cnn"] == words * width + convolutions + (3 * maps + 1) * 2

    words, width, hidden = 37_000, 512, 2048
    attention, norm = 4 * (width + 1) * width, 2 * width
    forward = (width + 1) * hidden + (hidden + 1) * width
    encoder, decoder = attention + forward + 2 * norm, 2 * attention + forward + 3 * norm
    assert MEMBERS["transformer"] == words * width + 6 * encoder + 6 * decoder


@pytest.mark.parametrize(("stem", "changes", "count"), RELATIVES, ids=lambda each: str(each)[:12])
def test_other_hyperparameters_are_other_published_networks(
    stem: str, changes: Changes, count: int
) -> None:
    assert counts(stem, changes) == (count, count)


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_agrees_with_its_reference(stem: str) -> None:
    small = SMALL[stem]
    by_hand = reference(stem, **small.arguments)
    agrees(stem, by_hand, small.inputs, changes=small.changes(stem))


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_starts_from_weights_as_published(stem: str) -> None:
    small = SMALL[stem]
    by_hand = reference(stem, **small.arguments)
    starts_alike(stem, by_hand, small.inputs, small.changes(stem))


@pytest.mark.parametrize("stem", MEMBERS)
def test_a_network_learns(stem: str) -> None:
    executed(stem, SMALL[stem].inputs, SMALL[stem].changes(stem))


# What makes each network the one that it is. Written otherwise it is another network, and the
# comparison says so.
DETAILS = [
    ("lstm_tagger", "bidirectional=True", "bidirectional=True, num_layers=2"),
    ("lstm_tagger", "lengths, batch", "clamp(lengths, min=5), batch"),
    ("seq2seq", "last[1]", "last[0]"),
    ("seq2seq", "masked_fill(padding, -inf) -> ", ""),
    ("seq2seq", "padding_idx=0", "padding_idx=1"),
    ("text_cnn", "padding_idx=0", "padding_idx=None"),
    ("text_cnn", "amax(2)", "mean(2)"),
    ("text_cnn", "Dropout(0.5)", "Dropout(0.4)"),
    ("transformer", " * sqrt(width)", ""),
    ("transformer", "stack([sin(angles), cos(angles)], 2)", "cat([sin(angles), cos(angles)], 1)"),
    ("transformer", "dtype=bool) -> tril", "dtype=bool)"),
    ("transformer", "(source != 0)", "(source != 1)"),
    ("bert_base", "eps=1e-12", "eps=1e-6"),
    ("bert_base", "-> gelu", '-> gelu(approximate="tanh")'),
    ("bert_base", "padding_idx=0", "padding_idx=None"),
    ("bert_base", "(words != 0)", "(words != 1)"),
    ("bert_base", ", dropout_p=dropout", ""),
    ("gpt2", 'gelu(approximate="tanh")', "gelu"),
    ("gpt2", "LayerNorm", "LayerNorm(eps=1e-6)"),
    ("gpt2", ", is_causal=True", ""),
    ("llama", "eps=1e-5", "eps=1e-6"),
    ("llama", ", is_causal=True", ""),
    ("llama", "cat([a * cosine - b * sine", "cat([a * cosine + b * sine"),
    ("llama", "silu", "gelu"),
    ("t5", "eps=1e-6", "eps=1e-5"),
    ("t5", ", scale=1.0", ""),
    ("t5", "(apart > 0)", "(apart < 0)"),
    ("t5", "log(128 / exact)", "log(120 / exact)"),
    ("t5", "h * width ** -0.5 @", "h @"),
]


@pytest.mark.parametrize(("stem", "written", "otherwise"), DETAILS, ids=lambda each: each[:20])
def test_a_network_with_a_detail_written_otherwise_is_another_one(
    stem: str, written: str, otherwise: str
) -> None:
    small = SMALL[stem]
    by_hand = reference(stem, **small.arguments)
    changes = {**small.changes(stem), written: otherwise}
    with pytest.raises(AssertionError, match=r"not close|tensors:|grad"):
        agrees(stem, by_hand, small.inputs, changes=changes)


STARTS = [
    ("transformer", "std=width ** -0.5", "std=1.0"),
    ("bert_base", "init = normal_(std=0.02)", "init = normal_(std=0.04)"),
    ("gpt2", "std = 0.02 / sqrt(2 * depth)", "std = 0.02"),
    ("gpt2", "normal_(std=0.02)\n  std", "normal_(std=0.01)\n  std"),
    ("llama", "  init = normal_(std=0.02),\n", ""),
    ("t5", "(D * dim) ** -0.5", "D ** -0.5"),
    ("t5", "std=D ** -0.5", "std=1.0"),
    ("t5", "Embedding(width)", "Embedding(width, init=normal_(std=0.5))"),
]


@pytest.mark.parametrize(("stem", "written", "otherwise"), STARTS, ids=lambda each: each[:20])
def test_a_network_that_starts_from_other_weights_is_told_apart(
    stem: str, written: str, otherwise: str
) -> None:
    small = SMALL[stem]
    by_hand = reference(stem, **small.arguments)
    with pytest.raises(AssertionError, match="not close"):
        starts_alike(stem, by_hand, small.inputs, {**small.changes(stem), written: otherwise})


@pytest.mark.parametrize("stem", ["seq2seq", "transformer", "gpt2", "llama", "t5"])
def test_what_is_said_of_a_word_does_not_depend_on_later_ones(stem: str) -> None:
    small = SMALL[stem]
    model = built(stem, small.changes(stem)).eval()
    *others, words = small.inputs
    later = words.clone()
    later[:, 4:] = (later[:, 4:] + 1) % 23
    with torch.no_grad():
        first, second = model(*others, words), model(*others, later)
    torch.testing.assert_close(first[:, :4], second[:, :4])
    assert not torch.allclose(first[:, 4], second[:, 4])


@pytest.mark.parametrize("stem", ["lstm_tagger", "seq2seq", "transformer", "bert_base", "t5"])
def test_what_only_fills_up_a_source_changes_nothing(stem: str) -> None:
    small = SMALL[stem]
    model = built(stem, small.changes(stem)).eval()
    source, *others = small.inputs
    fuller = [F.pad(source, (0, 2))]
    fuller += [F.pad(each, (0, 2)) if each is PARTS else each for each in others]
    with torch.no_grad():
        first = tree_leaves(model(source, *others))
        second = tree_leaves(model(*fuller))
    for a, b in zip(first, second, strict=True):
        steps = source.shape[1] if stem in ("lstm_tagger", "bert_base") else None
        torch.testing.assert_close(a, b[:, :steps] if b.dim() > 2 else b)


# Lengths are read on the processor: packing has no values to read on `meta`.
UNPACKED = [stem for stem in MEMBERS if not any(each is LENGTHS for each in SMALL[stem].inputs)]


@pytest.mark.parametrize("stem", UNPACKED)
def test_a_network_makes_its_positions_and_masks_where_its_inputs_are(stem: str) -> None:
    with torch.device("meta"):
        model = built(stem)
    found = tree_leaves(model(*(each.to("meta") for each in SMALL[stem].inputs)))
    assert all(each.device.type == "meta" for each in found)
