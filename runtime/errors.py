"""What can go wrong while a program runs, told to the person who started it."""


class DataError(Exception):
    """Data is missing, damaged, or not what the spec declares.

    `message` is one or more whole sentences and is also the text of the exception,
    `help` is something to do or to type, `place` the file or folder at fault, if there is one.
    """

    exit_code = 3

    def __init__(self, message: str, help: str, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.place = place

    def __reduce__(self) -> tuple[type["DataError"], tuple[str, str, str | None]]:
        # The default would call the class with the message alone in another process.
        return type(self), (self.message, self.help, self.place)


class MissingPackage(DataError):
    """A package that only some specs need is not installed; the message names what brings it."""

    exit_code = 4


def missing_package(what: str, package: str, extra: str) -> MissingPackage:
    """`what` needs a package that an extra of dlc installs."""
    return MissingPackage(
        f"{what} needs the package {package}, which is not installed.",
        f'Install it: pip install "dlc[{extra}]"',
    )
