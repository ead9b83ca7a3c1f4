"""Pages of D053.: texts, names, and what of a column tells the split."""

from __future__ import annotations

from .page import DIGITS, page

REVIEWS = """data reviews {
  tokens: token(50)[4] = ["good fun", "so dull"] -> words -> vocabulary(50) -> pad(4)
  label: class("negative", "positive") = ["positive", "negative"]
}
"""
CHAIN = " -> words -> vocabulary(50) -> pad(4)"
PETS = """data pets {
  kind: f32[2] = ["cat", "dog", "cat"] -> categories("cat", "dog") -> one_hot
  weight: f32[1] = [4, 9, 5]
}
"""
CITIES = """data trips from csv("trips.csv") {
  price: f32[1]
  split = by_column(city, train=["Rome", "Oslo"], test="Lima")
}
"""


def reviews(old: str, new: str) -> str:
    """The texts with one thing otherwise."""
    assert old in REVIEWS, old
    return REVIEWS.replace(old, new)


PAGES = (
    page(
        "D0530",
        "Steps for texts out of order",
        """A text becomes a list of `words` or `characters`, the list one of tokens by a
        `vocabulary`, and the tokens a row of one length by `pad`. Each step takes what the one
        before it gives; holes are filled before the first.""",
        reviews("words -> ", ""),
        ("-> vocabulary", "-> words -> vocabulary"),
    ),
    page(
        "D0531",
        "Texts, tokens or labels where numbers are declared",
        """Steps make numbers of texts: `words`, `vocabulary` and `pad` make tokens, `categories`
        makes labels, and `one_hot` behind it makes zeros and a one. Tokens and labels have no
        size and no order; so they are declared as `token(n)[length]` and `class(n)`.""",
        reviews(CHAIN, ""),
        ('"so dull"]', '"so dull"]' + CHAIN),
    ),
    page(
        "D0532",
        "A vocabulary larger than declared",
        """`vocabulary(50)` gives tokens below 50: padding, the unknown word, and the 48 words that
        are the most frequent ones in the training split. The field's type has room for all.""",
        reviews("token(50)", "token(48)"),
        ("token(48)", "token(50)"),
    ),
    page(
        "D0533",
        "Another number of categories than declared",
        """`categories` with names has as many labels as there are names, and `one_hot` behind it
        gives as many numbers. Labels that are declared have the names and the order of the
        categories.""",
        PETS.replace("f32[2]", "f32[3]"),
        ("f32[3]", "f32[2]"),
    ),
    page(
        "D0534",
        "Several columns where one is wanted",
        """`words`, `characters`, `categories` and `one_hot` take one column. Write a field for
        each column; a model takes several inputs.""",
        """data crew from csv("crew.csv") {
  who: f32[2] = [sex, port] -> categories("male", "female") -> one_hot
}
""",
        ("[sex, port]", "sex"),
    ),
    page(
        "D0535",
        "A value in two splits",
        """`by_column` puts each record into the split that names its value. A value in two of them
        would train on what tests.""",
        CITIES.replace('"Lima"', '"Oslo"'),
        ('test="Oslo"', 'test="Lima"'),
    ),
    page(
        "D0536",
        "A source without a file to train on",
        """`csv` reads one file, or one for each part: `train` and, if there are, `validation` and
        `test`.""",
        'data houses from csv(test="b.csv") {\n  price: f32[1]\n}\n',
        ("csv(", 'csv(train="a.csv", '),
    ),
    page(
        "D0537",
        "Categories of unknown number",
        """Without names, `categories` learns them from the training split. A network must know how
        many there are before: the field's type says it, `class(5)`, or `f32[5]` with `one_hot`
        behind.""",
        'data pets from csv("pets.csv") {\n  kind: f32[1] = kind -> categories -> one_hot\n}\n',
        ("f32[1]", "f32[5]"),
    ),
    page(
        "D0538",
        "Texts and numbers in one list",
        """The entries of a field are all texts, or all numbers.""",
        PETS.replace('["cat", "dog", "cat"]', '["cat", "dog", 1]'),
        ("1] ->", '"cat"] ->'),
    ),
    page(
        "D0539",
        "A split that the source has",
        """`mnist` and other sources have a test part of their own; so has `csv` with parts. It
        stays what it is, and `split` parts what there is to train on: it cannot make another.""",
        DIGITS.replace("\n}", "\n  split = random(train=0.8, test=0.2, seed=0)\n}"),
        ("test=", "validation="),
    ),
)
