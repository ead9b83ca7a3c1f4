"""Whatever things are called, what is emitted computes the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from dlc.compiler.errors.pages import PAGES
from dlc.compiler.pipeline import compile as compiled
from hostile_names import (
    HOSTILE,
    NETWORKS,
    TEMPLATES,
    TRAININGS,
    filled,
    holes,
    identifiers,
    innocent,
    renamed,
    said,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packages import checked, imported, package, trained, written

LIVELY = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
FEW = settings(LIVELY, max_examples=12)


def inputs(kind: str) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(1)
    match kind:
        case "loops":
            return (torch.randn(2, 5, 12),)
        case "sizes":
            return (torch.randn(2, 3, 4, 5),)
        case "time":
            return (torch.randn(2, 3, 4),)
    return torch.randint(0, 11, (2, 5)), torch.randint(0, 11, (2, 4))


def computed(kind: str, made: Any, folder: Path) -> list[Any]:
    """What a package gives: outputs and gradients of a network, the numbers of a training."""
    home = written(made, folder)
    if kind in TRAININGS:
        code, run = trained(home, folder / "runs", folder)
        rows = (run / "metrics.jsonl").read_text().splitlines()
        return [code, *(numbers(json.loads(row)) for row in rows)]
    module = imported(home, "model")
    kinds = [each for each in vars(module).values() if isinstance(each, type)]
    # Models come last.
    model = [each for each in kinds if each.__module__ == module.__name__][-1]
    torch.manual_seed(0)
    net = model()
    given = inputs(kind)
    found = net(*given)
    outputs = found if isinstance(found, tuple) else (found,)
    sum(each.float().pow(2).sum() for each in outputs).backward()
    # In which order a class has its layers is its own affair.
    grown = sorted(float(f"{p.grad.norm():.3g}") for p in net.parameters())
    return [*(each.tolist() for each in outputs), grown]


def numbers(value: Any) -> list[float]:
    """The numbers of a row of metrics, whatever they are called; the clock's are left out."""
    if isinstance(value, dict):
        kept = [each for key, each in value.items() if key not in ("time", "seconds")]
        return [number for each in kept for number in numbers(each)]
    return [round(value, 6)] if isinstance(value, float) else []


@cache
def expected(kind: str) -> tuple[list[Any], frozenset[str]]:
    """What the template computes under innocent names, and the names of its code."""
    import tempfile

    made = package(filled(TEMPLATES[kind], innocent(TEMPLATES[kind])), name="spec.dl")
    with tempfile.TemporaryDirectory() as folder:
        found = computed(kind, made, Path(folder))
    return found, frozenset(identifiers(made.files.values()))


def is_the_same(kind: str, names: Mapping[str, str], folder: Path) -> bool:
    """False where the names are refused, in words; else the numbers must be the same."""
    found = checked(filled(TEMPLATES[kind], names))
    if found.program is None:
        assert all(each.code in PAGES for each in found.diagnostics)
        return False
    made = compiled(found.program, found.source)
    assert computed(kind, made, folder) == expected(kind)[0], names
    return True


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_numbers_under_innocent_names_are_worth_comparing(kind: str) -> None:
    found, words = expected(kind)
    if kind in TRAININGS:
        assert found[0] in (0, 3) and len(found) > 2 and all(found[1:])
    else:
        assert len({*found[-1]}) > 5
        assert not any("nan" in str(each) for each in found)
    assert len(words) > 100


