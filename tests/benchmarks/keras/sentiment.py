"""Is a sentence friendly? Words as numbers, an embedding, an LSTM.

3,000 sentences, of which a stratified fifth is held out, the same for every seed; and the
tutorial's own two sentences, learnt by the same network.
"""

import re
import time
from collections import Counter

import keras
import numpy as np
from keras import layers
from shared import begin, rows, show
from sklearn.model_selection import train_test_split

WORDS, LENGTH = 1000, 40


def words(sentence: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", sentence.lower())


def vocabulary(sentences: list[str]) -> dict[str, int]:
    """The commonest words from 2 on; 0 is padding, 1 a word that is not among them."""
    counts = Counter(word for sentence in sentences for word in words(sentence))
    return {word: 2 + rank for rank, (word, _) in enumerate(counts.most_common(WORDS - 2))}


def encoded(sentences: list[str], known: dict[str, int]) -> np.ndarray:
    """i32[N, 40]: padded on the left; of a longer sentence the end is kept."""
    sequences = [[known.get(word, 1) for word in words(sentence)] for sentence in sentences]
    return keras.utils.pad_sequences(sequences, maxlen=LENGTH)


def fit(x: np.ndarray, y: np.ndarray) -> keras.Model:
    """A fresh network after ten epochs."""
    model = keras.Sequential(
        [
            keras.Input((LENGTH,)),
            layers.Embedding(WORDS, 64),
            layers.LSTM(128),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=10, batch_size=32, verbose=0)
    return model


begin(__doc__)
table = rows("sentiment/uci_sentences.csv")
texts = [row["text"] for row in table]
labels = np.array([row["label"] for row in table], "float32")
train, test, y_train, y_test = train_test_split(
    texts, labels, test_size=0.2, stratify=labels, random_state=0
)
known = vocabulary(train)
x_train, x_test = encoded(train, known), encoded(test, known)

started = time.perf_counter()
model = fit(x_train, y_train)
seconds = time.perf_counter() - started
_, train_accuracy = model.evaluate(x_train, y_train, verbose=0)
test_loss, test_accuracy = model.evaluate(x_test, y_test, verbose=0)

two = ["I love this movie", "I hate this movie"]
x_two, y_two = encoded(two, vocabulary(two)), np.array([1, 0], "float32")
two_loss, two_accuracy = fit(x_two, y_two).evaluate(x_two, y_two, verbose=0)

show(
    test_accuracy=test_accuracy,
    test_loss=test_loss,
    train_accuracy=train_accuracy,
    tutorial_two_sentences_accuracy=two_accuracy,
    tutorial_two_sentences_loss=two_loss,
    fit_seconds=seconds,
)
