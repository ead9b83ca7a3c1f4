"""Of a table only a little is read, however large it is, and what lies deep in it is found."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from dlc.compiler.data_at_hand import files, samples
from dlc.compiler.data_at_hand.samples import TableFault, sampled
from hands import TRAINED, codes, diagnostics

GIVEN: dict[str, Any] = {
    "header": True,
    "names": None,
    "missing": ("", "NA"),
    "separator": ",",
}
SPEC = """data rows from csv("rows.csv") {
  x: f32[2] = [first, second] -> standardize
  label: class(3)
}
"""
MOST = 1 << 20  # bytes
LINE = "0.5,0.25,1\n"


class Counting:
    """A file that counts what is read of it."""

    def __init__(self, file: BinaryIO, count: Callable[[int], None]) -> None:
        self.file = file
        self.count = count

    def read(self, size: int = -1) -> bytes:
        found = self.file.read(size)
        self.count(len(found))
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each piece that is read of tables."""
    found: list[int] = []

    def opened(path: str) -> Any:
        return Counting(files.opened(path), found.append)

    monkeypatch.setattr(samples, "opened", opened)
    return found


def large(path: Path, size: int = 100_000_000) -> Path:
    block = (LINE * 90_000).encode()
    with path.open("wb") as file:
        file.write(b"first,second,label\n")
        while file.tell() < size:
            file.write(block)
    return path


def test_of_a_hundred_megabytes_a_hundredth_is_read_and_it_is_read_from_all_over(
    tmp_path: Path, read: list[int]
) -> None:
    path = large(tmp_path / "rows.csv")
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert 0 < sum(read) < MOST
    assert found.spread
    assert not found.whole
    assert max(row.offset for row in found.rows) > 0.99 * path.stat().st_size
    middle = [row for row in found.rows if 0.4e8 < row.offset < 0.6e8]
    assert middle
    with path.open("rb") as file:
        for row in middle:
            file.seek(row.offset - 1)
            assert file.readline() == b"\n"
            assert file.readline().decode().strip().split(",") == row.cells


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="no kernel counts bytes here")
def test_the_kernel_counts_no_more_bytes_for_a_large_table_than_for_a_small_one(
    tmp_path: Path,
) -> None:
    code = (
        "import sys; from dlc.compiler.pipeline import check;"
        "from dlc.compiler.source import Source;"
        "check(Source(sys.argv[1], open(sys.argv[1]).read()));"
        "print(open('/proc/self/io').read().split()[1])"
    )
    counts = []
    for name, size in (("small", 1000), ("large", 100_000_000)):
        folder = tmp_path / name
        folder.mkdir()
        large(folder / "rows.csv", size)
        (folder / "spec.dl").write_text(SPEC)
        command = [sys.executable, "-c", code, str(folder / "spec.dl")]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        counts.append(int(said.stdout))
    assert counts[1] - counts[0] < MOST + (large(tmp_path / "again.csv", 1000).stat().st_size)


def test_a_fault_near_the_end_of_a_large_table_is_found_with_its_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large(tmp_path / "rows.csv", 3_000_000)
    with path.open("ab") as file:
        start = file.tell()
        file.write(b"0.5,0.25,7\n")
    # The last piece reaches to the end; its first rows are those that are looked at.
    monkeypatch.setattr(samples, "IN_BLOCK", 10_000)
    (found,) = diagnostics(SPEC, tmp_path, monkeypatch)
    assert found.code == "D0321"
    assert found.notes == (f"the column `label` has `7` in the line at byte {start:,} of rows.csv",)


def test_bytes_that_are_no_text_are_found_deep_in_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large(tmp_path / "rows.csv", 200_000)
    with path.open("ab") as file:
        file.write(b"\xe4,0.25,1\n" * 20_000)
    assert codes(SPEC, tmp_path, monkeypatch) == ["D0325"]


