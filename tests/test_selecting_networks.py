"""Emitted code that moves, picks, joins and orders values computes what torch computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from answers import leaves
from networks import code_of, codes, emitted
from torch import Tensor

Net = Callable[[Tensor, Tensor], Any]
ROWS, LABELS = torch.linspace(-1, 1, 12).reshape(3, 4), torch.tensor([2, 0, 3])

CASES: dict[str, Net] = {
    "x + (arange(x.shape[1]) -> to(f32))": lambda x, i: x + torch.arange(4.0),
    "arange(2, 9, 3)": lambda x, i: torch.arange(2, 9, 3),
    "arange(N)": lambda x, i: torch.arange(3),
    "zeros(N, 2, dtype=i64)": lambda x, i: torch.zeros(3, 2, dtype=torch.int64),
    "full((N, 2), 3, dtype=f16)": lambda x, i: torch.full((3, 2), 3, dtype=torch.half),
    "full((N,), True)": lambda x, i: torch.full((3,), True),
    "ones(4, 4, dtype=bool) -> tril": lambda x, i: torch.ones(4, 4, dtype=torch.bool).tril(),
    "linspace(0, 1, 5)": lambda x, i: torch.linspace(0, 1, 5),
    "logspace(0, 2, 3, base=2.0, dtype=f64)": lambda x, i: torch.logspace(
        0, 2, 3, base=2.0, dtype=torch.float64
    ),
    "eye(N, 4) + x": lambda x, i: torch.eye(3, 4) + x,
    "full_like(x, 3, dtype=i32)": lambda x, i: torch.full_like(x, 3, dtype=torch.int32),
    "x -> expand(2, -1, -1)": lambda x, i: x.expand(2, -1, -1),
    "ones(1, 4) -> expand(N, -1)": lambda x, i: torch.ones(3, 4),
    "broadcast_to(x[0], (N, 4))": lambda x, i: x[0].broadcast_to(3, 4),
    "repeat(x, 1, 2)": lambda x, i: x.repeat(1, 2),
    "x -> tile(2)": lambda x, i: x.tile(2),
    "x -> repeat_interleave(2, 1)": lambda x, i: x.repeat_interleave(2, 1),
    "x -> t -> view(2, 2, N)": lambda x, i: x.t().reshape(2, 2, 3),
    "view_as(x, x -> reshape(N, 2, 2))": lambda x, i: x.view(3, 2, 2),
    "x -> Unflatten(1, (2, -1))": lambda x, i: x.reshape(3, 2, 2),
    "x -> movedim(0, 1) -> swapaxes(0, 1)": lambda x, i: x,
    "x -> roll((1, 2), (0, 1))": lambda x, i: x.roll((1, 2), (0, 1)),
    "x -> rot90(k=3)": lambda x, i: x.rot90(3),
    "tensor_split(x, (1, 3), 1)[1]": lambda x, i: x[:, 1:3],
    "x -> narrow(1, -3, 2)": lambda x, i: x[:, 1:3],
    "x -> select(1, -1)": lambda x, i: x[:, -1],
    "hstack([x, x])": lambda x, i: torch.hstack([x, x]),
    "column_stack([i, i])": lambda x, i: torch.column_stack([i, i]),
    'meshgrid(x[0], x[1], indexing="xy")[1]': lambda x, i: torch.meshgrid(
        x[0], x[1], indexing="xy"
    )[1],
    "x[arange(N), i]": lambda x, i: x[torch.arange(3), i],
    "x[:, i]": lambda x, i: x[:, i],
    "x[..., i, None]": lambda x, i: x[..., i, None],
    "x[:, i[0]]": lambda x, i: x[:, i[0]],
    "one_hot(i)": lambda x, i: F.one_hot(i, 4),
    "gather(x, 1, i[:, None])": lambda x, i: x.gather(1, i[:, None]),
    "take_along_dim(x, i[:, None], dim=1)": lambda x, i: x.gather(1, i[:, None]),
    "x -> index_select(1, arange(0, 4, 2))": lambda x, i: x[:, ::2],
    "masked_fill(x, x < 0, -inf)": lambda x, i: x.masked_fill(x < 0, -torch.inf),
    "where(x > 0, x, 0.0)": lambda x, i: x.clamp(min=0.0),
    "where(x > 0, 1, 0)": lambda x, i: (x > 0).long(),
    "x -> scatter(1, i[:, None], 9.0)": lambda x, i: x.scatter(1, i[:, None], 9.0),
    "scatter_add(x, 1, x -> argsort(-1), x)": lambda x, i: x.scatter_add(1, x.argsort(-1), x),
    "topk(x, 2, sorted=True)[0]": lambda x, i: x.topk(2)[0],
    "sort(x, 0, True)[1]": lambda x, i: x.sort(0, True)[1],
    "argmax(x, 1, keepdim=True)": lambda x, i: x.argmax(1, keepdim=True),
    "triu(x, diagonal=1)": lambda x, i: x.triu(1),
    "x -> diag_embed -> diagonal(dim1=-2, dim2=-1)": lambda x, i: x,
    "diag(x[1], 1)": lambda x, i: x[1].diag(1),
}


@pytest.mark.parametrize("expression", CASES)
def test_emitted_code_computes_what_torch_computes(expression: str, tmp_path: Path) -> None:
    text = f"""
    model Net {{
      input x: f32[N, 4]
      input i: class(4)[N]
      output out = {expression}
      output rest = x * 2 + i[:, None]
    }}
    """
    found, _ = emitted(text, tmp_path).Net()(ROWS, LABELS)
    (expected,) = leaves(CASES[expression](ROWS, LABELS))
    assert found.dtype == expected.dtype
    assert torch.equal(found, expected)


def test_sizes_asked_for_may_be_open_and_are_read_off_the_input(tmp_path: Path) -> None:
    text = """
    model Net {
      input  x: f32[N, T, 4]
      places = arange(T) -> to(f32) -> reshape(1, -1, 1)
      causal = ones(T, T, dtype=bool) -> tril
      scores = masked_fill(x @ x.mT, ~causal, -inf) -> softmax(-1)
      output y: f32[N, T, 4] = scores @ x + places
    }
    """
    x = torch.linspace(-1, 1, 40).reshape(2, 5, 4)
    causal = torch.ones(5, 5, dtype=torch.bool).tril()
    scores = (x @ x.mT).masked_fill(~causal, -torch.inf).softmax(-1)
    expected = scores @ x + torch.arange(5.0).reshape(1, 5, 1)
    torch.testing.assert_close(emitted(text, tmp_path).Net()(x), expected)


def test_new_tensors_are_made_where_the_input_is(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[N, 4]
      output y = x + arange(4) + linspace(0, 1, 4) + eye(4)[0]
      output z = x[randperm(N)]
    }
    """
    net = emitted(text, tmp_path).Net().to("meta")
    assert {each.device.type for each in net(torch.empty(3, 4, device="meta"))} == {"meta"}


