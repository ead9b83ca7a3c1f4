"""Hello, neural network: one unit learns y = 2x from five points, by SGD at its default rate 0.01.

500 epochs, then the prediction for 7 (14); and anew 1,000 epochs, then the prediction for 6 (12).
"""

import time

import keras
import numpy as np
from keras import layers
from shared import begin, show

begin(__doc__)
x = np.array([[1], [2], [3], [4], [5]], "float32")
y = 2 * x


def line(epochs: int) -> keras.Model:
    """A fresh unit after so many epochs."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(x, y, epochs=epochs, verbose=0)
    return model


started = time.perf_counter()
short = line(500)
seconds = time.perf_counter() - started
long = line(1000)

show(
    predict_7_after_500=short.predict(np.array([[7.0]]), verbose=0)[0, 0],
    predict_6_after_1000=long.predict(np.array([[6.0]]), verbose=0)[0, 0],
    fit_seconds=seconds,
)
