"""How long the zoo's specs are, what they become, and a reference by hand: specs/README.md's table.

`make zoo-table` writes it, a test holds it up to date. Lines are those with code on them: neither
blank ones, nor comments, nor docstrings.

The references (tests/references) are in one style, that of the emitted files, so that their lengths
say something: how many lines the same code takes, not how dense somebody likes it.

- A network and each piece of it is an `nn.Module` with its layers as attributes, one a line, and a
  straight `forward`; `nn.Sequential` and `nn.ModuleList` hold what is repeated. Hyperparameters are
  arguments with the published sizes; whatever a loop counts is counted as one writes it.
- A line of `forward` is one layer, or one operation that makes another shape; activations, norms,
  dropout, views and the sum of a residual stand around it on the same line. A module of one's own
  may take what another one gives where both are short.
- Layers of torch take what is no size of data by keyword (`kernel_size=3`), one's own classes take
  it by position; type hints everywhere; `ruff format` at 88 columns as for the emitted files, and
  no name so long that it alone breaks a line.
- What torch would refuse less clearly is refused: sizes that a U-Net cannot halve, more words than
  places. Layers that torch has are torch's, but for attention: it is written out, and so computed
  another way than the emitted model does.
- One dropout is shared, a residual flag is kept, a list is comprehended where that is shorter.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from packages import HOME, package

SPECS = HOME / "specs"
README = SPECS / "README.md"
REFERENCES = HOME / "tests" / "references"
ZOO = {each.stem: each for each in sorted((SPECS / "zoo").glob("*.dl"))}
BEGIN, END = "<!-- zoo: make zoo-table -->\n", "<!-- end of zoo -->\n"
LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

KINDS = ("test_zoo_vision", "test_zoo_language", "test_zoo_other")
TRAINING = ("data", "train", "predict", "expect", "sweep")


@dataclass(frozen=True)
class Row:
    """The network, and what its spec shows of the language."""

    network: str
    shows: str


ROWS = {
    "lenet5": Row("LeNet-5", "a whole network in a breath"),
    "vgg16": Row("VGG-16", "`repeat`; VGG-19: `depths = [2, 2, 4, 4, 4]`"),
    "resnet18": Row(
        "ResNet-18", "a choice by sizes, `if C == out`; ResNet-34: `depths = [3, 4, 6, 3]`"
    ),
    "resnet50": Row("ResNet-50", "one block, four widths; ResNet-101: `depths = [3, 4, 23, 3]`"),
    "densenet121": Row(
        "DenseNet-121", "a `repeat` that grows; DenseNet-169: `depths = [6, 12, 32, 32]`"
    ),
    "mobilenet_v2": Row(
        "MobileNetV2", "a table that `for` unpacks, a `function` that rounds widths"
    ),
    "efficientnet_b0": Row(
        "EfficientNet-B0", "sizes by a rule; B1: `deep = 1.1`, B2: `wide = 1.1, deep = 1.2`"
    ),
    "convnext_tiny": Row(
        "ConvNeXt-T", "a scale of one's own, dropout of whole branches; ConvNeXt-S: 27 for 9"
    ),
    "vit_b_16": Row(
        "ViT-B/16", "torch's encoder layer; ViT-L/16: `width = 1024, depth = 24, heads = 16`"
    ),
    "mixer_b_16": Row(
        "MLP-Mixer-B/16", "one block along two axes; Mixer-L/16: `width = 1024, depth = 24`"
    ),
    "unet": Row("U-Net", "a list of skips; that sizes are multiples of 16 is derived"),
    "unet_odd": Row("U-Net, odd sizes", "padding computed from open sizes"),
    "lstm_tagger": Row("BI-LSTM tagger", "sequences of unlike lengths, packed"),
    "seq2seq": Row("RNNsearch", "a loop over open steps, attention in it"),
    "text_cnn": Row("TextCNN", "a list that `for` fills, `padding_idx`"),
    "transformer": Row("Transformer, base", "masks, sinusoids, three uses of one table"),
    "bert_base": Row("BERT-base", "an epsilon of 1e-12; BERT-large by three numbers"),
    "gpt2": Row("GPT-2", "packed query, key and value, tied weights; the larger ones"),
    "llama": Row("TinyLlama-1.1B", "rotary positions, grouped queries, RMSNorm, SwiGLU"),
    "t5": Row("T5-small", "a table of biases that a stack shares"),
    "vae": Row("Variational autoencoder", "a loss of two models in one step"),
    "dcgan": Row("DCGAN", "two networks that learn from each other"),
    "wgan_gp": Row("WGAN-GP", "a penalty on a gradient, `every 5`"),
    "ddpm": Row("DDPM", "a U-Net that is told the time, a mean of its weights, a long `predict`"),
    "wide_deep": Row("Wide & Deep", "a table for each column, bags of crossed features"),
    "ft_transformer": Row("FT-Transformer", "`weight`, and attention between columns"),
    "matrix_factorization": Row("Matrix factorisation", "taste times traits in one line"),
    "mixture_of_experts": Row("Mixture of experts", "`topk`, `scatter` and `einsum`"),
    "graph_convolution": Row("Graph convolution", "a dense adjacency, normalised"),
    "dqn": Row("DQN", "a copy of the network that follows it"),
    "pinn": Row("Physics-informed network", "derivatives of the network in its loss"),
    "two_tower": Row("Two towers", "each record against all others of its batch"),
}


@dataclass(frozen=True)
class Lengths:
    """Lines of code of the same networks, said three times; `whole` is with data and training."""

    whole: int
    spec: int
    emitted: int
    reference: int


def spec_lines(text: str) -> tuple[int, int]:
    """The lines of a spec but for blank ones and comments: all, and those of its networks.

    In the layout of `dlc fmt` declarations, and what closes them, are all that is not indented.
    """
    whole = networks = 0
    is_training = False
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isalpha():
            is_training = line.startswith(TRAINING)
        whole += 1
        networks += not is_training
    return whole, networks


def python_lines(text: str) -> int:
    """The lines of a Python file but for blank ones, comments and docstrings."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if first is not None and ast.get_docstring(node, clean=False) is not None:
                told.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT | {tokenize.COMMENT}:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - told)


def lengths(stem: str) -> Lengths:
    """How long a member of the zoo is as a spec, emitted, and by hand."""
    spec = ZOO[stem].read_text(encoding="utf-8")
    emitted = package(spec, name=f"{stem}.dl").files["model.py"]
    reference = (REFERENCES / f"{stem}.py").read_text(encoding="utf-8")
    return Lengths(*spec_lines(spec), python_lines(emitted), python_lines(reference))


def members() -> list[Mapping[str, int]]:
    """How many parameters each network has: what the tests of each kind of them prove."""
    return [import_module(tests).MEMBERS for tests in KINDS]


def table() -> str:
    """The table, a row for each member of the zoo."""
    sizes = {stem: count for each in members() for stem, count in each.items()}
    lines = [
        "| spec | network | lines | emitted | by hand | parameters | shows |",
        "|---|---|---|---|---|---|---|",
    ]
    for stem, row in ROWS.items():
        found = lengths(stem)
        whole = f" ({found.whole})" if found.whole > found.spec else ""
        lines.append(
            f"| [{stem}](zoo/{stem}.dl) | {row.network} | {found.spec}{whole} | {found.emitted} "
            f"| {found.reference} | {sizes[stem]:,} | {row.shows} |"
        )
    return "\n".join(lines) + "\n"


def written() -> str:
    """The page with the table as it is now."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(written(), encoding="utf-8")
