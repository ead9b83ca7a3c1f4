"""The command that writes packages: `compile`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from .checking import checked_file, json_line, show
from .options import ALLOW, FAULTY, SETTINGS, SPEC, Shared, shared

if TYPE_CHECKING:
    from .pipeline import Checked, Package

SAYS = {
    "differs": "not what the spec compiles to",
    "missing": "missing",
    "left over": "left over, the spec makes no such file",
}


@click.command()
@SPEC
@click.option("-o", "--output", default=".", metavar="DIR", help="Where the package goes.")
@click.option("--check", "only_check", is_flag=True, help="Fail if what is there is not current.")
@click.option(
    "--standalone", is_flag=True, help="Include what it uses of dlc, so that it runs without."
)
@ALLOW
@SETTINGS
@shared
@click.pass_obj
def compile(
    to: Shared,
    spec: str,
    output: str,
    only_check: bool,
    standalone: bool,
    allow: tuple[str, ...],
    settings: tuple[str, ...],
) -> int:
    """Emit the Python package DIR/<spec>/."""
    from .pipeline import emitted
    from .write import replace_folder

    found, package = emitted(checked_file(spec, settings), allow)
    if not to.json:
        show(found, to)
    if package is None:
        if to.json:
            click.echo(json_line(found))
        return FAULTY
    files = package.files
    if standalone:
        from .standalone import standalone as included

        files = included(files, package.outside)
    folder = os.path.join(output, package.name)
    if only_check:
        return _compared(to, found, folder, files)
    replace_folder(folder, files)
    if to.json:
        click.echo(json_line(found, folder=folder, files=sorted(files)))
    elif not to.quiet:
        _written(package, folder, files, standalone)
    return 0


def _written(package: Package, folder: str, files: dict[str, str], standalone: bool) -> None:
    own = [name for name in sorted(files) if "/" not in name]
    count = len(files) - len(own)
    parts = [f"{count} parts of dlc in runtime{os.sep}"] if count else []
    renamed = "" if package.name == package.stem else f" (a safe name for {package.stem})"
    click.echo(f"{folder}{os.sep}: {', '.join([*own, *parts])}{renamed}")
    if standalone:
        from .standalone import needs

        click.echo(f"it needs {' and '.join(needs(files))}")


def _compared(to: Shared, found: Checked, folder: str, files: dict[str, str]) -> int:
    """Tell in what the folder differs from the files, and change nothing."""
    from .write import differences

    stale = differences(folder, files)
    if to.json:
        told = [
            {
                "file": os.path.join(folder, *each.name.split("/")),
                "what": each.what,
                "diff": each.lines,
            }
            for each in stale
        ]
        click.echo(json_line(found, ok=not stale, folder=folder, stale=told))
        return FAULTY if stale else 0
    parts = [each for each in stale if (each.what, each.name[:8]) == ("left over", "runtime/")]
    for each in stale if len(parts) < 2 else [each for each in stale if each not in parts]:
        where = os.path.join(folder, *each.name.split("/"))
        click.echo(f"{where}: {SAYS[each.what]}", err=True)
        for line in each.lines:
            click.echo(f"  {line}", err=True)
    if len(parts) > 1:
        where = os.path.join(folder, "runtime", "")
        click.echo(f"{where}: {len(parts)} files of --standalone are left over", err=True)
    if stale:
        why = "; edits by hand are lost" if any(each.what == "differs" for each in stale) else ""
        click.echo(f"help: `dlc compile` without --check writes it anew{why}", err=True)
    elif not to.quiet:
        click.echo(f"{folder}{os.sep}: current")
    return FAULTY if stale else 0
