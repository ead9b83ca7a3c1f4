"""What beginners ask, and what answers it: the second table of specs/README.md."""

from __future__ import annotations

from specs_table import Question

QUESTIONS = (
    Question(
        "Why is my model not learning?",
        "`dlc run` ends with what it noticed: no progress from the first step, units that are "
        "dead, a loss that is no number, each with what to change",
        ("xor", "linear"),
    ),
    Question(
        "How do I choose a learning rate?",
        "`Adam(lr=1e-3)` to begin with; for a linear model `dlc check` computes the rate above "
        "which plain SGD must diverge; `schedule = warmup(0.05) -> cosine()` lowers it in time",
        ("linear", "houses", "pets"),
    ),
    Question(
        "Why do I have to scale my data?",
        "on raw numbers the stable rate is tiny; `standardize` makes one rate suit all columns, "
        "and predictions come back in the target's units",
        ("linear", "houses"),
    ),
    Question(
        "What is overfitting?",
        "the loss of the training photos goes down to {cats_dogs:train.loss} while only "
        "{cats_dogs:test.accuracy} of new photos are told right; with a validation split the "
        "curves in `report.html` part ways, and the run says so",
        ("cats_dogs",),
    ),
    Question(
        "What helps against overfitting?",
        "`augment`, `Dropout`, `weight_decay`, `early_stopping`: {pets:test.accuracy} instead of "
        "{cats_dogs:test.accuracy} of the same photos",
        ("pets",),
    ),
    Question(
        "How many epochs do I need?",
        "`early_stopping = patience(3, on=validation.loss)` ends when nothing gets better, with "
        "the weights of the best epoch",
        ("pets",),
    ),
    Question(
        "How do I handle missing data?",
        "`impute(median)`: learned from the training split, saved, and applied to predictions",
        ("houses", "titanic"),
    ),
    Question(
        "How do I give words or categories to a network?",
        "`words -> vocabulary(1000) -> pad(40)` and `Embedding`; `categories(…) -> one_hot`",
        ("sentiment", "houses", "titanic"),
    ),
    Question(
        "How do I know that my model is good?",
        "a test split that no decision has touched, metrics on it, and `expect`, which fails the "
        "run; compare with a simple rule: houses reach an R² of {houses:test.r2_score}, a linear "
        "regression {houses:baseline}",
        ("houses", "titanic"),
    ),
    Question(
        "I have few records: is one test split enough?",
        "`k_fold(5)` tests each record once: {titanic:test.accuracy} of the passengers, the rule "
        "“women survive” {titanic:baseline}",
        ("titanic",),
    ),
    Question(
        "What is a confusion matrix?",
        "how often each class was taken for which: `metrics = [confusion_matrix]` draws it in "
        "`report.html`, with precision and recall of each class",
        ("fashion", "digits"),
    ),
    Question(
        "Which loss do I take?",
        "numbers: `mse_loss`; two classes: `binary_cross_entropy_with_logits`; more: "
        "`cross_entropy`. A wrong one is refused, with the right one",
        ("houses", "titanic", "mnist"),
    ),
    Question(
        "My classes are not equally frequent: what now?",
        "`class_weights = balanced`, `split = stratified(label, …)`, `f1_score` beside accuracy",
        ("sentiment",),
    ),
    Question(
        "Why do results differ from run to run?",
        "they do not: `seed` decides first weights, order and dropout; `--set seed=1` asks for "
        "another run, and the tables here show how far seeds lie apart",
        ("xor",),
    ),
    Question(
        "My training was interrupted: is it lost?",
        "`dlc run SPEC --resume` goes on where it was, with the same result to the bit",
        ("mnist",),
    ),
    Question(
        "How do I use what was trained?",
        "`dlc predict RUN photo.jpg`, a CSV, text or JSON lines; or import the generated package",
        ("pets", "sentiment", "houses"),
    ),
    Question(
        "How do two networks learn from each other?",
        "one `step` block each, with its own loss and optimizer; `detach` ends a gradient",
        ("gan",),
    ),
    Question(
        "What do I change for a GPU?",
        "nothing: `--device auto` takes one where there is one",
        ("mnist",),
    ),
)
