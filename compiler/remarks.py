"""Which comments stand where in the layout."""

from __future__ import annotations

from .layout import BLANK, NEW, Document, Remark
from .tree import Comment, Spec


class Remarks:
    """A spec's comments, handed out in order as the layout passes their places."""

    def __init__(self, spec: Spec) -> None:
        self.text = spec.source.text
        self.waiting = list(reversed(spec.comments))

    def within(self, start: int, end: int) -> bool:
        """Whether one of those that wait stands between two places."""
        for comment in reversed(self.waiting):
            if comment.start >= end:
                return False
            if comment.start >= start:
                return True
        return False

    def take(self, before: int) -> list[Comment]:
        """Those that stand before a place and have not been taken yet."""
        taken = []
        while self.waiting and self.waiting[-1].start < before:
            taken.append(self.waiting.pop())
        return taken

    def here(self, before: int) -> list[Document]:
        """What precedes a list's item: comments behind the last one, then comments of their own."""
        out: list[Document] = []
        for comment in self.take(before):
            out += (
                [Remark(comment.text)]
                if self.trails(comment) and not out
                else [
                    NEW,
                    comment.text,
                ]
            )
        return out

    def trails(self, comment: Comment) -> bool:
        """Whether something stands before it on its line."""
        line = self.text.rfind("\n", 0, comment.start) + 1
        return bool(self.text[line : comment.start].strip())

    def gap(self, end: int | None, start: int) -> Document:
        """The new line between two statements, with the blank line that the author left."""
        blank = end is not None and self.text.count("\n", end, start) > 1
        return BLANK if blank else NEW

    def closing(self, bracket: str, place: int) -> int:
        """Where a bracket next stands from a place on, outside comments."""
        for comment in reversed(self.waiting):
            found = self.text.index(bracket, place)
            if found < comment.start:
                return found
            place = max(place, comment.end)
        return self.text.index(bracket, place)
