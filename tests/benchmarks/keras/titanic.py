"""Who survived the Titanic? A small perceptron over six columns.

Five folds, the same for every seed; the accuracy is pooled: each passenger is judged once, by the
network that has not seen them. Beside it two rules that need no network: the women survive, and
nobody survives.
"""

import time

import keras
import numpy as np
from keras import layers
from shared import begin, numbers, prepared, rows, show
from sklearn.model_selection import KFold

begin(__doc__)
table = rows("tabular/titanic_train.csv")
columns = numbers(table, ("Age", "Fare", "Pclass", "SibSp", "Parch"))
female = np.array([[row["Sex"] == "female"] for row in table], "float32")
survived = numbers(table, ("Survived",))

hits = 0
seconds = 0.0
for train, test in KFold(5, shuffle=True, random_state=0).split(columns):
    x_train, x_test = prepared(columns[train], columns[test])
    x_train, x_test = np.hstack([x_train, female[train]]), np.hstack([x_test, female[test]])
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    started = time.perf_counter()
    model.fit(x_train, survived[train], epochs=100, batch_size=32, verbose=0)
    seconds += time.perf_counter() - started
    hits += ((model.predict(x_test, verbose=0) > 0.5) == survived[test]).sum()

show(
    pooled_accuracy=hits / len(table),
    sex_only_accuracy=(female == survived).mean(),
    majority_accuracy=max(survived.mean(), 1 - survived.mean()),
    fit_seconds=seconds,
)
