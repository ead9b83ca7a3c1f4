"""The command line: the only place that prints and exits."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .diagnostics import Diagnostic, to_json, to_text
from .read import Unreadable, read_source

if TYPE_CHECKING:
    from .pipeline import Checked

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


def _version(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        from importlib.metadata import version

        click.echo(f"dlc {version('dlc')}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
@shared
def cli() -> None:
    """Compile small declarative specs of networks into readable, fast PyTorch."""


SPECS = click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
SPEC = click.argument("spec", metavar="SPEC")


def _device(context: click.Context, option: click.Parameter, given: str) -> str:
    """A name that torch gives to a device; whether it is there, the run finds out."""
    if not re.fullmatch(r"auto|cpu|mps|(cuda|xpu)(:\d+)?", given):
        raise click.BadParameter(f"{given!r} is no device: use auto, cpu, cuda, cuda:1 or mps")
    return given


SETTINGS = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a param or a train key."
)


def _checked(path: str, settings: Sequence[str] = ()) -> Checked:
    from .pipeline import Checked, check
    from .source import Source

    found: list[Diagnostic] = []
    source = read_source(path, found.append)
    if source is None:
        return Checked(Source(path, ""), tuple(found), None)
    return check(source, settings)


def _report(checked: Checked, to: Shared) -> None:
    """Show diagnostics: text goes to standard error, JSON to standard output."""
    for diagnostic in checked.diagnostics:
        if not (to.quiet and diagnostic.severity != "error"):
            click.echo(to_text(diagnostic, to.colour) + "\n", err=True)


def _as_json(checked: Checked) -> str:
    diagnostics = [to_json(each) for each in checked.diagnostics]
    return json.dumps({"file": checked.source.path, "ok": checked.ok, "diagnostics": diagnostics})


@cli.command()
@SPECS
@SETTINGS
@shared
@click.pass_obj
def check(to: Shared, specs: tuple[str, ...], settings: tuple[str, ...]) -> int:
    """Everything that can be known without training."""
    good = True
    for path in specs:
        checked = _checked(path, settings)
        good = good and checked.ok
        if to.json:
            click.echo(_as_json(checked))
            continue
        _report(checked, to)
        if checked.ok and not to.quiet:
            click.echo(f"{path}: good")
    return 0 if good else FAULTY


@cli.command()
@SPECS
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail if it would.")
@click.option("--diff", "show_diff", is_flag=True, help="Change nothing; show what would change.")
@shared
@click.pass_obj
def fmt(to: Shared, specs: tuple[str, ...], only_check: bool, show_diff: bool) -> int:
    """The one layout, comments kept."""
    from .fmt import fmt as formatted
    from .parse import parse
    from .pipeline import Checked

    code = 0
    for path in specs:
        found: list[Diagnostic] = []
        source = read_source(path, found.append)
        spec = parse(source, found.append) if source is not None else None
        if source is None or spec is None:
            from .source import Source

            failed = Checked(source or Source(path, ""), tuple(found), None)
            if to.json:
                click.echo(_as_json(failed))
            else:
                _report(failed, to)
            code = FAULTY
            continue
        text = formatted(spec)
        changed = text != _as_it_stands(path, source.text)
        if to.json:
            click.echo(json.dumps({"file": path, "ok": True, "changed": changed}))
        if show_diff and changed:
            from difflib import unified_diff

            lines = source.text.splitlines(True), text.splitlines(True)
            click.echo("".join(unified_diff(*lines, path, path)), nl=False)
        if only_check or show_diff:
            if changed:
                code = FAULTY
                if not show_diff and not to.json:
                    click.echo(f"{path}: `dlc fmt` would change it", err=True)
        elif path == "-":
            click.echo(text, nl=False)
        elif changed:
            from .write import replace_file

            replace_file(path, text)
            if not to.quiet and not to.json:
                click.echo(f"{path}: formatted")
    return code


def _as_it_stands(path: str, text: str) -> str:
    """The file's exact text: line ends and byte order mark are part of the layout."""
    if path == "-":
        return text
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


@cli.command()
@SPEC
@click.option("-o", "--output", default=".", metavar="DIR", help="Where the package goes.")
@click.option("--check", "only_check", is_flag=True, help="Fail if what is there is not current.")
@SETTINGS
@shared
@click.pass_obj
def compile(to: Shared, spec: str, output: str, only_check: bool, settings: tuple[str, ...]) -> int:
    """Emit the Python package DIR/<spec>/."""
    from .pipeline import compile as compiled
    from .write import differences, replace_folder

    checked = _checked(spec, settings)
    _report(checked, to) if not to.json else click.echo(_as_json(checked))
    if checked.program is None:
        return FAULTY
    package = compiled(checked.program, checked.source)
    folder = os.path.join(output, package.name)
    if only_check:
        stale = differences(folder, package.files)
        for name in stale:
            click.echo(f"{os.path.join(folder, name)}: not what the spec compiles to", err=True)
        return FAULTY if stale else 0
    replace_folder(folder, package.files)
    if not to.quiet and not to.json:
        renamed = "" if package.name == package.stem else f" (a safe name for {package.stem})"
        click.echo(f"{folder}{os.sep}: {', '.join(sorted(package.files))}{renamed}")
    return 0