def test_cells_of_several_lines_are_never_cut_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    row = '"a cell\nof,many,\nlines",0.25,1\n'
    path.write_text("first,second,label\n" + row * 20_000)
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert not found.spread
    assert {tuple(row.cells) for row in found.rows} == {("a cell\nof,many,\nlines", "0.25", "1")}


def test_quoted_lines_deep_in_a_table_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large(tmp_path / "rows.csv", 200_000)
    with path.open("a") as file:
        file.write('0.5,"0.\n25",1\n' * 40_000)
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert all(len(row.cells) == 3 for row in found.rows)
    # The cell of two lines is a text to a run too, which reads all of them.
    assert codes(SPEC, tmp_path, monkeypatch) == []


@pytest.mark.parametrize("lines", [1, 10, 5000, 6000, 7000, 40_000])
def test_what_is_sampled_are_rows_of_the_file_and_a_small_file_is_whole(
    lines: int, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("first,second\n" + "".join(f"{i},{i * i}\n" for i in range(lines)))
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert all(int(first) ** 2 == int(second) for (first, second), _, _ in found.rows)
    assert found.whole == (path.stat().st_size <= samples.HEAD)
    if found.whole:
        assert [row.line for row in found.rows] == list(range(2, lines + 2))


def test_a_packed_table_is_unpacked_no_further_than_its_beginning(
    tmp_path: Path, read: list[int]
) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"first,second,label\n" + LINE.encode() * 5_000_000))
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert not found.whole
    assert sum(read) <= samples.HEAD
    assert sum(len(",".join(row.cells)) + 1 for row in found.rows) <= samples.HEAD


def test_a_small_packed_table_is_whole_and_a_damaged_one_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    packed = gzip.compress(b"first,second,label\n" + LINE.encode() * 40)
    path.write_bytes(packed)
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert (len(found.rows), found.whole) == (40, True)
    for damaged in (packed[:-9], packed[:-1] + b"\x77", packed[:12] + b"\xff" * 20 + packed[32:]):
        path.write_bytes(damaged)
        with pytest.raises(TableFault):
            sampled(str(path), GIVEN, False)
        with pytest.raises((OSError, EOFError, ValueError, Exception)):
            gzip.decompress(damaged)


def test_a_line_too_long_to_be_a_header_tells_nothing(tmp_path: Path, read: list[int]) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"x" * 3_000_000)
    assert sampled(str(path), GIVEN, False) is None
    assert sum(read) < MOST


def test_a_header_of_ten_thousand_columns_is_read(tmp_path: Path, read: list[int]) -> None:
    path = tmp_path / "rows.csv"
    names = [f"column_{number}" for number in range(10_000)]
    path.write_text(",".join(names) + "\n" + (",".join("1" * 10_000) + "\n") * 100)
    found = sampled(str(path), GIVEN, False)
    assert found is not None
    assert list(found.names) == names
    assert sum(read) < MOST


def test_a_spec_without_files_loads_nothing_of_this() -> None:
    code = (
        "import sys; from dlc.compiler.pipeline import check;"
        "from dlc.compiler.source import Source;"
        "assert check(Source('x.dl', sys.argv[1])).ok;"
        "print([name for name in sys.modules if 'at_hand' in name or name == 'csv'])"
    )
    text = "data rows {\n  x: f32[2] = [[1, 2]]\n  label: class(3) = [1]\n}\n"
    text += TRAINED.replace("WIDTH", "2")
    command = [sys.executable, "-c", code, text]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert said.stdout == "[]\n"


def test_reading_a_table_loads_neither_numpy_nor_torch_nor_pillow(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("first,second,label\n" + LINE * 20)
    code = (
        "import sys; from dlc.compiler.pipeline import check;"
        "from dlc.compiler.source import Source;"
        "assert check(Source(sys.argv[1], sys.argv[2])).ok;"
        "assert 'csv' in sys.modules; print({'numpy', 'torch', 'PIL'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "spec.dl"), SPEC]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
