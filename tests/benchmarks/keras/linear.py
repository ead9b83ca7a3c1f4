"""A line through a hundred points: y = 2x + 1 for x = 0 … 99, then the prediction for 150 (301).

Standardised, with SGD at 0.1, batches of 32, 100 epochs. The tutorial's own version, SGD at its
default rate 0.01 on the raw numbers, grows without bound; where it first is not finite is shown.
"""

import time

import keras
import numpy as np
from keras import layers
from shared import begin, show

begin(__doc__)
x = np.arange(100, dtype="float32").reshape(-1, 1)
y = 2 * x + 1


def fit(x: np.ndarray, y: np.ndarray, rate: float) -> tuple[keras.Model, list[float]]:
    """A fresh unit after 100 epochs, and the loss of each."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    return model, model.fit(x, y, epochs=100, batch_size=32, verbose=0).history["loss"]


started = time.perf_counter()
model, losses = fit((x - x.mean()) / x.std(), (y - y.mean()) / y.std(), rate=0.1)
seconds = time.perf_counter() - started
asked = np.array([[(150 - x.mean()) / x.std()]])
answer = model.predict(asked, verbose=0)[0, 0] * y.std() + y.mean()

raw, raw_losses = fit(x, y, rate=0.01)
raw_answer = raw.predict(np.array([[150.0]]), verbose=0)[0, 0]
lost = [epoch for epoch, loss in enumerate(raw_losses, 1) if not np.isfinite(loss)]

show(
    predict_150=answer,
    loss_standardised=losses[-1],
    tutorial_ends_as_nan=np.isnan(raw_answer),
    tutorial_first_epoch_not_finite=lost[0] if lost else -1,
    fit_seconds=seconds,
)
