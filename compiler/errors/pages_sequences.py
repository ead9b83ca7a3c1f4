"""Pages of D0270 to D0279: lost records, moved axes, masks that do not hide."""

from __future__ import annotations

from .page import linear, page

STEPS = ("f32[N, T, 64]", "f32[N, T, 64]")
HEADS = ("f32[N, 8, T, 16]", "f32[N, 8, T, 16]")
TAGS = """data tags {
  x: f32[3, 2] = [[[1, 2], [3, 4], [5, 6]], [[2, 1], [4, 3], [6, 5]]]
  tag: class(3)[3] = [[0, 1, 2], [1, 2, 0]]
}

model Tagger {
  input x: f32[N, 3, 2]
  output logits: f32[N, 3, 3] = x -> Linear(3)
}

train Tagger on tags {
  loss = cross_entropy(logits, tag)
  optimizer = Adam(lr=0.01)
  epochs = 3
}
"""
PADDED = """data lines {
  words: token(20)[4] = ["good film", "not good at all"] -> words -> vocabulary(20) -> pad(4)
  turned: class(20)[4] = ["film good", "all at good not"] -> words -> vocabulary(20) -> pad(4)
}

model Turn {
  input words: token(20)[N, T]
  y, _ = words -> Embedding(16, padding_idx=0) -> GRU(32)
  output logits: f32[N, T, 20] = y -> Linear(20)
}

train Turn on lines {
  loss = cross_entropy(logits -> permute(0, 2, 1), turned)
  optimizer = Adam(lr=0.01)
  epochs = 3
}
"""


def attends(scores: str) -> str:
    """A model that reads steps by the shares of `scores`."""
    return f"""model Attention {{
  input x: f32[N, T, 64]
  causal = tril(ones(T, T)) > 0
  shares = {scores}
  output y: f32[N, T, 64] = shares @ x
}}
"""


PAGES = (
    page(
        "D0270",
        "The batch is lost",
        """An output has a result for each record of the batch, and at this place the records are
        put together, or one of them is taken: an index in axis 0, a reduction over it or over
        everything, an equation without its letter. The last step is `y[:, -1]`; a mean over the
        steps is `mean(1)`.""",
        linear("x -> mean(0) -> Linear(2)", ("f32[N, T, 64]", "f32[N, 2]")),
        ("mean(0)", "mean(1)"),
    ),
    page(
        "D0271",
        "Numbers in torch's order",
        """torch's first argument here is the width of what flows in, `d_model` or `input_size`.
        A spec leaves it out, so the numbers behind it move up: `TransformerEncoderLayer(512, 8)`
        would be 512 heads, and `LSTM(64, 128)` a stack of 128 layers.""",
        linear("x -> TransformerEncoderLayer(64, 8)", STEPS),
        ("(64, 8)", "(8)"),
    ),
    page(
        "D0272",
        "A reshape that is taken for a permutation",
        """`reshape` keeps the order of the values and only counts them otherwise. Where an axis
        would stand elsewhere afterwards, its entries are no longer what they were: parts of
        several steps, or of several channels. `permute` and `transpose` move axes. Heads are
        made by `reshape(N, T, heads, width) -> transpose(1, 2)`, and joined by
        `transpose(1, 2) -> reshape(N, T, heads * width)`.""",
        linear("x -> reshape(N, 64, 20)", ("f32[N, 20, 64]", "f32[N, 64, 20]")),
        ("reshape(N, 64, 20)", "permute(0, 2, 1)"),
    ),
    page(
        "D0273",
        "A mask of floats that hides nothing",
        """A mask of floats is added to the scores: 0 changes nothing and -inf hides. One of ones
        and zeros only moves scores by one. A bool mask says what is meant.""",
        linear("scaled_dot_product_attention(x, x, x, attn_mask=tril(ones(T, T)))", HEADS),
        ("attn_mask=tril(ones(T, T))", "attn_mask=tril(ones(T, T)) > 0"),
    ),
    page(
        "D0274",
        "A mask the wrong way round",
        """The layers of attention hide where a bool mask is True, and so does `masked_fill`;
        `scaled_dot_product_attention` sees there. Turned around, a causal mask hides the past,
        and for one step everything: the softmax of nothing is nan, and so is the loss.""",
        attends("x @ x.mT / 8 -> masked_fill(causal, -inf) -> softmax(-1)"),
        ("masked_fill(causal", "masked_fill(~causal"),
    ),
    page(
        "D0275",
        "Scores of 0 that are not hidden",
        """Softmax gives every score a share, and one of 0 counts as exp(0) = 1. What is to be
        hidden is -inf before the softmax.""",
        attends("x @ x.mT / 8 -> masked_fill(~causal, 0.0) -> softmax(-1)"),
        ("0.0", "-inf"),
    ),
    page(
        "D0276",
        "-inf among shares",
        """Behind a softmax there are shares, and -inf among them makes every sum with them
        infinite. Scores are masked before.""",
        attends("x @ x.mT / 8 -> softmax(-1) -> masked_fill(~causal, -inf)"),
        (
            "softmax(-1) -> masked_fill(~causal, -inf)",
            "masked_fill(~causal, -inf) -> softmax(-1)",
        ),
    ),
    page(
        "D0277",
        "Shares along another axis than is summed over",
        """A product of matrices sums over the last axis of its left side. Shares that sum to 1
        along another axis make no mean of what is read: their sum can be anything.""",
        attends("masked_fill(x @ x.mT / 8, ~causal, -inf) -> softmax(1)"),
        ("softmax(1)", "softmax(-1)"),
    ),
    page(
        "D0278",
        "As many steps as classes",
        """The loss takes axis 1 of the scores for the classes, and behind a `Linear` the classes
        are the last axis. Where both are equally long no shape shows it, and the steps would be
        learned as if they were the classes.""",
        TAGS,
        ("cross_entropy(logits, tag)", "cross_entropy(logits -> permute(0, 2, 1), tag)"),
    ),
    page(
        "D0279",
        "Padding in the loss",
        """Texts are filled up with label 0, and the loss counts those places like all others.
        They are easily learned, so a low loss tells little. `ignore_index=0` leaves them out.""",
        PADDED,
        ("turned)", "turned, ignore_index=0)"),
    ),
)
