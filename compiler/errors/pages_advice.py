"""Pages of D0670 to D0681 and D0688: what a good teacher would point out."""

from __future__ import annotations

from .page import classified, learned, linear, page

STANDARDIZED = learned("y: f32[1] = [2, 4, 6]", "y: f32[1] = [2, 4, 6] -> standardize")
SENTENCES = """model Reader {{
  input tokens: token(1000)[N, 20]
{0}
  output score: f32[N, 2] = {1} -> Linear(2)
}}
"""

PAGES = (
    page(
        "D0670",
        "An output that cannot reach its targets",
        """An activation bounds what comes out of it: relu from below, sigmoid and tanh from both
        sides. As the output of a regression it must be able to give every target; standardized
        targets have mean 0, and so about half of them lie below it. A regression ends with a
        linear layer.""",
        STANDARDIZED.replace("Linear(1)", "Linear(8) -> relu -> Linear(1) -> relu"),
        (" -> Linear(1) -> relu", " -> Linear(1)"),
    ),
    page(
        "D0671",
        "Squashed twice",
        """Sigmoid and softmax turn scores of any size into probabilities. What they have made lies
        between 0 and 1, and of such numbers they make nearly the same again and again: answers
        that are never certain, and gradients that are small.""",
        linear("x -> Linear(4) -> sigmoid -> softmax(-1)"),
        ("sigmoid -> softmax(-1)", "softmax(-1)"),
    ),
    page(
        "D0672",
        "An activation on scores",
        """The scores that become probabilities may be any numbers: far below 0 says no, far above
        0 says yes. Behind relu there is no no, and a unit that is 0 for all records has no
        gradient any more; behind tanh nothing is ever certain. The last layer is linear.""",
        classified("Linear(10) -> relu", "cross_entropy(scores, label)"),
        ("Linear(10) -> relu", "Linear(10)"),
    ),
    page(
        "D0673",
        "An activation of an activation",
        """A rectifier changes nothing about numbers that are not negative, and an activation twice
        in a row is a layer forgotten between, or a slip.""",
        linear("x -> Linear(4) -> relu -> relu -> Linear(4)"),
        ("relu -> relu", "relu"),
    ),
    page(
        "D0674",
        "Two linear layers in a row",
        """A linear map of a linear map is one linear map: without an activation between them two
        layers cost more than one and can do no more. Where the middle is narrower than both ends
        the two bound the rank of the map; that is meant, and nothing is said.""",
        linear("x -> Linear(16) -> Linear(4)"),
        ("Linear(16) -> Linear(4)", "Linear(16) -> relu -> Linear(4)"),
    ),
    page(
        "D0675",
        "A bias before a normalisation",
        """Batch and instance normalisation subtract the mean of each channel, and a bias is a part
        of that mean. It is computed, stored and updated for nothing; the normalisation has a bias
        of its own.""",
        linear("x -> Linear(4) -> BatchNorm1d -> relu"),
        ("Linear(4)", "Linear(4, bias=False)"),
    ),
    page(
        "D0676",
        "A stack of sigmoids",
        """Backwards through a sigmoid the gradient shrinks to a quarter at best. Behind four of
        them a 256th is left, and the first layers stay as they start. Rectifiers keep the
        gradient, tanh keeps it around 0, and normalisations and ways around a layer renew it.""",
        linear("x -> " + "Linear(8) -> sigmoid -> " * 4 + "Linear(4)"),
        ("sigmoid", "relu"),
    ),
    page(
        "D0677",
        "A rate far too high",
        """Under Adam and its kin each weight moves by about the rate at every step, whatever the
        gradient, and weights are about as large as 0.1. Under such rates networks that learn to
        read digits mostly end at guessing. Of networks of one layer nothing is said.""",
        classified("Linear(64) -> relu -> Linear(10)", "cross_entropy(scores, label)").replace(
            "lr=1e-3", "lr=0.5"
        ),
        ("lr=0.5", "lr=1e-3"),
    ),
    page(
        "D0679",
        "Channels last",
        """Layers of pictures take axis 1 for the channels: f32[N, channels, height, width]. One of
        f32[N, 64, 64, 3], as TensorFlow has it, would be 64 channels of 64x3 pixels.""",
        """model Net {
  input x: f32[N, 64, 64, 3]
  output y: f32[N, 16] = x -> Conv2d(16, 3) -> AdaptiveAvgPool2d(1) -> flatten(1)
}
""",
        ("x -> Conv2d", "x -> permute(0, 3, 1, 2) -> Conv2d"),
    ),
    page(
        "D0680",
        "Steps taken for channels",
        """`Embedding` and recurrent layers give f32[N, steps, features]; `Conv1d` and `BatchNorm1d`
        take axis 1 for the channels. Right behind each other the convolution would run along the
        features, whose order means nothing. `permute(0, 2, 1)` puts the features first.""",
        SENTENCES.format(
            "  h = tokens -> Embedding(32) -> Conv1d(16, 3) -> relu",
            "h -> AdaptiveAvgPool1d(1) -> flatten(1)",
        ),
        ("Embedding(32) -> Conv1d", "Embedding(32) -> permute(0, 2, 1) -> Conv1d"),
    ),
    page(
        "D0681",
        "The last step of both ways",
        """A bidirectional layer reads from both ends. At the last step the way there has seen all,
        and the way back has only begun. The state behind both ways has seen all twice: `h[-2]`
        is the end of the way there, `h[-1]` that of the way back.""",
        SENTENCES.format(
            "  y, (h, _) = tokens -> Embedding(32) -> LSTM(16, bidirectional=True)", "y[:, -1]"
        ),
        ("y, (h, _)", "_, (h, _)"),
        ("y[:, -1]", "cat([h[-2], h[-1]], 1)"),
    ),
    page(
        "D0688",
        "Nearly all weights in one layer",
        """A Linear behind a large feature map has a weight for each pixel, channel and unit. It is
        most of the model's memory and time, and learns pictures by heart. Pooling each channel to
        one number is what networks have used since 2014.""",
        """model Net {
  input x: f32[N, 3, 128, 128]
  output y: f32[N, 10] = x
    -> Conv2d(32, 3)
    -> relu
    -> flatten(1)
    -> Linear(64)
    -> relu
    -> Linear(10)
}
""",
        ("-> flatten(1)", "-> AdaptiveAvgPool2d(1)\n    -> flatten(1)"),
    ),
)
