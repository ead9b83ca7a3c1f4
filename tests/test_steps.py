"""Data steps against scikit-learn's, with holes, constants and images."""

import json

import numpy as np
import pytest
import torch
from dlc.runtime.errors import DataError
from dlc.runtime.steps import Impute, Normalize, Reshape, Scale, Standardize, Step
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

TRAIN = np.random.default_rng(0).normal(3, [1, 10, 1e-3, 1e6], (500, 4))
OTHER = np.random.default_rng(1).normal(0, 5, (20, 4))
STEPS = [
    lambda: Scale(1 / 7),
    Standardize,
    Normalize,
    lambda: Impute("median"),
    lambda: Impute(2.5),
    lambda: Reshape(2, 2),
]
SCALERS = [(Standardize, StandardScaler), (Normalize, MinMaxScaler)]


def fitted(step: Step, array: np.ndarray) -> Step:
    step.fit(array)
    return step


def holed(array: np.ndarray, share: float = 0.3) -> np.ndarray:
    holes = np.random.default_rng(2).random(array.shape) < share
    return np.where(holes, np.nan, array)


# Against scikit-learn


@pytest.mark.parametrize(("step", "oracle"), SCALERS)
def test_scalers_equal_sklearns_column_by_column(step, oracle):
    wanted = oracle().fit(TRAIN)
    ours = fitted(step(), TRAIN)
    np.testing.assert_allclose(ours.apply(TRAIN), wanted.transform(TRAIN), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.apply(OTHER), wanted.transform(OTHER), rtol=1e-9, atol=1e-9)
    back = wanted.inverse_transform(OTHER)
    np.testing.assert_allclose(ours.inverse(OTHER), back, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("step", "oracle"), SCALERS)
def test_scalers_leave_holes_out_and_leave_them_be(step, oracle):
    train = holed(TRAIN)
    wanted = oracle().fit(train)
    given_back = fitted(step(), train).apply(train)
    np.testing.assert_allclose(given_back, wanted.transform(train), rtol=1e-9, atol=1e-9)
    assert np.isnan(given_back).sum() == np.isnan(train).sum() > 0


@pytest.mark.parametrize(("step", "oracle"), SCALERS)
@pytest.mark.parametrize("value", [0.0, 0.1, -3.3e7, 1e-30])
def test_constant_columns_become_zero_and_come_back(step, oracle, value):
    train = np.full((301, 1), value)
    ours = fitted(step(), train)
    wanted = oracle().fit(train)
    np.testing.assert_allclose(ours.apply(train), wanted.transform(train), atol=1e-9)
    np.testing.assert_allclose(ours.apply(train), 0, atol=1e-7)
    np.testing.assert_allclose(ours.inverse(np.zeros((1, 1))), [[value]], rtol=1e-12)
    np.testing.assert_allclose(ours.apply(train + 1), wanted.transform(train + 1))


