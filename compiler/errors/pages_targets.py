"""Pages of losses, targets and bounds that cannot be meant: D034.. and D043..."""

from __future__ import annotations

from .page import DIGITS, LEARNED, classified, learned, page

IRISES = """data irises {
  petal: f32[2] = [[1.4, 0.2], [4.7, 1.4], [6.0, 2.5], [1.3, 0.3]]
  kind: class(3) = [0, 1, 2, 0]
}

model Net {
  input petal: f32[N, 2]
  output scores: f32[N, 3] = petal -> Linear(16) -> relu -> Linear(3)
}

train Net on irises {
  loss = cross_entropy(scores, kind)
  optimizer = Adam(lr=1e-3)
  epochs = 50
}
"""
HOUSES = """data houses from csv("houses.csv") {
  about: f32[3] = [rooms, age, price] -> standardize
  price: f32[1] = price -> standardize
}

model Worth {
  input about: f32[N, 3]
  output guess: f32[N, 1] = about -> Linear(1)
}

train Worth on houses {
  loss = mse_loss(guess, price)
  optimizer = Adam(lr=1e-2)
  epochs = 5
}
"""
MEASURED = classified("Linear(10)", "cross_entropy(scores, label)").replace(
    "  epochs", "  metrics = [accuracy]\n  epochs"
)

PAGES = (
    page(
        "D0340",
        "Pixels multiplied",
        """Pixels are bytes, 0 … 255. `scale` multiplies, so a factor of 1 / 255 brings them between
        0 and 1.""",
        DIGITS.replace("1 / 255", "255"),
        ("scale(255)", "scale(1 / 255)"),
    ),
    page(
        "D0341",
        "The target goes in",
        """What is predicted must not be among what it is predicted from. The network would learn to
        copy it, look perfect in every split, and be of no use where the value is not known.""",
        HOUSES,
        ("[rooms, age, price]", "[rooms, age, rooms / age]"),
    ),
    page(
        "D0342",
        "A column twice",
        """The second time a column tells nothing. Mostly another one was meant.""",
        HOUSES.replace("age, price]", "rooms]")
        .replace("f32[3]", "f32[2]")
        .replace("N, 3]", "N, 2]"),
        ("[rooms, rooms]", "[rooms, age]"),
    ),
    page(
        "D0343",
        "The label goes in",
        """What is predicted must not be an input of the model. The network would learn to copy it.
        Labels of steps, which a decoder reads one step late, are no such case.""",
        IRISES.replace("  output", "  input kind: class(3)[N]\n  output").replace(
            "petal -> Linear(16)", "cat([petal, kind -> Embedding(4)], 1) -> Linear(16)"
        ),
        ("  input kind: class(3)[N]\n", ""),
        ("cat([petal, kind -> Embedding(4)], 1)", "petal"),
    ),
    page(
        "D0430",
        "No loss",
        """A loss is a formula of outputs and targets: a loss of torch with its two arguments, or
        arithmetic.""",
        learned("mse_loss(y_hat, y)", '"mse"'),
        ('"mse"', "mse_loss(y_hat, y)"),
    ),
    page(
        "D0431",
        "A loss turned around",
        """Training makes the loss smaller. The losses of torch are small where the prediction is
        right; with a minus before them the training moves away from the targets, without end. Where
        this is one part of several, as in adversarial training, nothing is said.""",
        learned("= mse_loss", "= -mse_loss"),
        ("= -mse_loss", "= mse_loss"),
    ),
    page(
        "D0432",
        "A likelihood made smaller",
        """A logarithm of a probability is below 0, and near 0 where the probability is large. A
        loss is made smaller, so the mean of such logarithms needs a minus: it is the negative
        log-likelihood that is small where a network is right.""",
        IRISES.replace(
            "cross_entropy(scores, kind)", "mean(log_softmax(scores, 1)[arange(N), kind])"
        ),
        ("= mean(", "= -mean("),
    ),
    page(
        "D0433",
        "Parameters for the optimizer",
        """In PyTorch an optimizer is given the parameters of a model. Here it stands in the
        training of a model, so it is known which it gets.""",
        learned("SGD(lr=0.01)", "SGD(Line.parameters(), lr=0.01)"),
        ("Line.parameters(), ", ""),
    ),
    page(
        "D0434",
        "An average for two classes",
        """`average="binary"` looks at the second of two labels alone. With more of them there is
        one value a class, and `macro`, `micro` and `weighted` say how they become one.""",
        IRISES.replace("  epochs", '  metrics = [f1_score(average="binary")]\n  epochs'),
        ('"binary"', '"macro"'),
    ),
    page(
        "D0435",
        "A bound out of reach",
        """Accuracy and its kin are shares, correlations and R² end at 1. A bound above that can
        never be met: 97 per cent are written 0.97.""",
        f"{MEASURED}\nexpect {{ test.accuracy >= 97 }}\n",
        (">= 97", ">= 0.97"),
    ),
    page(
        "D0436",
        "No batch at all",
        """`drop_last` leaves out a last batch that is not full. Where all records are fewer than a
        batch takes, that is the only one.""",
        LEARNED.replace("  epochs", "  drop_last = True\n  epochs"),
        ("  drop_last = True\n", ""),
    ),
    page(
        "D0437",
        "A string where a word stands",
        """Optimizers, schedules, metrics, sources and data steps are words of the language: they
        stand without quotes, and what they take stands in brackets behind them.""",
        learned("SGD(lr=0.01)", '"sgd"'),
        ('"sgd"', "SGD(lr=0.01)"),
    ),
)
