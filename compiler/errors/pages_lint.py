"""Pages of D09..: warnings."""

from __future__ import annotations

from .page import LEARNED, learned, linear, page

READER = """data reviews {
  tokens: token(20)[6] = ["a good film", "bad"] -> words -> vocabulary(20) -> pad(6)
  label: class("no", "yes") = ["yes", "no"]
}

model Reader {
  input tokens: token(20)[N, T]
  states, _ = tokens -> Embedding(16) -> LSTM(32)
  output score: f32[N, 2] = states[:, -1] -> Linear(2)
}

train Reader on reviews {
  loss = cross_entropy(score, label)
  optimizer = Adam(lr=1e-3)
  epochs = 5
}
"""

PAGES = (
    page(
        "D0901",
        "Dropout on an output",
        """While training, dropout sets values to zero at random. On an output it makes the
        prediction itself zero, and the loss compares that with the target.""",
        linear("x -> Linear(4) -> Dropout(0.5)"),
        ("Linear(4) -> Dropout(0.5)", "Dropout(0.5) -> Linear(4)"),
    ),
    page(
        "D0902",
        "An input that is never used",
        """Nothing depends on this input. Was it forgotten in an expression?""",
        LEARNED.replace("  output y_hat", "  input y: f32[N, 1]\n  output y_hat"),
        ("  input y: f32[N, 1]\n", ""),
    ),
    page(
        "D0903",
        "A rate that must diverge",
        """With one `Linear` and `mse_loss` the loss is a parabola in the weights. Gradient descent
        on a parabola grows without end where its rate is above 2 / λ; λ, the steepest curvature,
        is the largest eigenvalue of 2/n Σ x xᵀ, and so mostly the mean square of the largest
        column. Where the data stands in the spec that is known before training. Standardised
        inputs are equally steep in all directions, and one rate suits them all.""",
        learned("lr=0.01", "lr=0.5"),
        ("x: f32[1] = [1, 2, 3]", "x: f32[1] = [1, 2, 3] -> standardize"),
    ),
    page(
        "D0904",
        "A phase that never comes",
        """Lengths of phases that are whole numbers are epochs, and here the phases before this one
        last as long as the training. Shares (`warmup(0.1)`) fit trainings of any length.""",
        learned("  epochs", "  schedule = warmup(100) -> cosine()\n  epochs"),
        ("warmup(100)", "warmup(0.1)"),
    ),
    page(
        "D0910",
        "A scaled target without its output",
        """Predictions come in the units of the raw column: what `standardize`, `normalize` and
        `scale` did to a target is undone for the output that predicts it. Which output that is,
        the loss says, where one of torch's losses compares the two: `mse_loss(y_hat, y)`, or
        `mse_loss(reshape(y_hat, N), y)`. A loss of other operations pairs nothing, and metrics
        and predictions would be in the units of training.""",
        learned("mse_loss(y_hat, y)", "mean((y_hat - y) ** 2)").replace(
            "  y: f32[1] = [2, 4, 6]", "  y: f32[1] = [2, 4, 6] -> standardize"
        ),
        ("mean((y_hat - y) ** 2)", "mse_loss(y_hat, y)"),
    ),
    page(
        "D0905",
        "The last step is padding",
        """`pad(n)` fills short sequences behind their end, so the step at `[:, -1]` is the real end
        of the longest ones alone, and of all others it is what a recurrent layer has forgotten
        its way to. Padded on the left, every sequence ends at its last step.""",
        READER,
        ("pad(6)", 'pad(6, side="left")'),
    ),
)
