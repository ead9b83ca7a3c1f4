"""Pages of D0223 …: several results, indices, and initial weights."""

from __future__ import annotations

from .page import linear, page

STEPS = ("f32[N, 20, 4]", "f32[N, 8]")

PAGES = (
    page(
        "D0223",
        "One name for several results",
        """Some layers give several results: `LSTM` every step, and the state behind the last one.
        Each gets a name of its own, in torch's structure: `y, (h, c) = x -> LSTM(64)`; `_` stands
        for one that is not needed. Flowing on with `->` passes the first.""",
        "model Net {\n  input x: f32[N, 20, 4]\n  steps = x -> LSTM(8)\n"
        "  output y: f32[N, 8] = steps[:, -1]\n}\n",
        ("steps = x", "steps, _ = x"),
    ),
    page(
        "D0224",
        "Names that do not match the results",
        """On the left of `=` stand as many names as there are results, in the same structure:
        `y, h` for a `GRU`, `y, (h, c)` for an `LSTM`, one name a part for `chunk` and `split`.
        `_` stands for a part, or for several in brackets, that is not needed.""",
        "model Net {\n  input x: f32[N, 8]\n  a, b, c = chunk(x, 2, -1)\n"
        "  output y: f32[N, 4] = a * b\n}\n",
        ("a, b, c", "a, b"),
    ),
    page(
        "D0225",
        "An index outside its axis",
        """Places are counted from 0, or from -1 at the end backwards. A slice `a:b` goes from a up
        to, not including, b; one that keeps nothing is no slice that is meant.""",
        linear("x[:, 20]", STEPS).replace("f32[N, 8]", "f32[N, 4]"),
        ("x[:, 20]", "x[:, 19]"),
    ),
    page(
        "D0226",
        "No index",
        """A tensor is indexed as in torch: whole numbers, slices `a:b:step` with a step of 1 or
        more, `...` for all axes between, None for a new axis of 1; as many indices as there are
        axes at most. A list is indexed with one number or one slice.""",
        linear("x[:, -1, 0]", ("f32[N, 20]", "f32[N]")),
        ("x[:, -1, 0]", "x[:, -1]"),
    ),
    page(
        "D0227",
        "An unknown initializer",
        """`init` takes the initializers of `torch.nn.init` by their names, which end in `_`, with
        their arguments where these differ from torch's defaults, or `keras` for the defaults of
        Keras.""",
        linear("x -> Linear(4, init=kaiming_normal)"),
        ("kaiming_normal", "kaiming_normal_"),
    ),
    page(
        "D0228",
        "Nothing that `init` could set",
        """`init` is written at a layer that has weights, or at a model for all of its layers:
        `model Net(init=keras) { … }`. Blocks get what the model says that uses them.""",
        "block Wide(init=keras) = Linear(64) -> relu\n\n" + linear("x -> Wide -> Linear(4)"),
        ("block Wide(init=keras)", "block Wide"),
        ("model Net", "model Net(init=keras)"),
    ),
    page(
        "D0229",
        "An initializer that does not fit",
        """Initializers that look at how many units come in and go out (`xavier_…`, `kaiming_…`,
        `orthogonal_`) need weights of two axes at least; the scale of a normalisation has one.
        What is drawn from a to b needs a below b.""",
        linear("x -> Linear(4, bias=False) -> BatchNorm1d(init=xavier_uniform_)"),
        ("BatchNorm1d(init=xavier_uniform_)", "BatchNorm1d"),
    ),
    page(
        "D0231",
        "Dropout between layers that are not there",
        """The `dropout` of `LSTM`, `GRU` and `RNN` acts on what one layer gives to the next, as in
        torch. With one layer it does nothing; in Keras the word means something else.""",
        "model Net {\n  input x: f32[N, 20, 4]\n  y, _ = x -> LSTM(8, dropout=0.2)\n"
        "  output last: f32[N, 8] = y[:, -1]\n}\n",
        ("8, dropout", "8, num_layers=2, dropout"),
    ),
)
