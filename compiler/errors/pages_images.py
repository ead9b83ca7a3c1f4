"""Pages of D052.: pictures, and records that cannot be read."""

from __future__ import annotations

from .page import POINTS, page

PETS = """data pets from image_folder("pets") {
  image: f32[3, 64, 64] = image -> resize(64, 64) -> scale(1 / 255)
  label: class("cats", "dogs")
}
"""
AUGMENTED = PETS.replace("\n}", "\n  augment = [random_crop(64, padding=4)]\n}")

PAGES = (
    page(
        "D0520",
        "A folder of pictures, or its parts",
        """`image_folder` names one folder with a folder for each class below it, or such a folder
        for each split; one must be there to train on.""",
        PETS.replace('"pets"', 'validation="pets/val"'),
        ('validation="pets/val"', 'train="pets/train", validation="pets/val"'),
    ),
    page(
        "D0521",
        "What to do with records that cannot be read",
        """`on_error = skip` leaves out pictures that cannot be decoded and rows of a table with too
        few or too many cells, counts them, and says so.""",
        PETS.replace("\n}", "\n  on_error = ignore\n}"),
        ("ignore", "skip"),
    ),
    page(
        "D0522",
        "Resizing what is no picture",
        """`resize` takes the bytes of pictures, before any arithmetic.""",
        PETS.replace("resize(64, 64) -> scale(1 / 255)", "scale(1 / 255) -> resize(64, 64)"),
        ("scale(1 / 255) -> resize(64, 64)", "resize(64, 64) -> scale(1 / 255)"),
    ),
    page(
        "D0523",
        "Augmentation without pictures",
        """`augment` changes the pictures of the training split at random. A picture is a field of
        numbers with three axes: channels, height and width.""",
        POINTS.replace("\n}", "\n  augment = [random_horizontal_flip()]\n}"),
        ("  augment = [random_horizontal_flip()]\n", ""),
    ),
    page(
        "D0524",
        "A crop of another size",
        """A model gets pictures of one size, augmented or not: a crop must give back the height
        and width that the field's type states. Padding before it makes room to move in.""",
        AUGMENTED.replace("random_crop(64, padding=4)", "random_crop(56)"),
        ("random_crop(56)", "random_crop(64, padding=4)"),
    ),
    page(
        "D0525",
        "Arithmetic on pictures of files",
        """Files are decoded when it is known at what size. What is to be done with their pixels are
        steps behind the column.""",
        PETS.replace("image -> resize(64, 64) -> scale(1 / 255)", "image / 255"),
        ("image / 255", "image -> resize(64, 64) -> scale(1 / 255)"),
    ),
    page(
        "D0526",
        "Augmentations that are no list",
        """`augment` takes a list; what it names is done in its order.""",
        AUGMENTED.replace("[random_crop(64, padding=4)]", "random_crop(64, padding=4)"),
        ("random_crop(64, padding=4)", "[random_crop(64, padding=4)]"),
    ),
    page(
        "D0527",
        "Nothing to skip",
        """Tables and folders of pictures may hold what cannot be read; this data cannot.""",
        POINTS.replace("\n}", "\n  on_error = skip\n}"),
        ("  on_error = skip\n", ""),
    ),
)