@cli.command()
@SPEC
@SETTINGS
@click.option("--device", default="auto", callback=_device, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--out", default="runs", metavar="DIR", help="Where run folders go.")
@click.option("--data", multiple=True, metavar="DIR", help="A further folder to look for data in.")
@shared
@click.pass_obj
def run(
    to: Shared,
    spec: str,
    settings: tuple[str, ...],
    device: str,
    out: str,
    data: tuple[str, ...],
) -> int:
    """Compile and train; ends with metrics, expectations, and where everything lies."""
    from .execute import new_run, trained
    from .pipeline import compile as compiled

    checked = _checked(spec, settings)
    if to.json and checked.program is None:
        click.echo(_as_json(checked))
    elif not to.json:
        _report(checked, to)
    if checked.program is None:
        return FAULTY
    if not checked.program.trainings:
        _usage(f"{spec} trains nothing", "write a `train` block, or use `dlc compile`")
    package = compiled(checked.program, checked.source)
    folder = new_run(out, package, checked.source.text, settings)
    base = os.path.dirname(os.path.abspath(spec)) if spec != "-" else os.getcwd()
    return trained(
        folder,
        package.name,
        device=device,
        data=data,
        spec_folder=base,
        quiet=to.quiet,
        as_json=to.json,
    )


@cli.command()
@click.argument("run", metavar="RUN")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--device", default="cpu", callback=_device, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--out", default="runs", metavar="DIR", help="Where run folders are.")
@shared
@click.pass_obj
def predict(to: Shared, run: str, inputs: tuple[str, ...], device: str, out: str) -> int:
    """Predictions for pictures, CSV, JSON lines, or `-`; RUN is a run folder or a spec."""
    from .execute import NoRun, find_run, predicted

    try:
        folder, name = find_run(run, out)
    except NoRun as why:
        _usage(str(why), "train first: `dlc run SPEC`")
    return predicted(folder, name, inputs=inputs, device=device, as_json=to.json)


@cli.command()
@SPEC
@click.option("--model", "wanted", metavar="NAME", help="Which model, where there are several.")
@SETTINGS
@shared
@click.pass_obj
def summary(to: Shared, spec: str, wanted: str | None, settings: tuple[str, ...]) -> int:
    """The layers of a model: sizes, parameters, operations."""
    from .summary import summary as summarised
    from .summary import table

    checked = _checked(spec, settings)
    if checked.program is None:
        click.echo(_as_json(checked)) if to.json else _report(checked, to)
        return FAULTY
    models = checked.program.models
    if not models:
        _usage(f"{spec} has no model", "write a `model` block")
    if wanted is not None and wanted not in models:
        _usage(f"{spec} has no model `{wanted}`", f"there is: {', '.join(models)}")
    found = summarised(models[wanted or list(models)[-1]], checked.source.path)
    click.echo(json.dumps(found) if to.json else table(found))
    return 0


@cli.command()
@click.argument("word", metavar="CODE|LAYER")
@shared
@click.pass_obj
def explain(to: Shared, word: str) -> int:
    """A page about a message's code, a layer, a function, a loss, a source, …"""
    from .explain import explain as explained
    from .explain import nearest_word

    page = explained(word)
    if page is None:
        close = nearest_word(word)
        _usage(f"there is no page about `{word}`", f"did you mean `{close}`?" if close else "")
    click.echo(json.dumps({"word": word, "page": page}) if to.json else page)
    return 0


def _usage(message: str, help: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if help:
        click.echo(f"help: {help}", err=True)
    raise SystemExit(USAGE)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; a fault of our own is one marked line."""
    state = Shared()
    try:
        code = cli.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="dlc",
            standalone_mode=False,
            obj=state,
        )
    except click.ClickException as fault:
        fault.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except Unreadable as fault:
        click.echo(f"error: {fault.message}\nhelp: {fault.help}", err=True)
        code = USAGE
    except OSError as fault:
        place = f" ({fault.filename})" if fault.filename else ""
        click.echo(f"error: {fault.strerror or fault}{place}", err=True)
        code = USAGE
    except Exception as fault:
        if state.debug:
            raise
        click.echo(
            f"dlc has a fault of its own ({type(fault).__name__}: {fault}). Please report it; "
            "`--debug` shows where.",
            err=True,
        )
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    raise SystemExit(code or 0)
