"""Only text becomes a source; everything else is said plainly."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from dlc.compiler.diagnostics import Diagnostic, to_text
from dlc.compiler.read import LARGEST, Unreadable, read_source
from dlc.compiler.source import Source, Span


def source_of(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    found: list[Diagnostic] = []
    source = read_source(str(path), found.append)
    assert source is not None and not found
    return source


def fault_of(path: Path, data: bytes) -> Diagnostic:
    path.write_bytes(data)
    found: list[Diagnostic] = []
    assert read_source(str(path), found.append) is None
    (fault,) = found
    assert fault.code == "D0100" and fault.help
    to_text(fault).encode()
    return fault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spec.dl"


def test_a_file_is_read_with_its_path_as_it_was_named(path: Path) -> None:
    source = source_of(path, "param é = 1\n".encode())
    assert (source.path, source.text) == (str(path), "param é = 1\n")


def test_a_byte_order_mark_and_carriage_returns_are_gone(path: Path) -> None:
    assert source_of(path, b"\xef\xbb\xbfa\r\nb\rc\n").text == "a\nb\nc\n"


def test_an_empty_file_is_a_source_that_the_parser_refuses(path: Path) -> None:
    assert source_of(path, b"").text == ""


def test_the_largest_file_is_read_and_one_byte_more_is_refused(path: Path) -> None:
    assert len(source_of(path, b"#" * LARGEST).text) == LARGEST
    assert "10 MiB" in fault_of(path, b"#" * (LARGEST + 1)).message


@pytest.mark.parametrize("data", [b"a\0b", b"\x7fELF\x02\0\0", b"P\0A\0", bytes(1000)])
def test_zero_bytes_are_binary(path: Path, data: bytes) -> None:
    assert "binary" in fault_of(path, data).message


@pytest.mark.parametrize(
    ("data", "place", "byte"),
    [
        (b"caf\xe9\n", (1, 4), "0xe9"),
        (b"\xef\xbb\xbfparam\r\na = \xff\n", (2, 5), "0xff"),
        ("\ufffd é\n".encode() + b"x \x80", (2, 3), "0x80"),
        (b"a\xed\xa0\x80", (1, 2), "0xed"),
        (b"a\xc3", (1, 2), "0xc3"),
    ],
)
def test_what_is_not_utf8_is_shown_where_it_is(
    path: Path, data: bytes, place: tuple[int, int], byte: str
) -> None:
    fault = fault_of(path, data)
    assert byte in fault.message
    assert fault.span.source.place(fault.span.start) == place


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"param a = 1\r\n")))
    source = read_source("-", pytest.fail)
    assert source is not None
    assert (source.path, source.text) == ("<stdin>", "param a = 1\n")


def test_standard_input_has_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Diagnostic] = []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"#" * (LARGEST + 1))))
    assert read_source("-", found.append) is None and len(found) == 1


def test_a_missing_file_is_a_fault_of_use(path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read_source(str(path), pytest.fail)
    assert "there is no file" in caught.value.message and str(path) in caught.value.message
    assert caught.value.help


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="it is a folder"):
        read_source(str(tmp_path), pytest.fail)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_an_impossible_path_is_a_fault_of_use(name: str) -> None:
    with pytest.raises(Unreadable):
        read_source(name, pytest.fail)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_refused_without_waiting_for_it(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(Unreadable, match="no regular file"):
        read_source(str(path), pytest.fail)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no /dev/zero")
def test_a_device_is_refused() -> None:
    with pytest.raises(Unreadable, match="no regular file"):
        read_source("/dev/zero", pytest.fail)


def test_a_link_to_a_file_is_that_file(path: Path, tmp_path: Path) -> None:
    source_of(path, b"param a = 1\n")
    (tmp_path / "link.dl").symlink_to(path)
    source = read_source(str(tmp_path / "link.dl"), pytest.fail)
    assert source is not None and source.text == "param a = 1\n"


# Places in a source.


def test_lines_and_columns_count_from_one() -> None:
    source = Source("s", "ab\n\ncd")
    assert [source.place(offset) for offset in range(7)] == [
        *((1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3))
    ]
    assert [source.line(number) for number in (1, 2, 3)] == ["ab", "", "cd"]


def test_a_span_knows_its_text_and_line_and_grows() -> None:
    source = Source("s", "ab\ncd ef")
    first, last = Span(source, 3, 5), Span(source, 6, 8)
    assert (first.text, first.line, (last + first).text) == ("cd", 2, "cd ef")
