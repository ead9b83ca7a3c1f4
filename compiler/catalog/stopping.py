"""Rules of early stopping."""

from __future__ import annotations

from .record import Record

STOPPINGS = {
    record.name: record
    for record in (
        Record(
            "patience",
            "epochs: size, on: watched = 'validation.loss', min_delta: nonnegative = 0.0",
            "stop after so many epochs without a better value; the best epoch's weights are kept",
            "early_stopping = patience(3, on=validation.loss)",
            module="dlc.runtime.stopping",
        ),
    )
}
