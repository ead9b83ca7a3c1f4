"""Handwritten digits (and, with `--data`, pieces of clothing): a small convolutional network.

Five epochs on all images of the training files; the accuracy on the test files.
"""

import time

import keras
from keras import layers
from shared import begin, digits, show

options = begin(__doc__, data="mnist", batch=32)
x, y = digits(options.data, "train")

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
started = time.perf_counter()
model.fit(x, y, epochs=5, batch_size=options.batch, verbose=0)
seconds = time.perf_counter() - started

loss, accuracy = model.evaluate(*digits(options.data, "t10k"), verbose=0)
show(test_accuracy=accuracy, test_loss=loss, fit_seconds=seconds)
