"""The data of pets.dl: raw columns, the steps they take, and the split."""

from dlc.runtime.augment import RandomCrop, RandomHorizontalFlip
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.image_folder import ImageFolder
from dlc.runtime.pictures import Resize
from dlc.runtime.splits import stratified_split
from dlc.runtime.steps import Scale

pets = Dataset(
    source=ImageFolder(train="cats_dogs/train", test="cats_dogs/val"),
    fields={
        "image": Field("image", Resize(64, 64), Scale(1 / 255), shape=(3, 64, 64)),
        "label": Field("label", labels=("cats", "dogs")),
    },
    split=stratified_split("label", train=0.85, validation=0.15),
    augment={"image": (RandomHorizontalFlip(), RandomCrop(64, padding=6))},
)