@given(arrays(np.float64, (7, 2), elements=st.floats(-1e6, 1e6)))
def test_standardize_agrees_with_sklearn_on_any_data(train):
    ours, wanted = fitted(Standardize(), train), StandardScaler().fit(train)
    np.testing.assert_allclose(ours.apply(train), wanted.transform(train), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("word", ["mean", "median", "most_frequent"])
def test_impute_fills_as_sklearn_does(word):
    train = holed(np.random.default_rng(3).integers(0, 6, (101, 4)).astype(float))
    other = holed(OTHER)
    wanted = SimpleImputer(strategy=word).fit(train)
    ours = fitted(Impute(word), train)
    np.testing.assert_allclose(ours.apply(train), wanted.transform(train), rtol=1e-12)
    np.testing.assert_allclose(ours.apply(other), wanted.transform(other), rtol=1e-12)


def test_of_several_most_frequent_values_the_least_is_taken():
    train = np.array([[5.0], [5], [2], [2], [9], [np.nan]])
    wanted = SimpleImputer(strategy="most_frequent").fit_transform(train)
    np.testing.assert_array_equal(fitted(Impute("most_frequent"), train).apply(train), wanted)
    assert wanted[-1] == 2


def test_impute_with_a_number_needs_no_data():
    np.testing.assert_array_equal(Impute(-1).apply(np.array([1, np.nan])), [1, -1])


def test_what_was_there_is_not_imputed():
    array = np.array([[1.0, np.nan], [np.nan, 4]])
    filled = fitted(Impute("mean"), array).apply(array)
    np.testing.assert_array_equal(filled, [[1, 4], [1, 4]])
    assert np.isnan(array).sum() == 2  # the array given is untouched


# Shapes


@pytest.mark.parametrize("step", [Standardize, Normalize, lambda: Impute("mean")])
def test_a_column_alone_is_learned_as_a_column_of_a_table_is(step):
    column = holed(TRAIN[:, 1])
    alone = fitted(step(), column).apply(column)
    inside = fitted(step(), column[:, None]).apply(column[:, None])
    assert alone.shape == (500,)
    np.testing.assert_array_equal(alone, inside[:, 0])


@pytest.mark.parametrize(("step", "oracle"), SCALERS)
def test_images_are_learned_channel_by_channel(step, oracle):
    images = np.random.default_rng(4).normal(size=(30, 3, 4, 5)) * [[[1]], [[10]], [[100]]]
    pixels = np.moveaxis(images, 1, -1).reshape(-1, 3)
    wanted = np.moveaxis(oracle().fit_transform(pixels).reshape(30, 4, 5, 3), -1, 1)
    ours = fitted(step(), images)
    np.testing.assert_allclose(ours.apply(images), wanted, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.inverse(wanted), images, rtol=1e-9, atol=1e-9)


def test_reshape_keeps_the_order_of_values():
    array = np.arange(12.0).reshape(2, 6)
    step = fitted(Reshape(1, 2, 3), array)
    assert step.apply(array)[1].tolist() == [[[6, 7, 8], [9, 10, 11]]]
    np.testing.assert_array_equal(step.inverse(step.apply(array)), array)


def test_reshape_to_another_size_says_both_numbers():
    with pytest.raises(DataError, match=r"has 6 values, and the shape \[2, 2\] takes 4"):
        Reshape(2, 2).apply(np.zeros((5, 6)))


# Images in single precision


def test_scaled_bytes_are_what_torch_makes_of_them():
    images = np.arange(256, dtype=np.uint8).reshape(2, 1, 8, 16)
    for factor in (1 / 255, 1 / 16, 2.0, -0.3):
        scaled = Scale(factor).apply(images)
        assert scaled.dtype == np.float32
        assert torch.equal(torch.from_numpy(scaled), torch.from_numpy(images).float() * factor)


@pytest.mark.parametrize("step", [Standardize, Normalize, lambda: Impute("mean")])
def test_images_stay_in_single_precision(step):
    images = np.random.default_rng(5).integers(0, 256, (20, 1, 4, 4), dtype=np.uint8)
    found = fitted(step(), images).apply(images)
    exact = fitted(step(), images.astype(float)).apply(images.astype(float))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-6)


def test_the_mean_of_many_single_precision_values_is_summed_in_double():
    images = np.full((1 << 20, 1), 0.1, np.float32)
    images[::2] = 0.3
    wanted = images.astype(np.float64).mean()
    step = fitted(Standardize(), images)
    assert step.state()["mean"] == [pytest.approx(wanted, rel=1e-12)]


def test_tables_are_calculated_in_double_precision():
    for dtype in (np.float64, np.int64):
        assert Scale(0.1).apply(np.ones(3, dtype)).dtype == np.float64


# State


@pytest.mark.parametrize("make", STEPS)
def test_state_goes_through_json_to_the_last_bit(make):
    before = fitted(make(), holed(TRAIN))
    after = make()
    after.restore(json.loads(json.dumps(before.state())))
    np.testing.assert_array_equal(after.apply(OTHER), before.apply(OTHER))
    stepped = before.apply(OTHER)
    np.testing.assert_array_equal(after.inverse(stepped), before.inverse(stepped))


@pytest.mark.parametrize("make", STEPS)
def test_the_inverse_undoes_the_step(make):
    step = fitted(make(), TRAIN)
    np.testing.assert_allclose(step.inverse(step.apply(OTHER)), OTHER, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("make", [Standardize, Normalize, lambda: Impute("mean")])
def test_a_step_that_learned_nothing_says_so(make):
    for use in (lambda s: s.apply(OTHER), lambda s: s.state()):
        with pytest.raises(DataError, match="learned nothing yet"):
            use(make())


def test_learning_is_declared_by_the_steps_that_look_at_data():
    learning = [make().learns for make in STEPS]
    assert learning == [False, True, True, True, False, False]


@pytest.mark.parametrize("make", STEPS)
def test_steps_never_change_the_array_given(make):
    array = TRAIN.copy()
    step = fitted(make(), array)
    step.inverse(step.apply(array))
    np.testing.assert_array_equal(array, TRAIN)
