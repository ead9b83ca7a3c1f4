"""What comes from Python, in the files that import it: under its own name where that is free."""

from __future__ import annotations

from collections.abc import Iterable


class Outside:
    """The imports of one file from modules that a person allowed; `taken` are its own names."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.names: dict[str, str] = {}

    def name(self, place: str) -> str:
        """The name that the file has for `package.module:Callable`."""
        if place not in self.names:
            name = place.partition(":")[2]
            while name in self.taken:
                name += "_"
            self.taken.add(name)
            self.names[place] = name
        return self.names[place]

    @property
    def imports(self) -> dict[str, set[str]]:
        """What stands behind `from module import`, by module."""
        found: dict[str, set[str]] = {}
        for place, name in self.names.items():
            module, _, own = place.partition(":")
            found.setdefault(module, set()).add(own if own == name else f"{own} as {name}")
        return found
