"""Claims of dlc.runtime.weights; the oracle is scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.weights import balanced
from sklearn.utils.class_weight import compute_class_weight


@pytest.mark.parametrize(
    "labels", [[0, 1], [0, 0, 0, 1], [2, 0, 1, 1, 2, 2, 2], [1] * 90 + [0] * 9 + [2]]
)
def test_weights_are_those_of_scikit_learn(labels):
    classes = max(labels) + 1
    expected = compute_class_weight("balanced", classes=np.arange(classes), y=np.array(labels))
    found = balanced(torch.tensor(labels), classes)
    assert found.dtype == torch.float32
    assert found.tolist() == pytest.approx(expected.tolist())


def test_a_class_that_does_not_occur_weighs_one_and_leaves_the_others_as_they_are():
    labels = torch.tensor([0, 3, 3, 3])
    present = compute_class_weight("balanced", classes=np.array([0, 3]), y=labels.numpy())
    assert balanced(labels, 5).tolist() == pytest.approx([present[0], 1.0, 1.0, present[1], 1.0])


def test_labels_of_a_sequence_are_counted_one_by_one_and_ignored_ones_are_not():
    labels = torch.tensor([[0, 1, -100], [1, 1, -100]])
    assert torch.equal(balanced(labels, 2), balanced(torch.tensor([0, 1, 1, 1]), 2))


def test_no_labels_at_all_weigh_one():
    assert balanced(torch.tensor([], dtype=torch.int64), 3).tolist() == [1.0, 1.0, 1.0]


def test_every_class_has_the_same_part_in_the_loss():
    """With equal scores, each class pulls as strongly as any other: gradients cancel out."""
    labels = torch.tensor([0] * 8 + [1] * 2)
    scores = torch.zeros(10, 2, requires_grad=True)
    F.cross_entropy(scores, labels, weight=balanced(labels, 2)).backward()
    assert scores.grad.sum(0).tolist() == pytest.approx([0.0, 0.0], abs=1e-7)
    F.cross_entropy(scores, labels).backward()
    assert abs(float(scores.grad.sum(0)[0])) > 0.1
