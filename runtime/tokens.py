"""The step `Tokenize`: texts as the tokens of a tokenizer's file, which `tokenizers` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, missing_package
from .steps import Fixed, State, known
from .table import Array, find
from .texts import rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Tokenize(Fixed):
    """The tokens of a text by the file `path`, at most `size` different ones.

    The file is read when the data is loaded; what it holds is saved with the weights. Padding and
    cutting that it asks for are left to the step behind.
    """

    def __init__(self, path: str, size: int) -> None:
        self.path = path
        self.size = size
        self.tokenizer: Tokenizer | None = None

    def open(self, folders: Sequence[str | Path]) -> None:
        """Read the file, looked for as that of a source is; a DataError where it is none."""
        place = find(self.path, folders)
        try:
            self._take(place.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, _Unreadable) as why:
            raise DataError(
                f"{place} is no file of a tokenizer: {why}.",
                'Write one with the package tokenizers: tokenizer.save("bpe.json")',
                str(place),
            ) from why
        count = known(self.tokenizer).get_vocab_size()
        if count > self.size:
            raise DataError(
                f"{place} has {count:,} tokens, and the field declares {self.size:,}.",
                f"Declare token({count}).",
                str(place),
            )

    def apply(self, array: Array) -> Array:
        found = known(self.tokenizer).encode_batch(array.tolist())
        return rows(each.ids for each in found)

    def pieces(self, text: str) -> NDArray[np.int64]:
        """[T]: the tokens of one long text."""
        return np.array(known(self.tokenizer).encode(text).ids, np.int64)

    def inverse(self, array: Array) -> Array:
        """The texts that rows of tokens stand for, padding left out."""
        tokenizer = known(self.tokenizer)
        numbers = array.astype(np.int64).tolist()
        return rows(tokenizer.decode([each for each in row if each]) for row in numbers)

    def labels(self, count: int) -> tuple[str, ...]:
        """What `count` numbers stand for, in the tokenizer's own spelling."""
        tokenizer = known(self.tokenizer)
        return tuple(tokenizer.id_to_token(number) or f"<{number}>" for number in range(count))

    def state(self) -> State:
        return {"tokenizer": known(self.tokenizer).to_str()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._take(state["tokenizer"])

    def _take(self, text: str) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise missing_package(f'`tokenize("{self.path}")`', "tokenizers", "text") from None
        try:
            self.tokenizer = Tokenizer.from_str(text)
        except Exception as why:  # the package raises nothing narrower
            raise _Unreadable(why) from why
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()


class _Unreadable(ValueError):
    """What the package tokenizers says of a text that it cannot read."""
