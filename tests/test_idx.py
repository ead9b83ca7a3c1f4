"""IDX files: what is read, and what a damaged one is told to be."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.idx import read_idx
from mnist_mirrors import idx, pixels


@pytest.mark.parametrize("shape", [(5,), (0,), (2, 3), (4, 28, 28), (2, 3, 4, 5)])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_idx_gives_the_values_and_the_shape_in_an_array_of_its_own(shape, pack, tmp_path):
    array = np.zeros(shape, np.uint8) if 0 in shape else pixels(*shape)
    (tmp_path / "a").write_bytes(pack(idx(array)))
    got = read_idx(tmp_path / "a")
    assert got.dtype == np.uint8 and got.flags.writeable
    np.testing.assert_array_equal(got, array)


def test_read_idx_reads_what_is_larger_than_its_pieces(tmp_path):
    array = pixels(3, 1000, 1000)
    (tmp_path / "noise").write_bytes(gzip.compress(idx(array), 1))
    (tmp_path / "zeros").write_bytes(gzip.compress(idx(array * 0)))
    np.testing.assert_array_equal(read_idx(tmp_path / "noise"), array)
    np.testing.assert_array_equal(read_idx(tmp_path / "zeros"), array * 0)


def test_gzip_files_in_a_row_and_zeros_after_them_are_read_like_gunzip_does(tmp_path):
    content = idx(pixels(40, 5))
    packed = gzip.compress(content[:3]) + gzip.compress(content[3:99])
    packed += gzip.compress(content[99:]) + bytes(700)
    assert gzip.decompress(packed) == content
    (tmp_path / "a.gz").write_bytes(packed)
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz"), pixels(40, 5))


IDX_FAULTS = {
    "empty": (b"", "is empty"),
    "short header": (idx(pixels(9))[:6], "is cut off: 6 bytes are there, and no whole header"),
    "cut": (idx(pixels(2000))[:1234], "is cut off: 2,008 bytes announced, 1,234 there"),
    "cut gzip": (gzip.compress(idx(pixels(2000)))[:999], "is cut off: 2,008 bytes announced, "),
    "no check sum": (gzip.compress(idx(pixels(9)))[:-8], "ends before the check sum"),
    "wrong check sum": (gzip.compress(idx(pixels(9)))[:-8] + bytes(8), "is damaged"),
    "too long": (idx(pixels(9)) + b"\0", "is too long: 17 bytes announced, and more follow"),
    "text": (b"label,pixel0", "not an IDX file: it begins with the bytes 6c 61 62 65"),
    "no axes": (b"\0\0\x08\0", "not an IDX file"),
    "floats": (b"\0\0\x0d\x01\0\0\0\0", "holds values of IDX type 0x0d, not unsigned bytes"),
    "huge": (struct.pack(">HBB4I", 0, 8, 4, *[2**32 - 1] * 4), "more than the 4,294,967,296"),
    "after gzip": (gzip.compress(idx(pixels(9))) + b"rest", "is damaged"),
}


@pytest.mark.parametrize("fault", IDX_FAULTS)
def test_a_damaged_idx_file_is_named_together_with_what_is_wrong(fault, tmp_path):
    content, says = IDX_FAULTS[fault]
    path = tmp_path / "t10k"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    assert caught.value.message.startswith(f"The file {path} ")
    assert says in caught.value.message and caught.value.message.endswith(".")
    assert caught.value.place == str(path) and caught.value.help


def test_a_file_that_cannot_be_opened_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_idx(tmp_path / "absent")


def test_a_gzip_bomb_takes_no_more_memory_than_its_header_announces(tmp_path):
    (tmp_path / "bomb").write_bytes(gzip.compress(idx(pixels(9)) + bytes(50_000_000)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="too long"):
            read_idx(tmp_path / "bomb")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
