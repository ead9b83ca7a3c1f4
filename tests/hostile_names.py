"""Specs whose names are holes, to be filled with innocent names or with hostile ones.

A hole is `$scope_name`; names of one scope differ, and so they do from the names of the file (`G`)
where the scope uses those.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping

from dlc.compiler.opened import TAKEN
from dlc.compiler.plan.names import MODULE, RESERVED

HOLE = re.compile(r"\$([A-Za-z]+_[A-Za-z0-9]+)")
WORD = re.compile(r"[A-Za-z_]\w*")

NETWORKS = {
    "loops": """\
function $G_eights($f_v: int) = max(8, ($f_v + 4) // 8 * 8)

block $G_Unit($u_heads: int, $u_wide: int = 16, $u_deep: int = 2, $u_gated: bool = True) {
  input $u_x: f32[N, $u_T, $u_D]
  require $u_D % $u_heads == 0, "heads"
  $u_h = $u_x
  for $u_i in range($u_deep) {
    $u_k = $u_h -> LayerNorm() -> Linear($u_wide * ($u_i + 1)) -> gelu
    $u_h = $u_h + ($u_k -> Linear($u_D))
  }
  $u_g = $u_h
  if $u_gated {
    $u_q = $u_h -> LayerNorm() -> sigmoid
    $u_g = $u_h * $u_q
  }
  layer $u_last = Linear($u_D, bias=False)
  $u_s = $u_g -> $u_last -> $u_last
  output $u_y = $u_s + $u_g
}

block $G_plain($p_k: int = 2) {
  input $p_x: f32[N, $p_T, $p_D]
  $p_a = $p_x * $p_k
  output $p_y = ($p_a + $p_x) / $p_D
}

model $G_Net($m_width: int = 12, $m_depths: list = [1, 2], $m_rate: float = 0.5) {
  input $m_seq: f32[N, $m_L, 12]
  output $m_out: f32[N, 3]
  $m_h = $m_seq -> Linear($G_eights($m_width))
  for $m_i, $m_d in enumerate($m_depths) {
    $m_h = $m_h -> $G_Unit(2, $m_width + $m_i)
        -> repeat($m_d) { $G_Unit(4, 8, $m_d) -> $G_plain($m_d + 1) }
  }
  $m_p = mean($m_h, 1) * $m_rate
  $m_out = $m_p -> Linear(3)
}
""",
    "sizes": """\
block $G_Inner($u_a: int, $u_b: float = 2.0, $u_n: int = 3) {
  input $u_x: f32[N, $u_C, $u_H, $u_W]
  weight $u_scale: f32[$u_C] = ones($u_C)
  buffer $u_mask: f32[$u_C] = ones($u_C, $u_C) -> tril -> cumsum(0) -> softmax(0) -> mean(0)
  $u_y = $u_x * $u_scale[:, None, None] + $u_mask[:, None, None] * $u_b
  $u_skips = []
  for $u_i in range($u_n) {
    $u_y = $u_y -> Conv2d($u_a, 3, padding=1) -> BatchNorm2d -> relu
    $u_skips.append($u_y)
  }
  $u_z = cat([$u_skips.pop(), $u_skips.pop()], 1)
  output $u_o = $u_z -> Conv2d($u_C, 1) -> reshape(N, $u_C, $u_H * $u_W)
}

block $G_Grow($v_g: int, $v_n: int = 3) {
  input $v_x: f32[N, $v_K, $v_S, $v_R]
  $v_h = $v_x
  for $v_i in range($v_n) {
    $v_d = $v_h -> BatchNorm2d -> Conv2d($v_g, 3, padding=1)
    $v_h = cat([$v_h, $v_d], 1)
  }
  output $v_y = $v_h -> Conv2d($v_K, 1)
}

model $G_Net($m_c: int = 5) {
  input $m_img: f32[N, 3, $m_H, $m_W]
  input $m_bias: f32[N, 3] = 0.0
  output $m_u: f32[N, 3, $m_H * $m_W]
  output $m_v: f32[N, 3]
  $m_t = $m_img -> $G_Grow(4) -> Conv2d(3, 1) -> $G_Grow(2, 2)
  $m_u = $m_t -> $G_Inner($m_c, 1.5)
  $m_v = mean($m_u, 2) + $m_bias
}
""",
    "time": """\
block $G_Cell($u_size: int) {
  input $u_x: f32[N, $u_D]
  input $u_h: f32[N, $u_size]
  $u_z = sigmoid(($u_x -> Linear($u_size)) + ($u_h -> Linear($u_size)))
  output $u_new = $u_z * $u_h + (1 - $u_z) * tanh($u_x -> Linear($u_size))
}

model $G_Net($m_size: int = 6, $m_layers: int = 2) {
  input $m_x: f32[N, $m_T, 4]
  output $m_y: f32[N, $m_T, 2]
  layer $m_cell = $G_Cell($m_size)
  layer $m_head = Linear(2)
  $m_h = zeros(N, $m_size)
  $m_states = []
  for $m_t in range($m_T) {
    $m_h = $m_cell($m_x[:, $m_t], $m_h)
    $m_states.append($m_h)
  }
  $m_s = stack($m_states, 1)
  $m_o, ($m_a, $m_b) = $m_s -> LSTM(5, num_layers=$m_layers)
  $m_p, $m_q = chunk($m_s, 2, -1)
  $m_r = ($m_a[0] -> Linear(2))[:, None]
  $m_y = $m_head($m_s) + ($m_p -> Linear(2)) + $m_head($m_q -> Linear($m_size)) + $m_r
}
""",
    "shared": """\
block $G_Mix($u_heads: int, $u_plain: bool = False, $u_act: op = gelu) {
  input $u_x: f32[N, $u_T, $u_D]
  input $u_y: f32[N, $u_S, $u_D]
  $u_q = $u_x -> Linear($u_D) -> reshape(N, $u_T, $u_heads, $u_D // $u_heads) -> transpose(1, 2)
  $u_k = $u_y -> Linear($u_D) -> reshape(N, $u_S, $u_heads, $u_D // $u_heads) -> transpose(1, 2)
  $u_a = $u_q @ $u_k.mT -> softmax(-1)
  $u_o = ($u_a @ $u_k) -> transpose(1, 2) -> reshape(N, $u_T, $u_D)
  $u_r = if $u_plain { $u_o } else { $u_o -> Linear($u_D) -> $u_act }
  output $u_z = $u_r + $u_x
}

model $G_Net($m_dim: int = 8, $m_table: list = [[2, 3], [4, 2]], $m_tied: bool = True) {
  input $m_src: token(11)[N, $m_T]
  input $m_dst: token(11)[N, $m_S]
  output $m_l: f32[N, $m_T, 11]
  layer $m_emb = Embedding($m_dim)
  layer $m_norm = LayerNorm()
  $m_h = $m_emb($m_src) -> $m_norm
  $m_g = $m_emb($m_dst) -> $m_norm
  for $m_heads, $m_n in $m_table {
    $m_h = ($m_h, $m_g) -> $G_Mix($m_heads)
    for $m_j in range($m_n) {
      $m_w = $m_h -> Linear($m_dim * 2) -> relu -> Linear($m_dim)
      $m_h = $m_h + $m_w -> LayerNorm()
    }
  }
  $m_f = $m_norm($m_h)
  if $m_tied { $m_l = $m_f @ $m_emb.weight.T } else { $m_l = $m_f -> Linear(11) }
}
""",
}
TRAININGS = {
    "one model": """\
param $G_rate = 0.01

data $G_points {
  $m_a: f32[2] = [[0, 1], [1, 0], [1, 1], [2, 0], [3, 1], [0, 3]]
  $m_b: f32[2] = [[5, 1], [1, 0], [1, 1], [2, 2], [3, 1], [0, 3]]
  $m_t: f32[1] = [1, 2, 3, 2, 1, 0]
  $m_c: class("no", "yes") = ["no", "yes", "yes", "no", "no", "yes"]
  split = random(train=0.7, validation=0.3, seed=0)
}

block $G_Inner($b_w: int = 3) {
  input $b_x: f32[N, $b_D]
  output $b_y = $b_x -> Linear($b_w) -> tanh -> Linear($b_D)
}

model $G_Net($m_k: float = 2.0, $m_n: int = 2) {
  input $m_a: f32[N, 2]
  input $m_z: f32[N, 2]
  output $m_p: f32[N, 1]
  output $m_q: f32[N, 2]
  $m_h = $m_a + $m_z -> repeat($m_n) { $G_Inner(4) }
  $m_p = $m_h * $m_k -> Linear(1)
  $m_q = $m_h -> Linear(2)
}

train $G_run = $G_Net($m_z=$m_b, $m_k=1.5) on $G_points {
  loss = cross_entropy($m_q, $m_c) + 0.3 * mse_loss($m_p, $m_t)
  optimizer = Adam(lr=$G_rate)
  schedule = cosine()
  metrics = [accuracy, f1_score(average="micro")]
  epochs = 2
  batch = 3
}

expect {
  predict($m_a=[0, 0], $m_b=[1, 2]).$m_q.label == "no"
  validation.accuracy >= 0
}
""",
    "steps": """\
param $G_rate = 0.01

data $G_points {
  $m_real: f32[2] = [[0, 1], [1, 0], [1, 1], [2, 0], [3, 1], [0, 3]]
}

model $G_Gen($g_w: int = 4) {
  input $g_z: f32[N, 3]
  output $g_o: f32[N, 2] = $g_z -> Linear($g_w) -> relu -> Linear(2)
}

model $G_Dis {
  input $d_x: f32[N, 2]
  output $d_l: f32[N, 1] = $d_x -> Linear(5) -> relu -> Linear(1)
}

train $G_g = $G_Gen(), $G_d = $G_Dis() on $G_points {
  copy $G_old = $G_g ema 0.9
  step $m_first updates $G_d {
    $m_fake = detach($G_g(randn(N, 3)))
    loss = binary_cross_entropy_with_logits($G_d($m_real), ones(N, 1))
         + binary_cross_entropy_with_logits($G_d($m_fake), zeros(N, 1))
         + 0.0 * mean($G_old(randn(N, 3)))
    optimizer = Adam(lr=$G_rate, betas=(0.5, 0.999))
  }
  step $m_second updates $G_g every 2 {
    $m_made = $G_g(randn(N, 3))
    loss = binary_cross_entropy_with_logits($G_d($m_made), ones(N, 1))
    optimizer = SGD(lr=0.1)
  }
  epochs = 2
  batch = 2
}

predict $G_draw {
  input $p_z: f32[N, 3] = randn(N, 3)
  output $p_picture: f32[N, 2] = $G_g($p_z) * 2
}

expect {
  train.$m_first.loss > 0
  mean($G_draw(10).$p_picture) within 1e6 of 0
}
""",
}
TEMPLATES = {**NETWORKS, **TRAININGS}

DUNDER = "__init__ __class__ __dict__ __doc__ __name__ __file__ __builtins__ __x __ _ ___ _1"
# Words that mean something to Python, to torch or to what is emitted.
HOSTILE = sorted(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *MODULE,
        *RESERVED,
        *TAKEN,
        *(each for each in dir(builtins) if each.islower()),
        *DUNDER.split(),
        *"Exception Ellipsis os sys torchvision numpy np dlc main runtime sqrt math".split(),
    }
)
ENDINGS = ("", "_", "__", "s", "1", "2", "_1", "s2")


def holes(template: str) -> list[str]:
    """The holes of a template, each once."""
    return list(dict.fromkeys(HOLE.findall(template)))


def innocent(template: str) -> dict[str, str]:
    """A name for each hole that nothing else has."""
    kept = {"T", "D", "C", "H", "W", "K", "S", "R", "L"}

    def name(scope: str, word: str) -> str:
        if scope == "G" or word in kept:
            return word
        return f"{word}_of_{scope}"

    return {each: name(*each.split("_")) for each in holes(template)}


def filled(template: str, names: Mapping[str, str]) -> str:
    """The spec with these names in its holes."""
    return HOLE.sub(lambda hole: names[hole[1]], template)


def said(template: str) -> set[str]:
    """The words that the template says itself: a name like one of them would be another thing."""
    return set(WORD.findall(HOLE.sub("", template)))


def renamed(template: str, wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Innocent names, but for those wanted that leave every other name what it is."""
    names = innocent(template)
    free = said(template)
    for hole, word in wanted:
        near = {names[each] for each in names if each != hole and _meet(each, hole)}
        if WORD.fullmatch(word) and word not in near | free:
            names[hole] = word
    return names


def _meet(one: str, other: str) -> bool:
    scopes = {one.split("_")[0], other.split("_")[0]}
    return len(scopes) == 1 or "G" in scopes


def identifiers(files: Iterable[str]) -> set[str]:
    """The names that emitted code has itself, and others that a number or an ending makes of it."""
    words = {word for code in files for word in WORD.findall(code) if len(word) < 25}
    more = {f"{word}{ending}" for word in words for ending in ENDINGS}
    return more | {word[:-1] for word in words if word[1:].endswith("s")}
