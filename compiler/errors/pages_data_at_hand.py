"""Pages of D032., D033. and D066.: data that is at hand against what a spec declares."""

from __future__ import annotations

from .page import page

FLOWERS = """data flowers from csv("flowers.csv") {
  size: f32[2] = [length, width] -> standardize
  species: class("setosa", "versicolor", "virginica")
}
"""
PICTURES = """data pets from image_folder("pictures") {
  image: f32[3, 4, 4] = image -> scale(1 / 255)
  label: class("cats", "dogs")
}
"""
SIZE = "size: f32[2] = [length, width] -> standardize"


def taught(data: str, name: str, inputs: str, loss: str, width: int = 3) -> str:
    """A data block, and a training on it of one layer."""
    block = data.split()[1]
    return f"""{data}
model Net {{
  input {name}: f32[N, {inputs}]
  output scores: f32[N, {width}] = {name} -> flatten(1) -> Linear({width})
}}

train Net on {block} {{
  loss = {loss}
  optimizer = Adam(lr=1e-3)
  epochs = 5
}}
"""


LEARNED = taught(FLOWERS, "size", "2", "cross_entropy(scores, species)")
AREA = FLOWERS.replace("[length, width]", "[length, area]")
TARGET = FLOWERS.replace('species: class("setosa", "versicolor", "virginica")', "area: f32[1]")
PARTS = """data flowers from csv(train="first.csv", test="last.csv") {
  size: f32[1] = length -> standardize
  kind: class(3)
}
"""
WEEKS = PARTS.replace("first", "week").replace("last", "weekend").replace("(3)", "(2)")
PIXELS = """data dots from csv("pixels.csv") {
  image: f32[16] = columns("p*")
  label: class(2)
}
"""
BY_COLUMN = FLOWERS.replace(
    "\n}", '\n  split = by_column(species, train=["setosa", "versicolor"], test="virginca")\n}'
)
KINDS = 'kind: f32[3] = species -> categories("setosa", "versicolor", "virginca") -> one_hot'

