"""Picture files become the bytes that Pillow makes of them."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from dlc.runtime.errors import DataError
from dlc.runtime.pictures import PictureFault, Pictures, Resize, decode, size_of
from photos import opened, photo
from PIL import Image, ImageOps

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere") / "cats_dogs"


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


# Files


@pytest.mark.parametrize("ending", ["png", "bmp", "gif", "webp"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_every_format_is_resized_as_pillow_does(ending, mode, tmp_path):
    path = saved(tmp_path / f"photo.{ending}", photo(1, (37, 23)))
    found = decode(path, 1 if mode == "L" else 3, (8, 8))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, opened(path, 8, mode))


def test_a_jpeg_that_is_small_is_resized_as_pillow_does(tmp_path):
    path = saved(tmp_path / "photo.jpg", photo(2, (31, 31)))
    np.testing.assert_array_equal(decode(path, 3, (16, 16)), opened(path, 16))


def test_a_large_jpeg_is_as_good_as_decoded_whole(tmp_path):
    smooth = photo(3, (9, 7)).resize((901, 701), Image.Resampling.BICUBIC)
    path = saved(tmp_path / "photo.jpg", smooth, quality=95)
    found, whole = decode(path, 3, (32, 48)), Image.open(path).convert("RGB")
    wanted = np.asarray(whole.resize((48, 32), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    difference = np.abs(found.astype(int) - wanted)
    assert difference.mean() < 1
    assert difference.max() <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_pictures_are_turned_as_pillow_turns_them(orientation, ending, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"photo.{ending}", photo(4, (15, 9)), exif=exif)
    upright = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    np.testing.assert_array_equal(decode(path, 3, None), np.asarray(upright).transpose(2, 0, 1))
    assert size_of(path) == (upright.height, upright.width)
    # What is turned after resizing may be rounded the other way.
    wanted = np.asarray(upright.resize((6, 5), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert np.abs(decode(path, 3, (5, 6)).astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "P", "1", "CMYK", "LA"])
def test_other_modes_become_rgb_or_grey(mode, tmp_path):
    image = photo(5).convert(mode)
    path = saved(tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png"), image)
    for channels, target in ((3, "RGB"), (1, "L")):
        np.testing.assert_array_equal(decode(path, channels, (8, 8)), opened(path, 8, target))


def test_sixteen_bits_keep_their_order_of_brightness(tmp_path):
    values = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    path = saved(tmp_path / "deep.png", Image.fromarray(values))
    found = decode(path, 1, None)[0].astype(float)
    assert abs(found - values / 257).max() <= 1


def test_of_a_gif_it_is_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    path = saved(tmp_path / "moving.gif", frames[0], save_all=True, append_images=frames[1:])
    assert decode(path, 3, None)[:, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_what_is_cut_off_or_no_picture_is_a_fault(form, tmp_path):
    stream = io.BytesIO()
    photo(6, (64, 64)).save(stream, form)
    path = tmp_path / "cut"
    for end in (0, 10, len(stream.getvalue()) // 2):
        path.write_bytes(stream.getvalue()[:end])
        with pytest.raises(PictureFault):
            decode(path, 3, (8, 8))
    with pytest.raises(PictureFault, match="no such file or directory"):
        decode(tmp_path / "none", 3, None)


def test_formats_that_are_not_named_are_not_opened(tmp_path):
    with pytest.raises(PictureFault):
        decode(saved(tmp_path / "photo.png", photo(7), format="TIFF"), 3, None)


@pytest.mark.skipif(not DATA.exists(), reason="DLC_DATA_DIR has no cats_dogs")
def test_real_photos_are_as_good_as_decoded_whole():
    paths = sorted((DATA / "train" / "cats").iterdir())[:30]
    difference = [np.abs(decode(p, 3, (64, 64)).astype(int) - opened(p, 64)) for p in paths]
    assert np.mean(difference) < 0.5


# Columns


def decoded(column: Pictures, rows: list[int], size: tuple[int, int] = (8, 8)):
    found: dict[int, np.ndarray] = {}
    read: list[int] = []
    faults = column.decoded(rows, 3, size, found.__setitem__, read.append)
    return found, read, faults


def test_a_column_hands_out_its_pictures_by_place_and_counts_the_bytes_read(tmp_path):
    paths = [saved(tmp_path / f"{n}.png", photo(n)) for n in range(70)]
    rows = list(range(69, -1, -1))
    found, read, faults = decoded(Pictures(tuple(map(str, paths))), rows)
    assert faults == {}
    assert sorted(found) == list(range(70))
    for place in (0, 31, 32, 69):
        np.testing.assert_array_equal(found[place], opened(paths[rows[place]]))
    assert sum(read) == sum(path.stat().st_size for path in paths)
    assert len(read) > 1


def test_a_fault_names_its_file_and_the_way_out_or_is_handed_back(tmp_path):
    good = str(saved(tmp_path / "good.png", photo(1)))
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"bad\.png cannot be read as BMP") as caught:
        decoded(Pictures((good, str(bad))), [0, 1])
    assert "on_error = skip" in caught.value.help
    assert caught.value.place == str(bad)
    found, _, faults = decoded(Pictures((good, str(bad), good), skip=True), [0, 1, 2])
    assert sorted(found) == [0, 2]
    assert list(faults) == [1]


def test_pictures_of_one_size_need_no_resize_and_others_are_told(tmp_path):
    paths = [saved(tmp_path / f"{n}.png", photo(n, (9, 7))) for n in range(3)]
    column = Pictures(tuple(map(str, paths)))
    assert column.size([0, 1, 2]) == (7, 9)
    photo(3, (9, 8)).save(paths[1])
    with pytest.raises(DataError, match=r"7 x 9 in .*0\.png, 8 x 9 in .*1\.png") as caught:
        column.size([0, 1, 2])
    assert "-> resize(64, 64)" in caught.value.help
    assert column.size([0, 2]) == (7, 9)


def test_sizes_are_told_of_what_can_be_read(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    good = str(saved(tmp_path / "good.png", photo(1, (5, 4))))
    bad = str(tmp_path / "bad.png")
    assert Pictures((bad, good), skip=True).size([0, 1]) == (4, 5)
    with pytest.raises(DataError, match=r"bad\.png cannot be read"):
        Pictures((bad, good)).size([0, 1])
    with pytest.raises(DataError, match="None of the pictures"):
        Pictures((bad,), skip=True).size([0])


# Resize


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_arrays_are_resized_as_pillow_does_channel_by_channel(channels):
    images = np.random.default_rng(0).integers(0, 256, (40, channels, 12, 10), dtype=np.uint8)
    found = Resize(7, 5).apply(images)
    for image, made in zip(images, found, strict=True):
        for plane, wanted in zip(image, made, strict=True):
            oracle = Image.fromarray(plane).resize((5, 7), Image.Resampling.BILINEAR)
            np.testing.assert_array_equal(wanted, np.asarray(oracle))


def test_resizing_is_bilinear_with_antialiasing_as_torch_has_it():
    images = np.random.default_rng(1).integers(0, 256, (5, 3, 33, 20), dtype=np.uint8)
    found = torch.from_numpy(Resize(9, 8).apply(images))
    wanted = F.interpolate(
        torch.from_numpy(images).float(), (9, 8), mode="bilinear", antialias=True
    )
    assert (found - wanted).abs().max() <= 1


def test_what_has_the_size_is_handed_on_and_what_is_no_picture_refused():
    images = np.zeros((2, 3, 8, 9), np.uint8)
    assert Resize(8, 9).apply(images) is images
    assert Resize(8, 9).inverse(images) is images
    for wrong in (np.zeros((2, 3, 8, 9), np.float32), np.zeros((2, 9), np.uint8)):
        with pytest.raises(DataError, match="Only pictures can be resized"):
            Resize(4, 4).apply(wrong)
