"""What commands may be told, and how they refuse what they were told."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

FAULTY, USAGE, RAN_INTO = 1, 2, 3


class Shared:
    """What every command may be told, before or behind its name."""

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
        self.debug = False


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that all have."""

    def noted(name: str, value: Any) -> Callable[[click.Context, click.Parameter, bool], None]:
        def note(context: click.Context, _: click.Parameter, given: bool) -> None:
            if given:
                setattr(context.ensure_object(Shared), name, value)

        return note

    for names, name, value, words in (
        (("--json",), "json", True, "Print JSON lines."),
        (("-q", "--quiet"), "quiet", True, "Print faults and results only."),
        (("--no-color",), "colour", False, "Print without colours (as NO_COLOR does)."),
        (("--debug",), "debug", True, "Show tracebacks of faults in dlc itself."),
    ):
        command = click.option(
            *names, is_flag=True, expose_value=False, callback=noted(name, value), help=words
        )(command)
    return command


SPECS = click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
SPEC = click.argument("spec", metavar="SPEC")


def _device(context: click.Context, option: click.Parameter, given: str) -> str:
    """A name that torch gives to a device; whether it is there, the run finds out."""
    if not re.fullmatch(r"auto|cpu|mps|(cuda|xpu)(:\d+)?", given):
        raise click.BadParameter(f"{given!r} is no device: use auto, cpu, cuda, cuda:1 or mps")
    return given


def device_option(default: str) -> Callable[..., Any]:
    """`--device`, checked as far as it can be without torch."""
    return click.option(
        "--device", default=default, callback=_device, help="auto, cpu, cuda, cuda:1, mps."
    )


SETTINGS = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a param or a train key."
)


def _modules(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> Any:
    for each in given:
        if not all(part.isascii() and part.isidentifier() for part in each.split(".")):
            raise click.BadParameter(f"{each!r} is no module: write package.module")
    return given


ALLOW = click.option(
    "--allow",
    multiple=True,
    metavar="MODULE",
    callback=_modules,
    help="Let the spec bring in this module of Python, whose code will run.",
)
DATA = click.option(
    "--data", multiple=True, metavar="DIR", help="A further folder to look for data in."
)
OUT = click.option("--out", default="runs", metavar="DIR", help="Where run folders are.")
MODEL = click.option(
    "--model",
    "wanted",
    metavar="NAME",
    help="Which model or declared prediction, where there are several; without it the last model.",
)
WEIGHTS = click.option(
    "--weights",
    type=click.Choice(["last", "best"]),
    default="last",
    help="Those of the end, or those that did best on the validation split.",
)


def usage(message: str, help: str) -> NoReturn:
    """End with what is wrong with the command itself, and something to do."""
    click.echo(f"error: {message}", err=True)
    if help:
        click.echo(f"help: {help}", err=True)
    raise SystemExit(USAGE)
