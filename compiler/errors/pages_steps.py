"""Pages of D063.. and D064..: trainings in steps, predictions of one's own, what is watched."""

from __future__ import annotations

from .page import LEARNED, LINE, POINTS, Page, classified, page

HELD = """data points {
  x: f32[1] = [1, 2, 3, 4]
  y: f32[1] = [2, 4, 6, 8]
  split = random(train=0.5, validation=0.5, seed=0)
}
"""
STEPS = """model Critic {
  input y: f32[N, 1]
  output score: f32[N, 1] = y -> Linear(1)
}

train L = Line(), C = Critic() on points {
  step L {
    loss = mse_loss(L(x), y)
    optimizer = SGD(lr=0.01)
  }

  step C every 2 {
    loss = mean(C(detach(L(x))))
    optimizer = SGD(lr=0.01)
  }

  epochs = 10
}
"""
STEPPED = f"{POINTS}\n{LINE}\n{STEPS}"


def stepped(old: str, new: str) -> str:
    """A training in two steps with one thing otherwise."""
    assert old in STEPPED, old
    return STEPPED.replace(old, new)


def changed(code: str, title: str, text: str, right: str, wrong: str) -> Page:
    """A page whose examples are the training in two steps, right and with one thing wrong."""
    return page(code, title, text, stepped(right, wrong), (wrong, right))


TRAINED = LEARNED.replace("epochs = 100", "epochs = 100\n  KEY")

