"""Data steps from texts and names to numbers, with their rules of types.

What is no tensor yet has dtypes of its own: "raw" is a column of a file, not read yet, "number"
and "text" are data that stand in the spec, "words" a list of strings, "ids" a list of tokens,
"sound" what a file has in samples, of any number.
"""

from __future__ import annotations

from ..dims import dim
from ..layers.record import Args, Mismatch
from ..tensor import Type
from .record import Step

SEVERAL_COLUMNS = "it takes one column, and here come several: write a field for each"
CHAIN = "text -> words -> vocabulary(1000) -> pad(100)"
TYPICAL = ("mean", "median", "most_frequent")


def described(x: Type) -> str:
    """`here comes a text`: what a step gets, in words."""
    if x.tokens is not None:
        return "here come tokens"
    if x.classes is not None:
        return "here come labels"
    single = {"raw": "a column", "text": "a text", "words": "a list of words", "sound": "a sound"}
    return f"here comes {single[x.dtype]}" if x.dtype in single else "here come numbers"


def impute(x: Type, a: Args) -> Type | Mismatch:
    """Holes are filled before anything else happens to a column."""
    value = a["value"]
    textual = isinstance(value, str) and value not in TYPICAL
    if x.dtype in ("words", "ids") or (x.tokens is not None):
        write = 'text -> impute("") -> words'
        return Mismatch("holes are filled in the column itself", write=write, code="D0530")
    if x.dtype in ("raw", "text"):
        if value in TYPICAL[:2]:
            if x.dtype == "text":
                write = "impute(most_frequent)"
                return Mismatch(f"there is no {value} of texts", write=write, code="D0530")
            return Type("f32", x.shape)
        return Type("text", x.shape) if textual else x
    if textual:
        why = f'here come numbers, whose holes cannot become "{value}"'
        return Mismatch(why, write="impute(0)", code="D0530")
    return x if x.classes is not None else Type("f32", x.shape)


def pieces(x: Type, a: Args) -> Type | Mismatch:
    """A text becomes a list of strings."""
    if x.shape:
        return Mismatch(SEVERAL_COLUMNS, code="D0534")
    if x.dtype not in ("raw", "text"):
        return Mismatch(f"it cuts texts, and {described(x)}", write=CHAIN, code="D0530")
    return Type("words", ())


def vocabulary(x: Type, a: Args) -> Type | Mismatch:
    """A list of strings becomes a list of tokens."""
    if x.dtype != "words":
        why = f"it counts words or characters, and {described(x)}"
        return Mismatch(why, write=CHAIN, code="D0530")
    if a["size"] < 3:
        why = "0 is padding and 1 an unknown word, so that there is no place for a word"
        return Mismatch(why, write="vocabulary(1000)", code="D0530")
    return Type("ids", (), tokens=a["size"])


def pad(x: Type, a: Args) -> Type | Mismatch:
    """A list of tokens becomes a row of one length, a sound one of so many samples."""
    if x.dtype == "sound":
        return Type("f32", (dim(a["length"]),))
    if x.dtype != "ids":
        why = f"it takes the tokens of a vocabulary or a sound, and {described(x)}"
        return Mismatch(why, write=CHAIN, code="D0530")
    return Type("i64", (dim(a["length"]),), tokens=x.tokens)


def categories(x: Type, a: Args) -> Type | Mismatch:
    """A name becomes its number."""
    names = a["names"]
    if x.shape:
        return Mismatch(SEVERAL_COLUMNS, code="D0534")
    if x.dtype not in ("raw", "number", "text"):
        why = f"it takes names, and {described(x)}"
        return Mismatch(why, write='column -> categories("a", "b") -> one_hot', code="D0530")
    if names and len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        return Mismatch(f'"{twice}" is named twice', code="D0533")
    count = a["count"] or len(names)
    if names and count != len(names):
        return Mismatch(f"{len(names)} names are given, and count is {count}", code="D0533")
    if names and count < 2:
        return Mismatch("one category tells nothing", code="D0533")
    if count < 2:
        write = "f32[5] = column -> categories -> one_hot"
        return Mismatch("how many there are is not declared", write=write, code="D0537")
    return Type("i64", (), classes=count, labels=names or None)


def counted(a: Args, x: Type, declared: Type, last: bool) -> Args:
    """Categories to be learned are as many as the field's type says."""
    if a["names"] or a["count"] is not None:
        return a
    count = declared.classes or declared.tokens
    if count is None and not last and declared.shape:
        count = declared.shape[-1].value
    return {**a, "count": count}


def one_hot(x: Type, a: Args) -> Type | Mismatch:
    """A number below k becomes k numbers."""
    count = a["num_classes"]
    if x.shape and x.tokens is None:
        return Mismatch(SEVERAL_COLUMNS, code="D0534")
    if x.classes is None and (count is None or x.dtype not in ("raw", "number")):
        why = f"it takes labels of a known number, and {described(x)}"
        return Mismatch(why, write='column -> categories("a", "b") -> one_hot', code="D0530")
    if x.classes is not None and x.classes != count:
        return Mismatch(f"there are {x.classes} labels, and num_classes is {count}", code="D0533")
    return Type("f32", (*x.shape, dim(count)))


def placed(a: Args, x: Type, declared: Type, last: bool) -> Args:
    """One-hot rows are as long as there are labels."""
    return a if a["num_classes"] is not None else {**a, "num_classes": x.classes}


TEXT_STEPS = (
    Step(
        "impute",
        "value: imputation",
        "holes become the mean, the median, the most frequent value, a number or a text",
        "bedrooms -> impute(median)",
        module="dlc.runtime.steps",
        code="Impute",
        gives=impute,
        learns=True,
    ),
    Step(
        "words",
        "lower: bool = True",
        "a text as the list of its words: letters and digits of any script, with apostrophes "
        "inside; lower-cased",
        CHAIN,
        module="dlc.runtime.texts",
        code="Words",
        gives=pieces,
    ),
    Step(
        "characters",
        "lower: bool = False",
        "a text as the list of its characters, spaces too",
        "text -> characters -> vocabulary(80) -> pad(200)",
        module="dlc.runtime.texts",
        code="Characters",
        gives=pieces,
    ),
    Step(
        "vocabulary",
        "size: size",
        "the number of each word or character: 0 is padding, 1 unknown, then the most frequent "
        "of the training split, equally frequent ones in the order of the alphabet",
        CHAIN,
        module="dlc.runtime.texts",
        code="Vocabulary",
        gives=vocabulary,
        learns=True,
    ),
    Step(
        "pad",
        "length: size, side: left|right = 'right'",
        "rows of one length: what is longer is cut, what is shorter filled with 0, at that side",
        CHAIN,
        module="dlc.runtime.texts",
        code="Pad",
        gives=pad,
    ),
    Step(
        "categories",
        "*names: strings = (), count: size? = None",
        "the number of each name; without names, those of the training split, as many as the "
        "field's type says, sorted",
        'proximity -> categories("INLAND", "ISLAND", "NEAR BAY") -> one_hot',
        module="dlc.runtime.categories",
        code="Categories",
        gives=categories,
        learns=True,
        completed=counted,
    ),
    Step(
        "one_hot",
        "num_classes: size? = None",
        "a label as zeros with a one in its place",
        'sex -> categories("female", "male") -> one_hot',
        module="dlc.runtime.categories",
        code="OneHot",
        gives=one_hot,
        completed=placed,
    ),
)