PAGES = (
    page(
        "D0320",
        "A column that the file does not have",
        """The first line of the file names its columns; `check` reads it where the file is at hand.
        A file without such a line is `csv(…, header=False)`, whose columns are 0, 1, …, or
        `csv(…, names=[…])`.""",
        FLOWERS.replace("width", "widht"),
        ("widht", "width"),
    ),
    page(
        "D0321",
        "A label in the data that is not declared",
        """A `class` field takes the declared names, or 0 … n-1; `token(n)` too. `check` looks at
        some records of a file that is at hand, a run at all of them.""",
        FLOWERS.replace('"virginica"', '"virginia"'),
        ("virginia", "virginica"),
    ),
    page(
        "D0322",
        "A text where numbers are wanted",
        """A column is numeric where all its cells but the missing ones are numbers. A marker for
        missing values is named by `missing=[…]` and filled by `impute`; names become numbers by
        `categories` and `one_hot`.""",
        FLOWERS.replace("[length, width]", "[length, petals]"),
        ('csv("flowers.csv")', 'csv("flowers.csv", missing=["", "?"])'),
        ("-> standardize", "-> impute(median) -> standardize"),
    ),
    page(
        "D0323",
        "Holes that nothing fills",
        """An empty cell and `NA` are missing. `impute` fills holes with what it learns from the
        training split, or with a constant, before any other step.""",
        FLOWERS.replace("[length, width]", "[length, depth]"),
        ("-> standardize", "-> impute(median) -> standardize"),
    ),
    page(
        "D0324",
        "A value that is none of the categories",
        """`categories` with names takes these names alone, in the order given; without names it
        learns those of the training split. `one_hot` by itself takes 0 … n-1.""",
        FLOWERS.replace(SIZE, KINDS),
        ("virginca", "virginica"),
    ),
    page(
        "D0325",
        "A file that cannot be read as a table",
        """A table is UTF-8 text whose lines have as many cells as the first. `on_error = skip`
        leaves lines of another width out, and counts them.""",
        'data flowers from csv("cut.csv") {\n  length: f32[1]\n  width: f32[1]\n}\n',
        ("\n}", "\n  on_error = skip\n}"),
    ),
    page(
        "D0326",
        "Cells that another character parts",
        """Cells are parted by commas where `separator` does not say otherwise.""",
        FLOWERS.replace("flowers.csv", "semicolons.csv"),
        ('semicolons.csv"', 'semicolons.csv", separator=";"'),
    ),
    page(
        "D0327",
        "More columns than the file has",
        """`columns(a, b)` are those from a up to, not including, b, counted from 0.""",
        'data dots from csv("pixels.csv") {\n  image: f32[16] = columns(2, 18)\n}\n',
        ("columns(2, 18)", "columns(1, 17)"),
    ),
    page(
        "D0328",
        "An infinite value",
        """A formula over columns that divides by zero gives an infinity, which no step mends.""",
        FLOWERS.replace("[length, width]", "[length, width / gap]"),
        ("width / gap", "width / (gap + 1)"),
    ),
    page(
        "D0329",
        "A number that the type cannot hold",
        """Integer types take whole numbers of their range, `bool` 0 and 1.""",
        FLOWERS.replace(SIZE, "size: i64[2] = [length, width]"),
        ("i64", "f32"),
    ),
    page(
        "D0330",
        "A value of a split that no record has",
        """`by_column` sends records where their value of a column is named; a name that none has is
        mostly misspelt.""",
        BY_COLUMN.replace(SIZE, f"{SIZE}\n  kind: class(3) = gap")
        .replace('\n  species: class("setosa", "versicolor", "virginica")', "")
        .replace("class(3)", "class(4)"),
        ("virginca", "virginica"),
    ),
    page(
        "D0331",
        "Files of another collection",
        """`mnist()` and `fashion_mnist()` are four files that state how many pictures of 28x28
        pixels they hold, and as many labels.""",
        'data digits from mnist("digits") {\n  label: class(10)\n}\n',
        ('"digits"', '"whole"'),
    ),
    page(
        "D0332",
        "More categories than places",
        """Without names `categories` learns as many as the field's type says, from the training
        split; a value that it lacks could not be taken later.""",
        FLOWERS.replace(SIZE, "kind: f32[2] = species -> categories -> one_hot"),
        ("f32[2]", "f32[3]"),
    ),
    page(
        "D0333",
        "Parts of a source with other columns",
        """The files of a source that is given in parts have the same columns.""",
        WEEKS,
        ("weekend", "week"),
    ),
    page(
        "D0334",
        "A pattern that another number of columns match",
        """`columns("p*")` takes each column whose name is like the pattern, with `*` for any
        characters and `?` for one.""",
        PIXELS.replace("f32[16]", "f32[64]"),
        ("f32[64]", "f32[16]"),
    ),
    page(
        "D0335",
        "A column without any value",
        """`impute` learns what to fill from the values that there are.""",
        FLOWERS.replace("[length, width] ->", "[length, notes] -> impute(median) ->"),
        ("impute(median)", "impute(0)"),
    ),
    page(
        "D0336",
        "A folder that gives no pictures",
        """`image_folder` takes a folder with a folder for each class below it, and pictures in
        each of them.""",
        PICTURES.replace("pictures", "lonely"),
        ("lonely", "pictures"),
    ),
    page(
        "D0337",
        "Class folders that are not the labels",
        """The folders that train have all declared labels and no other; other parts have none that
        is not declared.""",
        PICTURES.replace('"dogs"', '"dog"'),
        ('"dog"', '"dogs"'),
    ),
    page(
        "D0338",
        "A file that is no picture",
        """A file with a picture's ending must begin as a JPEG, PNG, BMP, GIF or WebP does.
        `on_error = skip` leaves the others out, and counts them.""",
        PICTURES.replace("pictures", "broken"),
        ("\n}", "\n  on_error = skip\n}"),
    ),
    page(
        "D0339",
        "Pictures of another size",
        """Without `resize` all pictures have the size that the field declares. One channel is
        decoded as grey, three as RGB, whatever the files have.""",
        PICTURES.replace("pictures", "sizes"),
        ("image -> ", "image -> resize(4, 4) -> "),
    ),
    page(
        "D0660",
        "A feature that is the same in each record",
        """A warning: a constant column tells a network nothing about what differs.""",
        LEARNED.replace(SIZE, 'size: f32[2] = site -> categories("north", "south") -> one_hot'),
        ('site -> categories("north", "south") -> one_hot', "[length, width] -> standardize"),
    ),
    page(
        "D0661",
        "Features of very different sizes",
        """A warning: all weights start alike and move in like steps, so that a feature a hundred
        times as large as the others decides for all of them, and values in the thousands make
        steps overshoot. `standardize` gives each column mean 0 and deviation 1.""",
        taught(AREA, "size", "2", "cross_entropy(scores, species)").replace(" -> standardize", ""),
        ("[length, area]", "[length, area] -> standardize"),
    ),
    page(
        "D0662",
        "Pixels as bytes",
        """A warning: pixels from 0 to 255 are a hundred times what layers start out for. Nothing
        is said where the network scales them itself, or begins with a batch norm.""",
        taught(PIXELS, "image", "16", "cross_entropy(scores, label)", 2),
        ('columns("p*")', 'columns("p*") -> scale(1 / 255)'),
    ),
    page(
        "D0663",
        "Grey pictures with three channels",
        """A warning: a grey picture that is read as RGB has three equal channels.""",
        PICTURES.replace("pictures", "grey"),
        ("f32[3, 4, 4]", "f32[1, 4, 4]"),
    ),
    page(
        "D0664",
        "A label that never trains",
        """A warning: a split made by hand, of files or by a column, in which a label stands in the
        validation or test split and never in the training split. So it happens where a file that
        is sorted by label is cut.""",
        PARTS,
        ('train="first.csv", test="last.csv"', '"last.csv"'),
        ("class(3)\n", "class(3)\n  split = stratified(kind, train=0.6, test=0.4, seed=0)\n"),
    ),
    page(
        "D0665",
        "A target far from where predictions start",
        """A warning: predictions start around 0 and move in steps of the rate, so that a target in
        the thousands takes thousands of them. `standardize` is undone for predictions and
        metrics, which stay in the target's own units.""",
        taught(TARGET, "size", "2", "mse_loss(scores, area)", 1),
        ("area: f32[1]", "area: f32[1] = area -> standardize"),
    ),
)
