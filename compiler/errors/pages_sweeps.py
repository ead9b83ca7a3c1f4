"""Pages of D0552 to D0562: sweeps, and records in an order."""

from __future__ import annotations

from .page import LEARNED, Page, page

SWEPT = (
    "param rate = 0.01\n\n"
    + LEARNED.replace("lr=0.01", "lr=rate")
    + """
sweep {
  rate in log(0.0001, 0.05)
  batch in [1, 3]
  minimize train.loss
  trials = 30
}
"""
)
SERIES = """data series from csv("co2.csv") {
  past: f32[24] = co2 -> standardize -> window(24)
  next: f32[1] = co2 -> standardize -> ahead(1)
  split = chronological(train=0.8, test=0.2)
}
"""


def swept(code: str, title: str, text: str, right: str, wrong: str) -> Page:
    """A page whose examples are a sweep, right and with one thing wrong."""
    assert right in SWEPT, right
    return page(code, title, text, SWEPT.replace(right, wrong), (wrong, right))


def series(code: str, title: str, text: str, right: str, wrong: str) -> Page:
    """A page whose examples are records in an order, right and with one thing wrong."""
    assert right in SERIES, right
    return page(code, title, text, SERIES.replace(right, wrong), (wrong, right))


PAGES = (
    swept(
        "D0552",
        "A search for nothing that there is",
        """A sweep searches the `param`s of the file, and keys of its trainings.""",
        "rate in",
        "rates in",
    ),
    swept(
        "D0553",
        "Values to try",
        """After `in` stands a list of values, `log(a, b)` or `uniform(a, b)` for numbers between
        two ends (on a logarithmic scale or evenly), or `range(a, b, step)` for whole numbers,
        whose end is left out as everywhere.""",
        "log(0.0001, 0.05)",
        "log(0, 0.05)",
    ),
    swept(
        "D0554",
        "A value that the spec cannot have",
        """`dlc check` tries the values of a list and the ends of a range, twelve of them at
        most, so that no trial is the first to find a fault.""",
        "[1, 3]",
        "[0, 3]",
    ),
    swept(
        "D0555",
        "The goal of a sweep",
        """A sweep has one goal, a measure of a training: `maximize validation.accuracy`, or the
        loss of a step. The test split does not decide: it says how good the network is. Losses
        and errors are made small, scores great.""",
        "minimize train.loss",
        "maximize train.loss",
    ),
    swept(
        "D0556",
        "The number of trials",
        """A sweep says how many trials it makes. Where only so many are different, more would
        repeat what is known.""",
        "trials = 30",
        "seed = 1",
    ),
    page(
        "D0557",
        "A sweep that does nothing",
        """A spec has one sweep, which searches something that a training depends on.""",
        SWEPT.replace("  rate in log(0.0001, 0.05)\n  batch in [1, 3]\n", ""),
        ("sweep {\n", "sweep {\n  rate in log(0.0001, 0.05)\n"),
    ),
    swept(
        "D0558",
        "A key that a sweep does not have",
        """Besides what is searched and the goal, a sweep has `trials`, and `seed` (0) for what it
        draws.""",
        "trials = 30",
        "trials = 30\n  workers = 4",
    ),
    series(
        "D0559",
        "A step of sequences in the wrong place",
        """`window` takes numbers of a record, or the tokens of a text; `ahead` takes a value or a
        window; `lower` and `tokenize` take the text itself.""",
        "co2 -> standardize -> ahead(1)",
        "co2 -> standardize -> lower",
    ),
    page(
        "D0560",
        "Records in no order",
        """Windows, what comes later and a split by time need records in an order, as a table or
        a long text has them. The pictures of a folder are in none. A `text_file` is one text,
        and its records are the windows of it: all fields cut it by the same steps, and only order
        or chance can split it. Where each record has a text of its own, `pad` makes them of one
        length.""",
        'data pets from image_folder("pets") {\n'
        "  image: f32[3, 64, 64] = image -> resize(64, 64) -> scale(1 / 255)\n"
        "  split = chronological(train=0.8, test=0.2)\n}\n",
        ("chronological", "random"),
    ),
    series(
        "D0561",
        "Windows that share values across splits",
        """Two windows side by side share nearly all of their values. Where one trains and the
        other tests, the test asks for what was learned by heart.""",
        "chronological",
        "random",
    ),
    page(
        "D0562",
        "A source of Python",
        """`python("package.module:records")` names a function in a module. It is called only
        where the person has allowed that module on the command line.""",
        'data mine from python("records") {\n  x: f32[1]\n}\n',
        ('"records"', '"package.module:records"'),
    ),
)
