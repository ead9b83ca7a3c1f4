"""Steps that turn texts into numbers: words or characters, their vocabulary, and one length.

Between the steps an array [N] holds one list a record: of words, then of their numbers. Of one
long text the pieces are a flat array instead: u32 code points of characters, or words.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .steps import Fixed, State, known
from .table import Array

PADDING = 0
UNKNOWN = 1
PADDED = "<padding>"  # what is shown for padding among labels
# Letters and digits of any script, and an apostrophe between two of them.
WORD = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W_]+)*")


class Lower(Fixed):
    """A text in small letters; holes stay."""

    def apply(self, array: Array) -> Array:
        return rows(None if text is None else text.lower() for text in array.tolist())

    def inverse(self, array: Array) -> Array:
        """The texts as they are: what was large is not known."""
        return array


class _Pieces(Fixed, ABC):
    """A text as a list of strings."""

    between: ClassVar[str]  # what joins the pieces to a text again
    unknown: ClassVar[str]  # what is shown for a piece that the vocabulary does not have

    def __init__(self, lower: bool) -> None:
        self.lower = lower

    @abstractmethod
    def _cut(self, text: str) -> list[str]: ...

    def apply(self, array: Array) -> Array:
        return rows(self._cut(self._composed(text)) for text in array.tolist())

    def pieces(self, text: str) -> Array:
        """[T]: the pieces of one long text."""
        return rows(self._cut(self._composed(text)))

    def _composed(self, text: str) -> str:
        # An accented letter is one character however the source writes it.
        composed = unicodedata.normalize("NFC", text)
        return composed.lower() if self.lower else composed

    def inverse(self, array: Array) -> Array:
        """The pieces joined, as text to read: spaces and signs between words are gone."""
        shown = (
            self.between.join(self.unknown if piece is None else piece for piece in pieces)
            for pieces in array.tolist()
        )
        return rows(shown)


class Words(_Pieces):
    """The words of a text: runs of letters and digits, with apostrophes inside: `don't`."""

    between = " "
    unknown = "<unknown>"

    def __init__(self, lower: bool = True) -> None:
        super().__init__(lower)

    def _cut(self, text: str) -> list[str]:
        return WORD.findall(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


class Characters(_Pieces):
    """The characters of a text, one code point each, spaces too."""

    between = ""
    unknown = "\N{REPLACEMENT CHARACTER}"

    def __init__(self, lower: bool = False) -> None:
        super().__init__(lower)

    def _cut(self, text: str) -> list[str]:
        return list(text)

    def pieces(self, text: str) -> NDArray[np.uint32]:
        """[T]: the code points of one long text."""
        encoded = self._composed(text).encode("utf-32-le", "surrogatepass")
        return np.frombuffer(encoded, np.uint32)


class Vocabulary:
    """The number of each word: 0 is padding, 1 a word that is not known, then the most frequent.

    Of equally frequent words the first by code points goes first.
    """

    learns = True

    def __init__(self, size: int) -> None:
        self.size = size
        self.words: tuple[str, ...] | None = None
        self.numbers: Mapping[str, int] = {}

    def fit(self, array: Array) -> None:
        self._rank(Counter(chain.from_iterable(array.tolist())))

    def fit_pieces(self, pieces: Array) -> None:
        """As `fit` to the pieces [T] of a long text."""
        if pieces.dtype != np.uint32:
            return self._rank(Counter(pieces.tolist()))
        codes, counts = _counted(pieces)
        self._rank(dict(zip(map(chr, codes), counts, strict=True)))

    def apply(self, array: Array) -> Array:
        known(self.words)
        number = self.numbers.get
        return rows([number(word, UNKNOWN) for word in words] for words in array.tolist())

    def apply_pieces(self, pieces: Array) -> NDArray[np.int64]:
        """[T]: the numbers of the pieces of a long text."""
        words = known(self.words)
        if pieces.dtype != np.uint32:
            found = (self.numbers.get(piece, UNKNOWN) for piece in pieces.tolist())
            return np.fromiter(found, np.int64, len(pieces))
        codes = [ord(word) for word in words]
        table = np.full(max([*codes, int(pieces.max(initial=0))]) + 1, UNKNOWN)
        table[codes] = np.arange(UNKNOWN + 1, UNKNOWN + 1 + len(codes))
        return table[pieces]

    def labels(self, count: int, between: str) -> tuple[str, ...]:
        """What `count` numbers stand for: padding, unknown, the words, and what is left over."""
        unknown = Characters.unknown if between == Characters.between else Words.unknown
        named = (PADDED, unknown, *known(self.words))[:count]
        return (*named, *(f"<{number}>" for number in range(len(named), count)))

    def inverse(self, array: Array) -> Array:
        """The words; None for what is not known, nothing for padding."""
        every = (None, None, *known(self.words))
        count = len(every)
        return rows(
            [every[number] if number < count else None for number in numbers if number != PADDING]
            for numbers in array.astype(np.int64).tolist()
        )

    def state(self) -> State:
        return {"words": list(known(self.words))}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._take(state["words"])

    def _rank(self, counts: Mapping[str, int]) -> None:
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self._take(ranked[: self.size - 2])

    def _take(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.numbers = {word: number for number, word in enumerate(self.words, UNKNOWN + 1)}


class Pad(Fixed):
    """Lists of numbers, or sounds, as rows of one length: what is too long is cut and what is too
    short filled with 0, both at `side`."""

    def __init__(self, length: int, side: str = "right") -> None:
        self.length = length
        self.side = side

    def apply(self, array: Array) -> Array:
        if array.dtype != object:  # sounds, which have the length from their reading on
            return array
        padded = np.full((len(array), self.length), PADDING, np.int64)
        for row, numbers in zip(padded, array.tolist(), strict=True):
            count = min(len(numbers), self.length)
            if not count:
                continue
            if self.side == "left":
                row[-count:] = numbers[-count:]
            else:
                row[:count] = numbers[:count]
        return padded

    def inverse(self, array: Array) -> Array:
        """The rows as they are: the vocabulary leaves the padding out."""
        return array


def _counted(codes: Array) -> tuple[list[int], list[int]]:
    """The code points that there are, and how often each is."""
    counts = np.bincount(codes)
    present = np.flatnonzero(counts)
    return present.tolist(), counts[present].tolist()


def rows(values: Iterable[object]) -> Array:
    """[N] of any objects, lists too, which numpy would take apart."""
    every = list(values)
    array = np.empty(len(every), object)
    for row, value in enumerate(every):
        array[row] = value
    return array
