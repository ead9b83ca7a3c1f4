"""Digits out of noise: a generator learns to fool a discriminator.

Twenty epochs on handwritten digits. What cannot be put to the test by a loss is put to it by
samples: the mean and deviation of their pixels (those of the data beside them), and how many of the
ten digits a classifier, trained on real ones, sees among 1,000 samples (in at least 10 of them).
"""

import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from shared import begin, digits, show

NOISE = 100


class Gan(keras.Model):
    """Both networks; a step teaches first the discriminator, then the generator."""

    def __init__(self, generator: keras.Model, discriminator: keras.Model) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.g_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.d_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.cross_entropy = keras.losses.BinaryCrossentropy()
        self.g_loss = keras.metrics.Mean(name="g_loss")
        self.d_loss = keras.metrics.Mean(name="d_loss")

    def train_step(self, real: tf.Tensor) -> dict[str, tf.Tensor]:
        count = tf.shape(real)[0]
        ones, zeros = tf.ones((count, 1)), tf.zeros((count, 1))
        fake = self.generator(tf.random.normal((count, NOISE)), training=True)
        with tf.GradientTape() as tape:
            of_real = self.cross_entropy(ones, self.discriminator(real, training=True))
            of_fake = self.cross_entropy(zeros, self.discriminator(fake, training=True))
            d_loss = of_real + of_fake
        weights = self.discriminator.trainable_variables
        self.d_optimizer.apply(tape.gradient(d_loss, weights), weights)

        with tf.GradientTape() as tape:
            fake = self.generator(tf.random.normal((count, NOISE)), training=True)
            g_loss = self.cross_entropy(ones, self.discriminator(fake, training=True))
        weights = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(g_loss, weights), weights)

        self.g_loss.update_state(g_loss)
        self.d_loss.update_state(d_loss)
        return {"g_loss": self.g_loss.result(), "d_loss": self.d_loss.result()}


begin(__doc__)
images, labels = digits("mnist", "train")
generator = keras.Sequential(
    [
        keras.Input((NOISE,)),
        layers.Dense(256, activation="relu"),
        layers.Dense(784, activation="sigmoid"),
    ]
)
discriminator = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(256, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
gan = Gan(generator, discriminator)
gan.compile()
started = time.perf_counter()
history = gan.fit(images.reshape(-1, 784), epochs=20, batch_size=128, verbose=0).history
seconds = time.perf_counter() - started
samples = generator.predict(keras.random.normal((1000, NOISE)), verbose=0).reshape(-1, 28, 28, 1)

classifier = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
classifier.fit(images, labels, epochs=1, batch_size=128, verbose=0)
_, classifier_accuracy = classifier.evaluate(*digits("mnist", "t10k"), verbose=0)
seen = np.bincount(classifier.predict(samples, verbose=0).argmax(1), minlength=10)

show(
    generator_loss_last_epoch=history["g_loss"][-1],
    discriminator_loss_last_epoch=history["d_loss"][-1],
    digits_seen=(seen >= 10).sum(),
    rarest_digit_share=seen.min() / 1000,
    commonest_digit_share=seen.max() / 1000,
    sample_pixel_mean=samples.mean(),
    sample_pixel_deviation=samples.std(),
    data_pixel_mean=images.mean(),
    data_pixel_deviation=images.std(),
    classifier_test_accuracy=classifier_accuracy,
    fit_seconds=seconds,
)
