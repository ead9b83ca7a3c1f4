"""Pages of D0418 to D0423 and of warnings about what has no effect."""

from __future__ import annotations

from .page import LEARNED, POINTS, TRAIN, learned, linear, page

SEQUENCES = """data labelled {
  x: f32[2, 3] = [[[1, 2, 3], [4, 5, 6]], [[3, 2, 1], [6, 5, 4]]]
  label: class(3)[2] = [[0, 1], [2, 0]]
}

model Tagger {
  input x: f32[N, 2, 3]
  output scores: f32[N, 3, 2] = x -> Linear(3) -> permute(0, 2, 1) -> log_softmax(2)
}

train Tagger on labelled {
  loss = nll_loss(scores, label)
  optimizer = Adam(lr=1e-3)
  epochs = 5
}
"""
READER = """model Reader {
  input x: f32[N, 5, 3]
  y, _ = x -> permute(1, 0, 2) -> LSTM(8)
  output last: f32[N, 8] = y[-1]
}
"""
NORMALIZED = learned("x -> Linear(1)", "x -> Linear(8) -> BatchNorm1d -> relu -> Linear(1)")
NORMALIZED = NORMALIZED.replace("Linear(8)", "Linear(8, bias=False)")
TWO = """data points {{
  x: f32[1] = [1, 2, 3]
  y: f32[1] = [2, 4, 6]
}}

model Net {{
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(1)
}}

train A = Net(){0} on points {{
  step {1} {{
    loss = mse_loss(A(x){2}, y)
    optimizer = Adam(lr=1e-2)
  }}
{3}
  epochs = 5
}}
"""
SECOND = """
  step twice updates A {
    loss = l1_loss(A(x), y)
    optimizer = Adam(lr=1e-2)
  }
"""
EXTRA = """model Net {
  input x: f32[N, 1]
  h = x -> Linear(8) -> relu
  output y_hat: f32[N, 1] = h -> Linear(1)
  output other: f32[N, 1] = h -> Linear(1)
}
"""

PAGES = (
    page(
        "D0418",
        "Nothing to learn",
        """A training changes weights along the gradient of its loss. Here the loss depends on no
        weight of the model: a `detach` ends the gradient, the loss uses nothing that the model's
        layers give, or there are no layers.""",
        learned("mse_loss(y_hat, y)", "mse_loss(detach(y_hat), y)"),
        ("detach(y_hat)", "y_hat"),
    ),
    page(
        "D0420",
        "From record to record",
        """Recurrent layers are batch first here, always: f32[N, T, F]. With batch and time swapped
        the layer would walk along the batch, and each record would depend on those that happen to
        stand before it.""",
        READER,
        ("x -> permute(1, 0, 2) -> LSTM", "x -> LSTM"),
        ("y[-1]", "y[:, -1]"),
    ),
    page(
        "D0421",
        "Shares along another axis",
        """`nll_loss` reads the classes along axis 1. Log-probabilities made along another axis are
        shares of something else: of the steps, for example.""",
        SEQUENCES,
        ("log_softmax(2)", "log_softmax(1)"),
    ),
    page(
        "D0422",
        "Nesterov without momentum",
        """Nesterov's rule looks ahead along the momentum. Without momentum, or with dampening,
        there is nothing to look along, and torch refuses it.""",
        learned("SGD(lr=0.01)", "SGD(lr=0.01, nesterov=True)"),
        ("nesterov=True", "momentum=0.9, nesterov=True"),
    ),
    page(
        "D0423",
        "A batch of one record",
        """Batch normalisation needs the variance of each channel over the batch, and one value has
        none: torch stops there. Where the data stands in the spec, the size of the last batch is
        known.""",
        NORMALIZED.replace("  epochs", "  batch = 2\n  epochs"),
        ("batch = 2", "batch = 3"),
    ),
    page(
        "D0678",
        "Without effect",
        """A key that changes nothing is a misunderstanding: early stopping that waits longer than
        the training lasts, a schedule whose first change comes after its end, a batch larger than
        the data.""",
        learned("  epochs", "  early_stopping = patience(100, on=train.loss)\n  epochs"),
        ("patience(100", "patience(10"),
    ),
    page(
        "D0682",
        "Declared and never used",
        """Nothing refers to this name. Was it forgotten where it should stand, or is it left over?
        Blocks, models and data are looked at in files that train something; others may be there to
        be imported.""",
        f"param rate = 0.01\n\n{LEARNED}",
        ("lr=0.01", "lr=rate"),
    ),
    page(
        "D0683",
        "A result that no output depends on",
        """This is computed for nothing: no output of the model depends on it. If it has weights,
        they are never learned.""",
        """model Net {
  input x: f32[N, 4]
  h = x -> Linear(8) -> relu
  output y: f32[N, 1] = x -> Linear(1)
}
""",
        ("y: f32[N, 1] = x", "y: f32[N, 1] = h"),
    ),
    page(
        "D0684",
        "A layer that no gradient reaches",
        """An output depends on this layer, but the loss does not use that output, or a `detach`
        ends the gradient on the way. Its weights stay as they start.""",
        f"{POINTS}\n{EXTRA}\n{TRAIN}".replace("Line ", "Net "),
        ("  output other: f32[N, 1] = h -> Linear(1)\n", ""),
    ),
    page(
        "D0685",
        "A model that no step updates",
        """A training in steps calls this model, and no step updates it: it stays as it starts, with
        random weights. A step updates the model that it is named after.""",
        TWO.format(", B = Net()", "A", " + detach(B(x))", ""),
        (", B = Net()", ""),
        (" + detach(B(x))", ""),
    ),
    page(
        "D0686",
        "Two optimizers for one model",
        """Each optimizer keeps running means of the gradients that it has seen. Two of them for the
        same weights know nothing of each other's steps. Losses that concern one model are mostly
        added; where two optimizers are meant, `# allow D0686` says so.""",
        TWO.format("", "A", "", SECOND),
        (SECOND, ""),
    ),
    page(
        "D0689",
        "Stratified by numbers",
        """A stratified split gives each part its share of every class. Of measurements nearly every
        value is a class of its own, with one record that can go to one part only.""",
        LEARNED.replace("6]\n}", "6]\n  split = stratified(y, train=0.7, test=0.3, seed=0)\n}"),
        ("stratified(y, ", "random("),
    ),
    page(
        "D0690",
        "An allow that silences nothing",
        """`# allow D0682`, behind a line or on a line of its own above it, silences the warnings of
        that code whose place is on the line; several codes go with commas, and words may follow
        behind a dash. Errors cannot be allowed. This comment silences nothing: what it allowed is
        gone, or stands on another line.""",
        linear("x -> Linear(4)").replace("model", "# allow D0674 - two layers on purpose\nmodel"),
        ("# allow D0674 - two layers on purpose\n", ""),
    ),
)
