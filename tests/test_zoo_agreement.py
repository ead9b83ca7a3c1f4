"""What compares the zoo with references says where two networks differ, however little."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from references.lenet5 import LeNet5
from references.mixer_b_16 import Mlp, MlpMixer
from references.resnet18 import ResNet
from torch import Tensor, nn
from zoo_agreement import agrees, executed, paired, published, starts_alike, text, used

IMAGE = [torch.randn(2, 1, 32, 32)]
PATCHES = {"size: int = 224": "size: int = 32", "width: int = 768": "width: int = 12"}
PATCHES |= {"depth: int = 12": "depth: int = 1", "classes: int = 1000": "classes: int = 7"}
FEW = {"[2, 2, 2, 2]": "[1, 1, 1, 1]", "classes: int = 1000": "classes: int = 7"}
PHOTO = [torch.randn(2, 3, 32, 32)]


def mixer() -> nn.Module:
    return MlpMixer(size=32, width=12, depth=1, classes=7)


def resnet() -> nn.Module:
    return ResNet(depths=(1, 1, 1, 1), classes=7)


class Late(nn.Module):
    """Uses its second weights first, and the first as a matrix turned around."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3)
        self.register_buffer("constant", torch.ones(3), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        assert self.first.weight.shape == (3, 3)
        return self.second(x) @ self.first.weight.T * self.constant


def test_weights_are_named_in_the_order_of_their_use_and_constants_not_at_all() -> None:
    assert list(used(Late(), [torch.ones(1, 3)])) == [
        "second.weight",
        "second.bias",
        "first.weight",
    ]


def test_tied_weights_count_once() -> None:
    tied = Late()
    tied.second.weight = tied.first.weight
    assert list(used(tied, [torch.ones(1, 3)])) == ["first.weight", "second.bias"]


def test_weights_that_nothing_uses_are_an_error() -> None:
    late = Late()
    late.extra = nn.Linear(2, 2)
    with pytest.raises(AssertionError, match="never uses"):
        used(late, [torch.ones(1, 3)])


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_layer_over_time_is_used_with_all_its_weights(kind: type[nn.RNNBase]) -> None:
    layer = kind(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    assert list(used(layer, [torch.ones(2, 5, 3)])) == list(dict(layer.named_parameters()))


def test_attention_is_used_with_all_its_weights() -> None:
    layer = nn.TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    names = used(layer, [torch.ones(1, 3, 8), torch.ones(1, 4, 8)])
    assert set(names) == set(dict(layer.named_parameters()))


def test_running_statistics_are_paired_too() -> None:
    assert any("running_var" in ours for ours, _ in paired(resnet(), resnet(), PHOTO))


def test_a_layer_too_many_is_left_over() -> None:
    with pytest.raises(AssertionError, match="tensors:"):
        agrees("resnet18", ResNet(depths=(1, 2, 1, 1), classes=7), PHOTO, changes=FEW)


def test_a_layer_of_another_size_is_told() -> None:
    with pytest.raises(AssertionError, match=r"linear|head"):
        agrees("resnet18", ResNet(depths=(1, 1, 1, 1), classes=8), PHOTO, changes=FEW)


def with_other_norms(made: nn.Module) -> None:
    for module in made.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-5


def with_exact_gelu(made: nn.Module) -> None:
    def exact(mlp: nn.Module, given: tuple[Tensor, ...], _: Tensor) -> Tensor:
        return mlp.project(F.gelu(mlp.expand(*given)))

    for module in made.modules():
        if isinstance(module, Mlp):
            module.register_forward_hook(exact)


@pytest.mark.parametrize("other", [with_other_norms, with_exact_gelu])
def test_another_epsilon_or_kind_of_gelu_is_noticed(other: Callable[[nn.Module], None]) -> None:
    made = mixer()
    agrees("mixer_b_16", made, PHOTO, changes=PATCHES)
    other(made)
    with pytest.raises(AssertionError):
        agrees("mixer_b_16", made, PHOTO, changes=PATCHES)


def test_another_momentum_is_noticed_though_outputs_are_the_same() -> None:
    made = resnet()
    agrees("resnet18", made, PHOTO, changes=FEW)
    made.stem.norm.momentum = 0.01
    with pytest.raises(AssertionError, match="running_mean"):
        agrees("resnet18", made, PHOTO, changes=FEW)


def test_another_activation_is_noticed() -> None:
    class Squashed(LeNet5):
        def forward(self, image: Tensor) -> Tensor:
            return torch.tanh(super().forward(image))

    agrees("lenet5", LeNet5(), IMAGE)
    with pytest.raises(AssertionError):
        agrees("lenet5", Squashed(), IMAGE)


def test_a_gradient_that_is_cut_is_noticed_though_outputs_are_the_same() -> None:
    class Cut(LeNet5):
        def forward(self, image: Tensor) -> Tensor:
            return super().forward(image.detach())

    with pytest.raises(AssertionError):
        agrees("lenet5", Cut(), IMAGE)


def test_a_reference_that_uses_its_weights_in_another_order_says_in_which() -> None:
    class Backwards(LeNet5):
        def forward(self, image: Tensor) -> Tensor:
            self.head.weight.sum()
            return super().forward(image)

    def order(names: list[str]) -> list[str]:
        first, *others = names
        return [*others[:-1], first, others[-1]]

    with pytest.raises(AssertionError, match="head"):
        agrees("lenet5", Backwards(), IMAGE)
    agrees("lenet5", Backwards(), IMAGE, order=order)
    with pytest.raises(AssertionError, match="other names"):
        agrees("lenet5", Backwards(), IMAGE, order=lambda names: names[1:])


def test_a_wrong_count_is_noticed() -> None:
    published("lenet5", 61_706)
    with pytest.raises(AssertionError):
        published("lenet5", 61_707)


def test_weights_that_start_elsewhere_are_noticed() -> None:
    made = resnet()
    starts_alike("resnet18", made, PHOTO, FEW)
    with torch.no_grad():
        made.blocks[1].conv2.conv.weight.mul_(1.1)
    with pytest.raises(AssertionError, match="conv2"):
        starts_alike("resnet18", made, PHOTO, FEW)


def test_numbers_that_are_none_are_noticed_in_a_run() -> None:
    executed("lenet5", IMAGE)
    with pytest.raises(AssertionError):
        executed("lenet5", [IMAGE[0] * float("nan")])


def test_a_change_that_changes_nothing_is_an_error() -> None:
    with pytest.raises(AssertionError, match="has no"):
        text("lenet5", {"classes: int = 11": "classes: int = 12"})
