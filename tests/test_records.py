"""Records of a prediction: raw columns by name, whole fields, tables and pictures."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.errors import DataError
from dlc.runtime.inputs import given
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.steps import Impute, Reshape, Scale, Standardize
from dlc.runtime.table import Table
from PIL import Image


class Pictures:
    """Images of one size, in one channel or three."""

    missing = ("",)

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def read(self, folders, progress=None) -> Table:
        images = np.zeros((2, self.channels, 6, 4), np.uint8)
        return Table({"image": images}, "pictures", lambda row: f"record {row + 1}")


def loaded(fields: dict[str, Field], **literal: object) -> Dataset:
    data = Dataset(Literal(**literal), fields)
    data.load([])
    return data


def pictures(channels: int = 1) -> Dataset:
    shape = (channels, 6, 4)
    data = Dataset(Pictures(channels), {"photo": Field("image", Scale(1 / 255), shape=shape)})
    data.load([])
    return data


def joined() -> Dataset:
    field = Field(["a", lambda row: row["b"] / row["a"]], Impute(9), shape=(2,))
    return loaded({"f": field}, a=[1, 2], b=[3, 4])


def fault(data: Dataset, field: str, *records: dict[str, object]) -> DataError:
    with pytest.raises(DataError) as caught:
        data.encode(field, records)
    return caught.value


# Raw columns


def test_records_name_raw_columns_and_may_hold_more():
    records = [{"b": 6, "a": 2, "other": "x"}, {"a": 1.5, "b": 3}]
    assert joined().encode("f", records).tolist() == [[2, 3], [1.5, 2]]


def test_a_field_made_of_several_columns_is_given_whole_too():
    data = loaded({"f": Field(columns(0, 4), Reshape(2, 2), shape=(2, 2))},
                  a=[1], b=[2], c=[3], d=[4])  # fmt: skip
    wanted = data.encode("f", [{"a": 1, "b": 2, "c": 3, "d": 4}])
    assert wanted.tolist() == [[[1, 2], [3, 4]]]
    assert torch.equal(data.encode("f", [{"f": [1, 2, 3, 4]}]), wanted)
    assert torch.equal(data.encode("f", [{"f": [[1, 2], [3, 4]]}]), wanted)


def test_raw_columns_go_before_a_whole_field():
    assert joined().encode("f", [{"a": 1, "b": 2, "f": [7, 7]}]).tolist() == [[1, 2]]


def test_a_field_of_another_name_than_its_column_is_given_whole_too():
    data = loaded({"price": Field("value", Scale(2), shape=(1,))}, value=[1])
    assert data.encode("price", [{"price": 3}, {"price": [4]}]).tolist() == [[6], [8]]


def test_a_column_of_the_fields_own_name_is_a_column():
    data = loaded({"a": Field(["a", "b"], shape=(2,))}, a=[1], b=[2])
    assert data.encode("a", [{"a": 5, "b": 6}]).tolist() == [[5, 6]]
    assert data.encode("a", [{"a": [5, 6]}]).tolist() == [[5, 6]]


def test_numbers_may_be_written_as_text_and_as_lists_of_one():
    data = loaded({"x": Field("x", Standardize(), shape=(1,))}, x=[1, 3])
    for value in (5, 5.0, "5", " 5.0 ", [5], (5,)):
        assert data.encode("x", [{"x": value}]).tolist() == [[3]]


def test_none_and_the_sources_markers_are_holes(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n3\n")
    data = Dataset(Csv("t.csv", missing=("?",)), {"a": Field("a", Impute("mean"))})
    data.load([tmp_path])
    records = [{"a": None}, {"a": "?"}, {"a": float("nan")}, {"a": 7}]
    assert data.encode("a", records).tolist() == [2, 2, 2, 7]


def test_labels_are_encoded_for_comparing():
    data = loaded({"y": Field("kind", labels=("cat", "dog"))}, kind=["cat", "dog"])
    assert data.encode("y", [{"kind": "dog"}, {"kind": 0}, {"kind": "cat"}]).tolist() == [1, 0, 0]
    assert data.encode("y", [{"y": "dog"}]).tolist() == [1]
    assert "`cow` in record 2" in fault(data, "y", {"kind": "cat"}, {"kind": "cow"}).message


def test_no_records_make_an_empty_tensor():
    assert joined().encode("f", []).shape == (0, 2)
    assert pictures().encode("photo", []).shape == (0, 1, 6, 4)


def test_a_missing_column_names_what_is_wanted_and_the_nearest_given():
    error = fault(joined(), "f", {"a": 1, "b": 2}, {"a": 1, "bb": 2})
    assert error.message == (
        "Record 2 has no `b`. The field `f` is made of: `a`, `b`, or `f` itself with 2 numbers."
    )
    assert error.help == "Did you mean `bb`? There are: `a`, `bb`."


def test_holes_texts_and_infinities_are_told_by_record():
    data = loaded({"f": Field(["a", lambda row: 1 / row["a"]], shape=(2,))}, a=[1])
    assert (
        "column `a` has 1 hole, the first in record 2"
        in fault(data, "f", {"a": 1}, {"a": None}).message
    )
    assert (
        "the text 'x' where a number is wanted, in record 1" in fault(data, "f", {"a": "x"}).message
    )
    assert "The formula over `a` is infinite in record 1" in fault(data, "f", {"a": 0}).message


@pytest.mark.parametrize("value", [[1], [1, 2, 3], "x", {"a": 1}, [1, "x"], [[1], [2, 3]]])
def test_a_whole_field_of_another_form_is_told(value):
    error = fault(joined(), "f", {"f": [1, 2]}, {"f": value})
    assert error.message == "`f` of record 2 is not what the data was: 2 numbers."


def test_a_field_that_has_learned_nothing_is_told():
    data = Dataset(Literal(x=[1]), {"x": Field("x")})
    assert "before its steps have learned" in fault(data, "x", {"x": 1}).message
    with pytest.raises(DataError, match="no field `y`"):
        data.encode("y", [])


# Tables


def test_a_table_is_read_as_the_sources_own_file_is(tmp_path):
    options = {"separator": ";", "names": ("a", "t"), "missing": ("?",)}
    (tmp_path / "train.csv").write_text("1;x\n3;y\n")
    (tmp_path / "new.csv").write_text("?;y\n5;x\n")
    fields = {"a": Field("a", Impute("mean")), "t": Field("t", labels=("x", "y"))}
    data = Dataset(Csv("train.csv", **options), fields)
    data.load([tmp_path])
    records = list(given([str(tmp_path / "new.csv")], data, list(data.fields)))
    assert data.encode("a", records).tolist() == [2, 5]
    assert data.encode("t", records).tolist() == [1, 0]


def test_a_table_can_feed_a_field_of_the_spec(tmp_path):
    (tmp_path / "new.csv").write_text("x,comment\n4,hello\n")
    data = loaded({"x": Field("x", Scale(2))}, x=[1])
    records = list(given([str(tmp_path / "new.csv")], data, ["x"]))
    assert data.encode("x", records).tolist() == [8]


# Images


def test_pixels_that_are_no_bytes_are_told():
    data = pictures()
    for bad in (0.5, 256, -1, None):
        values = [0] * 23 + [bad]
        error = fault(data, "photo", {"image": values})
        assert error.message.endswith("1x6x4 whole numbers from 0 to 255.")
    assert "or as lists in lists, unscaled" in error.help


def saved(folder: Path, image: Image.Image, name: str = "picture.png", **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def photo(mode: str = "RGB", size: tuple[int, int] = (4, 6)) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], channels), np.uint8)
    return Image.fromarray(values.squeeze(-1) if channels == 1 else values, mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "P"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_mode_get_the_channels_of_the_field(mode, channels, tmp_path):
    image = photo().convert(mode)
    data = pictures(channels)
    (record,) = data.read_images("photo", [saved(tmp_path, image)])
    wanted = np.asarray(image.convert("L" if channels == 1 else "RGB")).reshape(6, 4, channels)
    assert list(record) == ["image"]
    np.testing.assert_array_equal(record["image"], np.moveaxis(wanted, -1, 0))
    expected = torch.from_numpy(record["image"]).float() * (1 / 255)
    assert torch.equal(data.encode("photo", [record])[0], expected)


def test_a_picture_of_another_size_is_stretched(tmp_path):
    left_black = Image.new("L", (80, 30))
    left_black.paste(255, (40, 0, 80, 30))
    (record,) = pictures().read_images("photo", [saved(tmp_path, left_black)])
    assert record["image"].shape == (1, 6, 4)
    assert record["image"][0, :, 0].max() < 40
    assert record["image"][0, :, 3].min() > 215
    grey = Image.fromarray((np.indices((60, 40)).sum(0) % 2 * 255).astype(np.uint8))
    (record,) = pictures().read_images("photo", [saved(tmp_path, grey)])
    assert abs(record["image"].astype(int) - 127).max() < 10  # a mean over all pixels, no sample


def test_sixteen_bits_become_eight(tmp_path):
    values = (np.arange(24, dtype=np.uint16) * 2827).reshape(6, 4)
    (record,) = pictures().read_images("photo", [saved(tmp_path, Image.fromarray(values))])
    assert abs(record["image"][0].astype(float) - values / 257).max() <= 1


def test_a_photo_is_turned_as_its_camera_says(tmp_path):
    upright = Image.new("L", (4, 6))
    upright.paste(255, (0, 0, 4, 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned a quarter
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    path = saved(tmp_path, turned, "photo.jpg", exif=exif, quality=100)
    (record,) = pictures().read_images("photo", [path])
    assert record["image"][0, :3].min() > 200
    assert record["image"][0, 3:].max() < 50


def test_pictures_keep_their_order_and_one_bad_file_is_named(tmp_path):
    paths = [saved(tmp_path, Image.new("L", (4, 6), grey), f"{grey}.png") for grey in (9, 3, 6)]
    found = [int(record["image"][0, 0, 0]) for record in pictures().read_images("photo", paths)]
    assert found == [9, 3, 6]
    (tmp_path / "text.png").write_text("no picture")
    for name, word in (("text.png", "cannot be read as BMP, GIF"), ("none.png", "no file")):
        with pytest.raises(DataError, match=word) as caught:
            pictures().read_images("photo", [paths[0], tmp_path / name])
        assert caught.value.place == str(tmp_path / name)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_that_is_cut_off_is_told(form, tmp_path):
    stream = io.BytesIO()
    photo(size=(64, 64)).save(stream, form)
    whole = stream.getvalue()
    for end in range(0, len(whole) - 30, len(whole) // 25):
        (tmp_path / "cut").write_bytes(whole[:end])
        with pytest.raises(DataError, match="cannot be read"):
            pictures().read_images("photo", [tmp_path / "cut"])


def test_other_formats_are_not_opened(tmp_path):
    path = saved(tmp_path, photo(), "picture.png", format="TIFF")
    with pytest.raises(DataError, match="cannot be read as BMP, GIF, JPEG, PNG or WEBP"):
        pictures().read_images("photo", [path])


def test_fields_without_pictures_take_none(tmp_path):
    data = joined()
    with pytest.raises(DataError, match="`f` is not made of pictures: its records have 2"):
        data.read_images("f", [saved(tmp_path, photo())])
    with pytest.raises(DataError, match="No field of this data block is made of pictures"):
        data.image_field()
    assert pictures().image_field() == "photo"
