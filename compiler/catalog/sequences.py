"""Records in an order: windows of what came before, what comes after, and splits by time."""

from __future__ import annotations

from ..dims import dim
from ..layers.record import Args, Mismatch
from ..tensor import Type
from .record import Record, Step
from .texts import described

LETTERS = "text -> characters -> vocabulary(80) -> window(64)"
VALUES = "column -> standardize -> window(24)"


def window(x: Type, a: Args) -> Type | Mismatch:
    """So many values that end at a record, or so many tokens that begin at a place."""
    size = dim(a["size"])
    if x.dtype == "ids":
        return Type("i64", (size,), tokens=x.tokens)
    if x.dtype in ("text", "words"):
        return Mismatch(
            f"it takes numbers or tokens, and {described(x)}", write=LETTERS, code="D0559"
        )
    if x.tokens is not None:
        return Mismatch("tokens are in a window already, or padded", write=LETTERS, code="D0559")
    return x.shaped(size, *x.shape) if x.dtype != "raw" else Type("f32", (size, *x.shape))


def ahead(x: Type, a: Args) -> Type | Mismatch:
    """The same of a later record."""
    if x.dtype in ("ids", "words") or (x.tokens is not None and not x.shape):
        why = f"it looks ahead from a window or a value, and {described(x)}"
        return Mismatch(why, write=f"{LETTERS} -> ahead(1)", code="D0559")
    return x


def lower(x: Type, a: Args) -> Type | Mismatch:
    """A text in small letters."""
    if x.shape or x.dtype not in ("raw", "text"):
        why = f"it takes a text, and {described(x)}"
        return Mismatch(why, write="text -> lower -> words", code="D0559")
    return Type("text", ())


def tokenize(x: Type, a: Args) -> Type | Mismatch:
    """A text as the tokens of a tokenizer's file."""
    if x.shape or x.dtype not in ("raw", "text"):
        why = f"it takes a text, and {described(x)}"
        return Mismatch(why, write='text -> tokenize("bpe.json") -> pad(100)', code="D0559")
    if a["size"] is None:
        why = "how many tokens the file has is not declared"
        return Mismatch(why, write="token(30000)[100]", code="D0559")
    return Type("ids", (), tokens=a["size"])


def declared(a: Args, x: Type, of: Type, last: bool) -> Args:
    """A tokenizer has as many tokens as the field's type says."""
    return a if a["size"] is not None else {**a, "size": of.tokens or of.classes}


SEQUENCE_STEPS = (
    Step(
        "window",
        "size: size",
        "the values of so many records that end at this one; of a text, so many tokens that begin "
        "at this place",
        VALUES,
        module="dlc.runtime.sequences",
        code="Window",
        gives=window,
    ),
    Step(
        "ahead",
        "count: size",
        "what stands there so many records later; of a window, the same one so many steps later",
        "column -> standardize -> ahead(1)",
        module="dlc.runtime.sequences",
        code="Ahead",
        gives=ahead,
    ),
    Step(
        "lower",
        "",
        "a text in small letters",
        "text -> lower -> words",
        module="dlc.runtime.texts",
        code="Lower",
        gives=lower,
    ),
    Step(
        "tokenize",
        "path: string, size: size? = None",
        "a text as the tokens of a tokenizer's file, as many as the field's type says",
        'text -> tokenize("bpe.json") -> pad(100)',
        module="dlc.runtime.tokens",
        code="Tokenize",
        gives=tokenize,
        completed=declared,
    ),
)
SHARES = "train: share? = None, validation: share? = None, test: share? = None"
SEQUENCE_SPLITS = (
    Record(
        "chronological",
        SHARES,
        "the first records train, the last ones test: nothing is learned from what comes later",
        "chronological(train=0.8, test=0.2)",
        module="dlc.runtime.ordered_splits",
        code="chronological_split",
    ),
    Record(
        "by_group",
        f"column: column, {SHARES}, seed: int = 0",
        "as random, but records with one value of a raw column stay together",
        "by_group(patient, train=0.8, test=0.2, seed=0)",
        module="dlc.runtime.ordered_splits",
        code="group_split",
    ),
)