PAGES = (
    page(
        "D0630",
        "Several models without steps",
        """A training with one loss trains one model. Where several are trained, each gets a
        `step` with its own loss and optimizer; the steps run one after another on each batch.""",
        f"{POINTS}\n{LINE}\ntrain L = Line(), M = Line() on points {{\n  epochs = 10\n}}\n",
        (
            "  epochs = 10",
            "  step L {\n    loss = mse_loss(L(x), y)\n    optimizer = SGD(lr=0.01)\n  }\n\n"
            "  step M {\n    loss = mse_loss(M(x), y)\n    optimizer = SGD(lr=0.02)\n  }\n\n"
            "  epochs = 10",
        ),
    ),
    changed(
        "D0631",
        "A key that does not go with steps",
        """With steps, `loss` and `optimizer` stand inside each step; `metrics`, `schedule`,
        `early_stopping` and `class_weights` belong to trainings with one loss. `sample` goes the
        other way: it draws what the models of a training in steps make.""",
        "  epochs = 10",
        "  metrics = [mean_absolute_error]\n  epochs = 10",
    ),
    changed(
        "D0632",
        "A step of no model",
        """A step is named after the model whose parameters it updates. Another name needs
        `updates`: `step critic updates C { … }`.""",
        "step C every",
        "step critic every",
    ),
    changed(
        "D0633",
        "`every` below 1",
        """`every 5` runs a step at each fifth batch; `every 1` is each batch, and the default.""",
        "every 2",
        "every 0",
    ),
    changed(
        "D0634",
        "A statement that no step has",
        """A step computes: it binds names, among them `loss` and `optimizer`. Inputs, outputs,
        layers and weights belong to models.""",
        "    loss = mean(C(detach(L(x))))",
        "    layer head = Linear(1)\n    loss = mean(C(detach(L(x))))",
    ),
    changed(
        "D0635",
        "A step without loss or optimizer",
        """Each step has its own loss and its own optimizer, which keeps its running means apart
        from those of the other steps.""",
        "    optimizer = SGD(lr=0.01)\n  }\n\n  step C",
        "  }\n\n  step C",
    ),
    changed(
        "D0636",
        "A layer outside of a model",
        """Weights belong to a model, which is saved, exported and imported with them. A step only
        calls models, by the names that the training gives them, and functions.""",
        "mean(C(detach(L(x))))",
        "mean(C(detach(L(x) -> Linear(1))))",
    ),
    changed(
        "D0637",
        "A step that would learn nothing",
        """A step updates the parameters of the model that it is named after, by the gradient of
        its loss. Where no gradient arrives, because the loss does not use the model or a
        `detach` stands between, the step would do nothing, without a word.""",
        "mean(C(detach(L(x))))",
        "mean(detach(C(L(x))))",
    ),
    changed(
        "D0638",
        "A gradient computed in vain",
        """A step updates its own model alone. What another model gives enters it as data:
        `detach` says so. It is never wrong to leave it out, and the emitted code computes no
        gradient either way; the spec then says less than it means.""",
        "mean(C(detach(L(x))))",
        "mean(C(L(x)))",
    ),
    changed(
        "D0639",
        "A detach that changes nothing",
        """`detach` ends a gradient. Data and random numbers have none.""",
        "mean(C(detach(L(x))))",
        "mean(C(detach(L(detach(x)))))",
    ),
    page(
        "D0640",
        "A sample that is no picture",
        """`sample` is one picture of floats from 0 to 1, grey or RGB, kept after each epoch.
        `make_grid` lays many side by side.""",
        stepped("  epochs = 10", "  sample = randn(4, 1, 8, 8)\n  epochs = 10"),
        ("randn(4, 1, 8, 8)", "make_grid(randn(4, 1, 8, 8))"),
    ),
    page(
        "D0641",
        "A prediction of nothing trained",
        """A `predict` block calls the models of the `train` block that stands before it.""",
        "predict draw {\n  output z: f32[N, 2] = randn(N, 2)\n}\n\n" + LEARNED,
        ("predict draw {\n  output z: f32[N, 2] = randn(N, 2)\n}\n\n", ""),
    ),
    page(
        "D0642",
        "Watching what is not measured",
        """Early stopping and `plateau` look at a measure after each epoch: the loss or a metric
        of the validation split, or the training's own loss. A test split is measured once, at the
        end: what decides when to stop must not say how good the network is.""",
        TRAINED.replace("KEY", "early_stopping = patience(3)")
        .replace(POINTS, HELD)
        .replace("validation=0.5", "test=0.5"),
        ("test=0.5", "validation=0.5"),
    ),
    page(
        "D0643",
        "Class weights that do not fit",
        """`class_weights` let rare classes count more in a loss of classes: `balanced` weighs each
        class by how rare it is in the training split, a list states a number for each class.""",
        classified("Linear(10)", "cross_entropy(scores, label)").replace(
            "epochs = 5", "class_weights = [1.0, 2.0]\n  epochs = 5"
        ),
        ("[1.0, 2.0]", "balanced"),
    ),
    page(
        "D0644",
        "An expectation of no prediction",
        """`mean(draw(1000).picture)` asks a `predict` block of that name for 1,000 records.""",
        f"{LEARNED}\npredict draw {{\n  output z: f32[N, 1] = Line(randn(N, 1))\n}}\n\n"
        "expect { mean(drawn(100).z) > -1000 }\n",
        ("drawn(100)", "draw(100)"),
    ),
    page(
        "D0645",
        "An expectation of no step",
        """A training in steps measures the mean loss of each step over the last epoch:
        `train.D.loss`. It has no metrics; declare a `predict` block, and expect of what it
        draws.""",
        f"{STEPPED}\nexpect {{ train.D.loss < 100 }}\n",
        ("train.D.loss", "train.C.loss"),
    ),
    page(
        "D0646",
        "An expectation of a training in steps",
        """`test.accuracy` and `predict(x=7).y_hat` speak of a training with one loss, which says
        what predicts what. A training in steps is asked for the losses of its steps, and for
        what a `predict` block gives.""",
        f"{STEPPED}\nexpect {{ train.loss < 100 }}\n",
        ("train.loss", "train.L.loss"),
    ),
    changed(
        "D0647",
        "A model that no step uses",
        """Every model in the head of a training in steps is called by one of its steps.""",
        "L = Line(), C = Critic() on",
        "L = Line(), C = Critic(), M = Line() on",
    ),
)
