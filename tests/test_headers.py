"""Headers of pictures, held against Pillow."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from dlc.compiler.data_at_hand.headers import NoPicture, header
from dlc.runtime.pictures import FORMATS, PictureFault, decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import photo
from PIL import Image

MODES = {"L": 1, "RGB": 3, "RGBA": 4, "1": 1, "LA": 1, "P": 0}
SAVED = [
    *(("PNG", mode, {}) for mode in MODES),
    *(("JPEG", mode, {}) for mode in ("L", "RGB")),
    ("JPEG", "CMYK", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "RGB", {"icc_profile": bytes(70_000)}),
    ("JPEG", "RGB", {"comment": b"x" * 5000}),
    *(("BMP", mode, {}) for mode in ("1", "L", "RGB", "P")),
    *(("GIF", mode, {}) for mode in ("L", "P")),
    ("WEBP", "RGB", {"lossless": True}),
    ("WEBP", "RGB", {"lossless": False}),
    ("WEBP", "RGBA", {"lossless": True}),
]


@pytest.mark.parametrize(("kind", "mode", "options"), SAVED)
@pytest.mark.parametrize("size", [(1, 1), (20, 16), (16, 20), (300, 7)])
def test_height_width_and_channels_are_those_of_pillow(
    kind: str, mode: str, options: dict[str, object], size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / f"picture.{kind.lower()}"
    photo(1, size).convert(mode).save(path, kind, **options)
    found = header(str(path))
    if kind == "GIF":
        assert found is None  # only decoding tells the size of its first frame
        return
    assert found is not None
    with Image.open(path) as opened:
        assert (found.width, found.height) == opened.size
        if found.channels == 1:
            assert opened.mode in ("1", "L", "LA")
        if opened.mode in ("L", "LA") and kind in ("PNG", "JPEG"):
            assert found.channels == 1
        if opened.mode == "RGB" and kind != "BMP":
            assert found.channels == 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_may_be_turned_says_so(orientation: int, tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo(1, (20, 16)).save(path, exif=exif)
    found = header(str(path))
    assert found is not None
    assert found.turned
    assert sorted(found[:2]) == sorted(decode(path, 3, None).shape[1:])
    photo(1, (20, 16)).save(path)
    plain = header(str(path))
    assert plain is not None
    assert not plain.turned


def encoded(kind: str) -> bytes:
    buffer = BytesIO()
    photo(3, (9, 7)).save(buffer, kind)
    return buffer.getvalue()


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(FORMATS),
    st.integers(0, 200),
    st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), max_size=3),
    st.booleans(),
)
def test_what_is_no_picture_here_is_none_to_a_run(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    length: int,
    changes: list[tuple[int, int]],
    cut: bool,
) -> None:
    content = bytearray(encoded(kind))
    for place, value in changes:
        content[place % len(content)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(bytes(content[:length]) if cut else bytes(content))
    try:
        header(str(path))
    except NoPicture:
        with pytest.raises(PictureFault):
            decode(path, 3, None)


@pytest.mark.parametrize("content", [b"", b"text\n" * 99, b"<html>", b"\0" * 999, b"\x89PNG"])
def test_a_file_of_another_kind_is_no_picture(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    with pytest.raises(NoPicture):
        header(str(path))
    with pytest.raises(PictureFault):
        decode(path, 3, None)
