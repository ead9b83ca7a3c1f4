"""Pictures: their sources, the step that gives them one size, and augmentations."""

from __future__ import annotations

from ..dims import dim, name
from ..layers.record import Args, Mismatch
from ..tensor import Type
from .record import SourceRecord, Step

SIZED = "image -> resize(64, 64) -> scale(1 / 255)"


def resize(x: Type, a: Args) -> Type | Mismatch:
    """Bytes of any height and width become those of one."""
    height, width = dim(a["height"]), dim(a["width"])
    if x.dtype == "u8" and len(x.shape) == 3:
        return x.shaped(x.shape[0], height, width)
    if x.floating and len(x.shape) == 3:
        return Mismatch("pictures are resized before any arithmetic", write=SIZED, code="D0522")
    return Mismatch("it takes pictures of a source, such as image_folder", code="D0522")


def same(x: Type, a: Args) -> Type:
    """A picture of the same size."""
    return x


def crop(x: Type, a: Args) -> Type | Mismatch:
    """A window of the framed picture."""
    channels, *sizes = x.shape
    given = a["size"]
    wanted = given if isinstance(given, tuple) else (given, given)
    for have, want in zip(sizes, wanted, strict=True):
        known = have.value
        if known is not None and want > known + 2 * a["padding"]:
            shown = f"{known} + 2 * {a['padding']} = {known + 2 * a['padding']}"
            return Mismatch(f"no window of {want} fits into {shown} pixels", code="D0524")
    return x.shaped(channels, *map(dim, wanted))


IMAGE_SOURCES = (
    SourceRecord(
        "fashion_mnist",
        "path: string? = None",
        "60,000 pictures of clothes to train on and 10,000 to test on, 28x28, as mnist's",
        "fashion_mnist()",
        module="dlc.runtime.sources",
        code="FashionMnist",
        columns=(("image", "u8", (1, 28, 28), None), ("label", "i64", (), 10)),
        parts=("train", "test"),
        downloads=True,
    ),
    SourceRecord(
        "image_folder",
        "path: string = '', train: string = '', validation: string = '', test: string = ''",
        "pictures in one folder a class: JPEG, PNG, BMP, GIF and WebP of all sizes",
        'image_folder("pets")',
        module="dlc.runtime.image_folder",
        code="ImageFolder",
        columns=(
            ("image", "u8", (3, name("height"), name("width")), None),
            ("label", "text", (), None),
        ),
        downloads=True,
        folders=True,
        skips=True,
    ),
)
IMAGE_STEPS = (
    Step(
        "resize",
        "height: size, width: size",
        "pictures at another size, bilinear over all pixels that fall into one; of files, one "
        "channel is grey and three are RGB",
        "image -> resize(28, 28)",
        module="dlc.runtime.pictures",
        code="Resize",
        positional=2,
        gives=resize,
    ),
)
AUGMENTATIONS = {
    record.name: record
    for record in (
        Step(
            "random_horizontal_flip",
            "p: probability = 0.5",
            "left and right change places, with probability p",
            "augment = [random_horizontal_flip()]",
            module="dlc.runtime.augment",
            code="RandomHorizontalFlip",
            gives=same,
        ),
        Step(
            "random_vertical_flip",
            "p: probability = 0.5",
            "top and bottom change places, with probability p",
            "augment = [random_vertical_flip()]",
            module="dlc.runtime.augment",
            code="RandomVerticalFlip",
            gives=same,
        ),
        Step(
            "random_crop",
            "size: window2, padding: count = 0",
            "a window anywhere in the picture, which is framed by so many pixels of 0 before",
            "augment = [random_crop(64, padding=4)]",
            module="dlc.runtime.augment",
            code="RandomCrop",
            gives=crop,
        ),
    )
}