def test_an_indexing_of_a_grid_is_always_written_out() -> None:
    text = (
        'model Net { input x: f32[N, 4] a, b = meshgrid(x[0], x[1], indexing="ij") output y = a }'
    )
    assert 'indexing="ij"' in code_of(text)
    assert codes(text.replace(', indexing="ij"', "")) == ["D0307"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("x[x > 0]", "D0226"),
        ("x[:, x]", "D0226"),
        ("x[:, arange(5)]", "D0225"),
        ("repeat(x, 2, 1)", "D0201"),
        ("x -> expand(8, -1)", "D0201"),
        ("x -> gather(1, x)", "D0202"),
        ("x -> masked_fill(x, 0.0)", "D0202"),
        ("one_hot(x)", "D0202"),
        ("vstack([x, x])", "D0201"),
        ("x -> topk(5)", "D0201"),
        ("x -> narrow(1, 3, 2)", "D0225"),
        ("arange(0, 5, 0)", "D0201"),
        ("full((N, 2), -inf, dtype=i64)", "D0202"),
    ],
)
def test_what_torch_refuses_is_one_message(expression: str, code: str) -> None:
    text = f"model Net {{ input x: f32[N, 4] y = {expression} output z = x -> Linear(1) }}"
    assert codes(text)[:1] == [code]
