"""Pages of D04.. (losses and metrics) and D06.. (training, expectations, the command line)."""

from __future__ import annotations

from .page import LEARNED, LINE, classified, learned, page

GATE = """data gate {
  x: f32[2] = [[0, 0], [0, 1], [1, 0], [1, 1]]
  label: class(2) = [0, 1, 1, 1]
}

model Or {
  input x: f32[N, 2]
  output score: f32[N, 1] = x -> Linear(1)
}

train Or on gate {
  loss = binary_cross_entropy_with_logits(score, label)
  optimizer = SGD(lr=0.1)
  epochs = 100
}
"""

PAGES = (
    page(
        "D0401",
        "A loss for something else",
        """Losses of numbers (`mse_loss`, `l1_loss`, …) compare floats; losses of classes
        (`cross_entropy`, …) compare scores with labels.""",
        classified("Linear(10)", "mse_loss(scores, label)"),
        ("mse_loss", "cross_entropy"),
    ),
    page(
        "D0402",
        "The loss wants other numbers",
        """What numbers mean is followed through the network: raw scores (logits), probabilities
        (behind `softmax` and `sigmoid`), log-probabilities. `cross_entropy` and
        `binary_cross_entropy_with_logits` take raw scores and apply softmax or sigmoid
        themselves; applied twice, a network hardly learns, and nothing else tells.""",
        classified("Linear(10) -> softmax(-1)", "cross_entropy(scores, label)"),
        (" -> softmax(-1)", ""),
    ),
    page(
        "D0403",
        "Prediction and target have different shapes",
        """A loss never broadcasts. With `[N, 1]` against `[N]` PyTorch would compare every
        prediction with every target, and the network would learn their mean. A field's type has
        no batch: `f32[1]` is `[N, 1]` in a batch, `f32` is `[N]`.""",
        learned("y: f32[1]", "y: f32"),
        ("y: f32 ", "y: f32[1] "),
    ),
    page(
        "D0404",
        "One score a class, or one for two",
        """`cross_entropy` takes a score for each class, also where there are only two. A single
        score, positive for the second label, goes with `binary_cross_entropy_with_logits`.""",
        GATE.replace("binary_cross_entropy_with_logits", "cross_entropy"),
        ("cross_entropy", "binary_cross_entropy_with_logits"),
    ),
    page(
        "D0405",
        "As many scores as classes",
        """The last layer gives one score for each class of the target.""",
        classified("Linear(12)", "cross_entropy(scores, label)", "f32[N, 12]"),
        ("12", "10"),
    ),
    page(
        "D0406",
        "A loss is one number",
        """Training makes one number smaller. Take the mean of what a formula gives for each
        record.""",
        learned("mse_loss(y_hat, y)", "(y_hat - y) ** 2"),
        ("(y_hat - y) ** 2", "mean((y_hat - y) ** 2)"),
    ),
    page(
        "D0407",
        "A metric for something else",
        """`accuracy` and its kin compare labels, `auroc` and `average_precision` rank the scores
        of two classes, `r2_score` and the errors compare numbers. What a training compares is
        read off its loss.""",
        learned("  epochs", "  metrics = [accuracy]\n  epochs"),
        ("accuracy", "r2_score"),
    ),
    page(
        "D0408",
        "A metric that does not know what to compare",
        """Which output predicts which field is read off the loss: `mse_loss(y_hat, y)` pairs
        them. A formula of one's own does not tell.""",
        learned("mse_loss(y_hat, y)", "mean((y_hat - y) ** 2)").replace(
            "  epochs", "  metrics = [r2_score]\n  epochs"
        ),
        ("mean((y_hat - y) ** 2)", "mse_loss(y_hat, y)"),
    ),
    page(
        "D0409",
        "One output, two targets",
        """How a prediction is decoded and measured depends on the field it predicts. An output
        compared with two fields leaves that open.""",
        learned("= mse_loss(y_hat, y)", "= mse_loss(y_hat, y) + l1_loss(y_hat, x)"),
        (" + l1_loss(y_hat, x)", ""),
    ),
    page(
        "D0601",
        "Unknown key of a training",
        """A key that means nothing is an error, for a slip of the pen would otherwise train
        something else.""",
        learned("  epochs", "  batchsize = 2\n  epochs"),
        ("batchsize", "batch"),
    ),
    page(
        "D0602",
        "A training lacks something",
        """A training needs a `loss`, an `optimizer` and `epochs`. All else has defaults.""",
        learned("  epochs = 100\n", ""),
        ("lr=0.01)\n", "lr=0.01)\n  epochs = 100\n"),
    ),
    page(
        "D0603",
        "A key of the wrong kind",
        """The message tells what this key takes.""",
        learned("epochs = 100", "epochs = 0.5"),
        ("0.5", "1"),
    ),
    page(
        "D0604",
        "Metrics are a list",
        """Also where there is one.""",
        learned("  epochs", "  metrics = r2_score\n  epochs"),
        ("= r2_score", "= [r2_score]"),
    ),
    page(
        "D0605",
        "A field and an output of one name",
        """In a loss the fields of the data and the outputs of the model stand side by side, so
        they need different names.""",
        LEARNED.replace("y_hat", "y"),
        ("output y:", "output y_hat:"),
        ("mse_loss(y, y)", "mse_loss(y_hat, y)"),
    ),
    page(
        "D0606",
        "An input that no field feeds",
        """Inputs of the model are bound to the fields of the same name. Rename one of them, or
        bind by hand: `train Line(x=size) on points`.""",
        learned("  x: f32[1] =", "  size: f32[1] ="),
        ("train Line on", "train Line(x=size) on"),
    ),
    page(
        "D0607",
        "A field is not what the input takes",
        """A field's type has no batch dimension: `f32[28, 28]` in the data is `f32[N, 28, 28]` in
        the model. Dtype and sizes must agree.""",
        learned("input x: f32[N, 1]", "input x: f32[N, 2]"),
        ("f32[N, 2]", "f32[N, 1]"),
    ),
    page(
        "D0611",
        "predict wants names",
        """A prediction starts from raw columns, as a record of the data has them, by name.""",
        f"{LEARNED}\nexpect {{ predict(7).y_hat within 1 of 14 }}\n",
        ("predict(7)", "predict(x=7)"),
    ),
    page(
        "D0612",
        "Nothing that can be expected",
        """An expectation starts with something a trained model shows: a metric of a split, a
        prediction, or the number of parameters.""",
        f"{LEARNED}\nexpect {{ loss(3) < 1 }}\n",
        ("loss(3)", "train.loss"),
    ),
    page(
        "D0613",
        "No such split",
        """The data has the splits that its `split` names, and those of the source. Without
        `split` all records train.""",
        f"{LEARNED}\nexpect {{ test.loss < 0.1 }}\n",
        (
            "y: f32[1] = [2, 4, 6]\n",
            "y: f32[1] = [2, 4, 6]\n  split = random(train=0.6, test=0.4)\n",
        ),
    ),
    page(
        "D0614",
        "A metric that is not computed",
        """Only `loss` and what stands in `metrics` is measured.""",
        f"{LEARNED}\nexpect {{ train.r2_score > 0.9 }}\n",
        ("  epochs", "  metrics = [r2_score]\n  epochs"),
    ),
    page(
        "D0615",
        "Nothing is trained",
        """Metrics and predictions are expected of a trained model, and this spec has no `train`
        block. The number of parameters can be expected of any model.""",
        f"{LINE}\nexpect {{ test.loss < 0.1 }}\n",
        ("test.loss < 0.1", "parameters(Line) == 2"),
    ),
    page(
        "D0616",
        "Another number of parameters",
        """How many parameters a model has is known without training, so this expectation is
        decided by `dlc check`. `dlc summary` shows them layer by layer.""",
        f"{LINE}\nexpect {{ parameters(Line) > 2 }}\n",
        ("> 2", "== 2"),
    ),
    page(
        "D0617",
        "A bound of another kind",
        """What is measured is compared with a value of its kind: numbers with a number.""",
        f'{LINE}\nexpect {{ parameters(Line) == "2" }}\n',
        ('"2"', "2"),
    ),
    page(
        "D0618",
        "--set of something unknown",
        """`--set` sets a `param` of the spec or a key of its train block.""",
        "dlc run line.dl --set epoch=5\n",
        ("epoch", "epochs"),
    ),
    page(
        "D0619",
        "--set without a value",
        """`--set` takes `key=value`, written as it would stand in the file.""",
        "dlc run line.dl --set epochs\n",
        ("epochs", "epochs=5"),
    ),
    page(
        "D0620",
        "Phases that do not fit together",
        """The phases of a schedule follow each other, and together they last as long as the
        training. Those that state no length share what the others leave, so something must be
        left for them. `one_cycle` is a whole schedule, and `plateau` has no end.""",
        learned("  epochs", "  schedule = warmup(0.5) -> cosine(length=0.8)\n  epochs"),
        ("cosine(length=0.8)", "cosine()"),
    ),
    page(
        "D0621",
        "An optimizer that no training here can use",
        """`LBFGS` computes the loss many times in one step, and `SparseAdam` takes gradients that
        no layer here gives. All other optimizers of `torch.optim` are there.""",
        learned("SGD(lr=0.01)", "LBFGS()"),
        ("LBFGS()", "Adam(lr=1e-3)"),
    ),
    page(
        "D0622",
        "Muon is for matrices",
        """Muon makes each step orthogonal, which only a weight with two axes can be: no bias, no
        convolution, no normalization.""",
        learned("SGD(lr=0.01)", "Muon(lr=0.02)"),
        ("Linear(1)", "Linear(1, bias=False)"),
    ),
)
