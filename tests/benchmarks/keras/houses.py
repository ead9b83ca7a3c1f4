"""What does a house cost? A multilayer perceptron on the California census of 1990.

Eight columns of numbers and the five kinds of `ocean_proximity`; a fifth of the districts is held
out, the same for every seed. R² in dollars, beside that of a straight line on the same columns.
"""

import time

import keras
import numpy as np
from keras import layers
from shared import begin, numbers, prepared, rows, show
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

NUMBERS = (
    *("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms"),
    *("population", "households", "median_income"),
)

begin(__doc__)
table = rows("houses/california_housing.csv")
kinds = sorted({row["ocean_proximity"] for row in table})
one_hot = np.array([[row["ocean_proximity"] == kind for kind in kinds] for row in table], "float32")
columns, price = numbers(table, NUMBERS), numbers(table, ("median_house_value",))
train, test = train_test_split(np.arange(len(table)), test_size=0.2, random_state=0)

x_train, x_test = prepared(columns[train], columns[test])
x_train, x_test = np.hstack([x_train, one_hot[train]]), np.hstack([x_test, one_hot[test]])
mean, deviation = price[train].mean(), price[train].std()
y_train = (price[train] - mean) / deviation

model = keras.Sequential(
    [
        keras.Input((x_train.shape[1],)),
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")
started = time.perf_counter()
model.fit(x_train, y_train, epochs=20, batch_size=32, verbose=0)
seconds = time.perf_counter() - started

dollars = model.predict(x_test, verbose=0) * deviation + mean
line = LinearRegression().fit(x_train, price[train])
show(
    test_r2=r2_score(price[test], dollars),
    test_mean_absolute_error=np.abs(dollars - price[test]).mean(),
    linear_regression_r2=r2_score(price[test], line.predict(x_test)),
    fit_seconds=seconds,
)
