"""Memory of a training step, held against what torch keeps and what its optimizers hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import pytest
import torch
from dlc.compiler import ir
from dlc.compiler.catalog.optimizer_state import STATES, state_bytes
from dlc.compiler.catalog.training import OPTIMIZERS
from dlc.compiler.explain.examples import example
from dlc.compiler.layers import LAYERS
from dlc.compiler.memory import activations
from dlc.compiler.pipeline import compile as compiled
from dlc.compiler.summary import Update, summary, update_of
from packages import HOME, checked
from torch import Tensor, nn

OPTIONS: dict[str, tuple[Mapping[str, Any], ...]] = {
    "SGD": ({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}),
    "Adam": ({}, {"amsgrad": True}),
    "AdamW": ({}, {"amsgrad": True}),
    "RMSprop": ({}, {"momentum": 0.9}, {"centered": True}, {"centered": True, "momentum": 0.9}),
}
SHAPES = ((7,), (5, 3), (4, 3, 2, 2))


def held(optimizer: torch.optim.Optimizer) -> int:
    """The bytes of everything that an optimizer keeps."""
    tensors = (each for state in optimizer.state.values() for each in state.values())
    return sum(each.numel() * each.element_size() for each in tensors if isinstance(each, Tensor))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_an_optimizer_keeps_what_torch_keeps(
    name: str, shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    if name == "Muon" and len(shape) != 2:
        pytest.skip("Muon is for matrices alone")
    for options in OPTIONS.get(name, ({},)):
        weight = nn.Parameter(torch.rand(shape, dtype=dtype))
        optimizer = getattr(torch.optim, name)([weight], lr=0.01, **options)
        weight.sum().backward()
        optimizer.step()
        assert state_bytes(name, options, shape, dtype.itemsize) == held(optimizer), options


def test_every_optimizer_has_its_state() -> None:
    assert [*STATES] == [*OPTIMIZERS]


def kept_by_torch(module: nn.Module, inputs: Sequence[Tensor]) -> int:
    """The bytes that autograd keeps of a forward pass, each storage once, parameters left out."""
    owned = {t.untyped_storage().data_ptr() for t in (*module.parameters(), *module.buffers())}
    found: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in owned:
            found[place] = tensor  # held, so that its place is not given away
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(*inputs)
    return sum(each.untyped_storage().nbytes() for each in found.values())


def drawn(value: ir.Value, sizes: Mapping[str, int]) -> Tensor:
    """Numbers for an input, whole ones within their range."""
    shape = [size.evaluate(sizes) for size in value.type.shape]
    if value.type.dtype == "i64":
        return torch.randint(1, value.type.tokens or 15, shape)
    return torch.rand(shape)


@cache
def every_example() -> tuple[ir.TypedProgram, ModuleType]:
    """The examples of all layers as the models of one file, and its emitted module."""
    texts = (example(each).replace("Net", f"Net{i}", 1) for i, each in enumerate(LAYERS.values()))
    return built("".join(texts))


def built(text: str) -> tuple[ir.TypedProgram, ModuleType]:
    """A checked spec, and its `model.py` as a module."""
    found = checked(text)
    assert found.program is not None, [each.message for each in found.diagnostics]
    module = ModuleType("spec_model")
    sys.modules[module.__name__] = module
    exec(compiled(found.program, found.source).files["model.py"], module.__dict__)
    return found.program, module


# Layers of which the bytes are not exact, and how far they are off at most: kernels round up, or
# keep what depends on the machine; comparisons and sorts of indices keep what nobody needs.
ROUGH = {"LSTM": 0.15, "RNN": 0.05, "LocalResponseNorm": 0.1, "local_response_norm": 0.1,
         "det": 0.05, "logdet": 0.05, "quantile": 0.01, "nanquantile": 0.01, "aminmax": 0.01,
         "nanmean": 0.01}  # fmt: skip
NOT_COUNTED = {"EmbeddingBag", "pack_padded_sequence", "pad_packed_sequence", "isfinite",
               "isclose", "argsort"}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*LAYERS} - NOT_COUNTED))
def test_what_a_layer_keeps_is_what_torch_keeps(name: str) -> None:
    torch.manual_seed(0)
    program, module = every_example()
    place = [*LAYERS].index(name)
    network = program.models[f"Net{place}"].network
    inputs = [drawn(value, {"N": 2}) for value in network.inputs]
    inputs = [each.requires_grad_(each.is_floating_point()) for each in inputs]
    theirs = kept_by_torch(getattr(module, f"Net{place}")(), inputs)
    ours = activations(network, inputs_have_gradients=True).evaluate({"N": 2})
    assert ours == pytest.approx(theirs, rel=ROUGH.get(name, 0), abs=0)


NETWORKS = {
    "convolutions": """
        block Step(out: int, stride: int = 1) =
          Conv2d(out, 3, stride=stride, padding=1, bias=False) -> BatchNorm2d -> relu
        block Residual(out: int) {
          input  x: f32[N, C, H, W]
          output y = relu(x + (x -> Step(out) -> Conv2d(out, 3, padding=1) -> BatchNorm2d))
        }
        model Net {
          input  image: f32[N, 3, H, W]
          h = image -> Step(8, 2) -> MaxPool2d(2) -> repeat(3) { Residual(8) }
          output y = h -> AdaptiveAvgPool2d(1) -> flatten(1) -> Dropout(0.2) -> Linear(10)
        }""",
    "pools before activations": """
        model Net {
          input  image: f32[N, 1, H, W]
          output y = image -> Conv2d(8, 3) -> relu -> MaxPool2d(2) -> Conv2d(16, 3) -> relu
            -> MaxPool2d(2) -> AdaptiveMaxPool2d(2) -> flatten(1) -> Linear(10) -> softmax(1)
        }""",
    "transformer": """
        block Attention(heads: int) {
          input x: f32[N, T, D]
          q, k, v = x -> Linear(D * 3) -> reshape(N, T, 3 * heads, D // heads)
            -> permute(0, 2, 1, 3) -> chunk(3, 1)
          output y = scaled_dot_product_attention(q, k, v, is_causal=True)
            -> permute(0, 2, 1, 3) -> reshape(N, T, D) -> Linear(D)
        }
        block Layer(heads: int) {
          input x: f32[N, T, D]
          h = x + (x -> LayerNorm -> Attention(heads) -> Dropout(0.1))
          output y = h + (h -> LayerNorm -> Linear(4 * D) -> gelu -> Linear(D))
        }
        model Net {
          input words: token(100)[N, T]
          layer embed = Embedding(32)
          h = (words -> embed) -> repeat(2) { Layer(4) } -> LayerNorm
          output scores = h @ embed.weight.T
        }""",
    "attention by hand": """
        model Net {
          input x: f32[N, T, 16]
          q = x -> Linear(16)
          k = x -> Linear(16)
          weights = softmax(q @ k.mT / 4.0, -1)
          output y = einsum("nij,njd->nid", weights, x -> Linear(16)) * sigmoid(q)
        }""",
    "loop": """
        model Net {
          input x: f32[N, T, 8]
          layer inner = Linear(16)
          layer outer = Linear(16)
          h = zeros(N, 16)
          states = []
          for t in range(T) {
            h = tanh((x[:, t] -> inner) + (h -> outer))
            states.append(h)
          }
          output y = stack(states, 1) -> Linear(4)
        }""",
}
# The loop keeps `x[:, t]` as a part of x, which torch copies for the product of matrices, and no
# more than its first state, which needs no gradient.
TOLERANCE = {"loop": 0.1}


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_activations_of_a_network_are_what_torch_keeps(kind: str) -> None:
    torch.manual_seed(0)
    program, module = built(NETWORKS[kind])
    network = program.models["Net"].network
    for sizes in ({"N": 3, "H": 32, "W": 28, "T": 16}, {"N": 5, "H": 45, "W": 40, "T": 7}):
        theirs = kept_by_torch(module.Net(), [drawn(value, sizes) for value in network.inputs])
        ours = activations(network).evaluate(sizes)
        assert ours == pytest.approx(theirs, rel=TOLERANCE.get(kind, 0.01)), sizes


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_keep_about_what_torch_keeps(kind: str, bidirectional: bool) -> None:
    program, module = built(f"""
        model Net {{
          input  x: f32[N, T, 32]
          y, _ = x -> {kind}(64, num_layers=2, bidirectional={bidirectional})
          output z = y[:, -1] -> Linear(2)
        }}""")
    network = program.models["Net"].network
    sizes = {"N": 8, "T": 25}
    theirs = kept_by_torch(module.Net(), [drawn(value, sizes) for value in network.inputs])
    # The kernels round sizes up and keep room to work in.
    assert activations(network).evaluate(sizes) == pytest.approx(theirs, rel=0.12)


def test_what_needs_no_gradient_is_not_kept() -> None:
    program, module = built("""
        model Net {
          input  image: f32[N, 1, 8, 8]
          output y = (image * 2.0) -> MaxPool2d(2) -> exp -> flatten(1) -> Linear(3)
        }""")
    network = program.models["Net"].network
    theirs = kept_by_torch(module.Net(), [torch.rand(4, 1, 8, 8)])
    # Of all that stands before the first weights only what they multiply.
    assert activations(network).evaluate({"N": 4}) == theirs == 4 * 16 * 4


def test_the_numbers_of_the_dtype_count() -> None:
    program, module = built("""
        model Net {
          input  x: f64[N, 6]
          weight scale: f64[6] = ones(6) -> to(f64)
          output y = exp(x * scale)
        }""")
    found = summary(program.models["Net"], "net.dl", Update(batch=7))["memory"]
    theirs = kept_by_torch(module.Net(), [torch.rand(7, 6, dtype=torch.float64)])
    assert found["activations"] == theirs == 2 * 7 * 6 * 8
    assert found["weights"] == found["gradients"] == 6 * 8


TRAINED = """
data points {
  x: f32[4] = [[1, 2, 3, 4], [5, 6, 7, 8]]
  y: f32[1] = [2, 4]
}
model Net {
  input x: f32[N, 4]
  output z: f32[N, 1] = x -> Linear(8) -> BatchNorm1d -> relu -> Linear(1)
}
train Net on points {
  loss = mse_loss(z, y)
  optimizer = OPTIMIZER
  epochs = 1
  batch = 6
}
"""


@pytest.mark.parametrize("optimizer", ["SGD()", "SGD(momentum=0.9)", "Adam()", "Adafactor()"])
def test_the_memory_of_a_training_is_that_of_its_batch_and_optimizer(optimizer: str) -> None:
    program, module = built(TRAINED.replace("OPTIMIZER", optimizer))
    update = update_of(program, "Net")
    found = summary(program.models["Net"], "net.dl", update)["memory"]
    net = module.Net()
    theirs = kept_by_torch(net, [torch.rand(6, 4)])
    name, options = optimizer[:-1].split("(")
    given = {"momentum": 0.9} if options else {}
    made = getattr(torch.optim, name)(net.parameters(), **given)
    net(torch.rand(6, 4)).sum().backward()
    made.step()
    weights = sum(each.numel() * 4 for each in net.parameters())
    assert found == {
        "batch": 6,
        "optimizer": name,
        "weights": weights,
        "buffers": sum(each.numel() * each.element_size() for each in net.buffers()),
        "gradients": weights,
        "state": held(made),
        "activations": theirs,
        "total": 2 * weights + found["buffers"] + held(made) + theirs,
    }


def test_the_batch_can_be_another_one() -> None:
    program, _ = built(TRAINED.replace("OPTIMIZER", "Adam()"))
    model = program.models["Net"]
    six, twelve = (
        summary(model, "net.dl", update_of(program, "Net", batch))["memory"] for batch in (6, 12)
    )
    constant = 2 * 8 * 4  # mean and variance of the batch norm
    assert twelve["activations"] - constant == 2 * (six["activations"] - constant)
    assert twelve["state"] == six["state"] > 0


def test_each_network_of_a_training_in_steps_has_the_optimizer_of_its_step() -> None:
    spec = (HOME / "specs" / "gan.dl").read_text(encoding="utf-8")
    found = checked(spec, name="gan.dl").program
    if found is None:
        pytest.skip("DLC_DATA_DIR has no mnist/")
    for name in found.models:
        update = update_of(found, name)
        assert update.optimizer is not None
        assert update.optimizer.record.name == "Adam"
        assert update.batch > 1


def test_open_sizes_stay_open_in_the_memory() -> None:
    program, module = built(NETWORKS["convolutions"])
    network = program.models["Net"].network
    found = summary(program.models["Net"], "net.dl", Update(batch=3))["memory"]
    assert set(re.findall(r"[A-Z]", str(found["activations"]))) == {"H", "W"}
    theirs = kept_by_torch(module.Net(), [torch.rand(3, 3, 33, 30)])
    assert eval(str(found["activations"]), {"H": 33, "W": 30}) == pytest.approx(theirs, rel=0.01)
    assert network.inputs[0].type.shape[2].value is None
