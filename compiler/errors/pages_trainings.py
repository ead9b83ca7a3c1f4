"""Pages of D0540 to D0551: trainings after one another, copies, and parts of models."""

from __future__ import annotations

from .page import LEARNED, TRAIN, Page, learned, page
from .pages_steps import stepped

COPIED = stepped(
    "  step L {\n    loss = mse_loss(L(x), y)",
    """\
  copy T = L every 100

  step L {
    loss = mse_loss(L(x), y) + mse_loss(L(x), T(x))""",
)
WIDE = LEARNED.replace("model Line {", "model Line(width: int = 4) {").replace(
    "x -> Linear(1)", "x -> Linear(width) -> relu -> Linear(1)"
)
GROUPED = WIDE.replace(
    "  epochs",
    "  groups = [group(linear1, lr=0.001), group(linear2)]\n  epochs",
)
DRAW = """
predict draw {
  input z: f32[N, 1] = randn(N, 1)
  output y: f32[N, 1] = Line(z)
}

expect { mean(draw(100).y) > -1000 }
"""


def copied(code: str, title: str, text: str, right: str, wrong: str) -> Page:
    """A page whose examples are a training with a copy, right and with one thing wrong."""
    assert right in COPIED, right
    return page(code, title, text, COPIED.replace(right, wrong), (wrong, right))


def grouped(code: str, title: str, text: str, right: str, wrong: str) -> Page:
    """A page whose examples have parameters in groups, right and with one thing wrong."""
    assert right in GROUPED, right
    return page(code, title, text, GROUPED.replace(right, wrong), (wrong, right))


PAGES = (
    page(
        "D0540",
        "A model that changes between trainings",
        """A second `train` block goes on from the model as the first one left it: its
        hyperparameters and the sizes of its weights are those that it has. Another model from the
        same definition gets a name of its own.""",
        WIDE + "\n" + TRAIN.replace("train Line", "train Line(width=8)"),
        ("train Line(width=8)", "train Wide = Line(width=8)"),
    ),
    copied(
        "D0541",
        "A copy out of place",
        """`copy T = Q every 1000` keeps a second network, which follows `Q` and which no gradient
        changes. Steps, samples and predictions call it by its name; no step updates it, and a
        training with one loss has no place to call it.""",
        "step C every 2",
        "step C updates T every 2",
    ),
    copied(
        "D0542",
        "How a copy follows",
        """`every 1000` takes the weights over after so many steps. `ema 0.995` moves them at each
        step: the copy keeps 0.995 of itself and takes the rest from the original.""",
        "every 100\n",
        "every 0\n",
    ),
    page(
        "D0543",
        "A copy that nothing calls",
        """A copy is there to be called in a step, in `sample` or in a `predict` block. What
        nothing calls is only kept and moved.""",
        stepped("  step L {", "  copy T = L ema 0.99\n\n  step L {"),
        ("  copy T = L ema 0.99\n\n", ""),
    ),
    page(
        "D0544",
        "A prediction that needs more than a number of records",
        """`mean(draw(100).y)` asks for a hundred records and says nothing else. Each input of the
        `predict` block needs a value then, such as random numbers.""",
        (LEARNED + DRAW).replace(" = randn(N, 1)", ""),
        ("input z: f32[N, 1]", "input z: f32[N, 1] = randn(N, 1)"),
    ),
    page(
        "D0545",
        "A measure of one of several models",
        """Where several models are trained, what is measured says of which:
        `Cnn.test.accuracy`.""",
        LEARNED
        + "\n"
        + TRAIN.replace("train Line", "train Other = Line")
        + "\nexpect { train.loss < 100 }\n",
        ("{ train.loss", "{ Other.train.loss"),
    ),
    page(
        "D0546",
        "A key without effect beside another",
        """What would change nothing is refused, so that nothing that a spec says is ignored: a
        training is as long as its `epochs` or its `steps` say, a checkpoint brings the weights
        that `pretrained` would, and what is frozen needs to be named once.""",
        learned("epochs = 100", "epochs = 100\n  steps = 1000"),
        ("  epochs = 100\n", ""),
    ),
    grouped(
        "D0547",
        "Parts of a model",
        """`freeze` and `groups` name parts of a model, without quotes: what a `layer` or `weight`
        statement declares, the attributes that `dlc summary` shows, or, at any depth, all layers
        and blocks of a kind. A dot leads further: `encoder.linear1.bias`, `Linear.bias`.""",
        "[group(linear1, lr=0.001), group(linear2)]",
        "[linear1, linear2]",
    ),
    page(
        "D0548",
        "A part that a model does not have",
        """`dlc summary` shows the parts of a model. Only those that hold weights can be frozen or
        put into groups.""",
        WIDE.replace("  epochs", "  freeze = [linaer1]\n  epochs"),
        ("linaer1", "linear1"),
    ),
    page(
        "D0549",
        "Nothing left to learn",
        """What is frozen stays as it is. A training needs something that it may change.""",
        WIDE.replace("  epochs", "  freeze = [Linear]\n  epochs"),
        ("[Linear]", "[linear1]"),
    ),
    grouped(
        "D0550",
        "A parameter in no group, or in two",
        """As in torch, an optimizer updates what is in its groups and nothing else. So each
        parameter stands in one of them, or is frozen.""",
        "group(linear2)",
        "group(linear2.weight)",
    ),
    grouped(
        "D0551",
        "Groups that are all alike",
        """A group has settings of its own, by the optimizer's names; what it does not state is as
        the optimizer says. Groups without any change nothing.""",
        "linear1, lr=0.001",
        "linear1",
    ),
)
