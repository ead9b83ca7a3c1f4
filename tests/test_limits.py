"""Broken, cut off, endless and enormous files: a clean message with a place, and exit code 1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import dlc
from dlc.compiler.diagnostics import to_text
from dlc.compiler.errors.pages import PAGES
from packages import HOME, checked, package

MNIST = (HOME / "specs" / "mnist.dl").read_text(encoding="utf-8")
NET = "model Net {{\n  input x: f32[N, 4]\n  output y: f32[N, 4] = {}\n}}\n"
POINTS = "data points {{\n  x: f32[1] = {}\n}}\n"


def fault(text: str) -> str:
    """The code of the one error of a text, which has a place in it."""
    found = checked(text)
    errors = [each for each in found.diagnostics if each.severity == "error"]
    assert not found.ok
    assert len(errors) == 1, "\n".join(map(to_text, errors))
    assert errors[0].code in PAGES
    assert 0 <= errors[0].span.start <= errors[0].span.end <= len(found.source.text)
    return errors[0].code


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2", b"\xff\xfe", bytes(range(256)), b"\x89PNG\r\n\x1a\n"]
)
def test_a_file_that_is_no_text_is_told_in_one_message(content: bytes) -> None:
    said = dlc("check", "-", stdin=content)
    assert said.code == 1
    assert said.err.count("error[") == 1
    assert "Traceback" not in said.err


def test_a_file_of_more_than_10_mib_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.dl"
    with huge.open("wb") as file:
        file.truncate(11 * 2**20)
    said = dlc("check", huge)
    assert said.code == 1
    assert "more than 10 MiB" in said.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_no_file_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.dl")
    said = dlc("check", tmp_path / "pipe.dl")
    assert said.code == 2
    assert "no regular file" in said.err


@pytest.mark.parametrize("length", range(0, len(MNIST), 50))
def test_a_spec_that_is_cut_off_is_good_or_told(length: int) -> None:
    found = checked(MNIST[:length])
    assert found.ok or any(each.severity == "error" for each in found.diagnostics)
    assert "".join(map(to_text, found.diagnostics)).replace("\n", "").isprintable()


@pytest.mark.parametrize("bracket", ["(", "[", "{", "-", "not ", "~"])
def test_nesting_without_measure_is_refused(bracket: str) -> None:
    close = {"(": ")", "[": "]", "{": "}"}.get(bracket, "")
    nested = bracket * 100_000 + "1" + close * 100_000
    assert not checked(NET.format(f"x -> Linear({nested})")).ok
    assert not checked(nested).ok


def test_sums_of_any_length_are_checked_or_refused() -> None:
    for operator in ("+", "**", "->", "==", "and", "//"):
        found = checked(NET.format(f" {operator} ".join(["x"] * 20_000)))
        assert found.diagnostics or found.ok


def test_ten_thousand_layers_check_and_compile() -> None:
    made = package(NET.format("x" + " -> relu" * 10_000))
    assert made.files["model.py"].count("F.relu(") == 10_000


def test_ten_thousand_named_values_check() -> None:
    lines = "".join(f"  h{i} = tanh(h{i - 1})\n" for i in range(1, 10_000))
    text = f"model Net {{\n  input x: f32[N, 4]\n  h0 = x\n{lines}  output y = h9999\n}}\n"
    assert checked(text).ok


@pytest.mark.parametrize("uses", [2, 10])
def test_blocks_that_multiply_are_stopped_by_arithmetic(uses: int) -> None:
    blocks = ["block B0 = tanh -> tanh"]
    blocks += [f"block B{i} = " + " -> ".join([f"B{i - 1}"] * uses) for i in range(1, 45)]
    assert fault("\n".join(blocks) + "\n" + NET.format("x -> B44")) == "D0219"


def test_blocks_that_use_each_other_in_a_ring_are_stopped() -> None:
    ring = "block A = B -> B\nblock B = C -> C\nblock C = A -> A\n"
    assert fault(ring + NET.format("x -> A")) == "D0217"


def test_blocks_nested_too_deeply_are_stopped() -> None:
    blocks = ["block B0 = tanh"] + [f"block B{i} = B{i - 1} -> relu" for i in range(1, 3000)]
    assert fault("\n".join(blocks) + "\n" + NET.format("x -> B2999")) == "D0221"
    few = "\n".join(blocks[:40]) + "\n"
    assert checked(few + NET.format("x -> B39")).ok


def test_more_than_a_thousand_named_sizes_are_refused() -> None:
    def model(count: int) -> str:
        names = ", ".join(f"S{i}" for i in range(count))
        return f"model Net {{\n  input x: f32[N, {names}]\n  output y = relu(x)\n}}\n"

    assert fault(model(1001)) == "D0220"
    assert checked(model(60)).ok


@pytest.mark.parametrize(
    "number",
    ["10**10**10", "1e999", "-1e999", "2**63 + 1", "9" * 30, "9" * 5000, "10**400", "1 // 0",
     "2.0 ** 5000", "1e308 * 10"],
)  # fmt: skip
def test_numbers_beyond_all_bounds_are_refused_wherever_they_stand(number: str) -> None:
    for text in (
        NET.format(f"x -> Linear({number})"),
        NET.format(f"x * ({number})"),
        f"param n = {number}\n" + NET.format("x -> Linear(n)"),
        NET.format("relu(x)").replace("4", number),
        POINTS.format(f"[{number}]"),
        MNIST.replace("epochs = 5", f"epochs = {number}"),
        MNIST.replace("1e-3", number),
    ):
        found = checked(text)
        assert not found.ok, text
        assert all(each.code in PAGES for each in found.diagnostics)


@pytest.mark.parametrize(
    "size", [str(2**31), str(2**40), str(2**62), str(2**63 - 1), "10**18"]
)  # fmt: skip
def test_sizes_that_no_machine_has_are_only_numbers(size: str, tmp_path: Path) -> None:
    """They check and compile without anything being allocated, or are refused."""
    for text in (
        NET.format(f"x -> Linear({size}) -> Linear(4)"),
        NET.format(f"x -> Linear({size}) -> Linear({size}) -> Linear(4)"),
        NET.format("relu(x)").replace("4", f"{size}, {size}, H"),
        NET.format(f"x -> reshape(N, {size}, -1) -> flatten(1)"),
        POINTS.format(f"[1] -> reshape({size}, {size})"),
        MNIST.replace("batch = 128", f"batch = {size}").replace("Conv2d(32", f"Conv2d({size}"),
        MNIST.replace("28", size),
    ):
        for command in ("check", "summary", "compile"):
            said = dlc(
                command, "-", *(["-o", tmp_path] * (command == "compile")), stdin=text.encode()
            )
            assert said.code in (0, 1), said.err
            assert said.code == 0 or said.err.startswith("error[D")


@pytest.mark.parametrize(
    "data",
    ["range(10**12)", "range(2**62)", "range(0, 10**15, 2)", "range(10**7) * 10**300"],
)  # fmt: skip
def test_data_that_would_fill_the_memory_is_refused(data: str) -> None:
    found = checked(POINTS.format(data))
    assert not found.ok


def test_strings_and_lists_do_not_grow_without_measure() -> None:
    assert not checked('param a = "x" * 10**9\n' + NET.format("x")).ok
    doubled = "param a0 = [1, 2]\n" + "".join(
        f"param a{i} = a{i - 1} + a{i - 1}\n" for i in range(1, 60)
    )
    assert not checked(doubled + NET.format("x")).ok