# Collisions that were faults once, or nearly.
CLASHES: list[tuple[str, dict[str, str]]] = [
    ("loops", {"G_eights": "F"}),
    ("loops", {"G_eights": "max1", "f_v": "max"}),
    ("loops", {"G_eights": "eights", "m_i": "eights"}),
    ("loops", {"G_eights": "width", "u_wide": "width"}),
    ("loops", {"m_d": "units2", "m_i": "units"}),
    ("loops", {"m_d": "unit", "m_i": "unit2", "m_h": "units"}),
    ("loops", {"u_i": "linear", "u_k": "norm", "u_h": "norms", "u_last": "norms"}),
    ("loops", {"u_last": "norm1", "u_gated": "norms", "u_heads": "linears"}),
    ("loops", {"G_Unit": "plain", "G_plain": "Plain"}),
    ("loops", {"G_plain": "_1s", "G_Unit": "__unit"}),
    ("loops", {"G_plain": "F", "G_eights": "F_", "G_Unit": "F__", "G_Net": "F___"}),
    ("loops", {"u_T": "F", "u_D": "zip", "u_x": "range", "u_i": "enumerate", "p_T": "F"}),
    ("loops", {"G_Net": "Unit1", "G_Unit": "Unit", "m_seq": "Unit", "m_L": "L_"}),
    ("loops", {"m_width": "len", "m_depths": "len_", "m_rate": "len__"}),
    ("sizes", {"v_K": "channels", "v_g": "channels2", "v_n": "channels3"}),
    ("sizes", {"v_d": "channels", "v_h": "channels2", "G_Grow": "channels"}),
    ("sizes", {"u_scale": "convs", "u_mask": "norms", "u_i": "conv", "u_y": "conv1"}),
    ("sizes", {"u_a": "x", "u_b": "value", "u_n": "x1"}),
    ("sizes", {"u_a": "shape", "m_H": "shape", "m_W": "device", "m_bias": "device"}),
    ("sizes", {"u_n": "H", "u_H": "W", "u_W": "H_", "m_H": "W", "m_W": "H"}),
    ("sizes", {"m_c": "mask", "m_img": "x", "m_t": "x", "u_x": "x1", "v_x": "x_"}),
    ("time", {"m_t": "range", "m_T": "len", "m_states": "list", "m_h": "zeros_"}),
    ("time", {"m_a": "_", "m_b": "__", "m_p": "_p", "m_q": "__q", "m_s": "_1_q"}),
    ("time", {"m_cell": "training", "m_head": "forward", "u_D": "size"}),
    ("shared", {"m_T": "S", "m_S": "T", "u_T": "S", "u_S": "T"}),
    ("shared", {"m_j": "linear", "m_n": "linears", "m_heads": "norm", "m_w": "norms"}),
    ("shared", {"m_emb": "weight_", "m_norm": "T_destination", "m_tied": "eval"}),
    ("one model", {"G_run": "run", "G_points": "data", "m_a": "split", "m_b": "batches"}),
    ("one model", {"m_a": "self", "m_b": "order", "m_t": "loss1", "m_c": "target", "m_q": "x"}),
    ("one model", {"G_Net": "points", "G_points": "Points", "G_Inner": "build"}),
    ("steps", {"G_points": "optimizer_first", "m_first": "first", "G_d": "optimizer_second"}),
    ("steps", {"m_real": "optimizer_first", "m_first": "first", "m_fake": "loss1"}),
    ("steps", {"G_g": "Gen", "G_d": "gen_", "G_old": "gen__", "G_Gen": "Gen1"}),
    ("steps", {"G_draw": "draw", "p_z": "draw_", "p_picture": "draw__", "m_made": "Gen"}),
]


@pytest.mark.parametrize(("kind", "names"), CLASHES, ids=str)
def test_names_that_would_meet_in_the_code_are_kept_apart(
    kind: str, names: Mapping[str, str], tmp_path: Path
) -> None:
    wanted = renamed(TEMPLATES[kind], names.items())
    is_the_same(kind, wanted, tmp_path)


def test_most_of_these_names_are_taken(tmp_path: Path) -> None:
    """None of the tests here would show anything if all names were refused."""
    good = 0
    for kind, names in CLASHES:
        found = checked(filled(TEMPLATES[kind], renamed(TEMPLATES[kind], names.items())))
        good += found.ok
    assert good >= 0.8 * len(CLASHES)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_hostile_word_in_any_place_of_a_network_changes_nothing(
    kind: str, tmp_path: Path
) -> None:
    """Each word in one place of each scope at a time, the places taking turns."""
    template = TEMPLATES[kind]
    scopes: dict[str, list[str]] = {}
    for hole in holes(template):
        scopes.setdefault(hole.split("_")[0], []).append(hole)
    good = 0
    words = [each for each in HOSTILE if each not in said(template)][: None if kind else 0]
    sample = words[len(kind) % 3 :: 3]
    for turn, word in enumerate(sample):
        places = [each[turn % len(each)] for scope, each in scopes.items() if scope != "G"]
        wanted = renamed(template, [(place, word) for place in places])
        good += is_the_same(kind, wanted, tmp_path / str(turn))
    assert good > 0.4 * len(sample)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_names_of_the_file_may_be_words_of_python_and_torch(kind: str, tmp_path: Path) -> None:
    template = TEMPLATES[kind]
    places = [each for each in holes(template) if each.startswith("G_")]
    words = ["torch", "nn", "F", "Tensor", "self", "super", "len", "list", "class", "__init__"]
    good = 0
    for turn in range(0, len(words), 1 if kind in NETWORKS else 3):
        wanted = [(place, words[(turn + at) % len(words)]) for at, place in enumerate(places)]
        good += is_the_same(kind, renamed(template, wanted), tmp_path / str(turn))
    assert good > 1


def wanted(kind: str, seed: int) -> dict[str, str]:
    """Random names, half of them close to each other or to those that the code has itself."""
    random = Random(seed)
    template = TEMPLATES[kind]
    places = holes(template)
    own = sorted(expected(kind)[1])
    stems = random.sample(own, 3) + random.sample(HOSTILE, 3)
    close = [stem + ending for stem in stems for ending in ("", "_", "__", "s", "1")]
    count = random.choice([1, 2, 3, 6, len(places)])
    chosen = random.sample(places, min(count, len(places)))
    pools = [close, close, own, HOSTILE]
    return renamed(template, [(each, random.choice(random.choice(pools))) for each in chosen])


@given(st.sampled_from(sorted(NETWORKS)), st.integers(0, 10**6))
@LIVELY
def test_no_names_whatever_change_what_a_network_computes(kind: str, seed: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        is_the_same(kind, wanted(kind, seed), Path(folder))


@given(st.sampled_from(sorted(TRAININGS)), st.integers(0, 10**6))
@FEW
def test_no_names_whatever_change_what_is_trained(kind: str, seed: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        is_the_same(kind, wanted(kind, seed), Path(folder))
