"""Pages of D05..: data blocks."""

from __future__ import annotations

from .page import DIGITS, POINTS, page

CSV = """data houses from csv("houses.csv") {
  rooms: f32[2] = [rooms, bedrooms] -> standardize
  price: f32[1]
}
"""
SPLIT = DIGITS.replace("\n}", "\n  split = random(train=0.8, validation=0.2, seed=0)\n}")

PAGES = (
    page(
        "D0501",
        "Unknown key of a data block",
        """A data block has fields, each with a type, and the keys that the note lists.""",
        SPLIT.replace("split =", "splits ="),
        ("splits", "split"),
    ),
    page(
        "D0502",
        "Data without a field",
        """A field is what a model or a loss sees of a record: a name, a type, and where its value
        comes from.""",
        "data points {\n}\n",
        ("{\n", "{\n  x: f32[1] = [1, 2, 3]\n"),
    ),
    page(
        "D0503",
        "A field without values",
        """Where the block has a source, a field without `=` takes the column of its own name. Here
        there is no source: write the values, or `data … from csv(…)`.""",
        POINTS.replace("y: f32[1] = [2, 4, 6]", "y: f32[1]"),
        ("y: f32[1]", "y: f32[1] = [2, 4, 6]"),
    ),
    page(
        "D0504",
        "No raw column",
        """On the right of a field stand columns of the source: names, `column("Median Income")`
        where the name is no identifier, `columns(0, 64)`, lists and arithmetic of them.""",
        DIGITS.replace("= image", '= "image"'),
        ('"image"', "image"),
    ),
    page(
        "D0505",
        "Values that are no list",
        """Data in a spec is a list with one entry a record.""",
        POINTS.replace("[2, 4, 6]", "2"),
        ("= 2", "= [2, 4, 6]"),
    ),
    page(
        "D0506",
        "A wrong range",
        """`range` is Python's: `range(100)` is 0 … 99, `range(1, 100, 2)` the odd numbers.""",
        POINTS.replace("[2, 4, 6]", "range(1.5)"),
        ("1.5", "3"),
    ),
    page(
        "D0507",
        "Lists of different lengths",
        """Arithmetic on lists goes entry by entry.""",
        POINTS.replace("[2, 4, 6]", "[1, 2, 3] + [1, 2]"),
        ("[1, 2]\n", "[1, 2, 3]\n"),
    ),
    page(
        "D0508",
        "Fields with different numbers of records",
        """The n-th entries of all fields are one record.""",
        POINTS.replace("[2, 4, 6]", "[2, 4]"),
        ("[2, 4]", "[2, 4, 6]"),
    ),
    page(
        "D0509",
        "A ragged list",
        """Every entry has the shape that the field's type states.""",
        POINTS.replace("x: f32[1] = [1, 2, 3]", "x: f32[2] = [[1, 2], [3, 4], [5]]"),
        ("[5]", "[5, 6]"),
    ),
    page(
        "D0510",
        "Columns and steps give another type",
        """The type of a field is what stands in a record after all steps. Count the columns, and
        look at what each step gives.""",
        POINTS.replace("x: f32[1]", "x: f32[3]"),
        ("f32[3]", "f32[1]"),
    ),
    page(
        "D0511",
        "A step that cannot take what comes",
        """Steps that compute take numbers; labels pass as they are.""",
        "data pets {\n  weight: f32[1] = [4, 9]\n  kind: class(2) = [0, 1] -> standardize\n}\n",
        (" -> standardize", ""),
    ),
    page(
        "D0512",
        "A value that is no label",
        """`class(3)` has the labels 0, 1 and 2; `class("cat", "dog")` those two words.""",
        "data gate {\n  x: f32[1] = [1, 2]\n  label: class(2) = [1, 2]\n}\n",
        ("class(2)", "class(3)"),
    ),
    page(
        "D0513",
        "A split without training",
        """A split names the share of each part; without one for training nothing can be
        learned.""",
        SPLIT.replace("train=0.8, ", ""),
        ("random(", "random(train=0.8, "),
    ),
    page(
        "D0514",
        "Shares beyond the whole",
        """The shares of a split sum to 1 at most.""",
        SPLIT.replace("=0.2", "=0.3"),
        ("0.3", "0.2"),
    ),
    page(
        "D0515",
        "Unknown column",
        """The columns of this source are known, and this is none of them.""",
        DIGITS.replace("= image", "= picture"),
        ("picture", "image"),
    ),
    page(
        "D0516",
        "A field with an open size",
        """A field's type is that of one record, without a batch dimension, and its sizes are
        numbers.""",
        POINTS.replace("x: f32[1]", "x: f32[N, 1]"),
        ("f32[N, 1]", "f32[1]"),
    ),
    page(
        "D0517",
        "A file that is not there",
        """A note: without the file its columns cannot be checked. Paths are relative to the spec;
        then the working directory, the folder in `DLC_DATA_DIR` and `--data` are looked in.""",
        CSV,
    ),
)
