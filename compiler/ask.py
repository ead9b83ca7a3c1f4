"""The commands that ask a finished run: `predict` and `eval`."""

from __future__ import annotations

import os

import click

from .options import DATA, MODEL, OUT, WEIGHTS, Shared, device_option, shared, usage


def _found(run: str, out: str) -> tuple[str, str]:
    """The folder of a run and the name of its package."""
    from .execute import NoRun, find_run

    try:
        return find_run(run, out)
    except NoRun as why:
        usage(str(why), why.help)


@click.command()
@click.argument("run", metavar="RUN")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@MODEL
@device_option("cpu")
@OUT
@WEIGHTS
@click.option("-o", "--output", metavar="FILE", help="Write to a .csv or .jsonl file instead.")
@shared
@click.pass_obj
def predict(
    to: Shared,
    run: str,
    inputs: tuple[str, ...],
    wanted: str | None,
    device: str,
    out: str,
    weights: str,
    output: str | None,
) -> int:
    """Predictions for pictures, folders of them, CSV, JSON lines, text, or `-`.

    RUN is a run folder, or a spec for its newest run. INPUT needs the raw columns that feed the
    model and no more: a .csv (also .gz), a .jsonl file, a .txt file of one text a line, pictures,
    a folder of pictures, or - for JSON lines on standard input. A declared prediction takes its
    inputs by their names or, where all of them have values, the number of records wanted.
    """
    from .execute import NoRun, predicted

    if output is not None and not output.endswith((".csv", ".jsonl")):
        usage(f"`{output}` is neither .csv nor .jsonl", "name the file after what it is to hold")
    folder, name = _found(run, out)
    try:
        return predicted(
            folder,
            name,
            wanted,
            inputs=inputs,
            device=device,
            weights=weights,
            output=output,
            quiet=to.quiet,
            as_json=to.json,
            debug=to.debug,
        )
    except NoRun as why:
        usage(str(why), why.help)


@click.command("eval")
@click.argument("run", metavar="RUN")
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    help="By default the first that there is of test, validation and train.",
)
@MODEL
@DATA
@device_option("auto")
@OUT
@WEIGHTS
@shared
@click.pass_obj
def evaluate(
    to: Shared,
    run: str,
    split: str | None,
    wanted: str | None,
    data: tuple[str, ...],
    device: str,
    out: str,
    weights: str,
) -> int:
    """The loss and metrics of a split; RUN is a run folder, or a spec for its newest run."""
    from .execute import NoRun, evaluated

    folder, name = _found(run, out)
    try:
        return evaluated(
            folder,
            name,
            wanted,
            split=split,
            data=data,
            spec_folder=None if os.path.isdir(run) else os.path.dirname(os.path.abspath(run)),
            device=device,
            weights=weights,
            as_json=to.json,
            debug=to.debug,
        )
    except NoRun as why:
        usage(str(why), why.help)
