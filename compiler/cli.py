"""The command line: with `options`, `checking`, `packaging` and `ask`, what prints and exits."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from .ask import evaluate, predict
from .checking import checked_file, json_line, show
from .diagnostics import Diagnostic
from .options import (
    ALLOW,
    DATA,
    FAULTY,
    RAN_INTO,
    SETTINGS,
    SPEC,
    SPECS,
    USAGE,
    Shared,
    device_option,
    shared,
    usage,
)
from .packaging import compile
from .read import Unimportable, Unreadable, read_source


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


@cli.command()
@SPECS
@SETTINGS
@shared
@click.pass_obj
def check(to: Shared, specs: tuple[str, ...], settings: tuple[str, ...]) -> int:
    """Everything that can be known without training."""
    good = True
    for path in specs:
        checked = checked_file(path, settings)
        good = good and checked.ok
        if to.json:
            click.echo(json_line(checked))
            continue
        show(checked, to)
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
                click.echo(json_line(failed))
            else:
                show(failed, to)
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
@click.argument("spec", metavar="SPEC", required=False)
@SETTINGS
@device_option("auto")
@click.option("--out", default="runs", metavar="DIR", help="Where run folders go.")
@DATA
@ALLOW
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    metavar="[RUN]",
    help="Go on with a run that was cut short: this spec's newest, or the one in a folder.",
)
@shared
@click.pass_obj
def run(
    to: Shared,
    spec: str | None,
    settings: tuple[str, ...],
    device: str,
    out: str,
    data: tuple[str, ...],
    allow: tuple[str, ...],
    resume: str | None,
) -> int:
    """Compile and train; ends with metrics, expectations, and where everything lies."""
    from .execute import new_run, trained
    from .pipeline import emitted
    from .summary import trained as summaries

    options = {"device": device, "data": data, "quiet": to.quiet, "as_json": to.json}
    options["debug"] = to.debug
    if resume and spec is None and not os.path.isdir(resume):
        spec, resume = resume, ""
    if spec is None and not resume:
        raise click.MissingParameter(param_hint="SPEC", param_type="argument")
    base = os.path.dirname(os.path.abspath(spec)) if spec not in (None, "-") else os.getcwd()
    options["spec_folder"] = base if spec is not None else None
    if resume is not None:
        code = _resumed(to, resume, spec, settings, out, options)
        if code is not None:
            return code
    assert spec is not None
    checked, package = emitted(checked_file(spec, settings), allow)
    if to.json and checked.program is None:
        click.echo(json_line(checked))
    elif not to.json:
        show(checked, to)
    if checked.program is None or package is None:
        return FAULTY
    if not checked.program.trainings:
        usage(f"{spec} trains nothing", "write a `train` block, or use `dlc compile`")
    if checked.program.program.sweeps and not (to.quiet or to.json):
        click.echo("note: the `sweep` is not run: params and keys have the values they have here")
    layers = summaries(checked.program, checked.source.path)
    folder = new_run(out, package, checked.source.text, settings, layers, base)
    return trained(folder, package.name, **options)


def _resumed(
    to: Shared,
    wanted: str,
    spec: str | None,
    settings: tuple[str, ...],
    out: str,
    options: dict[str, Any],
) -> int | None:
    """Go on with a run; None where nothing was saved, so that a new one is to be started."""
    from .execute import trained
    from .resume import Refused
    from .resume import resumed as found_run

    try:
        found = found_run(wanted, spec, settings, out)
    except Refused as why:
        usage(str(why), why.help)
    if found is None:
        if not to.quiet and not to.json:
            click.echo(f"nothing of {spec} was saved below {out}: a new run starts")
        return None
    if not found.finished:
        return trained(found.folder, found.name, resume=True, **options)
    good = found.status["status"] == "done"
    if to.json:
        click.echo(json.dumps({"run": found.folder, "ok": good, **found.status}))
    elif not to.quiet:
        click.echo(f"{found.folder} is finished: more epochs are a new run, without --resume")
    return 0 if good else RAN_INTO


@cli.command()
@SPEC
@click.option("--model", "wanted", metavar="NAME", help="Which model, where there are several.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    metavar="N",
    help="Records of a training step (without it, those of the `train` block, or 1).",
)
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N", help="Fold blocks deeper than that."
)
@SETTINGS
@shared
@click.pass_obj
def summary(
    to: Shared,
    spec: str,
    wanted: str | None,
    batch: int | None,
    depth: int | None,
    settings: tuple[str, ...],
) -> int:
    """The layers of a model: sizes, parameters, operations, memory."""
    from .summary import as_json, described, update_of
    from .summary_table import table

    checked = checked_file(spec, settings)
    if checked.program is None:
        click.echo(json_line(checked)) if to.json else show(checked, to)
        return FAULTY
    models = checked.program.models
    if not models:
        usage(f"{spec} has no model", "write a `model` block")
    if wanted is not None and wanted not in models:
        usage(f"{spec} has no model `{wanted}`", f"there is: {', '.join(models)}")
    name = wanted or list(models)[-1]
    try:
        update = update_of(checked.program, name, batch)
        found = described(models[name], checked.source.path, update)
    except OverflowError:
        from dataclasses import replace

        from .errors.shapes import size_too_large

        fault = size_too_large(models[name].network.span)
        checked = replace(checked, diagnostics=(*checked.diagnostics, fault), program=None)
        click.echo(json_line(checked)) if to.json else show(checked, to)
        return FAULTY
    click.echo(json.dumps(as_json(found)) if to.json else table(found, depth))
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
        usage(f"there is no page about `{word}`", f"did you mean `{close}`?" if close else "")
    click.echo(json.dumps({"word": word, "page": page}) if to.json else page)
    return 0


cli.add_command(compile)
cli.add_command(predict)
cli.add_command(evaluate)


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
        code = RAN_INTO if isinstance(fault, Unimportable) else USAGE
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
