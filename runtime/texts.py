"""Steps that turn texts into numbers: words or characters, their vocabulary, and one length.

Between the steps an array [N] holds one list a record: of words, then of their numbers.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np

from .steps import Fixed, State, known
from .table import Array

PADDING = 0
UNKNOWN = 1
# Letters and digits of any script, and an apostrophe between two of them.
WORD = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W_]+)*")


class _Pieces(Fixed, ABC):
    """A text as a list of strings."""

    between: ClassVar[str]  # what joins the pieces to a text again
    unknown: ClassVar[str]  # what is shown for a piece that the vocabulary does not have

    def __init__(self, lower: bool) -> None:
        self.lower = lower

    @abstractmethod
    def _cut(self, text: str) -> list[str]: ...

    def apply(self, array: Array) -> Array:
        # Composed: an accented letter is one character however the source writes it.
        composed = (unicodedata.normalize("NFC", text) for text in array.tolist())
        return rows(self._cut(text.lower() if self.lower else text) for text in composed)

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
        counts = Counter(chain.from_iterable(array.tolist()))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self._take(ranked[: self.size - 2])

    def apply(self, array: Array) -> Array:
        known(self.words)
        number = self.numbers.get
        return rows([number(word, UNKNOWN) for word in words] for words in array.tolist())

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

    def _take(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.numbers = {word: number for number, word in enumerate(self.words, UNKNOWN + 1)}


class Pad(Fixed):
    """Lists of numbers as rows of one length: what is too long is cut and what is too short
    filled with 0, both at `side`."""

    def __init__(self, length: int, side: str = "right") -> None:
        self.length = length
        self.side = side

    def apply(self, array: Array) -> Array:
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


def rows(values: Iterable[object]) -> Array:
    """[N] of any objects, lists too, which numpy would take apart."""
    every = list(values)
    array = np.empty(len(every), object)
    for row, value in enumerate(every):
        array[row] = value
    return array
