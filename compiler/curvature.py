"""How steep a loss is where that can be known: a linear model, squared errors, data in the spec.

The loss of such a training is a parabola in the weights, and plain gradient descent on a parabola
grows without end where the rate is above 2 / λmax, λmax being its steepest curvature: the largest
eigenvalue of the Hessian 2 / (n K) Σ x̃ x̃ᵀ, with n rows x̃ (1 appended for the bias) and K outputs.
Everything here is plain Python and bounded: what is larger than `LARGEST` is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sin, sqrt
from operator import mul
from typing import Any

from . import ir

LARGEST = 10_000  # numbers of a field that are looked at
WORK = 200_000  # multiplications for one matrix: some 10 ms
ROUNDS = 100  # of power iteration; each brings the quotient nearer to λmax from below
VIEWS = ("flatten", "Flatten", "reshape", "squeeze", "unsqueeze")

Row = list[float]


@dataclass(frozen=True, slots=True)
class Curvature:
    """The steepest curvature of a training's loss, and where it comes from.

    `largest` is never above λmax, so that what is above 2 / `largest` is above 2 / λmax too.
    `column` of `columns` in the input's rows has the largest mean square. `whole` says that each
    batch is all of the data.
    """

    field: ir.DataField
    largest: float
    column: int
    columns: int
    mean_square: float
    whole: bool


def curvature(training: ir.TypedTraining, scaled: bool = False) -> Curvature | None:
    """The curvature of a training that is linear in its weights; None where it is not known.

    With `scaled` it is what it would be if the input were standardized.
    """
    data = training.data.data
    layer = linear_layer(training.network)
    name = _input_field(training)
    if layer is None or name is None or not _is_squared_error(training):
        return None
    field = training.data.fields[name].field
    records = values(field)
    if data.source is not None or data.split is not None or records is None:
        return None
    width = layer.inferred["in_features"].value
    outputs = layer.arguments["out_features"]
    outputs = getattr(outputs, "value", outputs)
    if not width or not outputs or len(records[0]) % width:
        return None
    if scaled and is_nested(field):
        return None
    records = standardized(records) if scaled else records
    rows = rows_of(records, width, bool(layer.arguments["bias"]))
    if len(rows) * len(rows[0]) * min(len(rows), len(rows[0])) > WORK:
        return None
    squares = [fsum(row[index] ** 2 for row in rows) / len(rows) for index in range(width)]
    column = max(range(width), key=squares.__getitem__)
    return Curvature(
        field,
        2 / outputs * steepest(rows),
        column,
        width,
        squares[column],
        training.options["batch"] >= len(records),
    )


def linear_layer(network: ir.Network) -> ir.LayerStep | None:
    """The one `Linear` of a network that is nothing else but views of one input and one output."""
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        return None
    here, found = network.inputs[0], None
    for step in network.steps:
        if not isinstance(step, ir.LayerStep) or tuple(map(id, step.inputs)) != (id(here),):
            return None
        if step.layer.name == "Linear" and found is None:
            found = step
        elif step.layer.name not in VIEWS:
            return None
        here = step.output
    return found if here is network.outputs[0] else None


def _input_field(training: ir.TypedTraining) -> str | None:
    """The field that feeds the model, where there is one."""
    fields = list(training.inputs.values())
    return fields[0] if len(fields) == 1 else None


def _is_squared_error(training: ir.TypedTraining) -> bool:
    """Whether the loss is the mean squared error of the output against a field, and no more."""
    match training.loss.steps:
        case [ir.LayerStep(layer=loss, arguments=arguments) as step]:
            names = [value.name for value in step.inputs]
            output = training.outputs[0].name
            against = [name for name in names if name != output]
            return (
                loss.name == "mse_loss"
                and arguments["reduction"] == "mean"
                and len(against) == 1
                and against[0] in training.data.fields
            )
    return False


def values(field: ir.DataField) -> list[Row] | None:
    """What the steps of a field make of numbers that stand in the spec, a flat row a record."""
    if not isinstance(field.raw, ir.Values) or not field.raw.items:
        return None
    items = field.raw.items
    if len(items) * _count(items[0]) > LARGEST:
        return None
    try:
        records = [flat(item) for item in items]
    except (TypeError, ValueError, OverflowError):
        return None
    if not all(isfinite(value) and abs(value) < 1e30 for row in records for value in row):
        return None
    if len({len(row) for row in records}) > 1:
        return None
    nested = is_nested(field)
    for step in field.steps:
        match step.record.name:
            case "scale":
                records = [[value * step.arguments["factor"] for value in row] for row in records]
            case "standardize" if not nested:
                records = standardized(records)
            case "normalize" if not nested:
                records = normalized(records)
            case "reshape":
                nested = nested or len(step.arguments["shape"]) > 1
            case _:
                return None
    return records


def is_nested(field: ir.DataField) -> bool:
    """Whether a record has several axes: statistics are then one for each index of the first."""
    first = field.raw.items[0] if isinstance(field.raw, ir.Values) else ()
    return isinstance(first, tuple) and isinstance(first[0], tuple)


def _count(item: Any) -> int:
    return len(item) * _count(item[0]) if isinstance(item, tuple) and item else 1


def flat(item: Any) -> Row:
    """The numbers of one record in order; a TypeError or ValueError for what is no number."""
    if isinstance(item, tuple):
        return [value for each in item for value in flat(each)]
    if isinstance(item, str):
        raise TypeError(item)
    return [float(item)]


def standardized(records: Sequence[Row]) -> list[Row]:
    """Mean 0 and deviation 1, column by column; a constant column becomes 0."""
    shifts, widths = [], []
    for column in zip(*records, strict=True):
        mean = fsum(column) / len(column)
        variance = fsum((value - mean) ** 2 for value in column) / len(column)
        shifts.append(mean)
        widths.append(sqrt(variance) if variance > 1e-24 * mean**2 else 1.0)
    return _shifted(records, shifts, widths)


def normalized(records: Sequence[Row]) -> list[Row]:
    """Least 0 and greatest 1, column by column; a constant column becomes 0."""
    columns = list(zip(*records, strict=True))
    widths = [(max(column) - min(column)) or 1.0 for column in columns]
    return _shifted(records, [min(column) for column in columns], widths)


def _shifted(records: Sequence[Row], shifts: Row, widths: Row) -> list[Row]:
    return [
        [(value - shift) / width for value, shift, width in zip(row, shifts, widths, strict=True)]
        for row in records
    ]


def rows_of(records: Sequence[Row], width: int, bias: bool) -> list[Row]:
    """What the layer sees: rows of its width, with a 1 for the bias."""
    one = [1.0] if bias else []
    return [
        row[start : start + width] + one for row in records for start in range(0, len(row), width)
    ]


def steepest(rows: Sequence[Row]) -> float:
    """The largest eigenvalue of the mean of x xᵀ, from below, by power iteration.

    The Rayleigh quotient of any vector is at most the largest eigenvalue, whatever rounding and an
    unlucky start do to its convergence.
    """
    columns = list(zip(*rows, strict=True))
    # X Xᵀ has the same largest eigenvalue as Xᵀ X; the smaller of both is made.
    short: Sequence[Sequence[float]] = rows if len(rows) < len(columns) else columns
    matrix = [[sumprod(first, second) / len(rows) for second in short] for first in short]
    # Irregular, so that it is at right angles to nothing that real data has.
    vector = [sqrt(line[index]) * (1.5 + sin(index)) for index, line in enumerate(matrix)]
    quotient = 0.0
    for _ in range(ROUNDS):
        norm = sqrt(sumprod(vector, vector))
        if norm == 0:
            return 0.0
        unit = [value / norm for value in vector]
        vector = [sumprod(line, unit) for line in matrix]
        before, quotient = quotient, sumprod(unit, vector)
        if quotient - before <= 1e-9 * quotient:
            break
    return quotient


def sumprod(first: Sequence[float], second: Sequence[float]) -> float:
    """The sum of products; `math.sumprod` came with Python 3.12."""
    return float(sum(map(mul, first, second)))


def stable_below(largest: float, momentum: float, nesterov: bool) -> float:
    """The rate from which on SGD diverges on a parabola of this curvature.

    Heavy-ball momentum β (Polyak 1964) is stable below 2 (1 + β) / λ. Under torch's Nesterov the
    error follows z² - (1 + β)(1 - lr λ) z + β (1 - lr λ), whose roots lie inside the unit circle
    while lr λ < (2 + 2 β) / (1 + 2 β).
    """
    reach = 2 * (1 + momentum)
    return reach / (1 + 2 * momentum if nesterov else 1) / largest
